from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics import schema
from chatforensics.diffusion.waking import WakingClock, find_waking_hours

HOUR_US = 3600 * 1_000_000
MIDNIGHT = datetime(2026, 5, 4, tzinfo=UTC)
DAY_ONLY = WakingClock(tuple(6 <= hour < 22 for hour in range(24)))


def written(hours: list[int], *, kind: str = "text") -> schema.Messages:
    rows = [
        {"message_id": number, "sent_at": MIDNIGHT + timedelta(hours=hour), "kind": kind}
        for number, hour in enumerate(hours)
    ]
    return schema.Messages(pl.DataFrame(rows, schema=dict(schema.TABLES["messages"])))


def waking_hours(clock: WakingClock, begin: float, end: float) -> float:
    """Return the waking hours between two moments, in hours since a midnight."""
    moments = [np.array([round(hour * HOUR_US)], dtype=np.int64) for hour in (begin, end)]
    return float(clock.between(*moments)[0]) / 3600


@pytest.mark.parametrize(
    ("begin", "end", "hours"), [(10, 12.5, 2.5), (21, 31, 2), (23, 29, 0), (23, 30.5, 0.5), (10, 34, 16), (12, 10, 0)]
)
def test_the_clock_stands_still_by_night(begin: float, end: float, hours: float) -> None:
    assert waking_hours(DAY_ONLY, begin, end) == pytest.approx(hours)


def test_the_clock_runs_before_1970_as_after() -> None:
    assert waking_hours(DAY_ONLY, -24 * 9000 + 21, -24 * 9000 + 31) == pytest.approx(2)


@settings(max_examples=60, deadline=None)
@given(
    awake=st.lists(st.booleans(), min_size=24, max_size=24),
    begin=st.integers(-3000, 3000),
    length=st.integers(0, 3000),
)
def test_waking_time_equals_that_counted_minute_by_minute(awake: list[bool], begin: int, length: int) -> None:
    counted = sum(awake[minute // 60 % 24] for minute in range(begin, begin + length))
    assert waking_hours(WakingClock(tuple(awake)), begin / 60, (begin + length) / 60) * 60 == pytest.approx(counted)


def test_hours_in_which_hardly_anybody_writes_are_asleep() -> None:
    hours = [hour for hour in range(6, 22) for _ in range(50)] + [3]
    assert find_waking_hours(written(hours)) == DAY_ONLY.awake


def test_with_few_messages_everybody_counts_as_awake() -> None:
    assert find_waking_hours(written([9] * 499)) == (True,) * 24
    assert sum(find_waking_hours(written([9] * 500))) == 1
    assert find_waking_hours(written([])) == (True,) * 24


def test_notices_say_nothing_about_waking() -> None:
    people, notices = written([9] * 500), written([3] * 500, kind="system")
    both = schema.Messages(pl.concat([people, notices]))
    assert find_waking_hours(both) == find_waking_hours(people)
