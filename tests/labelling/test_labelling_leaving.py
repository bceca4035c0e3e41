"""Cues of a text with a word left out: as if each text were written out and read again."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatforensics.labelling import leaving, sifting
from chatforensics.labelling.blanks import blanks_of
from chatforensics.labelling.cues import Hit, find_cues_of_all
from chatforensics.labelling.explain import _words_tried
from chatforensics.labelling.leaving import find_cues_without, write_out

_PIECES = (
    "vote", "for", "do", "not", "Ines Duarte", "the ballot", "1", "2.", "\n", "❌", "(no)", "please", "they told us to",
    "I will", "number", "number 3", "step 1:", "tick", "X", "vota por", "ki", "ko", "vote", "dein", "ballot paper", "?",
    "_x_", "a@b", "#Ines", "don't", "delete this", "on the motion", "yes", "against", "£20", "poll", "back", "her",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(_PIECES), max_size=14).flatmap(
    lambda pieces: st.lists(st.sampled_from(["", " ", " ", " ", "  ", "\n", ", "]), min_size=len(pieces)).map(
        lambda gaps: "".join(piece + gap for piece, gap in zip(pieces, gaps, strict=False))
    )
)


def _named(hits: list[Hit]) -> set[tuple[str, str]]:
    return {(hit.cue, hit.label) for hit in hits}


@settings(deadline=None, max_examples=25)
@given(st.lists(TEXTS, min_size=1, max_size=8))
@example(["vote please for Ines", "No.5 vote", "tell them: vote", "number ten 3 on the ballot"])
@example(["they say vote for Ines. vote for Ines", "do not vote for Ines", "vote\nfor Ines ❌"])
def test_cues_without_a_word_are_those_of_the_text_written_out(texts: list[str]) -> None:
    words = [_words_tried(text) for text in texts]
    read = iter(find_cues_of_all([each for pair in zip(texts, words, strict=True) for each in write_out(*pair)]))
    slow = [[_named(next(read)) for _ in range(len(some) + 1)] for some in words]
    fast = [[_named(hits) for hits in of] for of in find_cues_without(texts, words)]
    assert fast == slow


def test_cues_without_a_word_are_the_same_where_patterns_are_sifted(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [
        "Ballot today: they say vote for Ines. Do not vote for Ravi, number 3",
        "İsim listesi: oy ver, No.5 vote\nfor Ines ❌",
        "tell them: vote, I will tick the ballot paper for her",
    ]
    words = [_words_tried(text) for text in texts]
    unsifted = find_cues_without(texts, words)
    monkeypatch.setattr(sifting, "_WORTH_SIFTING", 1)
    assert find_cues_without(texts, words) == unsifted
    assert all(any(hits) for hits in unsifted)


def test_a_text_that_is_not_read_to_its_end_is_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "vote for Ines in the ballot"
    monkeypatch.setattr(leaving, "READ_CHARACTERS", 5)
    ((whole, without, *_),) = find_cues_without([text], [_words_tried(text)])
    assert ("en.vote", "vote_word") in _named(whole)
    assert ("en.vote", "vote_word") not in _named(without)


@pytest.mark.parametrize(
    ("pattern", "first", "last", "double"),
    [
        ("vote for", False, False, False),
        ("vote (?:all )?for", False, False, False),
        ("vote ?(?: all)? for", False, False, True),
        (r"vote\W{0,3}for", False, False, True),
        ("vote[^.]{1,2}", False, True, True),
        ("(?:a|b )(?:c| d)", False, False, True),
        (r"\n\b| x", True, True, False),
        ("(?:x ){2}", False, True, False),
        ("(?:x ?){0,3} y", True, False, True),
    ],
)
def test_where_a_pattern_may_hold_blanks(pattern: str, first: bool, last: bool, double: bool) -> None:
    blanks = blanks_of(pattern)
    assert (blanks.first, blanks.last, blanks.double) == (first, last, double)
