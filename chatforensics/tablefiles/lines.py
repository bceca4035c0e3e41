"""Tables as lines of text: CSV that a spreadsheet cannot run, and JSON lines, as large as they may be."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from chatforensics.errors import UsageError
from chatforensics.storage import json_lines, writing
from chatforensics.tablefiles.cells import flatten, sort_fields
from chatforensics.tablefiles.formulas import guard, guard_column
from chatforensics.tablefiles.places import check_folder
from chatforensics.tablefiles.stored import StoredTable
from chatforensics.tables import encode_parquet

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class CsvForm:
    """How CSV is written.

    `bom` puts the mark in front by which Excel knows UTF-8. `raw` leaves texts as they are, so that a spreadsheet may
    run them as formulas.
    """

    bom: bool = False
    raw: bool = False


def encode_table(frame: pl.DataFrame, *, kind: str) -> bytes:
    """Encode a table that is in memory as `parquet`, `csv` or `jsonl`.

    CSV cells that a spreadsheet would run as a formula get an apostrophe in front; JSONL has them as they are, and its
    fields in the order of the columns.

    Raises:
        UsageError: no such kind.
    """
    if kind == "parquet":
        return encode_parquet(frame)
    if kind == "csv":
        return _encode_csv(frame, form=CsvForm(), first=True)
    if kind == "jsonl":
        return "".join(f"{line}\n" for line in json_lines(frame.iter_rows(named=True))).encode()
    raise UsageError(f"'{kind}' is no table format.", hint="Use parquet, csv or jsonl.")


def stream_table(table: StoredTable, *, kind: str, form: CsvForm | None = None) -> Iterator[bytes]:
    """Yield a stored table as CSV or JSONL, some thousand rows at a time.

    In CSV texts stand in quotation marks, numbers do not, and what is not known is nothing between two commas. In
    JSONL names are in the order of the alphabet, at any depth, and what is no number, such as infinity, is null.
    """
    for number, frame in enumerate(table.batches()):
        if kind == "jsonl":
            yield sort_fields(frame).write_ndjson().encode()
        else:
            yield _encode_csv(frame, form=form or CsvForm(), first=number == 0)


def write_lines(tables: Sequence[StoredTable], folder: Path, *, kind: str, form: CsvForm | None = None) -> None:
    """Write each table as `<name>.csv` or `<name>.jsonl` to a folder.

    Raises:
        UsageError: the folder holds other files, or cannot be written to.
    """
    check_folder(folder, names=[f"{table.name}.{kind}" for table in tables], tables=tables[0].path.parent)
    for table in tables:
        with writing(folder / f"{table.name}.{kind}") as part, part.open("wb") as file:
            file.writelines(stream_table(table, kind=kind, form=form))


def copy_tables(tables: Sequence[StoredTable], folder: Path) -> None:
    """Copy the Parquet files of tables to a folder, byte for byte.

    Raises:
        UsageError: the folder holds other files, or cannot be written to.
    """
    check_folder(folder, names=[table.path.name for table in tables], tables=tables[0].path.parent)
    for table in tables:
        with writing(folder / table.path.name) as part:
            shutil.copyfile(table.path, part)


def _encode_csv(frame: pl.DataFrame, *, form: CsvForm, first: bool) -> bytes:
    flat = flatten(frame)
    if not form.raw:
        texts = [name for name, dtype in flat.schema.items() if dtype == pl.String]
        flat = flat.with_columns(guard_column(name) for name in texts).rename(guard)
    lines = flat.write_csv(include_header=first, quote_style="non_numeric").encode()
    return BOM + lines if first and form.bom else lines
