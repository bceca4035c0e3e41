import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report.invented import SUMMARY, Tables, a_source, a_table, read_page, render, tiny_case

from chatforensics.report import bases
from chatforensics.report.bases import NAMED_LIMIT, find_bases, find_exports, tell_basis
from chatforensics.report.sightings import Row
from chatforensics.schema import TABLES, empty


def exports(n: int) -> Tables:
    return {"sources": a_table("sources", [a_source(number, path=f"{number:03d}.txt") for number in range(1, n + 1)])}


def told(numbers: list[int], *, of: int) -> Row | None:
    return tell_basis(pl.Series([f"source-{number}" for number in numbers], dtype=pl.String), tables=exports(of))


def names(basis: Row | None) -> list[str]:
    return [row["name"] for row in [*basis["named"], *basis["listed"]]] if basis else []


def test_a_few_exports_are_named_in_the_order_of_their_numbers() -> None:
    basis = told([7, 1, 3, 3], of=55)
    assert basis is not None
    assert (basis["words"], names(basis)) == ("Rests on", ["S1", "S3", "S7"])


def test_all_exports_need_no_list() -> None:
    basis = told(list(range(1, 56)), of=55)
    assert basis == {"words": "Rests on all 55 exports", "named": [], "listed": []}
    assert told([1], of=1) == {"words": "Rests on the one export", "named": [], "listed": []}


def test_many_exports_are_counted_and_listed_behind_the_number() -> None:
    basis = told(list(range(1, NAMED_LIMIT + 2)), of=55)
    assert basis is not None
    assert (basis["words"], basis["named"]) == ("Rests on 9 of 55 exports", [])
    assert len(basis["listed"]) == NAMED_LIMIT + 1


def test_exports_that_the_page_does_not_list_are_named_without_a_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bases, "SOURCE_LIMIT", 2)
    basis = told([2, 3], of=5)
    assert basis is not None
    assert [(row["name"], row["in_table"]) for row in basis["named"]] == [("S2", True), ("S3", False)]


def test_what_no_known_export_shows_rests_on_nothing() -> None:
    assert told([], of=3) is told([9], of=3) is None


def test_a_count_of_zero_was_looked_for_in_all_exports() -> None:
    tables = {name: tiny_case().get(name, empty(name)) for name in TABLES}
    found = find_bases(tables, {"n_rejects": 0, "n_indicators": {"unexplained": 0}})
    assert {basis["words"] for basis in found.values()} == {"Looked for in all 3 exports"}
    assert sorted(found) == ["n_indicators-unexplained", "n_rejects"]


@pytest.mark.parametrize(
    ("count", "wanted"),
    [
        ("n_messages", []),
        ("n_people", []),
        ("n_flagged", []),
        ("n_review", ["S3"]),
        ("n_families_tracked", []),
        ("n_shares", []),
        ("n_edges", ["S1", "S3"]),
        ("n_conflicts", ["S1", "S2"]),
        ("n_indicators-contradiction", ["S1", "S2"]),
    ],
)
def test_each_count_names_the_exports_behind_it_or_says_all(count: str, wanted: list[str]) -> None:
    tables = {name: tiny_case().get(name, empty(name)) for name in TABLES}
    basis = find_bases(tables, {**dict.fromkeys(["n_people", "n_conflicts", "n_edges", count], 1), **SUMMARY})[count]
    assert names(basis) == wanted
    assert basis["words"] == ("Rests on" if wanted else "Rests on all 3 exports")


def test_shares_with_a_likely_source_rest_on_the_exports_of_both() -> None:
    tables = {name: tiny_case().get(name, empty(name)) for name in TABLES}
    link = {"share_id": "share-2", "parent_share_id": "share-1", "probability": 0.9, "rank": 1}
    weaker = {"share_id": "share-1", "parent_share_id": "share-2", "probability": 0.1, "rank": 2}
    found = find_bases(tables | {"links": a_table("links", [link])}, {"n_links_named": 1})
    assert found["n_links_named"]["words"] == "Rests on all 3 exports"
    assert find_bases(tables | {"links": a_table("links", [weaker])}, {"n_links_named": 1}) == {}


def test_a_message_rests_on_every_export_that_holds_a_copy() -> None:
    assert sorted(find_exports(tiny_case(), pl.Series([101]))) == ["source-1", "source-2"]


@given(st.lists(st.integers(1, 12), min_size=1, max_size=20), st.data())
def test_order_and_repetition_change_nothing(numbers: list[int], data: st.DataObject) -> None:
    mixed = data.draw(st.permutations([*numbers, *numbers]))
    assert told(mixed, of=12) == told(sorted(set(numbers)), of=12)


def test_the_page_says_beside_numbers_texts_and_tables_which_exports_they_rest_on() -> None:
    page = render(tiny_case())
    assert page.count("Rests on all 3 exports.") > 5
    assert 'Rests on <a href="#S3">S3</a>' in page
    assert read_page(page)
