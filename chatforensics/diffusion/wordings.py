"""What a share says, and how alike the wordings of two shares are."""

from typing import TypeAlias

import numpy as np
import polars as pl
from scipy import sparse

from chatforensics.diffusion.candidates import Integers
from chatforensics.schema import Messages, Shares
from chatforensics.text import normalise

Pieces: TypeAlias = "sparse.csr_array[np.float64]"

GRAM = 4
CHUNK_PAIRS = 20_000


def list_sent(shares: Shares, messages: Messages) -> pl.DataFrame:
    """Return the messages behind each share: `share_id`, `share_at`, and what the messages table says of them.

    `prints_seconds` says whether the message's export does: whether any of its times is not on a full minute.
    """
    seconds = (pl.col("sent_local").dt.second() != 0).fill_null(value=False).any().over("source_id")
    said = messages.select("message_id", "canonical_id", "source_id", "line", "sent_at", "text", prints_seconds=seconds)
    listed = shares.select("share_id", "message_ids", share_at="sent_at").explode("message_ids")
    return listed.rename({"message_ids": "message_id"}).join(said, on="message_id", how="left")


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


def count_pieces(wordings: list[str]) -> Pieces:
    """Return one row per wording with a 1 in the column of each of its 4-character pieces."""
    sets = [{text[at : at + GRAM] for at in range(max(1, len(text) - GRAM + 1))} for text in wordings]
    numbers = {piece: number for number, piece in enumerate(sorted(set().union(*sets)))}
    columns = np.array([number for pieces in sets for number in sorted(numbers[piece] for piece in pieces)], dtype=int)
    ends = np.cumsum([0, *(len(pieces) for pieces in sets)])
    return sparse.csr_array((np.ones(columns.size), columns, ends), shape=(len(sets), len(numbers)))


def compare_wordings(pieces: Pieces, first: Integers, second: Integers) -> pl.Series:
    """Return the share of common pieces of each pair of wordings, 1 for equal ones."""
    height = pieces.shape[0]
    codes, inverse = np.unique(first * height + second, return_inverse=True)
    one, other, sizes = codes // height, codes % height, np.diff(pieces.indptr)
    common = np.empty(codes.size)
    for low in range(0, codes.size, CHUNK_PAIRS):
        part = slice(low, low + CHUNK_PAIRS)
        common[part] = pieces[one[part]].multiply(pieces[other[part]]).sum(axis=1)
    return pl.Series((common / (sizes[one] + sizes[other] - common))[inverse], dtype=pl.Float64)
