"""What several commands share: option types, and output to a file or standard output."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from chatforensics.errors import UnreadableExport, UsageError

if TYPE_CHECKING:
    import polars as pl

OUT = typer.Option("--out", "-o", help="Where to write; '-' is standard output.", show_default=False)
CANDIDATES = typer.Option("--candidates", help="CSV: candidates' names, and variants of each with ';' between them.")
DATES = typer.Option("--dates", help="Order of day, month and year in the file, if you know it: dmy, mdy or ymd.")
ZONE = typer.Option("--tz", help="Time zone of the phone's clock, such as Europe/London.")
SUFFIX_KINDS = {".csv": "csv", ".parquet": "parquet"}


def read_input(path: Path) -> bytes:
    """Read a file, or standard input where the path is '-'.

    Raises:
        UnreadableExport: the file cannot be read.
    """
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableExport(f"{path}: {error.strerror}.", hint="Check the path.") from error


def check_out(out: Path | None, *inputs: Path) -> None:
    """Refuse an output that would replace the input, or another text or zip that may be somebody's export.

    Raises:
        UsageError: it would.
    """
    if out is None or str(out) == "-" or not out.exists():
        return
    own = any(path.exists() and out.samefile(path) for path in inputs if str(path) != "-")
    if own or out.suffix.lower() in (".txt", ".zip"):
        raise UsageError(f"--out: {out} is there already and may be evidence.", hint="Name another file.")


def tell(head: str, said: Iterable[str]) -> None:
    """Print warnings or failures on standard error, each on one line and safe on any terminal: they name files.

    A line break in a name is written out, so that the name can be found.
    """
    from chatforensics.cli.observations import show

    for words in said:
        typer.echo(show(f"{head}: {words}".replace("\n", "\\n")), err=True)


def for_reader(content: bytes) -> bytes:
    """Return what goes to standard output: as it is for a program, with controls written out for a terminal.

    A message could otherwise clear the screen, or set a title or a link, when a table is only looked at.
    """
    if not sys.stdout.isatty():
        return content
    from chatforensics.text import show_controls

    return show_controls(content.decode(errors="replace")).encode()


def write_output(content: bytes, *, out: Path | None) -> None:
    """Write to the file, or to standard output where it is None or '-'."""
    if out is None or str(out) == "-":
        sys.stdout.buffer.write(for_reader(content))
        sys.stdout.buffer.flush()
        return
    from chatforensics.storage import write_bytes

    write_bytes(out, content)


def write_table(frame: "pl.DataFrame", *, out: Path | None, kind: str | None = None) -> None:
    """Write a table in the given kind, else in that of the file's ending, else as JSONL; say what CSV changes."""
    from chatforensics.tablefiles import count_guarded, encode_table

    kind = kind or (SUFFIX_KINDS.get(out.suffix.lower(), "jsonl") if out else "jsonl")
    write_output(encode_table(frame, kind=kind), out=out)
    if kind == "csv" and (n_guarded := count_guarded(frame)):
        said = f"texts that a spreadsheet would run as formulas: {n_guarded:,}; they have an apostrophe in front."
        tell("Note", [f"{said} JSONL and Parquet have them as they are."])


def check_zone(zone: str) -> str:
    """Return the name given to --tz if it is in the time zone database.

    Raises:
        UsageError: no such zone.
    """
    from chatforensics import zones

    return zones.check_zone(zone, where="--tz: ")
