"""The cascade forest: every share, and from which share it may have come."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import polars as pl

from chatforensics.diffusion.naming import SECOND, name_people
from chatforensics.graphfiles import GraphTable
from chatforensics.schema import Chats, Links, People, Shares

if TYPE_CHECKING:
    import networkx as nx

NOT_IN_EVIDENCE = (
    "A share without an arrow into it most likely came from outside the evidence; its sender need not be where the "
    "text began."
)


@dataclass(frozen=True, slots=True)
class ForestView:
    """What a forest shows.

    Args:
        least_probability: None: into each share at most one arrow, from its likeliest source, and none where that is
            not in the evidence. A number: from every candidate that has at least this probability.
        most_shares: Beyond this many shares whole families are left out, the smallest first.
        pseudonymise: Whether people appear under pseudonyms and chats under their ids.
    """

    least_probability: float | None = None
    most_shares: int = 200_000
    pseudonymise: bool = False


DEFAULT_VIEW = ForestView()


def build_cascade_forest(
    shares: Shares, links: Links | pl.LazyFrame, people: People, chats: Chats, *, view: ForestView = DEFAULT_VIEW
) -> "nx.DiGraph[str]":
    """Build the forest of shares: an arrow from a share to one that may have come from it, with its probability.

    An arrow is a possibility with a weight, not an observation: exports do not show what anybody read.

    Args:
        shares: One node per row.
        links: One arrow per row that the view shows.
        people: Name the senders.
        chats: Name the chats.
        view: Which arrows are shown, how many shares, and under which names.

    Returns:
        Nodes by `share_id` with `label`, `family_id`, `variant_id`, `person_id`, `person`, `chat_id`, `chat`, `start`
        (when it was sent; UTC, ISO 8601), `n_messages`, `message_ids`, `source_ids`, `unseen_probability` (that its
        source is not in the evidence); edges from source to share with `probability`, `weight` (the same), `rank`,
        `lag_s` (seconds) and `start` (when the later share was sent). The graph's `description` says what is shown,
        and `n_left_out` how many shares are not.
    """
    return cast("nx.DiGraph[str]", list_cascade_forest(shares, links, people, chats, view=view).build())


def list_cascade_forest(
    shares: Shares, links: Links | pl.LazyFrame, people: People, chats: Chats, *, view: ForestView = DEFAULT_VIEW
) -> GraphTable:
    """Return the forest of `build_cascade_forest` as tables of nodes and edges, which take much less memory."""
    kept = _largest_families(shares, view.most_shares)
    n_left_out = shares.height - kept.height
    about = {"mode": "dynamic", "description": _describe(view, n_left_out), "n_left_out": n_left_out}
    drawn = links.lazy().join(kept.lazy().select("share_id"), on="share_id", how="semi")
    nodes = _node_rows(kept, drawn, _chat_titles(chats, view), name_people(people, pseudonymise=view.pseudonymise))
    arrows = _edge_rows(kept, drawn, view)
    named = {"parent_share_id": "source", "share_id": "target"}
    return GraphTable(nodes.rename({"share_id": "id"}), arrows.rename(named), about)


def _describe(view: ForestView, n_left_out: int) -> str:
    if view.least_probability is None:
        shown = "Each share, with an arrow from the share it most likely came from."
    else:
        least = view.least_probability
        shown = f"Each share, with an arrow from every share it may have come from with probability {least:g} or more."
    left = f" Left out, smallest families first: {n_left_out:,} shares." if n_left_out else ""
    return f"{shown} {NOT_IN_EVIDENCE}{left}"


def _largest_families(shares: Shares, most: int) -> pl.DataFrame:
    """Return the shares of the largest families that together have at most that many; always those of the largest."""
    if shares.height <= most:
        return shares
    sizes = shares.group_by("family_id").agg(n=pl.len().cast(pl.Int64)).sort("n", "family_id", descending=[True, False])
    fitting = sizes.with_columns(total=pl.col("n").cum_sum(), place=pl.int_range(pl.len()))
    kept = fitting.filter((pl.col("total") <= most) | (pl.col("place") == 0))
    return shares.join(kept.select("family_id"), on="family_id", how="semi")


def _chat_titles(chats: Chats, view: ForestView) -> pl.DataFrame:
    title = pl.lit(None, pl.String) if view.pseudonymise else pl.col("title")
    return chats.select("chat_id", chat=pl.coalesce(title, "chat_id"))


def _node_rows(shares: pl.DataFrame, links: pl.LazyFrame, titles: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Return the attributes of each share, in the order of their ids."""
    outside = links.filter(pl.col("parent_share_id").is_null())
    unseen = outside.select("share_id", unseen_probability="probability").collect()
    named = names.select("person_id", person="label")
    return (
        shares.join(titles, on="chat_id", how="left")
        .join(named, on="person_id", how="left")
        .join(unseen, on="share_id", how="left")
        .with_columns(pl.col("chat").fill_null(pl.col("chat_id")), pl.col("person").fill_null(pl.col("person_id")))
        .select(
            *["share_id", "family_id", "variant_id", "person_id", "person", "chat_id", "chat"],
            *["message_ids", "source_ids"],
            label=pl.concat_str("person", "chat", separator=" in "),
            start=pl.col("sent_at").dt.strftime(SECOND),
            n_messages=pl.col("message_ids").list.len().cast(pl.Int64),
            unseen_probability=_rounded(pl.col("unseen_probability").fill_null(0.0)),
        )
        .sort("share_id")
    )


def _edge_rows(shares: pl.DataFrame, links: pl.LazyFrame, view: ForestView) -> pl.DataFrame:
    """Return the arrows that the view shows, in the order of their ends."""
    shown = pl.col("rank") == 1
    if view.least_probability is not None:
        shown = pl.col("probability") >= view.least_probability
    sent = shares.select("share_id", start=pl.col("sent_at").dt.strftime(SECOND))
    return (
        links.filter(shown & pl.col("parent_share_id").is_not_null())
        .collect()
        .join(sent, on="share_id")
        .with_columns(probability=_rounded(pl.col("probability")), rank=pl.col("rank").cast(pl.Int64))
        .select("share_id", "parent_share_id", "probability", "rank", "lag_s", "start", weight="probability")
        .sort("parent_share_id", "share_id")
    )


def _rounded(probability: pl.Expr) -> pl.Expr:
    """Return probabilities with six digits: the tables have no more than single precision."""
    return probability.cast(pl.Float64).round(6)
