"""Clusters: people joined by pairs that chance explains badly, with what they sent close in time."""

import hashlib

import networkx as nx
import numpy as np
import polars as pl

from chatforensics.coordination.meetings import list_meetings, number_shares
from chatforensics.schema import SIGNIFICANT_Q, Clusters, Pairs, Shares, check, empty

PAIR = ["person_a", "person_b"]


def find_clusters(pairs: Pairs, shares: Shares, *, window_s: float) -> Clusters:
    """Group people who are joined by significant pairs, and list what they sent close in time.

    A cluster is a connected component: two of its people may be joined through others only, and need not have sent
    anything together. It shows common timing, not an agreement, and not who asked whom; one pair in twenty that joins
    people here is expected to be chance (`q_value`), so that a person joined by one pair alone may be there by chance.

    Args:
        pairs: From `find_pairs`; those with a q-value up to 0.05 join people.
        shares: What was sent.
        window_s: The window that the pairs were found with, in seconds.

    Returns:
        One row per cluster, the largest first: `cluster_id` (from its people, so that it stays the same while they do),
        `person_ids`, `n_pairs`, `family_ids` and `message_ids` of the shares inside the window of a significant pair,
        `n_families`, `first_at` and `last_at` of these shares, `largest_q` of the pairs, and `source_ids`: the exports
        that show these shares.

    Raises:
        UsageError: the window is not positive.
    """
    joined = pairs.filter(pl.col("q_value") <= SIGNIFICANT_Q).select(*PAIR, "q_value")
    if joined.is_empty():
        return Clusters(empty("clusters"))
    groups = _name_groups(joined)
    within = joined.join(groups.select(person_a="person_id", cluster_id="cluster_id"), on="person_a")
    sent = _list_shares(within, shares, window_s=window_s)
    people = groups.group_by("cluster_id").agg(person_ids=pl.col("person_id").sort())
    counted = within.group_by("cluster_id").agg(n_pairs=pl.len().cast(pl.Int64), largest_q=pl.col("q_value").max())
    clusters = people.join(counted, on="cluster_id").join(_sum_up(sent), on="cluster_id")
    ordered = clusters.sort(pl.col("person_ids").list.len(), "n_pairs", "cluster_id", descending=[True, True, False])
    return Clusters(check(ordered, table="clusters"))


def _name_groups(joined: pl.DataFrame) -> pl.DataFrame:
    """Return the component of each person: `person_id` and `cluster_id`."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_edges_from(joined.select(PAIR).iter_rows())
    rows = [(person, _cluster_id(members)) for members in nx.connected_components(graph) for person in sorted(members)]
    return pl.DataFrame(rows, schema={"person_id": pl.String, "cluster_id": pl.String}, orient="row")


def _cluster_id(people: set[str]) -> str:
    return hashlib.sha256("\x1f".join(sorted(people)).encode()).hexdigest()[:16]


def _list_shares(within: pl.DataFrame, shares: Shares, *, window_s: float) -> pl.DataFrame:
    """Return the shares inside the window of a significant pair, with the cluster of the pair."""
    groups = pl.concat([within.select("cluster_id", person_id=name) for name in PAIR]).unique()
    own = Shares(shares.join(groups, on="person_id", how="semi", maintain_order="left"))
    numbered = number_shares(own)
    one, two = (numbered.names.search_sorted(within[name]).to_numpy().astype(np.int64) for name in PAIR)
    wanted, is_close = one * len(numbered.names) + two, np.zeros(own.height, dtype=np.bool_)
    for first, second in list_meetings(numbered, window_s=window_s, min_participation=1):
        kept = np.isin(numbered.pair(first, second), wanted)
        for rows in (first, second):
            is_close[rows[kept]] = True
    return own.filter(pl.Series(is_close)).join(groups, on="person_id")


def _sum_up(sent: pl.DataFrame) -> pl.DataFrame:
    """Return families, messages, times and exports of the shares of each cluster."""
    return sent.group_by("cluster_id").agg(
        n_families=pl.col("family_id").n_unique().cast(pl.Int64),
        family_ids=pl.col("family_id").unique().sort(),
        message_ids=pl.col("message_ids").explode().unique().sort(),
        first_at=pl.col("sent_at").min(),
        last_at=pl.col("sent_at").max(),
        source_ids=pl.col("source_ids").explode().drop_nulls().unique().sort(),
    )
