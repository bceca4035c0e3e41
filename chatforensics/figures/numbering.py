"""Under which number each text stands, in the report and in every figure, and how figures write it."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import polars as pl

from chatforensics.figures.facts import Tables, scan_table, table_of
from chatforensics.schema import SLATE_LABEL

Numbers = Mapping[str, int]
NO_NUMBERS: Numbers = MappingProxyType({})
_LONGEST_ID = 32
_LONGEST_ALONE = 16
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def instruct(labels: pl.DataFrame) -> pl.DataFrame:
    """Return the messages whose slate label is flagged or to be reviewed, with that decision."""
    chosen = pl.col("label").eq(SLATE_LABEL) & pl.col("decision").is_in(["flag", "review"])
    kept = labels.filter(chosen).sort("message_id", "decision").unique("message_id", keep="first", maintain_order=True)
    return kept.select("message_id", "decision", "probability")


def list_instructing(tables: Tables) -> pl.DataFrame:
    """Return the messages that are flagged or to be reviewed, and all others of their families: `message_id`."""
    told = instruct(table_of(tables, "labels")).select("message_id")
    families = table_of(tables, "families").select("message_id", "family_id")
    own = families.join(told, on="message_id", how="semi").select("family_id")
    return pl.concat([told, families.join(own, on="family_id", how="semi").select("message_id")]).unique()


def find_members(tables: Tables, messages: pl.DataFrame) -> pl.DataFrame:
    """Return the instructing messages and their family members: text_id, wording, decision and place of each.

    `messages` have `one`, the id that all copies of a message share.
    """
    families = table_of(tables, "families").select("message_id", "family_id", "variant_id", "tracked")
    all_members = messages.join(families, on="message_id", how="left").join(
        instruct(table_of(tables, "labels")), on="message_id", how="left"
    )
    own = pl.format("message {}", pl.col("one"))
    members = all_members.with_columns(text_id=pl.coalesce("family_id", own), wording=pl.coalesce("variant_id", own))
    # Labels are shown on each message of a group; families know which bubbles of it hold the words ("ok" does not).
    instructing = members.filter(pl.col("decision").is_not_null() & pl.col("tracked").fill_null(value=True))
    return members.filter(pl.col("text_id").is_in(instructing["text_id"].unique().to_list()))


def order_texts(members: pl.DataFrame, slates: pl.DataFrame) -> list[str]:
    """Return the text ids: flagged before unsure, then those that name somebody, then as often flagged, sent, by time.

    Small talk that hundreds sent has a flagged message now and then: what is flagged counts before what is sent.
    """
    ordered = (
        members.group_by("text_id")
        .agg(
            is_flagged=pl.col("decision").eq("flag").any(),
            names=pl.col("message_id").is_in(slates["message_id"].unique().implode()).any(),
            n_flagged=pl.col("decision").eq("flag").sum(),
            n_told=pl.col("decision").is_not_null().sum(),
            n=pl.col("one").n_unique(),
            first=pl.col("sent_at").min(),
        )
        .sort(
            "is_flagged", "names", "n_flagged", "n_told", "n", "first", "text_id",
            descending=[True] * 5 + [False] * 2, nulls_last=True,
        )
    )  # fmt: skip
    return ordered["text_id"].to_list()


def number_all(texts: Sequence[str], tables: Tables) -> dict[str, int]:
    """Return the number of each text: the given ones in their order, then the others followed, most shared first."""
    shared = table_of(tables, "shares").group_by("family_id").agg(n_shares=pl.len())
    tracked = table_of(tables, "families").filter("tracked").group_by("family_id").len()
    tracked = tracked.join(shared, on="family_id", how="left")
    others = tracked.sort("n_shares", "family_id", descending=[True, False], nulls_last=True)["family_id"].to_list()
    return {text: place for place, text in enumerate(dict.fromkeys([*texts, *others]), 1)}


def number_texts(tables: Tables) -> dict[str, int]:
    """Return the number of each text by family: those that tell how to vote, or may, then the others followed.

    The order comes from counting; it does not show which text weighs more.
    """
    one = pl.coalesce("canonical_id", "message_id").alias("one")
    messages = scan_table(tables, "messages").select("message_id", "sent_at", one)
    copies = messages.join(list_instructing(tables).lazy(), on="message_id", how="semi").select("one")
    members = find_members(tables, messages.join(copies, on="one", how="semi").collect())
    return number_all(order_texts(members, table_of(tables, "slates")), tables)


def safe_stem(family: str) -> str:
    """Return the family's id as a file may be named; ids that only differ in unsafe letters stay apart."""
    safe = _UNSAFE.sub("_", family)
    return safe if safe == family else f"{safe}-{hashlib.sha256(family.encode()).hexdigest()[:8]}"


def name_text(family: str, numbers: Numbers) -> str:
    """Return a text as a title writes it: its number in the report, and its family's id in the tables."""
    named = f"family {safe_stem(family)[:_LONGEST_ID]}"
    return f"text {numbers[family]} ({named})" if family in numbers else named


def number_text(family: str, numbers: Numbers) -> str:
    """Return a text as a legend writes it: its number in the report, else the family's id."""
    return f"text {numbers[family]}" if family in numbers else safe_stem(family)[:_LONGEST_ALONE]
