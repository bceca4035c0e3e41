"""Weighted MinHash and banding: which texts are worth comparing.

Broder 1997; pieces weighted by how rare they are after Chum, Philbin and Zisserman 2008; banding after Leskovec et al.,
chapter 3.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics.families.pieces import (
    Hashes,
    HeldPieces,
    Integers,
    Pieces,
    Singles,
    full_bits,
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
BANDS_AT_ONCE = 8
_EIGHT_ONES = np.uint64(0x0101010101010101)
# Pairs whose hashes say that they lie this far below the threshold are not worth the exact look: with 128 hashes the
# estimate errs by more than this about once in a thousand times.
DOUBT = 0.13


def propose_pairs(
    texts: pl.Series, bits: Singles, held: HeldPieces | None = None, *, threshold: float, seed: int
) -> Integers:
    """Return pairs of texts that agree in a whole band of hashes and about enough of all, as one number each.

    In a crowded band each text meets the first of the band and its next few neighbours, not everybody.
    """
    keys, sketches = _sign_all(texts, bits, held, seed=seed)
    groups = [keys[low : low + BANDS_AT_ONCE] for low in range(0, BANDS, BANDS_AT_ONCE)]
    found = [_propose_in_bands(group, sketches, threshold=threshold) for group in groups]
    return sorted_unique(np.concatenate(found))


def _sign_all(texts: pl.Series, bits: Singles, held: HeldPieces | None, *, seed: int) -> tuple[Signatures, Sketches]:
    """Return a 32-bit key per band and text, and of every hash its last 8 bits: enough to tell likely pairs apart."""
    weights = np.minimum(1, bits / np.float32(full_bits(texts.len())))
    keys = np.empty((BANDS, texts.len()), dtype=np.uint32)
    sketches = np.empty((texts.len(), BANDS * ROWS), dtype=np.uint8)
    low = 0
    for signatures in in_portions(lambda part: sign_pieces(part, weights, seed=seed), texts, held):
        high = low + signatures.shape[1]
        sketches[low:high] = (signatures & 255).astype(np.uint8).T
        keys[:, low:high] = _key_bands(signatures)
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


def _propose_in_bands(keys: Signatures, sketches: Sketches, *, threshold: float) -> Integers:
    """Return the likely pairs of some bands; most pairs that agree in one of them agree in others too."""
    codes = sorted_unique(np.concatenate([_neighbours_in_buckets(band) for band in keys]))
    return codes[_estimate(sketches, codes) >= threshold - DOUBT]


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


def _neighbours_in_buckets(keys: Signatures) -> Integers:
    """Return pairs, as one number each, of texts with equal keys: with the bucket's first and the next neighbours."""
    n = keys.size
    both = (keys.astype(np.uint64) << np.uint64(32)) | np.arange(n, dtype=np.uint64)
    both.sort()
    order, ordered = (both & np.uint64(2**32 - 1)).astype(np.int64), both >> np.uint64(32)
    first = _first_of_run(ordered)
    position = np.arange(n)
    found = []
    for distance in range(1, NEIGHBOURS + 1):
        later = position[distance:][first[distance:] <= position[:-distance]]
        found.append(order[later - distance] * n + order[later])
    far = position[position - first > NEIGHBOURS]
    found.append(order[first[far]] * n + order[far])
    return np.concatenate(found)


def _first_of_run(ordered: Hashes) -> Integers:
    """Return for each place where the run of equal values around it begins."""
    opens = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    return np.maximum.accumulate(np.where(opens, np.arange(ordered.size), 0))
