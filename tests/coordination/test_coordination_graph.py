import polars as pl
import pytest

from chatforensics import schema
from chatforensics.coordination import graph as drawn
from chatforensics.coordination.graph import build_coordination_graph

PEOPLE = schema.People(
    pl.DataFrame(
        [
            {"person_id": "p1", "pseudonym": "Person 1", "labels": ["Yusra"], "phones": [], "basis": "label"},
            {"person_id": "p2", "pseudonym": "Person 2", "labels": [], "phones": [], "basis": "label"},
            {"person_id": "p3", "pseudonym": "Person 3", "labels": ["Tomasz"], "phones": [], "basis": "label"},
        ],
        schema=dict(schema.TABLES["people"]),
    )
)
NAMES = ("person_a", "person_b", "n_shares", "n_families", "median_lag_s", "p_value", "q_value", "source_ids")
ROWS = [("p1", "p2", 3, 2, 45.0, 0.01, 0.04, ["a", "b"]), ("p2", "unlisted", 1, 1, 10.0, 0.5, 1.0, ["a"])]
PAIRS = schema.Pairs(
    pl.DataFrame([dict(zip(NAMES, row, strict=True)) for row in ROWS], schema=dict(schema.TABLES["pairs"]))
)


def test_people_of_pairs_are_joined_and_others_are_left_out() -> None:
    graph = build_coordination_graph(PAIRS, PEOPLE)
    assert sorted(graph.edges()) == [("p1", "p2"), ("p2", "unlisted")]
    assert graph.edges["p1", "p2"] == {
        "weight": 3, "n_shares": 3, "n_families": 2, "median_lag_s": 45.0, "p_value": 0.01, "q_value": 0.04,
        "n_sources": 2,
    }  # fmt: skip


def test_labels_are_printed_names_or_pseudonyms() -> None:
    named = build_coordination_graph(PAIRS, PEOPLE)
    assert {node: named.nodes[node]["label"] for node in named} == {
        "p1": "Yusra",
        "p2": "Person 2",
        "unlisted": "unlisted",
    }
    hidden = build_coordination_graph(PAIRS, PEOPLE, pseudonymise=True)
    assert {node: hidden.nodes[node]["label"] for node in hidden} == {
        "p1": "Person 1",
        "p2": "Person 2",
        "unlisted": "unlisted",
    }


def test_of_too_many_pairs_those_least_explained_by_chance_are_kept_and_the_graph_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = build_coordination_graph(PAIRS, PEOPLE)
    assert whole.graph == {}
    monkeypatch.setattr(drawn, "MOST_PAIRS", 1)
    cut = build_coordination_graph(PAIRS, PEOPLE)
    best = min(whole.edges(), key=lambda edge: float(whole.edges[edge]["q_value"]))
    assert list(cut.edges()) == [best]
    assert cut.graph["n_left_out"] == PAIRS.height - 1
    assert "1 pairs" in cut.graph["description"]
