"""What a reader must be able to read: nothing cut off, no name over another, from 5 to 500 people."""

import warnings
from collections.abc import Callable

import polars as pl
import pytest
from builders import Case
from drawn import draw_coordination
from hypothesis import given, settings
from hypothesis import strategies as st
from legibility import HOSTILE, assert_legible, texts_of
from matplotlib.figure import Figure


@pytest.mark.parametrize("n_people", [5, 60, pytest.param(500, marks=pytest.mark.slow)])
def test_no_text_is_cut_off_or_covers_another(n_people: int, figures_of: Callable[[int], list[Figure]]) -> None:
    figures = figures_of(n_people)
    assert len(figures) == 15
    for figure in figures:
        assert_legible(figure)


def test_no_text_is_smaller_than_eight_points(figures_of: Callable[[int], list[Figure]]) -> None:
    assert min(text.get_fontsize() for figure in figures_of(60) for text in texts_of(figure)) == 8


@pytest.mark.slow
def test_many_people_get_a_note_in_words(figures_of: Callable[[int], list[Figure]]) -> None:
    words = " ".join(text.get_text() for figure in figures_of(500) for text in texts_of(figure))
    assert "Names stand where they fit" in words
    assert "36 other chats" in words
    assert "359 other people" in words
    assert "150 of 5066 pairs are drawn" in words


def renamed(case: Case, names: list[str]) -> Case:
    """Give the people and the chats other names, round and round."""
    people, chats = case["people"], case["chats"]
    labels = pl.Series("labels", [[names[at % len(names)]] for at in range(people.height)], dtype=pl.List(pl.String))
    titles = pl.Series("title", [names[at % len(names)] for at in range(chats.height)], dtype=pl.String)
    return case | {"people": people.with_columns(labels), "chats": chats.with_columns(titles)}


@pytest.mark.slow
def test_hostile_names_are_drawn_without_error_or_warning(
    case_of: Callable[[int], Case], collected_from: Callable[[Case], list[Figure]]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figures = collected_from(renamed(case_of(60), HOSTILE))
    for figure in figures:
        assert_legible(figure)


def with_clusters_and_settings(case: Case) -> Case:
    """Join the people of the first pairs to clusters, and vary settings that bear hostile names."""
    people = (
        case["pairs"].head(6).select(pl.concat_list("person_a", "person_b").alias("person_ids")).with_row_index("n")
    )
    people = people.with_columns(cluster_id=pl.format("cluster-{}", "n"))
    clusters = pl.concat([case["clusters"], people.select("cluster_id", "person_ids")], how="diagonal")
    rows = [
        {"setting": f"{name} {n % 3}", "value": f"{name} {n}", "used": n == 0, "outcome": other, "result": 7.5 * n}
        for n, name in enumerate(HOSTILE)
        for other in HOSTILE[:6]
    ]
    return case | {"clusters": clusters, "sensitivity": pl.DataFrame(rows, schema=case["sensitivity"].schema)}


@pytest.mark.parametrize("n_people", [5, 60])
def test_matrices_and_settings_are_legible_whatever_their_names(
    n_people: int, case_of: Callable[[int], Case], collected_from: Callable[[Case], list[Figure]]
) -> None:
    case = with_clusters_and_settings(renamed(case_of(n_people), HOSTILE))
    figures = collected_from({name: case[name] for name in ("pairs", "people", "clusters", "sensitivity")})
    assert len(figures) == 4
    for figure in figures:
        assert_legible(figure)


def test_hostile_names_leave_the_svg_without_markup_of_their_own(small_case: Case) -> None:
    drawing = draw_coordination(renamed(small_case, ["--><script>alert(1)</script>", "&entity;"]))
    assert drawing is not None
    assert b"script" not in drawing.svg
    assert b"entity" not in drawing.svg


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(names=st.lists(st.text(st.characters(codec="utf-8"), max_size=60), min_size=5, max_size=5))
def test_any_name_can_be_drawn(
    names: list[str], small_case: Case, collected_from: Callable[[Case], list[Figure]]
) -> None:
    case = renamed(small_case, names)
    figures = collected_from({name: case[name] for name in ("pairs", "people")})
    assert len(figures) == 2
    for figure in figures:
        assert_legible(figure)
