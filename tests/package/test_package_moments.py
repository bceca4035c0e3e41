"""Times as intervals: no finer than the clock that printed them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chatforensics.package.moments import tell_moment

AT = datetime(2031, 3, 3, 19, 42)


def _moment(*clocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    message = {"sent_local": AT, "sent_at": AT.replace(tzinfo=UTC), "clock_step_s": 60, "dst": None}
    return tell_moment(message | more, clocks)


def test_a_minute_is_the_interval_of_its_seconds() -> None:
    told = _moment()
    assert told["printed"] == "2031-03-03 19:42"
    assert told["local"] == {"begin": "2031-03-03 19:42:00", "end": "19:42:59"}


def test_a_clock_of_seconds_prints_them_and_a_clock_of_days_no_time() -> None:
    assert _moment(clock_step_s=1)["printed"] == "2031-03-03 19:42:00"
    day = _moment(clock_step_s=86_400, sent_local=datetime(2031, 3, 3))
    assert (day["printed"], day["local"]["end"]) == ("2031-03-03", "23:59:59")


def test_a_message_without_a_time_has_no_interval() -> None:
    assert _moment(sent_local=None) == {"printed": None}


def test_an_unplaced_clock_has_no_utc_and_no_doubt_in_seconds() -> None:
    told = _moment(sent_at=None)
    assert (told["utc"], told["doubt"], told["basis"]) == (None, None, None)


def test_the_doubt_is_that_of_the_stretch_of_the_clock_in_which_the_message_stands() -> None:
    early = {"from_local": None, "to_local": AT - timedelta(hours=1), "uncertainty_s": 3, "basis": "early"}
    late = {"from_local": AT - timedelta(minutes=59), "to_local": None, "uncertainty_s": 9, "basis": "late"}
    assert [_moment(early, late)[key] for key in ("doubt", "basis")] == [9, "late"]


def test_a_time_that_its_zone_skips_or_has_twice_is_said() -> None:
    assert "does not exist" in _moment(dst="gap")["dst"]
    assert "twice" in _moment(dst="fold")["dst"]
    assert _moment()["dst"] is None


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), st.sampled_from([1, 60]))
def test_an_interval_is_as_long_as_a_step_of_the_clock(at: datetime, step: int) -> None:
    at = at.replace(microsecond=0, second=at.second if step == 1 else 0)
    told = _moment(sent_local=at, clock_step_s=step)["local"]
    begin = datetime.fromisoformat(told["begin"])
    end = datetime.fromisoformat(f"{begin:%Y-%m-%d} {told['end']}")
    assert (begin, end - begin) == (at, timedelta(seconds=step - 1))
