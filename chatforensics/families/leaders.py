"""Families as a leader and the texts similar to it: exact comparison, then leader clustering."""

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics.families.likeness import verify_pairs, weigh_sets
from chatforensics.families.pieces import MOST_HELD, Floats, Integers, Numbers, hold_pieces, sorted_unique, weigh_places
from chatforensics.families.signatures import propose_pairs

Booleans: TypeAlias = npt.NDArray[np.bool_]

PAIRS_AT_ONCE = 1_000_000


def cluster_texts(texts: pl.Series, *, threshold: float, seed: int) -> tuple[Integers, Floats]:
    """Return each text's leader and the similarity to it.

    Hashing misses some pairs just above the threshold. So, once leaders are known, every neighbour of a member is held
    against the member's leader as well, and the leaders are chosen again.
    """
    n = texts.len()
    held = hold_pieces(texts) if texts.str.len_chars().sum() <= MOST_HELD else None
    bits = weigh_places(texts, held)
    proposed = propose_pairs(texts, bits, held, threshold=threshold, seed=seed)
    sets = None if held is None else weigh_sets(held, bits, n=n)
    near, similarity = _put_together(verify_pairs(texts, bits, codes, sets, threshold=threshold) for codes in proposed)
    leader, _ = _choose_leaders(*_part(near, n), similarity, n=n)
    further = _put_leaders_first(_pairs_with_leaders(near, leader), leader)
    found = verify_pairs(texts, bits, further, sets, threshold=threshold)
    del held, sets, further
    near, similarity = _put_together([(near, similarity), found])
    return _choose_leaders(*_part(near, n), similarity, n=n)


def _put_together(parts: Iterable[tuple[Integers, Floats]]) -> tuple[Integers, Floats]:
    near, similarity = zip(*parts, strict=True)
    return np.concatenate(near), np.concatenate(similarity)


def _part(codes: Integers, n: int) -> tuple[Numbers, Numbers]:
    """Return the numbers of both texts of each pair, a portion at a time: they take half the memory of the codes."""
    first, second = np.empty(codes.size, dtype=np.int32), np.empty(codes.size, dtype=np.int32)
    for low in range(0, codes.size, PAIRS_AT_ONCE):
        here = slice(low, low + PAIRS_AT_ONCE)
        first[here], second[here] = np.divmod(codes[here], n)
    return first, second


def _without(values: Integers, known: Integers) -> Integers:
    """Return the values that are not among the known, both ascending."""
    if not known.size:
        return values
    at = np.minimum(np.searchsorted(known, values), known.size - 1)
    new: Integers = values[known[at] != values]
    return new


def _pairs_with_leaders(near: Integers, leader: Integers) -> Integers:
    """Return the pairs, as one number each, of each text and the leaders of its neighbours that are not known as near.

    Of the known, ascending, a portion at a time is gone through.
    """
    n = leader.size
    found = [near[:0]]
    for low in range(0, near.size, PAIRS_AT_ONCE):
        first, second = np.divmod(near[low : low + PAIRS_AT_ONCE], n)
        texts, leaders = np.concatenate([first, second]), np.concatenate([leader[second], leader[first]])
        other = texts != leaders
        texts, leaders = texts[other], leaders[other]
        pairs = sorted_unique(np.maximum(texts, leaders) * n + np.minimum(texts, leaders))
        found.append(_without(pairs, near))
    return sorted_unique(np.concatenate(found))


def _put_leaders_first(pairs: Integers, leader: Integers) -> Integers:
    """Return the pairs with a leader on the left, in order: what stands in many pairs is compared fastest in a row."""
    n = leader.size
    first, second = pairs // n, pairs % n
    return np.sort(np.where(leader[second] == second, second * n + first, pairs))


def _choose_leaders(first: Numbers, second: Numbers, similarity: Floats, *, n: int) -> tuple[Integers, Floats]:
    """Return each text's leader and the similarity to it.

    Texts with the most similar texts around them lead first; a text joins the most similar leader among its neighbours,
    and leads itself when none of those before it does. Every round decides all texts whose betters are decided.
    """
    rank = np.empty(n, dtype=np.int32)
    degree = np.bincount(first, minlength=n) + np.bincount(second, minlength=n)
    rank[np.lexsort((np.arange(n), -degree))] = np.arange(n)
    leads = _list_leaders(first, second, rank)
    led, leading = leads[first] & ~leads[second], leads[second] & ~leads[first]
    chiefs, members = np.concatenate([first[led], second[leading]]), np.concatenate([second[led], first[leading]])
    both = np.concatenate([similarity[led], similarity[leading]])
    order = np.lexsort((rank[chiefs], -both, members))
    chiefs, members, both = chiefs[order], members[order], both[order]
    nearest = np.concatenate([[True], members[1:] != members[:-1]])[: members.size]
    leader, best = np.arange(n), np.ones(n)
    leader[members[nearest]], best[members[nearest]] = chiefs[nearest], both[nearest]
    return leader, best


def _list_leaders(first: Numbers, second: Numbers, rank: Numbers) -> Booleans:
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
