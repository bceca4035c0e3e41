"""`parse`: one export to its messages."""

from pathlib import Path
from typing import Annotated

import typer

from chatforensics.cli.options import DATES, OUT, ZONE, check_zone, read_input, write_table

EXAMPLE = "Example: chatforensics parse 'WhatsApp Chat with Choir.txt' --format csv --out choir.csv"


def run(
    export: Annotated[Path, typer.Argument(help="A .txt or .zip as the phone made it; '-' reads standard input.")],
    file_format: Annotated[str | None, typer.Option("--format", help="jsonl, csv or parquet.")] = None,
    out: Annotated[Path | None, OUT] = None,
    dates: Annotated[str | None, DATES] = None,
    tz: Annotated[str | None, ZONE] = None,
) -> None:
    """Read one export: every record in file order, notices included, with line and bytes."""
    from chatforensics.intake import ExportFile, chat_from_bytes, read_export
    from chatforensics.workflow import parse_chat, parsed_records

    zone = check_zone(tz) if tz else None
    if str(export) == "-":
        chat = chat_from_bytes(read_input(export), name="-")
    else:
        chat = read_export(ExportFile(export, None))
    parsed = parse_chat(chat, dates=dates, timezone=zone)
    write_table(parsed_records(parsed), out=out, kind=file_format)
    _say_what_was_assumed(parsed.sources.row(0, named=True))


def _say_what_was_assumed(source: dict[str, object]) -> None:
    typer.echo(
        f"{source['path']}: {source['n_messages']} records, {source['n_rejects']} unread spans, "
        f"{source['header_format']}, dates {source['date_order']} ({source['date_order_verdict']})",
        err=True,
    )
    if source["n_quoted"]:
        typer.echo(
            f"Warning: {source['path']}: {source['n_quoted']} lines look like the start of a message but were read as "
            "text of the one above.",
            err=True,
        )
    if source["date_order_verdict"] == "ambiguous":
        typer.echo(
            f"Warning: {source['path']}: {source['date_order_evidence']}. Read as {source['date_order']}; "
            "pass --dates dmy, mdy or ymd to settle it.",
            err=True,
        )
