"""Whether the exports of one phone show one clock, and whether declared zones fit what shared texts show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from chatforensics.joining.clockwords import word_distance, word_span
from chatforensics.joining.readings import Note, Reading, show_walls
from chatforensics.joining.stretches import Numbers
from chatforensics.joining.tolerances import QUARTER_MS

SAME_CLOCK_MS = 90_000  # exports of one phone further apart than this and their uncertainty show two clocks
_HOUR_MS = 3_600_000
Span = tuple[int, int]


def find_torn(
    readings: Mapping[int, Reading], groups: Sequence[Sequence[int]], spans: Mapping[int, Span]
) -> dict[int, Note]:
    """Return what speaks against one clock, by export.

    Args:
        readings: How each export is read.
        groups: Exports of one phone whose clocks were compared, directly or through others, by shared texts.
        spans: First and last wall time of each export, in milliseconds.
    """
    notes: dict[int, Note] = {}
    for group in groups:
        even = [src for src in group if readings[src].aligned and len(readings[src].known) == 1]
        if apart := _find_first_apart([(readings[src], spans[src]) for src in even]):
            value = f"Two exports of one folder show clocks {word_span(apart)} apart: each is read by itself."
            notes |= {src: Note("folder", value) for src in group}
    return notes


def _find_first_apart(exports: Sequence[tuple[Reading, Span]]) -> int:
    """Return how far the first two exports stand apart that show two clocks, else nought.

    Each is compared with all that follow it, at once: a phone may have many exports.
    """
    clocks = _gather(exports)
    for place in range(len(exports) - 1):
        apart = _measure_all(*exports[place], clocks.after(place))
        slack = SAME_CLOCK_MS + clocks.uncertainty_ms[place] + clocks.uncertainty_ms[place + 1 :]
        far = np.flatnonzero(np.abs(apart) > slack)
        if len(far):
            return int(apart[far[0]])
    return 0


@dataclass(frozen=True)
class _Clocks:
    """Clocks side by side: their zones, how far ahead and how uncertain they are, when their exports begin and end."""

    zone: np.ndarray
    shift_ms: Numbers
    uncertainty_ms: Numbers
    spans: Numbers

    def after(self, place: int) -> "_Clocks":
        """Return those that follow one of them."""
        return _Clocks(*(column[place + 1 :] for column in vars(self).values()))


def _gather(exports: Sequence[tuple[Reading, Span]]) -> _Clocks:
    shift_ms, uncertainty_ms = (
        np.array([getattr(reading.main, name) for reading, _ in exports], dtype=np.int64)
        for name in ("shift_ms", "uncertainty_ms")
    )
    spans = np.array([span for _, span in exports], dtype=np.int64).reshape(-1, 2)
    return _Clocks(np.array([reading.zone for reading, _ in exports]), shift_ms, uncertainty_ms, spans)


def note_zones(
    readings: Mapping[int, Reading], own: Mapping[int, str], phone: Mapping[int, str], spans: Mapping[int, Span]
) -> dict[int, Note]:
    """Return what shared texts say against declared zones, by export.

    Args:
        readings: How each export is read.
        own: The zone declared for an export itself.
        phone: The zone declared for another export of its phone, where it has none itself.
        spans: First and last wall time of each export, in milliseconds.
    """
    notes: dict[int, Note] = {}
    for src, reading in readings.items():
        if reading.against is None:
            continue
        against = readings[reading.against]
        if src in own and reading.carried:
            apart = _measure_apart(reading, against, spans[src], spans[reading.against])
            value = f"Declared {own[src]}; another export of the folder shows a clock {word_span(apart)} away from it."
        elif src in own:
            apart = reading.main.shift_ms
            shown = "mostly show" if len(reading.known) > 1 else "show"
            value = f"Declared {own[src]}; shared texts {shown} a clock {word_distance(apart)} it."
        else:
            apart = QUARTER_MS * (not reading.carried and reading.zone != phone.get(src, reading.zone))
            value = f"Shared texts do not fit {phone.get(src)}, the zone declared for another export of the folder."
        if abs(apart) >= QUARTER_MS:
            notes[src] = Note("declared", value)
    return notes


def _measure_apart(one: Reading, other: Reading, span: Span, span_other: Span) -> int:
    """Return how far one clock is ahead of another while both exports last."""
    return int(_measure_all(one, span, _gather([(other, span_other)]))[0])


def _measure_all(one: Reading, span: Span, others: _Clocks) -> Numbers:
    """Return how far one clock is ahead of each of the others while both exports last.

    Where they do not overlap, an hour may be summer time, and counts as none.
    """
    begin, end = others.spans[:, 0], others.spans[:, 1]
    first, last = np.maximum(span[0], begin), np.minimum(span[1], end)
    meet = first <= last
    here = np.where(meet, (first + last) // 2, sum(span) // 2)
    there = np.where(meet, here, (begin + end) // 2)
    ahead = np.zeros(len(there), dtype=np.int64)
    for zone in np.unique(others.zone).tolist():
        chosen = others.zone == zone
        ahead[chosen] = show_walls(there[chosen], zone=zone) - there[chosen]
    apart = show_walls(here, zone=one.zone) - here + one.main.shift_ms - (ahead + others.shift_ms)
    return np.asarray(np.where(meet, apart, np.maximum(np.abs(apart) - _HOUR_MS, 0) * np.where(apart > 0, 1, -1)))
