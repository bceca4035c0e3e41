"""Which time an export covers: from its first post to its last, without the stays of its owner outside the chat."""

import polars as pl

MARGIN_MS = 90_000  # at the edges of a window a message may be in one export and not yet, or no longer, in another


def find_windows(rows: pl.DataFrame, exits: pl.DataFrame) -> pl.DataFrame:
    """Return stretches that exports cover: `src`, `from_t`, `to_t` (milliseconds on the reference clock).

    Args:
        rows: Messages and notices with `src`, `line`, `t`, `kind`.
        exits: The `message_id` of notices that the exporter left or was removed; the next record ends the absence.
    """
    spans = (
        rows.filter(pl.col("kind") != "system").group_by("src").agg(from_t=pl.col("t").min(), to_t=pl.col("t").max())
    )
    gone = (
        rows.sort("src", "line")
        .with_columns(back=pl.col("t").shift(-1).over("src"))
        .join(exits, on="message_id", how="semi")
        .select("src", "t", "back")
    )
    starts = pl.concat([spans.select("src", t="from_t"), gone.select("src", t="back")]).drop_nulls()
    ends = pl.concat([spans.select("src", t="to_t"), gone.select("src", "t")])
    edges = pl.concat([starts.with_columns(opens=pl.lit(1)), ends.with_columns(opens=pl.lit(0))])
    return (
        edges.sort("src", "t", "opens")
        .with_columns(to_t=pl.col("t").shift(-1).over("src"), then=pl.col("opens").shift(-1).over("src"))
        .filter((pl.col("opens") == 1) & (pl.col("then") == 0))
        .select("src", from_t="t", to_t="to_t")
    )


def find_missing(
    copies: pl.DataFrame, windows: pl.DataFrame, *, chat_of: pl.DataFrame, margin_ms: int = MARGIN_MS
) -> pl.DataFrame:
    """Return which exports cover a message's time without showing it: `slot`, `src`.

    Args:
        copies: One row per copy with `slot`, `src`, `chat`, `t`.
        windows: As made by `find_windows`.
        chat_of: `chat` and `src` of every export.
        margin_ms: How far from the ends of its window an export is asked; negative: how far beyond them.
    """
    shared = chat_of.filter(pl.len().over("chat") > 1)
    slots = copies.group_by("slot", "chat").agg(t=pl.col("t").min())
    expected = slots.join(shared, on="chat").sort("t")
    asked = windows.with_columns(pl.col("from_t") + margin_ms, pl.col("to_t") - margin_ms).sort("from_t")
    covered = expected.join_asof(
        asked, left_on="t", right_on="from_t", by="src", strategy="backward", check_sortedness=False
    )
    return (
        covered.filter(pl.col("t") <= pl.col("to_t")).select("slot", "src").join(copies, on=["slot", "src"], how="anti")
    )
