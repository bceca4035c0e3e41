"""The texts that two exports share, as evidence of how their clocks ran."""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import polars as pl

from chatforensics.joining.records import SHORT_TEXT
from chatforensics.joining.slim import Records
from chatforensics.joining.stretches import Lines, Numbers, Steps
from chatforensics.joining.tolerances import MIN_ANCHORS, RESIDUAL_MS

_Rare: TypeAlias = dict[int, tuple[Numbers, Lines]]


@dataclass(frozen=True)
class Shared:
    """Texts that stand once in each of two exports."""

    one: Lines
    other: Lines


@dataclass(frozen=True)
class Sides:
    """The dated records of exports in the order of export and line, and the step of each clock.

    Columns: `src`, `line`, `local_ms`, `code`, `length`, `long`, `worded`, `kind`.
    """

    dated: pl.DataFrame
    step_ms: tuple[int, ...]

    @cached_property
    def _starts(self) -> Numbers:
        return np.searchsorted(self.dated["src"].to_numpy(), np.arange(len(self.step_ms) + 1))

    def _rows(self, src: int) -> pl.DataFrame:
        return self.dated[int(self._starts[src]) : int(self._starts[src + 1])]

    @cached_property
    def _rare(self) -> _Rare:
        return {}

    @cached_property
    def _rare_shorter(self) -> _Rare:
        return {}

    def _list_rare(self, src: int) -> tuple[Numbers, Lines]:
        """Return the long texts that occur once in an export."""
        if src not in self._rare:
            self._rare[src] = _list_once(self._rows(src).filter(pl.col("long") & (pl.col("kind") != "system")))
        return self._rare[src]

    def _list_rare_shorter(self, src: int) -> tuple[Numbers, Lines]:
        """Return the texts of some length that occur once in an export."""
        if src not in self._rare_shorter:
            typed = self._rows(src).filter(pl.col("worded") & (pl.col("length") >= SHORT_TEXT))
            self._rare_shorter[src] = _list_once(typed)
        return self._rare_shorter[src]

    def share(self, one: int, other: int) -> Shared:
        """Return the texts that stand once in both exports: the long ones, where these are few the shorter ones too."""
        shared = _share(self._list_rare(one), self._list_rare(other))
        if len(shared.one.line) >= MIN_ANCHORS:
            return shared
        return _share(self._list_rare_shorter(one), self._list_rare_shorter(other))

    def steps(self, one: int, other: int) -> Steps:
        """Return the steps of two clocks."""
        return Steps(self.step_ms[one], self.step_ms[other])

    def records(self, src: int) -> Lines:
        """Return all dated records of an export in order."""
        own = self._rows(src)
        return Lines(own["line"].to_numpy().astype(np.int64), own["local_ms"].to_numpy())

    def count_backwards(self, src: int) -> int:
        """Return how often an export's times run backwards by more than late deliveries explain."""
        return int((np.diff(self.records(src).wall_ms) < -RESIDUAL_MS).sum())

    def spans(self) -> dict[int, tuple[int, int]]:
        """Return the first and last wall time of each export."""
        ends = self.dated.group_by("src").agg(first=pl.col("local_ms").min(), last=pl.col("local_ms").max())
        return {src: (first, last) for src, first, last in ends.iter_rows()}


def _list_once(texts: pl.DataFrame) -> tuple[Numbers, Lines]:
    """Return the texts of one export that occur once in it, by number of the text."""
    codes, first, n = np.unique(texts["code"].to_numpy(), return_index=True, return_counts=True)
    kept = first[n == 1]
    line, wall_ms = texts["line"].to_numpy().astype(np.int64), texts["local_ms"].to_numpy()
    return codes[n == 1], Lines(line[kept], wall_ms[kept])


def _share(mine: tuple[Numbers, Lines], yours: tuple[Numbers, Lines]) -> Shared:
    _, i, j = np.intersect1d(mine[0], yours[0], assume_unique=True, return_indices=True)
    return Shared(Lines(mine[1].line[i], mine[1].wall_ms[i]), Lines(yours[1].line[j], yours[1].wall_ms[j]))


def gather_sides(records: Records) -> Sides:
    """Gather what exports show."""
    time = pl.col("sent_local").dt.epoch("ms") + records.step_ms.gather(records.rows["src"]) // 2
    rows = records.rows.select("src", "line", "code", "length", "long", "worded", "kind", local_ms=time)
    dated = rows.drop_nulls("local_ms") if rows["local_ms"].null_count() else rows
    return Sides(dated, tuple(records.step_ms))
