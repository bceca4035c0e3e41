"""A view as the pages read it: messages by search, by place and by number, and the data of the linked views.

Every call opens the database for itself, read-only: calls may come from several threads at once.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from chatforensics.casefile import Case
from chatforensics.errors import CaseError
from chatforensics.report.explorer.rows import STATUSES
from chatforensics.report.words import STATUS_MEANINGS
from chatforensics.workflow import viewpictures
from chatforensics.workflow.viewasking import ANY, Among, Entities, ask
from chatforensics.workflow.viewrows import Item, make_item
from chatforensics.workflow.viewsearch import DECISIONS, Query
from chatforensics.workflow.viewwriting import TABLES, VIEW_DATABASE, name_chunk

PAGE = 50
_MAPPED_BYTES = 1 << 31
_OF_MESSAGES = """
    SELECT m.*, r.doc, r.chat, r.decision, r.status, r.n_copies FROM messages m JOIN rows r ON r.row = m.row
"""
_COPY_KEYS = (
    "message_id", "source", "path", "line", "byte_start", "byte_end", "sender", "sent_local", "text_differs",
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """How many messages there are, and one page of them."""

    n: int
    items: list[Item]


@dataclass(frozen=True)
class View:
    """What the pages read of a finished analysis.

    `state` says what it was made of. It shows what the analysis found; whether the case changed since is told by
    `is_current`.
    """

    folder: Path
    state: str
    case: Case
    tell_state: Callable[[Case], str]

    @property
    def id(self) -> str:
        """Its name: another one as soon as anything that it was made of is another."""
        return self.folder.name

    @property
    def summary(self) -> dict[str, Any]:
        """The headline counts of the analysis."""
        return self._entities.summary

    @property
    def _entities(self) -> Entities:
        path = self.folder / VIEW_DATABASE
        try:
            return _read_entities(path, path.stat().st_mtime_ns)
        except OSError as error:
            raise CaseError(f"{path}: {error.strerror}.", hint="Load the page again.") from error

    def is_current(self, case: Case) -> bool:
        """Tell whether it was made of all that is in the case now, by this program."""
        return self.state == self.tell_state(case)

    def chats(self) -> list[dict[str, Any]]:
        """Return the chats: chat_id, title, kind, n_messages, n_sources."""
        return self._entities.chats

    def people(self) -> list[dict[str, Any]]:
        """Return the people in the order of their names: person_id, name, labels and more."""
        return sorted(self._entities.people, key=lambda row: (row["name"].casefold(), row["person_id"]))

    def sources(self) -> list[dict[str, Any]]:
        """Return the exports in the order of their paths: source_id, source ("S1"), path, sha256 and more."""
        return self._entities.sources

    def find(self, query: Query, page: int = 1, *, size: int = PAGE) -> Found:
        """Return how many messages are what is asked, and a page of them, the earliest first.

        Raises:
            UsageError: it cannot be asked.
        """
        with self._open() as database:
            n, docs = ask(database, query, self._entities).choose(database, first=(max(1, page) - 1) * size, n=size)
            return Found(n, self._items(database, "r.doc", docs))

    def rows(self, query: Query, *, among: Among = ANY) -> list[int]:
        """Return the rows, in the linked views' reader, of all messages that are what is asked, in their order.

        `among` asks besides that they are of one of several people, or decisions.
        """
        with self._open() as database:
            docs = ask(database, query, self._entities, among=among).statement
            chosen = database.execute(f"SELECT row FROM rows WHERE doc IN ({docs[0]}) ORDER BY row", docs[1])  # noqa: S608 - our words
            return [row for (row,) in chosen]

    def flagged(self, decision: str | None = None, *, page: int = 1, size: int = PAGE) -> Found:
        """Return the messages of a decision, `flag` or `review`, the earliest first; without one, of both."""
        if decision is not None:
            return self.find(Query(decision=decision), page, size=size)
        two = [self.find(Query(decision=each), 1, size=page * size) for each in ("flag", "review")]
        items = [item for found in two for item in found.items]
        if two[0].n < page * size:
            items = [*two[0].items, *two[1].items]
        return Found(sum(found.n for found in two), items[(page - 1) * size : page * size])

    def message(self, message_id: int) -> Item | None:
        """Return a message, or that very copy of it, with its copies, labels, slate, pictures and corroboration."""
        with self._open() as database:
            found = self._items(database, "m.message_id", [message_id], whole=True)
            if not found:
                return None
            item = found[0]
            labels = _read_labels(database, [message_id]).get(message_id, [])
            detail = database.execute("SELECT detail FROM details WHERE row = ?", [item["row"]]).fetchone()
            told = database.execute("SELECT name FROM slates WHERE message_id = ? ORDER BY rowid", [message_id])
            slate = [json.loads(row) for (row,) in told]
            return {
                **item,
                "label_rows": labels,
                "slate": slate,
                "copies": self._copies(database, item),
                "pictures": viewpictures.list_pictures(database, message_id),
                "corroboration": STATUS_MEANINGS.get(item["status"] or ""),
                "corroboration_detail": detail[0] if detail else None,
            }

    def around(self, message_id: int, before: int = 5, after: int = 5) -> list[Item]:
        """Return what stands around a message in its chat, in order, itself included; nothing where it is unknown."""
        with self._open() as database:
            place = database.execute(f"{_OF_MESSAGES} WHERE m.message_id = ?", [message_id]).fetchone()
            if place is None:
                return []
            near = range(place["row"] - before, place["row"] + after + 1)
            items = self._items(database, "r.row", near, chat=place["chat"])
            own = self._items(database, "m.message_id", [message_id], whole=True)[0]
            return [own if item["row"] == place["row"] else item for item in items]

    def row_of(self, message_id: int) -> int | None:
        """Return the row of a message in the linked views' reader."""
        with self._open() as database:
            found = database.execute("SELECT row FROM messages WHERE message_id = ?", [message_id]).fetchone()
            return int(found[0]) if found else None

    def tables(self) -> bytes:
        """Return the tables of the linked views: JSON in the gzip form."""
        return self._read(TABLES)

    def chunk(self, number: int) -> bytes:
        """Return 2,000 messages of the linked views' reader: JSON in the gzip form.

        Raises:
            CaseError: there is no such part.
        """
        return self._read(name_chunk(number))

    def picture(self, sha256: str) -> bytes | None:
        """Return a small copy of a picture that came with a message, drawn by ourselves; None where it cannot be."""
        with self._open() as database:
            places = viewpictures.find_places(database, sha256)
        return viewpictures.draw(self.case, sha256, places)

    # ------------------------------------------------------------------------------------------------ how it is read

    def _read(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes()
        except OSError as error:
            raise CaseError(f"{name}: there is no such part of this view.", hint="Load the page again.") from error

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with _opened(self.folder / VIEW_DATABASE) as database:
            yield database

    def _items(
        self,
        database: sqlite3.Connection,
        column: str,
        values: Iterable[int],
        *,
        chat: int | None = None,
        whole: bool = False,
    ) -> list[Item]:
        """Return messages by the values of a column, in the order of these; `whole`: copies, too."""
        asked = list(values)
        marks = ",".join("?" * len(asked))
        only = "" if whole else " AND m.is_shown"
        where = f"{_OF_MESSAGES} WHERE {column} IN ({marks}){only}"
        found = [row for row in database.execute(where, asked) if chat is None or row["chat"] == chat]
        name = column.partition(".")[2]
        order = {value: place for place, value in enumerate(asked)}
        found.sort(key=lambda row: order[row[name]])
        labels = _read_labels(database, [row["message_id"] for row in found])
        names = _read_names(database, [row["message_id"] for row in found])
        return [
            make_item(self._fill(database, row), labels.get(row["message_id"], ()), names.get(row["message_id"], ()))
            for row in found
        ]

    def _fill(self, database: sqlite3.Connection, row: sqlite3.Row) -> dict[str, Any]:
        known, told = self._entities, dict(row)
        source = known.sources[row["source"]] if row["source"] >= 0 else {}
        chat = known.chats[row["chat"]] if row["chat"] >= 0 else {}
        person = known.people[row["person"]] if row["person"] >= 0 else {}
        text = row["text"] if row["is_shown"] or row["differs"] else _shown_text(database, row["row"])
        return {
            **told,
            "text": text,
            "source_id": source.get("source_id"),
            "source": source.get("source", "S?"),
            "path": source.get("path"),
            "chat_id": chat.get("chat_id"),
            "chat": chat.get("title") or chat.get("chat_id"),
            "person_id": person.get("person_id"),
            "decision": DECISIONS[row["decision"]] if row["is_shown"] and row["decision"] else None,
            "status": STATUSES[row["status"]] if row["status"] >= 0 else None,
        }

    def _copies(self, database: sqlite3.Connection, item: Item) -> list[dict[str, Any]]:
        """Return the other copies of a message, each with its place, and its text where that differs."""
        rows = database.execute(f"{_OF_MESSAGES} WHERE m.row = ? ORDER BY m.is_shown DESC, m.source", [item["row"]])
        others = [self._fill(database, row) for row in rows if str(row["message_id"]) != item["message_id"]]
        return [_tell_copy(other, item) for other in others]


def _tell_copy(other: Mapping[str, Any], item: Item) -> dict[str, Any]:
    differs = other["text"] != item["text"]
    told = {**other, "message_id": str(other["message_id"]), "text_differs": differs}
    return {key: told[key] for key in _COPY_KEYS} | {"text": other["text"] if differs else None}


def _read_labels(database: sqlite3.Connection, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Return the labels of messages: label, probability, decision, explanation, spans of start, end and cue."""
    marks = ",".join("?" * len(ids))
    found: dict[int, list[dict[str, Any]]] = {}
    for row in database.execute(f"SELECT * FROM labels WHERE message_id IN ({marks}) ORDER BY message_id, label", ids):  # noqa: S608
        told = {**dict(row), "spans": [tuple(span) for span in json.loads(row["spans"])]}
        found.setdefault(told.pop("message_id"), []).append(told)
    return found


def _read_names(database: sqlite3.Connection, ids: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
    marks = ",".join("?" * len(ids))
    found: dict[int, list[tuple[int, int]]] = {}
    for message_id, told in database.execute(f"SELECT message_id, name FROM slates WHERE message_id IN ({marks})", ids):  # noqa: S608
        name = json.loads(told)
        if name["start"] is not None:
            found.setdefault(message_id, []).append((name["start"], name["end"]))
    return found


def _shown_text(database: sqlite3.Connection, row: int) -> str | None:
    found = database.execute("SELECT text FROM messages WHERE row = ? AND is_shown", [row]).fetchone()
    return found[0] if found else None


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            database.row_factory = sqlite3.Row
            for setting in ("trusted_schema = OFF", "query_only = ON", f"mmap_size = {_MAPPED_BYTES}"):
                database.execute(f"PRAGMA {setting}")
            yield database
    except sqlite3.Error as error:
        hint = "Analyse the case again: what the pages read is made anew."
        raise CaseError(f"{path}: cannot be read ({error}).", hint=hint) from error


@lru_cache(maxsize=4)
def _read_entities(path: Path, _changed_at: int) -> Entities:
    with _opened(path) as database:
        told = {row["name"]: json.loads(row["value"]) for row in database.execute("SELECT name, value FROM meta")}
    return Entities(**told)
