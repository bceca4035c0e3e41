"""What the exports of a chat say together about each message."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from chatforensics.joining.disagreements import UNTIED, WORDLESS
from chatforensics.joining.slim import PORTION
from chatforensics.schema import CONFLICT_STATUSES, TABLES, TEXTS, Corroboration, check

GRAVITY = (*CONFLICT_STATUSES, "one_sided")

_DETAILS = {
    "text_conflict": "The exports show different texts for what seems to be one message.",
    "sender_conflict": "The exports name different senders for one text.",
    "time_conflict": "The exports show one text of one sender at different times.",
    "one_sided": "{} of {} exports that cover its time show it.",
    "single_source": "No other export of this chat.",
    "outside_window": "No other export of this chat covers its time.",
    "agree": "{} of {} exports that cover its time show it alike.",
}
_ONE_PHONE = " They come from one phone, person or file and do not confirm each other."
ORDER = "order"  # a difference that stands beside the others and decides no status
_NOTES = {
    ORDER: " One export has it elsewhere in the order than another.",
    UNTIED: " The exports name its sender by labels that nothing ties together.",
    WORDLESS: " One export has words where another has none: a caption left out, or a deleted message.",
}
_WAYS = pl.Enum([*GRAVITY, ORDER])
_STATUS = pl.Enum(list(_DETAILS))


@dataclass(frozen=True)
class Corroborated:
    """What the exports say about each message, as numbers: one row per canonical message, notices excluded.

    `rows` has `canonical_id`, the place of its chat in `chats`, `n_independent`, `status`, and as lists the exports
    that show it and those that lack it and how they differ; and what `detail` says besides.
    """

    rows: pl.DataFrame
    chats: pl.Series

    @property
    def height(self) -> int:
        """Return how many canonical messages there are."""
        return self.rows.height

    def portions(self, size: int = PORTION) -> Iterator[Corroboration]:
        """Yield the table `corroboration` in its order, some rows at a time; one portion at least."""
        for start in range(0, max(self.height, 1), size):
            yield self._write(self.rows[start : start + size])

    def _write(self, rows: pl.DataFrame) -> Corroboration:
        told = rows.with_columns(
            pl.col("status").cast(pl.String),
            pl.col("conflicts", "source_ids", "lacking").cast(TEXTS),
            chat_id=self.chats.gather(rows["chat"]),
            n_sources=pl.col("source_ids").list.len().cast(pl.Int64),
            n_missing=pl.col("lacking").list.len(),
            n_independent=pl.col("n_independent").cast(pl.Int64),
        )
        return Corroboration(
            check(told.with_columns(detail=_detail()).select(list(TABLES["corroboration"])), table="corroboration")
        )


def corroborate(
    copies: pl.DataFrame, missing: pl.DataFrame, differs: pl.DataFrame, notes: pl.DataFrame, *, exports: pl.Series
) -> pl.DataFrame:
    """Return what the exports of some chats say about each message, as rows of `Corroborated`.

    Agreement shows that exports agree, not that the message is true; exports of one phone or person count once in
    `n_independent`.

    Args:
        copies: One row per copy in the order of exports: `slot`, `src`, `unit` (what is independent), `chat`,
            `n_exports` (of the chat).
        missing: `slot`, `src` of exports that cover the time without showing the message.
        differs: `slot`, `differs` of copies that disagree.
        notes: `slot`, `differs` of copies that agree, with what should be known of it.
        exports: The `source_id` of each `src` of the case, as categories.
    """
    lacked = missing.sort("src")
    lacking = lacked.select("slot", lacking=exports.gather(lacked["src"])).group_by("slot").agg("lacking")
    one_sided = missing.select("slot", differs=pl.lit("one_sided")).unique()
    found = pl.concat([differs, one_sided, notes.filter(pl.col("differs") == ORDER)])
    conflicts = found.with_columns(pl.col("differs").cast(_WAYS)).sort("differs")
    noted = [(pl.col("differs") == note).any().alias(note) for note in _NOTES]
    rows = (
        copies.select("slot", "chat", "n_exports", "unit", source_ids=exports.gather(copies["src"]))
        .group_by("slot")
        .agg(
            pl.col("chat").first().cast(pl.Int32),
            pl.col("n_exports").first(),
            n_independent=pl.col("unit").n_unique().cast(pl.Int32),
            source_ids="source_ids",
        )
        .join(lacking, on="slot", how="left")
        .join(conflicts.group_by("slot").agg(conflicts="differs"), on="slot", how="left")
        .join(notes.group_by("slot").agg(noted), on="slot", how="left")
        .with_columns(
            pl.col("lacking").fill_null(pl.lit([], pl.List(exports.dtype))),
            pl.col("conflicts").fill_null(pl.lit([], pl.List(_WAYS))),
            pl.col(list(_NOTES)).fill_null(value=False),
        )
        .with_columns(status=_status())
    )
    return rows.rename({"slot": "canonical_id"}).drop("n_exports")


def _status() -> pl.Expr:
    alone = pl.when(pl.col("n_exports") == 1).then(pl.lit("single_source")).otherwise(pl.lit("outside_window"))
    plain = pl.when(pl.col("source_ids").list.len() > 1).then(pl.lit("agree")).otherwise(alone)
    gravest = pl.col("conflicts").list.first().cast(pl.String)
    return pl.coalesce(pl.when(gravest != ORDER).then(gravest), plain).cast(_STATUS)


def _detail() -> pl.Expr:
    covering = pl.col("n_sources") + pl.col("n_missing")
    words = pl.coalesce(
        pl.when(pl.col("status") == status).then(
            pl.format(words, "n_sources", covering) if "{}" in words else pl.lit(words)
        )
        for status, words in _DETAILS.items()
    )
    repeated = (pl.col("n_sources") > 1) & (pl.col("n_independent") == 1)
    further = [*((pl.col(note), text) for note, text in _NOTES.items()), (repeated, _ONE_PHONE)]
    return pl.concat_str(words, *(pl.when(said).then(pl.lit(text)).otherwise(pl.lit("")) for said, text in further))


def find_moved_slots(copies: pl.DataFrame, moved: pl.DataFrame) -> pl.DataFrame:
    """Return the messages that stand elsewhere in the order of another export: `slot`, `differs`.

    Args:
        copies: One row per copy: `slot`, `src`, `line`.
        moved: `src`, `line` of the copies that were found to be moved.
    """
    there = copies.join(moved, on=["src", "line"], how="semi")
    return there.select("slot", differs=pl.lit(ORDER)).unique().sort("slot")


def gather_corroborated(parts: Sequence[pl.DataFrame], numbered: pl.DataFrame) -> Corroborated:
    """Put together what was found in different chats, in the order of messages.

    Args:
        parts: As made by `corroborate`.
        numbered: The exports with `chat_id`, in order; a chat has the number of its first export.
    """
    return Corroborated(pl.concat(parts).sort("canonical_id"), numbered["chat_id"])
