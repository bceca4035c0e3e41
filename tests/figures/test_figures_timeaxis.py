from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.figures import style
from chatforensics.figures.timeaxis import _fitting, broken_scale, plain_scale, show_span, show_time

START = datetime(2031, 3, 3, 6, 5, tzinfo=UTC)
LISTS_OF_TIMES = st.lists(
    st.integers(0, 4_000_000).map(lambda minutes: START + timedelta(minutes=minutes)), min_size=1, max_size=40
)


def after(**span: float) -> datetime:
    return START + timedelta(**span)


def words_of(times: list[datetime]) -> list[str]:
    with style.settings():
        scale = broken_scale(times, width_mm=150)
        return [words for _, words in sorted(_fitting(scale))]


def test_times_are_written_without_locale() -> None:
    assert show_time(START) == "3 Mar 2031, 06:05"
    assert show_span([after(days=1), START]) == "3 Mar 2031, 06:05 to 4 Mar 2031, 06:05"


def test_hours_carry_the_date_where_it_changes() -> None:
    assert words_of([START, after(hours=30)]) == ["12:00\n3 Mar 2031", "18:00", "00:00\n4 Mar", "06:00", "12:00"]


def test_the_year_is_said_once_and_again_when_it_changes() -> None:
    dense = [after(days=days) for days in range(0, 330, 5)]
    words = words_of(dense)
    assert words[0] == "1 Mar\n2031"
    assert words[-1] == "1 Jan\n2032"
    assert all("\n" not in label for label in words[1:-1])


def test_weeks_begin_on_mondays() -> None:
    assert words_of([after(days=days) for days in range(40)])[:2] == ["3 Mar\n2031", "10 Mar"]


def test_a_single_moment_stands_in_the_middle_of_half_an_hour() -> None:
    scale = broken_scale([START], width_mm=100)
    assert scale.place(START) == pytest.approx(50)
    assert scale.breaks == []
    assert scale.notes == []


def test_a_long_pause_is_cut_out_and_said() -> None:
    scale = broken_scale([START, after(hours=2), after(days=9), after(days=9, hours=2)], width_mm=100)
    assert len(scale.breaks) == 1
    assert "pause that was cut out" in scale.notes[0]
    before, later = scale.place(after(hours=2)) - scale.place(START), scale.place(after(days=9, hours=2))
    assert before == pytest.approx(later - scale.place(after(days=9)))


def test_a_short_pause_is_kept() -> None:
    assert broken_scale([START, after(minutes=59)], width_mm=100).breaks == []
    even = [after(days=days) for days in range(8)]
    assert broken_scale(even, width_mm=100).breaks == []


def test_room_for_names_stays_free_at_the_right() -> None:
    scale = broken_scale([START, after(hours=5)], width_mm=100, right_mm=30)
    assert scale.place(after(hours=5)) == pytest.approx(66)


def test_an_even_scale_reaches_from_side_to_side() -> None:
    scale = plain_scale(START, after(days=2), width_mm=80)
    assert (scale.place(START), scale.place(after(days=1)), scale.place(after(days=2))) == (0, 40, 80)


@settings(deadline=None)
@given(LISTS_OF_TIMES)
def test_later_times_lie_further_right_and_all_inside(times: list[datetime]) -> None:
    scale = broken_scale(times, width_mm=150, right_mm=20)
    places = [scale.place(at) for at in sorted(times)]
    assert all(one <= other for one, other in pairwise(places))
    assert places[0] >= 0
    assert places[-1] <= 130 + 1e-6
    assert all(not part.left - 1e-6 <= cut <= part.right + 1e-6 for cut in scale.breaks for part in scale.stretches)


@settings(deadline=None, max_examples=60)
@given(LISTS_OF_TIMES)
def test_every_stretch_has_a_tick_and_no_labels_meet(times: list[datetime]) -> None:
    with style.settings():
        scale = broken_scale(times, width_mm=150)
        ticks = sorted(_fitting(scale))
    for part in scale.stretches:
        assert any(part.left <= place <= part.right for place, _ in ticks)
    assert all(other - one > 4 for (one, _), (other, _) in pairwise(ticks))
    assert "\n" in ticks[0][1]
