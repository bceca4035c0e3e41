"""Notices as rows of who is named in which part, so that they can be compared and counted like messages."""

import polars as pl

from chatforensics.joining.people import EXPORTER, phone_number
from chatforensics.joining.records import plain_label
from chatforensics.schema import Events

GROUP_EVENTS = (
    "created",
    "added",
    "joined",
    "left",
    "removed",
    "subject_changed",
    "icon_changed",
    "description_changed",
    "admin_changed",
)


def list_named(events: Events, rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row per label that a notice names: the notice's columns, `event`, `role`, `label`, `n_targets`.

    Roles are actor, target and new (a changed number). "You" becomes `EXPORTER`.
    """
    told = events.join(rows, on="message_id").with_columns(n_targets=pl.col("targets").list.len())
    columns = [*rows.columns, "event", "n_targets"]
    new_number = (pl.col("event") == "number_changed") & phone_number(pl.col("new")).is_not_null()
    parts = [
        told.select(*columns, role=pl.lit("actor"), label="actor"),
        told.select(*columns, role=pl.lit("target"), label="targets").explode("label", empty_as_null=True),
        told.filter(new_number).select(*columns, role=pl.lit("new"), label="new"),
    ]
    named = pl.concat(parts).drop_nulls("label").with_columns(plain_label(pl.col("label")))
    is_you = pl.col("label").str.to_lowercase() == "you"
    label = pl.when(is_you).then(pl.lit(EXPORTER)).otherwise("label")
    return named.with_columns(label=label).sort("message_id", "role", "label")


def find_exits(named: pl.DataFrame) -> pl.DataFrame:
    """Return the `message_id` of notices by which the exporter went out of the chat."""
    left = (pl.col("event") == "left") & (pl.col("role") == "actor")
    removed = (pl.col("event") == "removed") & (pl.col("role") == "target")
    return named.filter((pl.col("label") == EXPORTER) & (left | removed)).select(pl.col("message_id").unique())


def link_numbers_changed(named: pl.DataFrame) -> pl.DataFrame:
    """Return labels of one phone that a notice calls one person: nodes `a`, `b`, `reason`."""
    old = named.filter((pl.col("event") == "number_changed") & (pl.col("role") == "actor"))
    new = named.filter(pl.col("role") == "new")
    linked = old.select("message_id", a="node").join(new.select("message_id", b="node"), on="message_id")
    return linked.select("a", "b", reason=pl.lit("number change notice")).unique().sort("a", "b")
