"""The reference clock: the median of the phones that hang together, whatever zones they keep."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import median_low

from chatforensics.joining.readings import Reading
from chatforensics.joining.tolerances import QUARTER_MS

_SAME_ZONE_MS = 600_000  # up to here a clock is rather wrong than in a zone a quarter of an hour away


def centre_clocks(readings: Mapping[int, Reading], phones: Sequence[str], *, basis: str) -> dict[int, Reading]:
    """Make the median of the phones the reference clock, and say how far the phones lie from it.

    Phones keep different zones: how far a clock is wrong is what it lies from the nearest quarter of an hour. All could
    be wrong alike; nothing in exports would show it.
    """
    wrong = {phones[src]: _find_error(readings[src]) for src in sorted(readings, reverse=True)}
    middle = median_low(wrong.values())
    if len(wrong) > 1:
        ends = [(error - middle) // 1000 for error in (min(wrong.values()), max(wrong.values()))]
        basis += f" ({len(wrong)} phones, {ends[0]:+d} to {ends[1]:+d} s from it)"
    slack = _measure_slack(readings, [src for src, reading in readings.items() if _find_error(reading) == middle])
    return {
        src: replace(_put_back(reading, middle, slack_ms=slack[src]), basis=basis) for src, reading in readings.items()
    }


def _find_error(reading: Reading) -> int:
    shift = reading.main.shift_ms
    return shift if abs(shift) <= _SAME_ZONE_MS else shift - round(shift / QUARTER_MS) * QUARTER_MS


def _measure_slack(readings: Mapping[int, Reading], middle: Sequence[int]) -> dict[int, int]:
    """Return how much wider each uncertainty is against the median phone's clock than against the root's.

    Uncertainties add up along the way from the root to an export; what two ways have in common counts for neither.
    """
    ways = {src: _find_way(src, readings) for src in readings}
    at = min(middle, key=lambda src: (readings[src].main.uncertainty_ms, src))
    slack: dict[int, int] = {}
    for src, way in ways.items():
        common = next(export for export in way if export in ways[at])
        slack[src] = readings[at].main.uncertainty_ms - 2 * readings[common].main.uncertainty_ms
    return slack


def _find_way(src: int, readings: Mapping[int, Reading]) -> list[int]:
    """Return the exports through which one was read, from itself to the root."""
    way = [src]
    while (against := readings[way[-1]].against) is not None:
        way.append(against)
    return way


def _put_back(reading: Reading, by_ms: int, *, slack_ms: int) -> Reading:
    stretches = tuple(
        replace(stretch, shift_ms=stretch.shift_ms - by_ms, uncertainty_ms=max(stretch.uncertainty_ms + slack_ms, 0))
        for stretch in reading.stretches
    )
    other = (reading.other[0], reading.other[1] - by_ms) if reading.other else None
    return replace(reading, stretches=stretches, other=other)
