"""Which time exports cover, and when each person is seen in a chat: posting, acting, or merely being there."""

import polars as pl

from chatforensics.joining.moves import GRACE, pick_moves
from chatforensics.joining.people import EXPORTER

# Notices about somebody, which tell nothing that this person did in the chat.
_NOT_ACTS = ("security_code_changed", "business_changed", "blocked", "number_changed")


def find_coverage(rows: pl.DataFrame, named: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Return the stretches of time that each export covers: `src`, `source_id`, `chat_id`, `from_at`, `to_at`.

    An export covers the time from its first record to its last, without its owner's absences. What newcomers are shown
    of the time before them (who created the group) covers nothing.

    Args:
        rows: Messages and notices in the order of export and line: `message_id`, `src`, `kind`, `sent_at`.
        named: People in notices: `message_id`, `src`, `label`, `event`, `role`.
        spans: First and last times of each export: `src`, `source_id`, `chat_id`, `first_at`, `last_at`.
    """
    own = (
        pick_moves(named.filter(pl.col("label") == EXPORTER)).select("message_id", "src", "enters").unique("message_id")
    )
    moved = rows.select("message_id", "src", "kind", "sent_at").join(own, on="src", how="semi")
    stints = (
        _number_stints(moved, own.drop("src"))
        .group_by("src", "stint")
        .agg(
            from_at=pl.col("sent_at").min(),
            to_at=pl.col("sent_at").max(),
            told=((pl.col("kind") != "system") | pl.col("enters").is_not_null()).any(),
        )
    )
    preface = ~pl.col("told") & (pl.col("stint") < pl.col("stint").max().over("src"))
    stayed = (
        spans.join(own, on="src", how="anti").drop_nulls("first_at").select("src", from_at="first_at", to_at="last_at")
    )
    every = pl.concat([stints.filter(~preface).select(stayed.columns), stayed])
    return every.join(spans.select("src", "source_id", "chat_id"), on="src").sort("src", "from_at")


def _number_stints(rows: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """Return the records of each export while its owner was in the chat, with `stint` and `enters` (the owner's moves).

    An absence ends with the owner's own entry or, where no notice shows one, with the next post by anybody.
    """
    ordered = rows.drop_nulls("sent_at").join(own, on="message_id", how="left", maintain_order="left")
    went = pl.when(~pl.col("enters")).then("sent_at").forward_fill().over("src")
    back = (pl.col("kind") != "system") & (pl.col("sent_at") > went + GRACE)
    mark = pl.coalesce("enters", pl.when(back).then(pl.lit(value=True)))
    placed = ordered.with_columns(there=mark.forward_fill().over("src").fill_null(value=True))
    placed = placed.with_columns(was=pl.col("there").shift(1, fill_value=True).over("src"))
    opens = pl.col("there") & (~pl.col("was") | pl.col("enters").fill_null(value=False))
    numbered = placed.with_columns(stint=opens.cast(pl.Int64).cum_sum().over("src"))
    return numbered.filter(pl.col("there") | pl.col("was"))


def merge_stretches(coverage: pl.DataFrame) -> pl.DataFrame:
    """Return the stretches that the exports of a chat cover between them: `chat_id`, `from_at`, `to_at`."""
    ordered = coverage.sort("chat_id", "from_at", "to_at")
    before = pl.col("to_at").cum_max().shift(1).over("chat_id")
    opens = (pl.col("from_at") > before + GRACE).fill_null(value=True)
    return (
        ordered.with_columns(stretch=opens.cum_sum())
        .group_by("stretch", maintain_order=True)
        .agg(pl.col("chat_id").first(), pl.col("from_at").min(), pl.col("to_at").max())
        .drop("stretch")
    )


def list_sightings(
    posts: pl.DataFrame, named: pl.DataFrame, coverage: pl.DataFrame, others: pl.DataFrame
) -> pl.DataFrame:
    """Return when each person was seen in a chat: `chat_id`, `person_id`, `sent_at`, `source_id`, `acts`.

    Whoever posts or does what a notice tells acts. Others are only there: the owner of a phone while its export shows
    records, whom a notice names without saying that they came or went, the other person of a one-to-one chat.

    Args:
        posts: Messages with `chat_id`, `person_id`, `sent_at`, `source_id`.
        named: People in notices, with the same columns and `event`, `role`.
        coverage: As made by `find_coverage`, with `person_id`, the owner.
        others: Further people who are there, with the columns of `posts`.
    """
    columns = ("chat_id", "person_id", "sent_at", "source_id")
    acts = (pl.col("role") == "actor") & ~pl.col("event").is_in(_NOT_ACTS)
    silent = named.filter(~acts & (pl.col("role") != "new")).join(
        pick_moves(named), on=["message_id", "role", "person_id"], how="anti"
    )
    owners = [coverage.select("chat_id", "person_id", at, "source_id") for at in ("from_at", "to_at")]
    parts = [
        (posts, True),
        (named.filter(acts), True),
        (silent, False),
        *((owner.rename({owner.columns[2]: "sent_at"}), False) for owner in owners),
        (others, False),
    ]
    return pl.concat([part.select(*columns, acts=pl.lit(told)) for part, told in parts]).drop_nulls()
