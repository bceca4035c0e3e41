"""Patterns read as data, and loosened so that a quicker engine can pass texts over."""

import polars as pl
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from labelling.patternmaking import patterns_of

from chatforensics.labelling.cues import load_cues
from chatforensics.labelling.patterns import loosen, read_parts
from chatforensics.labelling.sifting import sift

_ATOMS = (
    "a", "i", "ı", "é", "वो", r"\d", r"\p{L}", r"\w", r"\W", r"\.", "[ai]", "[^a]", "[a-z]", "[]i]", r"\b", "^", "$",
    " ", "(?-i:I)",
)  # fmt: skip
_PATTERNS = patterns_of(_ATOMS, ["?", "{0,2}", "{1,9}", "{0,40}", "{2}", "{2,}"], most=10)
_TEXTS = st.text(alphabet="aAiIıİéÉ1. \nवोz]", max_size=8)


@given(_PATTERNS, _TEXTS)
def test_a_loosened_pattern_matches_all_that_the_pattern_matches(pattern: str, text: str) -> None:
    if regex.search(pattern, text, regex.IGNORECASE):
        assert pl.select(pl.lit(text).str.contains(loosen(pattern))).item(), (pattern, text)


@pytest.mark.parametrize(
    ("pattern", "loosened"),
    [
        (r"\bvot(?:e|es)\b", "(?i)vot(?:e|es)"),
        (r"no[^.]{0,40}x{2}y{1,3}$", "(?i)no[^.]*x{2}y{1,3}"),
        ("win", "(?i)w[iIıİ]n"),
    ],
)
def test_what_is_left_of_a_pattern(pattern: str, loosened: str) -> None:
    assert loosen(pattern) == loosened


def test_few_texts_are_not_sifted_and_many_are_only_thinned() -> None:
    texts = pl.Series("text", ["vote", "note", "quote 🗳 vote"] * 100)
    few, many = sift(texts, [("vote", [0, 1, 2]), (r"\bvote\b", list(range(len(texts))))])
    assert few == [0, 1, 2]
    assert many == [row for row in range(len(texts)) if row % 3 != 1]
    assert sift(texts, []) == []


def test_every_cue_is_written_in_what_is_read_of_patterns() -> None:
    """Words left out and letters needed are told from the pattern: neither knows of look-around or of references."""
    for cue in load_cues():
        parts = read_parts(cue.pattern)
        assert "".join(parts) == cue.pattern
        openings = regex.findall(r"\((?:\?[^:]*:?)?", "".join(part for part in parts if part[0] not in "[\\"))
        assert set(openings) <= {"(?:", "(?-i:", "(?i:", "("}, cue.name
        assert not any(regex.fullmatch(r"\\[1-9ABGKRXZgkz]", part) for part in parts), cue.name
