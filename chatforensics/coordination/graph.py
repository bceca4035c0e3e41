"""The coordination network: people, joined where they sent the same families close in time."""

from typing import TYPE_CHECKING

import polars as pl

from chatforensics.graphfiles import GraphTable
from chatforensics.schema import Clusters, Pairs, People

if TYPE_CHECKING:
    import networkx as nx

# As of the other graphs: more than this no viewer shows.
MOST_PAIRS = 200_000
_CUT = "Left out, those that chance explains best first: {n:,} pairs."


def build_coordination_graph(
    pairs: Pairs, people: People, clusters: Clusters | None = None, *, pseudonymise: bool = False
) -> "nx.Graph[str]":
    """Build the network of people who sent the same families close in time.

    An edge shows common timing, not agreement: two people who both copy a third are joined as well. Of more than
    200,000 pairs those least explained by chance are kept; the graph's `description` says so, and `n_left_out` how many
    are not.

    Args:
        pairs: The edges; also those that chance explains (see `q_value`).
        people: Gives each node its label.
        clusters: Those of `find_clusters`, if nodes shall tell which they belong to.
        pseudonymise: Whether labels are pseudonyms instead of the first name printed in the exports.

    Returns:
        Nodes by `person_id` with `label` and, of people in a cluster, `cluster` (its id); edges with `weight` and
        `n_shares` (shares in the window), `n_families`, `median_lag_s`, `p_value`, `q_value` and `n_sources` (how many
        exports they rest on).
    """
    graph = list_coordination_graph(pairs, people, clusters, pseudonymise=pseudonymise).build()
    for own in graph.nodes.values():
        if own.get("cluster") is None:
            own.pop("cluster", None)
    return graph


def list_coordination_graph(
    pairs: Pairs, people: People, clusters: Clusters | None = None, *, pseudonymise: bool = False
) -> GraphTable:
    """Return the network of `build_coordination_graph` as tables of nodes and edges, which take much less memory."""
    kept, about = _bound(pairs)
    columns = ["n_shares", "n_families", "median_lag_s", "p_value", "q_value"]
    n_sources = pl.col("source_ids").list.len().cast(pl.Int64)
    edges = kept.select(
        *columns, source="person_a", target="person_b", weight="n_shares", n_sources=n_sources
    ).sort("source", "target")  # fmt: skip
    printed = pl.lit(None, pl.String) if pseudonymise else pl.col("labels").list.first()
    names = people.select(id="person_id", label=pl.coalesce(printed, "pseudonym"))
    nodes = (
        pl.concat([edges["source"], edges["target"].alias("source")]).unique().sort().alias("id").to_frame()
        .join(names, on="id", how="left", maintain_order="left")
        .join(_list_clustered(clusters), on="id", how="left", maintain_order="left")
        .with_columns(pl.when(pl.col("label") != "").then("label").otherwise("id").alias("label"))
    )  # fmt: skip
    return GraphTable(nodes, edges, about, is_directed=False)


def _bound(pairs: Pairs) -> tuple[pl.DataFrame, dict[str, object]]:
    """Return the pairs of the graph and what it says of those left out."""
    n_left_out = pairs.height - MOST_PAIRS
    if n_left_out <= 0:
        return pairs, {}
    kept = pairs.sort("q_value", "p_value", "person_a", "person_b", nulls_last=True).head(MOST_PAIRS)
    return kept, {"description": _CUT.format(n=n_left_out), "n_left_out": n_left_out}


def _list_clustered(clusters: Clusters | None) -> pl.DataFrame:
    """Return the people of the clusters with the id of theirs: `id`, `cluster`."""
    if clusters is None:
        return pl.DataFrame(schema={"id": pl.String, "cluster": pl.String})
    listed = clusters.select(id="person_ids", cluster="cluster_id").explode("id")
    return listed.unique("id", keep="last", maintain_order=True)
