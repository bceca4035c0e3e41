"""Counts and weights of words, pieces and cues."""

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.labelling import features
from chatforensics.labelling.cues import find_cues_of_all

TEXTS = st.lists(st.text(alphabet="ab cdé'! 1", max_size=20), max_size=5)


def slow_words(text: str) -> Counter[str]:
    words = regex.findall(r"[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}'’]*|[!?]", text)
    return Counter([*words, *(f"{one} {two}" for one, two in pairwise(words))])


def slow_pieces(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for word in text.split():
        padded = f" {word} "
        found.update(padded[i : i + n] for n in (2, 3, 4, 5) for i in range(len(padded) - n + 1))
    return found


def as_counters(matrix: features.Matrix, vocabulary: list[str]) -> list[Counter[str]]:
    dense = matrix.toarray()
    return [Counter({vocabulary[column]: int(row[column]) for column in np.flatnonzero(row)}) for row in dense]


@settings(max_examples=50, deadline=None)
@given(TEXTS)
def test_counts_of_words_and_pairs_equal_the_slow_way(texts: list[str]) -> None:
    terms = features.words_of(texts)
    vocabulary = features.choose_terms(terms, least_texts=1)
    counted = features.count_terms(terms, vocabulary=vocabulary, n_rows=len(texts))
    assert as_counters(counted, vocabulary) == [slow_words(text) for text in texts]


@settings(max_examples=50, deadline=None)
@given(TEXTS)
def test_counts_of_pieces_equal_the_slow_way_and_the_plain_way(texts: list[str]) -> None:
    terms = features.pieces_of(texts)
    vocabulary = features.choose_terms(terms, least_texts=1)
    counted = features.count_pieces(texts, vocabulary=vocabulary)
    assert as_counters(counted, vocabulary) == [slow_pieces(text) for text in texts]
    plain = features.count_terms(terms, vocabulary=vocabulary, n_rows=len(texts))
    assert (counted.toarray() == plain.toarray()).all()


def test_a_term_must_occur_in_enough_texts_not_often_enough_in_one() -> None:
    terms = features.words_of(["vote vote", "ballot", "ballot"])
    assert features.choose_terms(terms, least_texts=2) == ["ballot"]


def test_terms_outside_the_vocabulary_are_not_counted() -> None:
    counted = features.count_terms(features.words_of(["vote now"]), vocabulary=["vote"], n_rows=1)
    assert counted.toarray().tolist() == [[1.0]]


def test_weights_are_log_counts_times_rarity_scaled_to_length_one() -> None:
    texts = ["a a b", "b", "!"]
    vocabulary = ["a", "b"]
    counts = features.count_terms(features.words_of(texts), vocabulary=vocabulary, n_rows=3)
    frequencies = features.inverse_frequencies(counts)
    assert frequencies.tolist() == pytest.approx([math.log(4 / 2) + 1, math.log(4 / 3) + 1])
    weights = features.weigh_terms(counts, frequencies=frequencies).toarray()
    raw = np.array([(1 + math.log(2)) * frequencies[0], frequencies[1]])
    assert weights[0].tolist() == pytest.approx((raw / np.linalg.norm(raw)).tolist())
    assert weights[1].tolist() == pytest.approx([0, 1])
    assert weights[2].tolist() == [0, 0]


def test_texts_without_any_known_term_weigh_nothing() -> None:
    counts = features.count_terms(features.words_of(["x"]), vocabulary=["a"], n_rows=1)
    assert features.weigh_terms(counts, frequencies=np.ones(1)).nnz == 0


def test_a_cue_and_its_label_are_marked_once_however_often_they_stand() -> None:
    hits = find_cues_of_all(["vote for Ines, vote for Ravi", "hello"])
    marked = features.mark_cues(hits).toarray()
    columns = features.cue_columns()
    assert marked[0, columns.index("endorse.vote_for")] == features.CUE_WEIGHT
    assert marked[0, columns.index("endorse")] == features.CUE_WEIGHT
    assert marked[1].sum() == 0
