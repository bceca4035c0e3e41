"""Where joining has put each message, in numbers, and the messages table completed from it."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from chatforensics.schema import Messages, check

_NONE = np.iinfo(np.int32).min
_TOLD = ("chat_id", "sent_at", "dst", "person_id", "canonical_id", "group_id")


@dataclass(frozen=True)
class Placed:
    """Where each message belongs: about forty-five bytes a message, without its text.

    `rows` has one row per message, sorted by `src`: `message_id`, `src`, `sent_at`, `dst`, `person` (a place in
    `persons`; null: nobody), `canonical_id`, `group` (the smallest canonical id of its message group; null: none).
    `exports` has `src`, `source_id`, `chat_id` in the order of `src`, which counts from nought.
    """

    rows: pl.DataFrame
    exports: pl.DataFrame
    persons: pl.Series

    def of(self, sources: pl.Series) -> pl.DataFrame:
        """Return the rows of some exports, by `source_id`."""
        places = self.exports["source_id"].search_sorted(sources.unique().sort())
        starts = np.searchsorted(self.rows["src"].to_numpy(), [*places.to_list(), *(places + 1).to_list()])
        first, last = starts[: len(places)], starts[len(places) :]
        parts = [np.arange(start, end, dtype=np.uint32) for start, end in zip(first, last, strict=True)]
        return self.rows[np.concatenate([np.zeros(0, dtype=np.uint32), *parts])]


class Placing:
    """Gathers what is found within chats, portion by portion, in the order of the records."""

    def __init__(self, n_messages: int) -> None:
        """Begin with nothing known of any message."""
        self._person = np.full(n_messages, _NONE, dtype=np.int32)
        self._canonical_id = np.zeros(n_messages, dtype=np.int64)
        self._group = np.full(n_messages, _NONE, dtype=np.int64)

    def take(self, places: np.ndarray, told: pl.DataFrame) -> None:
        """Note `person`, `canonical_id` and `group` of the records at some places."""
        self._person[places] = told["person"].fill_null(_NONE).to_numpy()
        self._canonical_id[places] = told["canonical_id"].to_numpy()
        self._group[places] = told["group"].fill_null(_NONE).to_numpy()

    def finish(self, rows: pl.DataFrame, numbered: pl.DataFrame, persons: pl.Series) -> Placed:
        """Return where all messages were put; `rows` are the records."""
        found = rows.select("message_id", "src", "sent_at", "dst").with_columns(
            pl.Series("person", self._person),
            pl.Series("canonical_id", self._canonical_id),
            pl.Series("group", self._group),
        )
        known = [pl.when(pl.col(name) != _NONE).then(name).alias(name) for name in ("person", "group")]
        return Placed(found.with_columns(known), numbered.select("src", "source_id", "chat_id"), persons)


def complete_messages(portion: Messages, placed: Placed) -> Messages:
    """Fill in some of the messages what parsing could not know; a notice has no copies and belongs to no person.

    Portions of whole exports in the order of `source_id`, one behind the other, make the table of the whole case.

    Args:
        portion: Messages as parsed, best of whole exports.
        placed: Where joining has put them; messages that it has not are left out.

    Returns:
        The messages with all their columns, sorted by export and place in the file.
    """
    rows = placed.of(portion["source_id"])
    found = rows.select(
        "message_id",
        "sent_at",
        pl.col("dst").cast(pl.String),
        "canonical_id",
        chat_id=placed.exports["chat_id"].gather(rows["src"]),
        person_id=placed.persons.gather(rows["person"]),
        group_id=pl.format("group-{}", "group"),
    )
    complete = portion.drop(_TOLD).join(found, on="message_id")
    return Messages(check(complete, table="messages").sort("source_id", "byte_start", "message_id"))
