"""Other readings of paired shares: who came after whom, messages instead of pairs, and parts of a network."""

from typing import Literal, TypeAlias, get_args

import polars as pl

from chatforensics.coordination.coshare import EDGE
from chatforensics.coordination.windows import MICROSECONDS
from chatforensics.errors import UsageError

Part: TypeAlias = Literal["heavy", "fast", "context"]
PARTS: tuple[Part, ...] = get_args(Part)


def count_followings(pairs: pl.DataFrame) -> pl.DataFrame:
    """Count for two accounts how often the second shared a thing within the window after the first.

    Coming after somebody does not show having it from them: both may have it from a third, and the export's clock
    decides what is earlier. Shares at equal times have no order and count for neither direction.

    Args:
        pairs: From `pair_shares`.

    Returns:
        One row per direction, the heaviest first: `account_a` (the earlier), `account_b` (the later), `weight` (pairs
        of shares in this order), `avg_time_delta` (seconds), `n_objects` and `n_same_time` (pairs of the two accounts
        at equal times, which are in no weight; two accounts with no others have no row).
    """
    low, high = pl.min_horizontal("account_id", "account_id_y"), pl.max_horizontal("account_id", "account_id_y")
    ties = pairs.filter(pl.col("time_delta") == 0).group_by(low=low, high=high).agg(n_same_time=pl.len().cast(pl.Int64))
    microseconds = (pl.col("time_delta") * MICROSECONDS).round().cast(pl.Int64)
    ordered = pairs.filter(pl.col("time_delta") > 0).group_by(account_a="account_id", account_b="account_id_y")
    counted = ordered.agg(
        weight=pl.len().cast(pl.Int64),
        avg_time_delta=microseconds.sum() / (pl.len().cast(pl.Int64) * MICROSECONDS),
        n_objects=pl.col("object_id").n_unique().cast(pl.Int64),
    ).with_columns(low=pl.min_horizontal(EDGE), high=pl.max_horizontal(EDGE))
    both = counted.join(ties, on=["low", "high"], how="left").drop("low", "high")
    both = both.with_columns(pl.col("n_same_time").fill_null(0))
    return both.sort(["weight", *EDGE], descending=[True, False, False])


def count_messages(pairs: pl.DataFrame, *, min_weight: int = 1) -> pl.DataFrame:
    """Count for two accounts the messages of the first that lie within the window of one of the second, either way.

    The numbers equal those of the coordination-network-toolkit (Graham, QUT Digital Observatory; 2022) on its test
    input. It counts each message once, however many of the other account's it meets, so the two directions differ. A
    message never meets itself.

    Args:
        pairs: From `pair_shares` with a minimum participation of 1, and loops kept if they shall be counted.
        min_weight: Fewest messages.

    Returns:
        One row per direction, the heaviest first: `account_a`, `account_b`, `weight` (distinct messages of a).
    """
    pairs = pairs.filter(pl.col("content_id") != pl.col("content_id_y"))
    sides = [
        pairs.select(account_a=f"account_id{one}", account_b=f"account_id{two}", content_id=f"content_id{one}")
        for one, two in (("", "_y"), ("_y", ""))
    ]
    counted = pl.concat(sides).group_by(EDGE).agg(weight=pl.col("content_id").n_unique().cast(pl.Int64))
    return counted.filter(pl.col("weight") >= min_weight).sort(["weight", *EDGE], descending=[True, False, False])


def keep_part(edges: pl.DataFrame, *, part: Part) -> pl.DataFrame:
    """Keep a part of the network, as CooRTweet's `subgraph` does.

    Args:
        edges: From `count_edges` with an edge weight quantile; for `fast` and `context` with fast pairs.
        part: `heavy` keeps the edges above the quantile (subgraph 1), `fast` those above the quantile of the fast
            weights (2), `context` all edges among the accounts of the latter and whoever is joined to them (3).

    Returns:
        The edges that stay; for `context` with `is_fast_a` and `is_fast_b`: whether the account has an edge above the
        quantile of the fast weights itself.

    Raises:
        UsageError: the edges lack what the part asks for.
    """
    column = "weight_threshold" if part == "heavy" else "weight_threshold_fast"
    if column not in edges.columns:
        needed = "an edge weight quantile" if part == "heavy" else "an edge weight quantile and a fast window"
        raise UsageError(f"The part '{part}' of a network needs {needed}.", hint="Give them, or ask for all edges.")
    heavy = edges.filter(pl.col(column) == 1)
    if part != "context":
        return heavy
    core = pl.concat([heavy["account_a"], heavy["account_b"]]).unique().implode()
    is_fast = edges.with_columns(is_fast_a=pl.col("account_a").is_in(core), is_fast_b=pl.col("account_b").is_in(core))
    touching = is_fast.filter(pl.col("is_fast_a") | pl.col("is_fast_b"))
    around = pl.concat([touching["account_a"], touching["account_b"]]).unique().implode()
    return is_fast.filter(pl.col("account_a").is_in(around) & pl.col("account_b").is_in(around))
