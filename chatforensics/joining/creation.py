"""Exports that share no message but show the creation of one group: by one name, at one time.

An export begins with the group's creation even where its owner came later, so that members who were never in the group
together, or of whose time together nothing is left, show the same beginning.
"""

from collections.abc import Mapping

import polars as pl

from chatforensics.joining.agreement import Side
from chatforensics.joining.tolerances import HOUR_MS, MOST_APART_MS, QUARTER_MS, RESIDUAL_MS, RESIDUAL_S

_DAY_MS = MOST_APART_MS + HOUR_MS + RESIDUAL_MS  # two clocks never stand further apart


def link_created(
    notices: pl.DataFrame, pairs: pl.DataFrame, sides: Mapping[int, Side], numbered: pl.DataFrame
) -> pl.DataFrame:
    """Return pairs of exports that show one creation: `a`, `b`.

    The distance in time must be that of the two phones elsewhere or, where nothing tells it, one between two zones.
    Never where both exports have posts in their common time: exports of one chat would share some.

    Args:
        notices: Dated notices with `src`, `local_ms`, `name` (null but for a creation).
        pairs: Exports aligned by texts: `a`, `b`, `offset_ms`.
        sides: What each export shows, in seconds of its own clock.
        numbered: `src`, `phone`, `chat` (exports already joined).
    """
    created = notices.drop_nulls("name").join(numbered.select("src", "phone", "chat"), on="src")
    once = created.filter(pl.len().over("src") == 1).sort("name", "src")
    timed = once.with_columns(day=pl.col("local_ms") // _DAY_MS)  # of one name there may be thousands of groups
    others = pl.concat([timed.with_columns(day=pl.col("day") + days) for days in (-1, 0, 1)])
    met = timed.join(others, on=["name", "day"], suffix="_b").filter((pl.col("src") < pl.col("src_b")) & _are_apart())
    told = met.with_columns(offset_ms=pl.col("local_ms_b") - pl.col("local_ms"))
    near = told.join(_phone_offsets(pairs, numbered), on=["phone", "phone_b"], how="left").filter(_fits())
    silent = [_never_meet(sides, a, b, offset) for a, b, offset in near.select("src", "src_b", "offset_ms").iter_rows()]
    return near.filter(pl.Series(silent, dtype=pl.Boolean)).select(a="src", b="src_b").sort("a", "b")


def _are_apart() -> pl.Expr:
    return (pl.col("chat") != pl.col("chat_b")) & (pl.col("phone") != pl.col("phone_b"))


def _phone_offsets(pairs: pl.DataFrame, numbered: pl.DataFrame) -> pl.DataFrame:
    """Return by how much the clocks of two phones stand apart in the chats that they share: `known_ms`."""
    phones = numbered.select("src", "phone")
    there = pairs.join(phones, left_on="a", right_on="src").join(phones, left_on="b", right_on="src", suffix="_b")
    back = there.select(phone="phone_b", phone_b="phone", offset_ms=-pl.col("offset_ms"))
    both = pl.concat([there.select("phone", "phone_b", "offset_ms"), back])
    return both.group_by("phone", "phone_b").agg(known_ms=pl.col("offset_ms").median().cast(pl.Int64))


def _fits() -> pl.Expr:
    """Tell whether the distance is that of the two phones, up to one hour of summer time, or between any two zones."""
    apart = (pl.col("offset_ms") - pl.col("known_ms")).abs()
    as_known = (apart <= RESIDUAL_MS) | ((apart - HOUR_MS).abs() <= RESIDUAL_MS)
    rest = pl.col("offset_ms") - (pl.col("offset_ms") / QUARTER_MS).round() * QUARTER_MS
    as_zones = (pl.col("offset_ms").abs() <= MOST_APART_MS) & (rest.abs() <= RESIDUAL_MS)
    return pl.when(pl.col("known_ms").is_null()).then(as_zones).otherwise(as_known)


def _never_meet(sides: Mapping[int, Side], a: int, b: int, offset_ms: int) -> bool:
    """Tell whether one export at least has no typed text in the time that both cover."""
    if a not in sides or b not in sides:
        return True
    one, other = sides[a], sides[b].put_back(offset_ms // 1000)
    begin, end = max(one.span[0], other.span[0]) - RESIDUAL_S, min(one.span[1], other.span[1]) + RESIDUAL_S
    return not all(((side.t >= begin) & (side.t <= end)).any() for side in (one, other))
