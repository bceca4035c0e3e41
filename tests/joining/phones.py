"""Write exports as tables, the way parsing makes them: what phones show of one invented conversation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

import polars as pl

from chatforensics.joining import Corrections, Joined, join_exports
from chatforensics.schema import TABLES, Events, Messages, Sources

START = datetime(2026, 2, 2, 9, 0)
WORDS = (
    *("anchor", "basket", "cellar", "dinner", "engine", "fiddle", "garden", "harbour", "island", "jacket"),
    *("kettle", "ladder", "marble", "needle", "orchard", "parcel", "quarry", "ribbon", "saddle", "tunnel"),
)


@dataclass(frozen=True)
class Said:
    """One thing that happens in a chat: a message, or a notice if `event` is given."""

    at_s: float
    label: str | None
    text: str | None
    kind: str = "text"
    event: tuple[str, str | None, tuple[str, ...]] | None = None
    edited: bool = False
    new: str | None = None
    deleted_by: str | None = None


@dataclass(frozen=True)
class Export:
    """One phone's export: what it shows, in which folder, and how its clock runs."""

    name: str
    said: Sequence[Said]
    folder: str | None = None
    ahead_s: int = 0
    step_s: int = 60
    title: str | None = None
    zone: str | None = None
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def source_id(self) -> str:
        return sha256(self.name.encode()).hexdigest()[:16]


def notice(at_s: float, event: str, actor: str | None, *targets: str, new: str | None = None) -> Said:
    """Return a notice."""
    return Said(at_s, None, f"{actor} {event}", "system", (event, actor, targets), new=new)


def talk(n: int, people: Sequence[str], *, every_s: int = 300, start_s: int = 0, topic: str = "") -> list[Said]:
    """Return a conversation of long texts that occur once each."""
    return [
        Said(
            start_s + i * every_s,
            people[i % len(people)],
            f"{topic} {WORDS[i % 20]} {WORDS[i // 20 % 20]} number {i:04d}",
        )
        for i in range(n)
    ]


def tables(*exports: Export) -> tuple[Sources, Messages, Events]:
    """Return the tables that parsing would make of exports."""
    sources = pl.DataFrame([_source(export) for export in exports], schema=_sources_schema())
    messages = [row for export in exports for row in _messages(export)]
    events = [row for export in exports for row in _events(export)]
    return (
        Sources(sources),
        Messages(pl.DataFrame(messages, schema=dict(TABLES["messages"]))),
        Events(pl.DataFrame(events, schema=dict(TABLES["events"]))),
    )


def join(*exports: Export, timezone: str = "UTC", corrections: Corrections | None = None) -> Joined:
    """Join exports."""
    return join_exports(*tables(*exports), timezone=timezone, corrections=corrections)


def label_of(joined: Joined, label: str) -> set[str]:
    """Return the person ids of everybody who carries a label."""
    return set(joined.people.filter(pl.col("labels").list.contains(label))["person_id"])


def _sources_schema() -> dict[str, pl.DataType | type[pl.DataType]]:
    return dict(TABLES["sources"]) | {"folder": pl.String}


def _source(export: Export) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(_sources_schema())
    return row | {
        "source_id": export.source_id,
        "path": f"{export.name}.txt",
        "clock_step_s": export.step_s,
        "timezone": export.zone,
        "chat_title": export.title,
        "folder": export.folder,
    }


def _message_id(export: Export, place: int) -> int:
    return int(export.source_id[:8], 16) * 2**20 + place


def _messages(export: Export) -> list[dict[str, object]]:
    return [
        dict.fromkeys(TABLES["messages"])
        | {
            "message_id": _message_id(export, place),
            "source_id": export.source_id,
            "line": place + 1,
            "byte_start": place * 100,
            "byte_end": place * 100 + 100,
            "sent_local": _shown(export, said),
            "sender_label": export.labels.get(said.label, said.label) if said.label else None,
            "kind": said.kind,
            "text": said.text,
            "edited": said.edited,
            "deleted_by": said.deleted_by,
            "dst": None,
        }
        for place, said in enumerate(export.said)
    ]


def _shown(export: Export, said: Said) -> datetime:
    seconds = (said.at_s + export.ahead_s) // export.step_s * export.step_s
    return START + timedelta(seconds=seconds)


def _events(export: Export) -> list[dict[str, object]]:
    return [
        {
            "message_id": _message_id(export, place),
            "event": said.event[0],
            "actor": export.labels.get(said.event[1], said.event[1]) if said.event[1] else None,
            "targets": [export.labels.get(target, target) for target in said.event[2]],
            "old": None,
            "new": said.new,
        }
        for place, said in enumerate(export.said)
        if said.event
    ]
