"""Graphs as GraphML, GEXF and node-link JSON bytes, the same bytes on every run.

The two XML forms are written here, line by line: networkx's own writers hold a tree of elements several times as large
as the graph, and stamp the day into the file. What they write reads back with networkx.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias
from xml.sax.saxutils import quoteattr

import networkx as nx

AnyGraph: TypeAlias = "nx.Graph[str]"
Attributes: TypeAlias = dict[str, Any]

# XML 1.0 has no way to write these, not even escaped; one of them in a name makes the whole file unreadable.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL = re.compile("[^ !#-%'-;=?-\ud7ff]")
_TYPES = {bool: "boolean", int: "long", float: "double"}
_NODE_PLACES = ("label", "start", "end")
_EDGE_PLACES = ("label", "weight", "start", "end")
_MODES = {True: 'mode="dynamic" timeformat="date"', False: 'mode="static"'}
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
_GRAPHML = 'xmlns="http://graphml.graphdrawing.org/xmlns"'
_GEXF = 'xmlns="http://www.gexf.net/1.2draft" version="1.2"'


def graphml_bytes(graph: AnyGraph) -> bytes:
    """Return the graph as a GraphML file; characters that XML cannot hold are left out.

    Lists become words with blanks between them. What the graph says of itself stands at its head.
    """
    nodes, edges = _list_nodes(graph), _list_edges(graph)
    levels = {"graph": [_keep(graph.graph)], "node": [row[-1] for row in nodes], "edge": [row[-1] for row in edges]}
    keys = {level: _number(_find_types(rows), f"{level[0]}") for level, rows in levels.items()}
    lines = [f"{_HEAD}<graphml {_GRAPHML}>"]
    lines += [
        f'<key id="{key}" for="{level}" attr.name={_quote(name)} attr.type="{kind}"/>'
        for level, columns in keys.items()
        for name, (key, kind) in columns.items()
    ]
    lines += [f'<graph edgedefault="{_direction(graph)}">{_write_data(levels["graph"][0], keys["graph"])}']
    lines += [f"<node id={_quote(node)}>{_write_data(own, keys['node'])}</node>" for node, own in nodes]
    for number, (one, two, own) in enumerate(edges, start=1):
        name = f' id="e{number}"' if graph.is_multigraph() else ""
        lines.append(f"<edge{name} source={_quote(one)} target={_quote(two)}>{_write_data(own, keys['edge'])}</edge>")
    return "\n".join([*lines, "</graph>", "</graphml>", ""]).encode()


def gexf_bytes(graph: AnyGraph) -> bytes:
    """Return the graph as a GEXF 1.2 file; `start` and `end` (ISO times) of nodes and edges are Gephi's time line.

    The file calls its times dates, which holds times of day too (Gephi reads both by one rule): other readers know no
    other word for them. A node or edge without `end` stays from its start on. The graph's `description` becomes the
    file's. Lists become words with blanks between them; characters that XML cannot hold are left out.
    """
    nodes, edges = _list_nodes(graph), _list_edges(graph)
    node_columns = _number(_find_types((own for _, own in nodes), but=_NODE_PLACES), "n")
    edge_columns = _number(_find_types((own for *_, own in edges), but=_EDGE_PLACES), "e")
    dynamic = graph.graph.get("mode") == "dynamic" or any("start" in row[-1] for row in (*nodes, *edges))
    described = _text(graph.graph.get("description", ""))
    lines = [
        f"{_HEAD}<gexf {_GEXF}>",
        f"<meta><creator>chatforensics</creator><description>{_quote(described)[1:-1]}</description></meta>",
        f'<graph defaultedgetype="{_direction(graph)}" {_MODES[dynamic]}>',
        *_declare("node", node_columns),
        *_declare("edge", edge_columns),
        "<nodes>",
    ]
    for node, own in nodes:
        placed = _write_places({"label": node, **own}, _NODE_PLACES)
        lines.append(f"<node id={_quote(node)}{placed}>{_write_values(own, node_columns)}</node>")
    lines += ["</nodes>", "<edges>"]
    for number, (one, two, own) in enumerate(edges, start=1):
        head = f'<edge id="e{number}" source={_quote(one)} target={_quote(two)}{_write_places(own, _EDGE_PLACES)}'
        lines.append(f"{head}>{_write_values(own, edge_columns)}</edge>")
    return "\n".join([*lines, "</edges>", "</graph>", "</gexf>", ""]).encode()


def json_bytes(graph: AnyGraph) -> bytes:
    """Return the graph as node-link JSON (`nodes`, and `edges` with `source` and `target`), as networkx reads it.

    Empty attributes are left out; lists stay lists.
    """
    ordered = graph.__class__(**_keep(graph.graph))
    ordered.add_nodes_from(_list_nodes(graph))
    edges: Iterable[Any] = ((*ends, _keep(own)) for ends, own in _in_order(graph))
    ordered.add_edges_from(edges)
    linked = nx.node_link_data(ordered, edges="edges")
    return (json.dumps(linked, ensure_ascii=False, separators=(",", ":")) + "\n").encode("utf-8", "backslashreplace")


def _list_nodes(graph: AnyGraph) -> list[tuple[str, Attributes]]:
    """Return the nodes in the order of their names, each with its attributes in that of theirs."""
    rows: Iterable[tuple[str, Attributes]] = graph.nodes.items()
    return [(node, _keep(own)) for node, own in sorted(rows, key=lambda row: row[0])]


def _list_edges(graph: AnyGraph) -> list[tuple[str, str, Attributes]]:
    """Return the edges in order of their ends and keys, with their attributes."""
    return [(ends[0], ends[1], _keep(own)) for ends, own in _in_order(graph)]


def _in_order(graph: AnyGraph) -> list[tuple[tuple[str, ...], Attributes]]:
    """Return the ends of each edge, in a multigraph with its key, and its attributes, in the order of the ends."""
    return sorted(_edges_with_keys(graph), key=lambda edge: edge[0])


def _edges_with_keys(graph: AnyGraph) -> Iterator[tuple[tuple[str, ...], Attributes]]:
    """Yield the ends of each edge, in a multigraph with its key, and its attributes."""
    edges: Iterable[tuple[Any, ...]] = graph.edges(data=True)
    if isinstance(graph, nx.MultiGraph):
        edges = graph.edges(keys=True, data=True)
    for one, two, *key, own in edges:
        ends = (one, two) if graph.is_directed() else (min(one, two), max(one, two))
        yield (*ends, *key), own


def _keep(attributes: Attributes) -> Attributes:
    """Return the attributes in the order of their names, without the empty ones."""
    return {name: value for name, value in sorted(attributes.items()) if value is not None}


def _find_types(rows: Iterable[Attributes], *, but: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the type of each attribute: that of all its values, `double` for whole and other numbers, else text."""
    seen: dict[str, set[type]] = {}
    for row in rows:
        for name, value in row.items():
            seen.setdefault(name, set()).add(type(value))
    return {name: _join_types(seen[name]) for name in sorted(seen) if name not in but}


def _join_types(kinds: set[type]) -> str:
    if kinds == {int, float}:
        return "double"
    return _TYPES.get(next(iter(kinds)), "string") if len(kinds) == 1 else "string"


def _number(types: dict[str, str], letter: str) -> dict[str, tuple[str, str]]:
    """Return the id and the type of each attribute."""
    return {name: (f"{letter}{number}", kind) for number, (name, kind) in enumerate(types.items())}


def _declare(level: str, columns: dict[str, tuple[str, str]]) -> list[str]:
    """Return the declaration of a level's attributes in GEXF."""
    declared = (f'<attribute id="{key}" title={_quote(name)} type="{kind}"/>' for name, (key, kind) in columns.items())
    return [f'<attributes class="{level}" mode="static">', *declared, "</attributes>"] if columns else []


def _write_data(attributes: Attributes, keys: dict[str, tuple[str, str]]) -> str:
    """Return attributes as GraphML writes them."""
    return "".join(f'<data key="{keys[n][0]}">{_quote(_text(v))[1:-1]}</data>' for n, v in attributes.items())


def _write_values(attributes: Attributes, columns: dict[str, tuple[str, str]]) -> str:
    """Return attributes as GEXF writes them, without those that have a place of their own."""
    values = "".join(
        f'<attvalue for="{columns[name][0]}" value={_quote(_text(value))}/>'
        for name, value in attributes.items()
        if name in columns
    )
    return f"<attvalues>{values}</attvalues>" if values else ""


def _write_places(attributes: Attributes, places: tuple[str, ...]) -> str:
    """Return the attributes that GEXF writes into the element itself."""
    return "".join(f" {name}={_quote(_text(attributes[name]))}" for name in places if name in attributes)


def _direction(graph: AnyGraph) -> str:
    return "directed" if graph.is_directed() else "undirected"


def _text(value: object) -> str:
    """Return a value as XML writes it: words of lists with blanks between them, yes and no in small letters."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return " ".join(map(_text, value))
    return str(value)


def _quote(text: str) -> str:
    """Return the text in double quotation marks, safe in XML, without the characters that XML cannot hold."""
    if _SPECIAL.search(text) is None:
        return f'"{text}"'
    return quoteattr(_ILLEGAL.sub("", text), {'"': "&quot;"})
