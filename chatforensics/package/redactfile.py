"""Reads the list of what to take out by hand: a CSV that anybody can write in a spreadsheet or a text editor.

Three columns: `words` (taken out wherever they stand), `message_id` (a whole message is withheld), `reason` (needed in
every row, printed in the package). One of the first two in each row. A column `action` may say `keep`: the words are
then no name in texts, though they may be somebody's label.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from chatforensics.errors import UsageError
from chatforensics.package.folding import count_signs, fold
from chatforensics.tablefiles import unguard

COLUMNS = ("words", "message_id", "reason", "action")
EXAMPLE = "words,message_id,reason\n12 Mill Lane,,home address\n,8121304400512,about a child\n"
_SHORTEST = 2  # letters or digits
_LONGEST = 2000
_MOST_BYTES = 4_000_000
_HINT = "The first line names the columns: words,message_id,reason"


@dataclass(frozen=True, slots=True)
class ManualRule:
    """One row of the list: words, or a message as a whole, and why.

    Attributes:
        reason: Why, as printed in the package; it must not say what is hidden.
        words: Taken out wherever they stand, in any letter case; not shown by `repr`.
        message_id: The message that is withheld, else None.
        keep: The words stay in texts even where they are somebody's label ("Will").
        line: In the file, counted from 1.
    """

    reason: str
    words: str = field(default="", repr=False)
    message_id: int | None = None
    keep: bool = False
    line: int = 0


def read_redact_file(content: bytes, *, name: str = "the file") -> tuple[ManualRule, ...]:
    """Read the list of words and messages that are taken out by hand, with their reasons.

    It cannot show whether the words stand anywhere: `redact_dossier` tells which rules found nothing.

    Args:
        content: A CSV in UTF-8 (or UTF-16 with its mark), parted by commas, semicolons or tabs.
        name: Of the file, for errors.

    Raises:
        UsageError: a row has no reason, both or none of words and message, or cannot be read; it names the line.
    """
    if len(content) > _MOST_BYTES:
        raise UsageError(f"{name} is larger than {_MOST_BYTES // 1_000_000} MB; it is no list of words.")
    return tuple(_read_rows(_decode(content, name=name), name=name))


def read_redact_rows(rows: Iterable[Mapping[str, str]], *, name: str) -> tuple[ManualRule, ...]:
    """Read words and messages that are taken out by hand, given as rows; see `read_redact_file`.

    Raises:
        UsageError: a row has no reason, or both or none of words and message; it names the row, counted from 1.
    """
    cells = [{column: row.get(column, "").strip() for column in COLUMNS} for row in rows]
    return tuple(_read_rule(each, line=line, name=name) for line, each in enumerate(cells, start=1))


def _decode(content: bytes, *, name: str) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        hint = "Save it as CSV UTF-8."
        raise UsageError(f"{name}, line {line}: these letters are not UTF-8.", hint=hint) from error
    if "\0" in text:
        raise UsageError(f"{name} holds bytes that are no text.", hint="Save it as CSV UTF-8.")
    return text


def _read_rows(text: str, *, name: str) -> Iterator[ManualRule]:
    head = text.partition("\n")[0]
    parted = max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=parted, strict=True)
    columns: list[str] = []
    line = 1
    try:
        for row in rows:
            if not columns:
                columns = _read_head(row, name=name)
            elif any(cell.strip() for cell in row):
                yield _read_rule(_name_cells(row, columns, place=f"{name}, line {line}"), line=line, name=name)
            line = rows.line_num + 1
    except csv.Error as error:
        hint = "Is a quotation mark missing?"
        raise UsageError(f"{name}, line {line}: this row cannot be read ({error}).", hint=hint) from error
    if not columns:
        raise UsageError(f"{name} is empty.", hint=_HINT)


def _read_head(row: list[str], *, name: str) -> list[str]:
    columns = [cell.strip().lower() for cell in row]
    strange = [column for column in columns if column and column not in COLUMNS]
    if strange:
        raise UsageError(f"{name}, line 1: no column is called '{strange[0][:40]}'.", hint=_HINT)
    if "reason" not in columns or not {"words", "message_id"} & set(columns):
        raise UsageError(f"{name}, line 1: the columns `words` or `message_id`, and `reason`, are needed.", hint=_HINT)
    if len(set(columns) - {""}) != len([column for column in columns if column]):
        raise UsageError(f"{name}, line 1: a column stands twice.", hint=_HINT)
    return columns


def _name_cells(row: list[str], columns: list[str], *, place: str) -> dict[str, str]:
    beyond = [cell for cell in row[len(columns) :] if cell.strip()]
    if beyond:
        hint = "Put words that hold a comma into quotation marks."
        raise UsageError(f"{place}: there are more cells than columns.", hint=hint)
    return {column: unguard(cell).strip() for column, cell in zip(columns, row, strict=False)}


def _read_rule(cells: dict[str, str], *, line: int, name: str) -> ManualRule:
    place = f"{name}, line {line}"
    words, number, action = cells.get("words", ""), cells.get("message_id", ""), cells.get("action", "").lower()
    reason = " ".join(cells.get("reason", "").split())
    if not reason:
        raise UsageError(f"{place}: the reason is missing.", hint="Every row needs one; it is printed in the package.")
    if bool(words) == bool(number):
        raise UsageError(f"{place}: give either words or a message_id.", hint="One thing a row.")
    if action not in {"", "redact", "keep"} or (action == "keep" and not words):
        raise UsageError(f"{place}: action is `redact` or, for words, `keep`.", hint="Leave it empty to redact.")
    if words:
        _check_words(words, reason, place=place)
    return ManualRule(
        reason, words=words, message_id=_read_number(number, place=place), keep=action == "keep", line=line
    )


def _check_words(words: str, reason: str, *, place: str) -> None:
    if count_signs(words) < _SHORTEST:
        hint = "Give at least two letters or digits."
        raise UsageError(f"{place}: the words are too short; they would be taken out everywhere.", hint=hint)
    if len(words) > _LONGEST:
        raise UsageError(f"{place}: the words are longer than {_LONGEST} characters.", hint="Withhold the message.")
    if fold(words) in fold(reason):
        hint = "Say why, not what."
        raise UsageError(f"{place}: the reason says the words themselves, and it is printed.", hint=hint)


def _read_number(number: str, *, place: str) -> int | None:
    if not number:
        return None
    if not number.isascii() or not number.isdecimal() or len(number) > len(str(2**53)):
        hint = "Copy it from the report; a spreadsheet must keep it as text."
        raise UsageError(f"{place}: message_id is a whole number of at most 16 digits.", hint=hint)
    return int(number)
