"""What a workbook cannot hold is written out, cut into cells, and comes back."""

import polars as pl
import pytest
from hypothesis import given
from tablefiles.hostile import LONG, PIECES, texts

from chatforensics.tablefiles import mark, unmark
from chatforensics.tablefiles.marks import mark_column, split_cell


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b", "a[NUL]b"),
        ("a\r\nb", "a[CR]\nb"),
        ("\u202egpj.exe", "[RLO]gpj.exe"),
        ("[NUL]", "[[]NUL]"),
        ("[[]", "[[][]"),
        ("<r><t>x</t></r>", "[U+003C]r><t>x</t></r>"),
        ("[a] \u2068Ama\u2069\t☎", "[a] \u2068Ama\u2069\t☎"),
    ],
)
def test_marks_say_what_stood_there(text: str, shown: str) -> None:
    assert mark(text) == shown
    assert unmark(shown) == text


@given(texts)
def test_every_text_comes_back(text: str) -> None:
    assert unmark(mark(text)) == text
    assert not {*mark(text)} & {"\x00", "\r", "\x1b", "\ufffe", "\uffff", "\u202e"}


def test_a_column_is_marked_as_its_texts_are() -> None:
    column = [*PIECES, *(f"[{piece}" for piece in PIECES), "<r>a</r>", None]
    assert mark_column(pl.Series(column)).to_list() == [text if text is None else mark(text) for text in column]


def test_a_long_text_is_cut_between_characters_and_nothing_of_it_is_lost() -> None:
    parts = split_cell(LONG)
    assert "".join(parts) == LONG
    assert max(len(part.encode("utf-16-le")) // 2 for part in parts) <= 32_767
    assert split_cell("\U0001f44d" * 16_383) == ["\U0001f44d" * 16_383]
    assert split_cell("\U0001f44d" * 16_384) == ["\U0001f44d" * 16_383, "\U0001f44d"]
    assert split_cell("") == [""]
