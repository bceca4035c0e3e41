import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.families import leaders as module
from chatforensics.families.leaders import _choose_leaders, _pairs_with_leaders, _without, cluster_texts

PAIRS = st.dictionaries(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1]),
    st.sampled_from([0.5, 0.6, 0.7, 0.8, 0.9]),
    max_size=25,
)
NUMBERS = st.sets(st.integers(0, 12))


def slow_leaders(pairs: dict[tuple[int, int], float]) -> dict[int, int]:
    """Go through the texts, the best connected first: a leader unless a neighbour leads; then join the most similar."""
    near: dict[int, dict[int, float]] = {text: {} for text in range(10)}
    for (one, two), similarity in pairs.items():
        near[one][two] = near[two][one] = similarity
    order = sorted(near, key=lambda text: (-len(near[text]), text))
    leads: list[int] = []
    for text in order:
        if not any(other in leads for other in near[text]):
            leads.append(text)
    found = {}
    for text, others in near.items():
        options = [(-similarity, order.index(other), other) for other, similarity in others.items() if other in leads]
        found[text] = text if text in leads else min(options)[2]
    return found


@settings(max_examples=200, deadline=None)
@given(pairs=PAIRS)
def test_leaders_in_rounds_equal_leaders_one_by_one(pairs: dict[tuple[int, int], float]) -> None:
    first, second = (np.array([pair[side] for pair in pairs], dtype=np.int32) for side in (0, 1))
    leader, similarity = _choose_leaders(first, second, np.array(list(pairs.values())), n=10)
    assert dict(enumerate(leader.tolist())) == slow_leaders(pairs)
    for text, (chief, value) in enumerate(zip(leader.tolist(), similarity.tolist(), strict=True)):
        assert value == (1.0 if chief == text else pairs[min(text, chief), max(text, chief)])


@settings(max_examples=50, deadline=None)
@given(values=NUMBERS, known=NUMBERS)
def test_what_is_known_is_left_out(values: set[int], known: set[int]) -> None:
    arrays = (np.array(sorted(numbers), dtype=np.int64) for numbers in (values, known))
    assert _without(*arrays).tolist() == sorted(values - known)


@given(near=st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] > pair[1])))
def test_each_text_meets_the_leaders_of_its_neighbours_unless_it_has(near: set[tuple[int, int]]) -> None:
    leader = [0, 0, 0, 3, 3, 3, 6, 6, 6, 6]
    codes = np.array(sorted(later * 10 + earlier for later, earlier in near), dtype=np.int64)
    wanted = {(text, leader[other]) for pair in near for text, other in (pair, pair[::-1])}
    pairs = {(max(pair), min(pair)) for pair in wanted if pair[0] != pair[1]} - near
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PAIRS_AT_ONCE", 4)
        found = _pairs_with_leaders(codes, np.array(leader))
    assert found.tolist() == sorted(later * 10 + earlier for later, earlier in pairs)


def test_pairs_that_hashing_missed_are_found_through_their_neighbours() -> None:
    # Each neighbour shares much, the outer ones little more than the threshold: hashing alone misses some.
    words = [f"{first}{second}" for first in "abcdefghij" for second in ("ra", "lo", "mi", "ten")]
    texts = [" ".join([*words[:24], *(f"x{number}y{place}" for place in range(6))]) for number in range(12)]
    leader, _ = cluster_texts(pl.Series(texts), threshold=0.5, seed=0)
    assert len(set(leader.tolist())) == 1


def test_leaders_are_the_same_whether_all_pieces_are_at_hand_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = pl.Series(
        [f"number {number % 7} of the {number} letters, all of them nearly alike" for number in range(40)]
    )
    held = cluster_texts(texts, threshold=0.5, seed=0)
    monkeypatch.setattr(module, "MOST_HELD", 0)
    unheld = cluster_texts(texts, threshold=0.5, seed=0)
    assert [column.tolist() for column in unheld] == [column.tolist() for column in held]
    assert len(set(held[0].tolist())) < texts.len()
