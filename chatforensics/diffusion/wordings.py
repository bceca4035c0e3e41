"""What a share says, and how far apart the wordings of two shares are."""

from collections import defaultdict
from itertools import count
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
import regex
from rapidfuzz.distance import Levenshtein

from chatforensics.diffusion.candidates import Integers
from chatforensics.schema import AnyMessages, Shares
from chatforensics.text import normalise

Words: TypeAlias = tuple[int, ...]
Floats: TypeAlias = npt.NDArray[np.float64]

WORD = regex.compile(r"[\p{L}\p{M}\p{N}_]+|[^\s]")


def list_sent(shares: Shares, messages: AnyMessages) -> pl.DataFrame:
    """Return the messages behind each share: `share_id`, `share_at`, and what the messages table says of them.

    `prints_seconds` says whether the message's export does: whether any of its times is not on a full minute.
    """
    printed = (pl.col("sent_local").dt.second() != 0).fill_null(value=False).any()
    seconds = messages.lazy().group_by("source_id").agg(prints_seconds=printed)
    listed = shares.lazy().select("share_id", "message_ids", share_at="sent_at").explode("message_ids")
    listed = listed.rename({"message_ids": "message_id"})
    said = (
        messages.lazy()
        .select("message_id", "canonical_id", "source_id", "line", "sent_at", "text")
        .join(listed.select("message_id"), on="message_id", how="semi")
        .join(seconds, on="source_id", how="left", nulls_equal=True)
    )
    return listed.join(said, on="message_id", how="left", maintain_order="left").collect()


def number_wordings(sent: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Return each share's wording as a number (`share_id`, `wording`), and the wordings.

    A wording is what the share's own messages say in the order in which they were sent, copies and repetitions once;
    what else the person wrote around them is no part of it.
    """
    first = sent.with_columns(pl.coalesce("canonical_id", "message_id")).sort("source_id", "line", "message_id")
    once = first.unique(["share_id", "canonical_id"], keep="first", maintain_order=True)
    said = (
        once.sort("share_id", "sent_at", "source_id", "line", "message_id")
        .group_by("share_id", maintain_order=True)
        .agg(pl.col("text").drop_nulls().unique(maintain_order=True).str.join("\n"))
    )
    normal = {text: normalise(text) for text in said["text"].unique()}
    wordings = sorted(set(normal.values()))
    numbers = {wording: number for number, wording in enumerate(wordings)}
    of_share = pl.Series("wording", [numbers[normal[text]] for text in said["text"]], dtype=pl.Int64)
    return said.select("share_id").with_columns(of_share), wordings


def split_words(wordings: list[str]) -> list[Words]:
    """Return each wording as a row of numbers, one per word or sign; equal ones have equal numbers."""
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    return [tuple(map(numbers.__getitem__, WORD.findall(text))) for text in wordings]


def count_edits(words: list[Words], first: Integers, second: Integers) -> Integers:
    """Return in how many places each two wordings differ: 0 for equal ones, 1 for one word changed or line dropped.

    A place is an unbroken stretch of words that the one has otherwise than the other, in an alignment with the fewest
    changed words (Levenshtein 1966).
    """
    edits = np.zeros(first.size, dtype=np.int64)
    differ = np.flatnonzero(first != second)
    one, other, height = first[differ], second[differ], len(words) + 1
    codes, inverse = np.unique(np.minimum(one, other) * height + np.maximum(one, other), return_inverse=True)
    pairs = zip((codes // height).tolist(), (codes % height).tolist(), strict=True)
    counted = [_edits_between(words[left], words[right]) for left, right in pairs]
    edits[differ] = np.array(counted, dtype=np.int64)[inverse]
    return edits


def _edits_between(one: Words, other: Words) -> int:
    if one == other:
        return 0
    tags = [tag for tag, *_ in Levenshtein.opcodes(one, other).as_list()]
    # Stretches that are equal lie between the others, and nowhere side by side.
    return max(1, tags.count("equal") - 1 + (tags[0] != "equal") + (tags[-1] != "equal"))
