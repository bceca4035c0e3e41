"""Which time an export covers: from its first post to its last, without the stays of its owner outside the chat."""

import numpy as np
import polars as pl

from chatforensics.joining.slim import find_bounds, part_arrays

MARGIN_MS = 90_000  # at the edges of a window a message may be in one export and not yet, or no longer, in another
_NONE = np.zeros(0, dtype=np.int64)


def find_windows(rows: pl.DataFrame, exits: pl.DataFrame) -> pl.DataFrame:
    """Return stretches that exports cover: `src`, `from_t`, `to_t` (milliseconds on the reference clock).

    Args:
        rows: Messages and notices with `src`, `line`, `t`, `kind`.
        exits: The `message_id` of notices that the exporter left or was removed; the next record ends the absence.
    """
    spans = (
        rows.filter(pl.col("kind") != "system").group_by("src").agg(from_t=pl.col("t").min(), to_t=pl.col("t").max())
    )
    away = exits.join(rows.select("message_id", "src"), on="message_id").select("src").unique()
    gone = (
        rows.join(away, on="src", how="semi")
        .sort("src", "line")
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
    shared = chat_of.filter(pl.len().over("chat") > 1).sort("chat", "src")
    slots = copies.group_by("slot", "chat").agg(t=pl.col("t").min()).sort("chat", "t")
    bounds = find_bounds(slots["chat"])
    places = copies.join(slots.select("slot", place=pl.int_range(pl.len())), on="slot").sort("src")
    held = part_arrays(places, "place")
    wide = windows.select("src", pl.col("from_t") + margin_ms, pl.col("to_t") - margin_ms).sort("src")
    asked = part_arrays(wide, "from_t", "to_t")
    ids, times = slots["slot"].to_numpy(), slots["t"].to_numpy()
    gaps: list[tuple[int, np.ndarray]] = []
    for chat, src in shared.select("chat", "src").iter_rows():
        if chat in bounds and src in asked:
            begin, end = bounds[chat]
            covered = _find_covered(times[begin:end], *asked[src])
            covered[held[src][0] - begin if src in held else []] = False
            gaps.append((src, ids[begin:end][covered]))
    sources = np.repeat([src for src, _ in gaps], [len(gap) for _, gap in gaps])
    return pl.DataFrame({"slot": np.concatenate([_NONE, *(gap for _, gap in gaps)]), "src": sources.astype(np.int64)})


def _find_covered(times: np.ndarray, begins: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Tell which times lie in one of several stretches, their ends included."""
    covered = np.zeros(len(times), dtype=bool)
    firsts, lasts = np.searchsorted(times, begins), np.searchsorted(times, ends, side="right")
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        covered[first:last] = True
    return covered
