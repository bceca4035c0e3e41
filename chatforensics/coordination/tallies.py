"""What each account and each object has to do with a network of shared objects: CooRTweet's statistics."""

from typing import Literal, TypeAlias

import polars as pl

from chatforensics.coordination.coshare import EDGE
from chatforensics.errors import UsageError

Threshold: TypeAlias = Literal["none", "full", "fast"]
_COLUMNS: dict[Threshold, str] = {"full": "weight_threshold", "fast": "weight_threshold_fast"}


def tally_accounts(edges: pl.DataFrame, pairs: pl.DataFrame, *, threshold: Threshold = "none") -> pl.DataFrame:
    """Sum up each account's edges and shares, as CooRTweet's `account_stats` does.

    A short mean time shows quick shares of things that others shared too, not that they were agreed on. Edges of an
    account that have the same mean time and symmetry enter its means once, as in CooRTweet.

    Args:
        edges: From `count_edges`.
        pairs: The pairs that the edges come from.
        threshold: `full` or `fast` leaves only the edges whose weight exceeds the quantile, among all or fast weights.

    Returns:
        `account_id`, `avg_time_delta` (seconds) and `avg_edge_symmetry_score` (means over edges, also ending in `_fast`
        where the edges have that), `unique_shares_count` (distinct contents in the pairs; with `fast` in fast pairs).

    Raises:
        UsageError: the edges have no such threshold.
    """
    edges = _above(edges, threshold=threshold)
    means = [name for name in edges.columns if name.startswith(("avg_time_delta", "edge_symmetry_score"))]
    sides = pl.concat([edges.select(pl.col(name).alias("account_id"), *means) for name in EDGE]).unique()
    averages = sides.group_by("account_id").agg(pl.col(means).mean())
    averages = averages.rename({name: f"avg_{name}" for name in means if name.startswith("edge")})
    pairs = pairs.filter("fast") if threshold == "fast" else pairs
    shares = [pairs.select(account_id=f"account_id{end}", content_id=f"content_id{end}") for end in ("", "_y")]
    counts = pl.concat(shares).group_by("account_id").agg(unique_shares_count=pl.col("content_id").n_unique())
    found = averages.join(counts.cast({"unique_shares_count": pl.Int64}), on="account_id")
    return found.sort("account_id")


def tally_objects(edges: pl.DataFrame, pairs: pl.DataFrame, *, threshold: Threshold = "none") -> pl.DataFrame:
    """Count the accounts that shared each object close in time, as CooRTweet's `group_stats` does.

    Args:
        edges: From `count_edges`.
        pairs: The pairs that the edges come from, as `pair_shares` or `flag_fast` gave them.
        threshold: As for `tally_accounts`.

    Returns:
        `object_id`, `n_accounts` (all of them), `n_pairs`, and `num_accounts`, CooRTweet's own number. It counts the
        accounts that stand first in an edge of its graph, so it is too low and depends on the order of the pairs; it is
        here for comparison only. Most accounts first.

    Raises:
        UsageError: the edges have no such threshold.
    """
    named = _name_ends(pairs)
    kept = _above(edges, threshold=threshold).select(EDGE)
    named = named.filter("fast") if threshold == "fast" else named
    named = named.join(kept, on=EDGE, how="semi")
    ends = pl.concat([named.select("object_id", account_id=name) for name in EDGE])
    whole = ends.group_by("object_id").agg(n_accounts=pl.col("account_id").n_unique().cast(pl.Int64))
    own = named.group_by("object_id").agg(
        n_pairs=pl.len().cast(pl.Int64), num_accounts=pl.col("from").n_unique().cast(pl.Int64)
    )
    return whole.join(own, on="object_id").sort(["n_accounts", "object_id"], descending=[True, False])


def _above(edges: pl.DataFrame, *, threshold: Threshold) -> pl.DataFrame:
    """Return the edges whose weight exceeds the quantile asked for."""
    if threshold == "none":
        return edges
    if _COLUMNS[threshold] not in edges.columns:
        raise UsageError(f"The edges have no {_COLUMNS[threshold]}.", hint="Count them with an edge weight quantile.")
    return edges.filter(pl.col(_COLUMNS[threshold]) == 1)


def _name_ends(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs with the accounts of their edge, and which of the two CooRTweet's graph puts first: `from`.

    Its graph numbers the accounts as they come, all that stand left in an edge before all others, and puts the one
    with the smaller number first.
    """
    if "fast" in pairs.columns:
        pairs = pairs.sort("content_id", "content_id_y", maintain_order=True)  # the order in which it marks fast pairs
    named = pairs.select(
        "object_id",
        account_a=pl.min_horizontal("account_id", "account_id_y"),
        account_b=pl.max_horizontal("account_id", "account_id_y"),
        fast=pl.col("fast") if "fast" in pairs.columns else pl.lit(False),
    )
    edges = named.select(EDGE).unique(maintain_order=True)
    order = pl.concat([edges["account_a"], edges["account_b"].alias("account_a")]).unique(maintain_order=True)
    numbers = pl.DataFrame({"account": order}).with_row_index("number")
    for name in EDGE:
        numbered = numbers.rename({"account": name, "number": f"{name}_number"})
        edges = edges.join(numbered, on=name, how="left", maintain_order="left")
    first = pl.when(pl.col("account_a_number") <= pl.col("account_b_number")).then("account_a").otherwise("account_b")
    return named.join(edges.select(*EDGE, first.alias("from")), on=EDGE, how="left", maintain_order="left")
