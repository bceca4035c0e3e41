"""The diffusion graph: people, and who sent which family to whom."""

from typing import TYPE_CHECKING, cast

import polars as pl

from chatforensics.diffusion.naming import SECOND, name_people
from chatforensics.graphfiles import GraphTable
from chatforensics.schema import Edges, Links, People, Shares

if TYPE_CHECKING:
    import networkx as nx

# More than this no viewer of graphs shows; a file of a million edges takes gigabytes to open.
MOST_EDGES = 200_000
SLICE = 1_000_000  # edges that are joined at once
_FAMILY = ["sender_id", "recipient_id", "family_id"]
_WHO = _FAMILY[:2]
_COULD_READ = (
    "An edge says that the recipient was in a chat with the sender when the text was sent there, not that they read it "
    "or took it from there. Parallel edges are different families: Gephi keeps them apart if told not to merge them."
)
_CUT = "Edges of all families between two people are one: {n:,} edges of single families were too many for one file."
_CHATS = "Edges lead from senders to chats, whose members are the recipients: {n:,} edges to people were too many."


def build_diffusion_graph(
    edges: Edges | pl.LazyFrame,
    people: People,
    shares: Shares,
    *,
    links: Links | pl.LazyFrame | None = None,
    pseudonymise: bool = False,
) -> "nx.MultiDiGraph[str]":
    """Build the graph of who sent which tracked family to whom.

    An edge says that the recipient could read the text in a chat with the sender, not that they read it or took it from
    there. `earliest_at` is a person's earliest share in the evidence; someone outside it may have been earlier. Beyond
    200,000 edges those of all families between two people become one, and if these are still too many, edges lead to
    the chats that were sent into; the graph's `description` says so, and `grain` is `families`, `people` or `chats`.

    Args:
        edges: One graph edge per row.
        people: Gives each node its label.
        shares: Gives each node its number of shares.
        links: Gives each edge its probability.
        pseudonymise: Whether labels are pseudonyms instead of the first name printed in the exports.

    Returns:
        Nodes by `person_id` with `label`, `n_shares`, `earliest_at` and `start` (when they first sent or could read
        one); edges keyed by family, with `family_id`, `variant_ids` (the wordings the recipient could read there),
        `n_shares`, `weight` (the same), `n_sources` (how many exports it rests on), `probability` (that at least one
        of the recipient's own shares of the family came from the sender's; none where no link says so), `start` and
        `end` (first and last share; UTC, ISO 8601; Gephi's time line).
    """
    table = list_diffusion_graph(edges, people, shares, links=links, pseudonymise=pseudonymise)
    return cast("nx.MultiDiGraph[str]", table.build())


def list_diffusion_graph(
    edges: Edges | pl.LazyFrame,
    people: People,
    shares: Shares,
    *,
    links: Links | pl.LazyFrame | None = None,
    pseudonymise: bool = False,
) -> GraphTable:
    """Return the graph of `build_diffusion_graph` as tables of nodes and edges, which take much less memory."""
    scanned = edges.lazy()
    n_edges = int(scanned.select(pl.len()).collect().item())
    rows, grain, described = _choose_grain(scanned, n_edges, shares, links)
    nodes = _node_rows(rows, name_people(people, pseudonymise=pseudonymise), shares).rename({"person_id": "id"})
    ends = {"sender_id": "source", "recipient_id": "target"}
    about = {"mode": "dynamic", "grain": grain, "description": described, "n_edges_by_family": n_edges}
    return GraphTable(nodes, rows.sort(*_WHO, "key").rename(ends), about, is_multigraph=True)


def _choose_grain(
    edges: pl.LazyFrame, n_edges: int, shares: Shares, links: Links | pl.LazyFrame | None
) -> tuple[pl.DataFrame, str, str]:
    """Return the rows of the finest graph within the bound, what its edges are, and the words for it."""
    if n_edges <= MOST_EDGES:
        return _family_rows(edges.collect(), shares, links), "families", _COULD_READ
    between = _people_rows(edges, n_edges)
    if between is not None:
        return between, "people", f"{_COULD_READ} {_CUT.format(n=n_edges)}"
    return _chat_rows(shares), "chats", _CHATS.format(n=n_edges)


def _family_rows(edges: pl.DataFrame, shares: Shares, links: Links | pl.LazyFrame | None) -> pl.DataFrame:
    """Return one row per sender, recipient and family."""
    n_sources = pl.col("source_ids").list.len().cast(pl.Int64)
    rows = edges.with_columns(n_sources=n_sources, key="family_id").drop("source_ids")
    if links is not None:
        rows = rows.join(_came_from(shares, links), on=_FAMILY, how="left")
    return _with_times(rows)


def _came_from(shares: Shares, links: Links | pl.LazyFrame) -> pl.DataFrame:
    """Return how probable it is that at least one share of a person came from another person: by family.

    Shares of one burst are one decision. Decisions are taken to be independent.
    """
    sent = shares.select("share_id", "family_id", recipient_id="person_id")
    parents = shares.select(parent_share_id="share_id", sender_id="person_id")
    told = links.lazy().select("share_id", "parent_share_id", "probability", "burst_id")
    named = told.filter(pl.col("parent_share_id").is_not_null()).collect().join(sent, on="share_id")
    decided = named.with_columns(pl.col("burst_id").fill_null(pl.col("share_id")))
    return (
        decided.unique(["burst_id", "parent_share_id"], keep="any")
        .join(parents, on="parent_share_id")
        .group_by(*_FAMILY, "burst_id")
        .agg(pl.col("probability").cast(pl.Float64).sum().clip(0, 1))
        .group_by(_FAMILY)
        .agg(probability=(1 - (1 - pl.col("probability").sort()).product()).round(6))
    )


def _people_rows(edges: pl.LazyFrame, n_edges: int) -> pl.DataFrame | None:
    """Return one row per sender and recipient, or None as soon as these are too many."""
    one = pl.lit(1, pl.Int64).alias("n_families")
    counted = edges.select(*_WHO, "n_shares", one, "first_at", "last_at")
    rows = counted.head(0).collect()
    for start in range(0, n_edges, SLICE):
        both = pl.concat([rows, counted.slice(start, SLICE).collect()])
        rows = both.group_by(_WHO).agg(
            pl.col("n_shares", "n_families").sum(), pl.col("first_at").min(), pl.col("last_at").max()
        )
        if rows.height > MOST_EDGES:
            return None
    return _with_times(rows.with_columns(key=pl.lit("all")))


def _chat_rows(shares: Shares) -> pl.DataFrame:
    """Return one row per sender and chat."""
    rows = shares.group_by(sender_id="person_id", recipient_id="chat_id").agg(
        n_shares=pl.len().cast(pl.Int64),
        n_families=pl.col("family_id").n_unique().cast(pl.Int64),
        first_at=pl.col("sent_at").min(),
        last_at=pl.col("sent_at").max(),
    )
    return _with_times(rows.with_columns(key=pl.lit("all")))


def _with_times(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with their times as text, and the number of shares as weight."""
    times = {"start": pl.col("first_at").dt.strftime(SECOND), "end": pl.col("last_at").dt.strftime(SECOND)}
    return rows.with_columns(weight="n_shares", **times).drop("first_at", "last_at")


def _node_rows(rows: pl.DataFrame, names: pl.DataFrame, shares: Shares) -> pl.DataFrame:
    """Return the attributes of everybody who sent or could receive a tracked family, in the order of their ids."""
    ends = [rows.select(pl.col(end).alias("person_id"), "start") for end in _WHO]
    sent = shares.group_by("person_id").agg(n_shares=pl.len().cast(pl.Int64), earliest_at=pl.col("sent_at").min())
    counts = sent.with_columns(pl.col("earliest_at").dt.strftime(SECOND))
    begun = [*ends, counts.select("person_id", start="earliest_at")]
    everybody = pl.concat(begun).group_by("person_id").agg(pl.col("start").min())
    return (
        everybody.join(names, on="person_id", how="left")
        .join(counts, on="person_id", how="left")
        .with_columns(pl.col("label").fill_null(pl.col("person_id")), pl.col("n_shares").fill_null(0))
        .select("person_id", "label", "n_shares", "earliest_at", "start")
        .sort("person_id")
    )
