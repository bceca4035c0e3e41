"""Portions: who could read what is a table as long as the shares of each chat times its members, never held whole."""

from collections.abc import Iterator

import polars as pl


def cut_portions(shares: pl.DataFrame, stays: pl.DataFrame, *, by: str, most: int) -> Iterator[pl.DataFrame]:
    """Yield the shares in portions, in the order of `by`, their own order kept within each.

    Args:
        shares: With `chat_id` and the column `by`, whose values are never parted.
        stays: One row per member and stay: `chat_id`.
        by: What is kept together, such as the sender.
        most: Shares times members in a portion, unless one value of `by` has more.
    """
    members = stays.group_by("chat_id").agg(n=pl.len().cast(pl.Int64))
    loads = shares.join(members, on="chat_id", how="left").group_by(by).agg(pl.col("n").sum()).sort(by)
    numbered = loads.select(by, portion=pl.col("n").cum_sum() // most)
    placed = shares.join(numbered, on=by, maintain_order="left").sort("portion", maintain_order=True)
    yield from placed.partition_by("portion", maintain_order=True, include_key=False)
