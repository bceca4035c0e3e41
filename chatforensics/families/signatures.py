"""MinHash signatures and banding: which texts are worth comparing (Broder 1997; Leskovec et al., chapter 3)."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Integers: TypeAlias = npt.NDArray[np.int64]
Hashes: TypeAlias = npt.NDArray[np.uint64]
Floats: TypeAlias = npt.NDArray[np.float64]
Signatures: TypeAlias = npt.NDArray[np.uint32]

GRAM = 4
BANDS = 32
ROWS = 4
NEIGHBOURS = 8
CHUNK_TEXTS = 4096
CHUNK_PAIRS = 200_000
# Pairs whose hashes say that they lie this far below the threshold are not worth the exact look: with 128 hashes the
# estimate errs by more than this about once in a thousand times.
DOUBT = 0.13


def hash_grams(texts: list[str]) -> tuple[Hashes, Integers]:
    """Return a hash of every 4-character piece of all texts in one array, and where each text begins in it."""
    points = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    mixed = np.zeros(points.size - GRAM + 1, dtype=np.uint64)
    for offset in range(GRAM):
        mixed = mixed * np.uint64(0x100000001B3) ^ points[offset : offset + mixed.size]
    # A piece that runs over the end of its text is none.
    ends = np.cumsum(lengths)
    inside = np.ones(points.size, dtype=bool)
    for offset in range(1, GRAM):
        inside[ends - offset] = False
    counts = lengths - GRAM + 1
    return _scramble(mixed[inside[: mixed.size]]), np.concatenate([[0], np.cumsum(counts)])


def sign_texts(grams: Hashes, starts: Integers, *, seed: int) -> Signatures:
    """Return the minimum of each hash function over the pieces of each text, one row per text."""
    random = np.random.default_rng(seed)
    factors = random.integers(0, 2**63, size=BANDS * ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    signatures = np.empty((starts.size - 1, factors.size), dtype=np.uint32)
    # In portions that stay in the processor's cache: a few times faster than all at once.
    for low in range(0, starts.size - 1, CHUNK_TEXTS):
        high = min(low + CHUNK_TEXTS, starts.size - 1)
        portion = grams[starts[low] : starts[high]]
        begins = starts[low:high] - starts[low]
        for column, factor in enumerate(factors):
            signatures[low:high, column] = np.minimum.reduceat(portion * factor, begins) >> np.uint64(32)
    return signatures


def propose_pairs(signatures: Signatures, *, threshold: float) -> Integers:
    """Return pairs of texts that agree in a whole band of hashes and about enough of all, as one number each.

    In a crowded band each text meets the first of the band and its next few neighbours, not everybody.
    """
    n = signatures.shape[0]
    pairs = []
    for band in range(BANDS):
        key = np.zeros(n, dtype=np.uint64)
        for column in signatures[:, band * ROWS : (band + 1) * ROWS].T:
            key = _scramble(key ^ column)
        order = np.argsort(key, kind="stable")
        pairs.append(_neighbours_in_buckets(order, key[order], n=n))
    codes = np.unique(np.concatenate(pairs))
    return codes[_estimate(signatures, codes) >= threshold - DOUBT]


def _estimate(signatures: Signatures, codes: Integers) -> Floats:
    """Return the share of equal hashes of each pair, an estimate of its similarity."""
    n, equal = signatures.shape[0], np.empty(codes.size)
    for low in range(0, codes.size, CHUNK_PAIRS):
        part = codes[low : low + CHUNK_PAIRS]
        equal[low : low + CHUNK_PAIRS] = (signatures[part // n] == signatures[part % n]).mean(axis=1)
    return equal


def _neighbours_in_buckets(order: Integers, keys: Hashes, *, n: int) -> Integers:
    """Return pairs, as one number each, of texts with equal keys: with the bucket's first and the next neighbours."""
    position = np.arange(order.size)
    opens = np.concatenate([[True], keys[1:] != keys[:-1]])
    first_of_bucket = np.maximum.accumulate(np.where(opens, position, 0))
    found = []
    for distance in range(1, NEIGHBOURS + 1):
        later = position[distance:][first_of_bucket[distance:] <= position[:-distance]]
        found.append((later - distance, later))
    far = position[position - first_of_bucket > NEIGHBOURS]
    found.append((first_of_bucket[far], far))
    left, right = (order[np.concatenate(side)] for side in zip(*found, strict=True))
    codes: Integers = np.minimum(left, right) * n + np.maximum(left, right)
    return codes


def _scramble(values: Hashes) -> Hashes:
    """Return well-mixed 64-bit values (the finaliser of splitmix64, Steele et al. 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
