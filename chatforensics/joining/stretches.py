"""How one clock ran against another: stretches of lines within which both stood at one distance.

Two clocks are compared by the texts that both exports show (anchors). A printed time is the true one cut to the clock's
step, so that distances at one setting of both clocks lie within half of both steps around the true one. An anchor that
lies elsewhere is a copy sent again, a late delivery or an altered line. Only where several in a row agree on another
distance, for half a day, has a clock been set.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

MIN_RUN = 5  # anchors that a setting must rest on: one message, or a few, may have been altered or sent again
SWITCH = 4  # a change must leave this many fewer anchors unexplained: 5 in a row at an end, 9 in the middle
MIN_STRETCH_MS = 12 * 3_600_000  # shorter: an evening's lines moved together; a journey lasts longer
JITTER_MS = 30_000  # phones may stamp one message some seconds apart
MOST_LEVELS = 8
_FINE_MS = 60_000  # seconds of the minute are spread evenly, hours of the day are not
_LOG = log(2 / 0.05)  # 95 times in 100

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Lines:
    """Lines of one export and their times by its clock, in milliseconds."""

    line: Numbers
    wall_ms: Numbers


@dataclass(frozen=True)
class Steps:
    """The steps of two clocks in milliseconds."""

    one: int
    other: int

    @property
    def tolerance(self) -> int:
        """How far an anchor may lie from the middle of its setting."""
        return (self.one + self.other) // 2 + JITTER_MS

    @property
    def width(self) -> int:
        """How far apart two anchors of one setting may lie where both phones stamp a message at one moment."""
        return self.one if self.one == self.other else self.one + self.other


@dataclass(frozen=True)
class Anchors:
    """Shared texts in the order of one export: its lines, the distance of its clock, and the instant; milliseconds."""

    line: Numbers
    distance: Numbers
    at: Numbers

    def keep(self, which: Numbers | NDArray[np.bool_]) -> "Anchors":
        """Return the anchors named by place or by mask."""
        return Anchors(self.line[which], self.distance[which], self.at[which])


@dataclass(frozen=True)
class Setting:
    """One distance between two clocks, from one line to another, and the anchors that it rests on."""

    first_line: int
    last_line: int
    shift_ms: int
    uncertainty_ms: int
    n_anchors: int


@dataclass(frozen=True)
class Fit:
    """The settings that explain the anchors best, and how many anchors lie on none of them."""

    settings: tuple[Setting, ...]
    n_unexplained: int

    @property
    def cost(self) -> int:
        """What speaks against the fit, in anchors."""
        return self.n_unexplained + SWITCH * (len(self.settings) - 1)

    @property
    def main(self) -> Setting:
        """The setting that most anchors show."""
        return max(self.settings, key=lambda setting: setting.n_anchors)


def fit_settings(anchors: Anchors, steps: Steps) -> Fit:
    """Explain the distances by as few settings of the clock as possible.

    Among all ways to cut the lines, the one with the least sum of unexplained anchors and `SWITCH` per change is taken.
    A setting with fewer than `MIN_RUN` anchors, or shorter than `MIN_STRETCH_MS`, is none: its anchors stay
    unexplained. A change of less than half of both steps and `JITTER_MS` is not seen.
    """
    ordered = anchors.keep(np.argsort(anchors.line, kind="stable"))
    levels = _find_levels(ordered.distance, steps.tolerance)
    label = _label(ordered.distance, levels, steps.tolerance)
    parts = _cut(label, n_levels=len(levels))
    while len(parts) > 1 and (short := _find_short(parts, label, ordered.at)) is not None:
        start, end, level = parts[short]
        label[start:end][label[start:end] == level] = -1
        parts = _cut(label, n_levels=len(levels))
    settings = tuple(_describe(ordered.keep(_on_level(label, part)), steps) for part in parts)
    return Fit(settings, len(label) - sum(setting.n_anchors for setting in settings))


def _find_levels(distance: Numbers, tolerance: int) -> list[int]:
    """Return the distances that most anchors show, the commonest first."""
    levels = [_find_densest(distance, tolerance)]
    rest = distance[np.abs(distance - levels[0]) > tolerance]
    while len(rest) >= MIN_RUN and len(levels) < MOST_LEVELS:
        level = _find_densest(rest, tolerance)
        near = np.abs(rest - level) <= tolerance
        if near.sum() < MIN_RUN:
            break
        levels.append(level)
        rest = rest[~near]
    return levels


def _find_densest(distance: Numbers, tolerance: int) -> int:
    """Return the median of the two neighbouring bins that hold the most distances.

    The median of all would not do: where everyday sentences recur, chance pairs may outnumber the copies.
    """
    bins, votes = np.unique(distance // tolerance, return_counts=True)
    after = np.searchsorted(bins, bins + 1)
    follows = (after < len(bins)) & (bins[np.minimum(after, len(bins) - 1)] == bins + 1)
    both = votes + np.where(follows, votes[np.minimum(after, len(bins) - 1)], 0)
    best = bins[np.lexsort((bins, np.abs(bins), -both))[0]]
    dense = distance[(distance // tolerance == best) | (distance // tolerance == best + 1)]
    return int(np.quantile(dense, 0.5, method="lower"))


def _label(distance: Numbers, levels: Sequence[int], tolerance: int) -> Numbers:
    """Return the nearest level of each anchor, -1 where none is near."""
    apart = np.abs(distance[:, None] - np.asarray(levels, dtype=np.int64)[None, :])
    nearest = apart.argmin(axis=1)
    return np.where(apart.min(axis=1) <= tolerance, nearest, -1).astype(np.int64)


def _cut(label: Numbers, *, n_levels: int) -> list[tuple[int, int, int]]:
    """Return the best parts in order, each from one place before another on one level; at least one."""
    told = np.flatnonzero(label >= 0)
    starts = np.flatnonzero(np.diff(label[told], prepend=-1))
    runs = [
        (int(told[a]), int(label[told[a]]), int(n))
        for a, n in zip(starts, np.diff(starts, append=len(told)), strict=True)
    ]
    path = _find_path([(level, n) for _, level, n in runs], n_levels=n_levels)
    begins = [i for i, level in enumerate(path) if i == 0 or level != path[i - 1]]
    places = [0, *(runs[i][0] for i in begins[1:]), len(label)]
    return [(places[k], places[k + 1], path[i]) for k, i in enumerate(begins)]


def _find_path(runs: Sequence[tuple[int, int]], *, n_levels: int) -> list[int]:
    """Return the level of each run such that anchors off their level and changes of level cost least in all."""
    cost = [0] * n_levels
    came: list[list[int]] = []
    for level, n in runs:
        cheapest = min(range(n_levels), key=cost.__getitem__)
        came.append([k if cost[k] <= cost[cheapest] + SWITCH else cheapest for k in range(n_levels)])
        cost = [min(cost[k], cost[cheapest] + SWITCH) + n * (k != level) for k in range(n_levels)]
    path = [min(range(n_levels), key=cost.__getitem__)]
    for before in reversed(came[1:]):
        path.append(before[path[-1]])
    return path[::-1]


def _on_level(label: Numbers, part: tuple[int, int, int]) -> NDArray[np.bool_]:
    place = np.arange(len(label))
    return np.asarray((place >= part[0]) & (place < part[1]) & (label == part[2]))


def _find_short(parts: Sequence[tuple[int, int, int]], label: Numbers, at: Numbers) -> int | None:
    """Return which part has too few anchors or lasts too short to be a setting, the least first; None if none."""
    sizes: list[tuple[int, int]] = []
    for number, part in enumerate(parts):
        own = at[_on_level(label, part)]
        if len(own) < MIN_RUN or np.ptp(own) < MIN_STRETCH_MS:
            sizes.append((len(own), number))
    return min(sizes)[1] if sizes else None


def _describe(anchors: Anchors, steps: Steps) -> Setting:
    """Return a setting; its distance is the mean of its anchors, which is finer than the clocks' steps."""
    shift = round(float(anchors.distance.mean()) / 1000) * 1000
    spread = int(np.ptp(anchors.distance))
    lines = (int(anchors.line[0]), int(anchors.line[-1]))
    return Setting(*lines, shift, bound_mean(len(anchors.line), spread_ms=spread, steps=steps), len(anchors.line))


def bound_mean(n: int, *, spread_ms: int, steps: Steps) -> int:
    """Return how far the mean of n distances may lie from the true one, 95 times in 100, in milliseconds.

    A time is cut to its step; where the seconds of messages are spread evenly over the minute, the middle of the step
    is right on average, and distances lie within a width that the steps give (or, where phones stamp a message at
    different moments, within the spread observed). Hoeffding's inequality bounds the mean of n such values without
    further assumptions: width * sqrt(ln(2 / 0.05) / (2 n)). However few they are, half of both steps is the most; half
    a second is added for rounding. Steps coarser than a minute are not refined: hours of a day are not spread evenly.

    Source: W. Hoeffding, Probability inequalities for sums of bounded random variables, JASA 58 (1963).
    """
    width = max(steps.width, spread_ms)
    most = max((steps.one + steps.other) / 2, spread_ms / 2)
    fine = max(steps.one, steps.other) <= _FINE_MS
    return round((min(most, width * sqrt(_LOG / (2 * n))) if fine else most) + 500)


def place_change(records: Lines, *, between: tuple[int, int], jump_ms: int, step_ms: int) -> tuple[int, int]:
    """Return the first line that may stand after a change of the clock, and the first that must.

    Lines stand in the order in which things happened. A clock set back shows where its times run backwards; one set
    forward can only have been set where its times leap by as much. Both lines are the same where one place alone fits.

    Args:
        records: The export's records in order, by the clock that was set.
        between: The last line known to stand before the change, and the first known to stand after it.
        jump_ms: By how much the clock was set forward (back: negative).
        step_ms: The clock's step.
    """
    first, last = (int(place) for place in np.searchsorted(records.line, between))
    leaps = np.diff(records.wall_ms[first : last + 1])
    fits = leaps >= jump_ms - step_ms
    backwards = leaps < -step_ms
    if jump_ms < 0 and backwards.any():
        fits = backwards
    places = np.flatnonzero(fits)
    if len(places) == 0:
        places = np.arange(len(leaps))
    return int(records.line[first + 1 + places[0]]), int(records.line[first + 1 + places[-1]])
