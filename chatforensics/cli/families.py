"""`families`: any texts to near-duplicate families."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatforensics.cli.options import OUT, write_table
from chatforensics.errors import UnreadableExport

if TYPE_CHECKING:
    import polars as pl

EXAMPLE = "Example: chatforensics families texts.jsonl --out families.csv"
PORTION_BYTES = 2**25


def run(
    file: Annotated[
        Path, typer.Argument(help="JSON lines with 'id' (or 'message_id') and 'text'; '-' reads standard input.")
    ],
    out: Annotated[Path | None, OUT] = None,
) -> None:
    """Group texts that are equal up to small edits: id, family_id, variant_id, similarity."""
    from chatforensics.families import find_families

    write_table(find_families(_read_texts(file)), out=out)


def _read_texts(file: Path) -> "pl.DataFrame":
    """Return the columns `id` and `text` of the lines that hold words."""
    import polars as pl

    from chatforensics.storage import read_jsonl

    first_line, portions, kinds = 1, [pl.DataFrame(schema={"id": pl.Int64, "text": pl.String})], set()
    for raw in _read_portions(file):
        rows = read_jsonl(raw, name=str(file), fields=("text",), first_line=first_line)
        rows = [row for row in rows if row["text"] is not None]  # records of an export that hold no words
        ids = [row.get("id", row.get("message_id")) for row in rows]
        kinds |= {type(value) for value in ids}
        if kinds - {int} and kinds - {str}:
            raise UnreadableExport(
                f"{file}: the ids are not all whole numbers, or all texts.", hint="Give each line an 'id' alike."
            )
        id_column = pl.Series("id", ids, pl.String if str in kinds else pl.Int64)
        if rows:
            portions.append(pl.DataFrame([id_column, pl.Series("text", [row["text"] for row in rows], pl.String)]))
        first_line += raw.count(b"\n")
    return pl.concat(portions[1:] or portions)


def _read_portions(file: Path) -> Iterator[bytes]:
    """Yield the lines of a file, or of standard input where the path is '-', some at a time.

    Raises:
        UnreadableExport: the file cannot be read.
    """
    if str(file) == "-":
        yield from iter(lambda: b"".join(sys.stdin.buffer.readlines(PORTION_BYTES)), b"")
        return
    try:
        with file.open("rb") as stream:
            yield from iter(lambda: b"".join(stream.readlines(PORTION_BYTES)), b"")
    except OSError as error:
        raise UnreadableExport(f"{file}: {error.strerror}.", hint="Check the path.") from error
