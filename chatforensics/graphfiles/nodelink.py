"""Graphs as node-link JSON."""

import json
from collections.abc import Iterator

import polars as pl

from chatforensics.graphfiles.cells import SLICE, around, encode, json_cell, spell_cells
from chatforensics.graphfiles.table import NAMES, Graph, GraphTable, tabulate


def json_bytes(graph: "Graph") -> bytes:
    """Return the graph as node-link JSON (`nodes`, and `edges` with `source` and `target`), as networkx reads it.

    Empty attributes are left out; lists stay lists.
    """
    return encode(_write_json(tabulate(graph)))


def _write_json(table: GraphTable) -> Iterator[str]:
    kind = {"directed": table.is_directed, "multigraph": table.is_multigraph, "graph": table.about}
    yield f'{_dump(kind)[:-1]},"nodes":['
    yield from _write_objects(table.nodes)
    yield '],"edges":['
    yield from _write_objects(table.edges)
    yield "]}\n"


def _write_objects(rows: pl.DataFrame) -> Iterator[str]:
    """Yield rows as JSON objects with commas between them; what names a row stands last."""
    names = [name for name in rows.columns if name in NAMES]
    for first in range(0, rows.height, SLICE):
        part = rows.slice(first, SLICE)
        cells = spell_cells(part, json_cell)
        own = [around(f"{_dump(name)}:", cells[name], ",") for name in rows.columns if name not in names]
        named = [around(f'{"," if place else ""}"{name}":', cells[name]) for place, name in enumerate(names)]
        objects = part.select(pl.concat_str(pl.lit("{"), *own, *named, pl.lit("}"), ignore_nulls=True)).to_series()
        yield ("," if first else "") + objects.str.join(",").item()


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
