"""Why a text was labelled, in words."""

import pytest

from chatforensics.labelling import classify_texts
from chatforensics.labelling.cues import Hit, find_cues
from chatforensics.labelling.explain import MEANINGS, explain, places_of, weigh_words
from chatforensics.labelling.model import ALL_LABELS

SLATE = "Ward selection ballot: vote for Ines Duarte, do not vote for Ravi"


def test_every_label_has_a_meaning_in_plain_words() -> None:
    assert set(MEANINGS) == set(ALL_LABELS)


def test_an_explanation_quotes_the_words_and_the_ballot_in_view() -> None:
    hits = find_cues(SLATE)
    said = explain(SLATE, hits, label="endorse", decision="flag", spans=places_of(hits, label="endorse"))
    assert said.startswith("It asks for support")
    assert "“vote for”" in said
    assert "A ballot is in view: “" in said


def test_what_is_for_review_is_put_to_a_person() -> None:
    hits = find_cues(SLATE)
    said = explain(SLATE, hits, label="endorse", decision="review", spans=places_of(hits, label="endorse"))
    assert said.startswith("A person should look")


def test_what_speaks_against_is_said_too() -> None:
    text = "They told me to vote for Ines in the ballot. Vote for Ravi."
    hits = find_cues(text)
    said = explain(text, hits, label="endorse", decision="flag", spans=places_of(hits, label="endorse"))
    assert "Against it: it may be reported speech" in said


def test_a_place_that_two_languages_name_is_given_once() -> None:
    hits = [Hit(0, 4, "en.vote_for", "endorse"), Hit(0, 4, "pt.vote_for", "endorse")]
    assert places_of(hits, label="endorse") == [{"start": 0, "end": 4, "cue": "en.vote_for"}]


def test_the_slates_places_are_those_of_both_directions() -> None:
    cues = {place["cue"] for place in places_of(find_cues(SLATE), label="slate_instruction")}
    assert "en.vote_for" in cues
    assert "en.do_not_vote_for" in cues


def test_words_that_carry_a_label_are_those_whose_loss_lowers_it() -> None:
    text = "Ballot for chair: Ines Duarte please, she is the one"
    (spans,) = weigh_words(text, labels=["slate_instruction"]).values()
    assert all(0 <= span["start"] < span["end"] <= len(text) for span in spans)
    assert len(spans) <= 3


@pytest.mark.parametrize("text", [SLATE, "Last reminder: the ballot closes tonight, please use your vote"])
def test_every_flag_has_an_explanation_and_every_none_has_none(text: str) -> None:
    (answer,) = classify_texts([text])
    decided = {**answer["labels"], "slate_instruction": answer["slate_instruction"]}
    assert {name for name, found in decided.items() if found["explanation"]} == {
        name for name, found in decided.items() if found["decision"] != "none"
    }
    assert any(found["decision"] == "flag" for found in decided.values())


def _quotes(text: str, *places: tuple[int, int]) -> str:
    spans = [{"start": start, "end": end, "cue": "en.vote_for"} for start, end in places]
    return explain(text, [], label="endorse", decision="flag", spans=spans).partition("by the words ")[2]


def test_words_that_lie_in_one_another_are_quoted_once() -> None:
    assert _quotes("Please vote for Ines", (0, 15), (7, 15)) == "“Please vote for”."


@pytest.mark.parametrize(
    ("text", "place", "quoted"),
    [
        ("deleting this", (0, 5), "“deleting”."),
        ("undo it", (2, 7), "“undo it”."),
        ("1. Vote Ines", (0, 4), "“1”."),
        ("Ines: step 2", (3, 12), "“step 2”."),
        ("Step 1: vote", (6, 12), "“vote”."),
        ("vote " + "x" * 100, (0, 105), "“vote " + "x" * 55 + "…”."),
    ],
)
def test_a_quote_is_of_whole_words_and_no_longer_than_a_reader_bears(
    text: str, place: tuple[int, int], quoted: str
) -> None:
    assert _quotes(text, place) == quoted


def test_a_very_long_text_is_not_read_again_for_every_word() -> None:
    text = "chair please " * 1_500
    (spans,) = weigh_words(text, labels=["slate_instruction"]).values()
    assert all(span["end"] < 200 for span in spans)
