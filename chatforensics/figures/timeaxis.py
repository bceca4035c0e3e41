"""A time axis in millimetres, with ticks at round times and words that no locale changes; long pauses can be cut."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from chatforensics.figures.fonts import measure
from chatforensics.figures.style import FAINT_INK, GRID, TEXT_PT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
BREAK_MM = 4.0
# Room below the axis for two lines at each tick and the name of the axis.
BELOW_MM = 14.0
MOST_BREAKS = 4
_CUT_ABOVE = 0.2
_UNUSUAL = 4
_TICK_ROOM_MM = 19.0
_NARROWEST_MM = 17.0
_MARGIN_MM = 4.0
_MINUTES = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)
_DAYS = (1, 2, 7, 14)
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240)
_LONGEST_IN_DAYS = timedelta(days=100)


@dataclass(frozen=True)
class Stretch:
    """A part of the axis without a cut: `first` lies at `left`, `last` at `right`, in millimetres."""

    first: datetime
    last: datetime
    left: float
    right: float

    def place(self, at: datetime) -> float:
        """Return where the time lies."""
        return self.left + (self.right - self.left) * ((at - self.first) / (self.last - self.first))


@dataclass(frozen=True)
class TimeScale:
    """Where times lie on an axis of `width_mm` millimetres, in one stretch or in several with pauses cut between."""

    stretches: tuple[Stretch, ...]
    width_mm: float

    def place(self, at: datetime) -> float:
        """Return the time's distance from the left end in millimetres."""
        return next((part for part in self.stretches if at <= part.last), self.stretches[-1]).place(at)

    @property
    def notes(self) -> list[str]:
        """Return what a reader must know about the axis."""
        return ["A double stroke on the time axis marks a long pause that was cut out."] if self.breaks else []

    @property
    def breaks(self) -> list[float]:
        """Return where pauses are cut out."""
        return [(one.right + other.left) / 2 for one, other in pairwise(self.stretches)]


def plain_scale(first: datetime, last: datetime, *, width_mm: float) -> TimeScale:
    """Return a scale that runs evenly from the first to the last time over the whole width."""
    return TimeScale((Stretch(first, last, 0.0, width_mm),), width_mm)


def broken_scale(times: list[datetime], *, width_mm: float, right_mm: float = 0.0) -> TimeScale:
    """Return a scale over the times that leaves out long pauses; all stretches but the shortest run equally fast.

    `right_mm` stay free at the right end, for names.
    """
    spans = _spans(sorted(times))
    widths = _widths([last - first for first, last in spans], width_mm - right_mm - BREAK_MM * (len(spans) - 1))
    left, stretches = 0.0, []
    for (first, last), width in zip(spans, widths, strict=True):
        margin = (last - first) * (_MARGIN_MM / (width - 2 * _MARGIN_MM))
        stretches.append(Stretch(first - margin, last + margin, left, left + width))
        left += width + BREAK_MM
    end = stretches[-1]
    later = end.last + (end.last - end.first) * ((width_mm - end.right) / (end.right - end.left))
    return TimeScale((*stretches[:-1], Stretch(end.first, later, end.left, width_mm)), width_mm)


def _spans(times: list[datetime]) -> list[tuple[datetime, datetime]]:
    """Split at pauses that would take a fifth of the axis and are long for the case; a moment gets half an hour."""
    pauses = sorted(((later - sooner, sooner) for sooner, later in pairwise(times)), reverse=True)
    usual = pauses[len(pauses) // 2][0] if pauses else timedelta()
    cuts: list[datetime] = []
    left_over = times[-1] - times[0]
    for pause, start in pauses[:MOST_BREAKS]:
        if pause <= max(left_over * _CUT_ABOVE, usual * _UNUSUAL, timedelta(hours=1)):
            break
        cuts.append(start)
        left_over -= pause
    starts = [times[0], *(later for sooner, later in pairwise(times) if sooner in cuts and later > sooner)]
    ends = [*sorted(cuts), times[-1]]
    half = timedelta(minutes=15)
    return [
        (start, end)
        if end - start >= 2 * half
        else (start + (end - start) / 2 - half, start + (end - start) / 2 + half)
        for start, end in zip(starts, ends, strict=True)
    ]


def _widths(spans: list[timedelta], room: float) -> list[float]:
    """Share the room by length, but give none less than a date needs."""
    narrow: set[int] = set()
    while True:
        rest = room - _NARROWEST_MM * len(narrow)
        total = sum((span for at, span in enumerate(spans) if at not in narrow), timedelta())
        widths = [_NARROWEST_MM if at in narrow else rest * (span / total) for at, span in enumerate(spans)]
        fresh = {at for at, width in enumerate(widths) if width < _NARROWEST_MM}
        if not fresh:
            return widths
        narrow |= fresh


def draw_time_axis(axes: "Axes", scale: TimeScale, *, name: str = "", grid: bool = True) -> None:
    """Mark round times along the lower side of the axes; the date stands where it changes, the year likewise."""
    ticks = list(_fitting(scale))
    # All labels have two lines, so that their first ones stand level.
    labels = [words if "\n" in words else f"{words}\n " for _, words in ticks]
    axes.set_xticks([place for place, _ in ticks], labels=labels)
    axes.tick_params(axis="x", pad=2)
    axes.set_xlabel(name, labelpad=1)
    if grid:
        axes.grid(visible=True, axis="x", color=GRID, linewidth=0.5)
        axes.set_axisbelow(True)
    for middle in scale.breaks:
        top = axes.get_ylim()[1]
        axes.plot([middle - 0.8, middle + 0.8], [0, 0], color="white", linewidth=2.5, clip_on=False, zorder=7)
        axes.plot([middle, middle], [0, top], color=FAINT_INK, linewidth=0.6, linestyle=(0, (1, 3)), zorder=1)
        for shift in (-0.8, 0.8):
            slash = [middle + shift - 0.5, middle + shift + 0.5]
            axes.plot(slash, [-1.2, 1.2], color=FAINT_INK, linewidth=0.6, clip_on=False, zorder=8)


def show_time(at: datetime) -> str:
    """Return day, month, year and minute in words, such as `3 Mar 2031, 06:05`."""
    return f"{show_day(at)}, {at:%H:%M}"


def show_day(at: datetime) -> str:
    """Return day, month and year in words, such as `3 Mar 2031`."""
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def show_span(times: Iterable[datetime]) -> str:
    """Return the first and the last of the times in words."""
    known = sorted(times)
    return f"{show_time(known[0])} to {show_time(known[-1])}"


def _fitting(scale: TimeScale) -> Iterator[tuple[float, str]]:
    """Return the ticks whose words have room; each stretch has one at least, within its own width."""
    taken: list[tuple[float, float]] = []
    years = [None, *(part.last.year for part in scale.stretches)]
    by_stretch = [_own(part, scale, year) for part, year in zip(scale.stretches, years, strict=False)]
    for place, words in [*(own[0] for own in by_stretch), *(tick for own in by_stretch for tick in own[1:])]:
        half = _half(words)
        inside = place + half <= scale.width_mm + _MARGIN_MM
        if inside and all(place + half <= left or place - half >= right for left, right in taken):
            taken.append((place - half, place + half))
            yield place, words


def _own(part: Stretch, scale: TimeScale, year: int | None) -> list[tuple[float, str]]:
    """Return the stretch's ticks from the first whose words, date included, keep to its width.

    `year` is that at the end of the stretch before: the same year is not said twice.
    """
    for step in _steps(scale):
        ticks = _ticks(part, step)
        for at in range(len(ticks)):
            (place, words), *rest = _words(ticks[at:], part, year)
            if abs(place - (part.left + part.right) / 2) + _half(words) <= (part.right - part.left + BREAK_MM) / 2:
                return [(place, words), *rest]
    middle = part.first + (part.last - part.first) / 2
    return _words([middle.replace(second=0, microsecond=0)], part, year)


def _half(words: str) -> float:
    return max(measure(line, size=TEXT_PT)[0] for line in words.split("\n")) / 2 + 0.6


def _steps(scale: TimeScale) -> list[timedelta | int]:
    """Return steps between ticks, in months where they are whole numbers: the best for the axis, then finer ones."""
    active = sum((part.last - part.first for part in scale.stretches), timedelta())
    most = max(2, int(scale.width_mm / _TICK_ROOM_MM))
    short = [*(timedelta(minutes=minutes) for minutes in _MINUTES), *(timedelta(days=days) for days in _DAYS)]
    months = [step for step in _MONTH_STEPS if active / timedelta(days=30.4) / step > most]
    fine = [step for step in short if active / step > most]
    if len(fine) < len(short) and active < _LONGEST_IN_DAYS:
        return [short[len(fine)], *reversed(fine)]
    return [*_MONTH_STEPS[len(months) : len(months) + 1], *reversed(months), *reversed(short)]


def _ticks(part: Stretch, step: timedelta | int) -> list[datetime]:
    return list(_month_starts(part, step) if isinstance(step, int) else _regular(part, step))


def _regular(part: Stretch, step: timedelta) -> Iterator[datetime]:
    # Weeks begin on Mondays, and 1 January of the year 1 was one.
    origin = datetime.min.replace(tzinfo=part.first.tzinfo)
    tick = origin + -(-(part.first - origin) // step) * step
    while tick <= part.last:
        yield tick
        tick += step


def _month_starts(part: Stretch, step: int) -> Iterator[datetime]:
    first = -(-(12 * part.first.year + part.first.month - 1) // step) * step
    for month in range(first, 12 * part.last.year + 12, step):
        tick = datetime(month // 12, month % 12 + 1, 1, tzinfo=part.first.tzinfo)
        if part.first <= tick <= part.last:
            yield tick


def _words(ticks: list[datetime], part: Stretch, year: int | None) -> list[tuple[float, str]]:
    by_day = all(tick.hour == tick.minute == 0 for tick in ticks)
    words, date = [], None
    for tick in ticks:
        day, suffix = f"{tick.day} {MONTHS[tick.month - 1]}", "" if tick.year == year else f"{tick.year}"
        if by_day:
            shown = f"{day}\n{suffix}" if suffix else day
        else:
            shown = f"{tick:%H:%M}" if tick.date() == date else f"{tick:%H:%M}\n{day} {suffix}".rstrip()
        words.append((part.place(tick), shown))
        date, year = tick.date(), tick.year
    return words
