"""Whether the exports of one phone show one clock, and whether declared zones fit what shared texts show."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from chatforensics.joining.clockwords import word_distance, word_span
from chatforensics.joining.readings import Note, Reading, show_walls
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
        for one, other in combinations(even, 2):
            apart = _measure_apart(readings[one], readings[other], spans[one], spans[other])
            slack = SAME_CLOCK_MS + readings[one].main.uncertainty_ms + readings[other].main.uncertainty_ms
            if abs(apart) > slack:
                value = f"Two exports of one folder show clocks {word_span(apart)} apart: each is read by itself."
                notes |= {src: Note("folder", value) for src in group if src not in notes}
    return notes


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
    """Return how far one clock is ahead of another while both exports last.

    Where they do not overlap, an hour may be summer time, and counts as none.
    """
    first, last = max(span[0], span_other[0]), min(span[1], span_other[1])
    if first <= last:
        return _offset(one, (first + last) // 2) - _offset(other, (first + last) // 2)
    apart = _offset(one, sum(span) // 2) - _offset(other, sum(span_other) // 2)
    return max(abs(apart) - _HOUR_MS, 0) * (1 if apart > 0 else -1)


def _offset(reading: Reading, instant_ms: int) -> int:
    """Return how far a clock is ahead of UTC at an instant."""
    shown = show_walls(np.array([instant_ms], dtype=np.int64), zone=reading.zone)
    return int(shown[0]) - instant_ms + reading.main.shift_ms
