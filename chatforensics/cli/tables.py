"""`tables`: the tables of a result for other programs."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatforensics.cli.options import check_out, for_reader, tell
from chatforensics.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chatforensics.tablefiles import CsvForm, StoredTable

    Writer = Callable[[Sequence[StoredTable], Path], None]

EXAMPLE = "Example: chatforensics tables demo-report --format xlsx --out demo.xlsx"
FORMATS = ("csv", "jsonl", "xlsx", "sqlite", "parquet")
LINES = ("csv", "jsonl")
_MEGABYTE = 1_000_000
ENDINGS = {".xlsx": "xlsx", ".sqlite": "sqlite", ".db": "sqlite"}
RUNS = "--raw leaves texts as they are: a spreadsheet may run some of them as formulas, which can send data away."


def run(
    result: Annotated[Path, typer.Argument(help="A folder that analyse wrote.")],
    *,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            help="A folder for csv, jsonl and parquet, a file for xlsx and sqlite; '-' is standard output, for one "
            "table as csv or jsonl.",
            show_default=False,
        ),
    ],
    file_format: Annotated[
        str | None, typer.Option("--format", help="csv, jsonl, xlsx, sqlite or parquet; else by the ending of --out.")
    ] = None,
    table: Annotated[
        list[str] | None, typer.Option("--table", help="Only this table; may be given again.", show_default="all")
    ] = None,
    bom: Annotated[bool, typer.Option("--bom", help="csv: begin with the mark by which Excel knows UTF-8.")] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="csv: no apostrophe before texts that a spreadsheet would run.")
    ] = False,
) -> None:
    """Write the tables of a result for other programs: spreadsheets, SQLite and Datasette, pandas, R.

    No row is left out and no text is cut. docs/tables.md says what each table means.
    """
    kind = _check_format(out, file_format)
    if kind != "csv" and (bom or raw):
        raise UsageError("--bom and --raw are for csv.", hint="Leave them out, or pass --format csv.")
    from chatforensics.tablefiles import CsvForm, find_tables

    tables = find_tables(result, names=table or [])
    form = CsvForm(bom=bom, raw=raw)
    if raw:
        tell("Warning", [RUNS])
    if str(out) == "-":
        _print(tables, kind=kind, form=form)
        return
    if kind in ("xlsx", "sqlite"):
        _check_file(out, tables)
    _writers(form)[kind](tables, out)
    _say_written(out, tables, kind=kind)


def _check_format(out: Path, kind: str | None) -> str:
    kind = kind or ENDINGS.get(out.suffix.lower())
    if kind is None:
        raise UsageError(f"--format: {out} does not tell the format.", hint=f"Use one of {', '.join(FORMATS)}.")
    if kind not in FORMATS:
        raise UsageError(f"--format: '{kind}' is not offered.", hint=f"Use one of {', '.join(FORMATS)}.")
    return kind


def _check_file(out: Path, tables: "Sequence[StoredTable]") -> None:
    """Refuse a place that is a folder, or a file that is the result's own or may be evidence."""
    if out.is_dir():
        raise UsageError(f"--out: {out} is a folder.", hint="Name a file.")
    check_out(out, *(table.path for table in tables))


def _print(tables: "Sequence[StoredTable]", *, kind: str, form: "CsvForm") -> None:
    """Write one table to standard output while it is read."""
    from chatforensics.tablefiles import stream_table

    if kind not in LINES or len(tables) != 1:
        raise UsageError("--out: '-' takes one table as csv or jsonl.", hint="Name it with --table, or name a place.")
    for lines in stream_table(tables[0], kind=kind, form=form):
        sys.stdout.buffer.write(for_reader(lines))
    sys.stdout.buffer.flush()


def _say_written(out: Path, tables: "Sequence[StoredTable]", *, kind: str) -> None:
    """Say where the tables are, how many, and how large."""
    from chatforensics.cli.observations import show

    files = [out / f"{table.name}.{kind}" for table in tables] if out.is_dir() else [out]
    size = sum(file.stat().st_size for file in files) / _MEGABYTE
    count = "1 table" if len(tables) == 1 else f"{len(tables):,} tables"
    typer.echo(show(f"Wrote {out}: {count}, {max(size, 0.1):,.1f} MB."))


def _writers(form: "CsvForm") -> "Mapping[str, Writer]":
    """Return what writes each format."""
    from chatforensics.tablefiles import copy_tables, write_database, write_lines, write_workbook

    return {
        "csv": lambda tables, out: write_lines(tables, out, kind="csv", form=form),
        "jsonl": lambda tables, out: write_lines(tables, out, kind="jsonl"),
        "xlsx": write_workbook,
        "sqlite": write_database,
        "parquet": copy_tables,
    }
