"""Exports that were not joined: what they share all the same, and why that was too little."""

from collections.abc import Callable
from dataclasses import dataclass
from math import comb

import numpy as np
import polars as pl

from chatforensics.joining.agreement import is_dated_post
from chatforensics.joining.alignment import NEIGHBOURS
from chatforensics.joining.comparisons import find_commonest
from chatforensics.joining.records import build_records, number_sources
from chatforensics.joining.slim import Records
from chatforensics.joining.tolerances import RESIDUAL_MS
from chatforensics.schema import AnyMessages, Sources

MOST_LISTED = 50
_DAY_MS = 86_400_000
_PAIR = ["a", "b"]
_TOLD = ("source_a", "source_b", "n_texts", "n_in_step", "n_senders", "overlap")


@dataclass(frozen=True)
class Apart:
    """Exports of different chats, two by two.

    `pairs` has a row per pair that shares long texts, of these the fifty that share most; `n_sharing` counts all of
    them, `n_other` the pairs without such a text, and `n_other_meet` those of the latter whose times meet. `n_common`
    is the number of texts that more exports hold than one is compared with: for their sake `n_other` may be too high.
    """

    pairs: pl.DataFrame
    n_sharing: int
    n_other: int
    n_other_meet: int
    n_common: int


def describe_apart(sources: Sources, messages: AnyMessages) -> Apart:
    """Return what exports of different chats share, the pairs that share most first.

    `n_texts` counts the distinct long texts that both show, `n_in_step` those of them that lie at one distance of the
    two clocks, `n_senders` the smaller number of labels that sent these, and `overlap` says whether the times covered
    meet at all, by the clocks as printed and up to a day. Texts that were forwarded into both chats are shared, too.
    Of a text that many exports hold, each holder is compared with the four that follow it in the list: what such texts
    add to a pair is not counted in full.

    Args:
        sources: As joined, with `chat_id`.
        messages: As joined, whole or a scan of files.
    """
    numbered = number_sources(sources).join(sources.select("source_id", "chat_id"), on="source_id")
    records = build_records(numbered, messages)
    dated = records.rows.filter(is_dated_post())
    spans = records.widen(dated.select("src", "line", "sent_local")).group_by("src").agg(
        first=pl.col("local_ms").min(), last=pl.col("local_ms").max()
    )  # fmt: skip
    covered = numbered.select("src", "source_id", "chat_id").join(spans, on="src", how="left")
    texts = _list_texts(records, covered)
    met = _pair_holders(texts)
    sharing = _add_spans(met.group_by(_PAIR).agg(n_texts=pl.len().cast(pl.Int64)), covered)
    listed = sharing.sort(-pl.col("n_texts"), *_PAIR).head(MOST_LISTED)
    measured = _measure(met.join(listed.select(_PAIR), on=_PAIR, how="semi"))
    return Apart(
        pairs=listed.join(measured, on=_PAIR, maintain_order="left").select(_TOLD),
        n_sharing=sharing.height,
        n_other=_count_apart(covered, _count_pairs) - sharing.height,
        n_other_meet=_count_apart(covered, _count_meeting) - int(sharing["overlap"].sum()),
        n_common=_count_common(texts),
    )


def _list_texts(records: Records, covered: pl.DataFrame) -> pl.DataFrame:
    """Return the distinct long texts of each export, each where it stands first in time, sorted by text and export."""
    parts = []
    for portion in records.portions():
        long = portion.filter(is_dated_post() & pl.col("long")).sort("src", "local_ms", maintain_order=True)
        first = long.unique(["src", "code"], keep="first", maintain_order=True)
        parts.append(first.select("code", "src", "local_ms", "label"))
    placed = pl.concat(parts).join(covered.select("src", "chat_id"), on="src")
    return placed.select("code", "src", "chat_id", "local_ms", "label").sort("code", "src")


def _pair_holders(texts: pl.DataFrame) -> pl.DataFrame:
    """Pair each text with its next other holders, and keep the pairs of different chats: `a` < `b`."""
    parts = [
        texts.with_columns(pl.all().shift(-step).name.suffix("_b"))
        .filter((pl.col("code") == pl.col("code_b")) & (pl.col("chat_id") != pl.col("chat_id_b")))
        .select(a="src", b="src_b", label_a="label", label_b="label_b", apart=pl.col("local_ms_b") - pl.col("local_ms"))
        for step in range(1, NEIGHBOURS + 1)
    ]
    return pl.concat(parts)


def _add_spans(pairs: pl.DataFrame, covered: pl.DataFrame) -> pl.DataFrame:
    """Add the ids of both exports, and whether their times meet."""
    one, other = (
        covered.select(pl.col("src").alias(side), pl.col("source_id", "first", "last").name.suffix(f"_{side}"))
        for side in _PAIR
    )
    begin, end = pl.max_horizontal("first_a", "first_b"), pl.min_horizontal("last_a", "last_b")
    named = pairs.join(one, on="a").join(other, on="b").rename({"source_id_a": "source_a", "source_id_b": "source_b"})
    return named.with_columns(overlap=begin <= end + _DAY_MS)


def _measure(met: pl.DataFrame) -> pl.DataFrame:
    """Return of a few pairs how many texts are in step, and by how many labels."""
    rows = [(*pair, *_measure_pair(part)) for pair, part in met.partition_by(_PAIR, as_dict=True).items()]
    return pl.DataFrame(rows, schema=dict.fromkeys((*_PAIR, "n_in_step", "n_senders"), pl.Int64), orient="row")


def _measure_pair(part: pl.DataFrame) -> tuple[int, int]:
    distance = part["apart"].to_numpy()
    n_in_step = int((np.abs(distance - find_commonest(distance)) <= RESIDUAL_MS).sum())
    return n_in_step, min(part["label_a"].n_unique(), part["label_b"].n_unique())


def _count_common(texts: pl.DataFrame) -> int:
    """Count the texts of several chats that more exports hold than are compared."""
    held = texts.group_by("code").agg(n=pl.len(), n_chats=pl.col("chat_id").n_unique())
    return held.filter((pl.col("n") > NEIGHBOURS + 1) & (pl.col("n_chats") > 1)).height


def _count_apart(covered: pl.DataFrame, count: Callable[[pl.DataFrame], int]) -> int:
    """Count pairs of all exports, without those of one chat."""
    return count(covered) - sum(map(count, covered.partition_by("chat_id")))


def _count_pairs(covered: pl.DataFrame) -> int:
    return comb(covered.height, 2)


def _count_meeting(covered: pl.DataFrame) -> int:
    """Count the pairs whose clock readings meet, clocks being at most a day apart, without going through them.

    Two do not meet where one begins after the other's end, which can be so for one of the two only.
    """
    dated = covered.drop_nulls("first")
    first, last = np.sort(dated["first"].to_numpy()), dated["last"].to_numpy()
    later = len(first) - np.searchsorted(first, last + _DAY_MS, side="right")
    return comb(len(first), 2) - int(later.sum())
