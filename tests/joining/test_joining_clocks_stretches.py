from itertools import pairwise, product
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.joining.stretches import (
    MIN_RUN,
    SWITCH,
    Anchors,
    Lines,
    Steps,
    _find_path,
    bound_mean,
    fit_settings,
    place_change,
)

MINUTE = 60_000
HOUR = 60 * MINUTE
MINUTES = Steps(MINUTE, MINUTE)


def anchors(distances: list[int], *, every_ms: int = 2 * HOUR) -> Anchors:
    n = len(distances)
    line = np.arange(1, n + 1, dtype=np.int64)
    return Anchors(line, np.array(distances, dtype=np.int64), np.arange(n, dtype=np.int64) * every_ms)


def shifts(distances: list[int], *, every_ms: int = 2 * HOUR) -> list[int]:
    return [found.shift_ms for found in fit_settings(anchors(distances, every_ms=every_ms), MINUTES).settings]


def test_an_even_clock_is_one_setting_at_the_mean_of_its_anchors() -> None:
    (setting,) = fit_settings(anchors([0, MINUTE] * 50), MINUTES).settings
    assert (setting.shift_ms, setting.n_anchors) == (30_000, 100)
    assert (setting.first_line, setting.last_line) == (1, 100)


def test_three_weeks_elsewhere_are_a_setting_of_their_own() -> None:
    assert shifts([0] * 40 + [5 * HOUR] * 40 + [0] * 40) == [0, 5 * HOUR, 0]


@pytest.mark.parametrize("n", range(1, MIN_RUN))
def test_a_few_messages_moved_together_are_no_setting(n: int) -> None:
    fit = fit_settings(anchors([0] * 40 + [HOUR] * n + [0] * 40, every_ms=24 * HOUR), MINUTES)
    assert [setting.shift_ms for setting in fit.settings] == [0]
    assert fit.n_unexplained == n


def test_an_evenings_messages_moved_together_are_no_setting() -> None:
    assert shifts([0] * 200 + [HOUR] * 100 + [0] * 200, every_ms=5 * MINUTE) == [0]


def test_the_last_five_messages_on_another_setting_are_one_but_not_four() -> None:
    assert shifts([0] * 40 + [HOUR] * 5, every_ms=4 * HOUR) == [0, HOUR]
    assert shifts([0] * 40 + [HOUR] * 4, every_ms=4 * HOUR) == [0]


def test_single_outliers_do_not_part_a_setting() -> None:
    distances = [0] * 30 + [5 * HOUR] * 60
    for place in range(2, 90, 7):
        distances[place] += (place % 11 + 2) * 7 * MINUTE
    assert shifts(distances) == [0, 5 * HOUR]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 9)), min_size=1, max_size=6))
def test_the_path_found_costs_as_little_as_any(runs: list[tuple[int, int]]) -> None:
    def cost(path: tuple[int, ...] | list[int]) -> int:
        off = sum(n for (level, n), taken in zip(runs, path, strict=True) if level != taken)
        return off + SWITCH * sum(a != b for a, b in pairwise(path))

    assert cost(_find_path(runs, n_levels=3)) == min(cost(path) for path in product(range(3), repeat=len(runs)))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(-7200, 7200), st.integers(3, 300), st.sampled_from([(60, 60), (60, 1), (1, 60), (1, 1)]), st.randoms()
)
def test_the_true_distance_is_never_further_than_half_of_both_steps(
    true_s: int, n: int, steps_s: tuple[int, int], random: Random
) -> None:
    one, other = steps_s
    moments = [random.uniform(0, 90 * 86_400) for _ in range(n)]
    shown = [(t + true_s) // other * other + other / 2 - (t // one * one + one / 2) for t in sorted(moments)]
    steps = Steps(one * 1000, other * 1000)
    (found,) = fit_settings(anchors([round(1000 * d) for d in shown]), steps).settings
    assert abs(found.shift_ms - 1000 * true_s) <= (one + other) * 500 + 500


def test_the_bound_holds_at_least_95_times_in_100() -> None:
    random = np.random.default_rng(1)
    held = 0
    for _ in range(400):
        true_ms, n = int(random.integers(MINUTE)), int(random.integers(3, 61))
        moments = random.integers(90 * 24 * HOUR, size=n).tolist()
        shown = [(t + true_ms) // MINUTE * MINUTE - t // MINUTE * MINUTE for t in moments]
        (found,) = fit_settings(anchors(shown), MINUTES).settings
        held += abs(found.shift_ms - true_ms) <= found.uncertainty_ms
    assert held >= 380


@given(st.integers(1, 10_000), st.sampled_from([1000, MINUTE]), st.sampled_from([1000, MINUTE]))
def test_more_anchors_never_make_the_bound_wider_and_one_allows_half_of_both_steps(
    n: int, one: int, other: int
) -> None:
    steps = Steps(one, other)
    bounds = [bound_mean(count, spread_ms=0, steps=steps) for count in (1, n, n + 1)]
    assert bounds[0] == (one + other) // 2 + 500
    assert bounds[0] >= bounds[1] >= bounds[2] > 500


def test_a_day_as_step_is_not_refined() -> None:
    day = 24 * HOUR
    assert bound_mean(10_000, spread_ms=0, steps=Steps(day, MINUTE)) == (day + MINUTE) // 2 + 500


def test_phones_that_stamp_one_message_at_different_moments_widen_the_bound() -> None:
    assert bound_mean(100, spread_ms=3 * MINUTE, steps=MINUTES) > bound_mean(100, spread_ms=MINUTE, steps=MINUTES)


def place(walls_min: list[int], jump_min: int) -> tuple[int, int]:
    lines = Lines(np.arange(len(walls_min), dtype=np.int64) + 10, np.array(walls_min, dtype=np.int64) * MINUTE)
    between = (10, 9 + len(walls_min))
    return place_change(lines, between=between, jump_ms=jump_min * MINUTE, step_ms=MINUTE)


def test_a_clock_set_back_is_seen_where_times_run_backwards() -> None:
    assert place([0, 50, 400, 110, 120], -300) == (13, 13)


def test_a_clock_set_forward_is_seen_where_times_leap_by_as_much() -> None:
    assert place([0, 10, 320, 330], 300) == (12, 12)


def test_where_several_places_fit_the_change_lies_between_the_first_and_the_last() -> None:
    assert place([0, 310, 320, 700, 710], 300) == (11, 13)
    assert place([0, 310, 320, 330], -300) == (11, 13)


def test_where_no_place_fits_any_may() -> None:
    assert place([0, 10, 20], 300) == (11, 12)
