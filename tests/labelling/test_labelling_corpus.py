"""The training texts: enough of them, hard ones among them, no near-copies."""

from collections import Counter

import numpy as np
import pytest
from scipy import sparse

from chatforensics.labelling.train import read_corpus
from chatforensics.schema import LABELS
from chatforensics.text import normalise

DIRECTIONS = {"endorse", "oppose"}
EASY = "everyday"


def agreement(first: list[bool], second: list[bool]) -> float:
    """Cohen's kappa of two readers."""
    a, b = np.array(first), np.array(second)
    by_chance = a.mean() * b.mean() + (1 - a.mean()) * (1 - b.mean())
    return float(((a == b).mean() - by_chance) / (1 - by_chance))


def test_the_corpus_has_at_least_3000_distinct_groups() -> None:
    texts = [row["text"] for row in read_corpus()]
    assert len(set(texts)) == len(texts) >= 3000


def test_at_least_a_third_are_hard_negatives() -> None:
    rows = read_corpus()
    hard = [row for row in rows if not row["slate_instruction"] and (row["contest"] or row["kind"] not in (None, EASY))]
    assert len(hard) >= len(rows) / 3


def test_labels_are_the_codebooks_and_the_slate_follows_from_them() -> None:
    for row in read_corpus():
        assert set(row) == {"text", "lang", "labels", "slate_instruction", "contest", "kind", "second"}
        assert set(row["labels"]) | set(row["second"] or ()) <= set(LABELS)
        assert row["slate_instruction"] == bool(DIRECTIONS & set(row["labels"]))
        assert row["contest"] is not None or not row["labels"]


def test_many_contests_and_languages_are_there() -> None:
    rows = read_corpus()
    assert len({row["contest"] for row in rows}) >= 15
    languages = Counter(row["lang"] for row in rows)
    assert languages.most_common(1)[0][0] == "en"
    assert {
        "ur-Latn", "mixed", "ur", "bn", "bn-Latn", "hi", "hi-Latn", "pa", "pt", "es", "fr", "pl", "ar", "cy"
    } <= set(languages)  # fmt: skip


def test_a_second_reading_agrees_on_what_is_an_instruction() -> None:
    read_twice = [row for row in read_corpus() if row["second"] is not None]
    assert len(read_twice) >= 3000
    told = [bool(DIRECTIONS & set(row["labels"])) for row in read_twice]
    told_again = [bool(DIRECTIONS & set(row["second"])) for row in read_twice]
    assert agreement(told, told_again) >= 0.9


@pytest.mark.slow
def test_fewer_than_one_in_two_hundred_are_near_copies() -> None:
    texts = [normalise(row["text"]) for row in read_corpus()]
    grams = [{text[i : i + 4] for i in range(max(1, len(text) - 3))} for text in texts]
    places = {gram: column for column, gram in enumerate(sorted(set().union(*grams)))}
    rows = np.repeat(np.arange(len(grams)), [len(found) for found in grams])
    columns = np.array([places[gram] for found in grams for gram in found])
    held = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(grams), len(places)))
    sizes = np.array([len(found) for found in grams])
    n_near = 0
    for start in range(0, len(texts), 500):
        shared = (held[start : start + 500] @ held.T).toarray()
        alike = shared / (sizes[start : start + 500, None] + sizes[None, :] - shared)
        alike[np.arange(len(alike)), start + np.arange(len(alike))] = 0
        n_near += int(np.sum(alike.max(axis=1) >= 0.7))
    assert n_near / len(texts) < 0.005
