"""Exports in two languages that hold few words: one chat, where each record agrees in kind and, to the second, in time.

Whoever forwards the same things into two chats does so some seconds apart, and others answer there or here.
"""

from itertools import pairwise

import numpy as np
import polars as pl

MIN_RECORDS = 15
SECOND_MS = 1000
LATE_MS = 2000  # phones round, and stamp a place when it is found


def link_same_shape(posts: pl.DataFrame) -> pl.DataFrame:
    """Return pairs of exports of which every message has its like in the other: `a`, `b`.

    The clocks must show seconds, the kinds of all messages must be the same one by one, their distances in time the
    same up to two seconds, and their senders must match one to one and be two at least.

    Args:
        posts: Dated messages with `src`, `line`, `local_ms`, `step_ms`, `kind`, `label`.
    """
    fine = posts.filter(pl.col("step_ms") <= SECOND_MS)
    counts = fine.group_by("src").agg(n=pl.len()).filter((pl.col("n") >= MIN_RECORDS) & (pl.len().over("n") > 1))
    told = fine.join(counts, on="src", how="semi").sort("src", "line").with_columns(pl.col("label").fill_null(""))
    shapes = told.group_by("src", maintain_order=True).agg("kind", "local_ms", "label")
    shapes = shapes.filter(pl.col("label").list.n_unique() > 1)
    groups = shapes.with_columns(shape=pl.col("kind").list.join(" ")).sort("shape", "src")
    links: list[tuple[int, int]] = []
    for group in groups.filter(pl.len().over("shape") > 1).partition_by("shape", maintain_order=True):
        rows = group.select("src", "local_ms", "label").rows()
        links += [(a[0], b[0]) for a, b in pairwise(rows) if _agree(a[1], b[1], a[2], b[2])]
    return pl.DataFrame(links, schema={"a": pl.Int64, "b": pl.Int64}, orient="row")


def _agree(times_a: list[int], times_b: list[int], labels_a: list[str], labels_b: list[str]) -> bool:
    apart = np.array(times_b, dtype=np.int64) - np.array(times_a, dtype=np.int64)
    one_to_one = len(set(zip(labels_a, labels_b, strict=True))) == len(set(labels_a)) == len(set(labels_b))
    return one_to_one and bool(np.abs(apart - np.median(apart)).max() <= LATE_MS)
