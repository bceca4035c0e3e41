"""Weighted MinHash and banding: which texts are worth comparing.

Broder 1997; pieces weighted by how rare they are after Chum, Philbin and Zisserman 2008; banding after Leskovec et al.,
chapter 3.
"""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics.families.pieces import (
    Hashes,
    HeldPieces,
    Integers,
    Numbers,
    Pieces,
    Singles,
    full_bits,
    in_parallel,
    in_portions,
    place_pieces,
    scramble,
    sorted_unique,
)

Signatures: TypeAlias = npt.NDArray[np.uint32]
Sketches: TypeAlias = npt.NDArray[np.uint8]

BANDS = 32
ROWS = 4
NEIGHBOURS = 8
CHUNK_PAIRS = 20_000
# The pairs of so many texts with the texts before them are proposed at a time: their number bounds the memory.
TEXTS_AT_ONCE = 2**15
_EIGHT_ONES = np.uint64(0x0101010101010101)
# Pairs whose hashes say that they lie this far below the threshold are not worth the exact look: with 128 hashes the
# estimate errs by more than this about once in a thousand times.
DOUBT = 0.13


class Bucketed(NamedTuple):
    """The texts of one band, those of a bucket side by side in their order, and where each place's bucket begins."""

    order: Numbers
    first: Numbers


def propose_pairs(
    texts: pl.Series, bits: Singles, held: HeldPieces | None = None, *, threshold: float, seed: int
) -> Iterator[Integers]:
    """Yield pairs of texts that agree in a whole band of hashes and about enough of all, as one number each.

    In a crowded band each text meets the first of the band and its next few neighbours, not everybody. Pairs come in
    order, `later * n + earlier` where `n` is the number of texts, some texts' pairs at a time.
    """
    keys, sketches = _sign_all(texts, bits, held, seed=seed)
    bands = [put_in_buckets(keys.pop(0)) for _ in range(BANDS)]
    lows = range(0, texts.len(), TEXTS_AT_ONCE)

    def propose(low: int) -> Integers:
        codes = [meet_neighbours(band, low, low + TEXTS_AT_ONCE) for band in bands]
        pairs = sorted_unique(np.concatenate(codes))
        return pairs[_estimate(sketches, pairs) >= threshold - DOUBT]

    return in_parallel(propose, lows)


def _sign_all(
    texts: pl.Series, bits: Singles, held: HeldPieces | None, *, seed: int
) -> tuple[list[Signatures], Sketches]:
    """Return a 32-bit key per band and text, and of every hash its last 8 bits: enough to tell likely pairs apart."""
    weights = np.minimum(1, bits / np.float32(full_bits(texts.len())))
    keys = [np.empty(texts.len(), dtype=np.uint32) for _ in range(BANDS)]
    sketches = np.empty((texts.len(), BANDS * ROWS), dtype=np.uint8)
    low = 0
    for signatures in in_portions(lambda part: sign_pieces(part, weights, seed=seed), texts, held):
        high = low + signatures.shape[1]
        sketches[low:high] = (signatures & 255).astype(np.uint8).T
        for band, own in zip(keys, _key_bands(signatures), strict=True):
            band[low:high] = own
        low = high
    return keys, sketches


def sign_pieces(pieces: Pieces, weights: Singles, *, seed: int) -> Signatures:
    """Return the minimum of each hash function over the pieces of each text, one row per function, column per text.

    A piece's hash is divided by its weight, so that it is the minimum about as often as its share of the text's weight.
    """
    random = np.random.default_rng(seed)
    factors = random.integers(0, 2**31, size=BANDS * ROWS, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    short, slowing = pieces.values.astype(np.uint32), 1 / weights[place_pieces(pieces.values, n_places=weights.size)]
    hashes, values = np.empty_like(short), np.empty_like(slowing)
    signatures = np.empty((factors.size, pieces.starts.size - 1), dtype=np.uint32)
    for row, factor in zip(signatures, factors, strict=True):
        np.multiply(short, factor, out=hashes)
        np.multiply(hashes, slowing, out=values, dtype=np.float32, casting="unsafe")
        # The bits of positive floating-point numbers are in the order of the numbers, and faster to compare.
        np.minimum.reduceat(values.view(np.uint32), pieces.starts[:-1], out=row)
    return signatures


def _key_bands(signatures: Signatures) -> Signatures:
    keys = np.zeros((BANDS, signatures.shape[1]), dtype=np.uint64)
    for row in range(ROWS):
        keys = scramble(keys ^ signatures[row::ROWS])
    return (keys >> np.uint64(32)).astype(np.uint32)


def _estimate(sketches: Sketches, codes: Integers) -> Singles:
    """Return the share of equal hashes of each pair, an estimate of its similarity.

    The marks of eight equal hashes are eight bytes of 0 or 1, added up as one number without a carry.
    """
    n, n_hashes = sketches.shape
    equal = np.empty(codes.size, dtype=np.float32)
    for low in range(0, codes.size, CHUNK_PAIRS):
        part = codes[low : low + CHUNK_PAIRS]
        same = (sketches[part // n] == sketches[part % n]).view(np.uint64).sum(axis=1)
        equal[low : low + CHUNK_PAIRS] = ((same * _EIGHT_ONES) >> np.uint64(56)).astype(np.float32)
    return equal / np.float32(n_hashes)


def put_in_buckets(keys: Signatures) -> Bucketed:
    """Return the texts ordered by key."""
    both = (keys.astype(np.uint64) << np.uint64(32)) | np.arange(keys.size, dtype=np.uint64)
    both.sort()
    order = (both & np.uint64(2**32 - 1)).astype(np.int32)
    return Bucketed(order, _first_of_run(both >> np.uint64(32)))


def meet_neighbours(band: Bucketed, low: int, high: int) -> Integers:
    """Return the pairs of some texts with texts of their bucket before them: its first and the nearest few.

    The texts are those numbered from `low` to before `high`.
    """
    n = band.order.size
    places = np.flatnonzero((band.order >= low) & (band.order < high))
    later, behind = band.order[places] * np.int64(n), places - band.first[places]
    found = []
    for distance in range(1, NEIGHBOURS + 1):
        near = behind >= distance
        places, later, behind = places[near], later[near], behind[near]
        found.append(later + band.order[places - distance])
    far = behind > NEIGHBOURS
    found.append(later[far] + band.order[band.first[places[far]]])
    return np.concatenate(found)


def _first_of_run(ordered: Hashes) -> Numbers:
    """Return for each place where the run of equal values around it begins."""
    opens = np.concatenate([[True], ordered[1:] != ordered[:-1]])[: ordered.size]
    return np.maximum.accumulate(np.where(opens, np.arange(ordered.size, dtype=np.int32), np.int32(0)))
