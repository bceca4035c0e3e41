"""Message groups: what one person writes into one chat in one go, in as many bubbles as it takes."""

import polars as pl

LONGEST_PAUSE = pl.duration(seconds=120)


def group_messages(posts: pl.DataFrame) -> pl.DataFrame:
    """Return the group of each canonical message: `canonical_id`, `group` (the smallest canonical id in it).

    A group is the messages of one person in one chat, each at most 120 seconds after the one before; others may speak
    in between. Printed times are compared, so that on a clock with a step of a minute two minutes may be nearly three.
    Copies count once, at their earliest time; notices are in no group.

    Args:
        posts: Messages without notices: `message_id`, `canonical_id`, `chat`, `person` (null: not known), `sent_at`.
    """
    known = posts.filter(pl.col("person").is_not_null())
    first = pl.col("chat", "person").sort_by("message_id").first()
    canonical = known.group_by("canonical_id").agg(first, pl.col("sent_at").min())
    ordered = canonical.sort("chat", "person", "sent_at", "canonical_id", nulls_last=True)
    other = pl.any_horizontal(pl.col(key).ne_missing(pl.col(key).shift(1)) for key in ("chat", "person"))
    late = (pl.col("sent_at").diff() > LONGEST_PAUSE).fill_null(value=True)
    numbered = ordered.with_columns(number=(other | late).cum_sum())
    first = pl.col("canonical_id").min().over("number")
    return numbered.select("canonical_id", group=first)
