"""The exact likeness of pairs of texts: the weight of their common pieces, and what these tell."""

import numpy as np
import polars as pl
from scipy import sparse

from chatforensics.families.pieces import (
    GRAM,
    PIECE_BITS,
    Floats,
    Integers,
    Pieces,
    Singles,
    full_bits,
    in_parallel,
    list_pieces,
    place_pieces,
    take_pieces,
)

CHUNK_PAIRS = 50_000
# Each of n texts is held against n others. Common pieces that tell log2(n) bits occur by accident about once among
# these; this many bits more, once in 2^MARGIN.
MARGIN = 6


def verify_pairs(
    texts: pl.Series, bits: Singles, codes: Integers, held: Pieces | None = None, *, threshold: float
) -> tuple[Integers, Floats]:
    """Return the pairs that are similar enough, with their exact similarity.

    Similarity is the weight of the common pieces over the weight of all (weighted Jaccard). Besides, the common pieces
    must tell more than texts share by accident among so many: neighbouring pieces overlap, so that each tells a quarter
    of its bits that the others do not.
    """
    least = np.log2(max(texts.len(), 1)) + MARGIN
    parts = [codes[low : low + CHUNK_PAIRS] for low in range(0, codes.size, CHUNK_PAIRS)]
    found = [(codes[:0], np.empty(0))]
    compared = in_parallel(lambda part: compare_pairs(texts, bits, part, held), parts)
    for part, (similarity, shared) in zip(parts, compared, strict=True):
        kept = (similarity >= threshold) & (shared >= least)
        found.append((part[kept], similarity[kept]))
    near, similarity = (np.concatenate(column) for column in zip(*found, strict=True))
    return near, similarity


def compare_pairs(
    texts: pl.Series, bits: Singles, codes: Integers, held: Pieces | None = None
) -> tuple[Floats, Floats]:
    """Return of each pair of texts the similarity, 0 to 1, and what the common pieces tell, in bits."""
    n, full = texts.len(), full_bits(texts.len())
    both = np.concatenate([codes // n, codes % n])
    rows = np.flatnonzero(np.bincount(both)) if n < both.size else np.unique(both)
    left, right = np.split(np.searchsorted(rows, both), 2)
    sets = _piece_sets(list_pieces(texts.gather(rows)) if held is None else take_pieces(held, rows), bits)
    weights = np.minimum(1, sets.data / full)
    sizes = np.add.reduceat(weights, sets.indptr[:-1])
    marks = sparse.csr_array((np.ones_like(sets.data), sets.indices, sets.indptr), shape=sets.shape)
    common = sets[left].multiply(marks[right]).tocsr()
    row = np.repeat(np.arange(codes.size), np.diff(common.indptr))
    shared = np.bincount(row, common.data, minlength=codes.size)
    weight = np.bincount(row, np.minimum(1, common.data / full), minlength=codes.size)
    return weight / (sizes[left] + sizes[right] - weight), shared / GRAM


def _piece_sets(pieces: Pieces, bits: Singles) -> "sparse.csr_array[np.float64]":
    """Return one row per text with the bits of each of its pieces in that piece's column."""
    told = bits[place_pieces(pieces.values, n_places=bits.size)].astype(np.float64)
    shape = (pieces.starts.size - 1, 2**PIECE_BITS)
    return sparse.csr_array((told, pieces.values.astype(np.int64), pieces.starts), shape=shape)
