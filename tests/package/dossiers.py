"""A small invented dossier: two exports of one chat, two ticked messages, and all that a package says of them."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from package.dossiertables import (
    ADEYEMI,
    BASIS,
    CHAT,
    FIRST,
    HAQUE,
    OTHER_REFUSAL,
    RECORDS,
    REFUSAL,
    SECOND,
    SLATE,
    START,
    TICKED,
    ZIELONY,
    Row,
    Said,
    a_table,
    some_tables,
    tables_saying,
)

from chatforensics.package.dossier import Dossier

__all__ = [
    "ADEYEMI", "BASIS", "CHAT", "FIRST", "HAQUE", "MADE_AT", "OTHER_REFUSAL", "RECORDS", "REFUSAL", "REPLY", "SECOND",
    "SLATE", "START", "TICKED", "TITLE", "ZIELONY", "Row", "Said", "a_dossier", "a_log", "a_reply", "a_run", "a_table",
    "some_answers", "some_redactions", "some_tables", "tables_saying",
]  # fmt: skip

TITLE = "Canal Ward selection, complaint of 2031"
REPLY = "I passed on what the newsletter said. Nobody asked me to, and I would have told you so."
MADE_AT = datetime(2031, 4, 1, 10, 0, tzinfo=UTC)


def a_dossier(**more: Any) -> Dossier:
    """Return the dossier, with the given fields in the place of its own."""
    fields: Row = {
        "title": TITLE,
        "made_at": MADE_AT,
        "tables": some_tables(),
        "ticked": TICKED,
        "run": a_run(),
        "answers": some_answers(),
        "log": a_log(),
        "replies": (a_reply(),),
        "redactions": some_redactions(),
    }
    return Dossier(**(fields | more))


def a_run() -> Row:
    """Return the run record of the invented analysis; its model is none that exists."""
    return {
        "version": "0.7.0",
        "python": "3.11.7",
        "packages": {"polars": "2.1.0"},
        "parameters": {"timezone": "Europe/London", "window_s": 300.0},
        "inputs": [{"path": "phones/zielony/WhatsApp Chat with Canal Ward allotments.txt", "sha256": FIRST * 4}],
        "assumptions": ["Exports without a declared zone: 2 of 2; clocks taken to show Europe/London."],
        "warnings": ["One stretch of one export could not be read."],
        "failures": [],
        "model": {
            "sha256": "c3" * 32,
            "labels": ["slate_instruction", "endorse", "conceal"],
            "thresholds": {"slate_instruction": [0.12, 0.39], "endorse": [0.12, 0.3], "conceal": [0.33, 0.5]},
            "decided_by_cues_alone": ["conceal"],
        },
    }


def some_answers() -> tuple[Row, ...]:
    """Return the answers to the custody questions; most of the second export are unknown."""
    questions = (
        "exported_by",
        "phone",
        "app_version",
        "zone",
        "media",
        "exported_on",
        "received",
        "source_kind",
        "basis",
    )
    known = {
        "source_id": FIRST,
        "exported_by": "Piotr Zielony",
        "phone": "Fairphone 4, Android 13",
        "app_version": "2.31.4.77",
        "zone": "Europe/London, English",
        "media": "without",
        "exported_on": "2031-03-30 at about 22:10",
        "received": "by memory stick, from his hand, 2031-03-31",
        "source_kind": "participant",
        "basis": "his own complaint to the ward",
    }
    return known, {"source_id": SECOND, **dict.fromkeys(questions, "unknown")}


def a_log(n: int = 3) -> tuple[str, ...]:
    """Return the first lines of a custody log, each naming the hash of the one before."""
    lines: list[str] = []
    for number, action in enumerate(("new", "add", "analyse", "bundle")[:n], 1):
        entry = {
            "action": action,
            "actor": "R. Okafor-Lindqvist",
            "at": f"2031-04-01T09:0{number}:00Z",
            "details": {"n_sources": 2} if action == "analyse" else {},
            "inputs": [FIRST * 4] if action == "add" else [],
            "outputs": [],
            "prev": hashlib.sha256(lines[-1].encode()).hexdigest() if lines else "0" * 64,
            "seq": number,
            "version": "0.7.0",
        }
        lines.append(json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":")))
    return tuple(lines)


def a_reply() -> Row:
    """Return what one of the people concerned answered; the other was not offered anything."""
    return {
        "person_id": ADEYEMI,
        "label": "Nkechi Adeyemi",
        "status": "replied",
        "text": REPLY,
        "on": "2031-03-31",
        "how": "by letter",
    }


def some_redactions() -> tuple[Row, ...]:
    """Return what was taken out, without the words."""
    return (
        {"number": 1, "kind": "words", "reason": "home address", "reviewer": "S. Mbeki-Larsen", "n_places": 2},
        {"number": 2, "kind": "phone", "reason": "rule", "reviewer": "", "n_places": 4},
    )
