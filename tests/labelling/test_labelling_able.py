"""Patterns told by letters: none is passed over that matches."""

from functools import cache

import polars as pl
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.labelling.able import find_able
from chatforensics.labelling.cues import all_patterns

_WORDS = st.sampled_from(
    ["vote", "for", "the ballot", "do not", "X", "✅", "elect", "Ines", "dein", "PLEASE", "bac\u212a", "\u017ftep 1."]
)
TEXTS = st.lists(_WORDS, max_size=12).map(" ".join)


@cache
def compiled() -> list[regex.Pattern[str]]:
    return [regex.compile(each, regex.IGNORECASE) for each in all_patterns()]


@settings(deadline=None, max_examples=25)
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_every_alternative_that_matches_is_among_those_that_may(texts: list[str]) -> None:
    for text, able in zip(texts, find_able(pl.Series("text", texts), all_patterns()), strict=True):
        may = {branch.number for branch in able}
        matching = {n for n, each in enumerate(compiled()) if each.search(text)}
        assert matching <= may


def test_a_pattern_is_passed_over_where_one_of_its_parts_is_missing() -> None:
    patterns = ("vote[^.]{0,9}twice|delete", "hello")
    texts = pl.Series("text", ["vote once", "Vote for it TWICE", "nothing", "delete it"])
    able = [[branch.pattern for branch in found] for found in find_able(texts, patterns)]
    assert able == [[], ["vote[^.]{0,9}twice"], [], ["delete"]]
