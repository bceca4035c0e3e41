"""Lines out of order in time: the fewest that must be set aside for the others to be in order."""

import numpy as np
import numpy.typing as npt

from chatforensics.parsing.segments import Moments
from chatforensics.parsing.timeline import NO_MOMENT

_DAY_S = 86_400
# Two clocks on earth differ by at most this; a line that is nearer cannot be told from a changed clock.
_CLOCKS_DIFFER_S = 26 * 3600
_MOST_RUNS = 100_000  # days in turn; a chat has a few thousand


def find_outliers(sent_s: Moments) -> npt.NDArray[np.int64]:
    """Return the places of lines whose time differs by more than 26 hours from those before or after them.

    Of two stretches that cannot both be in order, the one with fewer lines is out of order: a late notice, an agenda, a
    chat pasted into a message.

    Args:
        sent_s: local times in seconds, in file order.
    """
    known = np.flatnonzero(sent_s != NO_MOMENT)
    times = sent_s[known]
    if not len(times) or (times >= np.maximum.accumulate(times) - _CLOCKS_DIFFER_S).all():
        return np.zeros(0, dtype=np.int64)
    days = times // _DAY_S
    first = np.concatenate(([0], np.flatnonzero(np.diff(days)) + 1))[:_MOST_RUNS]
    length = np.diff(np.append(first, len(days)))
    kept = np.repeat(_longest_in_order(days[first].tolist(), length.tolist()), length)
    before = np.maximum.accumulate(np.where(kept, times, times[kept].min()))
    after = np.minimum.accumulate(np.where(kept, times, times[kept].max())[::-1])[::-1]
    far = (times < before - _CLOCKS_DIFFER_S) | (times > after + _CLOCKS_DIFFER_S)
    far &= ~kept
    # Two lines that are each near what is in order can still be far from each other: the later one is out of order.
    reached = np.maximum.accumulate(np.where(far, times[kept].min(), times))
    return known[far | (~kept & (times < reached - 2 * _CLOCKS_DIFFER_S))]


def _longest_in_order(days: list[int], weights: list[int]) -> npt.NDArray[np.bool_]:
    """Tell which runs of days make the heaviest sequence that never steps back."""
    ranks = {day: rank for rank, day in enumerate(sorted(set(days)), start=1)}
    best = [(0, -1)] * (
        len(ranks) + 1
    )  # a Fenwick tree: heaviest sequence that ends on a day up to this, and its last run
    before = []
    for run, (day, weight) in enumerate(zip(days, weights, strict=True)):
        total, last = _query(best, ranks[day])
        before.append(last)
        _update(best, ranks[day], (total + weight, run))
    kept = np.zeros(len(days), dtype=bool)
    run = _query(best, len(ranks))[1]
    while run >= 0:
        kept[run] = True
        run = before[run]
    return kept


def _query(tree: list[tuple[int, int]], rank: int) -> tuple[int, int]:
    found = (0, -1)
    while rank:
        found = max(found, tree[rank])
        rank &= rank - 1
    return found


def _update(tree: list[tuple[int, int]], rank: int, value: tuple[int, int]) -> None:
    while rank < len(tree):
        tree[rank] = max(tree[rank], value)
        rank += rank & -rank
