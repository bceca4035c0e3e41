"""Exports cut into records that can be printed anew with another time, as the same phone would print them."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from chatforensics.intake import ChatText
from chatforensics.parsing import Parsed

STRETCH = 20  # records
NOON = 12
STAMP = re.compile(r"(\d+)([./-])(\d+)\2(\d+)(,? )(\d+):(\d\d)(?::(\d\d))?(?:([\u202f\u00a0 ]?)([AaPp])(\.?[Mm]\.?))?")
_HEAD = re.compile(r"\u200e?\[?" + STAMP.pattern.replace(r"\2", r"[./-]") + r"(?:\] | - )")


@dataclass(frozen=True)
class Record:
    """One record as printed: `head` with the time, `sender` of a typed message (else None), `body` with line end."""

    head: str
    sender: str | None
    body: str
    moment: datetime

    @property
    def raw(self) -> str:
        """The record as it stands in the file."""
        return self.head + (f"{self.sender}: " if self.sender is not None else "") + self.body


@dataclass(frozen=True)
class Export:
    """A clean export cut into its records, and how it prints dates."""

    path: str
    form: str
    order: str
    single: frozenset[str]  # fields of a time that are printed with one digit below ten
    records: tuple[Record, ...]

    @property
    def line_end(self) -> str:
        """What ends its records."""
        return "\r\n" if self.records[0].raw.endswith("\r\n") else "\n"

    @property
    def messages(self) -> list[int]:
        """The places of records that a person typed."""
        return [place for place, one in enumerate(self.records) if one.sender is not None]

    def restamp(self, record: Record, moment: datetime) -> Record:
        """Return the record with another time, printed as the file prints times."""
        head = STAMP.sub(lambda found: _print_stamp(found, moment, self.order, self.single), record.head, count=1)
        return replace(record, head=head, moment=moment)


def cut_export(chat: ChatText, parsed: Parsed) -> Export | None:
    """Cut an export into records; None where it is short, or its headers are not of a kind that can be printed anew."""
    content, source = bytes(chat.content), parsed.sources.row(0, named=True)
    rows = parsed.messages.select("byte_start", "byte_end", "kind", "sender_label", "sent_local").rows()
    records = tuple(_cut(content[a:b].decode(), who if kind == "text" else None, at) for a, b, kind, who, at in rows)
    order = source["date_order"]
    stamps = [found for one in records if (found := STAMP.search(one.head))]
    printed = [pair for found in stamps for pair in _fields(found, order)]
    single = frozenset(field for field, digits in printed if len(digits) == 1)
    export = Export(source["path"], source["header_format"], order, single, records)
    exact = len(stamps) == len(records) and all(export.restamp(one, one.moment) == one for one in records)
    whole = "".join(one.raw for one in records).encode() == content
    return export if exact and whole and len(export.messages) > 2 * STRETCH else None


def _cut(raw: str, sender: str | None, moment: datetime) -> Record:
    found = _HEAD.match(raw)
    end = found.end() if found else 0
    if sender is None or not raw.startswith(f"{sender}: ", end):
        return Record(raw[:end], None, raw[end:], moment)
    return Record(raw[:end], sender, raw[end + len(sender) + 2 :], moment)


def _fields(found: re.Match[str], order: str) -> list[tuple[str, str]]:
    return [*zip(order, found.group(1, 3, 4), strict=True), ("h", found[6])]


def _print_stamp(found: re.Match[str], moment: datetime, order: str, single: frozenset[str]) -> str:
    """Print a time in the form of the stamp that was found."""
    half = found[10] is not None
    hour = (moment.hour - 1) % NOON + 1 if half else moment.hour
    numbers = {"d": moment.day, "m": moment.month, "y": moment.year, "h": hour}
    widths = {"y": len(found.group(1, 3, 4)[order.index("y")])}
    shown = {
        field: str(number) if field in single else f"{number:02}"[-widths.get(field, 2) :]
        for field, number in numbers.items()
    }
    one, two, three = (shown[field] for field in order)
    letter = "p" if moment.hour >= NOON else "a"
    period = f"{found[9]}{letter if found[10].islower() else letter.upper()}{found[11]}" if half else ""
    seconds = f":{moment:%S}" if found[8] is not None else ""
    return f"{one}{found[2]}{two}{found[2]}{three}{found[5]}{shown['h']}:{moment:%M}{seconds}{period}"
