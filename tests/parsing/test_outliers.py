"""Lines out of order in time: the fewest are flagged, and only where clocks cannot explain them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.parsing.outliers import find_outliers
from chatforensics.parsing.timeline import NO_MOMENT

HOUR, DAY = 3600, 86_400
TIMES = st.lists(st.integers(-50 * DAY, 50 * DAY) | st.just(NO_MOMENT), max_size=40)


def outliers(times: list[int]) -> list[int]:
    found: list[int] = find_outliers(np.array(times, dtype=np.int64)).tolist()
    return found


def days(*numbers: int) -> list[int]:
    return [number * DAY for number in numbers]


def longest_in_order(numbers: list[int]) -> int:
    """Count the most numbers that never step back, the slow and obvious way."""
    best: list[int] = []
    for place, number in enumerate(numbers):
        best.append(1 + max((best[k] for k in range(place) if numbers[k] <= number), default=0))
    return max(best, default=0)


def test_a_late_notice_is_one_line_out_of_order() -> None:
    assert outliers(days(1, 2, 3, 4, 1, 4, 5)) == [4]


def test_an_agenda_of_days_to_come_is_out_of_order_and_the_genuine_messages_are_not() -> None:
    assert outliers(days(1, 1, 2, 9, 16, 23, 2, 3, 4, 5)) == [3, 4, 5]


def test_a_long_chat_pasted_from_earlier_is_out_of_order() -> None:
    own = days(*range(100, 130))
    assert outliers(own[:20] + days(*range(15)) + own[20:]) == list(range(20, 35))


def test_an_old_block_at_the_end_is_out_of_order() -> None:
    assert outliers(days(10, 11, 12, 1, 2)) == [3, 4]


def test_of_two_stretches_the_one_with_fewer_lines_is_out_of_order_though_it_has_more_days() -> None:
    assert outliers([*days(1, 2, 3), *[-20 * DAY + minute * 60 for minute in range(9)]]) == [0, 1, 2]


def test_two_clocks_twenty_hours_apart_are_in_order() -> None:
    own = [hour * HOUR for hour in range(0, 400, 3)]
    assert outliers([moment for time in own for moment in (time, time - 20 * HOUR)]) == []


def test_twenty_six_hours_are_what_clocks_may_differ() -> None:
    assert outliers([*days(5, 5), 5 * DAY - 26 * HOUR, *days(5)]) == []
    assert outliers([*days(5, 5), 5 * DAY - 26 * HOUR - 1, *days(5)]) == [2]


def test_lines_without_a_time_are_never_out_of_order_and_keep_their_places() -> None:
    assert outliers([NO_MOMENT, *days(5, 5), NO_MOMENT, *days(1, 5)]) == [4]
    assert outliers([NO_MOMENT, NO_MOMENT]) == []
    assert outliers([]) == []


def test_of_two_lines_that_are_each_near_the_order_and_far_from_each_other_the_later_one_is_out_of_it() -> None:
    assert outliers([*days(0, 0, 20), -1, 20 * DAY - 2 * HOUR]) == [3]


def test_small_steps_back_add_up() -> None:
    steps = [26 * HOUR, 5 * HOUR, -11 * HOUR, -30 * HOUR - 1, 26 * HOUR]
    assert outliers(steps) == [0, 1]


@given(TIMES)
def test_any_times_give_some_of_the_places_in_order(times: list[int]) -> None:
    found = outliers(times)
    assert found == sorted(set(found))
    assert all(times[place] != NO_MOMENT for place in found)
    assert len(found) < len(times) or not found


@given(TIMES)
def test_times_in_order_have_no_outliers(times: list[int]) -> None:
    assert outliers(sorted(times)) == []


@given(TIMES)
def test_what_is_left_steps_back_by_no_more_than_two_clocks_twice(times: list[int]) -> None:
    flagged = set(outliers(times))
    left = [time for place, time in enumerate(times) if place not in flagged and time != NO_MOMENT]
    assert all(later >= earlier - 2 * 26 * HOUR for place, earlier in enumerate(left) for later in left[place:])


@given(st.lists(st.integers(0, 6), max_size=25))
def test_as_few_as_possible_are_out_of_order(weeks: list[int]) -> None:
    times = days(*[7 * week for week in weeks])
    flagged = set(outliers(times))
    left = [time for place, time in enumerate(times) if place not in flagged]
    assert left == sorted(left)
    assert len(left) == longest_in_order(times)
