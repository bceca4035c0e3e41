"""Rows of one object that lie within a time window of each other, found without joining an object with itself.

Times are whole microseconds here, so that a window's end is exact, whatever the fractions of a second. Rows are sorted
by object and time, and one binary search finds where each row's window ends: memory grows with the pairs found, not
with the square of an object's rows. Pairs of an account with itself are dropped block by block.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics.errors import SchemaError, UsageError

Integers: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]

COLUMNS = ("account_id", "object_id", "timestamp_share", "content_id")
MICROSECONDS = 1_000_000
MOST_SECONDS = 9_000_000_000_000  # as microseconds the largest that fits into 64 bits
BLOCK_PAIRS = 1_000_000  # about as many pairs are looked at together


@dataclass(frozen=True)
class PairedRows:
    """Rows of a table, and the numbers of the rows that pair up, the earlier one first."""

    rows: pl.DataFrame
    accounts: Integers  # of each row: the place of its account among the sorted names
    names: pl.Series
    first: Integers
    second: Integers


def pair_rows(table: pl.DataFrame, *, window_s: float, min_participation: int, keep_loops: bool) -> PairedRows:
    """Find every two rows of one object at most the window apart, as `pair_shares` says."""
    if not (math.isfinite(window_s) and window_s >= 0):
        raise UsageError(f"The window must be 0 seconds or longer, is {window_s}.")
    if min_participation < 0:
        raise UsageError(f"The minimum participation must not be below 0, is {min_participation}.")
    rows = read_rows(table)
    accounts, names = encode(rows["account_id"])
    active = np.bincount(accounts, minlength=1)[accounts] >= min_participation
    objects, _ = encode(rows["object_id"])
    ordered = order_rows(objects, rows["time"].to_numpy(), accounts, active)
    apart = np.arange(accounts.size) if keep_loops else accounts
    blocks = pairs_within(ordered, apart, window_us=round(min(window_s, MOST_SECONDS) * MICROSECONDS))
    none = np.empty(0, np.int64)
    first, second = (np.concatenate(side) for side in zip((none, none), *blocks, strict=True))
    if not keep_loops:
        kept = _differ(rows, first, second)
        first, second = first[kept], second[kept]
    found = PairedRows(rows, accounts, names, first, second)
    return found if min_participation <= 1 else _keep_strong(found, active, min_participation=min_participation)


def read_rows(table: pl.DataFrame) -> pl.DataFrame:
    """Return the four columns as text and microseconds (`time`), without incomplete rows, in the table's order.

    Raises:
        SchemaError: a column is missing, or a time is neither a number nor a datetime.
    """
    for column in COLUMNS:
        if column not in table.columns:
            raise SchemaError(f"The table has no column {column}.", hint=f"It needs {', '.join(COLUMNS)}.")
    ids = pl.col("account_id", "object_id", "content_id").cast(pl.String)
    return table.select(ids, time=read_times(table["timestamp_share"])).drop_nulls()


def read_times(times: pl.Series) -> pl.Series:
    """Return times as whole microseconds: from seconds, seconds written as text, or datetimes.

    Raises:
        SchemaError: a time is none of these, or lies beyond nine million million seconds.
    """
    if isinstance(times.dtype, pl.Datetime):
        return times.dt.timestamp("us")
    whole = times.cast(pl.Int64, strict=False)
    seconds = times.cast(pl.Float64, strict=False)
    fits = seconds.is_between(-MOST_SECONDS, MOST_SECONDS).fill_null(value=False)
    unread = times.filter(times.is_not_null() & ~fits)
    if not unread.is_empty():
        hint = "Give seconds, for example since 1970."
        raise SchemaError(f"timestamp_share holds {unread[0]!r}, which is not a number of seconds.", hint=hint)
    if whole.null_count() == times.null_count() and not times.dtype.is_float():
        return whole * MICROSECONDS
    return (seconds * MICROSECONDS).round().cast(pl.Int64)


def encode(names: pl.Series) -> tuple[Integers, pl.Series]:
    """Return each name's place among the distinct names, and these, sorted."""
    distinct = names.unique().sort()
    return names.cast(pl.Enum(distinct)).to_physical().to_numpy().astype(np.int64), distinct


def order_rows(objects: Integers, times: Integers, accounts: Integers, active: Flags) -> pl.DataFrame:
    """Return the rows that may pair up by object, time, first row of the account, and row: `row`, `object`, `time`.

    The first row of the account settles which of two shares at one time counts as the earlier, as in CooRTweet.
    """
    several = np.bincount(objects[active], minlength=objects.max(initial=0) + 1)[objects] > 1
    at = np.flatnonzero(active & several)
    first_row = np.zeros(accounts.max(initial=0) + 1, np.int64)
    first_row[accounts[::-1]] = np.arange(accounts.size)[::-1]
    columns = {"row": at, "object": objects[at], "time": times[at], "account_row": first_row[accounts[at]]}
    return pl.DataFrame(columns).sort("object", "time", "account_row", "row").drop("account_row")


def pairs_within(ordered: pl.DataFrame, apart: Integers, *, window_us: int) -> Iterator[tuple[Integers, Integers]]:
    """Yield the rows of all pairs of one object at most the window apart whose `apart` differ, the earlier first.

    Times become ranks, so that object and time fit into one exact integer key.
    """
    times, ranks = np.unique(ordered["time"].to_numpy(), return_inverse=True)
    objects = ordered["object"].to_numpy() * (times.size + 1)
    last_rank = np.searchsorted(times, times + window_us, side="right")[ranks] - 1
    counts = np.searchsorted(objects + ranks, objects + last_rank, side="right") - np.arange(ordered.height) - 1
    at = ordered["row"].to_numpy()
    before = np.cumsum(counts) - counts
    bounds = np.append(np.unique(np.searchsorted(before, np.arange(0, counts.sum(), BLOCK_PAIRS))), ordered.height)
    for start, end in pairwise(bounds):
        one = np.repeat(np.arange(start, end), counts[start:end])
        other = one + 1 + np.arange(one.size) - (before[one] - before[start])
        first, second = at[one], at[other]
        kept = apart[first] != apart[second]
        yield first[kept], second[kept]


def _differ(rows: pl.DataFrame, first: Integers, second: Integers) -> Flags:
    """Say which pairs hold two contents, neither of which is the shared object itself."""
    involved, numbers = np.unique(np.concatenate([first, second]), return_inverse=True)
    shown = rows.select("content_id", "object_id")[involved]
    contents, _ = encode(shown["content_id"])
    itself = (shown["content_id"] == shown["object_id"]).to_numpy()
    one, two = numbers[: first.size], numbers[first.size :]
    differ: Flags = (contents[one] != contents[two]) & ~itself[one] & ~itself[two]
    return differ


def _keep_strong(found: PairedRows, active: Flags, *, min_participation: int) -> PairedRows:
    """Keep the pairs of which a content belongs to an account with enough rows among the contents that were paired."""
    contents = found.rows["content_id"]
    involved = np.unique(np.concatenate([found.first, found.second]))
    strong = strong_contents(
        found.rows.select("account_id", "content_id").filter(pl.Series(active)),
        contents.gather(involved),
        min_participation=min_participation,
    )
    is_strong = np.zeros(contents.len(), np.bool_)
    is_strong[involved] = contents.gather(involved).is_in(strong.implode()).to_numpy()
    stays = is_strong[found.first] | is_strong[found.second]
    return PairedRows(found.rows, found.accounts, found.names, found.first[stays], found.second[stays])


def strong_contents(rows: pl.DataFrame, paired: pl.Series, *, min_participation: int) -> pl.Series:
    """Return the contents among the paired ones that belong to an account with enough rows of paired contents."""
    rows = rows.filter(pl.col("content_id").is_in(paired.unique().implode()))
    enough = pl.len().over("account_id") >= min_participation
    return rows.filter(enough)["content_id"].unique()
