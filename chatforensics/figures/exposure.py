"""Who could read a text, and when first: members of the chats into which it was sent."""

import polars as pl

from chatforensics.figures.facts import Tables, table_of
from chatforensics.schema import is_within_stay


def first_exposures(tables: Tables, families: list[str]) -> pl.DataFrame:
    """Return when each person first could read each family, or sent it: one row per family and person.

    A member could read what was sent during their stay; whether they did, the exports do not show, and members whom no
    export names are missing. Columns: `family_id, person_id, at, share_id` (the share behind it), `sender_id` (of that
    share; the person themselves where their own share came first), `shown_at` (the same, counting a stay only from its
    notice or from the first time that they were seen there; null: never).
    """
    shares = table_of(tables, "shares").filter(pl.col("family_id").is_in(families)).drop_nulls(["sent_at", "chat_id"])
    shares = shares.select("family_id", "chat_id", "share_id", "sent_at", sender_id="person_id")
    own = shares.drop_nulls("sender_id").select(
        "family_id", "share_id", "sender_id", person_id="sender_id", at="sent_at", shown_at="sent_at"
    )
    chats = shares.select("family_id", "chat_id").unique()
    stays = table_of(tables, "memberships").join(chats, on="chat_id").drop_nulls("person_id")
    # A null first_seen_at stays null here: nobody has seen them there, at any time.
    noticed = pl.when(pl.col("first_seen_at").is_not_null()).then(pl.max_horizontal("from_at", "first_seen_at"))
    began = [
        pl.col("from_at").fill_null(shares["sent_at"].min()),
        pl.when(pl.col("basis") == "event").then("from_at").otherwise(noticed).alias("seen_from"),
    ]
    met = _met(stays.with_columns(began), shares, since="from_at").rename({"sent_at": "at"})
    seen = _met(stays.with_columns(began).drop_nulls("seen_from"), shares, since="seen_from")
    shown = seen.group_by("family_id", "person_id").agg(shown_at=pl.col("sent_at").min())
    columns = ["family_id", "person_id", "at", "share_id", "sender_id"]
    reached = pl.concat([own.select(*columns, rank=pl.lit(0)), met.select(*columns, rank=pl.lit(1))])
    first = reached.sort("family_id", "person_id", "at", "rank", "share_id").unique(
        ["family_id", "person_id"], keep="first", maintain_order=True
    )
    sure = pl.concat([own.select("family_id", "person_id", "shown_at"), shown])
    sure = sure.group_by("family_id", "person_id").agg(pl.col("shown_at").min())
    return first.drop("rank").join(sure, on=["family_id", "person_id"], how="left", maintain_order="left")


def _met(stays: pl.DataFrame, shares: pl.DataFrame, *, since: str) -> pl.DataFrame:
    """Return the first share of each family into the chat during each stay from the column `since` on."""
    keys = ["chat_id", "family_id"]
    found = stays.sort(since).join_asof(
        shares.sort("sent_at", "share_id"),
        left_on=since,
        right_on="sent_at",
        by=keys,
        strategy="forward",
        check_sortedness=False,
    )
    inside = (pl.col("sent_at") < pl.col("to_at")).fill_null(value=True) & pl.col("sent_at").is_not_null()
    return found.filter(inside)


def readers_of(tables: Tables, shares: pl.DataFrame, people: list[str]) -> pl.DataFrame:
    """Return who of some people could read each of some shares by others: `share_id, sender_id, sent_at, person_id`."""
    stays = table_of(tables, "memberships").filter(pl.col("person_id").is_in(people))
    sent = shares.select("share_id", "chat_id", "sent_at", sender_id="person_id")
    met = sent.join(stays.select("chat_id", "person_id", "from_at", "to_at"), on="chat_id")
    there = is_within_stay(pl.col("sent_at"))
    kept = met.filter(there & (pl.col("person_id") != pl.col("sender_id")))
    return (
        kept.select("share_id", "sender_id", "sent_at", "person_id").unique().sort("sent_at", "share_id", "person_id")
    )
