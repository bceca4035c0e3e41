"""What the files for other programs share: identifiers, who wrote, and on what the time of a message rests."""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from chatforensics.package.dossier import Dossier, Tables
from chatforensics.schema import empty
from chatforensics.tablefiles.marks import mark

APPLICATION = "WhatsApp"
# Any fixed number would do: it keeps identifiers made here apart from those that others make of the same hashes.
_ROOT = uuid.UUID("5f0f6c1e-6d0b-5a0e-9d54-0c6b1f2f7a51")
_LAST = datetime.max.replace(tzinfo=UTC)

Row: TypeAlias = dict[str, Any]
PersonKey: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Speaker:
    """One participant as the dossier names them.

    Attributes:
        key: For identifiers: the first message by them, or the export that they made; never a name.
        name: The first label as the dossier has it, else the pseudonym; of namesakes with the pseudonym.
        labels: Everything that the dossier calls them.
        pseudonym: As the dossier has it; None where the person is in no table.
    """

    key: str
    name: str
    labels: tuple[str, ...]
    pseudonym: str | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A dossier put in order for writing.

    Attributes:
        namespace: Of the identifiers; from the hashes of the exports alone.
        messages: The rows of `messages` by time, then by export and place in the file; those without a time last.
        sources: The rows of `sources` by `source_id`.
        chats: The rows of `chats` by `chat_id`.
        speakers: Who wrote a message or made an export, by `person_key` or `exporter_key`.
        clocks: The rows of `clocks` by `source_id`.
        copies: For each `canonical_id` the ids of its records in the dossier.
        posters: For each export who wrote in it, of what is here.
        ticked: The ids of the chosen messages.
    """

    namespace: uuid.UUID
    messages: tuple[Row, ...]
    sources: Mapping[str, Row]
    chats: Mapping[str, Row]
    speakers: Mapping[PersonKey, Speaker]
    clocks: Mapping[str, list[Row]]
    copies: Mapping[int, list[int]]
    posters: Mapping[str, set[PersonKey]]
    ticked: frozenset[int]


def gather(dossier: Dossier) -> Exchange:
    """Return the dossier in the order in which it is written."""
    messages = tuple(sorted(rows_of(dossier.tables, "messages"), key=_by_time))
    sources = {row["source_id"]: row for row in sorted(rows_of(dossier.tables, "sources"), key=_by_source)}
    clocks: dict[str, list[Row]] = {}
    for row in rows_of(dossier.tables, "clocks"):
        clocks.setdefault(row["source_id"], []).append(row)
    copies: dict[int, list[int]] = {}
    posters: dict[str, set[PersonKey]] = {}
    for row in messages:
        copies.setdefault(row["canonical_id"], []).append(row["message_id"])
        posters.setdefault(row["source_id"], set()).update(filter(None, [person_key(row)]))
    return Exchange(
        namespace=_make_namespace(sources.values()),
        messages=messages,
        sources=sources,
        chats={row["chat_id"]: row for row in rows_of(dossier.tables, "chats")},
        speakers=_find_speakers(rows_of(dossier.tables, "people"), sources.values(), messages),
        clocks=clocks,
        copies=copies,
        posters=posters,
        ticked=frozenset(dossier.ticked),
    )


def rows_of(tables: Tables, name: str) -> list[Row]:
    """Return the rows of a table, none where it is left out."""
    return tables.get(name, empty(name)).to_dicts()


def identify(namespace: uuid.UUID, *parts: object) -> str:
    """Return the identifier of a thing; the same parts give the same one, in the same case only."""
    return str(uuid.uuid5(namespace, "\0".join(map(str, parts))))


def person_key(message: Row) -> PersonKey | None:
    """Return under what the sender of a message is among the speakers; None for a notice."""
    if message["person_id"]:
        return ("person", message["person_id"])
    return (message["source_id"], message["sender_label"]) if message["sender_label"] is not None else None


def exporter_key(source: Row) -> PersonKey | None:
    """Return under what the one who made an export is among the speakers; None where it is not known."""
    return ("person", source["custodian_id"]) if source["custodian_id"] else None


def tell_part(exchange: Exchange, message: Row) -> str:
    """Return why a message is in the dossier."""
    if message["message_id"] in exchange.ticked:
        return "ticked"
    copies = exchange.copies[message["canonical_id"]]
    return "copy of a ticked message" if exchange.ticked.intersection(copies) else "context"


def tell_time(exchange: Exchange, message: Row) -> str:
    """Return on what the time of a message rests: what was printed, in which steps, and how UTC was had from it."""
    source = exchange.sources.get(message["source_id"], {})
    printed = f"Printed as {message['sent_local'].isoformat()}" if message["sent_local"] else "No time is printed"
    step = f", in steps of {source['clock_step_s']} s" if source.get("clock_step_s") else ""
    return mark("; ".join([f"{printed}{step}", *_tell_zone(exchange, message, source)]) + ".")


def show_utc(at: datetime) -> str:
    """Return a time in UTC as ISO 8601 with seconds."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _tell_zone(exchange: Exchange, message: Row, source: Row) -> list[str]:
    """Return how a printed time was put into UTC."""
    rows = exchange.clocks.get(message["source_id"], [])
    fitting = [row for row in rows if _is_within(message["sent_local"], row)] or rows[:1]
    told = [f"UTC by: {row['basis']}" for row in fitting[:1] if row["basis"]]
    told += [f"may lie {row['uncertainty_s']} s off" for row in fitting[:1] if row["uncertainty_s"] is not None]
    if not told:
        zone = source.get("timezone")
        told = [f"UTC by the declared zone {zone}" if zone else "the zone of the clock is not known"]
    hours = {"gap": "the zone skips this hour, one was added", "fold": "the hour occurs twice, the first was taken"}
    return told + ([hours[message["dst"]]] if message["dst"] in hours else [])


def _is_within(local: datetime | None, clock: Row) -> bool:
    if local is None or clock["from_local"] is None or clock["to_local"] is None:
        return False
    return bool(clock["from_local"] <= local <= clock["to_local"])


def _make_namespace(sources: Collection[Row]) -> uuid.UUID:
    return uuid.uuid5(_ROOT, "\0".join(sorted(row["sha256"] for row in sources)))


def _find_speakers(people: list[Row], sources: Collection[Row], messages: Collection[Row]) -> dict[PersonKey, Speaker]:
    known = {("person", row["person_id"]): row for row in people}
    keys: dict[PersonKey, str] = {}
    printed: dict[PersonKey, str] = {}
    for row in sorted(messages, key=lambda row: int(row["message_id"])):
        if found := person_key(row):
            keys.setdefault(found, f"message:{row['message_id']}")
            printed.setdefault(found, row["sender_label"] or "")
    for row in sources:
        if made := exporter_key(row):
            keys.setdefault(made, f"export:{row['sha256']}")
    drafts = {found: _draft(known.get(found), key, printed.get(found, "")) for found, key in keys.items()}
    bearers = Counter(draft.name for draft in drafts.values())
    return {found: _tell_apart(draft, bearers[draft.name]) for found, draft in drafts.items()}


def _draft(person: Row | None, key: str, printed: str) -> Speaker:
    pseudonym = person["pseudonym"] if person else None
    labels = tuple(map(mark, (person["labels"] if person else None) or ([printed] if printed else [])))
    name = next(iter(labels), None) or mark(pseudonym or "") or "not named"
    return Speaker(key=key, name=name, labels=labels, pseudonym=mark(pseudonym) if pseudonym else None)


def _tell_apart(draft: Speaker, bearers: int) -> Speaker:
    if bearers == 1 or draft.pseudonym in (None, draft.name):
        return draft
    return Speaker(draft.key, f"{draft.name} ({draft.pseudonym})", draft.labels, draft.pseudonym)


def _by_time(message: Row) -> tuple[datetime, str, int, int]:
    return message["sent_at"] or _LAST, message["source_id"], message["byte_start"], message["message_id"]


def _by_source(source: Row) -> str:
    return str(source["sha256"])
