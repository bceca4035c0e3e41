"""Co-sharing inside a time window, with the results of CooRTweet (Righetti and Balluff; Giglietto et al. 2020).

The method, in order: accounts with fewer rows than the minimum participation leave; two rows of one object pair up when
their times lie at most the window apart; pairs of an account with itself leave (unless loops are kept); the rows behind
the remaining pairs are counted per account, and a pair stays when at least one of its two contents belongs to an
account that reaches the minimum. The result counts pairs per two accounts.

`coordinate` does it at one go. Several layers (links, hashtags, images) are `pair_shares` of each, one below the other,
counted by `count_edges`.
"""

import math

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics.coordination.windows import MICROSECONDS, PairedRows, pair_rows, read_rows, strong_contents
from chatforensics.errors import UsageError

PAIR_COLUMNS = ("object_id", "content_id", "content_id_y", "time_delta", "account_id", "account_id_y")
EDGE = ("account_a", "account_b")


def coordinate(
    table: pl.DataFrame,
    *,
    window_s: float,
    min_participation: int,
    keep_loops: bool = False,
    edge_weight_quantile: float | None = None,
) -> pl.DataFrame:
    """Count for every two accounts how often they shared the same thing within a time window.

    Two accounts that both follow a third are counted as well, and popular things are shared together by chance: a
    count shows common timing, not agreement. The numbers equal those of CooRTweet 2.1.3, edge by edge.

    Args:
        table: Columns `account_id`, `object_id`, `timestamp_share` (seconds, or datetimes) and `content_id`. Rows with
            an empty cell in one of them are left out. Times count to the microsecond.
        window_s: Most seconds between two shares of one object, this value included; 0 asks for equal times.
        min_participation: Fewest rows of an account, before pairing and again among what was paired.
        keep_loops: Whether an account may pair with itself.
        edge_weight_quantile: If given, `weight_threshold` is 1 where the weight exceeds this quantile of all weights.

    Returns:
        `account_a`, `account_b` (a before b), `weight` (number of pairs), `avg_time_delta` (seconds),
        `edge_symmetry_score` (the smaller of the next two by the larger), `n_content_id` and `n_content_id_y` (distinct
        earlier and later contents, whoever of the two shared them). Where two shares of one object carry the same time,
        the account that comes first in the table counts as the earlier, as in CooRTweet; this touches the last three
        columns only.

    Raises:
        SchemaError: a column is missing, or a time is neither a number nor a datetime.
        UsageError: the window or the participation is below 0, or the quantile lies outside 0 to 1.
    """
    _check_quantile(edge_weight_quantile)
    found = pair_rows(table, window_s=window_s, min_participation=min_participation, keep_loops=keep_loops)
    edges = count_edges(_number_pairs(found), edge_weight_quantile=edge_weight_quantile)
    return edges.with_columns(found.names.gather(edges[name]).alias(name) for name in EDGE)


def pair_shares(
    table: pl.DataFrame, *, window_s: float, min_participation: int, keep_loops: bool = False
) -> pl.DataFrame:
    """List every two shares of one object that lie at most the window apart, the earlier share first.

    Args:
        table: As for `coordinate`.
        window_s: Most seconds between the two, this value included.
        min_participation: As for `coordinate`.
        keep_loops: Whether an account may pair with itself.

    Returns:
        `object_id`, `content_id`, `content_id_y`, `time_delta` (seconds), `account_id`, `account_id_y`, in the order of
        these columns.

    Raises:
        SchemaError: a column is missing, or a time is neither a number nor a datetime.
        UsageError: the window or the participation is below 0.
    """
    found = pair_rows(table, window_s=window_s, min_participation=min_participation, keep_loops=keep_loops)
    earlier, later = found.rows[found.first], found.rows[found.second]
    frame = earlier.select("object_id", "content_id", "account_id").with_columns(
        content_id_y=later["content_id"],
        account_id_y=later["account_id"],
        time_delta=(later["time"] - earlier["time"]) / MICROSECONDS,
    )
    return frame.select(*PAIR_COLUMNS).sort(pl.all())


def flag_fast(table: pl.DataFrame, pairs: pl.DataFrame, *, window_s: float, min_participation: int) -> pl.DataFrame:
    """Mark the pairs that lie inside a narrower window too: the column `fast`.

    The minimum participation is asked for again among what is inside the narrower window. A pair is marked where its
    two contents are, so two contents that share several objects are marked for all of them, as by CooRTweet's
    `flag_speed_share`.

    Args:
        table: As for `coordinate`, the table that the pairs come from.
        pairs: From `pair_shares`.
        window_s: Most seconds between the two shares, this value included.
        min_participation: Fewest rows of an account among the contents inside the narrower window.

    Raises:
        SchemaError: a column is missing, or a time is neither a number nor a datetime.
        UsageError: the window is below 0.
    """
    if not window_s >= 0:
        raise UsageError(f"The fast window must be 0 seconds or longer, is {window_s}.")
    contents = ["content_id", "content_id_y"]
    near = pairs.filter(pl.col("time_delta") <= window_s)
    paired = pl.concat([near[name].alias("content_id") for name in contents])
    strong = strong_contents(read_rows(table), paired, min_participation=min_participation).implode()
    near = near.filter(pl.any_horizontal(pl.col(contents).is_in(strong)))
    marked = near.select(contents).unique().with_columns(fast=pl.lit(True))
    found = pairs.drop("fast", strict=False).join(marked, on=contents, how="left", maintain_order="left")
    return found.with_columns(pl.col("fast").fill_null(value=False))


def count_edges(pairs: pl.DataFrame, *, edge_weight_quantile: float | None = None) -> pl.DataFrame:
    """Count pairs of shares per two accounts, the heaviest first.

    Args:
        pairs: From `pair_shares` (several layers below each other if wanted) or `flag_fast`.
        edge_weight_quantile: As for `coordinate`.

    Returns:
        As `coordinate` says. If the pairs say which are `fast`, the same columns once more for those, ending in
        `_fast`: empty where two accounts have no such pair. Their threshold is the quantile of the fast weights.

    Raises:
        UsageError: the quantile lies outside 0 to 1.
    """
    _check_quantile(edge_weight_quantile)
    edges = _mark_heavy(_count(pairs), quantile=edge_weight_quantile)
    if "fast" in pairs.columns:
        fast = _mark_heavy(_count(pairs.filter("fast")), quantile=edge_weight_quantile)
        fast = fast.rename({name: f"{name}_fast" for name in fast.columns if name not in EDGE})
        edges = edges.join(fast, on=EDGE, how="left")
    return edges.sort(["weight", *EDGE], descending=[True, False, False])


def _check_quantile(quantile: float | None) -> None:
    if quantile is not None and not 0 <= quantile <= 1:
        raise UsageError(f"The edge weight quantile must lie between 0 and 1, is {quantile}.")


def _number_pairs(found: PairedRows) -> pl.DataFrame:
    """Return the pairs with numbers for accounts and contents, which count as well as the names and are smaller."""
    involved, at = np.unique(np.concatenate([found.first, found.second]), return_inverse=True)
    contents = found.rows["content_id"].gather(involved).rank("dense").to_numpy()[at]
    times = found.rows["time"].to_numpy()
    n = found.first.size
    return pl.DataFrame(
        {
            "account_id": found.accounts[found.first],
            "account_id_y": found.accounts[found.second],
            "content_id": contents[:n],
            "content_id_y": contents[n:],
            "time_delta": (times[found.second] - times[found.first]) / MICROSECONDS,
        }
    )


def _count(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return one row per two accounts; times are summed as whole microseconds, so that no order of pairs matters."""
    earlier, later = pl.col("content_id").n_unique(), pl.col("content_id_y").n_unique()
    microseconds = (pl.col("time_delta") * MICROSECONDS).round().cast(pl.Int64)
    return pairs.group_by(
        account_a=pl.min_horizontal("account_id", "account_id_y"),
        account_b=pl.max_horizontal("account_id", "account_id_y"),
    ).agg(
        weight=pl.len().cast(pl.Int64),
        avg_time_delta=microseconds.sum() / (pl.len().cast(pl.Int64) * MICROSECONDS),
        edge_symmetry_score=pl.min_horizontal(earlier, later) / pl.max_horizontal(earlier, later),
        n_content_id=earlier.cast(pl.Int64),
        n_content_id_y=later.cast(pl.Int64),
    )


def _mark_heavy(edges: pl.DataFrame, *, quantile: float | None) -> pl.DataFrame:
    """Add `weight_threshold`: 1 where the weight exceeds the quantile of all weights, else 0."""
    if quantile is None:
        return edges
    threshold = _find_quantile(edges["weight"].to_numpy(), quantile=quantile)
    return edges.with_columns(weight_threshold=(pl.col("weight") > threshold).cast(pl.Int32))


def _find_quantile(weights: npt.NDArray[np.int64], *, quantile: float) -> float:
    """Return a quantile by R's rule 7 in R's order of operations: its last digit decides what exceeds it."""
    if weights.size == 0:
        return math.inf
    ordered = np.sort(weights)
    place = (weights.size - 1) * quantile + 1
    low, high = math.floor(place), math.ceil(place)
    below, above = float(ordered[low - 1]), float(ordered[high - 1])
    part = place - low
    return below if below == above else (1 - part) * below + part * above
