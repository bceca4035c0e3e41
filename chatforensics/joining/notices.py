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

_GRACE_MS = 120_000  # a post and a notice may come from two clocks


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


def link_numbers_changed(named: pl.DataFrame, posts: pl.DataFrame) -> pl.DataFrame:
    """Return labels of one phone that a notice calls one person: nodes `a`, `b`, `reason`, `n` (notices).

    A notice can be imitated, so that something else must agree: the new number is seen afterwards, in whatever chat
    and phone, or another phone shows the notice, with the number or without. Never if the number posts anywhere before
    the notice, if the old label still posts once the number does, or if one phone gives the number to two labels.

    Args:
        named: Labels in notices, with `node`, `chat`, `phone`, `label`, `t`.
        posts: Who posts in which export: `node`, `chat`, `label`, and when the `first` and `last` post was.
    """
    changed = pl.col("event") == "number_changed"
    old = named.filter(changed & (pl.col("role") == "actor")).select("message_id", "chat", "phone", "t", a="node")
    new = named.filter(pl.col("role") == "new").select("message_id", b="node", number=phone_number(pl.col("label")))
    seen = named.filter(pl.col("role") != "new").select("label", first="t", last="t")
    mentions = [posts.select("label", "first", "last"), seen]
    told = (
        old.join(new, on="message_id")
        .filter(pl.col("a").n_unique().over("chat", "phone", "number") == 1)
        .join(_span_numbers(pl.concat(mentions)).drop("first"), on="number", how="left")
        .join(_span_numbers(posts).drop("last"), on="number", how="left")
        .join(posts.group_by("chat", a="node").agg(old_last=pl.col("last").max()), on=["chat", "a"], how="left")
    )
    both = (pl.col("first") < pl.col("t") - _GRACE_MS) | (pl.col("old_last") > pl.col("first") + _GRACE_MS)
    open_to = told.join(_find_repeated(told, old), on="message_id", how="left").filter(~both.fill_null(value=False))
    used = pl.when(pl.col("last") >= pl.col("t")).then(pl.lit("number change notice and later use of the number"))
    linked = open_to.select("a", "b", "message_id", reason=pl.coalesce(used, "repeated")).drop_nulls()
    n_notices = pl.col("message_id").n_unique().cast(pl.Int64)
    return linked.group_by("a", "b").agg(pl.col("reason").min(), n=n_notices).sort("a", "b")


def _span_numbers(rows: pl.DataFrame) -> pl.DataFrame:
    """Return from when to when each full phone number is seen, on any phone: `first`, `last`."""
    spans = rows.group_by("label").agg(pl.col("first").min(), pl.col("last").max())
    numbers = spans.with_columns(number=phone_number(pl.col("label"))).drop_nulls("number")
    return numbers.group_by("number").agg(pl.col("first").min(), pl.col("last").max())


def _find_repeated(told: pl.DataFrame, notices: pl.DataFrame) -> pl.DataFrame:
    """Return the notices that another phone shows at the same time: `message_id`, `repeated` (the reason).

    Some phones do not print the new number; a notice with another number is another notice.
    """
    named = notices.join(told.select("message_id", "number"), on="message_id", how="left")
    pairs = told.join(named, on="chat", suffix="_b").filter(pl.col("phone") != pl.col("phone_b"))
    alike = (pl.col("number") == pl.col("number_b")).fill_null(value=True)
    near = pairs.filter(alike & ((pl.col("t") - pl.col("t_b")).abs() <= _GRACE_MS))
    return near.select("message_id", repeated=pl.lit("number change notice in several exports")).unique()
