"""A graph as tables of nodes and edges, to and from networkx."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import networkx as nx
import polars as pl

AnyGraph: TypeAlias = "nx.Graph[str]"
Graph: TypeAlias = "nx.Graph[str] | GraphTable"
ENDS = ("source", "target")
NAMES = ("id", *ENDS, "key")  # columns that name a node or an edge


@dataclass(frozen=True, slots=True)
class GraphTable:
    """A graph as tables.

    Attributes:
        nodes: one row per node: `id`, and a column per attribute; null where a node has none.
        edges: one row per edge: `source`, `target`, in a multigraph `key`, and a column per attribute. Of an undirected
            graph either end may be the source.
        about: what the graph says of itself.
        is_directed: whether edges lead from source to target.
        is_multigraph: whether two nodes may have several edges, told apart by `key`.
    """

    nodes: pl.DataFrame
    edges: pl.DataFrame
    about: Mapping[str, Any] = field(default_factory=dict)
    is_directed: bool = True
    is_multigraph: bool = False

    def build(self) -> "AnyGraph":
        """Return the graph as an object of networkx."""
        empty: dict[tuple[bool, bool], Any] = {
            (False, False): nx.Graph,
            (True, False): nx.DiGraph,
            (False, True): nx.MultiGraph,
        }
        graph: AnyGraph = empty.get((self.is_directed, self.is_multigraph), nx.MultiDiGraph)(**self.about)
        graph.add_nodes_from((row.pop("id"), row) for row in self.nodes.iter_rows(named=True))
        for row in self.edges.iter_rows(named=True):
            one, two = (row.pop(end) for end in ENDS)
            graph.add_edge(one, two, **row)
        return graph


def tabulate(graph: "Graph") -> GraphTable:
    """Return a graph with nodes and edges in the order of their names, and attributes in that of theirs.

    An attribute is left out where no node or edge has it; one of a graph of networkx also where it is called as the
    columns are that name a node or an edge.
    """
    table = graph if isinstance(graph, GraphTable) else _read_networkx(graph)
    edges = table.edges
    if not table.is_directed:
        either = [pl.min_horizontal(ENDS).alias("source"), pl.max_horizontal(ENDS).alias("target")]
        edges = edges.with_columns(either)
    about = {name: value for name, value in sorted(table.about.items()) if value is not None}
    return GraphTable(_order(table.nodes), _order(edges), about, table.is_directed, table.is_multigraph)


def _order(rows: pl.DataFrame) -> pl.DataFrame:
    names = [name for name in NAMES if name in rows.columns]
    own = sorted(name for name in rows.columns if name not in names and rows[name].null_count() < rows.height)
    return rows.select(*names, *own).sort(names)


def _read_networkx(graph: "AnyGraph") -> GraphTable:
    """Return a graph of networkx as tables; values of several types in one attribute become those of one."""
    keyed = isinstance(graph, nx.MultiGraph)
    edges: Iterable[tuple[Any, ...]] = graph.edges(data=True)
    if isinstance(graph, nx.MultiGraph):
        edges = graph.edges(keys=True, data=True)
    nodes = [{**own, "id": node} for node, own in graph.nodes.items()]
    named = [{**own, **dict(zip((*ENDS, "key"), ends, strict=False))} for *ends, own in edges]
    columns = (*ENDS, "key") if keyed else ENDS
    tables = _frame(nodes, ("id",)), _frame(named, columns)
    return GraphTable(*tables, _whole(graph.graph), graph.is_directed(), keyed)


def _frame(rows: list[dict[str, Any]], names: tuple[str, ...]) -> pl.DataFrame:
    if not rows:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    return pl.DataFrame([_whole(row) for row in rows], infer_schema_length=None, strict=False)


def _whole(value: Any) -> Any:  # noqa: ANN401 - what a graph of somebody holds
    """Return a value with half characters, which no table can hold, spelt as Python spells them."""
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()
    if isinstance(value, dict):
        return {_whole(name): _whole(part) for name, part in value.items()}
    return [_whole(part) for part in value] if isinstance(value, list | tuple) else value
