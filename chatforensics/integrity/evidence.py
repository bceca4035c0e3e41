"""What an indicator looks at, what it says, and how it is described."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import polars as pl

from chatforensics.intake import Content
from chatforensics.schema import TABLES, Attachments, Events, Members, Messages, Readings

_FEW = 1_000  # records; going through so few one by one is quicker than a sweep over columns
_SHORT_BYTES = 200_000  # of a text that is decoded once more, so that a look at it spares sweeps over the tables
INFO, UNEXPLAINED, CONTRADICTION = "info", "unexplained", "contradiction"


@dataclass(frozen=True)
class Evidence:
    """One export as received and as parsed.

    `source` is its row of `sources`; the tables have its rows only, `messages` in file order; `content` is the chat
    text byte for byte; `timezone` is the zone that its clock is taken to show, None where nobody said.
    """

    source: Mapping[str, object]
    content: Content
    messages: Messages
    events: Events
    readings: Readings
    attachments: Attachments
    members: Members
    timezone: str | None = None

    @cached_property
    def kinds(self) -> Mapping[str, int]:
        """The kinds of records that the export has, each with its number of records."""
        return _count(self.messages["kind"])

    @cached_property
    def senders(self) -> Mapping[str, int]:
        """The senders' labels by their letters, each with its number of records."""
        return dict(sorted(_count(self.messages["sender_label"]).items()))

    @cached_property
    def told(self) -> Mapping[str, int]:
        """The events that notices tell, each with its number of notices."""
        return _count(self.events["event"])

    @cached_property
    def notices(self) -> pl.DataFrame:
        """The events with where they stand: `row` (from 0, in file order), `line`, `sent_local`, `text`."""
        if self.events.is_empty():
            return _no_notices()
        told = self.messages.select("message_id", "line", "sent_local", "text").with_row_index("row")
        return self.events.join(told, on="message_id").sort("row").drop("message_id")

    @cached_property
    def placed(self) -> pl.DataFrame:
        """The attachments with the line and the time of the message that names the file; null where none does."""
        where = self.messages.select("message_id", "line", "sent_local")
        return self.attachments.join(where, on="message_id", how="left", maintain_order="left")

    @cached_property
    def few_texts(self) -> Sequence[tuple[str | None, str]] | None:
        """Sender and text of what was typed, where the export has few records; None where it has many."""
        if self.messages.height > _FEW:
            return None
        columns = (self.messages[name].to_list() for name in ("sender_label", "text", "kind"))
        return [
            (sender, text) for sender, text, kind in zip(*columns, strict=True) if text is not None and kind == "text"
        ]

    @cached_property
    def short_text(self) -> str | None:
        """The chat text where it is short and in UTF-8; None elsewhere: then only the tables tell what is in it."""
        if not 0 < len(self.content) <= _SHORT_BYTES:
            return None
        try:
            return bytes(self.content[:]).decode()
        except UnicodeDecodeError:
            return None


@cache
def _no_notices() -> pl.DataFrame:
    """Return the notices of an export without any."""
    events, messages = (
        {name: TABLES[table][name] for name in names}
        for table, names in (
            ("events", [name for name in TABLES["events"] if name != "message_id"]),
            ("messages", ("line", "sent_local", "text")),
        )
    )
    return pl.DataFrame(schema={**events, "row": pl.get_index_type(), **messages})


def _count(values: pl.Series) -> dict[str, int]:
    return {value: n for value, n in values.value_counts().iter_rows() if value is not None} if len(values) else {}


@dataclass(frozen=True)
class Observation:
    """What one indicator found: the level, in one sentence with its numbers, and the lines of the export behind it."""

    level: str
    value: str
    lines: Sequence[int] = ()


@dataclass(frozen=True)
class Indicator:
    """One way of looking at an export, with what the reader must know to weigh it.

    `why` says why it may matter, `innocent` which lawful causes it has, `resolve` what would settle it.
    """

    title: str
    find: Callable[[Evidence], Iterable[Observation]]
    why: str
    innocent: str
    resolve: str

    def words(self) -> dict[str, str]:
        """Return the description by the names of its columns in `indicators`."""
        return {"title": self.title, "explanation": self.why, "innocent": self.innocent, "resolve": self.resolve}
