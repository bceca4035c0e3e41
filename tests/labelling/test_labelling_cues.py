"""Named cues and their places."""

import hashlib

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.errors import EvidenceError
from chatforensics.labelling import cues, sifting
from chatforensics.labelling.cues import find_cues, find_cues_of_all, load_cues
from chatforensics.schema import LABELS

WORDS = st.sampled_from(
    [
        "vote", "for", "Do not", "vote for", "Ines", "select", "ballot", "delete this", "message", "they said", "NO",
        "step 2", "\n", "1️⃣", "ko vote dein", "vote mat do", "ভোট দিন",
        "ووٹ دیں", "não vote", "em", "poll", "😀", "İ", "ı", ".",
    ]
)  # fmt: skip
TEXTS = st.lists(WORDS, max_size=12).map(" ".join)


def names(text: str) -> set[str]:
    return {hit.cue for hit in find_cues(text)}


def labels(text: str) -> set[str]:
    return {hit.label for hit in find_cues(text)}


def test_a_span_holds_the_words_of_its_cue() -> None:
    text = "🗳️ Please vote for Ines on Friday"
    (hit,) = [hit for hit in find_cues(text) if hit.cue == "en.vote_for"]
    assert text[hit.start : hit.end] == "vote for"


def test_capitals_do_not_matter_to_a_cue() -> None:
    assert "en.vote_for" in names("VOTE FOR THE LIST")


def test_a_negated_directive_opposes_and_does_not_endorse() -> None:
    found = labels("do not vote for Callum")
    assert "oppose" in found
    assert "endorse" not in found


def test_a_reported_directive_neither_endorses_nor_opposes() -> None:
    found = labels("They told me to vote for Grace")
    assert "reported_speech" in found
    assert not found & {"endorse", "oppose"}


def test_a_report_silences_directives_to_the_end_of_its_sentence_and_no_further() -> None:
    assert "oppose" not in labels("There is a text telling us to vote for Ines and to trigger Ravi")
    assert "oppose" in labels("There is a text telling us to vote for Ines. Vote to trigger Ravi")


def test_a_step_number_before_vote_is_no_count_of_votes() -> None:
    assert "oppose" in labels("Step 2 vote to trigger a ballot against Cllr Kaur")
    assert "result" in labels("She won by 212 votes")


def test_ones_own_vote_does_not_endorse() -> None:
    found = labels("I voted for Leon in the end")
    assert "own_choice" in found
    assert "endorse" not in found


def test_where_nothing_points_to_a_ballot_no_cue_is_reported() -> None:
    assert find_cues("delete this message once read and forward it to ten friends") == []


def test_the_same_words_beside_a_ballot_are_reported() -> None:
    assert "conceal" in labels("delete this message before the ballot")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Step 2: open the link and press submit, the ballot is secret", "procedure"),
        ("Polls close tonight, last reminder", "remind"),
        ("Forward this to all members before the vote", "relay"),
        ("All of us vote the same way, as one block", "bloc_appeal"),
        ("Sign up your cousins as members so they can vote", "recruit"),
        ("Give me your ballot papers and I'll fill it in for you", "vote_handling"),
        ("Vote Roy and don't come asking me otherwise", "pressure"),
        ("Apna vote Shahid ko dein", "endorse"),
        ("Choron ko vote mat dena", "oppose"),
        ("পিটারকে ভোট দিন", "endorse"),
        ("سمیرا کو ووٹ دیں", "endorse"),
        ("Vote na Cidinha", "endorse"),
        ("Nenhum voto pro Rui na urna", "oppose"),
    ],
)
def test_each_label_has_a_cue_that_speaks_for_it(text: str, label: str) -> None:
    assert label in labels(text)


def test_every_codebook_label_and_group_has_a_cue() -> None:
    assert {cue.label for cue in load_cues()} >= {*LABELS, *cues.GROUPS}


def test_cue_names_are_unique_and_say_their_language() -> None:
    found = [cue.name for cue in load_cues()]
    assert len(found) == len(set(found))
    assert all("." in name for name in found)


def test_no_pattern_looks_around_or_nests_unbounded_repeats() -> None:
    for cue in load_cues():
        assert not regex.search(r"\(\?<?[=!]", cue.pattern), cue.name
        assert not regex.search(r"\)[*+]", cue.pattern), cue.name


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(st.lists(TEXTS, max_size=40))
def test_sifting_many_texts_finds_what_reading_each_one_finds(texts: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sifting, "_WORTH_SIFTING", 0)
        sifted = find_cues_of_all(texts)
    assert sifted == [find_cues(text) for text in texts]


def test_a_long_text_is_read_up_to_the_limit_and_no_further() -> None:
    text = "x" * cues.READ_CHARACTERS + " vote for Ines"
    assert find_cues(text) == []
    assert find_cues_of_all([text] * 200) == [[]] * 200


def test_a_text_that_takes_too_long_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow:
        def finditer(self, *_: object, **__: object) -> None:
            raise TimeoutError

    monkeypatch.setattr(cues, "compiled", lambda _: Slow())
    with pytest.raises(EvidenceError, match="too long"):
        find_cues("vote")


def test_a_cue_for_no_label_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = 'language = "xx"\n[[cue]]\nname = "a"\nlabel = "guilt"\npattern = "a"\n'
    monkeypatch.setattr(cues, "cue_files", lambda: [("xx.toml", odd)])
    with pytest.raises(ValueError, match="guilt"):
        load_cues.__wrapped__()


def test_the_digest_of_the_cues_changes_with_their_content(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cues, "cue_files", lambda: [("a.toml", "b")])
    assert cues.cues_sha256() == hashlib.sha256(b"a.toml\nb\n").hexdigest()
