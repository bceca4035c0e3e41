"""Which messages are in which family, and which families are tracked."""

from collections.abc import Sequence

import polars as pl

from chatforensics.families.bubbles import JOINED, mark_own_texts
from chatforensics.families.similar import THRESHOLD, find_families
from chatforensics.schema import SLATE_LABEL, AnyMessages, Families, Labels, check, empty

TEXT_KINDS = ("text", "media", "poll", "view_once")
TRACKED_CHARACTERS = 80
SPREAD = 2
TELLING = (SLATE_LABEL, "endorse", "oppose")


def build_families(
    messages: AnyMessages, labels: Labels, *, track: frozenset[str] = frozenset(), threshold: float = THRESHOLD
) -> Families:
    """Find the near-duplicate families among the messages, and say which are tracked.

    A text is a message group where `group_id` is known, so that one text sent in several bubbles is one text; but a
    bubble that travels without the others of its group is a text of its own (see `bubbles`), and so is the rest.
    Copies of a message in several exports count once.

    Args:
        messages: With `text`, and where joined `person_id`, `chat_id`, `canonical_id`, `group_id`.
        labels: A family with a label decided `flag` or `review` is tracked. Labels are those of the whole group: where
            a group falls into several texts, they count for the bubbles that hold the words behind them.
        track: Ids of further families to track.
        threshold: Least similarity between a text and its family's leader (see `find_families`).

    Returns:
        One row per message whose text is in a family of two or more, or which carries such a label.
    """
    return build_families_at(messages, labels, thresholds=[threshold], track=track)[threshold]


def build_families_at(
    messages: AnyMessages, labels: Labels, *, thresholds: Sequence[float], track: frozenset[str] = frozenset()
) -> dict[float, Families]:
    """Find the families of `build_families` at each of several thresholds of similarity.

    Which bubbles are texts of their own is decided once, at the usual threshold.
    """
    bubbles = _list_bubbles(messages, labels)
    if bubbles.is_empty():
        return {threshold: Families(empty("families")) for threshold in thresholds}
    units = _unit_texts(bubbles)
    return {threshold: _group_units(units, track=track, threshold=threshold) for threshold in thresholds}


def _group_units(units: pl.DataFrame, *, track: frozenset[str], threshold: float) -> Families:
    texts = units.select("text").unique().sort("text").with_columns(id=pl.col("text"))
    found = find_families(texts, threshold=threshold)
    rows = units.join(found, left_on="text", right_on="id").drop_nulls("family_id")
    family = _family_facts(rows, track=track)
    kept = rows.join(family, on="family_id").filter((pl.col("n") > 1) | pl.col("marked"))
    table = kept.explode("message_ids").rename({"message_ids": "message_id"})
    table = table.with_columns(pl.col("similarity").cast(pl.Float32)).sort("message_id")
    return Families(check(table.select(empty("families").columns), table="families"))


def _list_bubbles(messages: AnyMessages, labels: Labels) -> pl.DataFrame:
    """Return the messages with a text in the order in which they were sent, with their unit and whether one is marked.

    `unit` is the message group, or the message where it is a text of its own. Exports, chats, people, senders and units
    are numbers in the order of their ids: as words they would take several times the memory.
    """
    bubble = pl.coalesce("canonical_id", "message_id")
    said = (
        messages.lazy()
        .filter(pl.col("kind").is_in(TEXT_KINDS) & pl.col("text").is_not_null())
        .select(
            *("message_id", "byte_start", "text"),
            pl.col("source_id", "chat_id", "person_id").rank("dense"),
            bubble=bubble,
            unit=pl.coalesce("group_id", bubble.cast(pl.String)).rank("dense"),
            sender=pl.coalesce("person_id", "sender_label").rank("dense"),
        )
        .collect()
        .sort("source_id", "byte_start", "message_id")
        .drop("byte_start")
    )
    own = mark_own_texts(said.select("source_id", "unit", "bubble", "text", "sender"))
    marked = _mark_bubbles(said.with_columns(own=own), labels)
    # Bubbles that are texts of their own get numbers that no unit has.
    alone = pl.struct("unit", "bubble").rank("dense") + pl.col("unit").max()
    return said.with_columns(marked=marked, unit=pl.when(pl.Series(own)).then(alone).otherwise("unit"))


def _mark_bubbles(said: pl.DataFrame, labels: Labels) -> pl.Series:
    """Say which bubbles a label decided `flag` or `review` speaks of; a label is that of a whole group.

    Where a group falls into several texts, these are the bubbles with the words that tell how to vote; where there are
    none, those with the words behind any label; and else the longest.
    """
    decided = labels.filter(pl.col("decision").is_in(["flag", "review"]))
    worded = decided.filter(pl.col("spans").list.len() > 0)
    telling = worded.filter(pl.col("label").is_in(TELLING))
    marked, has_words, tells = (
        pl.col("message_id").is_in(some["message_id"].unique().implode()) for some in (decided, worded, telling)
    )
    facts = said.with_row_index("row").with_columns(marked=marked, has_words=has_words, tells=tells)
    # Few groups are marked at all: only these are looked at further.
    some = facts.join(facts.filter("marked").select("unit").unique(), on="unit", how="semi")
    some = some.select("row", "unit", "own", "marked", "has_words", "tells", length=pl.col("text").str.len_chars())
    whole = some.group_by("unit").agg(pl.col("own", "tells", "has_words").any(), pl.col("length").max())
    meant = (
        pl.when(~pl.col("own_any"))
        .then(pl.lit(value=True))
        .when("tells_any")
        .then("tells")
        .when("has_words_any")
        .then("has_words")
        .otherwise(pl.col("length") == pl.col("length_any"))
    )
    chosen = some.join(whole, on="unit", suffix="_any").filter(pl.col("marked") & meant)["row"]
    return facts.select(marked=pl.col("row").is_in(chosen.implode()))["marked"]


def _unit_texts(bubbles: pl.DataFrame) -> pl.DataFrame:
    """Return one row per text of one export: its words, messages, chat and person.

    Copies in other exports share `unit`, or at least the first message's canonical id.
    """
    units = bubbles.group_by("source_id", "unit", maintain_order=True).agg(
        JOINED,
        longest=pl.col("text").str.len_chars().max(),
        message_ids=pl.col("message_id"),
        canonical_id=pl.col("bubble").first(),
        chat_id=pl.col("chat_id").first(),
        person_id=pl.col("person_id").first(),
        marked=pl.col("marked").any(),
    )
    return _complete_texts(units, bubbles)


def _complete_texts(units: pl.DataFrame, bubbles: pl.DataFrame) -> pl.DataFrame:
    """Give a text of which an export lacks bubbles (deleted on that phone) the words of the export with the most.

    Only where all that the export does hold is there word for word: what two exports show differently stays different.
    """
    several = units.filter(pl.col("text").n_unique().over("unit") > 1).select("unit").unique()
    held = bubbles.join(several, on="unit", how="semi").select("source_id", "unit", "bubble", "text").unique()
    counts = held.group_by("source_id", "unit").len("n")
    fullest = counts.sort("unit", "n", "source_id", descending=[False, True, False]).unique("unit", maintain_order=True)
    most = fullest.drop("n")
    there = held.join(held.join(most, on=["source_id", "unit"]), on=["unit", "bubble", "text"], how="semi")
    covered = there.group_by("source_id", "unit").len("n").join(counts, on=["source_id", "unit", "n"], how="semi")
    whole = units.join(most, on=["source_id", "unit"]).select("unit", whole="text")
    words = covered.join(whole, on="unit").select("source_id", "unit", "whole")
    joined = units.join(words, on=["source_id", "unit"], how="left", maintain_order="left")
    return joined.with_columns(text=pl.coalesce("whole", "text")).drop("whole")


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
