"""Message groups: what one person writes into one chat in one go, in as many bubbles as it takes."""

import polars as pl

LONGEST_PAUSE = pl.duration(seconds=120)


def group_messages(messages: pl.DataFrame) -> pl.DataFrame:
    """Return the group of each canonical message: `canonical_id`, `group_id`.

    A group is the messages of one person in one chat, each at most 120 seconds after the one before; others may speak
    in between. Printed times are compared, so that on a clock with a step of a minute two minutes may be nearly three.
    Copies count once, at their earliest time; notices are in no group.
    """
    posts = messages.filter((pl.col("kind") != "system") & pl.col("person_id").is_not_null()).sort("message_id")
    canonical = posts.group_by("canonical_id").agg(pl.col("chat_id", "person_id").first(), pl.col("sent_at").min())
    ordered = canonical.sort("chat_id", "person_id", "sent_at", "canonical_id", nulls_last=True)
    other = pl.any_horizontal(pl.col(key).ne_missing(pl.col(key).shift(1)) for key in ("chat_id", "person_id"))
    late = (pl.col("sent_at").diff() > LONGEST_PAUSE).fill_null(value=True)
    numbered = ordered.with_columns(number=(other | late).cum_sum())
    first = pl.col("canonical_id").min().over("number")
    return numbered.select("canonical_id", group_id=pl.format("group-{}", first))
