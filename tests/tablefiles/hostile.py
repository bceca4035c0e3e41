"""Texts that break table files, tables that hold them, and a reader of workbooks that owes nothing to their writer."""

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import polars as pl
from hypothesis import strategies as st

from chatforensics.schema import TABLES
from chatforensics.tablefiles import StoredTable, find_tables

SPACE = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
PIECES = (
    "=1+1", '=HYPERLINK("http://evil.example","a")', "+44 7700 900123", "-1", "@SUM(1)", "%0A", "|calc", "＝1", "％",
    "'", "''=", "\t", "\r", "\r\n", "\n", " ", "\u00a0", "\ufeff", "\u200b", "\x00", "\x07", "\x1b[31m", "\x7f", "\x85",
    "\ufffe", "\uffff", "\u202e", "\u202c", "\u2066", "\u2069", "[", "[[]", "[NUL]", "[[NUL]", "[RLO]", "[U+003C]",
    "[U+0001]", "]", "<r>", "</r>", "<t>", "&amp;", "]]>", "_x0041_", "_x000D_", "http://evil.example",
    "mailto:a@evil.example", "internal:x!A1", '"', '""', ",", ";", "\\", "\\u0000", "null", "0012", "1e9", "TRUE",
    "2026-05-04", "ہاں", "ভোট", "👍🏽", "𝒜",
)  # fmt: skip
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=6).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
moments = st.datetimes(datetime(2009, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC))
rows = st.lists(
    st.fixed_dictionaries(
        {
            "family_id": texts,
            "n_messages": st.none() | st.integers(-(2**63), 2**63 - 1),
            "first_at": st.none() | moments,
            "message_ids": st.none() | st.lists(st.none() | st.integers(-(2**53), 2**53), max_size=3),
            "text": st.none() | texts,
            "parent_variant_id": st.none() | texts,
            "similarity": st.none() | st.floats(0, 1, width=32),
        }
    ),
    max_size=5,
)
LONG = "=\U0001f44d\x00[NUL]" * 5_000 + "x" * 32_766 + "\U0001f44d"


def stored(folder: Path, listed: Sequence[Mapping[str, object]], *, table: str = "variants") -> StoredTable:
    """Write rows as a table of a result, what they leave out being null, and return it as it is found."""
    columns = TABLES[table]
    frame = pl.DataFrame([{name: row.get(name) for name in columns} for row in listed], schema=dict(columns))
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    frame.write_parquet(folder / "tables" / f"{table}.parquet")
    return find_tables(folder, names=[table])[0]


def plain_rows(table: StoredTable) -> list[dict[str, object]]:
    """Return the rows of a table with their times in ISO 8601."""
    listed = pl.read_parquet(table.path).with_columns(pl.col(pl.Float32).cast(pl.String).cast(pl.Float64)).to_dicts()
    return [
        {name: str(read_moment(value)) if isinstance(value, datetime) else value for name, value in row.items()}
        for row in listed
    ]


def read_moment(value: object) -> datetime:
    """Return a time from its text, or as it is."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def read_sheets(path: Path) -> dict[str, list[list[str | None]]]:
    """Return every sheet of a workbook as rows of texts, by the rules of the format, and refuse what is no value."""
    with zipfile.ZipFile(path) as held:
        assert not [name for name in held.namelist() if "externalLink" in name or "sharedStrings" in name]
        assert not any("hyperlink" in held.read(name).decode() for name in held.namelist() if name.endswith(".rels"))
        book = ET.fromstring(held.read("xl/workbook.xml"))  # noqa: S314 - our own file
        names = [sheet.attrib["name"] for sheet in book.iterfind(".//m:sheet", SPACE)]
        return {
            name: [*_read_rows(ET.fromstring(held.read(f"xl/worksheets/sheet{number}.xml")))]  # noqa: S314
            for number, name in enumerate(names, 1)
        }


def _read_rows(sheet: ET.Element) -> Iterator[list[str | None]]:
    assert not [*sheet.iterfind(".//m:f", SPACE), *sheet.iterfind(".//m:hyperlink", SPACE)]
    last = 0
    for row in sheet.iterfind(".//m:row", SPACE):
        yield from ([] for _ in range(last + 1, int(row.attrib["r"])))  # rows without a cell are not in the file
        last = int(row.attrib["r"])
        cells: list[str | None] = []
        for cell in row.iterfind("m:c", SPACE):
            at = _column(cell.attrib["r"])
            cells += [None] * (at - len(cells))
            cells.append(_read_cell(cell))
        yield cells


def _read_cell(cell: ET.Element) -> str:
    if cell.attrib.get("t") == "inlineStr":
        assert [one.tag.rpartition("}")[2] for one in cell.iter()] == ["c", "is", "t"]
        text = cell.findtext(".//m:t", default="", namespaces=SPACE)
        assert len(text.encode("utf-16-le")) <= 2 * 32_767
        return re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), text)
    return cell.findtext("m:v", default="", namespaces=SPACE)


def _column(reference: str) -> int:
    letters, at = reference.rstrip("0123456789"), 0
    for letter in letters:
        at = 26 * at + ord(letter) - 64
    return at - 1
