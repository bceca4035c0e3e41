"""Texts are compared without what platforms add."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.text import normalise


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("  Vote  FOR\nAma\u200e ", "vote for ama"),
        ("\ufb01ne \uff21", "fine a"),
        ("Stra\u00dfe", "strasse"),
        ("\u2067علي\u2069", "علي"),
    ],
)
def test_normal_forms(text: str, want: str) -> None:
    assert normalise(text) == want


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) in (once, normalise(normalise(once)))
