"""Edges: from each sender to everybody who was in the chat at that time."""

import polars as pl

from chatforensics.schema import Edges, Memberships, Shares, check


def build_edges(shares: Shares, memberships: Memberships) -> Edges:
    """Say who sent each tracked family to whom: the recipients are the members of the chat at that time.

    A recipient could read the text; whether they did, the exports do not show. Members whom no export names are
    missing. A stay begins at `from_at` and ends before `to_at`; an open end is a null.

    Returns:
        One row per sender, recipient and family, with `n_shares` and the times of the first and the last of them (UTC).
    """
    edges = (
        list_exposures(shares, memberships)
        .group_by("sender_id", "recipient_id", "family_id")
        .agg(
            n_shares=pl.len().cast(pl.Int64),
            first_at=pl.col("sent_at").min(),
            last_at=pl.col("sent_at").max(),
        )
        .sort("sender_id", "recipient_id", "family_id")
    )
    return Edges(check(edges, table="edges"))


def list_exposures(shares: Shares, memberships: Memberships) -> pl.DataFrame:
    """Return one row per share and person who could read it: `share_id`, `family_id`, `sent_at`, both people's ids."""
    sent = pl.col("sent_at")
    there = (sent >= pl.col("from_at")).fill_null(value=True) & (sent < pl.col("to_at")).fill_null(value=True)
    return (
        shares.lazy()
        .select("share_id", "family_id", "chat_id", "sent_at", sender_id="person_id")
        .join(memberships.lazy().rename({"person_id": "recipient_id"}), on="chat_id")
        .filter(there & (pl.col("recipient_id") != pl.col("sender_id")))
        .select("share_id", "family_id", "chat_id", "sent_at", "sender_id", "recipient_id")
        .unique()
        .collect()
    )
