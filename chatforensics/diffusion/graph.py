"""The diffusion graph: people, and who sent which family to whom."""

import networkx as nx
import polars as pl

from chatforensics.schema import Edges, People, Shares

SECOND = "%Y-%m-%dT%H:%M:%SZ"


def build_diffusion_graph(
    edges: Edges, people: People, shares: Shares, *, pseudonymise: bool = False
) -> "nx.MultiDiGraph[str]":
    """Build the graph of who sent which tracked family to whom.

    An edge says that the recipient could read the text in a chat with the sender, not that they read it or took it from
    there. `earliest_at` is a person's earliest share in the evidence; someone outside it may have been earlier.

    Args:
        edges: One graph edge per row.
        people: Gives each node its label.
        shares: Gives each node its number of shares.
        pseudonymise: Whether labels are pseudonyms instead of the first name printed in the exports.

    Returns:
        Nodes by `person_id` with `label`, `n_shares`, `earliest_at`; edges keyed by family, with `family_id`,
        `n_shares`, `weight` (the same), `n_sources` (how many exports it rests on), `start` and `end` (first and last
        share; UTC, ISO 8601; Gephi's time line).
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(mode="dynamic")
    for row in _node_rows(edges, people, shares, pseudonymise=pseudonymise).iter_rows(named=True):
        graph.add_node(row.pop("person_id"), **row)
    for sender, recipient, family, n_shares, n_sources, first, last in _edge_rows(edges).iter_rows():
        graph.add_edge(
            sender,
            recipient,
            key=family,
            family_id=family,
            n_shares=n_shares,
            weight=n_shares,
            n_sources=n_sources,
            start=first,
            end=last,
        )
    return graph


def _node_rows(edges: Edges, people: People, shares: Shares, *, pseudonymise: bool) -> pl.DataFrame:
    """Return the attributes of everybody who sent or could receive a tracked family, in the order of their ids."""
    everybody = pl.concat([edges["sender_id"], edges["recipient_id"], shares["person_id"]]).unique().sort()
    sent = shares.group_by("person_id").agg(
        n_shares=pl.len().cast(pl.Int64), earliest_at=pl.col("sent_at").min().dt.strftime(SECOND)
    )
    printed = pl.lit(None, pl.String) if pseudonymise else pl.col("labels").list.first()
    labels = people.select("person_id", label=pl.coalesce(printed, "pseudonym"))
    return (
        pl.DataFrame({"person_id": everybody}, schema={"person_id": pl.String})
        .join(labels, on="person_id", how="left")
        .join(sent, on="person_id", how="left")
        .with_columns(pl.col("label").fill_null(pl.col("person_id")), pl.col("n_shares").fill_null(0))
        .select("person_id", "label", "n_shares", "earliest_at")
        .sort("person_id")
    )


def _edge_rows(edges: Edges) -> pl.DataFrame:
    """Return the edges in order, their times as text."""
    times = pl.col("first_at", "last_at").dt.strftime(SECOND)
    n_sources = pl.col("source_ids").list.len().cast(pl.Int64).alias("n_sources")
    columns = ["sender_id", "recipient_id", "family_id", "n_shares", n_sources, "first_at", "last_at"]
    return edges.select(columns).with_columns(times).sort("sender_id", "recipient_id", "family_id")
