import io
from datetime import UTC, datetime

import networkx as nx
import polars as pl

from chatforensics import schema
from chatforensics.diffusion.graph import build_diffusion_graph
from chatforensics.graphfiles import gexf_bytes, graphml_bytes

NINE, TEN = (datetime(2026, 5, 4, hour, 0, tzinfo=UTC) for hour in (9, 10))
EDGES = schema.Edges(
    pl.DataFrame(
        [
            ("p1", "p2", "f1", 2, NINE, TEN, ["a", "b"]),
            ("p1", "p2", "f2", 1, TEN, TEN, ["a"]),
            ("p2", "p3", "f1", 1, TEN, TEN, ["a"]),
        ],
        schema=dict(schema.TABLES["edges"]),
        orient="row",
    )
)
PEOPLE = schema.People(
    pl.DataFrame(
        [("p1", "Person 1", ["Yusra"], [], "label", ["a"]), ("p2", "Person 2", [], [], "label", ["a"])],
        schema=dict(schema.TABLES["people"]),
        orient="row",
    )
)
SHARES = schema.Shares(
    pl.DataFrame(
        [("s1", "f1", "v", "c", "p1", NINE, [1], 1.0, ["a"]), ("s2", "f1", "v", "d", "p1", TEN, [2], 1.0, ["b"])],
        schema=dict(schema.TABLES["shares"]),
        orient="row",
    )
)


def test_nodes_are_senders_and_recipients_with_their_earliest_share() -> None:
    graph = build_diffusion_graph(EDGES, PEOPLE, SHARES)
    assert list(graph) == ["p1", "p2", "p3"]
    assert graph.nodes["p1"] == {"label": "Yusra", "n_shares": 2, "earliest_at": "2026-05-04T09:00:00Z"}
    assert graph.nodes["p3"] == {"label": "p3", "n_shares": 0, "earliest_at": None}


def test_labels_can_be_pseudonyms() -> None:
    graph = build_diffusion_graph(EDGES, PEOPLE, SHARES, pseudonymise=True)
    assert [graph.nodes[node]["label"] for node in graph] == ["Person 1", "Person 2", "p3"]


def test_each_family_is_an_edge_of_its_own_with_its_times() -> None:
    graph = build_diffusion_graph(EDGES, PEOPLE, SHARES)
    assert graph.number_of_edges("p1", "p2") == 2
    edge = graph.edges["p1", "p2", "f1"]
    assert (edge["family_id"], edge["n_shares"], edge["weight"], edge["n_sources"]) == ("f1", 2, 2, 2)
    assert (edge["start"], edge["end"]) == ("2026-05-04T09:00:00Z", "2026-05-04T10:00:00Z")


def test_both_file_formats_hold_every_edge() -> None:
    graph = build_diffusion_graph(EDGES, PEOPLE, SHARES)
    assert nx.read_graphml(io.BytesIO(graphml_bytes(graph)), force_multigraph=True).number_of_edges() == 3
    assert gexf_bytes(graph).count(b"<edge ") == 3


def test_no_edges_make_an_empty_graph() -> None:
    graph = build_diffusion_graph(schema.Edges(schema.empty("edges")), PEOPLE, schema.Shares(schema.empty("shares")))
    assert graph.number_of_nodes() == 0
