"""Exposure: who could read a share, who could for the first time, and which chats saw a family most.

Nobody is met with each share: what one could read is a stretch of shares (see `looks`). Families are taken in portions.
"""

import numpy as np
import polars as pl

from chatforensics.diffusion.candidates import merge_stays
from chatforensics.diffusion.looks import (
    PLACE,
    READER,
    count_over,
    cut_places,
    find_own,
    list_looks,
    number,
    number_places,
)
from chatforensics.schema import TABLES, Memberships, Shares, empty

PORTION = 1_000_000  # shares and looks that are held at once, unless one family has more


def measure_exposure(shares: Shares, memberships: Memberships) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Count who could read each share, and list which chats saw each family: `count_reached` and `most_exposed`."""
    families = pl.Enum(shares["family_id"].unique().drop_nulls().sort())
    there = Memberships(memberships.join(shares.select("chat_id"), on="chat_id", how="semi"))
    stays = merge_stays(there, there["person_id"])
    people = pl.Enum(pl.concat([shares["person_id"], stays["person_id"]]).unique().drop_nulls().sort())
    sent = shares.select(
        "share_id", "chat_id", "person_id", where="chat_id", moment=pl.col("sent_at").dt.timestamp("us"),
        family=number(pl.col("family_id").cast(families)),
    )  # fmt: skip
    rows, stays = number_places(sent, stays, people)
    nobody = pl.DataFrame(schema={"reader": pl.Int64, "other": pl.Int64})
    reached, chats = [empty("exposures")], [empty("exposed_chats")]
    for part in cut_places(rows, stays, most=PORTION):
        looks = list_looks(part, stays, nobody)
        reached.append(_count(part, looks))
        chats.append(_count_chats(part, looks, families))
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


def _count(sent: pl.DataFrame, looks: pl.DataFrame) -> pl.DataFrame:
    """Return the counts of a portion's shares."""
    themselves = sent.select("person", reader="person").unique()
    own = find_own(sent, looks, themselves)["row"].to_numpy()
    is_new = (pl.col("at") == pl.col("at").min().over(READER)) & (pl.col("own") > pl.col("at")).fill_null(value=True)
    new = looks.filter(is_new)
    n = sent.height
    return sent.select(
        "share_id",
        n_recipients=count_over(looks["low"].to_numpy(), looks["high"].to_numpy(), n) - np.bincount(own, minlength=n),
        n_newly_reached=count_over(new["early"].to_numpy(), new["late"].to_numpy(), n),
    )


def _count_chats(sent: pl.DataFrame, looks: pl.DataFrame, families: pl.Enum) -> pl.DataFrame:
    """Return the rows of a portion's families."""
    shown = sent.group_by(PLACE).agg(
        pl.col("where").first(), n_shares=pl.len().cast(pl.Int64), first_at=pl.col("moment").min()
    )
    exposed = looks.drop_nulls("at").group_by(PLACE).agg(n_members_exposed=pl.col("reader").n_unique().cast(pl.Int64))
    counted = shown.join(exposed, on=PLACE, how="left").with_columns(pl.col("n_members_exposed").fill_null(0))
    names = families.categories.gather(counted["family"]).alias("family_id")
    types = TABLES["exposed_chats"]
    named = counted.with_columns(names, chat_id="where")
    return named.select(pl.col(name).cast(types[name]) for name in types)
