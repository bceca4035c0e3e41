"""Single texts in the shape of the `classify` command."""

import json

from chatforensics.labelling import classify_texts
from chatforensics.schema import LABELS

ARCHETYPE = """*Elm Vale Members' Circle* - FINAL REMINDER
Step 1: open the ballot email and click the link.
Step 2: select Ngozi Hartmann and Tomasz Silva for the Elm Vale selection.
Step 3: vote to trigger a ballot against Cllr Moira Feng.
Delete this message once read."""


def test_the_archetype_is_flagged_with_its_slate_and_its_labels() -> None:
    (answer,) = classify_texts([ARCHETYPE])
    assert answer["slate_instruction"]["decision"] == "flag"
    assert [(slate["name"], slate["stance"]) for slate in answer["slates"]] == [
        ("Ngozi Hartmann", "for"),
        ("Tomasz Silva", "for"),
        ("Cllr Moira Feng", "trigger"),
    ]
    assert answer["labels"]["conceal"]["decision"] == "flag"
    assert answer["labels"]["procedure"]["decision"] == "flag"


def test_the_answer_has_the_shape_of_the_contract() -> None:
    (answer,) = classify_texts(["vote for Ines"])
    assert list(answer) == ["slate_instruction", "labels", "slates"]
    assert tuple(answer["labels"]) == LABELS
    parts = {"probability", "decision", "spans", "explanation"}
    assert set(answer["slate_instruction"]) == parts
    assert all(set(label) == parts for label in answer["labels"].values())
    assert json.loads(json.dumps(answer)) == answer


def test_spans_point_at_the_words_of_the_text() -> None:
    (answer,) = classify_texts(["🗳️ do not vote for Callum"])
    (span, *_) = answer["labels"]["oppose"]["spans"]
    assert "🗳️ do not vote for Callum"[span["start"] : span["end"]] == "do not vote for"


def test_ordinary_talk_is_not_labelled_and_has_no_slate() -> None:
    for answer in classify_texts(
        ["can you pick up milk and choose a nice cake", "", "ok 😂", "Choose Ada's present, support Jan"]
    ):
        assert answer["slate_instruction"]["decision"] != "flag"
        assert {label["decision"] for label in answer["labels"].values()} <= {"none", "review"}


def test_a_text_that_is_not_an_instruction_has_no_slates() -> None:
    (answer,) = classify_texts(["Which of you left the ballot box key with Ada Osei?"])
    assert answer["slate_instruction"]["decision"] == "none"
    assert answer["slates"] == []


def test_no_texts_give_no_answers() -> None:
    assert classify_texts([]) == []
