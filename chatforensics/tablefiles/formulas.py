"""Texts that a spreadsheet would run as a formula, disarmed by an apostrophe that can be taken away again."""

import re

import polars as pl

# What an import passes over before it looks for a formula: controls, spaces of all kinds, marks that do not show.
_PASSED_OVER = r"\x00-\x20\x7f-\xa0\u{1680}\u{180e}\u{2000}-\u{200f}\u{2028}-\u{202f}\u{205f}-\u{206f}\u{3000}\u{feff}"
# Tab, return, line feed, percent sign and bar begin one in some programs; so do wide and small forms.
_WIDE = r"\u{2212}\u{ff05}\u{ff0b}\u{ff0d}\u{ff1d}\u{ff20}\u{ff5c}\u{fe62}\u{fe63}\u{fe66}\u{fe6a}\u{fe6b}"
_BEGINS = rf"\t\r\n%|=+\-@{_WIDE}"
# Apostrophes before it count, so that a text which had one of its own is not taken for a guarded one.
_PATTERN = f"^'*[{_PASSED_OVER}]*[{_BEGINS}]"
_DANGEROUS = re.compile(re.sub(r"\\u\{(....)\}", r"\\u\1", _PATTERN))


def guard(text: str) -> str:
    """Return the text with an apostrophe in front where a spreadsheet might run it as a formula.

    It disarms texts in a file that is opened or imported as usual. It does not help where a program splits cells at
    another character than the comma.
    """
    return f"'{text}" if _DANGEROUS.match(text) else text


def unguard(cell: str) -> str:
    """Return the text that `guard` was given."""
    return cell[1:] if cell.startswith("'") and _DANGEROUS.match(cell) else cell


def count_guarded(frame: pl.DataFrame) -> int:
    """Return how many texts of a table get an apostrophe in CSV."""
    texts = [pl.col(name).str.contains(_PATTERN).sum() for name, dtype in frame.schema.items() if dtype == pl.String]
    return sum(frame.select(texts).row(0)) if texts else 0


def guard_column(name: str) -> pl.Expr:
    """Return a column of texts as `guard` returns each."""
    column = pl.col(name)
    return pl.when(column.str.contains(_PATTERN)).then(pl.lit("'") + column).otherwise(column).alias(name)
