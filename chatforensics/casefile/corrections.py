"""Corrections: what people state of a case against what the program read, with who and why; withdrawn, never changed.

A correction is somebody's word. That it is recorded does not show that it is right, who typed it, or that whoever is
named as stating it did so. Both what the program read and what was stated stay visible in every result.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from chatforensics.casefile.folder import (
    By,
    Case,
    as_stored,
    bring_up,
    encode_canonical,
    layout_of,
    reading,
    stamp,
    writing,
)
from chatforensics.casefile.log import append_to, conceal
from chatforensics.errors import Stale, UsageError
from chatforensics.zones import check_zone

INSTRUCTION, NO_INSTRUCTION = "instruction", "not"
EXPORT_FIELDS = ("dates", "timezone", "year", "custodian", "chat")
_WITHDRAWN = "withdrawal"
_ORDERS = ("dmy", "mdy", "ymd")
_COLUMNS = ("number", "kind", "what", "who", "why", "withdraws", "actor", "at")
_QUERY = f"SELECT {', '.join(_COLUMNS)} FROM corrections ORDER BY number"  # noqa: S608 - our names
_FIRST_WITH = 2  # layout of the database
_LONGEST = 500
_LONGEST_WHY = 2000
_MOST_LABELS = 50
_LARGEST_ID = 1 << 53


@dataclass(frozen=True, slots=True)
class Correction:
    """What somebody stated: `kind` and `what` as in `correct`, `who` states it and `why`, `actor` typed it, and when.

    `withdrawn_at` and `withdrawn_why` are None while it counts.
    """

    number: int
    kind: str
    what: Mapping[str, Any]
    who: str
    why: str
    actor: str
    at: str
    withdrawn_at: str | None = None
    withdrawn_why: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether it counts: nobody withdrew it."""
        return self.withdrawn_at is None


def correct(case: Case, kind: str, what: Mapping[str, object], *, who: str, why: str, by: By) -> int:  # noqa: PLR0913
    """Record that somebody states something of a case against what the program read; the next analysis uses it.

    Nothing shows that a statement is true. It is told as one wherever it counts, beside what the program read, and
    can be withdrawn.

    Args:
        case: the case.
        kind: what is stated, with its `what`:
            `same`, two labels or more are one person: `{"labels": [{"label": …, "source": …}, …]}`;
            `different`, two labels are two people: the same with two labels (`source` only where a label is printed
            on several phones: a `source_id`, path or folder);
            `custodian`, who made an export: `{"source": …, "label": …}`;
            `label`, whether a message tells people how to vote: `{"message_id": …, "is": "instruction" or "not"}`;
            `export`, how an export is to be read: `{"source_id": …}` with `dates` (dmy, mdy, ymd), `timezone`,
            `year`, `custodian` or `chat`.
        what: as above.
        who: who states it, as typed.
        why: how they know, in words that may be printed.
        by: who records it, and when.

    Returns:
        The number of the correction.

    Raises:
        UsageError: it has not that form, or `who` or `why` has no words.
    """
    if kind not in KINDS:
        raise UsageError(f"'{kind}' is no kind of correction.", hint=f"Use one of: {', '.join(KINDS)}.")
    told = as_stored(encode_canonical(KINDS[kind](dict(what))))
    row = (kind, told, _read_words(who, "who states it"), _read_words(why, "why", most=_LONGEST_WHY), None)
    with writing(case) as database:
        bring_up(database)
        return _record(case, database, row, by=by)


def withdraw(case: Case, number: int, *, why: str, by: By) -> None:
    """Record that a correction counts no more; it stays on record, and so does its withdrawal.

    Raises:
        Stale: it was withdrawn before.
        UsageError: there is no such correction, or `why` has no words.
    """
    reason = _read_words(why, "why", most=_LONGEST_WHY)
    with writing(case) as database:
        rows = _rows(database)
        if not any(row[0] == number and row[5] is None for row in rows):
            raise UsageError(f"No correction {number} in this case.")
        if any(row[5] == number for row in rows):
            raise Stale(f"Correction {number} was withdrawn before.", hint="Load the page again.")
        _record(case, database, (_WITHDRAWN, "{}", None, reason, number), by=by)


def list_corrections(case: Case) -> list[Correction]:
    """Return every correction of a case, withdrawn ones too, in the order in which they were recorded."""
    with reading(case.folder) as database:
        rows = [dict(zip(_COLUMNS, row, strict=True)) for row in _rows(database)]
    ends = {row["withdraws"]: (row["at"], row["why"]) for row in rows if row["withdraws"] is not None}
    return [
        Correction(
            row["number"],
            row["kind"],
            MappingProxyType(json.loads(row["what"])),
            str(row["who"]),
            row["why"],
            row["actor"],
            row["at"],
            *ends.get(row["number"], (None, None)),
        )
        for row in rows
        if row["withdraws"] is None
    ]


def check_corrected(case: Case, database: sqlite3.Connection, entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Hold the corrections on record, in their order, to the lines of the custody log that say they were recorded.

    Args:
        case: the case; its key makes the hashes by which the log knows corrections.
        database: of the case.
        entries: the lines of the log about corrections, in order.

    Yields:
        In words what does not agree; no correction is repeated.
    """
    rows = _rows(database)
    if len(rows) != len(entries):
        yield f"Corrections and withdrawals on record: {len(rows):,}; in the custody log: {len(entries):,}."
    for number, (row, entry) in enumerate(zip(rows, entries, strict=False), start=1):
        details = entry.get("details")
        what = details.get("what") if isinstance(details, dict) else None
        if row[0] != number or what != _conceal(case, row[1:]):
            yield f"A correction on record is not that of line {entry.get('seq')} of the custody log."


def _record(case: Case, database: sqlite3.Connection, row: tuple[object, ...], *, by: By) -> int:
    """Add a row and its line of the log; the log gets no name and no word of it."""
    whole = (*row, by.actor, stamp(by.at))
    columns = ", ".join(_COLUMNS[1:])
    done = database.execute(f"INSERT INTO corrections ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", whole)  # noqa: S608 - our names
    append_to(database, "correct", by=by, details={"correction": row[0], "what": _conceal(case, whole)})
    return int(done.lastrowid or 0)


def _conceal(case: Case, row: Sequence[object]) -> str:
    return conceal(case, json.dumps(list(row)), purpose="correction")


def _rows(database: sqlite3.Connection) -> list[tuple[Any, ...]]:
    return database.execute(_QUERY).fetchall() if layout_of(database) >= _FIRST_WITH else []


def _read_words(value: object, what: str, *, most: int = _LONGEST) -> str:
    """Return words that a person typed, on one line."""
    words = " ".join(as_stored(value).split()) if isinstance(value, str) else ""
    if not words or len(words) > most:
        raise UsageError(f"Say {what}.", hint=f"Give at most {most:,} characters.")
    return words


def _read_name(value: object, what: str) -> str:
    """Return a name as printed, untouched."""
    if not isinstance(value, str) or not value or len(value) > _LONGEST:
        raise UsageError(f"The correction does not say {what}.", hint=f"Give it as printed, {_LONGEST} characters.")
    return value


def _check_fields(what: Mapping[str, object], wanted: Sequence[str], more: Sequence[str] = ()) -> None:
    if odd := sorted(set(what) - {*wanted, *more} | set(wanted) - set(what)):
        raise UsageError(f"The correction has not the form it should have: {', '.join(map(str, odd))}.")


def _read_label(value: object) -> dict[str, str]:
    label = dict(value) if isinstance(value, Mapping) else {}
    _check_fields(label, ["label"], ["source"])
    source = {"source": _read_name(label["source"], "in which export")} if label.get("source") is not None else {}
    return {"label": _read_name(label["label"], "which name"), **source}


def _read_labels(what: Mapping[str, object]) -> list[dict[str, str]]:
    _check_fields(what, ["labels"])
    listed = what["labels"]
    labels = [_read_label(label) for label in listed] if isinstance(listed, Sequence) else []
    if len({encode_canonical(label) for label in labels}) != len(labels) or not 1 < len(labels) <= _MOST_LABELS:
        raise UsageError("The correction does not name two labels or more, each once.", hint="Name another one.")
    return labels


def _check_same(what: Mapping[str, object]) -> dict[str, object]:
    return {"labels": _read_labels(what)}


def _check_different(what: Mapping[str, object]) -> dict[str, object]:
    labels = _read_labels(what)
    if len(labels) != 2:  # noqa: PLR2004
        raise UsageError("Two labels are told apart at a time.", hint="Record one correction for each two.")
    return {"labels": labels}


def _check_custodian(what: Mapping[str, object]) -> dict[str, object]:
    _check_fields(what, ["source", "label"])
    return {"label": _read_name(what["label"], "which name"), "source": _read_name(what["source"], "of which export")}


def _check_label(what: Mapping[str, object]) -> dict[str, object]:
    _check_fields(what, ["message_id", "is"])
    message_id, said = what["message_id"], what["is"]
    if type(message_id) is not int or not 0 <= message_id < _LARGEST_ID:
        raise UsageError(f"'{message_id}' is no id of a message.")
    if said not in (INSTRUCTION, NO_INSTRUCTION):
        raise UsageError(f"A message is no '{said}'.", hint=f"Use {INSTRUCTION} or {NO_INSTRUCTION}.")
    return {"message_id": message_id, "is": said}


def _check_export(what: Mapping[str, object]) -> dict[str, object]:
    from chatforensics.parsing.eras import FIRST_YEAR, LAST_YEAR

    given = {name: value for name, value in what.items() if value is not None}
    _check_fields(given, ["source_id"], EXPORT_FIELDS)
    year = given.get("year")
    if given.get("dates", _ORDERS[0]) not in _ORDERS:
        raise UsageError(f"'{given['dates']}' is no order of dates.", hint=f"Use one of: {', '.join(_ORDERS)}.")
    if year is not None and (type(year) is not int or not FIRST_YEAR <= year <= LAST_YEAR):
        raise UsageError(f"'{year}' is no year of a message.", hint="Give a number, such as 2014.")
    for name in ("source_id", "timezone", "custodian", "chat"):
        if name in given:
            _read_name(given[name], name)
    if "timezone" in given:
        check_zone(str(given["timezone"]))
    if len(given) == 1:
        raise UsageError("The correction does not say what is otherwise.", hint=f"One of: {', '.join(EXPORT_FIELDS)}.")
    return given


KINDS: Mapping[str, Callable[[dict[str, object]], dict[str, object]]] = {
    "same": _check_same,
    "different": _check_different,
    "custodian": _check_custodian,
    "label": _check_label,
    "export": _check_export,
}
