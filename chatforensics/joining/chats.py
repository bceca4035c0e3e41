"""Conversations: which exports show one, what it is called, and whether it is a group."""

from hashlib import sha256

import polars as pl

from chatforensics.joining.notices import GROUP_EVENTS
from chatforensics.schema import Chats

_MOST_DIRECT_LABELS = 2


def name_chats(numbered: pl.DataFrame, component: pl.Series) -> pl.Series:
    """Return the `chat_id` of each export, made from the smallest `source_id` of its chat."""
    firsts = numbered["source_id"].gather(component)
    names = [f"chat-{sha256(source_id.encode()).hexdigest()[:16]}" for source_id in firsts]
    return pl.Series("chat_id", names, dtype=pl.String)


def describe_chats(numbered: pl.DataFrame, posts: pl.DataFrame, named: pl.DataFrame) -> Chats:
    """Return the `chats` table: a group shows notices that only groups have, or more than two people posting.

    A group in which at most two people post and of which no such notice is left looks like a one-to-one chat.

    Args:
        numbered: Exports with `chat_id`, `chat_title`, `source_id`.
        posts: `chat_id`, `src`, `label` of messages.
        named: `chat_id`, `event` of notices.
    """
    crowded = posts.group_by("chat_id", "src").agg(n=pl.col("label").n_unique())
    groups = pl.concat(
        [
            named.filter(pl.col("event").is_in(GROUP_EVENTS)).select("chat_id"),
            crowded.filter(pl.col("n") > _MOST_DIRECT_LABELS).select("chat_id"),
        ]
    ).unique()
    counted = numbered.drop_nulls("chat_title").group_by("chat_id", "chat_title").len()
    titles = counted.sort(pl.col("len"), "chat_title", descending=[True, False])
    return Chats(
        numbered.group_by("chat_id")
        .agg(source_ids=pl.col("source_id").sort())
        .join(titles.unique("chat_id", keep="first", maintain_order=True), on="chat_id", how="left")
        .join(groups.with_columns(kind=pl.lit("group")), on="chat_id", how="left")
        .select("chat_id", pl.col("kind").fill_null("direct"), "source_ids", title="chat_title")
        .select("chat_id", "title", "kind", "source_ids")
        .sort("chat_id")
    )
