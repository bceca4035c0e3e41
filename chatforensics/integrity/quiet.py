"""Quiet periods: stretches without any record, against the chat's own weeks around them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics.integrity.evidence import INFO, Evidence, Indicator, Observation
from chatforensics.integrity.telling import say_count, say_interval

Seconds = npt.NDArray[np.int64]

_HOUR, _WEEK = 3600, 7 * 86_400
_HOURS = 168
_LOOKED_AT = 50  # the stretches that miss most by the rhythm of the week
_REACH = 26  # stretches of weeks on either side, so that a chat is compared with itself as it was then
_FEWEST = 10  # other stretches; with so few the interval of their quiet share goes up to 31 %
_QUIET_SHARE = 0.05  # of the other stretches: more, and quiet is nothing that stands out
_BUSY = 10  # records in the middle one of the other stretches
_NAMED = 3


def find_quiet(evidence: Evidence) -> Iterator[Observation]:
    """Tell the stretches without a record in hours in which nearly all other weeks have records."""
    if evidence.messages.height < _FEWEST * _BUSY:
        return
    times = evidence.messages["sent_local"].drop_nulls().cast(pl.Int64).to_numpy() // 1_000_000
    if not len(times) or times.max() - times.min() < _FEWEST * _WEEK:
        return
    told = evidence.messages.select("line", at=pl.col("sent_local").dt.epoch("s")).drop_nulls()
    if not all((np.diff(told[name].to_numpy()) >= 0).all() for name in ("at", "line")):
        told = told.sort("at", "line")
    at, lines = told["at"].to_numpy(), told["line"].to_numpy()
    if len(at) < _FEWEST * _BUSY or at[-1] - at[0] < _FEWEST * _WEEK:
        return
    found = [(place, _count_other_weeks(at, place)) for place in _most_missing(at)]
    odd = [(place, counts) for place, counts in found if _stands_out(counts)]
    odd.sort(key=lambda one: (-float(np.median(one[1])), one[0]))
    for place, counts in odd[:_NAMED]:
        yield Observation(INFO, _say(at, place, counts, n_odd=len(odd)), sorted(lines[place : place + 2].tolist()))


def _most_missing(at: Seconds) -> list[int]:
    """Return the stretches that should hold most records by the chat's own hours of the week, by their first record."""
    start = int(at[0]) // _HOUR
    hour = at // _HOUR
    n_hours = int(hour[-1]) - start + 1
    weekly = np.bincount(hour % _HOURS, minlength=_HOURS) / max(1.0, n_hours / _HOURS)
    expected = np.concatenate(([0.0], np.cumsum(weekly[(start + np.arange(n_hours)) % _HOURS])))
    passed = np.interp(at / _HOUR - start, np.arange(n_hours + 1), expected)
    missing = np.diff(passed)
    most = np.argpartition(missing, -min(_LOOKED_AT, len(missing)))[-_LOOKED_AT:]
    return sorted(int(place) for place in most if at[place + 1] - at[place] >= _HOUR)


def _count_other_weeks(at: Seconds, place: int) -> Seconds:
    """Count the records in the same hours of other weeks: moved by as many whole weeks as the stretch is long."""
    first, last = int(at[place]) + 1, int(at[place + 1])
    n_weeks = -(-(last - first) // _WEEK)  # no two of the stretches overlap, so that each counts for itself
    shifts = np.delete(np.arange(-_REACH, _REACH + 1), _REACH) * (n_weeks * _WEEK)
    shifts = shifts[(first + shifts > at[0]) & (last + shifts < at[-1])]
    return np.asarray(np.searchsorted(at, last + shifts) - np.searchsorted(at, first + shifts), dtype=np.int64)


def _stands_out(counts: Seconds) -> bool:
    if len(counts) < _FEWEST or np.median(counts) < _BUSY:
        return False
    return int((counts == 0).sum()) <= _QUIET_SHARE * len(counts)


def _say(at: Seconds, place: int, counts: Seconds, *, n_odd: int) -> str:
    low, middle, high = np.percentile(counts, [5, 50, 95])
    n_quiet = int((counts == 0).sum())
    return (
        f"Quiet period of {_say_length(int(at[place + 1] - at[place]))}, from {_say_time(int(at[place]))} to "
        f"{_say_time(int(at[place + 1]))}; the same hours of the week in {len(counts)} other stretches as long have "
        f"{low:.0f} to {high:.0f} records (5th to 95th percentile; {middle:.0f} in the middle one), and {n_quiet} of "
        f"them none ({say_interval(n_quiet, len(counts))}); {say_count(n_odd, 'such period')} in all."
    )


def _say_length(seconds: int) -> str:
    days = 86_400
    return f"{seconds / days:.1f} days" if seconds >= 2 * days else f"{seconds / _HOUR:.0f} hours"


def _say_time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%d %H:%M")


QUIET: Mapping[str, Indicator] = {
    "I-14": Indicator(
        title="Quiet periods",
        find=find_quiet,
        why=(
            "For some time nobody wrote, in hours in which the chat is busy in other weeks. This names the "
            "periods to ask about; it cannot show that anything was said in them. In a chat of many thousand "
            "pauses some always stand out."
        ),
        innocent=(
            "Holidays, an event that everybody attended, a phone that was off or lost, a time without network, "
            "the exporter out of the group, disappearing messages, a group in which only admins may write, "
            "messages moved to another group."
        ),
        resolve="The export of another member over the same days; notices of disappearing messages or of leaving.",
    ),
}
