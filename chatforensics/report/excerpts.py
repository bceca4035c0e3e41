"""Section 8 of the report: the cited messages, each between its neighbours in the export."""

from collections.abc import Iterable
from itertools import groupby

import polars as pl

from chatforensics.report.marks import clip_text
from chatforensics.report.sightings import Row, Tables, cap, order_messages, print_times

CITED_LIMIT = 1000
NEIGHBOURS = 2
CITED_CHARACTERS = 4000
CONTEXT_CHARACTERS = 400


def view_excerpts(placed: pl.DataFrame, *, cited: Iterable[int]) -> Row:
    """Return the cited messages in file order with two neighbours on each side, and where each can be pointed to.

    At most 1,000 messages are printed, those that the report cites first; the others keep their place in words.
    """
    known = placed.filter(pl.col("message_id").is_in(list(cited)))
    places = dict(known.select("message_id", pl.format("{}:{}", "source", "line")).iter_rows())
    wanted = [message_id for message_id in dict.fromkeys(cited) if message_id in places]
    kept = set(wanted[:CITED_LIMIT])
    excerpts = _group_rows(_near_rows(placed, kept))
    return {
        "excerpts": excerpts,
        "sources": _group_excerpts(excerpts),
        "places": places,
        "printed": kept,
        "cap": cap(wanted[:CITED_LIMIT], total=len(wanted), where="tables/messages.parquet"),
    }


def find_near(tables: Tables, *, cited: Iterable[int]) -> pl.Series:
    """Return the cited messages and, on each side of them in their export, one neighbour more than are printed.

    By the one more, two stretches with something between them stay apart.
    """
    listed = order_messages(tables)
    at = listed["message_id"].is_in(pl.Series(sorted(set(cited)), dtype=pl.Int64).implode()).arg_true()
    offsets = range(-NEIGHBOURS - 1, NEIGHBOURS + 2)
    near = pl.concat([(at.cast(pl.Int64) + offset) for offset in offsets]).unique()
    return listed["message_id"].gather(near.filter(near.is_between(0, listed.height - 1)))


def _group_excerpts(excerpts: list[Row]) -> list[Row]:
    """Return the excerpts by export, with the number of messages cited from each."""
    return [
        {
            "source": source,
            "chat": group[0]["chat"],
            "excerpts": group,
            "n": sum(row["is_cited"] for each in group for row in each["rows"]),
        }
        for source, group in ((key, list(part)) for key, part in groupby(excerpts, key=lambda each: each["source"]))
    ]


def _near_rows(placed: pl.DataFrame, kept: set[int]) -> pl.DataFrame:
    """Return the kept messages and their neighbours, numbered by the stretch of the export they stand in."""
    is_cited = pl.col("message_id").is_in(list(kept))
    offsets = range(-NEIGHBOURS, NEIGHBOURS + 1)
    near = pl.any_horizontal(pl.col("is_cited").shift(k, fill_value=False).over("source_id") for k in offsets)
    ordered = placed.sort("place", "source_id", "byte_start", "message_id", nulls_last=True)
    rows = ordered.with_columns(is_cited=is_cited).with_columns(is_near=near).with_row_index("position")
    rows = rows.filter("is_near")
    starts = (pl.col("position").diff() != 1) | (pl.col("source_id") != pl.col("source_id").shift(1))
    return rows.with_columns(stretch=starts.fill_null(True).cum_sum(), when=print_times("sent_local"))


def _group_rows(rows: pl.DataFrame) -> list[Row]:
    """Return one excerpt for each stretch."""
    stretches = rows.partition_by("stretch", maintain_order=True) if rows.height else []
    return [
        {"source": part["source"][0], "chat": part["chat"][0], "rows": [_view_row(row) for row in part.to_dicts()]}
        for part in stretches
    ]


def _view_row(row: Row) -> Row:
    """Return one message as the appendix shows it."""
    limit = CITED_CHARACTERS if row["is_cited"] else CONTEXT_CHARACTERS
    text, left_out = clip_text(str(row["text"]) if row["text"] is not None else "", limit=limit)
    keys = ("message_id", "is_cited", "line", "byte_start", "byte_end", "when", "sender_label", "kind", "attachment")
    return {key: row[key] for key in keys} | {"text": text, "left_out": left_out, "edited": bool(row["edited"])}
