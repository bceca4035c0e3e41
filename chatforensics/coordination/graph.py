"""The coordination network: people, joined where they sent the same families close in time."""

import networkx as nx
import polars as pl

from chatforensics.schema import Clusters, Pairs, People


def build_coordination_graph(
    pairs: Pairs, people: People, clusters: Clusters | None = None, *, pseudonymise: bool = False
) -> "nx.Graph[str]":
    """Build the network of people who sent the same families close in time.

    An edge shows common timing, not agreement: two people who both copy a third are joined as well.

    Args:
        pairs: The edges; all of them, also those that chance explains (see `q_value`).
        people: Gives each node its label.
        clusters: Those of `find_clusters`, if nodes shall tell which they belong to.
        pseudonymise: Whether labels are pseudonyms instead of the first name printed in the exports.

    Returns:
        Nodes by `person_id` with `label` and, of people in a cluster, `cluster` (its id); edges with `weight` and
        `n_shares` (shares in the window), `n_families`, `median_lag_s`, `p_value`, `q_value` and `n_sources` (how many
        exports they rest on).
    """
    graph: nx.Graph[str] = nx.Graph()
    labels = {
        person_id: pseudonym if pseudonymise or not names else names[0]
        for person_id, pseudonym, names in people.select("person_id", "pseudonym", "labels").iter_rows()
    }
    counted = pairs.with_columns(n_sources=pl.col("source_ids").list.len().cast(pl.Int64))
    ordered = counted.sort("person_a", "person_b")
    for person_id in sorted({*ordered["person_a"], *ordered["person_b"]}):
        graph.add_node(person_id, label=labels.get(person_id) or person_id)
    for cluster_id, person_ids in _list_clusters(clusters):
        for person_id in graph.nodes & set(person_ids):
            graph.nodes[person_id]["cluster"] = cluster_id
    columns = ["n_shares", "n_families", "median_lag_s", "p_value", "q_value", "n_sources"]
    for row in ordered.select("person_a", "person_b", *columns).iter_rows(named=True):
        graph.add_edge(row.pop("person_a"), row.pop("person_b"), weight=row["n_shares"], **row)
    return graph


def _list_clusters(clusters: Clusters | None) -> list[tuple[str, list[str]]]:
    return [] if clusters is None else clusters.select("cluster_id", "person_ids").rows()
