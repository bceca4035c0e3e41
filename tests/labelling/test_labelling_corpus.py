"""The training texts: enough of them, hard ones among them, no near-copies."""

from collections import Counter

import numpy as np
from scipy import sparse

from chatforensics.labelling.train import read_corpus
from chatforensics.schema import LABELS
from chatforensics.text import normalise


def test_the_corpus_has_at_least_600_distinct_groups() -> None:
    texts = [row["text"] for row in read_corpus()]
    assert len(set(texts)) == len(texts) >= 600


def test_at_least_two_fifths_are_no_instruction_and_most_of_those_are_hard() -> None:
    rows = read_corpus()
    negatives = [row for row in rows if not row["slate_instruction"]]
    assert len(negatives) >= 0.4 * len(rows)
    assert sum(row["contest"] is not None for row in negatives) >= 200


def test_labels_are_the_codebooks_and_the_slate_follows_from_them() -> None:
    for row in read_corpus():
        assert set(row) == {"text", "lang", "labels", "slate_instruction", "contest"}
        assert set(row["labels"]) <= set(LABELS)
        assert row["slate_instruction"] == bool({"endorse", "oppose"} & set(row["labels"]))
        assert row["contest"] is not None or not row["labels"]


def test_many_contests_and_languages_are_there() -> None:
    rows = read_corpus()
    assert len({row["contest"] for row in rows}) >= 11
    languages = Counter(row["lang"] for row in rows)
    assert languages.most_common(1)[0][0] == "en"
    assert {"ur-Latn", "mixed", "ur", "bn", "bn-Latn", "hi", "hi-Latn", "pa", "pt", "es", "pl", "ar"} <= set(languages)


def test_fewer_than_two_in_a_hundred_are_near_copies() -> None:
    texts = [normalise(row["text"]) for row in read_corpus()]
    grams = [{text[i : i + 4] for i in range(max(1, len(text) - 3))} for text in texts]
    places = {gram: column for column, gram in enumerate(sorted(set().union(*grams)))}
    rows = np.repeat(np.arange(len(grams)), [len(found) for found in grams])
    columns = np.array([places[gram] for found in grams for gram in found])
    held = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(grams), len(places)))
    shared = (held @ held.T).toarray()
    sizes = np.diag(shared)
    alike = shared / (sizes[:, None] + sizes[None, :] - shared)
    np.fill_diagonal(alike, 0)
    assert np.mean(alike.max(axis=1) >= 0.7) < 0.02
