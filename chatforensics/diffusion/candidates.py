"""Candidates: which earlier shares somebody could have read, the nearest in time first.

Shares are kept in one array, sorted by family, chat and time, so that what a person could read in one chat is a stretch
of it, found by binary search. Of each stretch only the end and the very beginning are looked at: the work grows with
the number of shares, not with its square.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics.schema import Memberships, Namesakes

Integers: TypeAlias = npt.NDArray[np.int64]
Booleans: TypeAlias = npt.NDArray[np.bool_]
EVER = 2**62
PORTION = 300_000
PLACE = ["family_id", "chat_id"]


@dataclass(frozen=True, slots=True)
class Candidates:
    """One entry per decision and share that its person could have read, by number, and whether their times are tied.

    `namesake` says whether only somebody of the same printed name is known to have been there.
    """

    decision: Integers
    parent: Integers
    tied: Booleans
    namesake: Booleans


def list_stays(memberships: Memberships, people: pl.Series, namesakes: Namesakes) -> pl.DataFrame:
    """Return the people's stays, and those of their namesakes in chats where they are not known to have been.

    Returns:
        `person_id`, `chat_id`, `begin`, `end` (µs) and `namesake`: is the stay that of a namesake? Stays of one kind do
        not overlap.
    """
    own = merge_stays(memberships, people).with_columns(namesake=pl.lit(value=False))
    other = list_alike(namesakes).join(memberships, left_on="other", right_on="person_id").drop("other")
    lent = merge_stays(Memberships(other), people).join(own, on=["person_id", "chat_id"], how="anti")
    return pl.concat([own, lent.with_columns(namesake=pl.lit(value=True))])


def list_alike(namesakes: Namesakes) -> pl.DataFrame:
    """Return every two people who may be one, in both directions: `person_id`, `other`."""
    one_way = namesakes.select(person_id="person_a", other="person_b")
    return pl.concat([one_way, one_way.select(person_id="other", other="person_id")])


def merge_stays(memberships: Memberships, people: pl.Series) -> pl.DataFrame:
    """Return the people's stays, those that overlap or touch made one: `person_id`, `chat_id`, `begin`, `end` (µs)."""
    who_where = ["person_id", "chat_id"]
    stays = (
        memberships.filter(pl.col("person_id").is_in(people.unique().implode()))
        .select(
            *who_where,
            begin=pl.col("from_at").dt.timestamp("us").fill_null(-EVER),
            end=pl.col("to_at").dt.timestamp("us").fill_null(EVER),
        )
        .sort(*who_where, "begin", "end")
    )
    before = pl.col("end").cum_max().shift(1).over(who_where)
    stay = (pl.col("begin") > before).fill_null(value=True).cum_sum().over(who_where)
    return (
        stays.with_columns(stay=stay)
        .group_by(*who_where, "stay", maintain_order=True)
        .agg(pl.col("begin").min(), pl.col("end").max())
        .drop("stay")
    )


def list_candidates(
    ordered: pl.DataFrame, decisions: pl.DataFrame, stays: pl.DataFrame, *, most: int
) -> Iterator[Candidates]:
    """List what each decision's person could have read before it: in every chat the last shares and the first.

    Args:
        ordered: Shares sorted by family, chat and time: `person_id`, `family_id`, `chat_id`, `moment` (µs), `decision`.
        decisions: `decision` (row number), `person_id`, `family_id`, `tied_from` and `tied_to` (µs): shares from the
            one on and before the other carry the same time as the decision.
        stays: Who was in which chat, from `begin` and before `end` (µs), without overlaps; see `list_stays`.
        most: How many of the last shares by others are listed per stay; beside them those of the earliest moment.

    Yields:
        Portions of a bounded size, each with all entries of its decisions.
    """
    looks = decisions.join(stays, on="person_id").join(_places(ordered), on=PLACE).sort("decision", "place", "begin")
    stretch = _Stretches(ordered, looks)
    low, high = stretch.find("begin"), np.minimum(stretch.find("end"), stretch.find("tied_to"))
    high = np.maximum(low, high)
    tied_at = np.clip(stretch.find("tied_from"), low, high)
    first, last = stretch.rank(low), stretch.rank(high)
    near = np.maximum(first, last - most)
    early = np.minimum(stretch.end_of_moment(first, last), np.minimum(near, first + most))
    number = looks["decision"].to_numpy().astype(np.int64)
    lent = looks["namesake"].to_numpy()
    for part in _portions(number, early - first + last - near):
        look, rank = spread(np.stack([first[part], near[part]], 1), np.stack([early[part], last[part]], 1))
        look += part.start
        parent = stretch.row(look, rank)
        yield Candidates(number[look], parent, parent >= tied_at[look], lent[look])


def _portions(number: Integers, sizes: Integers) -> Iterator[slice]:
    """Cut the looks into stretches of about equal size, nowhere within a decision."""
    before = np.cumsum(sizes) - sizes
    opens = np.concatenate([[True], number[1:] != number[:-1]]) if number.size else np.empty(0, dtype=np.bool_)
    portion = before[np.maximum.accumulate(np.where(opens, np.arange(number.size), 0))] // PORTION
    cuts = [0, *(np.flatnonzero(np.diff(portion)) + 1).tolist(), number.size]
    return (slice(start, end) for start, end in pairwise(cuts))


def _places(ordered: pl.DataFrame) -> pl.DataFrame:
    """Return the number of each family in each chat, in their order."""
    return ordered.select(PLACE).unique(maintain_order=True).with_row_index("place")


def spread(starts: Integers, ends: Integers) -> tuple[Integers, Integers]:
    """Return every whole number of the stretches in each row, with the number of the row."""
    counts = (ends - starts).ravel()
    which = np.repeat(np.arange(counts.size), counts)
    return which // starts.shape[1], np.arange(which.size) - (np.cumsum(counts) - counts - starts.ravel())[which]


class _Stretches:
    """Where the shares of other people stand, for each look of a person into a chat.

    A *rank* counts the shares by other people only; a *row* counts all.
    """

    def __init__(self, ordered: pl.DataFrame, looks: pl.DataFrame) -> None:
        self._looks = looks
        self._place = looks["place"].to_numpy().astype(np.int64)
        self._moments, moment = np.unique(ordered["moment"].to_numpy(), return_inverse=True)
        place = ordered.select(pl.struct(PLACE).rle_id()).to_series().to_numpy().astype(np.int64)
        self._width = self._moments.size + 1
        self._keys = place * self._width + moment
        self._moment_of = ordered["moment"].to_numpy()
        own = ordered.select("person_id", *PLACE).with_row_index("row").sort("person_id", *PLACE, "row")
        numbered = own.with_columns(owner=pl.struct("person_id", *PLACE).rle_id().cast(pl.Int64))
        owners = numbered.select("person_id", *PLACE, "owner").unique()
        looking = looks.join(owners, on=["person_id", *PLACE], how="left", maintain_order="left")["owner"]
        self._owner = looking.fill_null(owners.height).to_numpy()
        owner, row = numbered["owner"].to_numpy(), numbered["row"].to_numpy().astype(np.int64)
        self._tall = ordered.height + 1
        self._own_start = np.searchsorted(owner, np.arange(owners.height + 1))
        self._own_row = owner * self._tall + row
        # The rank that the next share by another person has.
        self._own_rank = self._own_row - (np.arange(row.size) - self._own_start[owner])

    def find(self, column: str) -> Integers:
        """Return the first row of each look's place that is not before the time in that column."""
        return self._find(self._looks[column].to_numpy(), np.arange(self._place.size))

    def _find(self, moment: Integers, look: Integers) -> Integers:
        key = self._place[look] * self._width + np.searchsorted(self._moments, moment)
        rows: Integers = np.searchsorted(self._keys, key)
        return rows

    def rank(self, row: Integers) -> Integers:
        """Return how many shares by others stand before the row, in all places."""
        before = np.searchsorted(self._own_row, self._owner * self._tall + row)
        ranks: Integers = row - (before - self._own_start[self._owner])
        return ranks

    def row(self, look: Integers, rank: Integers) -> Integers:
        """Return the row of the share by others of that rank."""
        owner = self._owner[look]
        before = np.searchsorted(self._own_rank, owner * self._tall + rank, side="right")
        rows: Integers = rank + before - self._own_start[owner]
        return rows

    def end_of_moment(self, first: Integers, last: Integers) -> Integers:
        """Return the rank behind the shares that carry the same time as the first of each look."""
        look = np.flatnonzero(last > first)
        end = first.copy()
        moment = self._moment_of[self.row(look, first[look])] + 1
        rows = np.zeros_like(first)
        rows[look] = self._find(moment, look)
        end[look] = self.rank(rows)[look]
        return end
