"""Texts are compared without what platforms add, and shown with what does not show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.text import normalise, show_controls, show_on_one_line, spell_mark


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202egpj.exe", "a[RLO]gpj.exe"),
        ("\u2066x\u2069", "[LRI]x[PDI]"),
        ("\x00\x1b]0;x\x07", "[NUL][ESC]]0;x[BEL]"),
        ("a\x7f\x85b", "a[DEL][U+0085]b"),
        ("a\x0bb", "a[U+000B]b"),
        ("one\rtwo", "one[CR]two"),
        ("\udc80", "[U+DC80]"),
        ("a\u2028b", "a[LS]b"),
    ],
)
def test_characters_that_hide_or_reorder_are_written_out(text: str, shown: str) -> None:
    assert show_controls(text) == shown


def test_ordinary_marks_and_line_ends_stay() -> None:
    text = "\u200e👩\u200d👩 ❤\ufe0f علی\n\tend"
    assert show_controls(text) == text
    assert show_controls("a\r\nb") == "a\nb"


@given(st.text(alphabet=st.sampled_from("a\n\t\u200b\u200e\u200f\u061c\u2060\ufeff\u202a\x07\x85")))
def test_a_line_for_the_terminal_shows_every_mark_by_the_same_spelling(text: str) -> None:
    shown = show_on_one_line(text)
    assert shown.isprintable()
    assert shown == "".join(x if x == "a" else " " if x in "\n\t" else spell_mark(x) for x in text)


def test_a_mark_is_spelled_by_its_short_name_else_by_its_number() -> None:
    assert [spell_mark(mark) for mark in "\u202a\u200e\u202f"] == ["[LRE]", "[LRM]", "[U+202F]"]
    assert show_controls("\u202a") == show_on_one_line("\u202a") == spell_mark("\u202a")
