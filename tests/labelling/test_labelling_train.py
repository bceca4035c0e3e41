"""Training anew gives the same model."""

import io
import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from chatforensics.labelling import train
from chatforensics.labelling.cues import find_cues_of_all


@pytest.mark.slow
def test_training_anew_gives_the_stored_model() -> None:
    description, arrays, lines = train.train()
    _, far = train.compare_models((description, arrays), read_stored())
    assert far == []
    assert len(lines) == 12


def read_stored() -> tuple[bytes, bytes]:
    folder = files("chatforensics.labelling")
    return folder.joinpath("model.json").read_bytes(), folder.joinpath("model.npz").read_bytes()


def test_a_model_of_other_texts_or_weights_is_told_from_the_stored_one() -> None:
    stored = read_stored()
    assert train.compare_models(stored, stored) == (True, [])
    other = {**json.loads(stored[0]), "corpus_sha256": "0" * 64}
    other["calibration"] = {**other["calibration"], "slate_instruction": [1.0, 0.0]}
    same, far = train.compare_models((json.dumps(other).encode(), stored[1]), stored)
    assert (same, sorted(far)) == (False, ["calibration of slate_instruction", "corpus_sha256"])
    for moved, found in ((0.001, []), (0.5, ["coefficients"])):
        arrays = dict(np.load(io.BytesIO(stored[1]), allow_pickle=False))
        arrays["coefficients"][0, 0] += moved
        stream = io.BytesIO()
        np.savez_compressed(stream, **arrays)
        assert train.compare_models((stored[0], stream.getvalue()), stored) == (False, found)


def test_a_flag_begins_where_f1_is_best() -> None:
    truth = np.array([1.0, 1.0, 0.0, 0.0])
    assert train.choose_thresholds(np.array([0.9, 0.6, 0.55, 0.1]), truth)[1] == pytest.approx(0.6)


def test_a_precision_asked_for_raises_the_flag() -> None:
    truth = np.array([1.0, 1.0, 0.0, 1.0, 1.0, 0.0])
    probabilities = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    assert train.choose_thresholds(probabilities, truth)[1] == pytest.approx(0.5)
    assert train.choose_thresholds(probabilities, truth, precision=0.9)[1] == pytest.approx(0.8)


def test_review_never_begins_above_the_flag() -> None:
    truth, probabilities = np.array([1.0, 1.0, 1.0, 0.0]), np.array([0.9, 0.9, 0.9, 0.1])
    review, flag = train.choose_thresholds(probabilities, truth)
    assert review <= flag


def test_platts_line_rises_with_the_scores() -> None:
    slope, offset = train.platt_line(np.array([-2.0, -1.0, 1.0, 2.0]), np.array([0.0, 0.0, 1.0, 1.0]))
    assert slope > 0
    assert abs(offset) < 0.5


def test_a_rules_probability_is_its_precision_with_one_case_of_doubt() -> None:
    hits = find_cues_of_all(["delete this chat before the ballot", "clear this message, ballot", "hello"])
    assert train.rule_probability(hits, np.array([1.0, 0.0, 1.0]), label="conceal") == 0.5


def test_ordinary_words_are_those_in_small_letters_in_two_texts() -> None:
    assert train.ordinary_words(["we vote", "they vote for Ines", "Ines again"]) == {"vote"}


def test_the_model_card_states_the_size_of_the_corpus() -> None:
    corpus = train.read_corpus()
    card = (Path(__file__).parents[2] / "docs" / "model-card.md").read_text(encoding="utf-8")
    told = sum(row["slate_instruction"] for row in corpus)
    assert f"{len(corpus):,} message groups" in card
    assert f"{told} of them instructions" in card
