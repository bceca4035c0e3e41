"""The exact likeness of pairs of texts: the weight of their common pieces, and what these tell."""

from typing import NamedTuple

import numpy as np
import polars as pl
from scipy import sparse

from chatforensics.families.pieces import (
    GRAM,
    PORTION,
    Floats,
    HeldPieces,
    Integers,
    Singles,
    full_bits,
    hold_pieces,
    in_parallel,
    place_pieces,
)

CHUNK_PAIRS = 50_000
# Where the pieces of all texts are not at hand, those of so many pairs are listed at once: a text stands in many pairs.
CHUNK_UNHELD = 1_000_000
# So many pairs are compared at once: their pieces stay in the processor's cache.
BLOCK_PAIRS = 2_000
# Each of n texts is held against n others. Common pieces that tell log2(n) bits occur by accident about once among
# these; this many bits more, once in 2^MARGIN.
MARGIN = 6


class Sets(NamedTuple):
    """The texts as sets: a row per text and a column per piece, what each piece tells and weighs, and the sizes."""

    marks: "sparse.csr_array[np.int8]"
    worth: Floats
    sizes: Floats


def verify_pairs(
    texts: pl.Series, bits: Singles, codes: Integers, sets: Sets | None = None, *, threshold: float
) -> tuple[Integers, Floats]:
    """Return the pairs that are similar enough, with their exact similarity.

    Similarity is the weight of the common pieces over the weight of all (weighted Jaccard). Besides, the common pieces
    must tell more than texts share by accident among so many: neighbouring pieces overlap, so that each tells a quarter
    of its bits that the others do not.
    """
    least = np.log2(max(texts.len(), 1)) + MARGIN
    size = CHUNK_UNHELD if sets is None else CHUNK_PAIRS
    parts = [codes[low : low + size] for low in range(0, codes.size, size)]
    found = [(codes[:0], np.empty(0))]
    compared = in_parallel(lambda part: compare_pairs(texts, bits, part, sets), parts)
    for part, (similarity, shared) in zip(parts, compared, strict=True):
        kept = (similarity >= threshold) & (shared >= least)
        found.append((part[kept], similarity[kept]))
    near, similarity = (np.concatenate(column) for column in zip(*found, strict=True))
    return near, similarity


def compare_pairs(texts: pl.Series, bits: Singles, codes: Integers, sets: Sets | None = None) -> tuple[Floats, Floats]:
    """Return of each pair of texts the similarity, 0 to 1, and what the common pieces tell, in bits."""
    left, right = codes // texts.len(), codes % texts.len()
    if sets is None:
        rows = np.unique(np.concatenate([left, right]))
        sets = weigh_sets(hold_pieces(texts.gather(rows)), bits, n=texts.len())
        left, right = np.searchsorted(rows, left), np.searchsorted(rows, right)
    blocks = [slice(low, low + BLOCK_PAIRS) for low in range(0, codes.size, BLOCK_PAIRS)]
    shared, weight = np.concatenate([_common_worth(sets, left[block], right[block]) for block in blocks]).T
    return weight / (sets.sizes[left] + sets.sizes[right] - weight), shared / GRAM


def weigh_sets(held: HeldPieces, bits: Singles, *, n: int) -> Sets:
    """Return the sets of some of `n` texts."""
    told = bits[place_pieces(held.distinct, n_places=bits.size)].astype(np.float64)
    worth = np.stack([told, np.minimum(1, told / full_bits(n))], axis=1)
    lows = range(0, held.starts.size - 1, PORTION)
    sizes = [_sum_weights(held, worth[:, 1], slice(low, low + PORTION)) for low in lows]
    marks = sparse.csr_array((np.ones(held.numbers.size, dtype=np.int8), held.numbers, held.starts))
    return Sets(marks, worth, np.concatenate(sizes))


def _sum_weights(held: HeldPieces, weights: Floats, rows: slice) -> Floats:
    starts = held.starts[rows.start : rows.stop + 1]
    found: Floats = np.add.reduceat(weights[held.numbers[starts[0] : starts[-1]]], starts[:-1] - starts[0])
    return found


def _common_worth(sets: Sets, left: Integers, right: Integers) -> Floats:
    """Return what the common pieces of each pair tell, and what they weigh.

    The pieces of the left texts are laid out in a table, a stretch per text, in which those of the right ones are
    looked up: a text on the left stands in many pairs that follow each other.
    """
    opens = np.concatenate([[True], left[1:] != left[:-1]])
    texts, stretch = left[opens], np.cumsum(opens) - 1
    own = sets.marks[texts]
    columns = np.zeros(sets.worth.shape[0], dtype=np.int32)
    columns[own.indices] = 1
    pieces = np.flatnonzero(columns)
    width = pieces.size + 1  # the first column of each stretch is that of all other pieces
    columns[pieces] = np.arange(1, width)
    table = np.zeros((texts.size * width, 2))
    table[np.repeat(np.arange(texts.size) * width, np.diff(own.indptr)) + columns[own.indices]] = sets.worth[
        own.indices
    ]
    other = sets.marks[right]
    at = columns[other.indices] + np.repeat((stretch * width).astype(np.int32), np.diff(other.indptr))
    marks = sparse.csr_array((np.ones(at.size), at, other.indptr), shape=(right.size, table.shape[0]))
    common: Floats = marks @ table
    return common
