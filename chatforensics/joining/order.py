"""Messages that stand elsewhere in one export than in another, by more than the clocks' steps can explain."""

from bisect import bisect_left

import numpy as np

from chatforensics.joining.copies import SLACK_MS


def find_late(t: np.ndarray, step_ms: int) -> np.ndarray:
    """Tell of each record, in the order of the file, whether another stands on the wrong side of it.

    Two records whose times lie further apart than the clock's step stand the wrong way round when the later comes
    first. A file in the order of its times has none, so that most pairs of exports need no further look.

    Args:
        t: Times in milliseconds, in the order of the file.
        step_ms: Step of the clock.
    """
    if not len(t):
        return np.zeros(0, dtype=bool)
    apart = step_ms + SLACK_MS
    before = np.maximum.accumulate(t)
    after = np.minimum.accumulate(t[::-1])[::-1]
    return np.asarray((before - t > apart) | (t - after > apart))


def find_moved(place_a: np.ndarray, place_b: np.ndarray, t: np.ndarray, *, apart_ms: int) -> np.ndarray:
    """Return which messages must be left out for the rest to stand in one order on both sides, as positions.

    The rest is a longest increasing run of places; of the others, those count that stand on the wrong side of one of
    the rest by more than `apart_ms`. Within a minute phones may list messages in any order. Where two messages have
    changed places, nothing shows which of them was moved: one of the two is returned.

    Args:
        place_a: Where each message stands in one export.
        place_b: Where it stands in the other.
        t: When it was sent, in milliseconds.
        apart_ms: How far apart the clocks may show one moment.
    """
    ordered = np.argsort(place_a, kind="stable")
    there, when = place_b[ordered], t[ordered]
    kept = _longest_run(there)
    rest = np.setdiff1d(np.arange(len(there)), kept, assume_unique=True)
    passed = [_passed(there[kept], kept, int(x), int(there[x])) for x in rest]
    far = [
        len(between) > 0 and bool(np.abs(when[between] - when[x]).max() > apart_ms)
        for x, between in zip(rest, passed, strict=True)
    ]
    return np.sort(ordered[rest[np.asarray(far, dtype=bool)]])


def _passed(there: np.ndarray, kept: np.ndarray, here: int, place: int) -> np.ndarray:
    """Return the kept messages that stand on another side of a message here than there."""
    first, last = sorted((int(np.searchsorted(kept, here)), int(np.searchsorted(there, place))))
    return kept[first:last]


def _longest_run(places: np.ndarray) -> np.ndarray:
    """Return the positions of a longest increasing run, by patience sorting."""
    tops: list[int] = []
    at: list[int] = []
    before: list[int] = []
    for position, place in enumerate(places.tolist()):
        pile = bisect_left(tops, place)
        before.append(at[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [place]
        at[pile : pile + 1] = [position]
    run = []
    last = at[-1] if at else -1
    while last >= 0:
        run.append(last)
        last = before[last]
    return np.array(run[::-1], dtype=np.int64)
