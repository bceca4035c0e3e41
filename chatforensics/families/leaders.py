"""Families as a leader and the texts similar to it: exact comparison, then leader clustering."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics.families.likeness import verify_pairs
from chatforensics.families.pieces import MOST_HELD, Floats, Integers, hold_pieces, sorted_unique, weigh_places
from chatforensics.families.signatures import propose_pairs

Booleans: TypeAlias = npt.NDArray[np.bool_]


def cluster_texts(texts: pl.Series, *, threshold: float, seed: int) -> tuple[Integers, Floats]:
    """Return each text's leader and the similarity to it.

    Hashing misses some pairs just above the threshold. So, once leaders are known, every neighbour of a member is held
    against the member's leader as well, and the leaders are chosen again.
    """
    n = texts.len()
    held = hold_pieces(texts) if texts.str.len_chars().sum() <= MOST_HELD else None
    bits = weigh_places(texts, held)
    codes = propose_pairs(texts, bits, held, threshold=threshold, seed=seed)
    near, similarity = verify_pairs(texts, bits, codes, held, threshold=threshold)
    leader, _ = _choose_leaders(near // n, near % n, similarity, n=n)
    further = _put_leaders_first(_without(_pairs_with_leaders(near, leader), codes), leader)
    found, found_similarity = verify_pairs(texts, bits, further, held, threshold=threshold)
    near, similarity = np.concatenate([near, found]), np.concatenate([similarity, found_similarity])
    return _choose_leaders(near // n, near % n, similarity, n=n)


def _without(values: Integers, known: Integers) -> Integers:
    """Return the values that are not among the known, both ascending."""
    if not known.size:
        return values
    at = np.minimum(np.searchsorted(known, values), known.size - 1)
    new: Integers = values[known[at] != values]
    return new


def _pairs_with_leaders(near: Integers, leader: Integers) -> Integers:
    """Return the pairs of each text and the leaders of its neighbours, as one number each."""
    n = leader.size
    first, second = near // n, near % n
    texts, leaders = np.concatenate([first, second]), np.concatenate([leader[second], leader[first]])
    other = texts != leaders
    texts, leaders = texts[other], leaders[other]
    return sorted_unique(np.minimum(texts, leaders) * n + np.maximum(texts, leaders))


def _put_leaders_first(pairs: Integers, leader: Integers) -> Integers:
    """Return the pairs with a leader on the left, in order: what stands in many pairs is compared fastest in a row."""
    n = leader.size
    first, second = pairs // n, pairs % n
    return np.sort(np.where(leader[second] == second, second * n + first, pairs))


def _choose_leaders(first: Integers, second: Integers, similarity: Floats, *, n: int) -> tuple[Integers, Floats]:
    """Return each text's leader and the similarity to it.

    Texts with the most similar texts around them lead first; a text joins the most similar leader among its neighbours,
    and leads itself when none of those before it does. Every round decides all texts whose betters are decided.
    """
    rank = np.empty(n, dtype=np.int64)
    degree = np.bincount(np.concatenate([first, second]), minlength=n)
    rank[np.lexsort((np.arange(n), -degree))] = np.arange(n)
    leads = _list_leaders(first, second, rank)
    led_by = np.concatenate([leads[first] & ~leads[second], leads[second] & ~leads[first]])
    chiefs, members = np.concatenate([first, second])[led_by], np.concatenate([second, first])[led_by]
    both = np.concatenate([similarity, similarity])[led_by]
    order = np.lexsort((rank[chiefs], -both, members))
    chiefs, members, both = chiefs[order], members[order], both[order]
    nearest = np.concatenate([[True], members[1:] != members[:-1]])[: members.size]
    leader, best = np.arange(n), np.ones(n)
    leader[members[nearest]], best[members[nearest]] = chiefs[nearest], both[nearest]
    return leader, best


def _list_leaders(first: Integers, second: Integers, rank: Integers) -> Booleans:
    """Say of each text whether it leads, going on with the pairs of undecided texts only."""
    n = rank.size
    swap = rank[first] > rank[second]
    better, worse = np.where(swap, second, first), np.where(swap, first, second)
    undecided = np.zeros(n, dtype=bool)
    undecided[worse] = True
    leads = ~undecided
    while better.size:
        led = worse[leads[better]]
        undecided[led] = False
        open_pairs = undecided[worse]
        better, worse = better[open_pairs], worse[open_pairs]
        waiting = np.zeros(n, dtype=bool)
        waiting[worse[undecided[better]]] = True
        new = undecided & ~waiting
        leads |= new
        undecided &= ~new
    return leads
