"""Message groups as texts, and places in those texts back in the messages.

The unit of labelling is the codebook's message group: the texts of its canonical messages in order, joined by line
breaks. Copies of a message in several exports count once; where the copies differ in words, each export's own reading
is labelled, so that words present in one copy alone are not passed over. A place is carried back only where a message
really holds the same words there. Words read in a message's picture follow its own, behind a line break; places in them
are places in no message.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

import polars as pl

from chatforensics.schema import AnyMessages, Messages, Pictures, check

Found = TypeVar("Found")

PORTION = 1_500_000  # messages whose words are held at once, unless one chat has more


class Place(NamedTuple):
    """Where a message's text stands in its group's text: `offset` code points from the start.

    `picture_at` is where the words of its picture begin, `picture_end` where they end; both are the same without any.
    """

    message_id: int
    text: str
    offset: int
    canonical_text: str
    picture_at: int
    picture_end: int


def gather_units(messages: AnyMessages, pictures: Pictures | None = None) -> pl.DataFrame:
    """Return one row per message with words: `message_id`, `text`, `unit_text`, `canonical_text`, `offset`.

    Notices of the platform are left out. Words are a message's own, or those read in its picture: `picture_at` and
    `picture_end` say where these stand in `unit_text`. Rows are sorted by `message_id`; the order of the input changes
    nothing.
    """
    needed = ("message_id", "source_id", "text", "canonical_id", "group_id", "sent_at", "line")
    written = check(messages.lazy(), table="messages").filter(pl.col("kind") != "system")
    frame = written.select(needed).collect()
    frame = frame.join(picture_texts(messages, pictures), on="message_id", how="left")
    has_words = pl.col("text").is_not_null() | pl.col("picture_text").is_not_null()
    canonical = pl.coalesce("canonical_id", "message_id")
    keyed = _split_readings(
        frame.filter(has_words).select(
            "message_id",
            "source_id",
            pl.col("text").fill_null(""),
            pl.col("picture_text").fill_null(""),
            canonical.alias("canonical_id"),
            pl.coalesce("group_id", pl.format("alone {}", canonical)).alias("unit"),
            pl.col("sent_at", "line"),
        )
    )
    first = keyed.sort("message_id").unique(["unit", "canonical_id"], keep="first", maintain_order=True)
    ordered = first.sort("unit", "sent_at", "line", "message_id", nulls_last=False)
    parted = pl.when((pl.col("text") != "") & (pl.col("picture_text") != "")).then(pl.lit("\n")).otherwise(pl.lit(""))
    ordered = ordered.with_columns(words=pl.concat_str("text", parted, "picture_text"))
    length = pl.col("words").str.len_chars() + 1
    end = length.cum_sum().over("unit") - 1
    parts = ordered.select(
        "unit",
        "canonical_id",
        pl.col("text").alias("canonical_text"),
        (end + 1 - length).alias("offset"),
        (end - pl.col("picture_text").str.len_chars()).alias("picture_at"),
        end.alias("picture_end"),
        pl.col("words").str.join("\n").over("unit").alias("unit_text"),
    )
    columns = ("message_id", "text", "unit_text", "canonical_text", "offset", "picture_at", "picture_end")
    return keyed.join(parts, on=["unit", "canonical_id"]).select(columns).sort("message_id")


def part_by_chats(messages: AnyMessages) -> list[pl.LazyFrame]:
    """Return the messages in portions; all of a chat, and so of a unit, are in the same."""
    scanned, chat = check(messages.lazy(), table="messages"), pl.col("chat_id").fill_null("")
    counted = scanned.group_by(chat=chat).len().sort("chat").collect()
    portions = counted.group_by(portion=pl.col("len").cum_sum() // PORTION, maintain_order=True).agg("chat")
    if portions.height < 2:  # noqa: PLR2004 - one is no portion
        return [scanned]
    return [scanned.filter(chat.is_in(chats.to_list())) for chats in portions["chat"]]


def keep_units_of(messages: AnyMessages, chosen: pl.DataFrame) -> Messages:
    """Return the messages that have a part in the units of those chosen, copies of these among them.

    Args:
        messages: all messages.
        chosen: `message_id` of some of them.
    """
    one = pl.coalesce("canonical_id", "message_id")
    unit = pl.coalesce("group_id", pl.format("alone {}", one))
    kept = []
    for part in part_by_chats(messages):
        keyed = part.select("message_id", one=one, unit=unit).collect()
        units = keyed.join(chosen, on="message_id", how="semi")["unit"].unique()
        canonical = keyed.filter(pl.col("unit").is_in(units.implode()))["one"].unique()
        kept.append(part.filter(one.is_in(canonical.to_list())).collect())
    return Messages(pl.concat(kept))


def picture_texts(messages: AnyMessages, pictures: Pictures | None) -> pl.DataFrame:
    """Return the words read in the picture of each message that has some: `message_id`, `picture_text`.

    A copy in an export without its picture has the words that were read in another copy's.
    """
    own = {"message_id": pl.Int64, "picture_text": pl.String}
    if pictures is None or pictures.is_empty():
        return pl.DataFrame(schema=own)
    read = pictures.filter(pl.col("text").is_not_null()).select("message_id", picture_text="text")
    read = read.sort("message_id", "picture_text").unique("message_id", keep="first", maintain_order=True)
    copies = messages.lazy().select("message_id", one=pl.coalesce("canonical_id", "message_id")).collect()
    known = copies.join(read, on="message_id").sort("message_id").group_by("one", maintain_order=True)
    other = known.agg(other=pl.col("picture_text").first())
    told = copies.join(read, on="message_id", how="left").join(other, on="one")
    return told.select("message_id", picture_text=pl.coalesce("picture_text", "other"))


def _split_readings(keyed: pl.DataFrame) -> pl.DataFrame:
    """Make a unit per export of each group in which copies of a message differ in words."""
    copies = keyed.filter(pl.col("canonical_id").is_duplicated())
    counted = copies.group_by("canonical_id").agg(n=pl.struct("text", "picture_text").n_unique())
    differing = copies.join(counted.filter(pl.col("n") > 1), on="canonical_id", how="semi")["unit"].unique()
    if differing.is_empty():
        return keyed
    differs = pl.col("unit").is_in(differing.implode())
    split = pl.when(differs).then(pl.format("{} in {}", "unit", pl.col("source_id").fill_null("")))
    return keyed.with_columns(unit=split.otherwise("unit"))


def distinct_texts(units: pl.DataFrame) -> list[str]:
    """Return each group's text once, sorted."""
    return units["unit_text"].unique().sort().to_list()


def places(units: pl.DataFrame) -> Iterator[tuple[str, Place]]:
    """Yield each message's group text and its place in it."""
    columns = ("unit_text", "message_id", "text", "offset", "canonical_text", "picture_at", "picture_end")
    for unit_text, message_id, text, offset, canonical_text, at, end in units.select(columns).iter_rows():
        yield unit_text, Place(message_id, text, int(offset), canonical_text, int(at), int(end))


def carry_back(spans: Sequence[Mapping[str, Found]], *, place: Place) -> list[dict[str, Found | int]]:
    """Return the spans of the group's text that lie in one message, counted from the start of its own text."""
    carried: list[dict[str, Found | int]] = []
    for span in spans:
        start, end = int(str(span["start"])) - place.offset, int(str(span["end"])) - place.offset
        inside = 0 <= start < end <= len(place.canonical_text)
        if inside and place.text[start:end] == place.canonical_text[start:end]:
            carried.append({**span, "start": start, "end": end})
    return carried


def carry_names(names: Sequence[Mapping[str, Found]], *, place: Place) -> list[dict[str, Found | int | None]]:
    """Return the names that stand in one message or in its picture; those of a picture have no place in its text."""
    carried: list[dict[str, Found | int | None]] = [dict(name) for name in carry_back(names, place=place)]
    carried.extend(
        {**name, "start": None, "end": None}
        for name in names
        if place.picture_at <= int(str(name["start"])) < int(str(name["end"])) <= place.picture_end
    )
    return carried
