"""Opportunities: how many people could read which share, and so might have passed it on; most did not.

Rates are counts of what happened by what could have happened. One opportunity is one person who could read one share.
They are counted without being listed: what one person could read is a stretch of shares (see `looks`).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from chatforensics.diffusion.candidates import Integers
from chatforensics.diffusion.linkmodel import AGAIN, AGE_EDGES, FIRST, LATER, N_KINDS, SIZE_EDGES, bin_of, cell_of
from chatforensics.diffusion.looks import READER, count_over, cut_places, find_own, list_looks, number, number_places
from chatforensics.diffusion.wordings import Floats

PORTION = 1_000_000  # shares and looks that are held at once, unless one family has more
# The stretch of a look that is each kind of opportunity, and which looks have any; `LATER` is what the others leave.
_STRETCHES = (
    (LATER, "low", "high", pl.lit(value=True)),
    (AGAIN, "after", "high", pl.lit(value=True)),
    (FIRST, "early", "late", pl.col("is_new")),
)


@dataclass(frozen=True, slots=True)
class Opportunities:
    """How many opportunities there were.

    Attributes:
        cells: `family`, `cell` (see `linkmodel.cell_of`), `n`.
        readers: How many others could read each share, by its row.
        standins: Per family and kind: people times shares, had each share reached everybody the evidence knows.
    """

    cells: pl.DataFrame
    readers: Integers
    standins: Floats


def count_opportunities(
    ordered: pl.DataFrame, stays: pl.DataFrame, alike: pl.DataFrame, age: Floats, *, n_people: int
) -> Opportunities:
    """Count the opportunities of all shares.

    Args:
        ordered: Shares by row: `row`, `family` (number), `family_id`, `chat_id`, `person_id`, `moment` (µs).
        stays: As from `list_stays`, of everybody.
        alike: As from `list_alike`: nobody passes on what they may have sent themselves.
        age: Of each share's family by then, in days.
        n_people: How many people the evidence knows.
    """
    people = pl.Enum(pl.concat([ordered["person_id"], stays["person_id"]]).unique().drop_nulls().sort())
    sent = ordered.select("row", "family", "chat_id", "person_id", "moment", age=pl.Series(bin_of(age, AGE_EDGES)))
    rows, stays = number_places(sent, stays, people)
    pairs = _number_pairs(alike, people)
    readers, standins = np.zeros(ordered.height, dtype=np.int64), np.zeros((ordered["family"].n_unique(), N_KINDS))
    cells = [pl.DataFrame(schema={"family": pl.Int64, "cell": pl.Int64, "n": pl.Int64})]
    for part in cut_places(rows, stays, most=PORTION):
        looks = _mark_new(list_looks(part, stays, pairs))
        counts = _count_kinds(part, looks, pairs)
        readers[part["row"].to_numpy()] = counts[:, 0].sum(axis=0)
        cells.append(_count_cells(part, counts))
        _count_standins(part, looks, standins, n_people=n_people)
    return Opportunities(pl.concat(cells), readers, standins)


def _number_pairs(alike: pl.DataFrame, people: pl.Enum) -> pl.DataFrame:
    """Return who may be whom as numbers, nobody themselves: `reader` and `other`."""
    one, two = (number(pl.col(name).cast(people, strict=False)) for name in ("person_id", "other"))
    return alike.select(reader=one, other=two).drop_nulls().filter(pl.col("reader") != pl.col("other")).unique()


def _mark_new(looks: pl.DataFrame) -> pl.DataFrame:
    """Add `known` and `is_new`.

    `known` is when the reader could first read the family where they are known to have been; `is_new`: was it in this
    look, or in that of a namesake before all others?
    """
    known = pl.when(~pl.col("namesake")).then("at").min().over(READER)
    first = pl.when("namesake").then(pl.col("at").min().over(READER)).otherwise(known)
    is_new = (pl.col("at") == first) & (pl.col("own") > pl.col("at")).fill_null(value=True)
    return looks.with_columns(known=known, is_new=is_new.fill_null(value=False))


def _count_kinds(rows: pl.DataFrame, looks: pl.DataFrame, pairs: pl.DataFrame) -> Integers:
    """Return how many opportunities each share was: by kind, known member or namesake, and share."""
    themselves = rows.select("person", reader="person").unique()
    own = find_own(rows, looks, pl.concat([themselves, pairs.select(pl.col("other").alias("person"), "reader")]))
    counts = np.zeros((N_KINDS, 2, rows.height), dtype=np.int64)
    for lent in (0, 1):
        asked, left = (table.filter(pl.col("namesake") == bool(lent)) for table in (looks, own))
        for kind, begin, end, kept in _STRETCHES:
            some, less = asked.filter(kept), left.filter(kept, pl.col("row").is_between(begin, end, closed="left"))
            covered = count_over(some[begin].to_numpy(), some[end].to_numpy(), rows.height)
            counts[kind, lent] = covered - np.bincount(less["row"].to_numpy(), minlength=rows.height)
    counts[LATER] -= counts[FIRST] + counts[AGAIN]
    return counts


def _count_cells(rows: pl.DataFrame, counts: Integers) -> pl.DataFrame:
    """Return how many opportunities of each kind each family was, by what its shares are like."""
    size = bin_of(counts[:, 0].sum(axis=0).astype(np.float64), SIZE_EDGES)
    parts = [
        rows.select(
            "family",
            cell=cell_of(np.full_like(size, kind), size, rows["age"].to_numpy(), np.full_like(size, lent)),
            n=counts[kind, lent],
        )
        for kind in range(N_KINDS)
        for lent in (0, 1)
    ]
    counted = pl.concat(parts).filter(pl.col("n") > 0).group_by("family", "cell").agg(pl.col("n").sum())
    return counted.sort("family", "cell")


def _count_standins(rows: pl.DataFrame, looks: pl.DataFrame, standins: Floats, *, n_people: int) -> None:
    """Add up, for every share, who had read the family before, who had sent it, and who neither."""
    exposed = looks.drop_nulls("known").select(*READER, at="known").unique()
    sent = rows.group_by("family", reader="person").agg(at=pl.col("moment").min())
    n_exposed, n_sent = (_count_before(rows, moments) for moments in (exposed, sent))
    family = rows["family"].to_numpy()
    for kind, n in ((FIRST, n_people - n_exposed), (LATER, n_exposed - n_sent), (AGAIN, n_sent)):
        np.add.at(standins[:, kind], family, np.maximum(0, n))


def _count_before(rows: pl.DataFrame, moments: pl.DataFrame) -> Integers:
    """Return for each share how many of the moments in its family come no later."""
    times = np.unique(np.concatenate([rows["moment"].to_numpy(), moments["at"].to_numpy()]))
    width = times.size + 1
    family = moments["family"].to_numpy().astype(np.int64)
    keys = np.sort(family * width + np.searchsorted(times, moments["at"].to_numpy()))
    start = rows["family"].to_numpy().astype(np.int64) * width
    asked = start + np.searchsorted(times, rows["moment"].to_numpy())
    counts: Integers = np.searchsorted(keys, asked, side="right") - np.searchsorted(keys, start)
    return counts
