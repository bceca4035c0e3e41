"""Characters that a workbook cannot hold, written out as marks such as [NUL] that can be read back."""

import re

import polars as pl

from chatforensics.text import spell_mark

CELL_UNITS = 32_767  # what Excel holds in a cell, counted as it counts: a character beyond U+FFFF is two

# What XML 1.0 forbids, the carriage return, which it turns into a line feed, and marks that write a text backwards.
_CODES = (*range(0x09), *range(0x0B, 0x20), 0xFFFE, 0xFFFF, *range(0x202A, 0x202F))
_SPELLED = {code: spell_mark(chr(code)) for code in _CODES}
# A bracket that begins what would look like a mark is written [[], and a text that looks like the markup of rich
# strings gets its first character written out: the workbook's writer would put it into the file as markup.
_BRACKET, _MARKUP = "[[]", "[U+003C]"
_BY_MARK = {spelled: chr(code) for code, spelled in _SPELLED.items()} | {_BRACKET: "[", _MARKUP: "<"}
_NAMES = "|".join(re.escape(spelled[1:]) for spelled in _BY_MARK)
_MARK = re.compile(rf"\[(?:{_NAMES})")
_LOOKS_LIKE_A_MARK = re.compile(rf"\[(?={_NAMES})")
_TO_CHANGE = rf"[\x00-\x08\x0b-\x1f\x{{fffe}}\x{{ffff}}\x{{202a}}-\x{{202e}}]|\[(?:{_NAMES})|^<r>"
_FIRST_HALF = re.compile(b"[\xd8-\xdb]", re.DOTALL)  # of a character that takes two units: it stays with the second


def mark(text: str) -> str:
    """Return the text with what a workbook cannot hold written out, such as [NUL] or [RLO].

    What looked like such a mark before has its first bracket written as [[], so that `unmark` returns the text.
    """
    marked = _LOOKS_LIKE_A_MARK.sub(_BRACKET, text).translate(_SPELLED)
    return _MARKUP + marked[1:] if marked.startswith("<r>") and marked.endswith("</r>") else marked


def unmark(text: str) -> str:
    """Return the text that `mark` was given; of a text in several cells, put these together first."""
    return _MARK.sub(lambda found: _BY_MARK[found[0]], text)


def mark_column(column: pl.Series) -> pl.Series:
    """Return a column of texts as `mark` returns each."""
    odd = column.str.contains(_TO_CHANGE).fill_null(value=False).arg_true()
    return column.scatter(odd, [mark(text) for text in column.gather(odd)]) if len(odd) else column


def split_cell(text: str) -> list[str]:
    """Return the parts of a text that each fit into one cell; put together they are the text again."""
    if 2 * len(text) <= CELL_UNITS:
        return [text]
    units = text.encode("utf-16-le")
    parts, start = [], 0
    while start < len(units):
        end = start + 2 * CELL_UNITS
        if _FIRST_HALF.match(units, end - 1):
            end -= 2
        parts.append(units[start:end].decode("utf-16-le"))
        start = end
    return parts
