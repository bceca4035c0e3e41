"""Invented chats for the indicators: as bytes of an export, or straight as tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

import polars as pl

from chatforensics.integrity import Evidence, Indicator, Observation
from chatforensics.schema import TABLES, Attachments, Events, Members, Messages, Readings, empty

START = datetime(2024, 3, 13, 8, 30)
PEOPLE = ("Ama", "Björn", "Çelik", "Дарья", "Ewa")

Row = tuple[str | None, str]


@dataclass(frozen=True)
class Said:
    """One record: who said what, how long after the one before; `event` makes it a notice about `targets`."""

    sender: str | None
    text: str | None = None
    after_s: int = 600
    event: str | None = None
    targets: tuple[str, ...] = ()
    actor: str | None = None
    kind: str = "text"


def notice(event: str, actor: str | None = None, *targets: str, after_s: int = 600) -> Said:
    """Return a notice that somebody does something to others."""
    text = f"{actor} {event} {', '.join(targets)}"
    return Said(None, text, after_s=after_s, event=event, targets=targets, actor=actor, kind="system")


def talk(n: int, *, people: Sequence[str] = PEOPLE, topic: str = "boat") -> list[Said]:
    """Return messages that all differ and that nobody would write twice by chance."""
    return [Said(people[number % len(people)], f"what I think of the {topic} number {number}") for number in range(n)]


def android(*rows: Row, minutes: int = 10) -> bytes:
    """Return an export of an Android phone in which a record follows every ten minutes."""
    times = (START + timedelta(minutes=minutes * number) for number in range(len(rows)))
    lines = (f"{at:%d/%m/%Y, %H:%M} - {_said(row)}\n" for at, row in zip(times, rows, strict=True))
    return "".join(lines).encode()


def iphone(*rows: Row, minutes: int = 10) -> bytes:
    """Return an export of an iPhone in which a record follows every ten minutes."""
    times = (START + timedelta(minutes=minutes * number) for number in range(len(rows)))
    lines = (f"[{at:%d/%m/%Y, %H:%M:%S}] {_said(row)}\r\n" for at, row in zip(times, rows, strict=True))
    return "".join(lines).encode()


def _said(row: Row) -> str:
    sender, text = row
    return text if sender is None else f"{sender}: {text}"


def evidence_of_records(said: Sequence[Said], *, start: datetime = START, platform: str = "android") -> Evidence:
    """Return records as evidence without bytes: line `n` is the n-th record."""
    times = list(accumulate((one.after_s for one in said), initial=0))[1:]
    rows = [
        {
            "message_id": number,
            "source_id": "a",
            "line": number + 1,
            "byte_start": 0,
            "byte_end": 0,
            "sent_local": start + timedelta(seconds=seconds),
            "sender_label": one.sender,
            "kind": one.kind,
            "text": one.text,
            "edited": False,
        }
        for number, (one, seconds) in enumerate(zip(said, times, strict=True))
    ]
    told = [
        {"message_id": number, "event": one.event, "actor": one.actor, "targets": list(one.targets)}
        for number, one in enumerate(said)
        if one.event
    ]
    return Evidence(
        source={"source_id": "a", "platform": platform, "date_order_verdict": "certain"},
        content=b"",
        messages=Messages(pl.DataFrame(rows, schema=dict(TABLES["messages"]))),
        events=Events(pl.DataFrame(told, schema=dict(TABLES["events"]))),
        readings=Readings(empty("readings")),
        attachments=Attachments(empty("attachments")),
        members=Members(empty("members")),
    )


def found(indicators: Mapping[str, Indicator], number: str, said: Iterable[Said]) -> list[tuple[str, list[int]]]:
    """Return level and lines of what one indicator sees in records."""
    return told(indicators[number].find(evidence_of_records(list(said))))


def told(observations: Iterable[Observation]) -> list[tuple[str, list[int]]]:
    """Return level and lines of observations."""
    return [(seen.level, list(seen.lines)) for seen in observations]
