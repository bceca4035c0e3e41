"""What a package says of its messages, read as a stranger's file: capped, and nothing in it is opened by its name."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, cast

from chatforensics.package.checker import MOST_FILES, PAYLOAD, Problem, _list_folder, _read, _read_list
from chatforensics.package.choosing import MOST_CONTEXT
from chatforensics.package.pseudonyms import PSEUDONYM

Row = Mapping[str, object]
Decision = Literal["flag", "none"]
DECISIONS: tuple[Decision, ...] = ("flag", "none")
MESSAGES, SOURCES, RUN = "data/messages.jsonl", "data/tables/sources.jsonl", "data/run.json"
REDACTIONS, ANSWERS = "data/redactions.csv", "data/custody/answers.json"
ORIGINALS = "data/originals"
_LARGEST_ID = 1 << 53
_LONGEST = 1 << 24  # bytes of one record
_CODE = PSEUDONYM.removeprefix("P-")
_TOKEN = re.compile(
    rf"(?:[a-z-]{{1,20}} )?P-{_CODE}|postcode|withheld [0-9]{{1,6}}: [^\[\]]*"
    rf"|(?:export|folder|file)-(?:[0-9]{{1,6}}|P-{_CODE})(?:\.[A-Za-z0-9]{{1,5}})?"
)
_SHA256 = re.compile("[0-9a-f]{64}")
_WITHHELD = re.compile(r"\[withheld ([0-9]{1,6}): [^\[\]]*\]")


@dataclass(frozen=True)
class Stated:
    """What a package says: its files by name, their listed SHA-256, records, exports by id, run record, stand-ins.

    `tokens` has by the number of a redaction what stands in for the words taken out, in no form but our own.
    """

    files: Mapping[str, Path]
    listed: Mapping[str, str]
    records: tuple[Row, ...]
    sources: Mapping[str, Row]
    run: Row
    tokens: Mapping[int, str]
    wholes: Mapping[str, str]

    @cached_property
    def all_tokens(self) -> re.Pattern[str] | None:
        """What may stand in anywhere."""
        return find_tokens(self.tokens.values())

    def tokens_of(self, record: Row) -> re.Pattern[str] | None:
        """Return what may stand in for words of a record, as the record itself lists its redactions."""
        numbers = record.get("redactions")
        told = [self.tokens.get(one, "") for one in numbers if is_int(one)] if isinstance(numbers, list) else []
        return find_tokens(told)

    def is_withheld(self, record: Row) -> bool:
        """Tell whether the words of a record are withheld, by a redaction that is listed for it."""
        text, numbers = record.get("text"), record.get("redactions")
        found = _WITHHELD.fullmatch(text) if isinstance(text, str) else None
        return bool(found and isinstance(numbers, list) and int(found[1]) in numbers and int(found[1]) in self.tokens)

    @property
    def decisions(self) -> dict[int, Decision]:
        """By the id of a message, what somebody stated of it in place of what the program decided."""
        told, found = as_row(self.run.get("corrections")), dict[int, Decision]()
        for decision in DECISIONS:
            ids = told.get(decision)
            known = [int(str(one)) for one in ids if is_int(one)] if isinstance(ids, list) else []
            found |= {one: decision for one in known if 0 <= one < _LARGEST_ID}
        return found

    def find_original(self, source_id: str) -> Path | None:
        """Return where the package holds an export, found by its hash in the list of the package's files.

        Raises:
            Problem: it holds another file in its place.
        """
        inside = f"{ORIGINALS}/{source_id}/"
        names = sorted(name for name in self.listed if name.startswith(inside))
        found = [name for name in names if self.listed[name] == self.sources[source_id]["sha256"]]
        if names and not found:
            raise Problem(f"{inside} does not hold the export of which the package says that it was read.")
        return self.files[found[0]] if found else None


def find_tokens(tokens: object) -> re.Pattern[str] | None:
    """Return a pattern of stand-ins, with and without their brackets; None where there are none."""
    told = sorted({each for each in cast("list[str]", tokens) if each}, key=lambda each: (-len(each), each))
    spelt = [rf"\[{re.escape(each)}\]|{re.escape(each)}" for each in told]
    return re.compile("|".join(spelt)) if spelt else None


def is_int(value: object) -> bool:
    """Tell a whole number from all else that JSON has."""
    return isinstance(value, int) and not isinstance(value, bool)


def as_row(value: object) -> Row:
    """Return a value if it has named fields, else one without any."""
    return value if isinstance(value, dict) else {}


def as_text(value: object) -> str:
    """Return a value if it is a text, else an empty one: what is nested to exhaust us is not spelt out."""
    return value if isinstance(value, str) else ""


def read_stated(folder: Path) -> Stated:
    """Read what a package says that can be computed again; its hashes must have been checked before.

    Raises:
        Problem: a file is missing, larger than any such file is, or not of the form that this program writes.
    """
    files, _, _ = _list_folder(folder)
    sources = {as_text(row.get("source_id")): row for row in _read_rows(files, SOURCES)}
    for name, row in sources.items():
        sha256 = row.get("sha256")
        if not (isinstance(sha256, str) and _SHA256.fullmatch(sha256) and name == sha256[:16]):
            raise Problem(f"{SOURCES}: an export without its SHA-256.")
    records = tuple(_read_rows(files, MESSAGES))
    _check_records(records, sources)
    run = as_row(_parse(_read(files, RUN), RUN))
    context = as_row(run.get("package")).get("context")
    if not is_int(context) or not 0 <= int(str(context)) <= MOST_CONTEXT:
        raise Problem(f"{RUN} does not say how many records stand around each ticked one.")
    listed = _read_list(files, PAYLOAD, [])
    return Stated(files, listed, records, sources, run, _read_tokens(files), _read_wholes(files))


def _check_records(records: tuple[Row, ...], sources: Mapping[str, Row]) -> None:
    """Hold each record to the exports that the package names.

    Raises:
        Problem: one has no id, an id comes twice, or its export is not among them.
    """
    ids = set()
    for number, record in enumerate(records, start=1):
        place, one = as_row(record.get("place")), record.get("message_id")
        source = sources.get(as_text(place.get("source_id")))
        if not is_int(one) or one in ids or source is None or place.get("sha256") != source["sha256"]:
            raise Problem(f"{MESSAGES}, line {number}: no record of an export in {SOURCES}, or one named before.")
        ids.add(one)
    if not records:
        raise Problem(f"{MESSAGES} has no record.")


def _read_rows(files: Mapping[str, Path], name: str) -> Iterator[Row]:
    """Give each line of a file of canonical JSON."""
    if name not in files:
        raise Problem(f"{name} is missing.")
    with files[name].open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(_LONGEST + 1), b""), start=1):
            row = _parse(line, f"{name}, line {number}") if len(line) <= _LONGEST else None
            if not isinstance(row, dict) or number > MOST_FILES:
                raise Problem(f"{name}, line {number}: longer or of another form than any such line is.")
            yield row


def _parse(content: bytes, where: str) -> object:
    try:
        return json.loads(content.decode(), parse_int=lambda digits: int(digits[:20]), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:  # not JSON, or nested to exhaust us
        raise Problem(f"{where}: no JSON as this program writes it.") from error


def _refuse(word: str) -> object:
    raise ValueError(word)


def _read_tokens(files: dict[str, Path]) -> dict[int, str]:
    """Return the stand-ins of the list of redactions, by number; what is none of our own forms stands for nothing."""
    text = _read(files, REDACTIONS).decode("utf-8", "replace") if REDACTIONS in files else ""
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise Problem(f"{REDACTIONS}: no table as this program writes it.") from error
    told = ((str(row.get("number")), str(row.get("token"))) for row in rows)
    return {int(number): token for number, token in told if re.fullmatch("[0-9]{1,9}", number) and _fits(token)}


def _fits(token: str) -> bool:
    return _TOKEN.fullmatch(token) is not None


def _read_wholes(files: dict[str, Path]) -> dict[str, str]:
    """Return the id of each export of which only a part was kept by the SHA-256 of the whole."""
    answers = as_row(_parse(_read(files, ANSWERS), ANSWERS)).get("answers") if ANSWERS in files else None
    rows = [as_row(row) for row in answers] if isinstance(answers, list) else []
    told = {as_text(as_row(row.get("minimised")).get("received_sha256")): as_text(row.get("source_id")) for row in rows}
    return {sha256: name for sha256, name in told.items() if _SHA256.fullmatch(sha256)}
