import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report.invented import a_message, a_source, a_table, tiny_case

from chatforensics.report import excerpts
from chatforensics.report.excerpts import view_excerpts
from chatforensics.report.sightings import place_messages
from chatforensics.schema import TABLES, empty


def _placed(sizes: dict[int, int]) -> pl.DataFrame:
    rows = [
        a_message(100 * source + n, source=source, minute=n, text="x" * 3, sender="Tevita")
        for source, size in sizes.items()
        for n in range(size)
    ]
    tables = {name: empty(name) for name in TABLES}
    tables["sources"] = a_table("sources", [a_source(source) for source in sizes])
    return place_messages(tables | {"messages": a_table("messages", rows)})


def test_a_cited_message_stands_between_two_neighbours_on_each_side() -> None:
    (excerpt,) = view_excerpts(_placed({1: 9}), cited=[104])["excerpts"]
    assert [(row["message_id"], row["is_cited"]) for row in excerpt["rows"]] == [
        (102, False),
        (103, False),
        (104, True),
        (105, False),
        (106, False),
    ]


def test_neighbours_never_come_from_another_export() -> None:
    ends = view_excerpts(_placed({1: 3, 2: 3}), cited=[102, 200])["excerpts"]
    assert [(excerpt["source"], [row["message_id"] for row in excerpt["rows"]]) for excerpt in ends] == [
        ("S1", [100, 101, 102]),
        ("S2", [200, 201, 202]),
    ]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 19), max_size=6), st.integers(1, 9))
def test_excerpts_hold_what_a_slow_search_finds(places: list[int], size: int) -> None:
    placed = _placed({1: size, 2: 20 - size})
    ids = placed["message_id"].to_list()
    cited = [ids[place] for place in places]
    expected = {
        ids[n]
        for place in places
        for n in range(max(0, place - 2), min(20, place + 3))
        if ids[n] // 100 == ids[place] // 100
    }
    view = view_excerpts(placed, cited=cited)
    rows = [row for excerpt in view["excerpts"] for row in excerpt["rows"]]
    assert [row["message_id"] for row in rows] == sorted(expected)
    assert {row["message_id"] for row in rows if row["is_cited"]} == set(cited) == view["printed"]


def test_what_is_cited_first_is_printed_and_the_rest_keeps_its_place_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excerpts, "CITED_LIMIT", 1)
    view = view_excerpts(_placed({1: 9}), cited=[108, 100, 108, 999])
    assert view["printed"] == {108}
    assert view["places"] == {108: "S1:9", 100: "S1:1"}
    assert (view["cap"]["shown"], view["cap"]["total"]) == (1, 2)


def test_context_is_cut_sooner_than_cited_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excerpts, "CONTEXT_CHARACTERS", 1)
    (excerpt,) = view_excerpts(_placed({1: 2}), cited=[100])["excerpts"]
    assert [(row["text"], row["left_out"]) for row in excerpt["rows"]] == [("xxx", 0), ("x", 2)]


def test_a_message_without_words_is_printed_with_its_kind() -> None:
    tables = {name: tiny_case().get(name, empty(name)) for name in TABLES}
    tables["messages"] = tables["messages"].with_columns(text=pl.lit(None, dtype=pl.String), kind=pl.lit("media"))
    (excerpt,) = view_excerpts(place_messages(tables), cited=[101])["excerpts"]
    assert {(row["text"], row["kind"]) for row in excerpt["rows"]} == {("", "media")}


def test_nothing_cited_prints_nothing() -> None:
    assert view_excerpts(_placed({1: 3}), cited=[])["excerpts"] == []
