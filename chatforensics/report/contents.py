"""What else stands in the exports: polls, places that were sent, and calls; listed, not weighed."""

import polars as pl

from chatforensics.report.sightings import Row, Tables, cap

POLL_LIMIT = 20
PLACE_LIMIT = 20
CALL_LIMIT = 30


def view_contents(tables: Tables, *, placed: pl.DataFrame) -> Row:
    """Return polls, places and calls, copies of one message in several exports counted once."""
    polls, n_polls = _list_polls(tables["polls"], placed)
    places, n_places = _list_rows(tables["places"], placed, limit=PLACE_LIMIT)
    calls, n_kinds, n_calls = _count_calls(tables["calls"], placed)
    return {
        "polls": polls,
        "polls_cap": cap(polls, total=n_polls, where="tables/polls.parquet"),
        "places": places,
        "places_cap": cap(places, total=n_places, where="tables/places.parquet"),
        "calls": calls,
        "n_calls": n_calls,
        "calls_cap": cap(calls, total=n_kinds, where="tables/calls.parquet"),
        "cited": [row["message_id"] for row in (*polls, *places)],
    }


def _place(rows: pl.DataFrame, placed: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of one copy of each message, in order of time, with its chat and sender."""
    ids = rows["message_id"].unique().implode()
    first = placed.filter(pl.col("message_id").is_in(ids)).sort("sent_at", "message_id", nulls_last=True)
    first = first.unique("one", keep="first", maintain_order=True).select("message_id", "chat", "sender_label")
    return first.join(rows, on="message_id", maintain_order="left_right")


def _list_rows(rows: pl.DataFrame, placed: pl.DataFrame, *, limit: int) -> tuple[list[Row], int]:
    found = _place(rows, placed)
    return found.head(limit).to_dicts(), found.height


def _list_polls(polls: pl.DataFrame, placed: pl.DataFrame) -> tuple[list[Row], int]:
    """Return the polls, each with its options in their order."""
    found = _place(polls.sort("message_id", "position"), placed)
    each = found.group_by("message_id", maintain_order=True).agg(
        pl.col("chat", "sender_label", "question").first(), options=pl.struct("option", "n_votes")
    )
    return each.head(POLL_LIMIT).to_dicts(), each.height


def _count_calls(calls: pl.DataFrame, placed: pl.DataFrame) -> tuple[list[Row], int, int]:
    """Return how many calls of each outcome stand in each chat, how many such rows there are, and how many calls."""
    found = _place(calls, placed)
    counted = found.group_by("chat", "call", "group_call", "outcome").agg(n=pl.len())
    ordered = counted.sort("chat", "call", "group_call", "outcome", nulls_last=True)
    return ordered.head(CALL_LIMIT).to_dicts(), ordered.height, found.height
