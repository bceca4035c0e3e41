"""Co-sharing inside a time window, with the results of CooRTweet (Righetti and Balluff; Giglietto et al. 2020).

The method, in order: accounts with fewer rows than the minimum participation leave; two rows of one object pair up when
their times lie at most the window apart; pairs of an account with itself leave (unless loops are kept); the rows behind
the remaining pairs are counted per account, and a pair stays when at least one of its two contents belongs to an
account that reaches the minimum. The result counts pairs per two accounts.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics.errors import SchemaError, UsageError

Integers: TypeAlias = npt.NDArray[np.int64]

COLUMNS = ("account_id", "object_id", "timestamp_share", "content_id")
PAIR_COLUMNS = ("object_id", "content_id", "content_id_y", "time_delta", "account_id", "account_id_y")


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
            an empty cell in one of them are left out.
        window_s: Most seconds between two shares of one object, this value included.
        min_participation: Fewest rows of an account, before pairing and again among what was paired.
        keep_loops: Whether an account may pair with itself.
        edge_weight_quantile: If given, `weight_threshold` is 1 where the weight exceeds this quantile of all weights.

    Returns:
        `account_a`, `account_b` (a before b), `weight` (number of pairs), `avg_time_delta` (seconds) and
        `edge_symmetry_score` (distinct earlier contents against distinct later ones, smaller by larger). Where two
        shares of one object carry the same time, the account that comes first in the table counts as the earlier, as in
        CooRTweet; this touches the symmetry score only.

    Raises:
        SchemaError: a column is missing, or a time is neither a number nor a datetime.
        UsageError: the window or the participation is not positive, or the quantile lies outside 0 to 1.
    """
    if edge_weight_quantile is not None and not 0 <= edge_weight_quantile <= 1:
        raise UsageError(f"The edge weight quantile must lie between 0 and 1, is {edge_weight_quantile}.")
    pairs = pair_shares(table, window_s=window_s, min_participation=min_participation, keep_loops=keep_loops)
    edges = _count_edges(pairs)
    if edge_weight_quantile is None:
        return edges
    weight = pl.col("weight")
    above = weight > weight.quantile(edge_weight_quantile, interpolation="linear")
    return edges.with_columns(weight_threshold=above.cast(pl.Int32))


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
        `object_id`, `content_id`, `content_id_y`, `time_delta` (seconds), `account_id`, `account_id_y`.

    Raises:
        SchemaError: a column is missing, or a time is neither a number nor a datetime.
        UsageError: the window or the participation is not positive.
    """
    if window_s <= 0:
        raise UsageError(f"The window must be longer than 0 seconds, is {window_s}.")
    if min_participation < 1:
        raise UsageError(f"The minimum participation must be at least 1, is {min_participation}.")
    rows = _active_rows(_read_rows(table), min_participation=min_participation)
    first, second = _pairs_within(rows, window_s=window_s)
    kept = slice(None) if keep_loops else _between_accounts(rows, first, second)
    first, second = first[kept], second[kept]
    stays = _participates(rows, first, second, min_participation=min_participation)
    return _pair_frame(rows, first[stays], second[stays])


def _read_rows(table: pl.DataFrame) -> pl.DataFrame:
    """Return the four columns as text and seconds, without incomplete rows, in the order of the table."""
    for column in COLUMNS:
        if column not in table.columns:
            raise SchemaError(f"The table has no column {column}.", hint=f"It needs {', '.join(COLUMNS)}.")
    ids = pl.col("account_id", "object_id", "content_id").cast(pl.String)
    return table.select(ids, time=_read_seconds(table["timestamp_share"])).drop_nulls()


def _read_seconds(times: pl.Series) -> pl.Series:
    """Return times as seconds: numbers, numbers written as text, or datetimes."""
    if isinstance(times.dtype, pl.Datetime):
        return times.dt.timestamp("us") / 1e6
    seconds = times.cast(pl.Float64, strict=False)
    unread = times.filter(times.is_not_null() & ~seconds.is_finite().fill_null(value=False))
    if not unread.is_empty():
        hint = "Give seconds, for example since 1970."
        raise SchemaError(f"timestamp_share holds {unread[0]!r}, which is not a number of seconds.", hint=hint)
    return seconds


def _active_rows(rows: pl.DataFrame, *, min_participation: int) -> pl.DataFrame:
    """Return the rows of accounts with enough of them, by object, time, first row of the account, and row."""
    codes = [pl.col(name).rank("dense").cast(pl.Int64).alias(f"{name[:-3]}_code") for name in rows.columns[:3]]
    return (
        rows.with_row_index("row")
        .filter(pl.len().over("account_id") >= min_participation)
        .with_columns(pl.col("row").min().over("account_id").alias("account_row"), *codes)
        .sort("object_code", "time", "account_row", "row")
    )


def _pairs_within(rows: pl.DataFrame, *, window_s: float) -> tuple[Integers, Integers]:
    """Return the row numbers of all pairs of one object at most the window apart, the earlier first.

    Times become ranks, so that object and time fit into one exact integer key and one binary search finds where each
    row's window ends; memory grows with the pairs found, not with the square of an object's rows.
    """
    times, ranks = np.unique(rows["time"].to_numpy(), return_inverse=True)
    step = times.size + 1
    objects = rows["object_code"].to_numpy().astype(np.int64) * step
    last_rank = np.searchsorted(times, times + window_s, side="right")[ranks] - 1
    ends = np.searchsorted(objects + ranks, objects + last_rank, side="right")
    counts = ends - np.arange(rows.height) - 1
    first = np.repeat(np.arange(rows.height), counts)
    offsets = np.arange(first.size) - np.repeat(np.cumsum(counts) - counts, counts)
    return first, first + 1 + offsets


def _between_accounts(rows: pl.DataFrame, first: Integers, second: Integers) -> npt.NDArray[np.bool_]:
    """Say which pairs join two accounts by two contents, neither of which is the shared object itself."""
    account, content = rows["account_code"].to_numpy(), rows["content_code"].to_numpy()
    itself = rows.select(pl.col("content_id") == pl.col("object_id")).to_series().to_numpy()
    different = (account[first] != account[second]) & (content[first] != content[second])
    between: npt.NDArray[np.bool_] = different & ~itself[first] & ~itself[second]
    return between


def _participates(
    rows: pl.DataFrame, first: Integers, second: Integers, *, min_participation: int
) -> npt.NDArray[np.bool_]:
    """Say which pairs hold a content of an account with enough rows among the contents that were paired."""
    account, content = rows["account_code"].to_numpy(), rows["content_code"].to_numpy()
    paired = np.isin(content, content[np.concatenate([first, second])])
    counts = np.bincount(account[paired], minlength=int(account.max(initial=0)) + 1)
    strong = content[paired & (counts[account] >= min_participation)]
    return np.isin(content[first], strong) | np.isin(content[second], strong)


def _pair_frame(rows: pl.DataFrame, first: Integers, second: Integers) -> pl.DataFrame:
    """Return the pairs as a table in an order that does not depend on the order of the rows."""
    earlier, later = rows[first], rows[second]
    frame = earlier.select("object_id", "content_id", "account_id").with_columns(
        content_id_y=later["content_id"],
        account_id_y=later["account_id"],
        time_delta=later["time"] - earlier["time"],
    )
    return frame.select(*PAIR_COLUMNS).sort(pl.all())


def _count_edges(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return one row per two accounts, the heaviest first."""
    earlier, later = pl.col("content_id").n_unique(), pl.col("content_id_y").n_unique()
    return (
        pairs.sort("time_delta")
        .group_by(
            account_a=pl.min_horizontal("account_id", "account_id_y"),
            account_b=pl.max_horizontal("account_id", "account_id_y"),
            maintain_order=True,
        )
        .agg(
            weight=pl.len().cast(pl.Int64),
            avg_time_delta=pl.col("time_delta").mean(),
            edge_symmetry_score=pl.min_horizontal(earlier, later) / pl.max_horizontal(earlier, later),
        )
        .sort(["weight", "account_a", "account_b"], descending=[True, False, False])
    )
