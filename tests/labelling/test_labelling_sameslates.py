"""Families that carry the same slate in other words."""

import random
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.labelling.sameslates import LEAST_SHARED, link_slates, same_names
from chatforensics.schema import TABLES, Families, Slates

Names = list[tuple[str, str]]


def tables(texts: dict[str, Names], *, contest: str | None = None) -> tuple[Slates, Families]:
    """Build one message per family that says these names and stances."""
    slates: list[dict[str, Any]] = []
    families: list[dict[str, Any]] = []
    for number, (family, names) in enumerate(texts.items()):
        families.append({"message_id": number, "family_id": family, "variant_id": family, "tracked": True})
        slates += [{"message_id": number, "name": name, "stance": stance, "contest": contest} for name, stance in names]
    return (
        Slates(pl.DataFrame(slates, schema=dict(TABLES["slates"]))),
        Families(pl.DataFrame(families, schema=dict(TABLES["families"]))),
    )


def links(texts: dict[str, Names], *, contest: str | None = None) -> set[tuple[str, str]]:
    found = link_slates(*tables(texts, contest=contest))
    return set(found.select("family_a", "family_b").iter_rows())


def test_other_order_other_script_and_lone_surnames_are_the_same_slate() -> None:
    texts = {
        "a": [("Amara Osei", "for"), ("Tariq Mahmood", "for"), ("Rhys Feng", "against")],
        "b": [("Cllr Feng", "trigger"), ("طارق محمود", "for"), ("امارا اوسئی", "for")],
    }
    (row,) = link_slates(*tables(texts)).to_dicts()
    assert (row["family_a"], row["family_b"], row["n_names_a"], row["n_names_b"]) == ("a", "b", 3, 3)
    assert (row["n_shared"], row["jaccard"], row["contradicted"]) == (3, 1.0, 0)
    assert row["names"] == ["Amara Osei", "Rhys Feng", "Tariq Mahmood"]


def test_names_with_opposite_stances_are_no_shared_names() -> None:
    assert (
        links({"a": [("Ada Osei", "for"), ("Jan Roe", "for")], "b": [("Ada Osei", "against"), ("Jan Roe", "for")]})
        == set()
    )


def test_a_contradiction_beside_a_shared_slate_is_counted() -> None:
    common = [
        ("Ada Osei", "for"),
        ("Jan Roe", "for"),
        ("Leila Marsh", "for"),
        ("Ewa Mbeki", "for"),
        ("Omar Lind", "for"),
    ]
    texts = {"a": [*common, ("Rhys Feng", "for")], "b": [*common, ("Rhys Feng", "against")]}
    (row,) = link_slates(*tables(texts)).to_dicts()
    assert (row["n_shared"], row["contradicted"]) == (5, 1)
    assert row["jaccard"] == pytest.approx(5 / 7)


def test_two_thirds_are_enough_and_half_is_not() -> None:
    whole = [("Ada Osei", "for"), ("Jan Roe", "for"), ("Leila Marsh", "for")]
    assert links({"a": whole, "b": whole[:2]}) == {("a", "b")}
    assert links({"a": whole, "b": [*whole[:2], ("Ewa Mbeki", "for")]}) == set()


def test_one_name_alone_counts_only_with_the_same_contest() -> None:
    texts = {"a": [("Ada Osei", "for")], "b": [("Osei", "for")]}
    assert links(texts) == set()
    assert links(texts, contest="Elm Vale") == {("a", "b")}


def test_of_many_families_with_one_slate_each_is_linked_to_the_first() -> None:
    slate = [("Ada Osei", "for"), ("Jan Roe", "for")]
    texts = {f"f{number:03}": slate for number in range(300)}
    assert links(texts) == {("f000", f"f{number:03}") for number in range(1, 300)}


def test_a_lone_word_that_two_full_names_hold_stands_for_itself() -> None:
    numbers = same_names(["Farida Haidari", "Bilal Haidari", "Haidari", "Farida"])
    assert numbers["Haidari"] not in (numbers["Farida Haidari"], numbers["Bilal Haidari"])
    assert numbers["Farida"] == numbers["Farida Haidari"]


def test_no_slates_give_an_empty_table() -> None:
    found = link_slates(*tables({}))
    assert found.is_empty()
    assert found.schema == pl.Schema(TABLES["same_slates"])


def test_the_order_of_rows_changes_nothing() -> None:
    texts = {f"f{n}": [("Ada Osei", "for"), ("Jan Roe", "for"), (f"Name{n % 3} Sur{n % 3}", "for")] for n in range(9)}
    slates, families = tables(texts)
    order = list(range(slates.height))
    random.Random(3).shuffle(order)  # noqa: S311 - a test's order
    assert link_slates(Slates(slates[order]), Families(families[::-1])).equals(link_slates(slates, families))


people = st.sampled_from(["Ada Osei", "Jan Roe", "Leila Marsh", "Ewa Mbeki", "Omar Lind"])
sides = st.sampled_from(["for", "against"])
slate = st.dictionaries(people, sides, min_size=2, max_size=5).map(lambda each: sorted(each.items()))


@given(st.lists(slate, min_size=2, max_size=6))
def test_links_hold_for_the_families_that_every_pair_compared_would_give(slates: list[Names]) -> None:
    texts = {f"f{number}": names for number, names in enumerate(slates)}
    found = links(texts)
    for (one, first), (other, second) in ((a, b) for a in texts.items() for b in texts.items() if a[0] < b[0]):
        shared = len(set(first) & set(second))
        same = shared >= 2 and shared >= LEAST_SHARED * len(set(first) | set(second))
        leaders = {min(f for f, names in texts.items() if set(names) == set(each)) for each in (first, second)}
        between = tuple(sorted(leaders))
        if (one, other) in found:
            assert same
        if same:
            assert len(between) == 1 or between in found
