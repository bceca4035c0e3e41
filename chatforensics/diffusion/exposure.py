"""Exposure: who could read a share, who could for the first time, and which chats saw a family most.

Families are taken in portions (see `portions`).
"""

from collections.abc import Iterator

import polars as pl

from chatforensics.diffusion.candidates import merge_stays
from chatforensics.diffusion.portions import cut_portions
from chatforensics.schema import TABLES, Memberships, Shares, empty

PORTION = 1_000_000  # shares times members that are held at once, unless one family has more


def measure_exposure(shares: Shares, memberships: Memberships) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Count who could read each share, and list which chats saw each family: `count_reached` and `most_exposed`."""
    reached, chats = [empty("exposures")], [empty("exposed_chats")]
    for sent, met in _meetings(shares, memberships):
        reached.append(_count(sent, met))
        chats.append(_count_chats(sent, met))
    counts = shares.select("share_id").join(pl.concat(reached), on="share_id", how="left", maintain_order="left")
    by = ["family_id", "n_members_exposed", "n_shares", "chat_id"]
    return counts.fill_null(0), pl.concat(chats).sort(by, descending=[False, True, True, False])


def count_reached(shares: Shares, memberships: Memberships) -> pl.DataFrame:
    """Count for each share who could read it, and for whom the family was new.

    A recipient is a member of the chat at that time, other than the sender. They are newly reached if no earlier share
    of the family went into a chat where they were a member then, and they had not sent it themselves by then. Shares
    of one time count together: whoever two of them reach first is new in both. That somebody could read a share does
    not show that they did; members whom no export names are missing.

    Args:
        shares: All shares of the tracked families.
        memberships: Who was in which chat when; a stay begins at `from_at` and ends before `to_at`.

    Returns:
        One row per share, in their order: `share_id`, `n_recipients`, `n_newly_reached`.
    """
    return measure_exposure(shares, memberships)[0]


def most_exposed(shares: Shares, memberships: Memberships) -> pl.DataFrame:
    """List which chats saw each family, those where it reached most members first.

    Returns:
        One row per family and chat: `family_id`, `chat_id`, `n_shares`, `n_members_exposed` (members who could read at
        least one of these shares by somebody else), `first_at` (UTC).
    """
    return measure_exposure(shares, memberships)[1]


def _meetings(shares: Shares, memberships: Memberships) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Yield portions of families: their shares, and one row per share and recipient; people and places as codes."""
    columns = ("share_id", "family_id", "chat_id", "person_id")
    sent = shares.select(*columns, moment=pl.col("sent_at").dt.timestamp("us")).with_row_index("share")
    there = Memberships(memberships.join(sent.select("chat_id"), on="chat_id", how="semi"))
    stays = merge_stays(there, there["person_id"])
    everybody = pl.Enum(pl.concat([sent["person_id"], stays["person_id"]]).unique().drop_nulls().sort())
    chats, families = (pl.Enum(sent[name].unique().drop_nulls().sort()) for name in ("chat_id", "family_id"))
    codes = [pl.col("person_id").cast(everybody), pl.col("chat_id").cast(chats)]
    sent, stays = sent.with_columns(*codes, pl.col("family_id").cast(families)), stays.with_columns(codes)
    stays = stays.rename({"person_id": "recipient"})
    for part in cut_portions(sent, stays, by="family_id", most=PORTION):
        yield part, _meet(part, stays)


def _meet(sent: pl.DataFrame, stays: pl.DataFrame) -> pl.DataFrame:
    """Return one row per share and person who could read it; the stays do not overlap, so that nobody is met twice."""
    there = (pl.col("begin") <= pl.col("moment")) & (pl.col("moment") < pl.col("end"))
    met = sent.lazy().join(stays.lazy(), on="chat_id").filter(there & (pl.col("recipient") != pl.col("person_id")))
    return met.select("share", "recipient", "family_id", "chat_id", "moment").collect()


def _count(sent: pl.DataFrame, met: pl.DataFrame) -> pl.DataFrame:
    """Return the counts of a portion's shares."""
    who = ["family_id", "recipient"]
    own = sent.group_by("family_id", recipient="person_id").agg(own_at=pl.col("moment").min())
    known = met.group_by(who).agg(first_at=pl.col("moment").min()).join(own, on=who, how="left")
    new = (pl.col("moment") == pl.col("first_at")) & (pl.col("own_at") > pl.col("moment")).fill_null(value=True)
    counts = (
        met.join(known, on=who)
        .group_by("share")
        .agg(n_recipients=pl.len().cast(pl.Int64), n_newly_reached=new.sum().cast(pl.Int64))
    )
    return sent.join(counts, on="share", how="left").select(TABLES["exposures"].keys())


def _count_chats(sent: pl.DataFrame, met: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a portion's families."""
    where = ["family_id", "chat_id"]
    shown = sent.group_by(where).agg(n_shares=pl.len().cast(pl.Int64), first_at=pl.col("moment").min())
    exposed = met.group_by(where).agg(n_members_exposed=pl.col("recipient").n_unique().cast(pl.Int64))
    counted = shown.join(exposed, on=where, how="left").with_columns(pl.col("n_members_exposed").fill_null(0))
    types = TABLES["exposed_chats"]
    return counted.select(pl.col(name).cast(types[name]) for name in types)
