"""How probable it is under the null model that two senders of a family come together."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from chatforensics.coordination.null import Floats, Integers, Paced, Part, estimate_pace, lay_out
from chatforensics.coordination.sendings import Sendings

MOST_WINDOWS = 1_000_000  # looked at together
MOST_LOOKUPS = 200_000  # per family; above it only every so manyth sender is looked at


class Spread:
    """How the sending of each sender of a part is spread over time: with the pace, or without where that is more.

    Having read a text can bring two people closer in time, and is never taken to keep them apart: what is read after
    one's own sending, an answer to it perhaps, would otherwise make that sending look improbable.
    """

    def __init__(self, part: Part, pace: Floats) -> None:
        """Take a part of the senders and the pace of the case."""
        self.part = part
        self._both = Paced(part, pace), Paced(part, np.ones_like(pace))

    def between(self, person: Integers, low: Integers, high: Integers) -> Floats:
        """Return how probable it is that one burst of each person falls from the one moment to before the other."""
        begin, end = self.part.locate(person, low), self.part.locate(person, high)
        one, other = (
            np.maximum(paced.before(person, *end) - paced.before(person, *begin), 0.0) for paced in self._both
        )
        return np.maximum(one, other)


@dataclass(frozen=True, slots=True)
class Windows:
    """The stretches of time around the bursts of each sender, in whole seconds, by sender and time.

    Windows of one `kind` are the same stretch; `of_kind` is one of each. By sender: the `first` window and how many.
    """

    sender: Integers
    low: Integers
    high: Integers
    kind: Integers
    of_kind: Integers
    first: Integers
    n_bursts: Integers
    longest_s: Integers
    family_of: Integers


def open_windows(sendings: Sendings, *, window_s: float, step_s: int) -> Windows:
    """Return for each burst from when to before when another share is within the window.

    A printed time stands for all moments up to the next one, `step_s` seconds later.
    """
    senders, bursts = sendings.senders, sendings.bursts
    low = np.floor(bursts["begin"].to_numpy() - window_s).astype(np.int64)
    high = np.floor(bursts["end"].to_numpy() + window_s).astype(np.int64) + step_s
    family_of = senders["family_id"].rle_id().to_numpy().astype(np.int64)
    n_bursts, longest = senders["n_bursts"].to_numpy(), senders["longest_s"].to_numpy()
    stretches = pl.DataFrame({"low": low, "high": high})
    kind = stretches.select(pl.struct(pl.all()).rank("dense").cast(pl.Int64) - 1).to_series().to_numpy()
    _, of_kind = np.unique(kind, return_index=True)
    first = np.cumsum(n_bursts) - n_bursts
    return Windows(bursts["sender"].to_numpy(), low, high, kind, of_kind, first, n_bursts, longest, family_of)


def chance_of_meeting(
    sendings: Sendings, everybody: Floats, own: Floats, asked: pl.DataFrame, windows: Windows
) -> tuple[Floats, Floats]:
    """Return how probable it is that senders meet the bursts of others, and how many others each is expected to meet.

    The union bound over bursts: never less than the probability itself.

    Args:
        sendings: Senders, bursts and readings.
        everybody: Share of messages per hour of the day, 24 numbers.
        own: 24 factors per sender.
        asked: `sender` (whose moments are shuffled) and `other` (whose bursts stand), of one family.
        windows: From `open_windows`.

    Returns:
        One probability per row asked, and one expected number per sender: of the other senders of the family.
    """
    pace = estimate_pace(sendings, everybody, own)
    order = asked["sender"].arg_sort().to_numpy()
    sender, other = (asked[name].to_numpy()[order] for name in ("sender", "other"))
    total, expected = np.empty(asked.height), np.full(windows.n_bursts.size, np.nan)
    for part in lay_out(sendings, everybody, own):
        spread, last = Spread(part, pace), part.first + part.weights.shape[0]
        for some in _cut(sender, other, (part.first, last), windows):
            total[order[some]] = _add_chances(spread, sender[some], other[some], windows)
        expected[part.first : last] = _expect_meetings(spread, windows)
    return np.clip(total, np.finfo(np.float64).tiny, 1.0), _fill(expected, windows.family_of)


def _cut(sender: Integers, other: Integers, part: tuple[int, int], windows: Windows) -> Iterator[slice]:
    """Yield the rows of the senders of a part, about `MOST_WINDOWS` windows at a time."""
    start, end = np.searchsorted(sender, part)
    before = np.cumsum(windows.n_bursts[other[start:end]]) // MOST_WINDOWS
    cuts = start + np.flatnonzero(np.diff(before)) + 1
    return (slice(*both) for both in pairwise([int(start), *cuts.tolist(), int(end)]))


def _add_chances(spread: Spread, sender: Integers, other: Integers, windows: Windows) -> Floats:
    """Return for each row how probable it is that the sender meets the other's bursts: the sum of all of them.

    Many bursts of a family have the same window, for clocks print minutes: where windows come again, each is looked at
    once for each sender.
    """
    n, first = windows.n_bursts[other], windows.first[other]
    row = np.repeat(np.arange(other.size), n)
    at = np.arange(row.size) - (np.cumsum(n) - n - first)[row]
    who = sender[row]
    if not row.size:
        return np.zeros(other.size)
    senders, kinds = np.arange(sender[0], sender[-1] + 1), np.unique(windows.kind[at])
    if senders.size * kinds.size < row.size:
        place = (who - senders[0]) * kinds.size + np.searchsorted(kinds, windows.kind[at])
        table = _reach(spread, np.repeat(senders, kinds.size), np.tile(windows.of_kind[kinds], senders.size), windows)
        chance = table[place]
    else:
        chance = _reach(spread, who, at, windows)
    return np.asarray(np.bincount(row, chance * windows.n_bursts[who], other.size), dtype=np.float64)


def _reach(spread: Spread, sender: Integers, at: Integers, windows: Windows) -> Floats:
    """Return how probable it is that one burst of each sender reaches into a window."""
    low = windows.low[at] - windows.longest_s[sender]
    return spread.between(sender - spread.part.first, low, windows.high[at])


def _expect_meetings(spread: Spread, windows: Windows) -> Floats:
    """Return how many other senders each sender of a part is expected to meet; NaN for those not looked at."""
    first, size = spread.part.first, spread.part.weights.shape[0]
    family = np.searchsorted(windows.family_of, windows.family_of[first] + np.array([0, 1]))
    here = slice(*np.searchsorted(windows.sender, family))
    others, low, high = windows.sender[here], windows.low[here], windows.high[here]
    step = max(1, -(-int(family[1] - family[0]) * others.size // MOST_LOOKUPS))
    looked = np.arange(-first % step, size, step)
    person = np.repeat(looked, others.size)
    sender, met = person + first, np.tile(others, looked.size)
    reach = np.tile(low, looked.size) - windows.longest_s[sender]
    chance = spread.between(person, reach, np.tile(high, looked.size)) * windows.n_bursts[sender]
    expected = np.full(size, np.nan)
    expected[looked] = np.bincount(person, np.where(met == sender, 0.0, np.minimum(chance, 1.0)), size)[looked]
    return expected


def _fill(expected: Floats, family_of: Integers) -> Floats:
    """Put the mean of the family where a sender was not looked at."""
    known = ~np.isnan(expected)
    sums = np.bincount(family_of, np.where(known, expected, 0.0))
    return np.where(known, expected, (sums / np.bincount(family_of, known))[family_of])
