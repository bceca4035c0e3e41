import io
from datetime import UTC, datetime

import networkx as nx
import polars as pl
import pytest
from tablerows import fill

from chatforensics import schema
from chatforensics.diffusion import graph as module
from chatforensics.diffusion.graph import build_diffusion_graph
from chatforensics.graphfiles import gexf_bytes, graphml_bytes, json_bytes

NINE, TEN = (datetime(2026, 5, 4, hour, 0, tzinfo=UTC) for hour in (9, 10))
EDGES = schema.Edges(
    fill(
        "edges",
        [
            ("p1", "p2", "f1", 2, NINE, TEN, ["a", "b"]),
            ("p1", "p2", "f2", 1, TEN, TEN, ["a"]),
            ("p2", "p3", "f1", 1, TEN, TEN, ["a"]),
        ],
    ).with_columns(variant_ids=pl.Series([["v", "w"], ["x"], ["v"]]))
)
PEOPLE = schema.People(
    fill(
        "people",
        [("p1", "Person 1", ["Yusra"], [], "label", ["a"]), ("p2", "Person 2", [], [], "label", ["a"])],
    )
)
SHARES = schema.Shares(
    fill(
        "shares",
        [
            ("s1", "f1", "v", "c", "p1", NINE, [1], 1.0, ["a"]),
            ("s2", "f1", "v", "d", "p1", TEN, [2], 1.0, ["b"]),
            ("s3", "f1", "v", "e", "p2", TEN, [3], 1.0, ["a"]),
            ("s4", "f1", "v", "g", "p2", TEN, [4], 1.0, ["a"]),
        ],
    )
)


def some_links(rows: list[tuple[str, str | None, float, str]]) -> schema.Links:
    ranked = [(child, parent, p, 1, 0.0, burst) for child, parent, p, burst in rows]
    return schema.Links(fill("links", ranked))


def test_nodes_are_senders_and_recipients_with_their_earliest_share() -> None:
    graph = build_diffusion_graph(EDGES, PEOPLE, SHARES)
    assert list(graph) == ["p1", "p2", "p3"]
    nine = "2026-05-04T09:00:00Z"
    assert graph.nodes["p1"] == {"label": "Yusra", "n_shares": 2, "earliest_at": nine, "start": nine}
    assert graph.nodes["p3"] == {"label": "p3", "n_shares": 0, "earliest_at": None, "start": "2026-05-04T10:00:00Z"}


def test_a_node_begins_when_its_person_first_sent_or_could_read_something() -> None:
    graph = build_diffusion_graph(EDGES, PEOPLE, SHARES)
    assert graph.nodes["p2"]["earliest_at"] == "2026-05-04T10:00:00Z"
    assert graph.nodes["p2"]["start"] == "2026-05-04T09:00:00Z"


def test_labels_can_be_pseudonyms() -> None:
    graph = build_diffusion_graph(EDGES, PEOPLE, SHARES, pseudonymise=True)
    assert [graph.nodes[node]["label"] for node in graph] == ["Person 1", "Person 2", "p3"]


def test_each_family_is_an_edge_of_its_own_with_its_times_and_wordings() -> None:
    graph = build_diffusion_graph(EDGES, PEOPLE, SHARES)
    assert graph.number_of_edges("p1", "p2") == 2
    edge = graph.edges["p1", "p2", "f1"]
    assert (edge["family_id"], edge["n_shares"], edge["weight"], edge["n_sources"]) == ("f1", 2, 2, 2)
    assert (edge["start"], edge["end"]) == ("2026-05-04T09:00:00Z", "2026-05-04T10:00:00Z")
    assert edge["variant_ids"] == ["v", "w"]


def test_an_edge_says_how_probable_it_is_that_the_recipient_had_it_from_the_sender() -> None:
    links = some_links([("s3", "s1", 0.5, "s3"), ("s3", "s2", 0.25, "s3"), ("s4", "s1", 0.2, "s4")])
    graph = build_diffusion_graph(EDGES, PEOPLE, SHARES, links=links)
    assert graph.edges["p1", "p2", "f1"]["probability"] == pytest.approx(1 - 0.25 * 0.8)
    assert graph.edges["p1", "p2", "f2"]["probability"] is None
    assert graph.edges["p2", "p3", "f1"]["probability"] is None


def test_shares_of_one_burst_are_one_decision() -> None:
    links = some_links([("s3", "s1", 0.5, "s3"), ("s4", "s1", 0.5, "s3"), ("s3", None, 0.5, "s3")])
    graph = build_diffusion_graph(EDGES, PEOPLE, SHARES, links=links)
    assert graph.edges["p1", "p2", "f1"]["probability"] == pytest.approx(0.5)


def test_every_file_format_holds_every_edge() -> None:
    graph = build_diffusion_graph(EDGES, PEOPLE, SHARES)
    assert nx.read_graphml(io.BytesIO(graphml_bytes(graph)), force_multigraph=True).number_of_edges() == 3
    assert gexf_bytes(graph).count(b"<edge ") == 3
    assert json_bytes(graph).count(b'"source":') == 3


@pytest.mark.parametrize("slice_size", [1, 2, 10])
def test_too_many_edges_of_families_become_edges_of_people(monkeypatch: pytest.MonkeyPatch, slice_size: int) -> None:
    monkeypatch.setattr(module, "MOST_EDGES", 2)
    monkeypatch.setattr(module, "SLICE", slice_size)
    graph = build_diffusion_graph(EDGES, PEOPLE, SHARES)
    assert (graph.graph["grain"], graph.graph["n_edges_by_family"]) == ("people", 3)
    assert "3 edges of single families were too many" in graph.graph["description"]
    edge = graph.edges["p1", "p2", "all"]
    assert (edge["n_shares"], edge["n_families"]) == (3, 2)
    assert (edge["start"], edge["end"]) == ("2026-05-04T09:00:00Z", "2026-05-04T10:00:00Z")


def test_too_many_edges_of_people_become_edges_to_chats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_EDGES", 1)
    graph = build_diffusion_graph(EDGES, PEOPLE, SHARES)
    assert graph.graph["grain"] == "chats"
    assert sorted(graph.edges(keys=False)) == [("p1", "c"), ("p1", "d"), ("p2", "e"), ("p2", "g")]
    assert "3 edges to people were too many" in graph.graph["description"]


def test_no_edges_make_an_empty_graph() -> None:
    graph = build_diffusion_graph(schema.Edges(schema.empty("edges")), PEOPLE, schema.Shares(schema.empty("shares")))
    assert graph.number_of_nodes() == 0
