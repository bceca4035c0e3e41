"""The messages of the page's reader: one row for each distinct message, in the order of chats and times."""

import json
from collections.abc import Iterator

import polars as pl

from chatforensics.report.sightings import Tables, number_sources, read_messages
from chatforensics.tables import scan

CHUNK_ROWS = 2_000
KINDS = ("text", "media", "deleted", "system", "poll", "location", "contact", "call", "view_once")
_COPY_COLUMNS = ("row", "source", "line", "start", "end", "id", "local", "text", "sender", "person")
STATUSES = (
    "text_conflict", "sender_conflict", "time_conflict", "one_sided", "single_source", "outside_window", "agree",
)  # fmt: skip
NO_CHAT = ""  # stands for the chat of records that have none


def order_chats(tables: Tables) -> pl.DataFrame:
    """Return the chats in the order of their titles with their place: chat_id, chat; chats that no table lists last."""
    chats = tables["chats"].unique("chat_id", keep="first", maintain_order=True)
    ordered = chats.sort(pl.col("title").str.to_lowercase(), "chat_id", nulls_last=True)
    listed = scan(tables, "messages").select(pl.col("chat_id").fill_null(NO_CHAT).unique().sort()).collect()
    others = listed.join(chats, on="chat_id", how="anti", maintain_order="left")
    return (
        pl.concat([ordered, others], how="diagonal").with_row_index("chat").with_columns(pl.col("chat").cast(pl.Int64))
    )


def order_people(tables: Tables) -> pl.DataFrame:
    """Return the people in the order of their ids, which says nothing of them, with their place: person_id, person."""
    people = tables["people"].sort("person_id").with_row_index("person")
    return people.with_columns(pl.col("person").cast(pl.Int64))


def number_rows(tables: Tables, *, only: pl.Series | None = None) -> pl.DataFrame:
    """Return every record with the row of its message in the reader, and whether the reader shows this copy.

    Copies of one message in several exports share a row; the copy of the largest export is shown. Rows are ordered by
    chat and time; within one step of a clock by the order of lines in the largest export.

    Args:
        tables: The tables of the run.
        only: The ids of the records wanted; without it, all.
    """
    records = read_messages(tables, only=only)
    ones = None if only is None else records["canonical_id"].unique()
    placed = (
        records.with_columns(pl.col("chat_id").fill_null(NO_CHAT))
        .join(_rank_sources(tables), on="source_id", how="left")
        .join(order_chats(tables).select("chat_id", "chat"), on="chat_id", how="left")
        .join(order_people(tables).select("person_id", "person"), on="person_id", how="left")
        .with_columns(one=pl.coalesce("canonical_id", "message_id"))
        .join(_number_statuses(tables, ones), left_on="one", right_on="canonical_id", how="left")
        .sort("rank", "byte_start", "message_id", nulls_last=True)
        .with_columns(near_at=pl.col("sent_at").forward_fill().backward_fill().over("source_id"))
    )
    shown = placed.unique("one", keep="first", maintain_order=True)
    order = shown.sort("chat", "near_at", "rank", "byte_start", "message_id", nulls_last=True, maintain_order=True)
    rows = order.select("one", pl.col("message_id").alias("shown_id")).with_row_index("row")
    return (
        placed.join(rows, on="one", how="left")
        .with_columns(pl.col("row").cast(pl.Int64), is_shown=pl.col("message_id") == pl.col("shown_id"))
        .sort("row", "rank", "byte_start", "message_id", nulls_last=True)
    )


def _rank_sources(tables: Tables) -> pl.DataFrame:
    """Return the exports with their place among all, and their rank: the largest first."""
    return number_sources(tables["sources"]).select(
        "source_id",
        source=pl.col("place").cast(pl.Int64) - 1,
        rank=pl.struct(-pl.col("n_messages"), "place").rank("ordinal"),
    )


def _number_statuses(tables: Tables, only: pl.Series | None) -> pl.DataFrame:
    """Return the status of corroboration of each distinct message, by its place among the statuses."""
    numbers = {status: place for place, status in enumerate(STATUSES)}
    status = pl.col("status").replace_strict(numbers, default=-1, return_dtype=pl.Int64)
    told = scan(tables, "corroboration").select("canonical_id", status=status)
    if only is not None:
        told = told.filter(pl.col("canonical_id").is_in(only.implode()))
    return told.collect().unique("canonical_id", keep="first")


def list_shown(tables: Tables) -> pl.DataFrame:
    """Return of every message the copy that the reader shows: `person_id`, `chat_id`, `kind`, `sent_local`.

    Ids are numbers underneath: ten million messages take some hundred megabytes.
    """
    messages = scan(tables, "messages").with_columns(pl.col("chat_id").fill_null(NO_CHAT))
    ids = {
        name: pl.Enum(messages.select(pl.col(name).unique().drop_nulls().sort()).collect().to_series())
        for name in ("person_id", "chat_id", "kind")
    }
    one = pl.coalesce("canonical_id", "message_id").alias("one")
    columns = [pl.col(name).cast(code) for name, code in ids.items()]
    placed = messages.join(_rank_sources(tables).lazy().select("source_id", "rank"), on="source_id", how="left")
    ordered = placed.select(one, "rank", "byte_start", "message_id", "sent_local", *columns).collect()
    ordered = ordered.sort("one", "rank", "byte_start", "message_id", nulls_last=True)
    shown = ordered.filter(pl.col("one").ne_missing(pl.col("one").shift(1)) | (pl.int_range(pl.len()) == 0))
    return shown.select("person_id", "chat_id", "kind", "sent_local", is_shown=pl.lit(value=True))


def write_chunks(numbered: pl.DataFrame) -> Iterator[bytes]:
    """Yield the rows, 2,000 at a time, as JSON columns; a copy's text and sender only where they differ."""
    shown = numbered.filter("is_shown").select(
        id="message_id",
        chat=pl.col("chat").fill_null(-1),
        person=pl.col("person").fill_null(-1),
        sender="sender_label",
        at=pl.col("sent_at").dt.epoch("s"),
        local=pl.col("sent_local").dt.epoch("s"),
        kind=pl.col("kind").replace_strict({kind: place for place, kind in enumerate(KINDS)}, default=-1),
        text="text",
        attachment="attachment",
        status=pl.col("status").fill_null(-1),
        edited=pl.col("edited").fill_null(value=False).cast(pl.Int8),
        source=pl.col("source").fill_null(-1),
        line="line",
        start="byte_start",
        end="byte_end",
    )
    copies = _list_copies(numbered)
    for start in range(0, shown.height, CHUNK_ROWS):
        inside = copies.filter(pl.col("row").is_between(start, start + CHUNK_ROWS, closed="left"))
        columns = shown.slice(start, CHUNK_ROWS).to_dict(as_series=False)
        columns["copies"] = [inside[name].to_list() for name in _COPY_COLUMNS]
        yield pack_json(columns)


def _list_copies(numbered: pl.DataFrame) -> pl.DataFrame:
    """Return the copies that the reader does not show by themselves, by row."""
    texts = numbered.filter("is_shown").select("row", shown_text="text", shown_sender="sender_label")
    others = numbered.filter(~pl.col("is_shown")).join(texts, on="row", how="left", maintain_order="left")
    differs = pl.col("text").ne_missing(pl.col("shown_text"))
    return others.select(
        "row",
        pl.col("source").fill_null(-1),
        "line",
        start="byte_start",
        end="byte_end",
        id="message_id",
        local=pl.col("sent_local").dt.epoch("s"),
        text=pl.when(differs).then(pl.col("text").fill_null("")),
        person=pl.col("person").fill_null(-1),
        sender=pl.when(pl.col("sender_label").ne_missing(pl.col("shown_sender"))).then(
            pl.col("sender_label").fill_null("")
        ),
    )


def pack_json(value: object) -> bytes:
    """Return a value as JSON with no spaces, the same for equal values."""
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
