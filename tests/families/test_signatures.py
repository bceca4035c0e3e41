import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.families import signatures as module
from chatforensics.families.likeness import compare_pairs
from chatforensics.families.pieces import list_pieces, sorted_unique, weigh_places
from chatforensics.families.signatures import NEIGHBOURS, meet_neighbours, propose_pairs, put_in_buckets, sign_pieces


def words_of_numbers(count: int) -> list[str]:
    numbers = np.random.default_rng(3).integers(0, 1000, size=(count, 200))
    return [" ".join(map(str, row)) for row in numbers]


@pytest.mark.parametrize("common_weight", [1.0, 0.25])
def test_the_share_of_equal_hashes_estimates_the_similarity_by_weight(common_weight: float) -> None:
    base, tail, other = words_of_numbers(3)
    texts = pl.Series([f"{base} {tail}", f"{base} {other}"])
    pieces = list_pieces(texts)
    sets = [{text[at : at + 4] for at in range(len(text) - 3)} for text in texts]
    weights = np.ones(2**20, dtype=np.float32)
    one, other_one = (pieces.values[slice(*pieces.starts[row : row + 2])] for row in (0, 1))
    both = np.intersect1d(one, other_one)
    weights[both >> np.uint64(30)] = common_weight
    common = common_weight * len(sets[0] & sets[1])
    signatures = sign_pieces(pieces, weights, seed=0)
    assert (signatures[:, 0] == signatures[:, 1]).mean() == pytest.approx(
        common / (common + len(sets[0] ^ sets[1])), abs=0.13
    )


def test_another_seed_gives_other_signatures_and_the_same_seed_the_same() -> None:
    texts = pl.Series(["a rather ordinary sentence"])
    pieces, weights = list_pieces(texts), weigh_places(texts)
    assert (sign_pieces(pieces, weights, seed=1) == sign_pieces(pieces, weights, seed=1)).all()
    assert (sign_pieces(pieces, weights, seed=1) != sign_pieces(pieces, weights, seed=2)).any()


@settings(max_examples=100, deadline=None)
@given(keys=st.lists(st.integers(0, 3), min_size=1, max_size=40), step=st.integers(1, 40))
def test_texts_of_a_bucket_meet_its_first_and_their_nearest_before_them(keys: list[int], step: int) -> None:
    band = put_in_buckets(np.array(keys, dtype=np.uint32))
    found = np.concatenate([meet_neighbours(band, low, low + step) for low in range(0, len(keys), step)])
    wanted = set()
    for key in set(keys):
        bucket = [text for text, value in enumerate(keys) if value == key]
        for at, text in enumerate(bucket):
            wanted |= {(text, other) for other in {bucket[0], *bucket[max(0, at - NEIGHBOURS) : at]} - {text}}
    assert {(code // len(keys), code % len(keys)) for code in found.tolist()} == wanted
    assert len(found) == len(wanted)


def test_proposed_pairs_come_in_order_and_are_the_same_however_many_texts_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = pl.Series([f"text number {number} of many, all nearly alike" for number in range(60)])
    bits = weigh_places(texts)
    whole = np.concatenate(list(propose_pairs(texts, bits, threshold=0.4, seed=0)))
    monkeypatch.setattr(module, "TEXTS_AT_ONCE", 7)
    parts = list(propose_pairs(texts, bits, threshold=0.4, seed=0))
    assert len(parts) == 9
    assert whole.size > texts.len()
    assert (np.diff(whole) > 0).all()
    assert np.concatenate(parts).tolist() == whole.tolist()


@settings(max_examples=50, deadline=None)
@given(values=st.lists(st.integers(0, 9)))
def test_distinct_values_come_in_order(values: list[int]) -> None:
    assert sorted_unique(np.array(values, dtype=np.int64)).tolist() == sorted(set(values))


def test_a_pair_of_equal_texts_is_wholly_similar() -> None:
    texts = pl.Series(["the same words as before"] * 2)
    similarity, _ = compare_pairs(texts, weigh_places(texts), np.array([1]))
    assert similarity.tolist() == [1.0]
