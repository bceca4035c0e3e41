"""A small invented dossier full of things that must not be read: names in many scripts, numbers, addresses, files."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from chatforensics.package.dossier import Dossier
from chatforensics.package.naming import stand_in
from chatforensics.package.redaction import Rules
from chatforensics.schema import TABLES, check
from chatforensics.tablefiles import encode_table

Row = dict[str, Any]
KEY, OTHER_KEY = b"k" * 32, b"q" * 32
PARTY, CANDIDATE = "Thandeka Mahlangu", "Oyelaran Brzeska"
NAMES = ("Siobhan Achterberg", "Gulsen Yildiz", "محمد الحسيني", "রহিমা খাতুন", "王小明", "Nnamdi")
START = datetime(2031, 3, 3, 19, 40, tzinfo=UTC)
SOURCE = "a1b2c3d4e5f60718"


def a_table(name: str, rows: list[Row]) -> pl.DataFrame:
    """Return a contract table of the given rows; what a row leaves out is null."""
    full = [{column: row.get(column) for column in TABLES[name]} for row in rows]
    return check(pl.DataFrame(full, schema=dict(TABLES[name])), table=name)


def person_of(number: int) -> str:
    """Return the id of a person, in the form in which joining makes them."""
    return f"person-{number:016x}"


def code_of(number: int) -> str:
    """Return what stands in for a person."""
    return stand_in(KEY, person_of(number), what="person")


def a_message(number: int, *, sender: int | None, label: str | None, text: str | None, **more: object) -> Row:
    """Return one message; its time follows from its number."""
    row: Row = {
        "message_id": number,
        "group_id": f"group-{number}",
        "source_id": SOURCE,
        "chat_id": "chat-00000000000000aa",
        "line": number,
        "byte_start": 100 * number,
        "byte_end": 100 * number + 100,
        "sent_local": (START + timedelta(minutes=number)).replace(tzinfo=None),
        "sent_at": START + timedelta(minutes=number),
        "sender_label": label,
        "person_id": None if sender is None else person_of(sender),
        "kind": "system" if sender is None else "text",
        "text": text,
        "edited": False,
        "canonical_id": number,
    }
    return row | more


def a_dossier(labels: Mapping[int, tuple[str, ...]], texts: list[str], /, **more: pl.DataFrame) -> Dossier:
    """Return a dossier in which person 0 is the party, everybody wrote something, and the texts are theirs in turn."""
    people = [
        {"person_id": person_of(number), "pseudonym": f"P-{number}", "labels": list(some), "phones": []}
        for number, some in labels.items()
    ]
    senders = list(labels)
    messages = [
        a_message(
            place,
            sender=senders[(place - 1) % len(senders)],
            label=labels[senders[(place - 1) % len(senders)]][0],
            text=text,
        )
        for place, text in enumerate(texts, 1)
    ]
    tables = {
        "people": a_table("people", people),
        "messages": a_table("messages", messages),
        "chats": a_table("chats", [{"chat_id": "chat-00000000000000aa", "title": "Ward", "kind": "group"}]),
    }
    return Dossier(title="A case", made_at=START, tables=tables | more, ticked=(1,), run={})


def rules(**more: Any) -> Rules:
    """Return rules by which only person 0 stays by name."""
    fields: Row = {"key": KEY, "parties": frozenset({person_of(0)})}
    return Rules(**(fields | more))


def write_files(dossier: Dossier) -> dict[str, bytes]:
    """Return the tables as the package writes them, and the values beside them."""
    tables = {
        f"data/tables/{name}.{kind}": encode_table(frame, kind=kind)
        for name, frame in dossier.tables.items()
        for kind in ("csv", "jsonl")
    }
    beside = repr((dossier.title, dossier.run, dossier.answers, dossier.replies, dossier.redactions, dossier.reply_for))
    return tables | {"data/beside.txt": beside.encode()}
