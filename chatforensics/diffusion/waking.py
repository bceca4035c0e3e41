"""The hours in which the people of a case are awake, and a clock that stands still while they sleep."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from chatforensics.diffusion.candidates import Integers
from chatforensics.diffusion.wordings import Floats
from chatforensics.schema import AnyMessages

MICROSECONDS = 1_000_000
_HOUR, _DAY = 3600 * MICROSECONDS, 24 * 3600 * MICROSECONDS
# An hour with less than this part of an average hour's messages counts as asleep; with few messages nobody can tell.
_ASLEEP = 0.2
_FEWEST = 500


@dataclass(frozen=True, slots=True)
class WakingClock:
    """Counts the waking time between two moments; `awake` has one entry per hour of the day (UTC)."""

    awake: tuple[bool, ...]

    def between(self, earlier: Integers, later: Integers) -> Floats:
        """Return the waking seconds from each earlier moment to the later one (in µs); 0 where none lies between."""
        return wait_between(self.read(earlier), self.read(later))

    def read(self, moments: Integers) -> Integers:
        """Return the waking time until each moment since 1970, in µs."""
        awake = np.array(self.awake, dtype=np.int64)
        before = np.concatenate([[0], np.cumsum(awake)]) * _HOUR
        day, within = np.divmod(moments, _DAY)
        hour = within // _HOUR
        waking: Integers = day * before[-1] + before[hour] + awake[hour] * (within - hour * _HOUR)
        return waking


def wait_between(earlier: Integers, later: Integers) -> Floats:
    """Return the waking seconds between moments of which the waking time is read already; 0 where none lies between."""
    passed: Floats = np.maximum(0, later - earlier) / MICROSECONDS
    return passed


def find_waking_hours(messages: AnyMessages) -> tuple[bool, ...]:
    """Say of each hour of the day (UTC) whether the people of the case are awake in it, from when they write at all.

    Notices do not count. Where fewer than 500 messages are known, every hour counts as waking.
    """
    hour = pl.col("sent_at").dt.hour().alias("hour")
    written = messages.lazy().filter(pl.col("kind") != "system").select(hour).drop_nulls().group_by("hour").len()
    counts = np.zeros(24, dtype=np.int64)
    for at, n in written.collect().iter_rows():
        counts[at] = n
    if counts.sum() < _FEWEST:
        return (True,) * 24
    return tuple((counts >= _ASLEEP * counts.mean()).tolist())
