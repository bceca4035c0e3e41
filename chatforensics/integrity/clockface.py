"""What the clock of an export shows: times that run back, that no clock showed, and digits that stand out."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics.integrity.counts import Flags, observe, say_chance, say_share, say_some
from chatforensics.integrity.evidence import INFO, UNEXPLAINED, Evidence, Indicator, Observation
from chatforensics.integrity.telling import say_count, share_interval
from chatforensics.schema import LOCAL
from chatforensics.zones import tell_dst

Seconds: TypeAlias = npt.NDArray[np.int64]

_SECOND = 1_000_000  # in the unit of local times
_MINUTE_S, _QUARTER_S, _HOUR_S, _DAY_S = 60, 900, 3600, 86_400
_NEVER = -1  # for records without a time, or whose time nobody chose
_UNITS = ((_DAY_S, "day"), (_HOUR_S, "hour"), (_MINUTE_S, "minute"), (1, "second"))
_FEWEST_SECONDS, _FEWEST_MINUTES = 200, 300
_MUCH = 0.3  # of minutes that end in 0 or 5, of which one in five does by chance
_UNLIKELY = 1e-6


def find_backward(evidence: Evidence) -> Iterator[Observation]:
    """Tell records whose time is before that of the record above by more than the clock's step."""
    steps = _steps_back(evidence)
    if not steps.any():
        return
    fold = _are_in_fold(evidence, steps)
    if fold.any():
        where = f"within the hour that clocks in {evidence.timezone} show twice in autumn"
        value = f"{_say_back(fold, steps, 'record')}, {where}."
        yield observe(evidence, INFO, value, fold)
    typed = evidence.messages["sender_label"].is_not_null().to_numpy()
    short, long = (steps > 0) & (steps <= _DAY_S) & ~fold, steps > _DAY_S
    parts = (
        (short & typed, INFO, "message"),
        (long & typed, UNEXPLAINED, "message"),
        ((short | long) & ~typed, INFO, "notice"),
    )
    for rows, level, what in parts:
        if rows.any():
            value = f"{_say_back(rows, steps, what)}. {_say_hours(steps[rows])}"
            yield observe(evidence, level, value.strip(), rows)


def _steps_back(evidence: Evidence) -> Seconds:
    """Return by how many seconds each record is before the one above; 0 up to the first message and within a step."""
    at = evidence.messages["sent_local"]
    times = _read_seconds(at.forward_fill() if at.null_count() else at)
    steps = -np.diff(times, prepend=times[:1])
    steps[steps <= int(str(evidence.source["clock_step_s"]))] = 0
    if not steps.any():
        return steps
    typed = evidence.messages["sender_label"].is_not_null()
    # Phones print the opening notices in any order.
    steps[: 1 + int(typed.arg_max() or 0) if typed.any() else len(steps)] = 0
    return steps


def _read_seconds(times: pl.Series) -> Seconds:
    """Return local times in seconds since 1970; 0 where there is none."""
    known = times.cast(pl.Int64)
    return np.asarray((known.fill_null(0) if known.null_count() else known).to_numpy() // _SECOND)


def _are_in_fold(evidence: Evidence, steps: Seconds) -> Flags:
    """Tell the steps of up to an hour that lead into the hour which the zone's clocks show twice."""
    found = (steps > 0) & (steps <= _HOUR_S)
    if evidence.timezone is None:
        return np.zeros(len(found), dtype=bool)
    times = evidence.messages.select("sent_local").filter(pl.Series(found))
    told = times.select(tell_dst(pl.col("sent_local"), zone=evidence.timezone).eq_missing("fold"))
    found[found] = told.to_series().to_numpy()
    return found


def _say_back(rows: Flags, steps: Seconds, what: str) -> str:
    n, longest = int(rows.sum()), _say_span(int(steps[rows].max()))
    if n == 1:
        return f"1 {what} is earlier than the record above, by {longest}"
    return f"{n:,} {what}s are earlier than the record above, by {longest} at most"


def _say_span(seconds: int) -> str:
    unit, name = next((unit, name) for unit, name in _UNITS if seconds >= 2 * unit or unit == 1)
    about = "about " if seconds % unit else ""
    return f"{about}{say_count(round(seconds / unit), name)}"


def _say_hours(steps: Seconds) -> str:
    n = int((steps == _HOUR_S).sum())
    return f"{say_count(n, 'step')} of one hour exactly, as when a clock is put back." if n else ""


def find_impossible(evidence: Evidence) -> Iterator[Observation]:
    """Tell times in the hour that the zone's clocks skip in spring."""
    if evidence.timezone is None:
        return
    quarters = _read_seconds(evidence.messages["sent_local"]) // _QUARTER_S  # hours are skipped from a quarter on
    skipped = np.isin(quarters, _find_skipped(quarters, zone=evidence.timezone))
    if not skipped.any():
        return
    skipped &= evidence.messages["sent_local"].is_not_null().to_numpy()
    if skipped.any():
        days = evidence.messages["sent_local"].filter(pl.Series(skipped)).dt.date().unique().sort().cast(pl.String)
        value = (
            f"{say_count(int(skipped.sum()), 'record')} in an hour that clocks in {evidence.timezone} skipped "
            f"({say_some(days.to_list())}). A clock in a zone without that change, such as UTC, shows it."
        )
        yield observe(evidence, UNEXPLAINED, value, skipped)


def _find_skipped(quarters: Seconds, *, zone: str) -> Seconds:
    """Return the quarters of an hour since 1970 that the zone's clocks skip in the years of some quarters."""
    years = (quarters * _QUARTER_S).astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64)
    first = int(years.min())
    return np.concatenate(
        [_find_skipped_in(first + more, zone=zone) for more in np.flatnonzero(np.bincount(years - first)).tolist()]
    )


@lru_cache(maxsize=1024)
def _find_skipped_in(year: int, *, zone: str) -> Seconds:
    """Return the quarters that the zone's clocks skip in one year, counted from 1970."""
    first, last = (np.datetime64(number, "Y").astype("datetime64[s]").astype(np.int64) for number in (year, year + 1))
    quarters = pl.Series("quarter", np.arange(first // _QUARTER_S, last // _QUARTER_S))
    wall = (quarters * (_QUARTER_S * _SECOND)).cast(LOCAL).to_frame("wall")
    skipped = wall.select(tell_dst(pl.col("wall"), zone=zone).eq_missing("gap")).to_series()
    return quarters.filter(skipped).to_numpy()


def find_seconds(evidence: Evidence) -> Iterator[Observation]:
    """Tell whether the seconds of the messages fall on all sixty alike."""
    if evidence.source["clock_step_s"] != 1:
        return
    if evidence.messages.height < _FEWEST_SECONDS:
        return
    seconds, distinct = _read_typed(evidence, step_s=1)
    counts = np.bincount(seconds[distinct] % _MINUTE_S, minlength=_MINUTE_S)
    n, top = int(counts.sum()), int(counts.argmax())
    if n < _FEWEST_SECONDS:
        return
    from scipy.special import chdtrc

    expected = n / _MINUTE_S
    p_value = float(chdtrc(_MINUTE_S - 1, float(((counts - expected) ** 2 / expected).sum())))
    if p_value < _UNLIKELY:
        value = (
            f"The seconds of {n:,} distinct times do not fall on all sixty alike (chi-square test, "
            f"{say_chance(p_value)}): {say_share(int(counts[top]), n)} show :{top:02d}, where 1.7 % would by chance."
        )
        yield observe(evidence, UNEXPLAINED, value, (seconds % _MINUTE_S == top) & (seconds != _NEVER))


def find_round_minutes(evidence: Evidence) -> Iterator[Observation]:
    """Tell whether far more minutes end in 0 or 5 than one in five."""
    if evidence.source["clock_step_s"] not in (1, _MINUTE_S):
        return
    if evidence.messages.height < _FEWEST_MINUTES:
        return
    minutes, distinct = _read_typed(evidence, step_s=_MINUTE_S)
    is_round = minutes % 5 == 0
    n, n_round = int(distinct.sum()), int((is_round & distinct).sum())
    if n >= _FEWEST_MINUTES and share_interval(n_round, n)[0] > _MUCH:
        value = (
            f"The minutes of {say_share(n_round, n)} distinct times end in 0 or 5, where one in five would by chance."
        )
        yield observe(evidence, UNEXPLAINED, value, is_round & (minutes != _NEVER))


def _read_typed(evidence: Evidence, *, step_s: int) -> tuple[Seconds, Flags]:
    """Return the local times of messages in whole steps since 1970, and which of them differ from the one above.

    So what was sent in one go counts once. Notices and what has no time are `_NEVER`.
    """
    columns = evidence.messages.select("sent_local", pl.col("sender_label").is_not_null().alias("typed"))
    known = (columns["typed"] & columns["sent_local"].is_not_null()).to_numpy()
    steps = np.where(known, _read_seconds(columns["sent_local"]) // step_s, _NEVER)
    return steps, known & (np.diff(steps, prepend=_NEVER) != 0)


CLOCKFACE: Mapping[str, Indicator] = {
    "I-03": Indicator(
        title="Times that run back",
        find=find_backward,
        why=(
            "Records stand in the order in which the phone stored them, so that times go forward. A step back is "
            "either late arrival, a clock that was set, or a line that was moved, added or given another time."
        ),
        innocent=(
            "A message sent without network arrives later but keeps its time. Phones print notices in a separate go. "
            "Clocks are put back in autumn, when travelling and when they are wrong."
        ),
        resolve="Another member's export, where late arrival differs; the message's details on the phone.",
    ),
    "I-04": Indicator(
        title="Times that the zone's clocks never showed",
        find=find_impossible,
        why="In spring an hour is skipped. A time in it was not shown by a clock in this zone.",
        innocent=(
            "The zone was declared or assumed wrongly: a phone prints all times of an export in the zone that it is in "
            "at the time of the export. A phone whose clock is set by hand shows any time."
        ),
        resolve="Where the phone was at the time of the export, and its time zone setting.",
    ),
    "I-21": Indicator(
        title="Seconds of the times",
        find=find_seconds,
        why=(
            "Nobody chooses the second in which a message is sent, so that all sixty are about equally frequent. Times "
            "that were typed or made by a program often end in :00."
        ),
        innocent=(
            "Messages sent by a program on a timetable, such as reminders and news; an app that stores times to the "
            "minute only; a file that was tidied by a program."
        ),
        resolve="The message's details on the phone; another member's export, which shows the same seconds.",
    ),
    "I-22": Indicator(
        title="Round minutes",
        find=find_round_minutes,
        why="Times that people make up end in 0 or 5 more often than one in five; times that clocks show do not.",
        innocent=(
            "Messages sent on a timetable, alarms and bus times that people write by; a group that talks only at fixed "
            "hours."
        ),
        resolve="Another member's export of the same chat; the message's details on the phone.",
    ),
}
