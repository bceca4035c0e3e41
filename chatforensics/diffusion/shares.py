"""Shares: one person sending one tracked family into one chat at one time."""

import hashlib

import polars as pl

from chatforensics.schema import AnyMessages, Families, Shares, check

ONE_TIME_S = 600
WHO_WHAT_WHERE = ["person_id", "family_id", "chat_id"]


def build_shares(messages: AnyMessages, families: Families) -> Shares:
    """Count each sending of a tracked text once, however many exports show it.

    Messages of one person, family and chat follow each other into one share while no gap exceeds ten minutes; copies of
    one message in several exports are one message. A share shows that the text was sent, not who wrote it first.
    Messages without a known person, chat or time are left out.

    Args:
        messages: With `sent_at`, `person_id`, `chat_id` and, where exports were joined, `canonical_id`.
        families: Only rows with `tracked` count.

    Returns:
        One row per share in order of time: `sent_at`, `variant_id` and `similarity` are those of its first message,
        `message_ids` lists the messages behind it, all copies included, and `source_ids` the exports that show them.
    """
    copies = (
        messages.lazy()
        .select("message_id", "source_id", "canonical_id", "chat_id", "person_id", "sent_at")
        .join(families.lazy().filter("tracked").drop("tracked"), on="message_id")
        .collect()
        .drop_nulls(["chat_id", "person_id", "sent_at"])
        .with_columns(pl.col("canonical_id").fill_null(pl.col("message_id")))
    )
    shares = (
        _one_per_message(copies)
        .sort(*WHO_WHAT_WHERE, "sent_at", "canonical_id")
        .with_columns(share=_new_share().cum_sum())
        .group_by("share", maintain_order=True)
        .agg(
            pl.col(*WHO_WHAT_WHERE, "variant_id", "sent_at", "similarity").first(),
            pl.col("message_ids").explode().sort(),
            pl.col("source_ids").explode().unique().sort(),
        )
    )
    named = shares.with_columns(share_id=_share_ids(shares)).drop("share")
    return Shares(check(named, table="shares").sort("sent_at", "share_id"))


def _one_per_message(copies: pl.DataFrame) -> pl.DataFrame:
    """Return one row per message: its first copy's person, chat and family, the latest of the copies' times.

    Phones cut times down to their step, never up, so that the latest of several printed times is the closest.
    """
    return (
        copies.sort("canonical_id", "message_id")
        .group_by("canonical_id", maintain_order=True)
        .agg(
            pl.col(*WHO_WHAT_WHERE, "variant_id", "similarity").first(),
            pl.col("sent_at").max(),
            pl.col("message_id").alias("message_ids"),
            pl.col("source_id").alias("source_ids"),
        )
    )


def _new_share() -> pl.Expr:
    """Say of messages in order where a new share begins: with each person, family and chat, and after a gap."""
    gap = pl.col("sent_at").diff() > pl.duration(seconds=ONE_TIME_S)
    other = [pl.col(name) != pl.col(name).shift(1) for name in WHO_WHAT_WHERE]
    return pl.any_horizontal(gap, *other).fill_null(value=True)


def _share_ids(shares: pl.DataFrame) -> pl.Series:
    """Return an id per share from who sent what where and when, so that other shares do not change it."""
    moment = pl.col("sent_at").dt.timestamp("us").cast(pl.String)
    keys = shares.select(pl.concat_str(*WHO_WHAT_WHERE, moment, separator="\x1f")).to_series()
    return pl.Series([hashlib.sha256(key.encode()).hexdigest()[:16] for key in keys], dtype=pl.String)
