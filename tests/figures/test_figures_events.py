"""Days that the user names: where they lie, how they are named, and that they are told apart from evidence."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from builders import Case
from hypothesis import given, settings
from hypothesis import strategies as st
from legibility import assert_legible, texts_of
from matplotlib.figure import Figure

from chatforensics.figures import draw_figures, style
from chatforensics.figures.events import EventMarks, place_events
from chatforensics.figures.fonts import measure
from chatforensics.figures.timeaxis import TimeScale, broken_scale, plain_scale

START = datetime(2031, 3, 3, tzinfo=UTC)
DAY = timedelta(days=1)
TWO_WEEKS = plain_scale(START, START + 14 * DAY, width_mm=140)
ON_A_TIME_AXIS = ("diffusion", "spread", "timepaths", "reach", "timeline")


def marks(scale: TimeScale, *given: tuple[int, str], zone: str = "UTC") -> EventMarks:
    with style.settings():
        return EventMarks(place_events([(date(2031, 3, day), label) for day, label in given], zone=zone), scale)


def test_a_day_begins_and_ends_at_midnight_in_the_zone_of_the_case() -> None:
    (event,) = place_events([(date(2031, 3, 30), "Clocks go forward")], zone="Europe/London")
    assert event.first == datetime(2031, 3, 30, 0, tzinfo=UTC)
    assert event.last == datetime(2031, 3, 30, 23, tzinfo=UTC)
    (event,) = place_events([(date(2031, 3, 5), "Ballot opens")], zone="Asia/Dhaka")
    assert event.first == datetime(2031, 3, 4, 18, tzinfo=UTC)


def test_days_come_in_order_of_time_and_once() -> None:
    given_twice = [(date(2031, 3, 9), "Close"), (date(2031, 3, 5), "Open"), (date(2031, 3, 9), "Close")]
    assert [event.label for event in place_events(given_twice, zone="UTC")] == ["Open", "Close"]


def test_a_day_is_drawn_from_its_begin_to_its_end() -> None:
    (mark,) = marks(TWO_WEEKS, (5, "Ballot opens")).marks
    assert (mark.left, mark.right, mark.edges) == (20, 30, (20, 30))


def test_a_day_that_is_older_than_the_axis_has_no_edge_there() -> None:
    scale = plain_scale(START + DAY / 2, START + 2 * DAY, width_mm=150)
    (mark,) = marks(scale, (3, "Ballot opens")).marks
    assert (mark.left, mark.edges) == (0, (50,))


def test_a_day_in_a_pause_that_was_cut_out_lies_at_the_cut() -> None:
    scale = broken_scale([START, START + DAY, START + 20 * DAY, START + 21 * DAY], width_mm=150)
    (mark,) = marks(scale, (12, "Ballot opens")).marks
    assert [mark.middle] == scale.breaks


def test_a_day_outside_the_axis_is_named_below_and_not_drawn() -> None:
    found = marks(TWO_WEEKS, (30, "Result"))
    assert found.marks == []
    assert found.head_mm == 0
    said = "Dates passed by the user, not evidence: none within the times drawn. Outside the times drawn: "
    assert found.notes == [f"{said}Result (30 Mar 2031)."]


def test_names_that_have_room_stand_above_their_days() -> None:
    found = marks(TWO_WEEKS, (4, "Open"), (14, "Close: noon"))
    assert [label.words for label in found.labels] == ["Open", "Close: noon"]
    assert found.notes == ["Dates passed by the user, not evidence: Open (4 Mar 2031); Close: noon (14 Mar 2031)."]


def test_names_that_would_meet_give_way_to_numbers() -> None:
    found = marks(TWO_WEEKS, (4, "Nominations close"), (5, "Ballot opens"), (14, "Count"))
    assert [label.words for label in found.labels] == ["(1)", "(2)", "(3)"]
    assert "(2) Ballot opens (5 Mar 2031)" in found.notes[0]


def test_numbers_that_would_meet_are_joined() -> None:
    scale = plain_scale(START, START + 140 * DAY, width_mm=140)
    found = marks(scale, (4, "One"), (5, "Two"), (6, "Three"), (30, "Four"))
    assert [label.words for label in found.labels] == ["(1-3)", "(4)"]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 31), st.text("abc WM علی ভোট", max_size=30)), min_size=1, max_size=9),
    st.integers(2, 90),
)
def test_no_two_names_meet_and_none_leaves_the_panel(given_days: list[tuple[int, str]], n_days: int) -> None:
    scale = plain_scale(START, START + n_days * DAY, width_mm=120)
    found = marks(scale, *given_days)
    ends = [(found.start_of(label), measure(label.words, size=8)[0]) for label in found.labels]
    assert all(start >= 0 and start + wide <= 120 + 1e-6 for start, wide in ends)
    assert all(start + wide < other for (start, wide), (other, _) in pairwise(ends))
    assert len(found.drawn) == len(found.marks)


CAMPAIGN_DAYS = [(date(2031, 3, 12), "Ballot opens"), (date(2031, 3, 14), "ভোট: علی"), (date(2031, 3, 18), "Count")]


@pytest.mark.parametrize("n_people", [5, pytest.param(60, marks=pytest.mark.slow)])
def test_days_make_no_figure_illegible(
    n_people: int, case_of: Callable[[int], Case], collected_from: Callable[..., list[Figure]]
) -> None:
    figures = collected_from(case_of(n_people), events=CAMPAIGN_DAYS, timezone="Asia/Dhaka")
    named = 0
    for figure in figures:
        assert_legible(figure)
        named += any("Dates passed by the user, not evidence" in text.get_text() for text in texts_of(figure))
    assert named == len(figures) - 3  # not on sender by hour, coordination and its matrix


@pytest.mark.usefixtures("without_bytes")
def test_the_words_of_a_figure_say_whose_the_days_are(small_case: Case) -> None:
    for drawing in draw_figures(small_case, events=CAMPAIGN_DAYS):
        says = "Dates passed by the user, not evidence: Ballot opens (12 Mar 2031)" in drawing.alt
        assert says == drawing.name.startswith((*ON_A_TIME_AXIS, "forest"))
