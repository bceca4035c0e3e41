"""Fixed words found in short texts, against the plain way of trying each word."""

from hypothesis import given
from hypothesis import strategies as st

from chatforensics.parsing.needles import Needles

_WORDS = st.text(alphabet="abé ", min_size=1, max_size=6)


@given(st.lists(_WORDS, unique=True, max_size=20), st.text(alphabet="abé ", max_size=30))
def test_the_words_that_stand_in_a_text_are_found_in_their_order(words: list[str], text: str) -> None:
    assert Needles(words).find(text) == [word for word in words if word in text]


def test_words_of_one_or_two_letters_are_found() -> None:
    assert Needles(["ab", "b", "zz"]).find("cab") == ["ab", "b"]
