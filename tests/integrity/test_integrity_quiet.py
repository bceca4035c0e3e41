"""Quiet periods against the other weeks of the chat."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from integrity.chats import START, Said, evidence_of_records

from chatforensics.integrity import Observation
from chatforensics.integrity.quiet import QUIET, _count_other_weeks

WEEK, DAY = 7 * 86_400, 86_400
BUSY_HOURS = range(9, 21)


def weeks(n: int, *, without: range = range(0)) -> list[datetime]:
    """Return times of a chat with records at every minute 10 and 40 of the day, apart from some days."""
    days = (START.replace(hour=0, minute=0) + timedelta(days=day) for day in range(7 * n) if day not in without)
    return [day + timedelta(hours=hour, minutes=minute) for day in days for hour in BUSY_HOURS for minute in (10, 40)]


def quiet(times: list[datetime]) -> list[Observation]:
    gaps = [int((after - before).total_seconds()) for before, after in zip([times[0], *times], times, strict=False)]
    said = [Said("Ama", "hello", after_s=gap) for gap in gaps]
    return list(QUIET["I-14"].find(evidence_of_records(said, start=times[0])))


def test_a_chat_of_even_weeks_has_no_quiet_period() -> None:
    assert quiet(weeks(30)) == []


def test_three_days_without_a_record_are_named_with_the_other_weeks_beside_them() -> None:
    seen = quiet(weeks(30, without=range(100, 103)))
    assert [one.level for one in seen] == ["info"]
    assert seen[0].lines == [2400, 2401]
    assert "from 2024-06-20 20:40 to 2024-06-24 09:10" in seen[0].value
    assert "29 other stretches as long have 72 to 72 records" in seen[0].value
    assert "0 of them none (95 % interval 0.0 to 11.9 %)" in seen[0].value
    assert "delet" not in seen[0].value


def test_nights_and_quiet_weekdays_are_no_quiet_periods() -> None:
    sundays = range(4, 7 * 30, 7)
    assert quiet([time for time in weeks(30) if (time.date() - START.date()).days not in sundays]) == []


def test_a_chat_of_few_weeks_has_nothing_to_be_compared_with() -> None:
    assert quiet(weeks(9, without=range(30, 33))) == []
    assert len(quiet(weeks(12, without=range(30, 33)))) == 1


def test_a_chat_of_few_records_says_nothing() -> None:
    assert quiet([START + timedelta(weeks=week) for week in range(30)]) == []


@pytest.mark.parametrize("n", [0, 1, 2])
def test_an_export_of_hardly_any_records_says_nothing(n: int) -> None:
    said = [Said("Ama", "hello")] * n
    assert list(QUIET["I-14"].find(evidence_of_records(said))) == []


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, 12 * WEEK), min_size=2, max_size=60, unique=True).map(sorted),
    st.integers(0, 10_000),
)
def test_records_of_other_weeks_are_counted_as_a_slow_count_does(times: list[int], choice: int) -> None:
    place = choice % (len(times) - 1)
    first, last = times[place] + 1, times[place + 1]
    step = -(-(last - first) // WEEK) * WEEK
    shifts = [step * n for n in range(-26, 27) if n]
    inside = [shift for shift in shifts if first + shift > times[0] and last + shift < times[-1]]
    slow = [sum(first + shift <= time < last + shift for time in times) for shift in inside] if step else None
    if slow is not None:
        assert _count_other_weeks(np.array(times), place).tolist() == slow
