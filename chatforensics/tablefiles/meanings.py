"""What tables and columns mean, taken from the table of docs/tables.md, which travels with the package."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import polars as pl

from chatforensics.errors import ChatForensicsError

_ROW = re.compile(r"^\| `(\w+)` \| (.*?) \| (.*) \|$")
_NOTE = re.compile(r"^\*\*`?(\w+)`?\.\*\* (.*)$", re.DOTALL)
_COLUMN = re.compile(r"`(\w+)`")
_REMARK = re.compile(r"\([^()]*(?:\([^()]*\)[^()]*)*\)")
_TYPE = re.compile(r"^(?:list i64|list|i32|i64|f32|bool)\b(?! of) ?")
_TYPES: Mapping[type[pl.DataType], str] = {
    pl.String: "text",
    pl.Boolean: "true or false",
    pl.Float32: "number",
    pl.Float64: "number",
    pl.List: "list",
}


@dataclass(frozen=True)
class Meaning:
    """What one row of a table is, what stands in its columns, and what else is to be known of it."""

    row: str
    columns: str
    note: str
    by_column: Mapping[str, str]


NOT_DESCRIBED = Meaning("not described", "", "", {})


@cache
def read_meanings() -> dict[str, Meaning]:
    """Read what the documentation says of each table."""
    text = _find_document().read_text(encoding="utf-8")
    found = (_NOTE.match(paragraph) for paragraph in text.split("\n\n"))
    notes = {match[1].lower(): _plain(match[2].replace("\n", " ")) for match in found if match}
    rows = (_ROW.match(line) for line in text.splitlines())
    return {
        row[1]: Meaning(_plain(row[2]), _plain(row[3]), notes.get(row[1], ""), dict(_split_columns(row[3])))
        for row in rows
        if row
    }


def describe_type(dtype: pl.DataType) -> str:
    """Return the type of a column in words."""
    if isinstance(dtype, pl.Datetime):
        return "time in UTC" if dtype.time_zone else "time as the clock showed it"
    return _TYPES.get(type(dtype), "whole number" if dtype.is_integer() else str(dtype))


def _find_document() -> Path:
    package = Path(str(resources.files("chatforensics")))
    for path in (package / "tablefiles" / "tables.md", package.parent / "docs" / "tables.md"):
        if path.is_file():
            return path
    raise ChatForensicsError("What the tables mean is missing from this installation.", hint="Install it again.")


def _split_columns(text: str) -> Iterator[tuple[str, str]]:
    """Yield each column that a row of the documentation names, with what stands behind it there."""
    outside = _REMARK.sub(lambda remark: " " * len(remark[0]), text)  # names inside of remarks are those of others
    names = [*_COLUMN.finditer(outside)]
    ends = [name.start() for name in names[1:]] + [len(text)]
    remark = ""
    for name, end in reversed([*zip(names, ends, strict=True)]):
        # "`actor` and `targets` (labels as printed)": said of both
        remark = remark if outside[name.end() : end] == " and " else _read_remark(text[name.end() : end])
        yield name[1], remark


def _read_remark(text: str) -> str:
    """Return what is said of one column, without its type and what leads over to the next."""
    end = _REMARK.sub(lambda remark: " " * len(remark[0]), text).find(";")
    said = (text if end < 0 else text[:end]).strip().removesuffix("and").strip(" ,")
    said = _TYPE.sub("", _unwrap(_TYPE.sub("", said)))
    return "see the note on the table" if said == "(below)" else _plain(_unwrap(said))


def _unwrap(said: str) -> str:
    """Return what stands in the brackets, where everything does."""
    return said[1:-1] if _REMARK.fullmatch(said) and said != "(below)" else said


def _plain(text: str) -> str:
    """Return a text without the signs of its markup."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("\\|", "|").replace("`", "").replace("*", "").strip()
