"""Graphs as GraphML and GEXF bytes that Gephi and yEd open, the same bytes on every run."""

import io
import re
from typing import Any, TypeAlias, TypeVar

import networkx as nx

AnyGraph: TypeAlias = "nx.Graph[str]"
Value = TypeVar("Value")

# XML 1.0 has no way to write these, not even escaped; one of them in a name makes the whole file unreadable.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STAMP = re.compile(rb' lastmodifieddate="[^"]*"')
_CREATOR = re.compile(rb"<creator>[^<]*</creator>")


def graphml_bytes(graph: AnyGraph) -> bytes:
    """Return the graph as a GraphML file; characters that XML cannot hold are left out."""
    target = io.BytesIO()
    nx.write_graphml_xml(_clean_graph(graph), target, prettyprint=False)
    return target.getvalue()


def gexf_bytes(graph: AnyGraph) -> bytes:
    """Return the graph as a GEXF 1.2 file; `start` and `end` (ISO times) of an edge become its time in Gephi.

    The file calls its times dates, which holds times of day too: GEXF readers other than Gephi know no other word for
    them. Characters that XML cannot hold are left out.
    """
    target = io.BytesIO()
    nx.write_gexf(_clean_graph(graph), target, version="1.2draft", prettyprint=False)
    # networkx stamps the day and its version.
    return _CREATOR.sub(b"<creator>chatforensics</creator>", _STAMP.sub(b"", target.getvalue(), count=1), count=1)


def _clean_graph(graph: AnyGraph) -> AnyGraph:
    """Return a copy in a fixed order, with every string free of characters that XML cannot hold."""
    copy = graph.__class__(**_clean_attributes(graph.graph))
    for node in sorted(graph):
        copy.add_node(_clean(node), **_clean_attributes(graph.nodes[node]))
    for number, (*ends, attributes) in enumerate(sorted(_list_edges(graph), key=lambda edge: edge[:-1]), start=1):
        # Gephi drops an edge whose id it has seen: keys, which repeat between other nodes, become numbers.
        named = {"key": f"e{number}"} if graph.is_multigraph() else {}
        copy.add_edge(_clean(ends[0]), _clean(ends[1]), **named, **_clean_attributes(attributes))
    return copy


def _list_edges(graph: AnyGraph) -> list[tuple[Any, ...]]:
    """Return the edges as two nodes, in a multigraph the key, and the attributes."""
    if isinstance(graph, nx.MultiGraph):
        return list(graph.edges(keys=True, data=True))
    return list(graph.edges(data=True))


def _clean_attributes(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes in the order of their names, without the empty ones."""
    return {name: _clean(value) for name, value in sorted(attributes.items()) if value is not None}


def _clean(value: Value) -> Value | str:
    """Return a string without the characters that XML cannot hold, and anything else as it is."""
    return _ILLEGAL.sub("", value) if isinstance(value, str) else value
