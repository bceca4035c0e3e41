"""Looks: who could read which shares, as stretches of rows.

The shares of one family in one chat are a *place*, in order of time. A *look* is somebody's stay in the chat of a
place: an unbroken stretch of its shares. So the work grows with the shares, and with the members of each place, but not
with one times the other: a text that goes round a group of a thousand a hundred thousand times has a thousand looks.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import polars as pl

from chatforensics.diffusion.candidates import Integers

PLACE = ["family", "chat"]
READER = ["family", "reader"]
_SHIFT = 2**31  # two people in one number


def number_places(sent: pl.DataFrame, stays: pl.DataFrame, people: pl.Enum) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return shares by place and time, and stays in chats with shares, with numbers for chats and people.

    Args:
        sent: `family` (a number), `chat_id`, `person_id`, `moment` (µs), and what else shall be kept.
        stays: `chat_id`, `person_id`, `begin`, `end` (µs) and what else; those of one person do not overlap.
        people: Everybody, whose places are the numbers.

    Returns:
        Shares with `chat` and `person`, and stays with `chat` and `reader`, in place of the ids.
    """
    chats = pl.Enum(sent["chat_id"].unique().drop_nulls().sort())
    chat = number(pl.col("chat_id").cast(chats, strict=False)).alias("chat")
    person = number(pl.col("person_id").cast(people))
    rows = sent.with_columns(chat, person=person).drop("chat_id", "person_id")
    there = stays.with_columns(chat, reader=person).drop("chat_id", "person_id").drop_nulls(["chat", "reader"])
    return rows.sort(*PLACE, "moment", maintain_order=True), there


def number(codes: pl.Expr) -> pl.Expr:
    """Return the numbers of codes."""
    return codes.to_physical().cast(pl.Int64)


def cut_places(rows: pl.DataFrame, stays: pl.DataFrame, *, most: int) -> Iterator[pl.DataFrame]:
    """Yield the shares of some families at a time, by place and time.

    Args:
        rows: Shares as from `number_places`.
        stays: Stays as from there.
        most: Shares and looks in a portion, unless one family has more.
    """
    members = stays.group_by("chat").agg(n=pl.len().cast(pl.Int64))
    places = rows.group_by(PLACE).agg(size=pl.len().cast(pl.Int64)).join(members, on="chat", how="left")
    families = places.group_by("family").agg(pl.col("size").sum(), load=pl.col("size").sum() + pl.col("n").sum())
    families = families.sort("family")
    cuts = np.flatnonzero(np.diff(families["load"].cum_sum().to_numpy() // most)) + 1
    ends = np.append(0, np.cumsum(families["size"].to_numpy()))
    for start, end in pairwise(ends[[0, *cuts, families.height]].tolist()):
        if end > start:
            yield rows[start:end]


def list_looks(rows: pl.DataFrame, stays: pl.DataFrame, alike: pl.DataFrame) -> pl.DataFrame:
    """Return the looks at the shares of some families.

    Args:
        rows: All shares of the families, as from `cut_places`.
        stays: As from `number_places`.
        alike: `reader` and `other`, who may be one person: the one has nothing to read of what the other sent.

    Returns:
        The columns of the stays, the `family`, and when its reader first sent it (`own`, null if never). The rows from
        `low` to before `high` are in the stay, those from `after` on came when the reader had sent it already. Those
        from `early` to before `late` have the time (`at`) of the first one that somebody else sent; where nobody else
        sent any, there are none, and `at` is null.
    """
    moment, person = rows["moment"].to_numpy(), rows["person"].to_numpy()
    place = rows.select(pl.struct(PLACE).rle_id().cast(pl.Int64)).to_series().to_numpy()
    moments, rank = np.unique(moment, return_inverse=True)
    keys = place * (moments.size + 1) + rank
    own = rows.group_by("family", reader="person").agg(own=pl.col("moment").min())
    named = rows.select(PLACE).unique(maintain_order=True).with_row_index("place")
    looks = named.join(stays, on="chat").join(own, on=READER, how="left")
    at_place = looks["place"].to_numpy().astype(np.int64) * (moments.size + 1)
    low, high, sent = (
        np.searchsorted(keys, at_place + np.searchsorted(moments, looks[name].fill_null(0).to_numpy()))
        for name in ("begin", "end", "own")
    )
    high = np.maximum(low, high)
    run = np.append(np.flatnonzero((np.diff(place) != 0) | (np.diff(person) != 0)) + 1, person.size)
    first = _find_first(low, high, looks["reader"].to_numpy(), person, run, alike)
    met = first < high
    key = keys[np.where(met, first, 0)]
    return looks.with_columns(
        low=low,
        high=high,
        after=np.where(looks["own"].is_null().to_numpy(), high, np.clip(sent, low, high)),
        early=np.where(met, np.searchsorted(keys, key), 0),
        late=np.where(met, np.searchsorted(keys, key, side="right"), 0),
        at=pl.when(pl.Series(met)).then(pl.Series(moment[np.where(met, first, 0)])),
    )


def _find_first(  # noqa: PLR0913, PLR0917 - arrays of looks, then of rows
    low: Integers, high: Integers, reader: Integers, person: Integers, run: Integers, alike: pl.DataFrame
) -> Integers:
    """Return the first row of each look that is not by its reader or somebody who may be the reader; else its end."""
    pairs = (alike["reader"] * _SHIFT + alike["other"]).to_numpy()
    row = low.copy()
    asked = np.flatnonzero(row < high)
    while asked.size:
        sender = person[row[asked]]
        mine = sender == reader[asked]
        if pairs.size:
            mine |= np.isin(reader[asked] * _SHIFT + sender, pairs)
        asked = asked[mine]
        row[asked] = np.minimum(run[np.searchsorted(run, row[asked], side="right")], high[asked])
        asked = asked[row[asked] < high[asked]]
    return row


def find_own(rows: pl.DataFrame, looks: pl.DataFrame, readers: pl.DataFrame) -> pl.DataFrame:
    """Return the looks that hold a share of their own reader, or of somebody who may be: `row`, and the looks' columns.

    Args:
        rows: As for `list_looks`.
        looks: From there.
        readers: `person` and `reader`: whose shares nobody reads as another's.
    """
    asked = rows.select(*PLACE, "person").with_columns(row=pl.int_range(pl.len(), dtype=pl.Int64))
    found = asked.join(readers, on="person").join(looks, on=[*PLACE, "reader"])
    return found.filter((pl.col("low") <= pl.col("row")) & (pl.col("row") < pl.col("high")))


def count_over(low: Integers, high: Integers, n: int) -> Integers:
    """Return for each of n rows how many of the stretches cover it."""
    opens, closes = (np.bincount(ends, minlength=n + 1) for ends in (low, high))
    covered: Integers = np.cumsum(opens - closes)[:n]
    return covered
