"""Notices of entries and exits that one export has and another, covering their time, lacks or tells otherwise."""

import polars as pl

from chatforensics.joining.windows import find_missing

GRACE_MS = 120_000  # one notice in two exports may come from two clocks
_ENTRIES = (("created", "actor"), ("added", "target"), ("joined", "actor"))
_EXITS = (("left", "actor"), ("removed", "target"))
_KEYS = ("chat", "person", "enters")


def find_entrances(named: pl.DataFrame) -> pl.DataFrame:
    """Return entries and exits with the `slot` that copies of one share, and `by`, who did it where a notice says so.

    Args:
        named: People in notices, with `message_id`, `src`, `line`, `t`, `chat`, `person`, `event`, `role`.
    """
    parts = [
        named.filter((pl.col("event") == event) & (pl.col("role") == role)).with_columns(enters=pl.lit(enters))
        for pairs, enters in ((_ENTRIES, True), (_EXITS, False))
        for event, role in pairs
    ]
    actors = named.filter(pl.col("role") == "actor").select("message_id", by="person").unique("message_id")
    moves = pl.concat(parts).join(actors, on="message_id", how="left").drop_nulls("t").sort(*_KEYS, "t", "message_id")
    other = pl.any_horizontal(pl.col(key).ne_missing(pl.col(key).shift(1)) for key in _KEYS)
    late = pl.col("t").diff() > GRACE_MS
    begins = (other | late | pl.col("person").is_null()).fill_null(value=True)
    return moves.with_columns(slot=begins.cum_sum().cast(pl.Int64))


def find_lacking(
    entrances: pl.DataFrame, windows: pl.DataFrame, *, exports: pl.DataFrame, unread: pl.DataFrame
) -> pl.DataFrame:
    """Return entries and exits (`src`, `line` of the first export with it) and the export `other` without it.

    An export that has another entry or exit at that moment, or a notice that was not understood, is not said to lack
    it: the person may only bear a name there that could not be matched.

    Args:
        entrances: As made by `find_entrances`.
        windows: As made by `find_windows`.
        exports: `chat`, `src` of each export.
        unread: `src`, `t` of notices that were not understood.
    """
    known = entrances.drop_nulls("person")
    first = known.sort("src", "line").unique("slot", keep="first", maintain_order=True).rename({"src": "first"})
    gaps = find_missing(known, windows, chat_of=exports.select("chat", "src"))
    lacks = gaps.join(first.select("slot", "first", "line", "t", "enters"), on="slot")
    alike = entrances.select("src", "enters", there="t")
    blurred = pl.concat([alike, *(unread.select("src", enters=pl.lit(enters), there="t") for enters in (True, False))])
    spread = [blurred.with_columns(slice=pl.col("there") // GRACE_MS + step) for step in (-1, 0, 1)]
    timed = lacks.with_columns(slice=pl.col("t") // GRACE_MS)  # members of a large chat come and go by the thousand
    met = timed.join(pl.concat(spread), on=["src", "enters", "slice"])
    near = met.filter((pl.col("t") - pl.col("there")).abs() <= GRACE_MS)
    sure = lacks.join(near, on=["slot", "src"], how="anti")
    return sure.select("line", src="first", other="src")


def find_told_otherwise(entrances: pl.DataFrame) -> pl.DataFrame:
    """Return entries and exits that exports tell in different ways: `src`, `line`, and the `other` export."""
    told = entrances.drop_nulls("person")
    several = (pl.col("event").n_unique() > 1) | (pl.col("by").drop_nulls().n_unique() > 1)
    known = told.join(told.group_by("slot").agg(several=several).filter("several"), on="slot", how="semi")
    pairs = known.join(known.select("slot", "event", "by", other="src"), on="slot", suffix="_b")
    by_another = pl.col("by") != pl.col("by_b")
    differ = (pl.col("event") != pl.col("event_b")) | by_another.fill_null(value=False)
    return pairs.filter(differ & (pl.col("src") != pl.col("other"))).select("src", "line", "other").unique()
