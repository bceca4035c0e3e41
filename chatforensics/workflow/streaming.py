"""One export of any size to one Parquet file, in bounded memory."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from chatforensics.intake import ChatText
from chatforensics.parsing import Scan, scan_export
from chatforensics.parsing.timeline import NO_MOMENT
from chatforensics.schema import TABLES, Sources
from chatforensics.tables import sink_table

_EVENT_COLUMNS = [name for name in TABLES["events"] if name != "message_id"]


def write_records(
    chat: ChatText, out: Path, *, dates: str | None = None, timezone: str | None = None, year: int | None = None
) -> tuple[Sources, int]:
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
        The export's row of `sources`, and how many records have no time.
    """
    scan = scan_export(chat, dates=dates, timezone=timezone, year=year)
    schema = {**TABLES["messages"], **{name: TABLES["events"][name] for name in _EVENT_COLUMNS}}
    sink_table(out, _records(scan, timezone=timezone), schema=schema)
    return scan.sources, int((scan.plan.sent_s == NO_MOMENT).sum())


def _records(scan: Scan, *, timezone: str | None) -> Iterator[pl.DataFrame]:
    events = scan.events.select(_EVENT_COLUMNS)
    for messages in scan.batches():
        told, events = _add_events(messages, events)
        yield told if timezone is None else add_utc(told, timezone=timezone)


def _add_events(messages: pl.DataFrame, events: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Put the next events beside the notices of a batch, as both are in file order; return the events that are left."""
    notice = messages["kind"] == "system"
    place = pl.select(pl.when(notice).then(notice.cum_sum() - 1)).to_series()
    return messages.with_columns(column.gather(place) for column in events), events[int(notice.sum()) :]


def add_utc(messages: pl.DataFrame, *, timezone: str) -> pl.DataFrame:
    """Fill `sent_at` from the local time in a zone, and `dst` where the zone skips that time or has it twice."""
    from chatforensics.zones import tell_dst, to_utc

    local = pl.col("sent_local")
    return messages.with_columns(sent_at=to_utc(local, zone=timezone), dst=tell_dst(local, zone=timezone))
