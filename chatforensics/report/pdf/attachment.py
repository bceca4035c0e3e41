"""The messages of a printed report as rows that a program can read: print gives no words back without error."""

import json
from collections.abc import Iterable, Mapping

import polars as pl

from chatforensics.report.sightings import read_messages

COLUMNS = (
    "message_id", "source_id", "sha256", "path", "member", "line", "byte_start", "byte_end", "sent_local", "sent_at",
    "sender_label", "kind", "text", "attachment",
)  # fmt: skip


def list_messages(tables: Mapping[str, pl.DataFrame], message_ids: Iterable[int]) -> bytes:
    """Return the given messages as JSON lines in the order given, words as exported and uncut.

    Each names its export by SHA-256 and its place there by line and bytes. `sent_local` is the export's own clock,
    `sent_at` the time in UTC as reckoned; neither shows that the message was sent then.
    """
    wanted = pl.DataFrame({"message_id": list(dict.fromkeys(message_ids))}, schema={"message_id": pl.Int64})
    sources = tables["sources"].select("source_id", "sha256", "path", "member")
    rows = (
        wanted.join(
            read_messages(tables, only=wanted["message_id"]), on="message_id", how="inner", maintain_order="left"
        )
        .join(sources, on="source_id", how="left", maintain_order="left")
        .select(COLUMNS)
        .with_columns(
            pl.col("sent_local").dt.to_string("iso:strict"),
            pl.col("sent_at").dt.to_string("%Y-%m-%dT%H:%M:%SZ"),
        )
    )
    lines = (json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows.iter_rows(named=True))
    return "".join(lines).encode()
