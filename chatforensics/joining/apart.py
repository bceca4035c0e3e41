"""Exports that were not joined: what they share all the same, and why that was too little."""

from itertools import combinations

import numpy as np
import polars as pl

from chatforensics.joining.comparisons import DISTANCE_MS, find_commonest
from chatforensics.joining.records import build_records, number_sources
from chatforensics.schema import Messages, Sources

_DAY_MS = 86_400_000
_SCHEMA = {
    "source_a": pl.String, "source_b": pl.String, "n_texts": pl.Int64, "n_in_step": pl.Int64, "n_senders": pl.Int64,
    "overlap": pl.Boolean,
}  # fmt: skip


def describe_apart(sources: Sources, messages: Messages) -> pl.DataFrame:
    """Return one row per pair of exports of different chats: what they share.

    `n_texts` counts the distinct long texts that both show, `n_in_step` those of them that lie at one distance of the
    two clocks, `n_senders` the smaller number of labels that sent these, and `overlap` says whether the times covered
    meet at all, by the clocks as printed and up to a day. Texts that were forwarded into both chats are shared, too.

    Args:
        sources: As joined, with `chat_id`.
        messages: As joined.
    """
    numbered = number_sources(sources).join(sources.select("source_id", "chat_id"), on="source_id")
    posts = build_records(numbered, messages).filter(pl.col("kind") != "system").drop_nulls("local_ms")
    long = posts.filter("long").sort("src", "local_ms").unique(["src", "code"], keep="first", maintain_order=True)
    held = {src: part for (src,), part in long.partition_by("src", as_dict=True).items()}
    spans = {src: (first, last) for src, first, last in posts.group_by("src").agg(
        first=pl.col("local_ms").min(), last=pl.col("local_ms").max()).iter_rows()}  # fmt: skip
    keys = list(numbered.select("src", "source_id", "chat_id").iter_rows())
    none = long.clear()
    rows = [
        {"source_a": id_a, "source_b": id_b, "overlap": _meet(spans.get(a), spans.get(b))}
        | _share(held.get(a, none), held.get(b, none))
        for (a, id_a, chat_a), (b, id_b, chat_b) in combinations(keys, 2)
        if chat_a != chat_b
    ]
    return pl.DataFrame(rows, schema=_SCHEMA)


def _meet(one: tuple[int, int] | None, other: tuple[int, int] | None) -> bool:
    """Tell whether two stretches of clock readings meet, clocks being at most a day apart."""
    if one is None or other is None:
        return False
    return max(one[0], other[0]) <= min(one[1], other[1]) + _DAY_MS


def _share(one: pl.DataFrame, other: pl.DataFrame) -> dict[str, int]:
    both = one.join(other, on="code", suffix="_b")
    if both.is_empty():
        return {"n_texts": 0, "n_in_step": 0, "n_senders": 0}
    distance = (both["local_ms_b"] - both["local_ms"]).to_numpy()
    n_in_step = int((np.abs(distance - find_commonest(distance)) <= DISTANCE_MS).sum())
    n_senders = min(both["label"].n_unique(), both["label_b"].n_unique())
    return {"n_texts": both.height, "n_in_step": n_in_step, "n_senders": n_senders}
