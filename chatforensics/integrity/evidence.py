"""What an indicator looks at, what it says, and how it is described."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from chatforensics.intake import Content
from chatforensics.schema import Attachments, Events, Members, Messages, Readings

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
