"""Time that only one phone or person covers, so that no other export could confirm or contradict it."""

import polars as pl

_DAY_MS = 86_400_000


def span_lines() -> pl.Expr:
    """Return the first and the last line, once where they are the same."""
    return pl.concat_list(pl.col("line").min(), pl.col("line").max()).list.unique().list.sort()


def find_blind_spots(copies: pl.DataFrame, windows: pl.DataFrame, numbered: pl.DataFrame) -> pl.DataFrame:
    """Return one row per export with such time: `n` messages, `n_stretches`, `days`, first and last `lines` of each.

    Chats of one unit are left out: there nothing is covered twice. A stretch without a message that only its unit
    shows is left out as well.

    Args:
        copies: Messages with `slot`, `src`, `chat`, `line`, `t`, `unit`.
        windows: What exports cover: `src`, `from_t`, `to_t` in milliseconds.
        numbered: Exports with `src`, `chat`, `unit`.
    """
    several = numbered.filter(pl.col("unit").n_unique().over("chat") > 1).select("src", "chat", "unit")
    covered = windows.join(several, on="src")
    stretches = _find_alone(covered).sort("from_t")
    own = copies.select("slot", "src", "chat", "line", "t", "unit").join(several.select("src"), on="src", how="semi")
    met = (
        own.filter(pl.col("unit").n_unique().over("slot") == 1)
        .drop_nulls("t")
        .sort("t")
        .join_asof(
            stretches, left_on="t", right_on="from_t", by=["chat", "unit"], strategy="backward", check_sortedness=False
        )
    )
    inside = met.filter(pl.col("t") <= pl.col("to_t")).sort("src", "line")
    each = inside.group_by("src", "from_t", "to_t").agg(n=pl.len(), lines=span_lines())
    return (
        each.group_by("src")
        .agg(
            n=pl.col("n").sum(),
            n_stretches=pl.len(),
            days=(pl.col("to_t") - pl.col("from_t")).sum() / _DAY_MS,
            lines=pl.col("lines").explode().unique().sort(),
        )
        .sort("src")
    )


def _find_alone(covered: pl.DataFrame) -> pl.DataFrame:
    """Return the stretches of each chat that one unit alone covers: `chat`, `unit`, `from_t`, `to_t`."""
    merged = _merge(covered)
    starts = merged.select("chat", "unit", t="from_t", opens=pl.lit(1))
    ends = merged.select("chat", "unit", t="to_t", opens=pl.lit(-1))
    edges = pl.concat([starts, ends]).sort("chat", "t", -pl.col("opens"), "unit")
    spans = edges.with_columns(
        n_open=pl.col("opens").cum_sum().over("chat"),
        unit=(pl.col("unit") * pl.col("opens")).cum_sum().over("chat"),  # of the one that is open, where it is one
        to_t=pl.col("t").shift(-1).over("chat"),
    )
    return spans.filter((pl.col("n_open") == 1) & (pl.col("to_t") > pl.col("t"))).select(
        "chat", "unit", "to_t", from_t="t"
    )


def _merge(covered: pl.DataFrame) -> pl.DataFrame:
    """Join what the exports of one unit cover where it overlaps."""
    keys = ["chat", "unit"]
    ordered = covered.sort(*keys, "from_t", "to_t")
    fresh = (pl.col("from_t") > pl.col("to_t").cum_max().shift(1).over(keys)).fill_null(value=True)
    parts = ordered.with_columns(part=fresh.cum_sum().over(keys))
    return parts.group_by(*keys, "part").agg(pl.col("from_t").min(), pl.col("to_t").max())
