"""Days that the user names, such as the day on which a ballot opens, marked on the time axes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from chatforensics.figures.fonts import MM_PER_INCH, measure
from chatforensics.figures.labels import write_words
from chatforensics.figures.names import drawable
from chatforensics.figures.style import DPI, TEXT_PT
from chatforensics.figures.timeaxis import MONTHS, TimeScale

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOUR = "#7A5195"
_ROW_MM = 4.4
_LABEL_MM = 44.0
_NOTE_MM = 120.0
_APART_MM = 1.5
_NARROWEST_MM = 0.8


@dataclass(frozen=True)
class Event:
    """A day with its name; `first` and `last` are the instants (UTC) at which it begins and ends in the case's zone."""

    day: date
    label: str
    first: datetime
    last: datetime

    @property
    def words(self) -> str:
        """Return the name and the day, such as `Ballot opens (1 Mar 2031)`."""
        return (
            f"{drawable(self.label, width_mm=_NOTE_MM)} ({self.day.day} {MONTHS[self.day.month - 1]} {self.day.year})"
        )

    def span(self, *, local: bool) -> tuple[datetime, datetime]:
        """Return when the day begins and ends, on the wall clock or in UTC."""
        midnight = datetime.combine(self.day, time())
        return (midnight, midnight + timedelta(days=1)) if local else (self.first, self.last)


def place_events(events: Iterable[tuple[date, str]], *, zone: str) -> tuple[Event, ...]:
    """Return the days in order of time, with the instants at which they begin and end in the zone."""
    return tuple(
        Event(day, label, _midnight(day, zone), _midnight(day + timedelta(days=1), zone))
        for day, label in sorted(set(events))
    )


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def tell_events(events: Sequence[Event]) -> list[str]:
    """Return a sentence that names the days and says whose they are, or nothing where there are none."""
    named = "; ".join(event.words for event in events)
    return [f"Dates passed by the user, not evidence: {named}."] if events else []


@dataclass(frozen=True)
class _Mark:
    """A day on the axis: its part that is drawn and its own begin and end there, in millimetres; what stands above."""

    left: float
    right: float
    edges: tuple[float, ...]
    words: str = ""

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


class EventMarks:
    """The days as a chart shows them: what falls into its times is drawn, all are named below."""

    def __init__(self, events: Sequence[Event], scale: TimeScale) -> None:
        """Find the days on the scale; names that would meet give way to numbers."""
        self.events, self.width_mm = events, scale.width_mm
        local = scale.stretches[0].first.tzinfo is None
        found = [(event, _find(scale, *event.span(local=local))) for event in events]
        drawn = [(event, mark) for event, mark in found if mark]
        own = [replace(mark, words=drawable(event.label, width_mm=_LABEL_MM)) for event, mark in drawn]
        self.numbered = not self._fit(own)
        numbers = [replace(mark, words=f"({at})") for at, (_, mark) in enumerate(drawn, 1)]
        self.marks = numbers if self.numbered else own
        self.labels = self._merge(numbers) if self.numbered else own
        self.drawn = [event for event, _ in drawn]

    @property
    def head_mm(self) -> float:
        """Return the room that the names need above the panel."""
        return _ROW_MM if self.marks else 0.0

    @property
    def notes(self) -> list[str]:
        """Return what a reader must know of the days."""
        inside = [event.words for event in self.drawn]
        if self.numbered:
            inside = [f"({at}) {words}" for at, words in enumerate(inside, 1)]
        outside = [event.words for event in self.events if event not in self.drawn]
        named = "; ".join(inside) or "none within the times drawn"
        beyond = f" Outside the times drawn: {'; '.join(outside)}." if outside else ""
        return [f"Dates passed by the user, not evidence: {named}.{beyond}"] if self.events else []

    def draw(self, axes: "Axes", *, lift_mm: float = 0.0, named: bool = True) -> None:
        """Shade the days, and write their names above the panel."""
        top = axes.get_ylim()[1]
        for mark in self.marks:
            axes.axvspan(mark.left, mark.right, color=_COLOUR, alpha=0.13, linewidth=0, zorder=0.5)
            for edge in mark.edges if mark.right - mark.left > _NARROWEST_MM else [mark.middle]:
                axes.plot([edge, edge], [0, top], color=_COLOUR, lw=0.8, ls=(0, (4, 2)), zorder=1.5, clip_on=False)
        high_mm = axes.bbox.height / DPI * MM_PER_INCH
        level = top * (1 + (lift_mm + _ROW_MM / 2) / high_mm)  # the upright axis may count something else
        for label in self.labels if named else ():
            write_words(axes, (self.start_of(label), level), label.words, colour=_COLOUR)

    def start_of(self, mark: _Mark) -> float:
        """Return where the name begins: in the middle of the day, but inside the panel."""
        wide = measure(mark.words, size=TEXT_PT)[0]
        return max(0.0, min(mark.middle - wide / 2, self.width_mm - wide))

    def _fit(self, marks: list[_Mark]) -> bool:
        ends = [(self.start_of(mark), self.start_of(mark) + measure(mark.words, size=TEXT_PT)[0]) for mark in marks]
        return all(one[1] + _APART_MM <= other[0] for one, other in pairwise(ends))

    def _merge(self, marks: list[_Mark]) -> list[_Mark]:
        """Join the numbers of days that lie too close for a number each."""
        joined: list[_Mark] = []
        for mark in marks:
            joined.append(mark)
            while len(joined) > 1 and not self._fit(joined[-2:]):
                last, before = joined.pop(), joined.pop()
                first, end = before.words.strip("()").split("-")[0], last.words.strip("()").split("-")[-1]
                joined.append(_Mark(before.left, last.right, (), f"({first}-{end})"))
        return joined


def _find(scale: TimeScale, first: datetime, last: datetime) -> _Mark | None:
    """Return where a day lies on the axis; one in a pause that was cut out lies at the cut."""
    parts = [part for part in scale.stretches if part.first < last and first < part.last]
    if parts:
        edges = tuple(part.place(at) for at in (first, last) for part in parts if part.first <= at <= part.last)
        return _Mark(parts[0].place(max(first, parts[0].first)), parts[-1].place(min(last, parts[-1].last)), edges)
    cuts = zip(pairwise(scale.stretches), scale.breaks, strict=True)
    return next((_Mark(at, at, (at,)) for (one, other), at in cuts if one.last <= first and last <= other.first), None)
