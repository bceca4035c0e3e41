"""Indicators of the clock: steps back, skipped hours, seconds and round minutes."""

from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from integrity.received import evidence_from, observe

from chatforensics.integrity.clockface import CLOCKFACE

START = datetime(2025, 5, 20, 12, 30)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ENCRYPTED = "Messages and calls are end-to-end encrypted. Tap to learn more."


def android(moment: datetime, body: str = "Ama: hello") -> str:
    return f"{moment:%d/%m/%Y, %H:%M} - {body}"


def ios(moment: datetime, body: str = "Ama: hello") -> str:
    return f"[{moment:%d/%m/%Y, %H:%M:%S}] {body}"


def seen(number: str, lines: list[str], *, zone: str | None = None) -> list[tuple[str, str, list[int]]]:
    raw = "".join(f"{line}\n" for line in lines).encode()
    return [
        (x.level, x.value, list(x.lines))
        for x in observe(CLOCKFACE, number, evidence_from(raw, dates="dmy", zone=zone))
    ]


def test_times_that_go_forward_show_nothing() -> None:
    assert seen("I-03", [android(START + at * MINUTE) for at in range(5)]) == []


def test_a_message_out_of_order_within_a_day_is_only_told() -> None:
    lines = [android(START), android(START + HOUR), android(START + MINUTE), android(START + 2 * HOUR)]
    assert seen("I-03", lines) == [("info", "1 message is earlier than the record above, by 59 minutes.", [3])]


def test_one_step_of_the_clock_back_is_within_its_precision() -> None:
    assert seen("I-03", [android(START), android(START + MINUTE), android(START)]) == []


def test_a_message_more_than_a_day_back_is_unexplained() -> None:
    lines = [android(START), android(START + 5 * DAY), android(START + DAY), android(START + 6 * DAY)]
    assert seen("I-03", lines) == [("unexplained", "1 message is earlier than the record above, by 4 days.", [3])]


def test_a_notice_out_of_order_is_told_as_a_notice() -> None:
    lines = [android(START), android(START + 5 * DAY), android(START, "Ama left"), android(START + 6 * DAY)]
    ((level, value, told),) = seen("I-03", lines)
    assert (level, told) == ("info", [3])
    assert value.startswith("1 notice is earlier")


def test_a_step_of_one_hour_exactly_is_named() -> None:
    lines = [android(START + HOUR), android(START), android(START + MINUTE)]
    ((_, value, _),) = seen("I-03", lines)
    assert value.endswith("1 step of one hour exactly, as when a clock is put back.")


def test_a_step_back_in_the_hour_that_occurs_twice_is_explained_by_the_zone() -> None:
    lines = [android(datetime(2025, 10, 26, 1, 50)), android(datetime(2025, 10, 26, 1, 5))]
    ((level, value, told),) = seen("I-03", lines, zone="Europe/London")
    assert (level, told) == ("info", [2])
    assert value.endswith("within the hour that clocks in Europe/London show twice in autumn.")
    ((_, value, _),) = seen("I-03", lines)
    assert "autumn" not in value


def test_the_opening_notices_may_stand_in_any_order() -> None:
    opening = [android(START + DAY, ENCRYPTED), android(START, "Ama created group “Choir”")]
    assert seen("I-03", [*opening, android(START + MINUTE), android(START + DAY)]) == []


def test_a_time_in_the_skipped_hour_is_unexplained_only_where_a_zone_skips_it() -> None:
    lines = [android(datetime(2025, 3, 30, 0, 59)), android(datetime(2025, 3, 30, 1, 30))]
    ((level, value, told),) = seen("I-04", lines, zone="Europe/London")
    assert (level, told) == ("unexplained", [2])
    assert "1 record in an hour that clocks in Europe/London skipped (2025-03-30)." in value
    assert seen("I-04", lines, zone="UTC") == []
    assert seen("I-04", lines, zone="Asia/Karachi") == []
    assert seen("I-04", lines) == []


def test_half_an_hour_is_skipped_where_the_zone_skips_half_an_hour() -> None:
    lines = [android(datetime(2025, 10, 5, 2, 29)), android(datetime(2025, 10, 5, 2, 30))]
    ((_, _, told),) = seen("I-04", lines, zone="Australia/Lord_Howe")
    assert told == [1]


def times(n: int, *, round_share: float = 0.0, zero_share: float = 0.0) -> list[datetime]:
    """Return times some minutes apart, some of them moved to a minute ending in 0 or to the second 0."""
    found: list[datetime] = []
    pick, moment = np.random.default_rng(1), START
    for _ in range(n):
        moment += timedelta(seconds=int(pick.integers(400, 4000)))
        rounded = moment.replace(second=0) if pick.random() < zero_share else moment
        found.append(rounded.replace(minute=rounded.minute // 10 * 10) if pick.random() < round_share else rounded)
    return found


def test_seconds_as_clocks_show_them_are_not_told() -> None:
    assert seen("I-21", [ios(moment) for moment in times(400)]) == []


def test_seconds_that_are_often_zero_are_unexplained_with_their_lines() -> None:
    moments = times(400, zero_share=0.2)
    ((level, value, told),) = seen("I-21", [ios(moment) for moment in moments])
    assert level == "unexplained"
    assert told == [line for line, moment in enumerate(moments, start=1) if moment.second == 0]
    assert "95 % interval" in value
    assert "show :00, where 1.7 % would by chance" in value


@pytest.mark.parametrize("n", [1, 199])
def test_few_seconds_show_nothing(n: int) -> None:
    assert seen("I-21", [ios(moment) for moment in times(n, zero_share=1.0)]) == []


def test_what_was_sent_in_one_second_counts_once() -> None:
    moments = [START] * 300 + times(50)
    assert seen("I-21", [ios(moment) for moment in moments]) == []


def test_a_clock_of_minutes_has_no_seconds_to_test() -> None:
    moments = times(400, zero_share=1.0)
    assert seen("I-21", [android(moment) for moment in moments]) == []


@pytest.mark.parametrize("line", [ios, android])
def test_round_minutes_are_told_only_where_far_more_than_one_in_five(line: Callable[[datetime], str]) -> None:
    assert seen("I-22", [line(moment) for moment in times(600)]) == []
    ((level, value, told),) = seen("I-22", [line(moment) for moment in times(600, round_share=0.3)])
    assert level == "unexplained"
    assert "distinct times end in 0 or 5" in value
    assert len(told) > 180


def test_dates_without_times_have_no_minutes_to_test() -> None:
    assert seen("I-22", [f"{START + at * DAY:%d/%m/%Y} - Ama: hello" for at in range(400)]) == []


def test_few_round_minutes_show_nothing() -> None:
    assert seen("I-22", [android(moment) for moment in times(299, round_share=1.0)]) == []


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 6 * 1440), min_size=2, max_size=30))
def test_every_message_earlier_than_the_one_above_is_told_and_no_other(minutes: list[int]) -> None:
    moments = [START + at * MINUTE for at in minutes]
    told = {line for _, _, lines in seen("I-03", [ios(moment) for moment in moments]) for line in lines}
    assert told == {at + 1 for at in range(1, len(moments)) if moments[at] < moments[at - 1]}
