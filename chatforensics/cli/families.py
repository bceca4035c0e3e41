"""`families`: any texts to near-duplicate families."""

from pathlib import Path
from typing import Annotated

import typer

from chatforensics.cli.options import OUT, read_input, write_table
from chatforensics.errors import UnreadableExport

EXAMPLE = "Example: chatforensics families texts.jsonl --out families.csv"


def run(
    file: Annotated[
        Path, typer.Argument(help="JSON lines with 'id' (or 'message_id') and 'text'; '-' reads standard input.")
    ],
    out: Annotated[Path | None, OUT] = None,
) -> None:
    """Group texts that are equal up to small edits: id, family_id, variant_id, similarity."""
    import polars as pl

    from chatforensics.families import find_families
    from chatforensics.storage import read_jsonl

    rows = read_jsonl(read_input(file), name=str(file), fields=("text",))
    rows = [row for row in rows if row["text"] is not None]  # records of an export that hold no words
    ids = [row.get("id", row.get("message_id")) for row in rows]
    kinds = {type(value) for value in ids}
    if kinds - {int} and kinds - {str}:
        raise UnreadableExport(
            f"{file}: the ids are not all whole numbers, or all texts.", hint="Give each line an 'id' alike."
        )
    id_column = pl.Series("id", ids, pl.Int64 if kinds == {int} else pl.String)
    texts = pl.Series("text", [row["text"] for row in rows], pl.String)
    write_table(find_families(pl.DataFrame([id_column, texts])), out=out)
