"""Training anew gives the same bytes."""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from chatforensics.labelling import train
from chatforensics.labelling.cues import find_cues_of_all


def test_training_anew_gives_the_stored_bytes() -> None:
    folder = files("chatforensics.labelling")
    description, arrays, lines = train.train()
    assert folder.joinpath("model.npz").read_bytes() == arrays
    assert folder.joinpath("model.json").read_bytes() == description
    assert len(lines) == 12


def test_a_direction_is_flagged_where_most_flags_are_right() -> None:
    truth = np.array([1.0] * 9 + [0.0] * 3)
    probabilities = np.array([0.9] * 9 + [0.7, 0.5, 0.3])
    assert train.choose_thresholds(probabilities, truth, label="endorse") == (0.51, 0.51)


def test_other_labels_are_flagged_at_the_best_f1() -> None:
    truth = np.array([1.0, 1.0, 0.0, 0.0])
    assert train.choose_thresholds(np.array([0.9, 0.6, 0.55, 0.1]), truth, label="remind")[1] == pytest.approx(0.6)


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
