"""How probable it is under the null model that two senders of a family come together."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from chatforensics.coordination.null import Floats, Integers, Paced, Part, estimate_pace, lay_out
from chatforensics.coordination.sendings import Sendings

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
        one, other = (paced.between(person, low, high) for paced in self._both)
        return np.maximum(one, other)


@dataclass(frozen=True, slots=True)
class Windows:
    """The stretches of time around the bursts of each sender, in whole seconds, by sender."""

    sender: Integers
    low: Integers
    high: Integers
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
    return Windows(bursts["sender"].to_numpy(), low, high, n_bursts, longest, family_of)


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
    rows = _look_up(asked, windows)
    sender, found = rows["sender"].to_numpy(), np.zeros(rows.height)
    expected = np.full(windows.n_bursts.size, np.nan)
    for part in lay_out(sendings, everybody, own):
        spread, last = Spread(part, pace), part.first + part.weights.shape[0]
        here = slice(*np.searchsorted(sender, [part.first, last]))
        low, high = (rows[name][here].to_numpy() for name in ("low", "high"))
        found[here] = spread.between(sender[here] - part.first, low, high)
        expected[part.first : last] = _expect_meetings(spread, windows)
    total = np.bincount(rows["row"].to_numpy(), found * windows.n_bursts[sender], asked.height)
    return np.clip(total, np.finfo(np.float64).tiny, 1.0), _fill(expected, windows.family_of)


def _look_up(asked: pl.DataFrame, windows: Windows) -> pl.DataFrame:
    """Return every window that is asked about: `row`, `sender`, `low`, `high`, by sender."""
    table = pl.DataFrame({"other": windows.sender, "low": windows.low, "high": windows.high})
    rows = asked.with_row_index("row").join(table, on="other").sort("sender", "row", "low")
    longest = pl.Series(windows.longest_s[rows["sender"].to_numpy()])
    return rows.with_columns(low=pl.col("low") - longest)


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
