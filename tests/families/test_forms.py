import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.families.forms import normalise_texts
from chatforensics.text import normalise

TRICKY = (
    "aAßẞσςΣµſıİéǰŉﬁ½²①Ｇ한각가"
    "\u0301\u0323\u0331\u0345\u0995\u09c7\u09be\u09df\u200b\u200d\ufe0f\u00a0\u2028\x1c\n\t 😀"
)


@pytest.mark.slow
def test_every_character_by_itself_and_between_others_is_normalised_as_one_by_one() -> None:
    characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    for texts in (characters, [f"e{mark}\u0323 A" for mark in characters]):
        assert normalise_texts(pl.Series(texts)).to_list() == [normalise(text) for text in texts]


@settings(max_examples=300, deadline=None)
@given(texts=st.lists(st.text(st.sampled_from(TRICKY), max_size=8) | st.text(max_size=8), max_size=5))
def test_many_at_a_time_equal_one_by_one(texts: list[str]) -> None:
    found = normalise_texts(pl.Series(texts, dtype=pl.String))
    assert found.to_list() == [normalise(text) for text in texts]
