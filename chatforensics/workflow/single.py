"""One export, or loose texts: what the commands `parse` and `classify` do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from chatforensics.intake import ChatText, ExportFile, chat_from_bytes, read_export
from chatforensics.parsing import Parsed, parse_export
from chatforensics.schema import Messages
from chatforensics.workflow.stages import join_parsed


def parse(path: Path | str, *, dates: str | None = None, timezone: str | None = None) -> Parsed:
    """Read one export file into its tables.

    Args:
        path: a .txt or .zip as the phone made it.
        dates: dmy, mdy or ymd, if you know the order; else it is inferred, and `sources` says how surely.
        timezone: the zone of the phone's clock; without it `sent_at` stays null.

    Raises:
        EvidenceError: the file cannot be read, or is no export.
    """
    return parse_chat(read_export(ExportFile(Path(path), None)), dates=dates, timezone=timezone)


def parse_chat(chat: ChatText, *, dates: str | None, timezone: str | None) -> Parsed:
    """Parse one chat text; with a zone, `sent_at` is filled."""
    parsed = parse_export(chat, dates=dates, timezone=timezone)
    if timezone is None:
        return parsed
    from chatforensics.joining import to_utc

    messages = parsed.messages.with_columns(sent_at=to_utc(pl.col("sent_local"), zone=timezone))
    return replace(parsed, messages=Messages(messages))


def parsed_records(parsed: Parsed) -> pl.DataFrame:
    """Return every record in file order, notices included, with the event of each notice."""
    return parsed.messages.join(parsed.events, on="message_id", how="left", maintain_order="left")


def classify_rows(rows: Sequence[Mapping[str, object]]) -> Iterator[Mapping[str, object]]:
    """Label the field `text` of each row; other fields are passed on."""
    from chatforensics.labelling import classify_texts

    results = classify_texts([str(row["text"] or "") for row in rows])
    return (
        {**{k: v for k, v in row.items() if k != "text"}, **found} for row, found in zip(rows, results, strict=True)
    )


def classify_export(raw: bytes, *, name: str, dates: str | None) -> Iterator[Mapping[str, object]]:
    """Label an export per message group, in order; `line` is where the group begins."""
    parsed = parse_export(chat_from_bytes(raw, name=name), dates=dates)
    joined = join_parsed([parsed], parsed.events, timezone="UTC")
    groups = (
        joined.messages.filter(pl.col("text").is_not_null() & (pl.col("kind") != "system"))
        .sort("line")
        .group_by("group_id", maintain_order=True)
        .agg(pl.col("line").first(), pl.col("sent_local").first(), pl.col("message_id"), pl.col("text").str.join("\n"))
    )
    return classify_rows(groups.drop("group_id").to_dicts())
