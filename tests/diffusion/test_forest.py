import io
import json
from datetime import UTC, datetime

import networkx as nx
import pytest
from tablerows import fill

from chatforensics import schema
from chatforensics.diffusion.forest import ForestView, build_cascade_forest
from chatforensics.graphfiles import gexf_bytes, graphml_bytes, json_bytes

NINE, TEN = (datetime(2026, 5, 4, hour, 0, tzinfo=UTC) for hour in (9, 10))
SHARES = schema.Shares(
    fill(
        "shares",
        [
            ("s1", "f1", "v1", "c1", "p1", NINE, [11, 12], 1.0, ["a", "b"]),
            ("s2", "f1", "v2", "c2", "p2", TEN, [13], 0.9, ["b"]),
            ("s3", "f2", "v3", "c1", "p2", TEN, [14], 1.0, ["a"]),
        ],
    )
)
LINKS = schema.Links(
    fill(
        "links",
        [
            ("s1", None, 1.0, 1, None, "s1"),
            ("s2", "s1", 0.7, 1, 3600.0, "s2"),
            ("s2", None, 0.3, 2, None, "s2"),
            ("s3", None, 0.6, 1, None, "s3"),
            ("s3", "s2", 0.4, 2, 0.0, "s3"),
        ],
    )
)
PEOPLE = schema.People(
    fill(
        "people",
        [("p1", "Person 1", ["Ifeoma"], [], "label", ["a"]), ("p2", "Person 2", ["Jarosław"], [], "label", ["a"])],
    )
)
CHATS = schema.Chats(
    fill(
        "chats",
        [("c1", "Choir", "group", ["a"]), ("c2", None, "group", ["b"])],
    )
)


def the_forest(view: ForestView | None = None) -> "nx.DiGraph[str]":
    return build_cascade_forest(SHARES, LINKS, PEOPLE, CHATS, view=view or ForestView())


def test_an_arrow_leads_from_the_likeliest_source_and_none_where_that_is_not_in_the_evidence() -> None:
    graph = the_forest()
    assert list(graph.edges) == [("s1", "s2")]
    assert graph.edges["s1", "s2"] == {
        "probability": 0.7,
        "weight": 0.7,
        "rank": 1,
        "lag_s": 3600.0,
        "start": "2026-05-04T10:00:00Z",
    }


def test_every_share_is_a_node_that_leads_back_to_messages() -> None:
    assert the_forest().nodes["s1"] == {
        "label": "Ifeoma in Choir",
        "family_id": "f1",
        "variant_id": "v1",
        "person_id": "p1",
        "person": "Ifeoma",
        "chat_id": "c1",
        "chat": "Choir",
        "start": "2026-05-04T09:00:00Z",
        "n_messages": 2,
        "message_ids": [11, 12],
        "source_ids": ["a", "b"],
        "unseen_probability": 1.0,
    }


def test_every_share_says_how_probable_it_is_that_its_source_is_not_in_the_evidence() -> None:
    graph = the_forest()
    assert {node: graph.nodes[node]["unseen_probability"] for node in graph} == {"s1": 1.0, "s2": 0.3, "s3": 0.6}


@pytest.mark.parametrize(("least", "shown"), [(0.4, 2), (0.5, 1), (0.71, 0)])
def test_a_view_shows_every_candidate_of_at_least_that_probability(least: float, shown: int) -> None:
    assert the_forest(ForestView(least_probability=least)).number_of_edges() == shown


def test_pseudonyms_replace_names_and_titles() -> None:
    graph = the_forest(ForestView(pseudonymise=True))
    assert [graph.nodes[node]["label"] for node in graph] == ["Person 1 in c1", "Person 2 in c2", "Person 2 in c1"]


def test_beyond_the_bound_the_smallest_families_are_left_out_and_the_file_says_so() -> None:
    graph = the_forest(ForestView(most_shares=2))
    assert list(graph) == ["s1", "s2"]
    assert graph.graph["n_left_out"] == 1
    assert b"Left out, smallest families first: 1 shares." in gexf_bytes(graph)


def test_the_largest_family_is_shown_even_beyond_the_bound() -> None:
    assert list(the_forest(ForestView(most_shares=1))) == ["s1", "s2"]


def test_the_files_read_back_with_times_and_probabilities() -> None:
    graph = the_forest()
    for read in (
        nx.read_gexf(io.BytesIO(gexf_bytes(graph))),
        nx.read_graphml(io.BytesIO(graphml_bytes(graph))),
        nx.node_link_graph(json.loads(json_bytes(graph)), edges="edges"),
    ):
        assert read.nodes["s2"]["start"] == "2026-05-04T10:00:00Z"
        assert read.nodes["s2"]["variant_id"] == "v2"
        assert read.edges["s1", "s2"]["probability"] == pytest.approx(0.7)


def test_no_shares_make_an_empty_forest() -> None:
    none = schema.Shares(schema.empty("shares"))
    assert build_cascade_forest(none, schema.Links(schema.empty("links")), PEOPLE, CHATS).number_of_nodes() == 0
