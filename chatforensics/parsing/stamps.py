"""What the stamps of one file say: the words in them, the times of day, and which lines are alike.

The words of all stamps are read together, as one phone writes them all in one language. A word that nobody knows is
never guessed: it could shift the hours by twelve.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import regex

from chatforensics.errors import UnknownExportFormat
from chatforensics.parsing.headers import Headers
from chatforensics.parsing.shapes import Shape
from chatforensics.parsing.words import Era, Ranges, WordReading, fold, read_words

Clock = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]

NO_TIME = -1
NO_CLOCK = "0 of time"
# Up to this share, or number, header lines that cannot be read are taken for quoted text.
QUOTED_SHARE, QUOTED_LINES = 0.01, 2
_HOUR, _HALF_DAY, _NOON = 3600, 43_200, 12
_FULL_YEAR = 3  # digits from which on a number can only be a year
_NUMBERS = 3
_YEAR_WORDS = ("年", "년")
_MOST_SHAPES = 2000  # a phone prints a few dozen; lines of text may look like many more
# What is no punctuation of a date: words, marks, spaces, and the dots of abbreviations.
_WORDS = regex.compile(r"[\p{L}\p{M}\p{Cf}\s]+|(?<=[\p{L}\p{M}])\.")


@dataclass(frozen=True)
class Form:
    """How the stamps of one shape are to be read.

    `stray` tells a line as people quote or copy it. Stamps of one `kind` are written by one phone under one setting.
    `month` is 0 where it is a number; `long_year` is the place of a year that cannot be anything else by its digits,
    `year_place` by its digits or by what stands beside it; `form` is the date with 9 for numbers, as CLDR's are.
    """

    kind: str
    layout: str
    n_dates: int
    n_clock: int
    period: Ranges
    month: int
    era: Era | None
    long_year: int | None
    year_place: int | None
    form: str
    unknown: str
    stray: bool = False


def read_forms(headers: Headers, *, name: str) -> list[Form]:
    """Read the words of all shapes of a file.

    Raises:
        UnknownExportFormat: a word that recurs beside the times is not known.
    """
    counts = np.bincount(headers.rows.shape, minlength=len(headers.shapes)).astype(np.int64)
    common = np.argsort(-counts, kind="stable")[:_MOST_SHAPES]
    words = read_words({gap for number in common for gap in _folded_gaps(headers.shapes[number])})
    harmless = _find_harmless(headers, words.unknown, counts)
    forms = [_read_form(shape, words, harmless) for shape in headers.shapes]
    _refuse_unknown(headers, forms, counts, name=name)
    return forms


def _folded_gaps(shape: Shape) -> list[str]:
    return [fold(gap) for gap in (*shape.date_gaps, *shape.clock_gaps)]


def _find_harmless(headers: Headers, unknown: frozenset[str], counts: Counts) -> frozenset[str]:
    """Find unknown words that recur beside hours beyond twelve: such a clock needs no day period."""
    if not unknown:
        return frozenset()
    # Each shape is looked at once: lines of text may seem to have thousands of shapes and words.
    late = np.bincount(headers.rows.shape[headers.rows.clock_s >= (_NOON + 1) * _HOUR], minlength=len(counts))
    n_lines: Counter[str] = Counter()
    n_late: Counter[str] = Counter()
    for shape, n, later in zip(headers.shapes, counts.tolist(), late.tolist(), strict=True):
        for word in unknown.intersection(_folded_gaps(shape)):
            n_lines[word] += n
            n_late[word] += later
    total = int(counts.sum())
    # In a file as short as a few lines, one such hour beside a word that all lines have must do.
    return frozenset(
        word
        for word in unknown
        if (_recurs(n_lines[word], total) and n_late[word] > QUOTED_LINES) or (n_lines[word] == total and n_late[word])
    )


def _recurs(n: int, total: int) -> bool:
    return n > max(QUOTED_SHARE * total, QUOTED_LINES)


def _read_form(shape: Shape, words: WordReading, harmless: frozenset[str]) -> Form:
    gaps = _folded_gaps(shape)
    named = len(shape.dates) < _NUMBERS
    month = next((words.months[gap] for gap in gaps if gap in words.months), 0) if named else 0
    period = next((words.periods[fold(gap)] for gap in shape.clock_gaps if fold(gap) in words.periods), ())
    read = (words.months, words.periods, words.literals, harmless)
    unknown = next((gap for gap in gaps if not any(gap in some for some in read)), "")
    if named and not month and not unknown and not shape.stray:
        unknown = next((gap for gap in gaps if any(letter.isalpha() for letter in gap)), "?")
    long_year = next((place for place, number in enumerate(shape.dates) if number.n_digits >= _FULL_YEAR), None)
    era = next((words.eras[fold(gap)] for gap in shape.date_gaps if fold(gap) in words.eras), None)
    parts = (
        shape.layout,
        "time first" if shape.time_first else "",
        f"{len(shape.clock)} of time",
        "day period" if period else "",
        "month's name" if month else "",
        # The year may be left out in the year of the export, so that with a month's name it makes no other kind.
        "" if month else f"year {'in ' + str(long_year) if long_year is not None else 'short'}",
        # Brackets are typed by nobody; dates that are typed are told from printed ones by their punctuation.
        "" if month or shape.layout == "bracket" else _punctuation(shape),
    )
    return Form(
        kind="; ".join(part for part in parts if part),
        layout=shape.layout,
        n_dates=len(shape.dates),
        n_clock=len(shape.clock),
        period=period,
        month=month,
        era=era,
        long_year=long_year,
        year_place=long_year if long_year is not None else _find_year(shape, words),
        form=_form_of(shape, month),
        unknown="" if shape.stray else unknown,
        stray=shape.stray,
    )


def _punctuation(shape: Shape) -> str:
    """Return the signs between the numbers of a date and between date and time, without words, marks and spaces."""
    return "punctuation " + " ".join(_WORDS.sub("", gap) or "_" for gap in shape.date_gaps)


def _find_year(shape: Shape, words: WordReading) -> int | None:
    """Find the place of a short year: behind the mark of an era that begins the date, or before the word for year."""
    if fold(shape.date_gaps[0]) in words.eras:
        return 0
    return next((place for place, gap in enumerate(shape.date_gaps[1:]) if gap.startswith(_YEAR_WORDS)), None)


def _form_of(shape: Shape, month: int) -> str:
    """Write the date with 9 for numbers and M for the name of a month."""
    gaps = list(shape.date_gaps)
    numbers = ["9999" if number.n_digits >= _FULL_YEAR else "9" for number in shape.dates]
    named = next((k for k, gap in enumerate(gaps) if month and any(letter.isalpha() for letter in gap)), None)
    if named is not None:
        gaps[named] = " M "
    # What stands before and behind the date is part of it only where it names the month.
    before, behind = (gaps[place] if named == place else "" for place in (0, len(numbers)))
    return ("".join(a + b for a, b in zip([before, *gaps[1:-1]], numbers, strict=True)) + behind).strip()


def _refuse_unknown(headers: Headers, forms: Sequence[Form], counts: Counts, *, name: str) -> None:
    """Refuse a file in which one unknown word recurs beside the time; a word that stands once is quoted text."""
    totals: dict[str, int] = {}
    for form, count in zip(forms, counts.tolist(), strict=True):
        totals[form.unknown] = totals.get(form.unknown, 0) + count
    readable = totals.pop("", 0)
    if not totals:
        return
    word, n = max(sorted(totals.items()), key=lambda item: item[1])
    if _recurs(n, int(counts.sum())) or not readable:
        of = np.isin(headers.rows.shape, [number for number, form in enumerate(forms) if form.unknown == word])
        raise UnknownExportFormat(
            f"{name}: line {headers.rows.line[of][0]}: '{word}' beside the time is not known, so hours may be wrong by "
            "twelve.",
            hint="Please report this format: parse --diagnose shows it without anybody's words.",
        )


def read_clock(headers: Headers, forms: Sequence[Form]) -> Clock:
    """Return the seconds since local midnight of every row; -1 where there is no such time, or its word is unknown."""
    # Few ways to read a clock, however many forms: each is one sweep over the rows.
    ways = [None if form.unknown or form.stray else form.period for form in forms]
    distinct = sorted(set(ways), key=str)
    way = np.array([distinct.index(some) for some in ways], dtype=np.int32)[headers.rows.shape]
    clock = headers.rows.clock_s.copy()
    for number, period in enumerate(distinct):
        of = way == number if len(distinct) > 1 else slice(None)
        clock[of] = NO_TIME if period is None else _apply_period(clock[of], period)
    return clock


def _apply_period(clock: Clock, period: Ranges) -> Clock:
    hour = clock // _HOUR
    # Some phones print midnight as 24:00; others set to 24 hours print 13:05 PM, where the hour is right already.
    clock = np.where(hour == 2 * _NOON, clock - 2 * _HALF_DAY, clock)
    if not period:
        return clock
    early = clock % _HALF_DAY
    late = early + _HALF_DAY
    in_early, in_late = (_within(moment // 60, period) for moment in (early, late))
    told = np.where(in_early & ~in_late, early, np.where(in_late & ~in_early, late, NO_TIME))
    return np.where((clock < 0) | (hour > _NOON), clock, told)


def _within(minutes: Clock, period: Ranges) -> npt.NDArray[np.bool_]:
    inside = [(minutes >= start) & (minutes < end) for start, end in period]
    return np.asarray(np.logical_or.reduce(inside), dtype=bool)
