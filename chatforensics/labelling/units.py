"""Message groups as texts, and places in those texts back in the messages.

The unit of labelling is the codebook's message group: the texts of its canonical messages in order, joined by line
breaks. Copies of a message in several exports count once; where the copies differ in words, each export's own reading
is labelled, so that words present in one copy alone are not passed over. A place is carried back only where a message
really holds the same words there.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

import polars as pl

from chatforensics.schema import Messages, check

Found = TypeVar("Found")


class Place(NamedTuple):
    """Where a message's text stands in its group's text: `offset` code points from the start."""

    message_id: int
    text: str
    offset: int
    canonical_text: str


def gather_units(messages: Messages) -> pl.DataFrame:
    """Return one row per message with a text: `message_id`, `text`, `unit_text`, `canonical_text`, `offset`.

    Notices of the platform are left out. Rows are sorted by `message_id`; the order of the input changes nothing.
    """
    frame = check(messages, table="messages").filter(pl.col("kind") != "system", pl.col("text").is_not_null())
    canonical = pl.coalesce("canonical_id", "message_id")
    keyed = _split_readings(
        frame.select(
            "message_id",
            "source_id",
            "text",
            canonical.alias("canonical_id"),
            pl.coalesce("group_id", pl.format("alone {}", canonical)).alias("unit"),
            pl.col("sent_at", "line"),
        )
    )
    first = keyed.sort("message_id").unique(["unit", "canonical_id"], keep="first", maintain_order=True)
    ordered = first.sort("unit", "sent_at", "line", "message_id", nulls_last=False)
    length = pl.col("text").str.len_chars() + 1
    parts = ordered.select(
        "unit",
        "canonical_id",
        pl.col("text").alias("canonical_text"),
        (length.cum_sum().over("unit") - length).alias("offset"),
        pl.col("text").str.join("\n").over("unit").alias("unit_text"),
    )
    columns = ("message_id", "text", "unit_text", "canonical_text", "offset")
    return keyed.join(parts, on=["unit", "canonical_id"]).select(columns).sort("message_id")


def _split_readings(keyed: pl.DataFrame) -> pl.DataFrame:
    """Make a unit per export of each group in which copies of a message differ in words."""
    differs = pl.col("text").n_unique().over("canonical_id") > 1
    split = pl.when(differs.any().over("unit")).then(pl.format("{} in {}", "unit", pl.col("source_id").fill_null("")))
    return keyed.with_columns(unit=split.otherwise("unit"))


def distinct_texts(units: pl.DataFrame) -> list[str]:
    """Return each group's text once, sorted."""
    return units["unit_text"].unique().sort().to_list()


def places(units: pl.DataFrame) -> Iterator[tuple[str, Place]]:
    """Yield each message's group text and its place in it."""
    for message_id, text, unit_text, canonical_text, offset in units.iter_rows():
        yield unit_text, Place(message_id, text, int(offset), canonical_text)


def carry_back(spans: Sequence[Mapping[str, Found]], *, place: Place) -> list[dict[str, Found | int]]:
    """Return the spans of the group's text that lie in one message, counted from the start of its own text."""
    carried: list[dict[str, Found | int]] = []
    for span in spans:
        start, end = int(str(span["start"])) - place.offset, int(str(span["end"])) - place.offset
        inside = 0 <= start < end <= len(place.canonical_text)
        if inside and place.text[start:end] == place.canonical_text[start:end]:
            carried.append({**span, "start": start, "end": end})
    return carried
