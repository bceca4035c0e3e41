"""Who sent which family when, in bursts, and what they could have read of it: the ground of the null model.

A *sender* is one person in one family that at least two people sent. A *burst* is that person's sending of it without a
gap longer than the window: one decision, however many chats it went to. A *reading* is a share by somebody else in a
chat of which the sender was a member then: a moment from which they could have known the text.
"""

from dataclasses import dataclass

import polars as pl

from chatforensics.schema import Memberships, Shares

SENDER = ["family_id", "person_id"]


@dataclass(frozen=True, slots=True)
class Sendings:
    """Senders, their bursts and their readings, in whole seconds since 1970, each sorted by sender and time.

    `senders`: `sender` (row number), `family_id`, `person_id`, `n_bursts`, `longest_s`. `bursts`: `sender`, `begin`,
    `end`. `readings`: `sender`, `at`, no moment twice.
    """

    senders: pl.DataFrame
    bursts: pl.DataFrame
    readings: pl.DataFrame


def gather_sendings(shares: Shares, memberships: Memberships | None, *, window_s: float) -> Sendings:
    """List who sent each family when, and when they could have read it before.

    What is in no export, a person can have read as well: readings are those that the evidence shows.

    Args:
        shares: All shares; families that one person alone sent are left out.
        memberships: Who was in which chat when; without them nobody could read anything.
        window_s: Longest gap inside a burst.
    """
    moment = pl.col("sent_at").dt.timestamp("us") // 1_000_000
    sent = shares.filter(pl.col("person_id").n_unique().over("family_id") > 1)
    sent = sent.select(*SENDER, "chat_id", at=moment).sort(*SENDER, "at", "chat_id")
    gap = pl.col("at").diff().over(SENDER)
    burst = (gap > window_s).fill_null(value=True).cum_sum().over(SENDER)
    bursts = (
        sent.with_columns(burst=burst)
        .group_by(*SENDER, "burst", maintain_order=True)
        .agg(begin=pl.col("at").min(), end=pl.col("at").max())
    )
    length = pl.col("end") - pl.col("begin")
    senders = (
        bursts.group_by(SENDER, maintain_order=True)
        .agg(n_bursts=pl.len().cast(pl.Int64), longest_s=length.max())
        .with_columns(sender=pl.int_range(pl.len(), dtype=pl.Int64))
    )
    bursts = bursts.join(senders, on=SENDER, maintain_order="left").select("sender", "begin", "end")
    return Sendings(senders, bursts, _list_readings(sent, senders, memberships))


def _list_readings(sent: pl.DataFrame, senders: pl.DataFrame, memberships: Memberships | None) -> pl.DataFrame:
    """Return every moment at which a sender could have read another person's share of the family."""
    if memberships is None:
        return pl.DataFrame(schema={"sender": pl.Int64, "at": pl.Int64})
    stays = memberships.select(
        "person_id",
        "chat_id",
        from_s=pl.col("from_at").dt.timestamp("us") // 1_000_000,
        to_s=pl.col("to_at").dt.timestamp("us") // 1_000_000,
    ).join(sent.select("chat_id").unique(), on="chat_id", how="semi")
    there = (pl.col("at") >= pl.col("from_s").fill_null(0)) & (pl.col("at") < pl.col("to_s").fill_null(2**62))
    return (
        senders.select("sender", *SENDER)
        .join(stays, on="person_id")
        .join(sent.rename({"person_id": "by"}), on=["family_id", "chat_id"])
        .filter(there & (pl.col("by") != pl.col("person_id")))
        .select("sender", "at")
        .unique()
        .sort("sender", "at")
    )
