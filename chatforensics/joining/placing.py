"""Messages placed in time: each on the reference clock, and of each export what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from chatforensics.joining.clocktable import cut_runs
from chatforensics.joining.readings import Reading, tell_times
from chatforensics.joining.slim import Records

DST = pl.Enum(["gap", "fold"])
MEDIA = ("media", "view_once")


@dataclass(frozen=True)
class Timed:
    """The records with `sent_at` and `dst`, and what follows.

    `spans` has one row per export with dated records: `src`, its first and last times, and its `offset` from UTC at the
    first. `posted` has one row per export and label that posts there: `src`, `name` (the label's number), `label`,
    `line` of the first post, `n_posts`, when the `first` and the `last` was (`t`), `by_owner`. `runs` are stretches of
    each clock as made by `cut_runs`.
    """

    records: Records
    spans: pl.DataFrame
    posted: pl.DataFrame
    runs: pl.DataFrame


def place_in_time(records: Records, readings: Mapping[int, Reading]) -> Timed:
    """Tell when each record was sent, on the reference clock."""
    times, spans, posted, runs = [], [], [], []
    for portion in records.portions():
        told = tell_times(portion, readings, wall="sent_local")
        times.append(told.select("sent_at", pl.col("dst").cast(DST)))
        spans.append(_find_spans(told))
        posted.append(_list_posted(told))
        runs.append(cut_runs(told, readings))
    told = pl.concat(times).rechunk()
    rows = records.rows.with_columns(told["sent_at"], told["dst"])
    known = pl.concat(posted)
    named = known.with_columns(label=records.labels.gather(known["name"]))
    return Timed(replace(records, rows=rows), pl.concat(spans), named, pl.concat(runs))


def middle_ms() -> pl.Expr:
    """Return the middle of the clock's step, in milliseconds on the reference clock."""
    return pl.col("sent_at").dt.epoch("ms") + pl.col("step_ms") // 2


def is_post() -> pl.Expr:
    """Tell which records are messages of somebody."""
    return (pl.col("kind") != "system") & pl.col("label").is_not_null()


def _list_posted(rows: pl.DataFrame) -> pl.DataFrame:
    posts = rows.filter(is_post()).with_columns(t=middle_ms())
    return posts.group_by("src", name="label").agg(
        pl.col("line").min(),
        n_posts=pl.len().cast(pl.Int64),
        first=pl.col("t").min(),
        last=pl.col("t").max(),
        by_owner=pl.col("by_owner").any(),
    )


def _find_spans(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row per export with its first and last times, and its offset from UTC at the first."""
    return (
        rows.drop_nulls("sent_at")
        .group_by("src")
        .agg(
            first_local=pl.col("sent_local").min(),
            last_local=pl.col("sent_local").max(),
            offset=(pl.col("sent_local") - pl.col("sent_at").dt.replace_time_zone(None)).first(),
            first_at=pl.col("sent_at").min(),
            last_at=pl.col("sent_at").max(),
        )
    )
