"""Who sent which family when, in bursts, and what they could have read of it: the ground of the null model.

A *sender* is one person in one family that at least two people sent. A *burst* is that person's sending of it without a
gap longer than the window: one decision, however many chats it went to. A *reading* is a share by somebody else in a
chat of which the sender was a member then: a moment from which they could have known the text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from chatforensics.schema import Memberships, Shares

SENDER = ["family_id", "person_id"]
PORTION = 2_000_000  # moments that are looked at together


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
    said = _list_moments(sent)
    asked = senders.select("sender", *SENDER).join(stays, on="person_id")
    many = said.group_by("family_id", "chat_id").agg(n=pl.len().cast(pl.Int64))
    asked = asked.join(many, on=["family_id", "chat_id"]).sort("sender")
    readings = [pl.DataFrame(schema={"sender": pl.Int64, "at": pl.Int64})]
    for part in _cut(asked):
        met = part.lazy().join(said.lazy(), on=["family_id", "chat_id"]).filter(_can_read())
        ordered = met.select("sender", "at").sort("sender", "at").with_columns(again=_is_again())
        readings.append(ordered.filter(~pl.col("again")).drop("again").collect())
    return pl.concat(readings)


def _list_moments(sent: pl.DataFrame) -> pl.DataFrame:
    """Return when each family was sent into each chat, no moment twice: `at`, and by whom (null if by several)."""
    one = pl.col("person_id").min() == pl.col("person_id").max()
    by = pl.when(one).then(pl.col("person_id").first())
    return sent.group_by("family_id", "chat_id", "at").agg(by=by)


def _can_read() -> pl.Expr:
    """Say whether somebody was in the chat at that moment, and somebody else sent it."""
    there = (pl.col("at") >= pl.col("from_s").fill_null(0)) & (pl.col("at") < pl.col("to_s").fill_null(2**62))
    return there & (pl.col("by") != pl.col("person_id")).fill_null(value=True)


def _is_again() -> pl.Expr:
    """Say of ordered readings whether the one before is the same."""
    same = [pl.col(name) == pl.col(name).shift(1) for name in ("sender", "at")]
    return pl.all_horizontal(same).fill_null(value=False)


def _cut(asked: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the stays of some senders at a time, by sender: about `PORTION` moments, unless one sender has more."""
    of_sender = asked.group_by("sender", maintain_order=True).agg(pl.col("n").sum(), stays=pl.len().cast(pl.Int64))
    cuts = np.flatnonzero(np.diff(of_sender["n"].cum_sum().to_numpy() // PORTION)) + 1
    ends = np.append(0, np.cumsum(of_sender["stays"].to_numpy()))[[0, *cuts.tolist(), of_sender.height]]
    return (asked[start:end] for start, end in pairwise(ends.tolist()))
