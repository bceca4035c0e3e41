"""A slow and obvious reader of a handful of fixed forms, line by line, that the fast one is held against."""

import re
from dataclasses import dataclass
from datetime import datetime

from render import Style

_FIELDS = {
    "%d": "[0-9]{2}",
    "%m": "[0-9]{2}",
    "%y": "[0-9]{2}",
    "%Y": "[0-9]{4}",
    "%H": "[0-9]{2}",
    "%I": "[0-9]{2}",
    "%M": "[0-9]{2}",
    "%S": "[0-9]{2}",
}


@dataclass(frozen=True)
class Record:
    """One message as the slow reader sees it."""

    line: int
    byte_start: int
    byte_end: int
    sent_local: datetime
    sender_label: str
    text: str | None


def order_of(style: Style) -> str:
    return "".join(letter.lower() for letter in style.date if letter in "dmyY")


def read_slowly(raw: bytes, style: Style) -> list[Record]:
    """Read an export of a known style: a line that matches its header begins a message, all others go on with one."""
    found: list[Record] = []
    header = re.compile(_pattern(style), re.DOTALL)
    start = 0
    for number, line in enumerate(raw.split(b"\n"), start=1):
        end = min(start + len(line) + 1, len(raw))
        text = line.decode(errors="replace")
        match = header.fullmatch(text)
        if match and start < len(raw):
            said = match["said"] + ("\n" if end > start + len(line) else "")
            found.append(Record(number, start, end, _moment(match, style), match["name"], said))
        elif found and start < len(raw):
            last = found[-1]
            more = raw[start:end].decode(errors="replace")
            found[-1] = Record(
                last.line, last.byte_start, end, last.sent_local, last.sender_label, f"{last.text}{more}"
            )
        start = end
    return [
        Record(x.line, x.byte_start, x.byte_end, x.sent_local, x.sender_label, _without_break(x.text or "") or None)
        for x in found
    ]


def _without_break(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text


def _pattern(style: Style) -> str:
    date, time = (re.sub(r"%\w", lambda m: _FIELDS[m[0]], re.escape(part)) for part in (style.date, style.time))
    period = "|".join(map(re.escape, style.period)) if style.period else ""
    stamp = rf"(?P<date>{date}){re.escape(style.joiner)}(?P<time>{time})(?P<period>{period})"
    opening, closing = ("", " - ") if style.platform == "android" else (r"\[", r"\] ")
    return rf"{opening}{stamp}{closing}(?P<name>(?:(?!: ).)+): (?P<said>.*)"


def _moment(match: re.Match[str], style: Style) -> datetime:
    printed, pattern = f"{match['date']} {match['time']}", f"{style.date} {style.time}"
    if style.period:
        printed += " PM" if match["period"] == style.period[1] else " AM"
        pattern = pattern.replace("%H", "%I") + " %p"
    return datetime.strptime(printed, pattern)  # noqa: DTZ007 - an export's wall clock has no zone
