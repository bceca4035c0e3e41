"""Which messages are in which family, and which families are tracked."""

import polars as pl

from chatforensics.families.similar import find_families
from chatforensics.schema import Families, Labels, Messages, check, empty

TEXT_KINDS = ("text", "media", "poll", "view_once")
TRACKED_CHARACTERS = 80
SPREAD = 2


def build_families(messages: Messages, labels: Labels, *, track: frozenset[str] = frozenset()) -> Families:
    """Find the near-duplicate families among the messages, and say which are tracked.

    The unit is the message group where `group_id` is known, so that one text sent in several bubbles is one text.
    Copies of a message in several exports count once.

    Args:
        messages: With `text`, and where joined `person_id`, `chat_id`, `canonical_id`, `group_id`.
        labels: A family with a label decided `flag` or `review` is tracked.
        track: Ids of further families to track.

    Returns:
        One row per message whose text is in a family of two or more, or which carries such a label.
    """
    units = _unit_texts(messages)
    if units.is_empty():
        return Families(empty("families"))
    texts = units.select("text").unique().sort("text").with_columns(id=pl.col("text"))
    rows = units.join(find_families(texts), left_on="text", right_on="id").drop_nulls("family_id")
    marked = labels.filter(pl.col("decision").is_in(["flag", "review"]))["message_id"].unique()
    rows = rows.with_columns(marked=pl.col("message_ids").list.eval(pl.element().is_in(marked.implode())).list.any())
    family = _family_facts(rows, track=track)
    kept = rows.join(family, on="family_id").filter((pl.col("n") > 1) | pl.col("marked"))
    table = kept.explode("message_ids").rename({"message_ids": "message_id"})
    table = table.with_columns(pl.col("similarity").cast(pl.Float32)).sort("message_id")
    return Families(check(table.select(empty("families").columns), table="families"))


def _unit_texts(messages: Messages) -> pl.DataFrame:
    """Return one row per message group of one export: its text, messages, chat and person.

    Copies in other exports share `unit`, or at least the first message's canonical id.
    """
    unit = pl.coalesce("group_id", pl.coalesce("canonical_id", "message_id").cast(pl.String))
    return (
        messages.filter(pl.col("kind").is_in(TEXT_KINDS) & pl.col("text").is_not_null())
        .with_columns(unit=unit)
        .sort("source_id", "byte_start", "message_id")
        .group_by("source_id", "unit", maintain_order=True)
        .agg(
            text=pl.col("text").str.join("\n"),
            longest=pl.col("text").str.len_chars().max(),
            message_ids=pl.col("message_id"),
            canonical_id=pl.coalesce("canonical_id", "message_id").first(),
            chat_id=pl.col("chat_id").first(),
            person_id=pl.col("person_id").first(),
        )
    )


def _family_facts(rows: pl.DataFrame, *, track: frozenset[str]) -> pl.DataFrame:
    """Return per family how many messages it has, and whether it is tracked."""
    long = pl.col("longest").max() >= TRACKED_CHARACTERS
    people, chats = (pl.col(name).drop_nulls().n_unique() for name in ("person_id", "chat_id"))
    spread = (people >= SPREAD) & (chats >= SPREAD)
    asked = pl.col("family_id").first().is_in(sorted(track))
    return rows.group_by("family_id").agg(
        n=pl.min_horizontal(pl.col("unit", "canonical_id").n_unique()),
        tracked=pl.col("marked").any() | (long & spread) | asked,
    )
