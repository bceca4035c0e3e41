"""Exports that show texts in step, and yet too little of one chat: what `analyse` would not say otherwise."""

from collections.abc import Mapping

import polars as pl

from chatforensics.joining.agreement import Side, measure_agreement

MIN_HELD = 0.1  # of the texts in the common time; by forwards and chance, chats of simulated towns share 0.02 at most
_SCHEMA = {"a": pl.Int64, "b": pl.Int64, "n_anchors": pl.Int64, "several": pl.Boolean}


def find_near(pairs: pl.DataFrame, sides: Mapping[int, Side], chat: pl.Series, anchors: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs in step that are not of one chat: `a`, `b`, `n_anchors`, `several`, `lines_a`, `lines_b`.

    `several` says that texts of more than one sender agree. Of two chats into which a few texts were forwarded at once
    nothing is said: a tenth at least of what each export shows in the common time must be in the other.

    Args:
        pairs: With enough rare texts in order at one distance: `pair`, `a`, `b`, `offset_ms`, `n_anchors`.
        sides: What each export shows, in seconds of its own clock.
        chat: The chat of each export, as joined.
        anchors: The texts behind the pairs: `pair`, `line_a`, `line_b`.
    """
    apart = pairs.filter(chat.gather(pairs["a"]) != chat.gather(pairs["b"]))
    rows = []
    for a, b, offset_ms, n_anchors in apart.select("a", "b", "offset_ms", "n_anchors").iter_rows():
        share, several = measure_agreement(sides[a], sides[b].put_back(offset_ms // 1000))
        if share >= MIN_HELD:
            rows.append((a, b, n_anchors, several))
    near = pl.DataFrame(rows, schema=_SCHEMA, orient="row").join(pairs.select("pair", "a", "b"), on=["a", "b"])
    lines = anchors.join(near.select("pair"), on="pair", how="semi").group_by("pair").agg(
        lines_a=pl.col("line_a").cast(pl.Int64), lines_b=pl.col("line_b").cast(pl.Int64)
    )  # fmt: skip
    return near.join(lines, on="pair", how="left", maintain_order="left").drop("pair")
