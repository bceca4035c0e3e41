"""Where dots and names stand: trees without crossings, rings with groups together, labels side by side."""

from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Text

from chatforensics.figures.coordination import ring_order
from chatforensics.figures.hours import show_count
from chatforensics.figures.labels import Label, place_labels
from chatforensics.figures.routes import rows_in_tree
from chatforensics.figures.timeline import round_numbers

TREES = st.lists(st.integers(0, 1000), min_size=1, max_size=60).map(
    # Each person's parent is one of those before, or nobody.
    lambda picks: {f"{at:02d}": f"{pick % at:02d}" for at, pick in enumerate(picks) if at and pick % 3}
)
PAIRS = st.dictionaries(
    st.tuples(st.sampled_from("abcdefghij"), st.sampled_from("abcdefghij")).filter(lambda pair: pair[0] < pair[1]),
    st.integers(1, 9),
    min_size=1,
)


@given(TREES)
def test_each_person_and_all_who_had_it_from_them_stand_together(parents: dict[str, str]) -> None:
    order = sorted({*parents, *parents.values(), "00"})
    rows = rows_in_tree(order, parents)
    assert sorted(rows.values()) == list(range(len(order)))
    for root in order:
        family = {root}
        for person in order:
            if parents.get(person) in family:
                family.add(person)
        places = sorted(rows[person] for person in family)
        assert places == list(range(places[0], places[0] + len(places)))


def test_a_chain_of_a_thousand_people_has_a_layout() -> None:
    order = [f"{at:04d}" for at in range(1000)]
    assert len(rows_in_tree(order, dict(zip(order[1:], order, strict=False)))) == 1000


def test_the_sender_stands_amid_those_who_had_it_from_them() -> None:
    assert rows_in_tree(["a", "b", "c"], {"b": "a", "c": "a"}) == {"b": 0, "a": 1, "c": 2}


@given(PAIRS)
def test_people_joined_by_pairs_form_one_group_on_the_ring(weights: dict[tuple[str, str], int]) -> None:
    groups = ring_order(weights)
    people = [person for group in groups for person in group]
    assert sorted(people) == sorted({person for pair in weights for person in pair})
    for one, other in weights:
        assert [one in group for group in groups] == [other in group for group in groups]
    assert [len(group) for group in groups] == sorted((len(group) for group in groups), reverse=True)
    assert groups == ring_order(dict(reversed(weights.items())))


def test_those_with_most_in_common_stand_side_by_side() -> None:
    groups = ring_order({("a", "b"): 9, ("a", "c"): 1, ("c", "d"): 9})
    assert groups == [["a", "b", "c", "d"]]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 60)), max_size=30))
def test_labels_keep_inside_the_panel_and_apart(places: list[tuple[float, float]]) -> None:
    axes = Figure().add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 100), ylim=(0, 60))
    n_placed = place_labels(axes, [Label("Adaeze Abara +5", x, y) for x, y in places])
    spots = sorted(text.get_position() for text in axes.findobj(Text) if text.get_text().startswith("Adaeze"))
    assert len(spots) == n_placed
    assert all(0 <= x <= 78 and 1.5 <= y <= 58.5 for x, y in spots)
    for at, (x, y) in enumerate(spots):
        assert all(abs(x - other_x) > 20 or abs(y - other_y) >= 3.19 for other_x, other_y in spots[at + 1 :])


def test_the_first_label_gets_the_place_and_one_without_room_is_left_out() -> None:
    axes = Figure().add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 24), ylim=(0, 4))
    assert place_labels(axes, [Label("first come", 2, 2), Label("late", 2, 2)]) == 1
    assert axes.texts[0].get_text() == "first come"


def test_no_label_covers_what_is_taken() -> None:
    axes = Figure().add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 30), ylim=(0, 30))
    assert place_labels(axes, [Label("word", 15, 15)], taken=[(0, 0, 30, 30)]) == 0


def test_counts_are_short() -> None:
    shown = [show_count(n) for n in (1, 999, 1000, 1234, 99_950, 999_500, 12_345_678)]
    assert shown == ["1", "999", "1.0k", "1.2k", "100k", "1.0M", "12M"]


@given(st.integers(1, 10**12))
def test_round_numbers_reach_close_to_the_most_in_few_steps(most: int) -> None:
    ticks = round_numbers(most)
    assert ticks[0] == 0
    assert len(ticks) <= 6
    assert ticks[-1] <= most
    assert 2 * ticks[-1] >= most
