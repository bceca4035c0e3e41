"""The stored model: whole, deterministic, gated."""

import hashlib
import json
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.errors import HashMismatch
from chatforensics.labelling import cues, model
from chatforensics.labelling.cues import find_cues_of_all
from chatforensics.schema import LABELS, SLATE_LABEL

FOLDER = files("chatforensics.labelling")


def stored() -> tuple[bytes, bytes]:
    return FOLDER.joinpath("model.json").read_bytes(), FOLDER.joinpath("model.npz").read_bytes()


def factor(text: str) -> float:
    return float(model.gate(find_cues_of_all([text]))[0])


def test_changed_arrays_are_refused() -> None:
    description, arrays = stored()
    with pytest.raises(HashMismatch, match="npz"):
        model.read_model(description, arrays=arrays + b"x", cues_sha256=cues.cues_sha256())


def test_cues_other_than_those_of_the_training_are_refused() -> None:
    description, arrays = stored()
    with pytest.raises(HashMismatch, match="cue files"):
        model.read_model(description, arrays=arrays, cues_sha256="0" * 64)


def test_the_model_is_small_and_holds_no_pickle() -> None:
    description, arrays = stored()
    assert len(description) + len(arrays) < 3_000_000
    assert json.loads(description)["arrays_sha256"] == hashlib.sha256(arrays).hexdigest()


def test_every_label_has_thresholds_in_order_and_a_way_to_be_decided() -> None:
    loaded = model.load_model()
    assert set(loaded.thresholds) == {SLATE_LABEL, *LABELS}
    assert set(loaded.calibration) | set(loaded.rules) == {SLATE_LABEL, *LABELS}
    assert all(0 < review <= flag < 1 for review, flag in loaded.thresholds.values())


def test_decisions_follow_the_thresholds() -> None:
    assert [model.decide(p, thresholds=(0.2, 0.6)) for p in (0.1, 0.2, 0.59, 0.6)] == [
        "none",
        "review",
        "review",
        "flag",
    ]


def test_a_ballot_in_view_opens_the_gate() -> None:
    assert factor("vote for Ines in the ballot") == 1


def test_a_word_of_choosing_without_a_ballot_divides_the_odds() -> None:
    assert factor("tick the first box") == model.ODDS_NO_BALLOT
    hits = find_cues_of_all(["tick the first box"])
    assert model.through_gate(np.array([0.5]), hits)[0] == pytest.approx(1 / (1 + model.ODDS_NO_BALLOT))


def test_a_text_without_one_word_of_voting_or_choosing_is_not_weighed() -> None:
    probabilities, hits = model.estimate(["see you at eight, bring the projector"])
    assert hits == [[]]
    assert all(values[0] == 0 for values in probabilities.values())


def test_a_rule_counts_only_beside_a_ballot() -> None:
    hits = find_cues_of_all(["delete this chat before the ballot", "the ballot is on Monday"])
    assert model.apply_rule(hits, label="conceal", probability=0.8).tolist() == [0.8, 0.0]


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.sampled_from(["vote for Ines", "hi", "No vote for Ravi!", "کو ووٹ دیں", "AGM at 8", ""]),
        min_size=1,
        max_size=6,
    )
)
def test_a_texts_probability_depends_on_no_other_text(texts: list[str]) -> None:
    together, _ = model.estimate(texts)
    for row, text in enumerate(texts):
        alone, _ = model.estimate([text])
        assert all(alone[label][0] == together[label][row] for label in model.ALL_LABELS)


def test_batches_give_the_same_as_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["vote for Ines", "hi", "No vote for Ravi!"]
    whole, hits = model.estimate(texts)
    monkeypatch.setattr(model, "_BATCH", 2)
    parts, hits_of_parts = model.estimate(texts)
    assert hits == hits_of_parts
    assert all(np.array_equal(whole[label], parts[label]) for label in whole)


def test_a_name_swapped_for_another_changes_no_probability() -> None:
    names = ["Ines Duarte", "Tomasz Wrona", "Ngozi Eze", "Farrukh Darr", "Xin Yi", "Siobhan Quinn", "Sunita Rao"]
    found, _ = model.estimate([f"Please all vote for {name} in the ward selection on Friday" for name in names])
    assert len(set(found[SLATE_LABEL].tolist())) == 1
