"""The tables of the invented dossier: one chat of seven records in two exports, which differ in one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from chatforensics.schema import TABLES, check

Row = dict[str, Any]

CHAT = "Canal Ward allotments"
FIRST, SECOND = "a1" * 8, "b2" * 8
SLATE = "Final reminder: vote for Oyelaran Brzeska on Thursday, then delete this. Ring [phone P-7QK2ABCDEF] if stuck"
REFUSAL = "No. I will not vote as told, and Oyelaran Brzeska would not want it. I live at [withheld 1: home address]"
OTHER_REFUSAL = "No. I will not vote as told. I live at [withheld 1: home address]"
BASIS = f"texts shared with {FIRST}: 3 s ahead of Europe/London; reference clock Europe/London, assumed"
START = datetime(2031, 3, 3, 19, 40)
TICKED = (1002, 1004)
ADEYEMI, ZIELONY, HAQUE = "person-adeyemi", "person-zielony", "person-haque"


@dataclass(frozen=True)
class Said:
    """One record of the invented chat."""

    minute: int
    sender: str | None
    text: str | None
    kind: str = "text"
    attachment: str | None = None
    edited: bool = False


RECORDS = (
    Said(0, None, "Messages and calls are end-to-end encrypted. Learn more.", kind="system"),
    Said(1, "Piotr Zielony", "Is the gate still broken?"),
    Said(2, "Nkechi Adeyemi", SLATE),
    Said(2, "Farhana Haque", "شکریہ Is that the one from the newsletter?"),
    Said(5, "Piotr Zielony", REFUSAL, edited=True),
    Said(9, "Nkechi Adeyemi", None, kind="media", attachment="IMG-20310303-WA0001.jpg"),
    Said(12, "Farhana Haque", None, kind="deleted"),
)


def a_table(name: str, rows: Sequence[Row]) -> pl.DataFrame:
    """Return a contract table of the given rows; what a row leaves out is null."""
    full = [{column: row.get(column) for column in TABLES[name]} for row in rows]
    return check(pl.DataFrame(full, schema=dict(TABLES[name])), table=name)


def some_tables() -> dict[str, pl.DataFrame]:
    """Return the tables of the dossier, already cut down; the first export has 240 messages, seven of them here."""
    return {
        "sources": a_table("sources", _sources()),
        "messages": a_table("messages", [*_messages(FIRST, 1000, step=60), *_messages(SECOND, 2000, step=1)]),
        "chats": a_table(
            "chats", [{"chat_id": "chat-1", "title": CHAT, "kind": "group", "source_ids": [FIRST, SECOND]}]
        ),
        "people": a_table("people", _people()),
        "clocks": a_table("clocks", _clocks()),
        "labels": a_table("labels", _labels()),
        "slates": a_table("slates", [_slate(1002), _slate(2002)]),
        "attachments": a_table("attachments", [_attachment()]),
        "indicators": a_table("indicators", _indicators()),
        "corroboration": a_table("corroboration", _corroboration()),
        "comparisons": a_table("comparisons", [_comparison()]),
        "rejects": a_table("rejects", [_reject()]),
    }


def tables_saying(text: str) -> dict[str, pl.DataFrame]:
    """Return the tables with the first ticked message saying something else, of which nothing was computed."""
    tables = some_tables()
    words = pl.when(pl.col("message_id") == TICKED[0]).then(pl.lit(text)).otherwise("text").alias("text")
    said = tables["messages"].with_columns(words)
    return {**tables, "messages": said, "labels": tables["labels"].clear(), "slates": tables["slates"].clear()}


def _sources() -> list[Row]:
    shared: Row = {"chat_id": "chat-1", "chat_title": CHAT, "date_order": "dmy", "date_order_verdict": "certain"}
    return [
        shared
        | {
            "source_id": FIRST,
            "path": "phones/zielony/WhatsApp Chat with Canal Ward allotments.txt",
            "sha256": FIRST * 4,
            "size_bytes": 30_211,
            "platform": "android",
            "header_format": "android: d/M/yyyy",
            "clock_step_s": 60,
            "custodian_id": ZIELONY,
            "n_messages": 240,
            "n_rejects": 1,
            "first_at": datetime(2031, 1, 2, 8, 0, tzinfo=UTC),
            "last_at": datetime(2031, 3, 30, 21, 4, tzinfo=UTC),
        },
        shared
        | {
            "source_id": SECOND,
            "path": "phones/haque/WhatsApp Chat - Canal Ward allotments.zip",
            "member": "_chat.txt",
            "sha256": SECOND * 4,
            "size_bytes": 1_204_118,
            "platform": "ios",
            "header_format": "ios: d/M/yyyy",
            "clock_step_s": 1,
            "n_messages": 251,
            "n_rejects": 0,
            "first_at": datetime(2031, 1, 2, 8, 0, 4, tzinfo=UTC),
            "last_at": datetime(2031, 3, 31, 9, 12, 40, tzinfo=UTC),
        },
    ]


def _messages(source_id: str, base: int, *, step: int) -> list[Row]:
    return [_message(said, source_id=source_id, number=base + place, step=step) for place, said in enumerate(RECORDS)]


def _message(said: Said, *, source_id: str, number: int, step: int) -> Row:
    place = number % 1000
    at = START + timedelta(minutes=said.minute, seconds=0 if step > 1 else 17 + place)
    is_other = source_id == SECOND and said.text == REFUSAL
    return {
        "message_id": number,
        "group_id": f"group-{number}",
        "source_id": source_id,
        "chat_id": "chat-1",
        "line": 100 + place,
        "byte_start": 12_000 + 200 * place,
        "byte_end": 12_200 + 200 * place,
        "sent_local": at,
        "sent_at": (at - timedelta(seconds=3 if step == 1 else 0)).replace(tzinfo=UTC),
        "sender_label": said.sender,
        "person_id": {"Nkechi Adeyemi": ADEYEMI, "Piotr Zielony": ZIELONY, "Farhana Haque": HAQUE}.get(
            said.sender or ""
        ),
        "kind": said.kind,
        "text": OTHER_REFUSAL if is_other else said.text,
        "attachment": said.attachment if step > 1 else None,
        "edited": said.edited and not is_other,
        "deleted_by": "Piotr Zielony" if said.kind == "deleted" else None,
        "canonical_id": 1000 + place,
    }


def _people() -> list[Row]:
    named = (
        (ADEYEMI, "P-ADEYE", "Nkechi Adeyemi"),
        (ZIELONY, "P-ZIELO", "Piotr Zielony"),
        (HAQUE, "P-HAQUE", "Farhana Haque"),
    )
    return [
        {"person_id": key, "pseudonym": short, "labels": [name], "phones": [], "source_ids": [FIRST, SECOND]}
        for key, short, name in named
    ]


def _clocks() -> list[Row]:
    whole = {"from_local": datetime(2031, 1, 1), "to_local": datetime(2031, 4, 1)}
    return [
        whole | {"source_id": FIRST, "utc_offset_s": 0, "uncertainty_s": 60, "basis": "zone of the case, assumed"},
        whole | {"source_id": SECOND, "utc_offset_s": 3, "uncertainty_s": 4, "basis": BASIS},
    ]


def _labels() -> list[Row]:
    span = {"start": 16, "end": 41, "cue": "en.vote_name"}
    about = "It asks for support of a person, list or option, by the words “vote for Oyelaran Brzeska”."
    flag = {"probability": 0.93, "decision": "flag", "spans": [span]}
    return [
        flag | {"message_id": number, "label": label, "explanation": about}
        for number in (1002, 2002)
        for label in ("slate_instruction", "endorse")
    ] + [
        {
            "message_id": 1002,
            "label": "conceal",
            "probability": 0.41,
            "decision": "review",
            "spans": [{"start": 60, "end": 71, "cue": "en.delete_this"}],
            "explanation": "It asks to delete the message, by the words “delete this”.",
        },
        {"message_id": 1004, "label": "slate_instruction", "probability": 0.31, "decision": "none"},
    ]


def _slate(message_id: int) -> Row:
    return {"message_id": message_id, "name": "Oyelaran Brzeska", "stance": "for", "step": 1, "start": 25, "end": 41}


def _attachment() -> Row:
    return {
        "source_id": FIRST,
        "file": "IMG-20310303-WA0001.jpg",
        "message_id": 1005,
        "status": "missing",
    }


def _indicators() -> list[Row]:
    edited: Row = {
        "indicator": "I-15",
        "level": "info",
        "value": "1 message marked as edited, on 1 day.",
        "title": "Messages marked as deleted or edited",
        "explanation": "Something else stood there once.",
        "innocent": "People delete and edit all the time: misspellings, second thoughts.",
        "resolve": "Exports made before the change, by anybody in the chat.",
    }
    differing: Row = {
        "indicator": "J-05",
        "level": "unexplained",
        "value": "1 message with different words: line 104 here.",
        "title": "Different words",
        "explanation": "The first export and the other show different words at one place.",
        "innocent": "The message was edited after one of the exports was made.",
        "resolve": "The message's details on either phone; the export of a third member.",
    }
    return [
        edited | {"source_ids": [FIRST], "lines": [104]},
        differing | {"source_ids": [FIRST, SECOND], "lines": [104]},
    ]


def _corroboration() -> list[Row]:
    base: Row = {"chat_id": "chat-1", "n_sources": 2, "n_independent": 2, "source_ids": [FIRST, SECOND], "lacking": []}
    differs = {"status": "text_conflict", "conflicts": ["text_conflict"], "detail": "The words differ."}
    agrees: Row = {"status": "agree", "conflicts": [], "detail": "Both exports show it alike."}
    return [
        base | {"canonical_id": 1000 + place} | (differs if place == 4 else agrees) for place in range(len(RECORDS))
    ]


def _comparison() -> Row:
    counts = {"n_a": 7, "n_b": 7, "n_agree": 6, "n_text": 1, "n_only_a": 0, "n_only_b": 0}
    zeros = {"n_sender": 0, "n_time": 0, "n_order": 0}
    pair = {"chat_id": "chat-1", "source_a": FIRST, "source_b": SECOND, "independent": True, "n_anchors": 3}
    return pair | counts | zeros | {"n_at_offset": 3, "offset_s": 3, "uncertainty_s": 4}


def _reject() -> Row:
    return {"source_id": FIRST, "line": 90, "byte_start": 11_000, "byte_end": 11_120, "reason": "no header explains it"}
