"""What stands in a table of nodes or edges as the words of a file."""

import io
import json
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

import polars as pl

from chatforensics.schema import DataType

Cells: TypeAlias = Mapping[str, pl.Expr]

SLICE = 20_000  # rows that are written at once
# XML 1.0 has no way to write these, not even escaped; one of them in a name makes the whole file unreadable.
_ILLEGAL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"
_XML = {
    "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;",
}  # fmt: skip
_JSON = {letter: json.dumps(letter)[1:-1] for letter in ('"', "\\", *map(chr, range(32)))}


def encode(chunks: Iterable[str]) -> bytes:
    """Return pieces of a file as one."""
    file = io.BytesIO()
    for chunk in chunks:
        file.write(chunk.encode())
    return file.getvalue()


def spell_cells(rows: pl.DataFrame, cell: Callable[[pl.Expr, DataType], pl.Expr]) -> Cells:
    """Return each column as text, in the form that `cell` gives it."""
    return {name: cell(pl.col(name), kind) for name, kind in rows.schema.items()}


def xml_cell(column: pl.Expr, kind: DataType) -> pl.Expr:
    """Return a column as XML has it: words of lists with blanks between them, yes and no in small letters."""
    if isinstance(kind, pl.List):
        return column.list.eval(xml_cell(pl.element(), pl.Series(dtype=kind.inner).dtype)).list.join(" ")
    if kind.is_float():
        return _spell_floats(column, str)
    text = column.cast(pl.String)
    return text if _is_plain(kind) else text.str.replace_all(_ILLEGAL, "").str.replace_many(_XML)


def json_cell(column: pl.Expr, kind: DataType) -> pl.Expr:
    """Return a column as JSON has it."""
    if isinstance(kind, pl.List):
        return around(
            "[", column.list.eval(json_cell(pl.element(), pl.Series(dtype=kind.inner).dtype)).list.join(","), "]"
        )
    if kind.is_float():
        return _spell_floats(column, json.dumps)
    text = column.cast(pl.String)
    return text if _is_plain(kind) else around('"', text.str.replace_many(_JSON), '"')


def _is_plain(kind: DataType) -> bool:
    return kind == pl.Boolean or kind.is_numeric()


def _spell_floats(column: pl.Expr, spell: Callable[[float], str]) -> pl.Expr:
    """Return numbers as Python writes them: the shortest that read back the same."""

    def spell_all(numbers: pl.Series) -> pl.Series:
        return pl.Series([None if number is None else spell(number) for number in numbers], dtype=pl.String)

    return column.map_batches(spell_all, return_dtype=pl.String)


def around(before: str, text: pl.Expr, after: str = "") -> pl.Expr:
    """Return texts with something before and after each; nothing where there is none."""
    return pl.concat_str(pl.lit(before), text, pl.lit(after))


def say_value(value: object) -> str:
    """Return a value as XML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(map(say_value, value)) if isinstance(value, list | tuple) else str(value)


def escape(text: str) -> str:
    """Return our own words, or a name, safe in XML."""
    return str(pl.select(xml_cell(pl.lit(text), pl.String())).item())
