"""Families as a leader and the texts similar to it: exact comparison, then leader clustering."""

import numpy as np
from scipy import sparse

from chatforensics.families.signatures import (
    CHUNK_PAIRS,
    Floats,
    Hashes,
    Integers,
    hash_grams,
    propose_pairs,
    sign_texts,
)


def cluster_texts(texts: list[str], *, threshold: float, seed: int) -> tuple[Integers, Floats]:
    """Return each text's leader and the similarity to it.

    Hashing misses some pairs just above the threshold. So, once leaders are known, every neighbour of a member is held
    against the member's leader as well, and the leaders are chosen again.
    """
    grams, starts = hash_grams(texts)
    n = len(texts)
    codes = propose_pairs(sign_texts(grams, starts, seed=seed), threshold=threshold)
    near, common = _verify(grams, starts, codes, threshold=threshold)
    leader, _ = _choose_leaders(near // n, near % n, common, n=n)
    further = np.setdiff1d(_pairs_with_leaders(near, leader), codes)
    found, found_common = _verify(grams, starts, further, threshold=threshold)
    near, common = np.concatenate([near, found]), np.concatenate([common, found_common])
    return _choose_leaders(near // n, near % n, common, n=n)


def _pairs_with_leaders(near: Integers, leader: Integers) -> Integers:
    """Return the pairs of each text and the leaders of its neighbours, as one number each."""
    n = leader.size
    first, second = near // n, near % n
    texts, leaders = np.concatenate([first, second]), np.concatenate([leader[second], leader[first]])
    other = texts != leaders
    texts, leaders = texts[other], leaders[other]
    return np.unique(np.minimum(texts, leaders) * n + np.maximum(texts, leaders))


def _verify(grams: Hashes, starts: Integers, codes: Integers, *, threshold: float) -> tuple[Integers, Floats]:
    """Return the pairs that are similar enough, with their exact similarity."""
    n = starts.size - 1
    common = _jaccard(grams, starts, codes // n, codes % n)
    return codes[common >= threshold], common[common >= threshold]


def _jaccard(grams: Hashes, starts: Integers, first: Integers, second: Integers) -> Floats:
    """Return the exact share of common pieces of each pair of texts."""
    if not first.size:
        return np.empty(0)
    involved, local = np.unique(np.concatenate([first, second]), return_inverse=True)
    sets = _gram_sets(grams, starts, involved)
    sizes = np.diff(sets.indptr)
    left, right = local[: first.size], local[first.size :]
    common = np.empty(first.size)
    for low in range(0, first.size, CHUNK_PAIRS):
        part = slice(low, low + CHUNK_PAIRS)
        common[part] = sets[left[part]].multiply(sets[right[part]]).sum(axis=1)
    return common / (sizes[left] + sizes[right] - common)


def _gram_sets(grams: Hashes, starts: Integers, texts: Integers) -> "sparse.csr_array[np.float64]":
    """Return one row per text with a 1 in the column of each of its pieces."""
    counts = starts[texts + 1] - starts[texts]
    rows = np.repeat(np.arange(texts.size), counts)
    at = np.arange(rows.size) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(starts[texts], counts)
    columns = (grams[at] >> np.uint64(1)).astype(np.int64)
    order = np.lexsort((columns, rows))
    rows, columns = rows[order], columns[order]
    new = np.concatenate([[True], (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])])
    ends = np.concatenate([[0], np.cumsum(np.bincount(rows[new], minlength=texts.size))])
    shape = (texts.size, 2**63 - 1)
    return sparse.csr_array((np.ones(int(new.sum())), columns[new], ends.astype(np.int64)), shape=shape)


def _choose_leaders(first: Integers, second: Integers, similarity: Floats, *, n: int) -> tuple[Integers, Floats]:
    """Return each text's leader and the similarity to it.

    Texts with the most similar texts around them lead first; a text joins the most similar leader among its neighbours,
    and leads itself when none of those before it does. Every round decides all texts whose betters are decided.
    """
    rank = np.empty(n, dtype=np.int64)
    degree = np.bincount(np.concatenate([first, second]), minlength=n)
    rank[np.lexsort((np.arange(n), -degree))] = np.arange(n)
    swap = rank[first] > rank[second]
    better, worse = np.where(swap, second, first), np.where(swap, first, second)
    undecided, leads = np.bincount(worse, minlength=n) > 0, np.bincount(worse, minlength=n) == 0
    while undecided.any():
        led = np.zeros(n, dtype=bool)
        led[worse[leads[better]]] = True
        undecided &= ~led
        waiting = np.zeros(n, dtype=bool)
        waiting[worse[undecided[better]]] = True
        new = undecided & ~waiting
        leads |= new
        undecided &= ~new
    chiefs, members = np.concatenate([first, second]), np.concatenate([second, first])
    led_by, both = leads[chiefs] & ~leads[members], np.concatenate([similarity, similarity])
    chiefs, members, both = chiefs[led_by], members[led_by], both[led_by]
    order = np.lexsort((rank[chiefs], -both, members))
    member, at = np.unique(members[order], return_index=True)
    leader, best = np.arange(n), np.ones(n)
    leader[member], best[member] = chiefs[order][at], both[order][at]
    return leader, best
