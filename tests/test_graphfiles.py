import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import polars as pl
import pytest

from chatforensics.graphfiles import GraphTable, cells, gexf_bytes, graphml_bytes, json_bytes, markup, nodelink

SPACE = "{http://www.gexf.net/1.2draft}"


def a_graph() -> "nx.MultiDiGraph[str]":
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(mode="dynamic")
    graph.add_node("p2", label="Ngozi \x0b\x00\ufffe🌸", n_shares=1)
    graph.add_node("p1", label="Søren & <Aoife>", n_shares=2, earliest_at=None)
    for family in ("f2", "f1"):
        times = {"start": "2026-05-04T09:00:00Z", "end": "2026-05-04T10:30:00Z"}
        graph.add_edge("p1", "p2", key=family, family_id=family, weight=1, **times)
    graph.add_edge("p2", "p1", key="f1", family_id="f1", weight=1, **times)
    return graph


def reordered() -> "nx.MultiDiGraph[str]":
    graph = a_graph()
    copy: nx.MultiDiGraph[str] = nx.MultiDiGraph(mode="dynamic")
    for node in reversed(list(graph)):
        copy.add_node(node, **dict(reversed(graph.nodes[node].items())))
    for one, two, key in reversed(list(graph.edges(keys=True))):
        copy.add_edge(one, two, key=key, **dict(reversed(graph.edges[one, two, key].items())))
    return copy


def test_graphml_reads_back_with_every_edge_of_a_multigraph() -> None:
    read = nx.read_graphml(io.BytesIO(graphml_bytes(a_graph())), force_multigraph=True)
    assert read.nodes["p2"]["label"] == "Ngozi 🌸"
    assert read.nodes["p1"]["label"] == "Søren & <Aoife>"
    assert isinstance(read, nx.MultiDiGraph)
    assert sorted(key for *_, key in read.edges(keys=True)) == ["e1", "e2", "e3"]


def test_igraph_reads_graphml_with_times_and_weights(tmp_path: Path) -> None:
    igraph = pytest.importorskip("igraph", reason="igraph is not installed")
    path = tmp_path / "graph.graphml"
    path.write_bytes(graphml_bytes(a_graph()))
    read = igraph.Graph.Read_GraphML(str(path))
    assert sorted(read.vs["label"]) == ["Ngozi 🌸", "Søren & <Aoife>"]
    assert read.es["weight"] == [1, 1, 1]
    assert read.es["start"] == ["2026-05-04T09:00:00Z"] * 3
    assert read.es["end"] == ["2026-05-04T10:30:00Z"] * 3


def test_gexf_edges_carry_their_times() -> None:
    root = ET.fromstring(gexf_bytes(a_graph()))  # noqa: S314 - our own bytes
    graph = root.find(f"{SPACE}graph")
    assert graph is not None
    assert (graph.get("mode"), graph.get("timeformat"), graph.get("defaultedgetype")) == (
        "dynamic",
        "date",
        "directed",
    )
    edges = list(graph.iter(f"{SPACE}edge"))
    assert [(edge.get("start"), edge.get("end")) for edge in edges] == [
        ("2026-05-04T09:00:00Z", "2026-05-04T10:30:00Z")
    ] * 3
    assert len({edge.get("id") for edge in edges}) == 3


@pytest.mark.parametrize("read", [nx.read_gexf, nx.read_graphml], ids=["gexf", "graphml"])
def test_times_and_weights_read_back(read: Callable[[io.BytesIO], "nx.MultiDiGraph[str]"]) -> None:
    write = {nx.read_gexf: gexf_bytes, nx.read_graphml: graphml_bytes}[read]
    found = read(io.BytesIO(write(a_graph())))
    assert found.nodes["p2"]["label"] == "Ngozi 🌸"
    assert sorted((one, two, edge["family_id"]) for one, two, edge in found.edges(data=True)) == [
        ("p1", "p2", "f1"),
        ("p1", "p2", "f2"),
        ("p2", "p1", "f1"),
    ]
    for *_, edge in found.edges(data=True):
        assert (edge["start"], edge["end"]) == ("2026-05-04T09:00:00Z", "2026-05-04T10:30:00Z")
        assert edge["weight"] == pytest.approx(1)


def test_gexf_names_neither_the_day_nor_the_library_version() -> None:
    text = gexf_bytes(a_graph())
    assert b"lastmodifieddate" not in text
    assert b"<creator>chatforensics</creator>" in text
    assert nx.__version__.encode() not in text


def test_characters_that_xml_cannot_hold_are_left_out_of_ids_too() -> None:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_edge("a\x01", "b\x1f", weight=0.5)
    read = nx.read_graphml(io.BytesIO(graphml_bytes(graph)))
    assert sorted(read.nodes()) == ["a", "b"]
    assert nx.read_gexf(io.BytesIO(gexf_bytes(graph))).edges["a", "b"]["weight"] == pytest.approx(0.5)


@pytest.mark.parametrize("write", [graphml_bytes, gexf_bytes])
def test_the_order_of_building_changes_no_byte(write: Callable[["nx.Graph[str]"], bytes]) -> None:
    assert write(a_graph()) == write(reordered())


@pytest.mark.parametrize("write", [graphml_bytes, gexf_bytes])
def test_an_empty_graph_is_a_file_too(write: Callable[["nx.Graph[str]"], bytes]) -> None:
    assert ET.fromstring(write(nx.Graph())).tag.endswith(("graphml", "gexf"))  # noqa: S314 - our own bytes


def a_table() -> GraphTable:
    nodes = pl.DataFrame(
        {
            "id": ["p1", "p2", "p3"],
            "label": ["Søren & <Aoife>", None, 'a "b"\n\\c'],
            "lists": [["x", "y&z"], [], None],
            "whole": [[1, 2], None, []],
            "sure": [True, False, None],
            "nobody": pl.Series([None] * 3, dtype=pl.String),
        }
    )
    edges = pl.DataFrame(
        {"source": ["p2", "p1"], "target": ["p1", "p3"], "weight": [1, 2], "p": [1e-06, 0.30000000000000004]}
    )
    return GraphTable(nodes, edges, {"description": "a & b", "nothing": None})


def without_gaps(own: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in own.items() if value is not None}


def test_a_table_and_the_graph_built_of_it_give_the_same_files() -> None:
    table = a_table()
    for write in (graphml_bytes, gexf_bytes, json_bytes):
        assert write(table) == write(table.build())


def test_json_has_what_the_graph_has_without_its_gaps() -> None:
    graph = a_table().build()
    linked = json.loads(json_bytes(a_table()))
    assert linked["graph"] == {"description": "a & b"}
    assert linked["directed"] is True
    assert linked["nodes"] == [{**without_gaps(own), "id": node} for node, own in sorted(graph.nodes.items())]
    assert [(edge["source"], edge["target"], edge["p"]) for edge in linked["edges"]] == [
        ("p1", "p3", 0.30000000000000004),
        ("p2", "p1", 1e-06),
    ]


def test_xml_spells_numbers_lists_and_yes_as_python_does() -> None:
    for written in (graphml_bytes(a_table()), gexf_bytes(a_table())):
        told = {value for node in ET.fromstring(written).iter() for value in (*node.attrib.values(), node.text or "")}  # noqa: S314 - our own bytes
        assert {"1e-06", "0.30000000000000004", "x y&z", "1 2", "true", "false"} <= told
        assert "nobody" not in told


def test_the_number_of_rows_written_at_once_changes_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    writers = (graphml_bytes, gexf_bytes, json_bytes)
    whole = [write(a_graph()) for write in writers]
    for module in (cells, markup, nodelink):
        monkeypatch.setattr(module, "SLICE", 1)
    assert [write(a_graph()) for write in writers] == whole


def test_a_graph_built_of_a_table_keeps_its_edges_apart() -> None:
    edges = pl.DataFrame({"source": ["a", "a"], "target": ["b", "b"], "key": ["f1", "f2"], "n": [1, 2]})
    graph = GraphTable(pl.DataFrame({"id": ["a", "b"]}), edges, is_multigraph=True).build()
    assert isinstance(graph, nx.MultiDiGraph)
    assert sorted(graph.edges(keys=True, data="n")) == [("a", "b", "f1", 1), ("a", "b", "f2", 2)]
    assert json_bytes(graph).count(b'"key":"f') == 2
