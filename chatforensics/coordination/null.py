"""The null model: when each sender of a family might just as well have sent it.

What is kept: who sent which family and in how many bursts; the life of every family (its times, moved by a quarter of
an hour to six hours, the less the faster it went around); the hours at which everybody, and this person, writes; which
chats a person was in, and so from which moments on they could have read the text; and how soon people in this case pass
on what they have read. What is shuffled: the exact moment, independently of all other people.

A sender's density at a time t is  life(t) * hours(person, t) * pace(time since their latest reading).
Chances are taken with the pace or without it, whichever is more (`chances`), and raised in rushes (`rush`).
`pace` is one factor per class of delay, the same for everybody, estimated from the case itself: bursts seen in a class
against those that life and hours alone would put there (a piecewise constant hazard with an offset, fitted in turns).
The team that somebody looks for is part of the case and quickens the pace: that errs on the side of chance.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics.coordination.sendings import Sendings

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

BIN_S = 600  # a family's life is known to ten minutes
LIFE_S = 6 * 3600  # the widest blur of a family's life, and what a family of few bursts starts from
PRIOR_LIFE = 20  # as many bursts as the start counts
SHORTEST_S = 900  # a rush is never taken to be shorter
DELAYS_S = np.array([0, 60, 120, 180, 300, 480, 720, 1200, 2400, 4800, 10800, 21600, 43200, 86400])
N_CLASSES = DELAYS_S.size + 1  # class 0: nothing read yet
ROUNDS = 6
PRIOR_BURSTS = 0.5  # added to both sides of a class's pace, so that a few bursts move it little
LONG_AGO = -(2**40)
CELLS = 1_500_000
BURSTS = 5_000  # of a family that are moved together


@dataclass(frozen=True)
class Part:
    """Some senders of one family: `first` is the number of the first; densities are per sender and bin."""

    first: int
    bins: Integers
    weights: Floats
    reader: Integers
    read_at: Integers

    @cached_property
    def sums(self) -> Floats:
        """Return the density added up to the beginning of each bin."""
        return np.pad(np.cumsum(self.weights, axis=1), ((0, 0), (1, 0)))

    @cached_property
    def stretches(self) -> tuple[Integers, Integers, Integers, Floats]:
        """Return the stretches of one delay class: sender in the part, beginning, class, and density before it."""
        people = np.arange(self.weights.shape[0])
        who = np.concatenate([people, self.reader])
        at = np.concatenate([np.full(people.size, LONG_AGO), self.read_at])
        order = np.lexsort((at, who))
        who, at = who[order], at[order]
        until = np.append(np.where(who[1:] == who[:-1], at[1:], 2**60), 2**60)
        # Most readings of a busy chat are followed by the next within a minute: only the classes that come are listed.
        n = np.where(at == LONG_AGO, 1, np.searchsorted(DELAYS_S, until - at))
        reading = np.repeat(np.arange(at.size), n)
        step = np.arange(reading.size) - (np.cumsum(n) - n)[reading]
        owner, begin = who[reading], at[reading] + DELAYS_S[step]
        kinds = np.where(at[reading] == LONG_AGO, 0, step + 1)
        return owner, begin, kinds, self.density_before(owner, begin)

    def density_before(self, person: Integers, at: Integers) -> Floats:
        """Return the density, without the pace, of each person up to each moment (seconds)."""
        if not self.bins.size:
            return np.zeros(person.size)
        place = np.searchsorted(self.bins, at // BIN_S)
        inside = np.minimum(place, self.bins.size - 1)
        part = np.where(self.bins[inside] == at // BIN_S, (at % BIN_S) / BIN_S, 0.0)
        return np.asarray(self.sums[person, place] + part * self.weights[person, inside])

    @cached_property
    def masses(self) -> Floats:
        """Return the density of each stretch."""
        owner, _, _, before = self.stretches
        last = np.append(owner[1:] != owner[:-1], True)
        following = np.append(before[1:], 0.0)
        return np.maximum(np.where(last, self.sums[owner, -1], following) - before, 0.0)

    def masses_by_class(self) -> Floats:
        """Return the density of each sender by class of delay."""
        owner, _, kind, _ = self.stretches
        cells = np.bincount(owner * N_CLASSES + kind, self.masses, self.weights.shape[0] * N_CLASSES)
        return np.asarray(cells.reshape(-1, N_CLASSES), dtype=np.float64)

    def classes_at(self, person: Integers, at: Integers) -> Integers:
        """Return the class of delay of each person at each moment."""
        return self.stretches[2][self.find(person, at)]

    def find(self, person: Integers, at: Integers) -> Integers:
        """Return the stretch in which each person is at each moment."""
        keys, low, span = self._keys
        found = np.searchsorted(keys, person * span + np.clip(at - low, 0, span - 1), side="right")
        return np.asarray(found, dtype=np.int64) - 1

    def locate(self, person: Integers, at: Integers) -> tuple[Integers, Floats]:
        """Return the stretch in which each person is at each moment, and its density before that moment."""
        found = self.find(person, at)
        return found, self.density_before(person, at) - self.stretches[3][found]

    @cached_property
    def _keys(self) -> tuple[Integers, int, int]:
        """Return one ascending number per stretch, made of person and moment, and how it was made."""
        owner, begin, _, _ = self.stretches
        low = int(self.bins[0]) * BIN_S - 1
        span = int(self.bins[-1] + 1) * BIN_S - low + 1
        return owner * span + np.clip(begin - low, 0, span - 1), low, span


@dataclass(frozen=True)
class Paced:
    """A part with a pace: how the sending of each of its senders is spread over time under the null model."""

    part: Part
    pace: Floats

    @cached_property
    def _sums(self) -> tuple[Floats, Integers]:
        """Return the density added up to each stretch, and the first stretch of each sender."""
        owner, _, kind, _ = self.part.stretches
        sums = np.append(0.0, np.cumsum(self.part.masses * self.pace[kind]))
        return sums, np.searchsorted(owner, np.arange(self.part.weights.shape[0] + 1))

    def before(self, person: Integers, found: Integers, within: Floats) -> Floats:
        """Return how probable it is that one burst of each person falls before a moment, from `Part.locate`."""
        _, _, kind, _ = self.part.stretches
        sums, starts = self._sums
        opening = sums[starts[person]]
        whole = sums[starts[person + 1]] - opening
        return np.asarray(np.clip((sums[found] - opening + self.pace[kind[found]] * within) / whole, 0.0, 1.0))


def estimate_pace(sendings: Sendings, everybody: Floats, own: Floats) -> Floats:
    """Return how much more often people send in each class of delay since reading than life and hours alone say.

    Class 0 (nothing read yet) is set to 1; the others are those of `DELAYS_S`, each up to the next.
    """
    seen, masses = np.full(N_CLASSES, PRIOR_BURSTS), np.zeros((sendings.senders.height, N_CLASSES))
    sender = sendings.bursts["sender"].to_numpy()
    for part in lay_out(sendings, everybody, own):
        size = part.weights.shape[0]
        masses[part.first : part.first + size] = part.masses_by_class()
        here = slice(*np.searchsorted(sender, [part.first, part.first + size]))
        kinds = part.classes_at(sender[here] - part.first, sendings.bursts["begin"].to_numpy()[here])
        seen += np.bincount(kinds, minlength=N_CLASSES)
    n_bursts = sendings.senders["n_bursts"].to_numpy()
    pace = np.ones(N_CLASSES)
    for _ in range(ROUNDS):
        paced = masses * pace
        wanted = (paced * (n_bursts / paced.sum(axis=1))[:, None]).sum(axis=0)
        pace *= seen / (wanted + PRIOR_BURSTS)
        pace /= pace[0]
    return pace


def lay_out(sendings: Sendings, everybody: Floats, own: Floats) -> Iterator[Part]:
    """Lay out the senders of one family after the other, in parts of a bounded size."""
    families = sendings.senders.select(pl.col("family_id").rle().struct.field("len")).to_series().to_numpy()
    ends = np.cumsum(families.astype(np.int64))
    reader, read_at = sendings.readings["sender"].to_numpy(), sendings.readings["at"].to_numpy()
    owner, begin = sendings.bursts["sender"].to_numpy(), sendings.bursts["begin"].to_numpy()
    for first, end in zip(ends - families, ends, strict=True):
        bins, life = _family_life(begin[slice(*np.searchsorted(owner, [first, end]))], everybody)
        n_read = np.bincount(reader[slice(*np.searchsorted(reader, [first, end]))] - first, minlength=end - first)
        portion = np.cumsum(bins.size + n_read * N_CLASSES) // CELLS
        for part in np.split(np.arange(first, end), np.flatnonzero(np.diff(portion)) + 1):
            read = slice(*np.searchsorted(reader, [part[0], part[-1] + 1]))
            weights = life * own[part][:, (bins * BIN_S // 3600) % everybody.size]
            yield Part(int(part[0]), bins, weights, reader[read] - part[0], read_at[read])


def _family_life(begins: Integers, everybody: Floats) -> tuple[Integers, Floats]:
    """Return the bins of a family's life and the density of each.

    Each burst is moved by about `_blur` either way, more often to hours at which people write.
    """
    blur = _blur(begins)
    reach = int(3 * blur // BIN_S)
    around = np.arange(-reach, reach + 1)
    kernel = np.exp(-0.5 * (around * BIN_S / blur) ** 2)
    of_burst = begins // BIN_S
    bins = np.unique(np.unique(of_burst)[:, None] + around)
    life = np.zeros(bins.size)
    for start in range(0, of_burst.size, BURSTS):
        reached = of_burst[start : start + BURSTS, None] + around
        moved = kernel * everybody[(reached * BIN_S // 3600) % everybody.size]
        moved /= moved.sum(axis=1, keepdims=True)
        # What a burst reaches stands side by side in the bins.
        place = np.searchsorted(bins, reached[:, :1]) + np.arange(around.size)
        np.add.at(life, place.ravel(), moved.ravel())
    return np.asarray(bins, dtype=np.int64), life


def _blur(begins: Integers) -> float:
    """Return by how many seconds bursts are moved (standard deviation): less in a family that many sent in a rush.

    Silverman's (1986) rule, drawn on a logarithmic scale to `LIFE_S` the more, the fewer bursts there are.
    """
    quarter, three_quarters = np.quantile(begins, [0.25, 0.75])
    spread = min(float(np.std(begins)), float(three_quarters - quarter) / 1.34)
    own = min(max(0.9 * spread * begins.size**-0.2, SHORTEST_S), LIFE_S)
    weight = begins.size / (begins.size + PRIOR_LIFE)
    return float(np.exp(weight * np.log(own) + (1 - weight) * np.log(LIFE_S)))
