"""Which lines are the file's own: told by kind and by time alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.parsing.segments import Block, find_own

DAY = 86_400
NO_MOMENT = np.iinfo(np.int64).min


def own(*rows: tuple[int, int], kin: frozenset[int] = frozenset(), credible: bool = False) -> list[int]:
    """Give kind and time in hours of each row; get the indices of those that are the file's own."""
    kinds = np.array([kind for kind, _ in rows], dtype=np.int32)
    times = np.array([hours * 3600 for _, hours in rows], dtype=np.int64)
    return np.flatnonzero(find_own(kinds, times, kin=kin, is_credible=lambda _: credible)).tolist()


def test_lines_of_one_kind_are_all_own_in_any_order() -> None:
    assert own((0, 5), (0, 1), (0, 9)) == [0, 1, 2]


def test_a_pasted_stretch_from_the_past_is_text_however_long() -> None:
    assert own((0, 100), *[(1, hour) for hour in range(50)], (0, 200)) == [0, 51]


def test_a_stretch_at_the_end_that_goes_on_in_time_is_own() -> None:
    assert own((0, 1), (0, 2), *[(1, 3 + hour) for hour in range(12)]) == list(range(14))


def test_a_stretch_before_another_line_of_the_first_kind_is_text_though_all_is_in_order() -> None:
    assert own((0, 1), (0, 2), *[(1, 3 + hour) for hour in range(12)], (0, 20), credible=True) == [0, 1, 14]


def test_stretches_of_two_more_kinds_at_the_end_are_each_own_if_they_go_on() -> None:
    third = [(2, 20 + hour) for hour in range(12)]
    assert own((0, 1), *[(1, 3 + hour) for hour in range(12)], *third) == list(range(25))
    assert own((0, 30), *[(1, 31 + hour) for hour in range(12)], *third) == list(range(13))


def test_a_stretch_that_lies_in_the_future_of_what_follows_is_text() -> None:
    assert own((0, 1), *[(1, 500 + hour) for hour in range(12)], (0, 2)) == [0, 13]


@pytest.mark.parametrize("credible", [True, False])
def test_few_lines_in_order_are_own_where_they_are_credible(credible: bool) -> None:
    rows = [(0, 1), *[(0, 2)] * 20, (1, 3)]
    assert (21 in own(*rows, credible=credible)) == credible


def test_clocks_of_two_phones_may_differ_by_a_day_where_the_layout_is_kin() -> None:
    rows = [(0, 100), *[(1, 90 + hour) for hour in range(12)]]
    assert own(*rows) == [0]
    assert own(*rows, kin=frozenset({1})) == list(range(13))


def test_times_that_are_not_known_do_not_overflow() -> None:
    kinds = np.array([0, 0, *[1] * 12], dtype=np.int32)
    times = np.array([NO_MOMENT, NO_MOMENT, *range(12)], dtype=np.int64)
    with np.errstate(all="raise"):
        found = find_own(kinds, times, kin=frozenset({1}), is_credible=lambda _: False)
    assert found.all()


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-5, 5)), min_size=1, max_size=30))
def test_the_kind_of_the_first_line_is_always_own_and_blocks_are_whole(rows: list[tuple[int, int]]) -> None:
    asked: list[Block] = []
    kinds = np.array([kind for kind, _ in rows], dtype=np.int32)
    found = find_own(
        kinds,
        np.array([time * DAY for _, time in rows]),
        kin=frozenset(),
        is_credible=lambda block: bool(asked.append(block)) or block.first % 2 == 0,  # type: ignore[func-returns-value]
    )
    first = kinds == kinds[0]
    assert found[first].all()
    assert found[: np.flatnonzero(first)[-1]].tolist() == first[: np.flatnonzero(first)[-1]].tolist()
    assert all(len(set(kinds[block.first : block.last].tolist())) == 1 for block in asked)
    for at in range(1, len(rows)):
        if kinds[at] == kinds[at - 1]:
            assert found[at] == found[at - 1]
