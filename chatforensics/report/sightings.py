"""Messages with the places where they stand: export, line, bytes, chat, clock, and what other exports say."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from chatforensics.report.marks import clip_text
from chatforensics.tables import scan

Row = dict[str, Any]  # one row as the template reads it: cells of many types
Tables = Mapping[str, pl.DataFrame]

MINUTE_S = 60
QUOTE_LIMIT = 280
SOURCE_LIMIT = 500  # exports that the page lists


def number_sources(sources: pl.DataFrame) -> pl.DataFrame:
    """Return the sources in the order of their paths with a short name each: S1, S2 and so on."""
    ordered = sources.sort("path", "source_id", nulls_last=True).with_row_index("place", offset=1)
    return ordered.with_columns(source=pl.format("S{}", "place"))


def read_messages(tables: Tables, *, only: pl.Series | None = None) -> pl.DataFrame:
    """Return the messages whose ids are wanted, or all, with all columns.

    Where the table lies in a file, nothing is held of the others: a join would hold all before it chooses.
    """
    messages = scan(tables, "messages")
    wanted = messages if only is None else messages.filter(pl.col("message_id").is_in(only.implode()))
    return wanted.collect()


def place_messages(tables: Tables, *, only: pl.Series | None = None, without: Collection[str] = ()) -> pl.DataFrame:
    """Return the messages with the short name and clock step of their export, their chat's title and their status.

    Args:
        tables: The tables of the run.
        only: The ids of the messages wanted; without it, all.
        without: Columns of the messages that are not wanted.
    """
    sources = number_sources(tables["sources"]).select("source_id", "place", "source", "clock_step_s")
    wanted = scan(tables, "messages").drop(without)
    wanted = wanted if only is None else wanted.filter(pl.col("message_id").is_in(only.implode()))
    # Sorted before more columns are joined on: what is put in order is held twice while that is done.
    messages = (
        wanted.join(sources.lazy(), on="source_id", how="left")
        .sort("place", "byte_start", "message_id", nulls_last=True)
        .collect()
    )
    found = scan(tables, "corroboration").select("canonical_id", "status")
    status = found.filter(pl.col("canonical_id").is_in(messages["canonical_id"].unique().implode())).collect()
    chats = tables["chats"].select("chat_id", chat=pl.coalesce("title", "chat_id"))
    return (
        messages.join(_first_of(chats, "chat_id"), on="chat_id", how="left", maintain_order="left")
        .join(_first_of(status, "canonical_id"), on="canonical_id", how="left", maintain_order="left")
        .with_columns(one=pl.coalesce("canonical_id", "message_id"), source=pl.col("source").fill_null("S?"))
    )


def _first_of(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    return frame.unique(column, keep="first", maintain_order=True)


def find_at_lines(messages: pl.LazyFrame, lines: pl.DataFrame) -> pl.LazyFrame:
    """Return the ids of the messages that begin at the given lines: `source_id`, `line`."""
    likely = messages.filter(pl.col("line").is_in(lines["line"].unique().implode()))
    return (
        likely.select("message_id", "source_id", "line")
        .join(lines.lazy(), on=["source_id", "line"], how="semi")
        .select("message_id")
    )


def order_messages(tables: Tables, *columns: pl.Expr | str) -> pl.DataFrame:
    """Return the messages in the order of exports and of places there: `message_id`, `place` (the export's), columns.

    Of millions of messages these few columns are all that is held.
    """
    places = number_sources(tables["sources"]).select("source_id", "place")
    return (
        scan(tables, "messages")
        .join(places.lazy(), on="source_id", how="left", maintain_order="left")
        .select("message_id", "place", "byte_start", *columns)
        .collect()
        .sort("place", "byte_start", "message_id", nulls_last=True, maintain_order=True)
        .drop("byte_start")
    )


def print_times(column: str) -> pl.Expr:
    """Return the export's own clock as text, no finer than its step."""
    time = pl.col(column)
    by_minute = time.dt.to_string("%Y-%m-%d %H:%M")
    return pl.when(pl.col("clock_step_s") < MINUTE_S).then(time.dt.to_string("%Y-%m-%d %H:%M:%S")).otherwise(by_minute)


def name_people(people: pl.DataFrame) -> dict[str, str]:
    """Return the name to show for each person: the first label as printed, else the pseudonym."""
    shown = pl.coalesce(pl.col("labels").list.first(), "pseudonym", "person_id")
    return dict(people.select("person_id", shown.alias("shown")).iter_rows())


def list_sightings(placed: pl.DataFrame, *, ids: Iterable[int]) -> list[Row]:
    """Return where the given messages stand, earliest first."""
    chosen = placed.filter(pl.col("message_id").is_in(list(ids)))
    chosen = chosen.sort("sent_at", "place", "byte_start", "message_id", nulls_last=True)
    return [_show_row(row) for row in chosen.with_columns(when=print_times("sent_local")).iter_rows(named=True)]


def _show_row(row: Row) -> Row:
    """Return a placed message as the page shows it."""
    words = str(row["text"]) if row["text"] is not None else ""
    text, left_out = clip_text(words, limit=QUOTE_LIMIT)
    keys = ("message_id", "source", "line", "when", "chat", "person_id", "sender_label", "kind", "attachment", "status")
    return {key: row[key] for key in (*keys, "edited")} | {
        "text": text,
        "left_out": left_out,
        "is_minute": _is_minute(row),
    }


def _is_minute(row: Row) -> bool:
    """Tell whether the row's clock shows no seconds."""
    return bool(row["clock_step_s"] is None or row["clock_step_s"] >= MINUTE_S)


def first_copies(placed: pl.DataFrame, *, limit: int) -> list[int]:
    """Return one message id for each distinct message, earliest first, at most `limit`."""
    ordered = placed.sort("sent_at", "message_id", nulls_last=True)
    return ordered.unique("one", keep="first", maintain_order=True)["message_id"].head(limit).to_list()


def cap(shown: Sequence[object], *, total: int, where: str) -> Row:
    """Return how many of how many are shown, and the table that has them all."""
    return {"shown": len(shown), "total": total, "where": where}
