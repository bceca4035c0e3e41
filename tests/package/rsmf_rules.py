"""What RSMF 2.0.0 asks of a manifest, as a JSON Schema in our own words, and what no schema can say.

Written after the names, types and duties of Relativity's schema for 2.0.0 and its documentation; it is not that schema.
Unlike it, this one refuses fields that RSMF does not have, so that a misspelt one is seen.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
FILLED: Schema = {"type": "string", "minLength": 1}
NUMBER: Schema = {"type": "integer"}
TIME: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$"}


def _thing(needed: Sequence[str], **fields: Schema) -> Schema:
    return {"type": "object", "required": [*needed], "properties": fields, "additionalProperties": False}


def _many(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _one_of(*values: str) -> Schema:
    return {"type": "string", "enum": [*values]}


CUSTOM = _many(_thing(["name", "value"], name=FILLED, value=FILLED))
EVENT = _thing(
    ["type"],
    id=TEXT,
    type=_one_of("message", "disclaimer", "join", "leave", "history", "unknown"),
    parent=TEXT,
    body=TEXT,
    participant=TEXT,
    conversation=TEXT,
    timestamp=TIME,
    deleted={"type": "boolean"},
    importance=_one_of("normal", "high"),
    reactions=_many(_thing(["value"], value=FILLED, count=NUMBER, participants=_many(FILLED))),
    attachments=_many(_thing(["id"], id=FILLED, display=TEXT, size=NUMBER)),
    edits=_many(_thing(["participant"], participant=FILLED, timestamp=TIME, previous=TEXT, new=TEXT)),
    custom=CUSTOM,
    direction=_one_of("incoming", "outgoing"),
    read_receipts=_many(
        _thing(["participant"], participant=FILLED, timestamp=TIME, action=_one_of("read", "delivered"))
    ),
)
MANIFEST = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    **_thing(
        ["version", "participants", "conversations", "events"],
        version={"type": "string", "minLength": 5},
        participants=_many(
            _thing(["id"], id=FILLED, display=TEXT, email=TEXT, avatar=TEXT, account_id=TEXT, custom=CUSTOM)
        ),
        conversations=_many(
            _thing(
                ["id", "platform", "participants"],
                id=FILLED,
                display=TEXT,
                platform=FILLED,
                type=_one_of("direct", "channel"),
                participants=_many(FILLED),
                custodian=TEXT,
                custom=CUSTOM,
                icon=TEXT,
            )
        ),
        events=_many(EVENT),
        eventcollectionid=TEXT,
    ),
}


def find_dangling(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Yield what names a participant, a conversation or an event that is not there, and ids that stand twice."""
    people = [person["id"] for person in manifest["participants"]]
    chats = {chat["id"]: chat for chat in manifest["conversations"]}
    events = [event["id"] for event in manifest["events"] if "id" in event]
    for kind, ids in (
        ("participant", people),
        ("conversation", [chat["id"] for chat in manifest["conversations"]]),
        ("event", events),
    ):
        yield from (f"{kind} {one} stands twice" for one in sorted({one for one in ids if ids.count(one) > 1}))
    for chat in chats.values():
        yield from (f"{chat['id']}: no participant {one}" for one in chat["participants"] if one not in people)
        if chat.get("custodian", chat["participants"][0] if chat["participants"] else None) not in [
            *chat["participants"],
            None,
        ]:
            yield f"{chat['id']}: its custodian is not in it"
    for event in manifest["events"]:
        if event["conversation"] not in chats:
            yield f"{event['id']}: no conversation {event['conversation']}"
        elif event.get("participant") not in [*chats[event["conversation"]]["participants"], None]:
            yield f"{event['id']}: {event['participant']} is not in {event['conversation']}"
        if event.get("parent") not in [*events, None]:
            yield f"{event['id']}: no event {event['parent']}"
