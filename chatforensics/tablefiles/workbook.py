"""A workbook for Excel or LibreOffice: a sheet per table, nothing in it that runs, nothing cut."""

import math
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from chatforensics.errors import UsageError
from chatforensics.storage import writing
from chatforensics.tablefiles.cells import flatten
from chatforensics.tablefiles.marks import CELL_UNITS, mark, mark_column, split_cell
from chatforensics.tablefiles.meanings import NOT_DESCRIBED, describe_type, read_meanings
from chatforensics.tablefiles.stored import StoredTable, read_notes

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

SHEET_ROWS = 1_048_575  # what a sheet holds below its head
EXACT = 10**15  # Excel keeps 15 digits of a number
MARK_UNITS = 8  # what one byte of a text can grow to, as a mark
WIDEST = 60
RULES = (
    "Tables made by chatforensics: what stands in the files received, and what was computed from it.",
    "They do not show that what was written is true, who held a phone, or what was not received.",
    "Texts are texts: nothing here is a formula or a link. Nothing is cut.",
    "Times in UTC look like 2026-05-04T09:00:00+00:00; those in columns named _local are the phone's, without a zone.",
    "Columns named _s are seconds. An empty cell (null): not known, or there is none. Lists are JSON texts.",
    "Ids of messages are texts, since Excel keeps 15 digits of a number.",
    f"A text of more than {CELL_UNITS:,} characters goes on at the right end of its row: text, text (2), text (3).",
    "Put together in this order they are the text. In this count a character beyond U+FFFF is two.",
    f"A table of more than {SHEET_ROWS:,} rows goes on in further sheets: messages, messages (2).",
    "Characters that a workbook cannot hold, and marks that write backwards, are written out: [NUL], [CR], [RLO].",
    "Where a text as received has such letters in brackets itself, its first bracket is written [[].",
    "To have it back, read [[] as [ and every other mark as its character (chatforensics.tablefiles.unmark does so).",
)
_ABOUT = {"table": 20, "column": 24, "type": 24, "meaning": 110, "rows": 12, "SHA-256 of the Parquet file": 68}
_MESSAGE_ID = re.compile("^message_|_id$")  # whole numbers of up to 16 digits

Parts: TypeAlias = dict[str, int]  # cells that the longest text of a column takes, where it takes more than one


def write_workbook(tables: Sequence[StoredTable], out: Path, *, sheet_rows: int = SHEET_ROWS) -> None:
    """Write tables to one workbook, a sheet each, and in front a sheet that says what they mean.

    Only some thousand rows are in memory at a time. The same tables give the same bytes.

    Args:
        tables: which tables.
        out: the file; what is there is replaced.
        sheet_rows: how many rows a sheet holds before the next one is begun.

    Raises:
        UsageError: the file cannot be written to, or a table has more columns than a sheet holds.
    """
    from xlsxwriter import Workbook

    with writing(out) as part, TemporaryDirectory(dir=out.parent, prefix=".chatforensics-") as scratch:
        # Rows go to disk one by one. No text may become a formula, a link or a number.
        kept_apart = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
        book = Workbook(str(part), {"constant_memory": True, "tmpdir": scratch, **kept_apart})
        book.use_zip64()
        book.set_properties({"title": "Tables of chatforensics", "created": datetime(1980, 1, 1)})  # noqa: DTZ001
        try:
            writer = _Writer(book, sheet_rows)
            writer.write_about(tables)
            for table in tables:
                writer.write_table(table)
            book.close()
        finally:
            for sheet in book.worksheets():
                sheet.row_data_fh.close()  # after an error it is still open, and could not be removed on Windows


class _Writer:
    """The formats of one workbook, and the sheets that are written with them."""

    def __init__(self, book: "Workbook", sheet_rows: int) -> None:
        self.book, self.sheet_rows = book, sheet_rows
        self.head = book.add_format({"bold": True, "bottom": 1, "num_format": "@", "valign": "top"})
        self.text = book.add_format({"num_format": "@", "valign": "top"})
        self.wrapped = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
        self.whole = book.add_format({"num_format": "0", "valign": "top"})
        self.number = book.add_format({"valign": "top"})

    def write_about(self, tables: Sequence[StoredTable]) -> None:
        """Write the first sheet: the rules by which the others were written, and what tables and columns mean."""
        sheet = self.book.add_worksheet("about")
        sheet.freeze_panes(1, 0)
        for column, (name, width) in enumerate(_ABOUT.items()):
            put(sheet, 0, column, name, self.head)
            sheet.set_column(column, column, width)
        for row, cells in enumerate(_about_rows(tables), 1):
            for column, cell in enumerate(cells):
                if cell != "":
                    put(sheet, row, column, cell, self.whole if isinstance(cell, int) else self.wrapped)

    def write_table(self, table: StoredTable) -> None:
        """Write a table to as many sheets as it needs."""
        parts = _count_parts(table)
        sheet, row, n_sheets = None, 0, 0
        for frame in table.batches():
            cells = _texts(frame)
            for values in _split_rows(cells, parts):
                if sheet is None or row == self.sheet_rows:
                    sheet, row, n_sheets = self._begin(table, cells, parts, n_sheets), 0, n_sheets + 1
                row += 1
                self._write_row(sheet, row, values)
            if sheet is None:
                sheet = self._begin(table, cells, parts, 0)

    def _begin(self, table: StoredTable, cells: pl.DataFrame, parts: Parts, n_before: int) -> "Worksheet":
        """Begin a sheet with its head, which stays in view, and columns about as wide as the cells at hand."""
        sheet = self.book.add_worksheet(f"{table.name} ({n_before + 1})" if n_before else table.name)
        sheet.freeze_panes(1, 0)
        further = [f"{name} ({number})" for name, n in parts.items() for number in range(2, n + 1)]
        for column, name in enumerate([*cells.columns, *further]):
            put(sheet, 0, column, mark(name), self.head)
            sheet.set_column(column, column, _width(cells, name))
        n_rows = min(table.n_rows - n_before * self.sheet_rows, self.sheet_rows)
        if n_rows > 0:
            sheet.autofilter(0, 0, n_rows, cells.width + len(further) - 1)
        return sheet

    def _write_row(self, sheet: "Worksheet", row: int, values: Sequence[object]) -> None:
        for column, value in enumerate(values):
            if value is not None:
                kind = self.text if isinstance(value, str) else self.number if isinstance(value, float) else self.whole
                put(sheet, row, column, value, kind)


def put(sheet: "Worksheet", row: int, column: int, cell: object, cell_format: "Format") -> None:
    """Write one cell and make sure that it was written whole."""
    if isinstance(cell, str):
        done = sheet.write_string(row, column, cell, cell_format)
    elif isinstance(cell, bool):
        done = sheet.write_boolean(row, column, cell, cell_format)
    elif isinstance(cell, (int, float)) and math.isfinite(cell) and abs(cell) < EXACT:
        done = sheet.write_number(row, column, cell, cell_format)
    else:
        done = sheet.write_string(row, column, str(cell), cell_format)
    if done != 0:
        raise UsageError(
            f"{sheet.get_name()}: row {row + 1}, column {column + 1} does not fit into a workbook.",
            hint="Use --format sqlite, csv or jsonl.",
        )


def _about_rows(tables: Sequence[StoredTable]) -> Iterator[tuple[str | int, ...]]:
    """Yield the rows of the first sheet."""
    for rule in RULES:
        yield "read first", "", "", rule
    for kind, said in read_notes(tables):
        yield kind, "", "", mark(said)
    for table in tables:
        meaning = read_meanings().get(table.name, NOT_DESCRIBED)
        yield table.name, "", "", f"One row is {meaning.row}. {meaning.note}".strip(), table.n_rows, table.sha256()
        for column, dtype in table.columns.items():
            yield table.name, column, describe_type(dtype), meaning.by_column.get(column, "")


def _texts(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame as a workbook shows it: flat, ids of messages as texts, marks for what a cell cannot hold."""
    flat = flatten(frame)
    ids = [name for name, dtype in flat.schema.items() if dtype.is_integer() and _MESSAGE_ID.search(name)]
    flat = flat.with_columns(pl.col(ids).cast(pl.String))
    return flat.with_columns(mark_column(column) for column in flat if column.dtype == pl.String)


def _count_parts(table: StoredTable) -> Parts:
    """Return the columns with a text that is too long for one cell, and how many cells the longest of each takes."""
    parts: Parts = {}
    for frame in table.batches():
        flat = flatten(frame)
        for column in flat:
            if column.dtype == pl.String:
                long = column.filter(column.str.len_bytes() * MARK_UNITS > CELL_UNITS)
                n_parts = max((len(split_cell(mark(text))) for text in long), default=1)
                if n_parts > 1:
                    parts[column.name] = max(n_parts, parts.get(column.name, 1))
    return {name: parts[name] for name in table.columns if name in parts}


def _split_rows(cells: pl.DataFrame, parts: Parts) -> Iterator[tuple[object, ...]]:
    """Yield each row, with what does not fit into the cells of its texts behind the last of them."""
    columns = {name: cells[name].to_list() for name in cells.columns}
    further: list[list[str | None]] = []
    for name, n_parts in parts.items():
        split = [split_cell(text) if text is not None else [None] for text in columns[name]]
        columns[name] = [pieces[0] for pieces in split]
        further += [[pieces[at] if at < len(pieces) else None for pieces in split] for at in range(1, n_parts)]
    return zip(*columns.values(), *further, strict=True)


def _width(cells: pl.DataFrame, name: str) -> int:
    """Return a width in characters that suits the head and the cells at hand."""
    longest = cells[name].cast(pl.String).str.len_chars().max() if name in cells.columns else WIDEST
    return min(max(len(name) + 4, int(longest) + 1 if isinstance(longest, int) else 0), WIDEST)
