"""The manifest of an RSMF file: participants, conversations and events; what RSMF has no field for is a property."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from chatforensics.package.dossier import Dossier
from chatforensics.package.exchanged import (
    APPLICATION,
    Exchange,
    PersonKey,
    Row,
    exporter_key,
    gather,
    identify,
    person_key,
    rows_of,
    show_utc,
    tell_part,
    tell_time,
)
from chatforensics.tablefiles.marks import mark

_Key = TypeVar("_Key")

VERSION = "2.0.0"
# By event: the type that RSMF has for it, and the column that names who came or went.
_ARRIVALS = {
    "added": ("join", "targets"),
    "joined": ("join", "actor"),
    "left": ("leave", "actor"),
    "removed": ("leave", "targets"),
}
_SELF = "You"  # in a notice: whoever made the export
_ON_PARTICIPANTS = "Those who wrote what is in this file, and who exported it; others may have been in the chat."
_ON_EVENTS = (
    "One event for each record of each export; messages were chosen, and others may lie between them. Characters that "
    "do not show, or write a text backwards, are written out, such as [NUL]; messages.jsonl has them as they are."
)
_ON_EDITS = "marked as edited by the app; neither the earlier words nor the time of the edit are in an export"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What goes into `rsmf_manifest.json`, and what the headers of the e-mail say of it.

    Attributes:
        content: Ready for JSON.
        custodians: The names of those who made the exports, and `unknown` where one is not known.
    """

    content: Mapping[str, Any]
    custodians: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Scene:
    """A dossier with the short names that the manifest gives to people and chats."""

    exchange: Exchange
    people: Mapping[PersonKey, str]
    chats: Mapping[str, str]
    notices: Mapping[int, Row]


def make_manifest(dossier: Dossier) -> Manifest:
    """Return the manifest of a dossier; equal dossiers give equal ones."""
    exchange = gather(dossier)
    scene = _Scene(
        exchange=exchange,
        people=_number("P", [*map(person_key, exchange.messages), *map(exporter_key, exchange.sources.values())]),
        chats=_number("C", [message["chat_id"] for message in exchange.messages]),
        notices={row["message_id"]: row for row in rows_of(dossier.tables, "events")},
    )
    custodians = {exporter_key(source) for source in exchange.sources.values()}
    content = {
        "version": VERSION,
        "participants": [_tell_person(scene, key) for key in scene.people],
        "conversations": [_tell_chat(scene, chat_id) for chat_id in scene.chats],
        "events": [_tell_event(scene, message) for message in exchange.messages],
        "eventcollectionid": identify(exchange.namespace, "events", *sorted(map(_id_of, exchange.messages))),
    }
    names = [exchange.speakers[key].name for key in scene.people if key in custodians]
    return Manifest(content=content, custodians=(*names, *(["unknown"] if None in custodians else [])))


def _number(letter: str, keys: Iterable[_Key | None]) -> dict[_Key, str]:
    """Return a short name for each key, numbered in the order in which they come."""
    found = dict.fromkeys(key for key in keys if key is not None)
    return {key: f"{letter}{number}" for number, key in enumerate(found, start=1)}


def _tell_person(scene: _Scene, key: PersonKey) -> Row:
    speaker = scene.exchange.speakers[key]
    told = _properties({"Labels in the exports": "; ".join(speaker.labels), "Pseudonym": speaker.pseudonym})
    return {"id": scene.people[key], "display": speaker.name, **told}


def _tell_chat(scene: _Scene, chat_id: str) -> Row:
    """Return one conversation; its custodian is told where one person made every export of it that is here."""
    exchange = scene.exchange
    chat = exchange.chats.get(chat_id, {})
    messages = [row for row in exchange.messages if row["chat_id"] == chat_id]
    exports = [
        exchange.sources[one] for one in sorted({row["source_id"] for row in messages}) if one in exchange.sources
    ]
    custodians = {exporter_key(source) for source in exports}
    present = {*map(person_key, messages), *custodians}
    custodian = next(iter(custodians)) if len(custodians) == 1 else None
    told = {"Participants": _ON_PARTICIPANTS, "Events": _ON_EVENTS}
    told |= {f"Export {row['source_id']}": _tell_export(scene, row) for row in exports}
    return {
        "id": scene.chats[chat_id],
        "platform": APPLICATION.lower(),
        "type": "direct" if chat.get("kind") == "direct" else "channel",
        "participants": [name for key, name in scene.people.items() if key in present],
        **({"display": mark(chat["title"])} if chat.get("title") else {}),
        **({"custodian": scene.people[custodian]} if custodian else {}),
        **_properties(told),
    }


def _tell_export(scene: _Scene, source: Row) -> str:
    exporter = exporter_key(source)
    by = scene.exchange.speakers[exporter].name if exporter else "unknown"
    step = f", clock in steps of {source['clock_step_s']} s" if source["clock_step_s"] else ""
    zone = f"declared zone {mark(source['timezone'])}" if source["timezone"] else "no zone declared"
    size = f"{source['size_bytes']} bytes"
    return f"SHA-256 {source['sha256']}, {size}, {source['platform']}{step}, {zone}, exported by {by}"


def _tell_event(scene: _Scene, message: Row) -> Row:
    """Return one event; what RSMF has no field for stands in its properties."""
    kind, person = _find_kind(scene, message)
    sent = message["sent_at"]
    who = {"participant": scene.people[person]} if person else {}
    return {
        "id": str(message["message_id"]),
        "type": kind,
        "conversation": scene.chats[message["chat_id"]],
        "deleted": message["kind"] == "deleted",
        **who,
        **({"body": mark(message["text"])} if message["text"] is not None else {}),
        **({"timestamp": show_utc(sent)} if sent else {}),
        **({"edits": [who]} if message["edited"] and who else {}),
        **_find_direction(scene, message),
        **_properties(_tell_rest(scene.exchange, message)),
    }


def _tell_rest(exchange: Exchange, message: Row) -> dict[str, str | None]:
    """Return what is known of a message and has no field of its own."""
    copies = [str(one) for one in sorted(exchange.copies[message["canonical_id"]]) if one != message["message_id"]]
    source = exchange.sources.get(message["source_id"], {})
    return {
        "Chosen": tell_part(exchange, message),
        "Time": tell_time(exchange, message),
        "Sender as printed": mark(message["sender_label"] or ""),
        "Kind": message["kind"],
        "File as printed (not in this file)": mark(message["attachment"] or ""),
        "Edited": _ON_EDITS if message["edited"] else None,
        "Deleted by, as printed": mark(message["deleted_by"] or ""),
        "Export": message["source_id"],
        "SHA-256 of the export": source.get("sha256"),
        "Member of the zip": mark(source.get("member") or ""),
        "Line": str(message["line"]),
        "Bytes": f"{message['byte_start']} to {message['byte_end']} (end not included)",
        "Message id": str(message["message_id"]),
        "Canonical id": str(message["canonical_id"]),
        "Copies of this message in other exports": ", ".join(copies),
    }


def _find_kind(scene: _Scene, message: Row) -> tuple[str, PersonKey | None]:
    """Return the type of an event and whose it is; a notice is an arrival only where it names one known participant."""
    if message["kind"] != "system":
        return "message", person_key(message)
    notice = scene.notices.get(message["message_id"])
    if notice is None or notice["event"] not in _ARRIVALS:
        return "unknown", None
    kind, column = _ARRIVALS[notice["event"]]
    named = notice["targets"] or [] if column == "targets" else [notice["actor"]]
    found = _find_person(scene, message, named[0]) if len(named) == 1 else None
    return (kind, found) if found else ("unknown", None)


def _find_person(scene: _Scene, message: Row, label: str | None) -> PersonKey | None:
    """Return who bears a label in a notice; None where nobody here does, or several do."""
    source = scene.exchange.sources.get(message["source_id"])
    if label == _SELF:
        return exporter_key(source) if source else None
    found = [key for key, speaker in scene.exchange.speakers.items() if label and mark(label) in speaker.labels]
    return found[0] if len(found) == 1 else None


def _find_direction(scene: _Scene, message: Row) -> dict[str, str]:
    """Return whether a message came or went, as the phone of the export saw it; nothing where its owner is unknown."""
    source, sender = scene.exchange.sources.get(message["source_id"]), person_key(message)
    exporter = exporter_key(source) if source else None
    if exporter is None or sender is None:
        return {}
    return {"direction": "outgoing" if sender == exporter else "incoming"}


def _properties(told: Mapping[str, str | None]) -> Row:
    """Return properties by name; RSMF has no empty ones."""
    return {"custom": [{"name": name, "value": value} for name, value in told.items() if value]}


def _id_of(message: Row) -> int:
    return int(message["message_id"])
