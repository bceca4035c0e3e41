"""Counts put into observations: where they are, how sure a share is, and from where on it is another."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from chatforensics.integrity.evidence import Evidence, Observation
from chatforensics.integrity.telling import MOST_LINES, say_interval

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

_SMALLEST = 1e-12
_SURE_CHANGE = 14.0  # of log likelihood, above the logarithm of the places tried: about one chance in a million
_SHORTEST = 10  # values on either side of a change


def observe(evidence: Evidence, level: str, value: str, rows: Flags | Places) -> Observation:
    """Make an observation about messages, by flags or ascending places; at most 1,000 of their lines are listed."""
    lines = evidence.messages["line"].to_numpy()[rows]
    if len(lines) > MOST_LINES:
        value = f"{value} The first {MOST_LINES:,} of {len(lines):,} lines are listed."
    return Observation(level, value, lines[:MOST_LINES].tolist())


def say_share(n: int, of: int) -> str:
    """Say a share with its uncertainty, for instance `12 of 40 (30.0 %, 95 % interval 16.6 to 46.5 %)`."""
    return f"{n:,} of {of:,} ({100 * n / of:.1f} %, {say_interval(n, of)})"


def say_chance(p_value: float) -> str:
    """Say a p-value; what is below one in a million million is not told apart."""
    return f"p below {_SMALLEST:.0e}" if p_value < _SMALLEST else f"p = {p_value:.2g}"


def say_some(words: Sequence[str], *, most: int = 5) -> str:
    """List words, at most some of them, and how many more there are."""
    more = f" and {len(words) - most:,} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more


def find_change(flags: Flags) -> int | None:
    """Find the place from which on the share of true values is another; None where no place stands out clearly.

    The place is the likeliest single change; a slow drift also has one.
    """
    n = len(flags)
    if n < 2 * _SHORTEST:
        return None
    before = np.arange(_SHORTEST, n - _SHORTEST + 1)
    hits = np.cumsum(flags, dtype=np.int64)
    first, total = hits[before - 1], hits[-1:]
    gain = _likelihood(first, before) + _likelihood(total - first, n - before) - _likelihood(total, np.array([n]))
    best = int(gain.argmax())
    return int(before[best]) if gain[best] > _SURE_CHANGE + np.log(len(before)) else None


def _likelihood(hits: Places, totals: Places) -> npt.NDArray[np.float64]:
    """Return the log likelihood of counts under their own share."""
    share = np.clip(hits / totals, _SMALLEST, 1 - _SMALLEST)
    return np.asarray(hits * np.log(share) + (totals - hits) * np.log1p(-share), dtype=np.float64)
