"""Graphs as GraphML and GEXF, line by line."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeAlias

import polars as pl

from chatforensics.graphfiles.cells import SLICE, Cells, around, encode, escape, say_value, spell_cells, xml_cell
from chatforensics.graphfiles.table import ENDS, NAMES, Graph, GraphTable, tabulate
from chatforensics.schema import DataType

Columns: TypeAlias = dict[str, tuple[str, str]]  # of each attribute its id in the file and its type there

_NODE_PLACES = ("label", "start", "end")
_EDGE_PLACES = ("label", "weight", "start", "end")
_MODES = {True: 'mode="dynamic" timeformat="date"', False: 'mode="static"'}
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
_GRAPHML = 'xmlns="http://graphml.graphdrawing.org/xmlns"'
_GEXF = 'xmlns="http://www.gexf.net/1.2draft" version="1.2"'
_TYPES = {bool: "boolean", int: "long", float: "double"}
_NUMBERED = pl.format("e{}", pl.col("#"))  # edges by their place in the file


def graphml_bytes(graph: "Graph") -> bytes:
    """Return the graph as a GraphML file; characters that XML cannot hold are left out.

    Lists become words with blanks between them. What the graph says of itself stands at its head.
    """
    return encode(_write_graphml(tabulate(graph)))


def _write_graphml(table: GraphTable) -> Iterator[str]:
    about = {name: (f"g{place}", value) for place, (name, value) in enumerate(table.about.items())}
    node, edge = _number(table.nodes, "n"), _number(table.edges, "e")
    told = {name: (key, _TYPES.get(type(value), "string")) for name, (key, value) in about.items()}
    yield f"{_HEAD}<graphml {_GRAPHML}>\n"
    for level, columns in {"graph": told, "node": node, "edge": edge}.items():
        for name, (key, kind) in columns.items():
            yield f'<key id="{key}" for="{level}" attr.name="{escape(name)}" attr.type="{kind}"/>\n'
    own = "".join(f'<data key="{key}">{escape(say_value(value))}</data>' for key, value in about.values())
    yield f'<graph edgedefault="{_direction(table)}">{own}\n'
    ids: Cells = {"id": _NUMBERED} if table.is_multigraph else {}
    yield from _write_rows(table.nodes, lambda cells: _element("node", {"id": cells["id"]}, _list_data(cells, node)))
    yield from _write_rows(
        table.edges, lambda cells: _element("edge", {**ids, **_ends(cells)}, _list_data(cells, edge))
    )
    yield "</graph>\n</graphml>\n"


def gexf_bytes(graph: "Graph") -> bytes:
    """Return the graph as a GEXF 1.2 file; `start` and `end` (ISO times) of nodes and edges are Gephi's time line.

    The file calls its times dates, which holds times of day too (Gephi reads both by one rule): other readers know no
    other word for them. A node or edge without `end` stays from its start on. The graph's `description` becomes the
    file's. Lists become words with blanks between them; characters that XML cannot hold are left out.
    """
    return encode(_write_gexf(tabulate(graph)))


def _write_gexf(table: GraphTable) -> Iterator[str]:
    node, edge = _number(table.nodes, "n", but=_NODE_PLACES), _number(table.edges, "e", but=_EDGE_PLACES)
    dynamic = table.about.get("mode") == "dynamic" or "start" in {*table.nodes.columns, *table.edges.columns}
    described = escape(say_value(table.about.get("description", "")))
    yield f"{_HEAD}<gexf {_GEXF}>\n"
    yield f"<meta><creator>chatforensics</creator><description>{described}</description></meta>\n"
    yield f'<graph defaultedgetype="{_direction(table)}" {_MODES[dynamic]}>\n'
    yield from _declare("node", node)
    yield from _declare("edge", edge)
    yield "<nodes>\n"
    yield from _write_rows(table.nodes, partial(_write_gexf_node, columns=node))
    yield "</nodes>\n<edges>\n"
    yield from _write_rows(table.edges, partial(_write_gexf_edge, columns=edge))
    yield "</edges>\n</graph>\n</gexf>\n"


def _write_gexf_node(cells: Cells, columns: Columns) -> pl.Expr:
    label = pl.coalesce(cells["label"], cells["id"]) if "label" in cells else cells["id"]
    placed = {name: cells[name] for name in _NODE_PLACES if name in cells and name != "label"}
    return _element("node", {"id": cells["id"], "label": label, **placed}, _list_values(cells, columns))


def _write_gexf_edge(cells: Cells, columns: Columns) -> pl.Expr:
    placed = {name: cells[name] for name in _EDGE_PLACES if name in cells}
    return _element("edge", {"id": _NUMBERED, **_ends(cells), **placed}, _list_values(cells, columns))


def _number(rows: pl.DataFrame, letter: str, *, but: tuple[str, ...] = ()) -> Columns:
    """Return the id and the type of each attribute."""
    own = [name for name in rows.columns if name not in {*NAMES, *but}]
    return {name: (f"{letter}{place}", _type_of(rows.schema[name])) for place, name in enumerate(own)}


def _type_of(kind: DataType) -> str:
    if kind == pl.Boolean:
        return "boolean"
    return "double" if kind.is_float() else "long" if kind.is_integer() else "string"


def _write_rows(rows: pl.DataFrame, write: Callable[[Cells], pl.Expr]) -> Iterator[str]:
    """Yield rows as lines of XML; `write` makes the line of their cells."""
    for first in range(0, rows.height, SLICE):
        part = rows.slice(first, SLICE)
        numbered = part.with_columns(pl.int_range(first + 1, first + 1 + pl.len()).alias("#"))
        yield numbered.select(write(spell_cells(part, xml_cell))).to_series().str.join("\n").item() + "\n"


def _ends(cells: Cells) -> Cells:
    return {end: cells[end] for end in ENDS}


def _element(tag: str, attributes: Cells, inside: pl.Expr) -> pl.Expr:
    placed = [around(f' {name}="', text, '"') for name, text in attributes.items()]
    return pl.concat_str(pl.lit(f"<{tag}"), *placed, pl.lit(">"), inside, pl.lit(f"</{tag}>"), ignore_nulls=True)


def _list_data(cells: Cells, columns: Columns) -> pl.Expr:
    """Return attributes as GraphML writes them."""
    told = [around(f'<data key="{key}">', cells[name], "</data>") for name, (key, _) in columns.items()]
    return pl.concat_str(pl.lit(""), *told, ignore_nulls=True)


def _list_values(cells: Cells, columns: Columns) -> pl.Expr:
    """Return attributes as GEXF writes them, without those that have a place of their own."""
    told = [around(f'<attvalue for="{key}" value="', cells[name], '"/>') for name, (key, _) in columns.items()]
    values = pl.concat_str(pl.lit(""), *told, ignore_nulls=True)
    return pl.when(values != "").then(around("<attvalues>", values, "</attvalues>"))


def _declare(level: str, columns: Columns) -> Iterator[str]:
    """Yield the declaration of a level's attributes in GEXF."""
    if columns:
        yield f'<attributes class="{level}" mode="static">\n'
        for name, (key, kind) in columns.items():
            yield f'<attribute id="{key}" title="{escape(name)}" type="{kind}"/>\n'
        yield "</attributes>\n"


def _direction(table: GraphTable) -> str:
    return "directed" if table.is_directed else "undirected"
