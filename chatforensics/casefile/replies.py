"""What people named were offered, and what they answered; nothing of it is ever changed or taken out."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from chatforensics.casefile.folder import By, Case, reading, stamp, writing
from chatforensics.casefile.log import append_to, conceal
from chatforensics.errors import UsageError

REPLY_STATUSES = ("pack made", "offered", "replied", "declined")
_COLUMNS = ("number", "person_id", "label", "status", "text", "happened_on", "how", "actor", "at")


def record_reply(
    case: Case, *, person: tuple[str, str], status: str, by: By, more: Mapping[str, str | date | None] | None = None
) -> None:
    """Record that somebody was offered the chance to answer, answered, or declined.

    Args:
        case: the case.
        person: their `person_id`, and the name by which they were looked up: ids may change when exports are added.
        status: one of `REPLY_STATUSES`.
        by: who records it, and when.
        more: `text` of the reply, `happened_on` (the day), `how` it was offered or came.

    Raises:
        UsageError: no such status, or a reply without words.
    """
    if status not in REPLY_STATUSES:
        raise UsageError(f"'{status}' is no status of a reply.", hint=f"Use one of: {', '.join(REPLY_STATUSES)}.")
    given = dict(more or {})
    text, on = given.get("text"), given.get("happened_on")
    if status == "replied" and not str(text or "").strip():
        raise UsageError("The reply has no words.", hint="Name a text file with --text.")
    day = on.isoformat() if isinstance(on, date) else on
    person_id, label = person
    with writing(case) as database:
        row = (person_id, label, status, text, day, given.get("how"), by.actor, stamp(by.at))
        columns = ", ".join(_COLUMNS[1:])
        database.execute(f"INSERT INTO replies ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608 - our names
        details = {
            "happened_on": day,
            "person": conceal(case, person_id, purpose="person"),
            "status": status,
            "what": conceal(case, json.dumps(row), purpose="reply"),
        }
        append_to(database, "reply", by=by, details=details)


def list_replies(case: Case) -> list[dict[str, str | None]]:
    """Return all that was recorded of replies, in the order in which it was recorded."""
    with reading(case.folder) as database:
        rows = database.execute(f"SELECT {', '.join(_COLUMNS)} FROM replies ORDER BY number")  # noqa: S608 - our names
        return [dict(zip(_COLUMNS, row, strict=True)) for row in rows]


def check_replied(case: Case, database: sqlite3.Connection, entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Hold the replies on record, in their order, to the lines of the custody log that say that they were recorded.

    Args:
        case: the case; its key makes the hashes by which the log knows replies.
        database: of the case.
        entries: the lines of the log about replies, in order.

    Yields:
        In words what does not agree; no reply is repeated.
    """
    rows = database.execute(f"SELECT {', '.join(_COLUMNS)} FROM replies ORDER BY number").fetchall()  # noqa: S608 - our names
    if len(rows) != len(entries):
        yield f"Replies and offers on record: {len(rows):,}; in the custody log: {len(entries):,}."
    for number, (row, entry) in enumerate(zip(rows, entries, strict=False), start=1):
        details = entry.get("details")
        what = details.get("what") if isinstance(details, dict) else None
        if row[0] != number or what != conceal(case, json.dumps(row[1:]), purpose="reply"):
            yield f"A reply on record is not that of line {entry.get('seq')} of the custody log."
