"""`parse`: one export to its messages."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatforensics.cli.options import (
    DATES,
    OUT,
    SUFFIX_KINDS,
    ZONE,
    check_out,
    check_zone,
    tell,
    write_output,
    write_table,
)

if TYPE_CHECKING:
    from chatforensics.intake import ChatText
    from chatforensics.workflow import Declared

EXAMPLE = "Example: chatforensics parse 'WhatsApp Chat with Choir.txt' --format csv --out choir.csv"
Source = Mapping[str, object]


def run(
    export: Annotated[Path, typer.Argument(help="A .txt or .zip as the phone made it; '-' reads standard input.")],
    *,
    file_format: Annotated[str | None, typer.Option("--format", help="jsonl, csv or parquet.")] = None,
    out: Annotated[Path | None, OUT] = None,
    dates: Annotated[str | None, DATES] = None,
    tz: Annotated[str | None, ZONE] = None,
    year: Annotated[
        int | None, typer.Option(min=2009, max=2199, help="Year of the first message, for exports that print none.")
    ] = None,
    diagnose: Annotated[
        bool, typer.Option("--diagnose", help="Print how the headers look, without names, words or dates, and stop.")
    ] = False,
) -> None:
    """Read one export: every record in file order, notices included, with line and bytes."""
    check_out(out, export)
    from chatforensics.workflow import Declared, receive
    from chatforensics.workflow import diagnose as describe

    declared = Declared(dates, check_zone(tz) if tz else None, year)
    chat = receive(export, stdin=sys.stdin.buffer if str(export) == "-" else None)
    if diagnose:
        write_output(describe(chat).encode(), out=out)
        return
    source, undated = _write(chat, declared, out=out, kind=file_format)
    _say_what_was_assumed(source, chat.notes)
    if undated:
        _warn(source, f"records print no year, and nothing tells it: {undated:,}; their times are empty. Pass --year.")
    elif source["date_order_verdict"] == "ambiguous":
        said = f"{source['date_order_evidence']}. Read as {source['date_order']}"
        _warn(source, f"{said}; pass --dates dmy, mdy or ymd to settle it.")


def _write(chat: "ChatText", declared: "Declared", *, out: Path | None, kind: str | None) -> tuple[Source, int]:
    """Write the records; return the export's source and how many records have no time."""
    from chatforensics.storage import json_lines
    from chatforensics.workflow import detailed_records, parse_chat, parse_to_file, parsed_records

    to_file = out is not None and str(out) != "-"
    kind = kind or (SUFFIX_KINDS.get(out.suffix.lower(), "jsonl") if out else "jsonl")
    if out and to_file and kind == "parquet":
        sources, undated = parse_to_file(chat, out, declared)
        return sources.row(0, named=True), undated
    parsed = parse_chat(chat, dates=declared.dates, timezone=declared.timezone, year=declared.year)
    if kind == "jsonl":
        write_output("".join(f"{line}\n" for line in json_lines(detailed_records(parsed))).encode(), out=out)
    else:
        write_table(parsed_records(parsed), out=out, kind=kind)
    return parsed.sources.row(0, named=True), parsed.messages["sent_local"].null_count()


def _say_what_was_assumed(source: Source, notes: Sequence[str]) -> None:
    seen = (
        f"records: {source['n_messages']:,}, unread spans: {source['n_rejects']:,}, {source['header_format']}, "
        f"dates {source['date_order']} ({source['date_order_verdict']})"
    )
    tell(str(source["path"]), [seen])
    for note in notes:
        _warn(source, note)
    if source["n_quoted"]:
        _warn(
            source,
            "lines that look like the start of a message but were read as text of the one above: "
            f"{source['n_quoted']:,}; analyse lists them in its table readings.",
        )
    if source["n_doubtful"]:
        _warn(
            source,
            "messages that may be text somebody pasted, or have a longer sender's name (out of order, in another form, "
            f"or all beginning alike): {source['n_doubtful']:,}; analyse lists them in its table readings.",
        )


def _warn(source: Source, said: str) -> None:
    tell("Warning", [f"{source['path']}: {said}"])
