import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.families import pieces as module
from chatforensics.families.likeness import compare_pairs, verify_pairs
from chatforensics.families.pieces import (
    COMMON,
    PIECE_BITS,
    UNSEEN,
    full_bits,
    hold_pieces,
    in_parallel,
    list_pieces,
    number_pieces,
    weigh_places,
)

LONG = st.text(st.sampled_from("abcঅ😀"), min_size=4, max_size=12)
FEW = st.lists(LONG, min_size=2, max_size=6)


def pieces(text: str) -> set[str]:
    return {text[at : at + 4] for at in range(len(text) - 3)}


def slow_likeness(texts: Sequence[str], one: str, two: str) -> tuple[float, float]:
    """Return similarity and what the common pieces tell, by counting how often a text holds one of the same place."""
    every = {piece for text in texts for piece in pieces(text)}
    place = {piece: list_pieces(pl.Series([piece])).values[0] >> np.uint64(PIECE_BITS - 16) for piece in every}
    held = Counter(place[piece] for text in texts for piece in pieces(text))
    bits = {piece: math.log2((len(texts) + UNSEEN) / held[place[piece]]) for piece in every}
    full = math.log2((len(texts) + UNSEEN) / COMMON)
    weight = {piece: min(1, told / full) for piece, told in bits.items()}
    common, either = pieces(one) & pieces(two), pieces(one) | pieces(two)
    similarity = sum(weight[piece] for piece in common) / sum(weight[piece] for piece in either)
    return similarity, sum(bits[piece] for piece in common) / 4


@settings(max_examples=100, deadline=None)
@given(texts=FEW)
def test_pieces_are_the_distinct_fours_of_each_text(texts: list[str]) -> None:
    values, starts = list_pieces(pl.Series(texts))
    assert np.diff(starts).tolist() == [len(pieces(text)) for text in texts]
    of_text = [values[low:high].tolist() for low, high in pairwise(starts)]
    for one, ones in zip(texts, of_text, strict=True):
        assert ones == sorted(set(ones))
        for two, twos in zip(texts, of_text, strict=True):
            assert len(set(ones) & set(twos)) == len(pieces(one) & pieces(two))


def test_portions_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = pl.Series([f"text number {number} of many, all alike" for number in range(30)])
    whole, bits = list_pieces(texts), weigh_places(texts)
    monkeypatch.setattr(module, "PORTION", 7)
    parts = list_pieces(texts)
    assert (parts.values == whole.values).all()
    assert (parts.starts == whole.starts).all()
    assert (weigh_places(texts) == bits).all()


@settings(max_examples=50, deadline=None)
@given(texts=FEW)
def test_pieces_at_hand_are_the_pieces_of_the_texts_and_weigh_the_same(texts: list[str]) -> None:
    series = pl.Series(texts)
    held = hold_pieces(series)
    values, starts = held.take_portion(0, len(texts))
    assert (values == list_pieces(series).values).all()
    assert (starts == list_pieces(series).starts).all()
    assert (weigh_places(series, held) == weigh_places(series)).all()


@given(distinct=st.sets(st.integers(0, 40) | st.integers(2**49, 2**49 + 40) | st.integers(0, 2**50 - 1), min_size=1))
def test_a_piece_is_numbered_by_its_place_among_all_however_alike_they_begin(distinct: set[int]) -> None:
    ordered = np.array(sorted(distinct), dtype=np.uint64)
    shuffled = np.random.default_rng(0).permutation(ordered.size)
    assert (number_pieces(ordered[shuffled], ordered) == shuffled).all()


@settings(max_examples=100, deadline=None)
@given(texts=FEW)
def test_likeness_equals_the_slow_way(texts: list[str]) -> None:
    series, n = pl.Series(texts), len(texts)
    codes = np.array([one * n + two for one in range(n) for two in range(one + 1, n)])
    similarity, shared = compare_pairs(series, weigh_places(series), codes)
    slow = [slow_likeness(texts, texts[code // n], texts[code % n]) for code in codes.tolist()]
    assert list(zip(similarity.tolist(), shared.tolist(), strict=True)) == [
        (pytest.approx(first, rel=1e-5), pytest.approx(second, rel=1e-5)) for first, second in slow
    ]


def test_common_pieces_weigh_less_in_many_texts_and_all_weigh_alike_in_few() -> None:
    pair = ["good morning to all of you, yours Ottoline", "good morning to all of you, yours Nkechinyere"]
    few = pl.Series([*pair, *(f"good morning to all of you {n}" for n in range(50))])
    many = pl.Series([*pair, *(f"good morning to all of you {n}" for n in range(5000))])
    first_and_second = np.array([1])
    in_few, in_many = (compare_pairs(texts, weigh_places(texts), first_and_second)[0][0] for texts in (few, many))
    assert in_few == pytest.approx(len(pieces(pair[0]) & pieces(pair[1])) / len(pieces(pair[0]) | pieces(pair[1])))
    assert in_many < 0.8 * in_few


def test_what_suffices_among_few_texts_may_be_chance_among_many() -> None:
    # Six shared pieces, each in half of the texts.
    pair = ["abcdefghi", "abcdefghij"]
    few = pl.Series([*pair, *(f"abcdefghi{n}" for n in range(10, 40))])
    many = pl.Series([*pair, *(f"abcdefghi{n}" for n in range(10, 30000))])
    for texts, passes in ((few, True), (many, False)):
        codes, _ = verify_pairs(texts, weigh_places(texts), np.array([1]), threshold=0.1)
        assert (codes.size == 1) is passes


@given(numbers=st.lists(st.integers(), max_size=20))
def test_work_in_parallel_keeps_the_order(numbers: list[int]) -> None:
    assert list(in_parallel(lambda number: number * 2, numbers)) == [number * 2 for number in numbers]


@given(n=st.integers(0, 10**8))
def test_a_piece_counts_in_full_when_a_thousandth_of_many_texts_or_a_tenth_of_few_hold_it(n: int) -> None:
    assert math.log2(10) <= full_bits(n) < math.log2(1011)
