"""Formulas are disarmed, and everything comes back."""

import polars as pl
import pytest
from hypothesis import given
from tablefiles.hostile import PIECES, texts

from chatforensics.tablefiles import guard, unguard
from chatforensics.tablefiles.formulas import guard_column

RUN = "=+-@|%\t\r\n＝＋－＠｜％"


@pytest.mark.parametrize("before", ["", " ", "\u00a0", "\ufeff", "\x00", "\u200b "])
@pytest.mark.parametrize("first", RUN)
def test_whatever_a_spreadsheet_would_run_gets_an_apostrophe(before: str, first: str) -> None:
    assert guard(f"{before}{first}1") == f"'{before}{first}1"


@pytest.mark.parametrize("text", ["", "Ama", "1+1", "a=b", "'quoted'", "(=1)", "“=1”"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert guard(text) == text
    assert unguard(text) == text


@given(texts)
def test_every_text_comes_back_and_no_guarded_one_begins_a_formula(text: str) -> None:
    assert unguard(guard(text)) == text
    assert guard(text).lstrip()[:1] not in {*"=+-@|%＝＋－＠"}


@given(texts)
def test_two_texts_never_get_one_form(text: str) -> None:
    assert guard(f"'{text}") != guard(text)


def test_a_column_is_guarded_as_its_texts_are() -> None:
    column = [*PIECES, *(f" {piece}" for piece in PIECES), *(f"'{piece}" for piece in PIECES), None]
    guarded = pl.DataFrame({"a": column}).select(guard_column("a"))["a"].to_list()
    assert guarded == [text if text is None else guard(text) for text in column]
