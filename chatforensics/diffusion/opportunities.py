"""Opportunities: how many people could read which share, and so might have passed it on; most did not.

Rates are counts of what happened by what could have happened. One opportunity is one person who could read one share.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from chatforensics.diffusion.candidates import Integers
from chatforensics.diffusion.linkmodel import AGAIN, AGE_EDGES, FIRST, LATER, N_KINDS, SIZE_EDGES, bin_of, cell_of
from chatforensics.diffusion.portions import cut_portions
from chatforensics.diffusion.wordings import Floats

PORTION = 2_000_000  # shares times members that are held at once, unless one family has more
_READER = ["family", "reader"]


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
    own = ordered.group_by("family", reader="person_id").agg(own=pl.col("moment").min())
    n_families = ordered["family"].n_unique()
    readers, standins = np.zeros(ordered.height, dtype=np.int64), np.zeros((n_families, N_KINDS))
    cells = [pl.DataFrame(schema={"family": pl.Int64, "cell": pl.Int64, "n": pl.Int64})]
    rows = ordered.with_columns(age=pl.Series(bin_of(age, AGE_EDGES)))
    for part in cut_portions(rows, stays, by="family", most=PORTION):
        met = _meet(part, stays, alike, own)
        counts = met.group_by("row").agg(n=(~pl.col("namesake")).sum())
        readers[counts["row"].to_numpy()] = counts["n"].to_numpy()
        cells.append(_count_cells(met, readers))
        _count_standins(part, met, own, standins, n_people=n_people)
    return Opportunities(pl.concat(cells), readers, standins)


def _meet(rows: pl.DataFrame, stays: pl.DataFrame, alike: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """Return one row per opportunity, with its kind."""
    there = (pl.col("begin") <= pl.col("moment")) & (pl.col("moment") < pl.col("end"))
    met = (
        rows.lazy()
        .select("row", "family", "chat_id", "person_id", "moment", "age")
        .join(stays.lazy().rename({"person_id": "reader"}), on="chat_id")
        .filter(there & (pl.col("person_id") != pl.col("reader")))
        .join(alike.lazy(), left_on=["reader", "person_id"], right_on=["person_id", "other"], how="anti")
        .select("row", "family", "reader", "moment", "age", "namesake")
        .join(own.lazy(), on=_READER, how="left")
    )
    known = pl.when(~pl.col("namesake")).then("moment").min().over(_READER)
    first = pl.when("namesake").then(pl.col("moment").min().over(_READER)).otherwise(known)
    again = (pl.col("own") <= pl.col("moment")).fill_null(value=False)
    kind = pl.when(again).then(AGAIN).when(pl.col("moment") == first).then(FIRST).otherwise(LATER)
    return met.with_columns(kind=kind.cast(pl.Int64), first=known).collect()


def _count_cells(met: pl.DataFrame, readers: Integers) -> pl.DataFrame:
    size = bin_of(readers[met["row"].to_numpy()].astype(np.float64), SIZE_EDGES)
    age, namesake = met["age"].to_numpy(), met["namesake"].to_numpy().astype(np.int64)
    cells = pl.Series("cell", cell_of(met["kind"].to_numpy(), size, age, namesake), dtype=pl.Int64)
    counted = met.select(pl.col("family").cast(pl.Int64), cells).group_by("family", "cell")
    return counted.agg(n=pl.len().cast(pl.Int64)).sort("family", "cell")


def _count_standins(
    rows: pl.DataFrame, met: pl.DataFrame, own: pl.DataFrame, standins: Floats, *, n_people: int
) -> None:
    """Add up, for every share, who had read the family before, who had sent it, and who neither."""
    exposed = met.drop_nulls("first").select(*_READER, at="first").unique()
    sent = own.join(rows.select("family").unique(), on="family").select(*_READER, at="own")
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
