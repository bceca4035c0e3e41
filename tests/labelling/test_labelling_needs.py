"""Letters without which a pattern cannot match, and what is read of many texts together."""

import json
from pathlib import Path

import polars as pl
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from labelling.patternmaking import patterns_of

from chatforensics.labelling import cues, explain
from chatforensics.labelling.explain import weigh_words, weigh_words_of_all
from chatforensics.labelling.needs import FOLDED, find_needs

CORPUS = Path(str(cues.__file__)).parent / "corpus"


def needs(pattern: str) -> set[str]:
    return set(find_needs(pattern)) - set(FOLDED)


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        (r"\bvot(?:e|es|ing)\b", {"vote", "voting"}),
        (r"\bballot(?:s)?\b|\bhustings\b", {"ballot", "hustings"}),
        (
            r"(?-i:\p{Lu})\p{L}{1,20} (?:for|as) (?:mayor|chair)\b",
            {" for mayor", " for chair", " as mayor", " as chair"},
        ),
        (r"वोट(?: दें)?", {"वोट"}),
        (r"[✅❌]", {"✅", "❌"}),
        (r"\bstep ?\d\b|[a-e]\)", set()),
        (r"(?:vote )?\d{1,3}", set()),
        (r"\W{0,4}é{1,2}", set()),
    ],
)
def test_a_pattern_needs_the_letters_that_each_of_its_alternatives_has(pattern: str, wanted: set[str]) -> None:
    assert needs(pattern) == wanted


ATOMS = ("a", "k", "s", "ab", "é", "ß", "वो", r"\d", r"\p{L}", r"\.", "[ab]", "[^a]", "[a-c]", r"\b", ".")
PATTERNS = patterns_of(ATOMS, ["?", "{0,2}", "{1,2}", "{2}", "+", "*"], most=12)
TEXTS = st.text(alphabet="abkK\u212as\u017fSé ß1.वोc", max_size=8)


@given(PATTERNS, TEXTS)
def test_a_text_that_matches_holds_letters_that_the_pattern_needs(pattern: str, text: str) -> None:
    found, wanted = regex.search(pattern, text, regex.IGNORECASE), find_needs(pattern)
    if found and wanted:
        held = pl.select(pl.lit(text).str.contains_any(list(wanted), ascii_case_insensitive=True)).item()
        assert held, (pattern, text, wanted)


@pytest.mark.slow
def test_no_text_of_the_corpus_that_a_cue_matches_lacks_what_it_needs() -> None:
    lines = [line for file in sorted(CORPUS.glob("*.jsonl")) for line in file.read_text(encoding="utf-8").splitlines()]
    texts = pl.DataFrame({"text": [json.loads(line)["text"] for line in lines[::7]]})
    for cue in cues.load_cues():
        if wanted := list(find_needs(cue.pattern)):
            matches = pl.col("text").str.contains(f"(?i){cue.pattern}")
            held = pl.col("text").str.contains_any(wanted, ascii_case_insensitive=True)
            assert texts.filter(matches & ~held).is_empty(), cue.name


def test_words_weighed_together_are_those_weighed_alone() -> None:
    texts = [
        "Please back Ngozi Hartmann in the ward ballot on Friday, she is the one",
        "the usual two names in the ballot, you know whom",
        "good morning",
    ]
    labels = [["slate_instruction", "endorse"], ["slate_instruction"], ["remind"]]
    alone = [weigh_words(text, labels=wanted) for text, wanted in zip(texts, labels, strict=True)]
    assert weigh_words_of_all(texts, labels=labels) == alone
    assert any(spans for found in alone for spans in found.values())


def test_texts_are_weighed_in_portions_as_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [
        "Please back Ngozi Hartmann in the ward ballot on Friday",
        "",
        "the usual two in the ballot, you know whom",
        "x",
        "",
    ]
    labels = [["endorse", "oppose"]] * len(texts)
    at_once = weigh_words_of_all(texts, labels=labels)
    monkeypatch.setattr(explain, "_CHARACTERS_TOGETHER", 100)
    assert weigh_words_of_all(texts, labels=labels) == at_once
    assert len(at_once) == len(texts)
    assert any(spans for found in at_once for spans in found.values())
