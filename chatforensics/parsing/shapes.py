"""The structure of a header line: which of its numbers are the date and which the time.

A *shape* is the beginning of a line with every digit written as 9. A file of a million messages has a few dozen
shapes, so that each is taken apart here once, without hurry; `headers` then reads the numbers of all lines of that
shape in one sweep. What stands between the numbers (`klo`, `오후`, `p. m.`, `de março de`) is handed on as *gaps*.
"""

from dataclasses import dataclass
from functools import lru_cache

import regex

FILLER = "\x01"  # stands for the further bytes of a digit that is no ASCII
_MARKS = "\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff"
_DIGITS = regex.compile(rf"9(?:{FILLER}*9)*{FILLER}*")
_EVEN = regex.compile(rf"9({FILLER}*)(?:9\1)*")
# What people put before a line that they quote; no phone does.
_START = regex.compile(rf"[{_MARKS}]*(?P<stray>[ \t>*_~\u200b]{{1,8}})?[{_MARKS}]*(?P<bracket>\[)?[{_MARKS}]*")
_ENDS = {"bracket": regex.compile(r"\] ?"), "dash": regex.compile(r" [-\u2013] "), "colon": regex.compile(r": ")}
_COLON = regex.compile(rf"[{_MARKS}]* ?[:\uff1a\u2236][{_MARKS}]* ?")
_CLOCK_GAP = regex.compile(
    rf"[{_MARKS}]*[:.\uff1a\u2236][{_MARKS}]*|[ \u00a0\u202f]?[^\W\d_]{{1,12}}[.:]?[ \u00a0\u202f]?", regex.IGNORECASE
)
_LAST_GAP = 48  # characters behind the last number: a day period or the name of a month
_MAX_GAP = 40
_MOST_ENDS = 2
_LONG_YEAR = 4


@dataclass(frozen=True)
class Number:
    """One number of a stamp: byte offset of its first digit, digits, bytes a digit."""

    start: int
    n_digits: int
    width: int


@dataclass(frozen=True)
class Shape:
    """One shape of header line.

    `dates` and `clock` are the numbers in printed order (a date without a year or with a month's name has fewer than
    three); `date_gaps` are the texts before, between and behind the numbers of the date, `clock_gaps` those around
    the time; the gap between date and time is the last or first of both. `end` is the byte where the rest begins.
    `stray` tells a line as people quote or copy it, which no export begins a message with.
    """

    layout: str
    end: int
    dates: tuple[Number, ...]
    clock: tuple[Number, ...]
    date_gaps: tuple[str, ...]
    clock_gaps: tuple[str, ...]
    time_first: bool
    marked: bool
    stray: bool
    text: str


@lru_cache(maxsize=4096)
def read_shape(raw: bytes) -> Shape | None:
    """Take one shape apart; None where it is no header's.

    Args:
        raw: the beginning of a line up to and with the end of the stamp, UTF-8, digits as 9, with `FILLER` behind a
            digit for every further byte it takes.
    """
    text = raw.decode("utf-8", errors="surrogateescape")  # what is no UTF-8 keeps its width
    opening = _START.match(text)
    assert opening  # noqa: S101 - matches the empty text too
    for layout in ("bracket",) if opening["bracket"] else ("dash", "colon"):
        endings = list(_ENDS[layout].finditer(text, opening.end()))[:_MOST_ENDS]
        shapes = [_take_apart(text, opening, ending.span(), layout) for ending in endings]
        found = [shape for shape in shapes if shape]
        if found:  # a date alone only where no time follows
            return next((shape for shape in found if shape.clock), found[0])
    return None


def mask_line(line: str) -> str:
    """Write every digit of a line as 9 and every letter as x: its form without its words."""
    return "".join("9" if char.isdecimal() else "x" if char.isalpha() else char for char in line)


def _take_apart(text: str, opening: regex.Match[str], ending: tuple[int, int], layout: str) -> Shape | None:
    start = opening.end()
    runs = list(_DIGITS.finditer(text, start, ending[0]))
    if not 3 <= len(runs) <= 6:  # noqa: PLR2004 - date and time have three to six numbers
        return None
    if not all(_EVEN.fullmatch(run[0]) for run in runs):  # digits of two scripts in one number
        return None
    edges = [start, *(at for run in runs for at in run.span()), ending[0]]
    gaps = [_show(text[a:b]) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    if any(len(gap) > _MAX_GAP for gap in gaps) or len(gaps[-1]) > _LAST_GAP:
        return None
    counts = [run[0].count("9") for run in runs]
    split = _find_clock(counts, gaps)
    if split is None:
        return None
    first, last = split
    numbers = [_number(text, run) for run in runs]
    before = first > 0 or last == 0
    return Shape(
        layout=layout,
        end=_size(text[: ending[1]]),
        dates=tuple(numbers[:first] + numbers[last:]),
        clock=tuple(numbers[first:last]),
        date_gaps=tuple(gaps[: first + 1] if before and last else gaps[last:]),
        clock_gaps=tuple([gaps[first], gaps[last]] if last else []),
        time_first=not before,
        marked=text[:1] in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e",
        stray=opening["stray"] is not None
        or (len(numbers) - (last - first) == 2 and not _has_letters(gaps, first, last)),  # noqa: PLR2004
        text=_show(text[: ending[1]]).replace(FILLER, ""),
    )


def _number(text: str, run: regex.Match[str]) -> Number:
    n_digits = run[0].count("9")
    return Number(_size(text[: run.start()]), n_digits, len(run[0]) // n_digits)


def _show(text: str) -> str:
    """Return a text safe to print: bytes that are no UTF-8 show as U+FFFD."""
    return text.encode(errors="surrogateescape").decode(errors="replace")


def _size(text: str) -> int:
    return len(text.encode(errors="surrogateescape"))


def _find_clock(counts: list[int], gaps: list[str]) -> tuple[int, int] | None:
    """Find the numbers that are the time: first and one past the last; (0, 0) where the stamp has a date only."""
    total = len(counts)
    tries = [
        (first, first + size)
        for size in (2, 3)
        for first in (total - size, 0)
        if 1 <= total - size <= 3 and _is_clock(counts, gaps, first, size)  # noqa: PLR2004
    ]
    fitting = [(first, last) for first, last in tries if _is_date(counts, gaps, first, last)]
    if not fitting:
        return (0, 0) if total == 3 and _is_date(counts, gaps, 0, 0) else None  # noqa: PLR2004
    # A colon inside decides; then a date of three numbers; then the date in front.
    return max(fitting, key=lambda pair: (_has_colon(gaps, *pair), total - pair[1] + pair[0] == 3, pair[0] > 0))  # noqa: PLR2004


def _has_colon(gaps: list[str], first: int, last: int) -> int:
    return sum(bool(_COLON.fullmatch(gap)) for gap in gaps[first + 1 : last])


def _is_clock(counts: list[int], gaps: list[str], first: int, size: int) -> bool:
    further = zip(counts[first + 1 : first + size], gaps[first + 1 : first + size], strict=True)
    return counts[first] in (1, 2) and all(_parts_clock(count, gap) for count, gap in further)


def _parts_clock(count: int, gap: str) -> bool:
    """Tell whether a gap and the number behind it go on with a time: few locales print one digit, none after a dot."""
    whole = count == 2 or (count == 1 and gap.strip() != ".")  # noqa: PLR2004 - two digits
    return whole and bool(_COLON.fullmatch(gap) or _CLOCK_GAP.fullmatch(gap))


def _has_letters(gaps: list[str], first: int, last: int) -> bool:
    around = gaps[: first + 1] if first else gaps[last:]
    return any(letter.isalpha() for gap in around for letter in gap)


def _is_date(counts: list[int], gaps: list[str], first: int, last: int) -> bool:
    digits = counts[:first] + counts[last:]
    inner = gaps[1:first] if first else gaps[last + 1 : -1]
    if any(_COLON.fullmatch(gap) for gap in inner) or any(count > _LONG_YEAR for count in digits):
        return False
    # Date and time are set apart by more than a point.
    parted = not last or any(c.isspace() or c.isalpha() or c == "," for c in gaps[first or last])
    # Fewer than three numbers: the month has a name.
    # (Android's copied lines have neither a year nor a name; they are told as stray.)
    named = len(digits) >= 2 or _has_letters(gaps, first, last)  # noqa: PLR2004
    return parted and named and sum(count > 2 for count in digits) <= 1  # noqa: PLR2004
