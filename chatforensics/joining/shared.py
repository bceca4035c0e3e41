"""The texts that two exports share, as evidence of how their clocks ran."""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import polars as pl

from chatforensics.joining.records import SHORT_TEXT
from chatforensics.joining.stretches import Lines, Numbers, Steps
from chatforensics.joining.tolerances import MIN_ANCHORS, RESIDUAL_MS

_NONE = np.array([], dtype=np.int64)
_Rare: TypeAlias = dict[int, tuple[Numbers, Lines]]


@dataclass(frozen=True)
class Shared:
    """Texts that stand once in each of two exports."""

    one: Lines
    other: Lines


@dataclass(frozen=True)
class Sides:
    """The dated records of exports (as made by `build_records`), and the step of each clock."""

    dated: pl.DataFrame
    step_ms: tuple[int, ...]

    @cached_property
    def _rare(self) -> _Rare:
        return _list_rare(self.dated.filter(pl.col("long") & (pl.col("kind") != "system")))

    @cached_property
    def _rare_shorter(self) -> _Rare:
        return _list_rare(self.dated.filter(pl.col("worded") & (pl.col("length") >= SHORT_TEXT)))

    def share(self, one: int, other: int) -> Shared:
        """Return the texts that stand once in both exports: the long ones, where these are few the shorter ones too."""
        shared = _share(self._rare, one, other)
        return shared if len(shared.one.line) >= MIN_ANCHORS else _share(self._rare_shorter, one, other)

    def steps(self, one: int, other: int) -> Steps:
        """Return the steps of two clocks."""
        return Steps(self.step_ms[one], self.step_ms[other])

    @cached_property
    def _records(self) -> dict[int, pl.DataFrame]:
        return {part["src"][0]: part for part in self.dated.select("src", "line", "local_ms").partition_by("src")}

    def records(self, src: int) -> Lines:
        """Return all dated records of an export in order."""
        own = self._records.get(src, self.dated.clear()).sort("line")
        return Lines(own["line"].to_numpy(), own["local_ms"].to_numpy())

    def count_backwards(self, src: int) -> int:
        """Return how often an export's times run backwards by more than late deliveries explain."""
        return int((np.diff(self.records(src).wall_ms) < -RESIDUAL_MS).sum())

    def spans(self) -> dict[int, tuple[int, int]]:
        """Return the first and last wall time of each export."""
        ends = self.dated.group_by("src").agg(first=pl.col("local_ms").min(), last=pl.col("local_ms").max())
        return {src: (first, last) for src, first, last in ends.iter_rows()}


def _list_rare(texts: pl.DataFrame) -> _Rare:
    """Return the texts that occur once in their export, by number of the text."""
    rare = texts.filter(pl.len().over("src", "code") == 1).select("src", "code", "line", "local_ms").sort("src", "code")
    return {
        part["src"][0]: (part["code"].to_numpy(), Lines(part["line"].to_numpy(), part["local_ms"].to_numpy()))
        for part in rare.partition_by("src", maintain_order=True)
    }


def _share(rare: _Rare, one: int, other: int) -> Shared:
    empty = (_NONE, Lines(_NONE, _NONE))
    (codes, mine), (theirs, yours) = rare.get(one, empty), rare.get(other, empty)
    _, i, j = np.intersect1d(codes, theirs, assume_unique=True, return_indices=True)
    return Shared(Lines(mine.line[i], mine.wall_ms[i]), Lines(yours.line[j], yours.wall_ms[j]))


def gather_sides(numbered: pl.DataFrame, records: pl.DataFrame) -> Sides:
    """Gather what exports show, from the numbered exports and their records."""
    columns = ("src", "line", "local_ms", "code", "length", "long", "worded", "kind")
    dated = records.select(columns).filter(pl.col("local_ms").is_not_null())
    return Sides(dated, tuple(numbered.sort("src")["step_ms"]))
