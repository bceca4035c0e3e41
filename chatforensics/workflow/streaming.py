"""One export of any size to one Parquet file, in bounded memory."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from chatforensics.intake import ChatText
from chatforensics.parsing import Scan, scan_export
from chatforensics.schema import TABLES, Sources
from chatforensics.storage import sink_table

_EVENT_COLUMNS = [name for name in TABLES["events"] if name != "message_id"]


def write_records(
    chat: ChatText, out: Path, *, dates: str | None = None, timezone: str | None = None, year: int | None = None
) -> Sources:
    """Parse one export and write every record in file order, notices with their event, as Parquet.

    The file is the same as `parsed_records` of the whole export would be; only a few megabytes of it are in memory at
    a time.

    Args:
        chat: the export.
        out: the file to write.
        dates: dmy, mdy or ymd, if you know the order.
        timezone: the zone of the phone's clock; without it `sent_at` stays null.
        year: the year of the first message, for exports that print none.

    Returns:
        The export's row of `sources`.
    """
    scan = scan_export(chat, dates=dates, timezone=timezone, year=year)
    schema = {**TABLES["messages"], **{name: TABLES["events"][name] for name in _EVENT_COLUMNS}}
    sink_table(out, _records(scan, timezone=timezone), schema=schema)
    return scan.sources


def _records(scan: Scan, *, timezone: str | None) -> Iterator[pl.DataFrame]:
    for messages in scan.batches():
        told = messages.join(scan.events, on="message_id", how="left", maintain_order="left")
        yield told if timezone is None else add_utc(told, timezone=timezone)


def add_utc(messages: pl.DataFrame, *, timezone: str) -> pl.DataFrame:
    """Fill `sent_at` from the local time in a zone, and `dst` where the zone skips that time or has it twice."""
    from chatforensics.joining import tell_dst, to_utc

    local = pl.col("sent_local")
    return messages.with_columns(sent_at=to_utc(local, zone=timezone), dst=tell_dst(local, zone=timezone))
