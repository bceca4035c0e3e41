"""Notes and documents on the desk of a case. Who saves names the version that was read: nobody's words are lost."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from chatforensics.casefile.desk import reading_desk, writing_desk
from chatforensics.casefile.folder import By, Case, as_stored, encode_canonical, stamp
from chatforensics.errors import Stale, UsageError

LONGEST_NOTE = 20_000
LONGEST_DOCUMENT = 4_000_000
_LONGEST_TITLE = 300
_NOTE = ("number", "message_id", "text", "actor", "at", "version")
_DOCUMENT = ("number", "title", "actor", "at", "version")


def add_note(case: Case, message_id: int | None, text: str, *, by: By) -> int:
    """Add a note to a message, or to the case as a whole, and return its number.

    A note is what its writer thinks. It is no part of the evidence, no result rests on it, and it is not packed.

    Raises:
        UsageError: it has no words, or too many.
    """
    row = (message_id, _check_note(text), by.actor, stamp(by.at))
    with writing_desk(case) as desk:
        done = desk.execute("INSERT INTO notes (message_id, text, actor, at, version) VALUES (?, ?, ?, ?, 1)", row)
        return int(done.lastrowid or 0)


def change_note(case: Case, number: int, text: str, *, version: int, by: By) -> None:
    """Change the words of a note; its version is one higher afterwards.

    Raises:
        Stale: somebody changed or removed it since that version was read.
        UsageError: it has no words, or too many.
    """
    words = _check_note(text)
    with writing_desk(case) as desk:
        _hold_version(desk, "notes", number, version)
        row = (words, by.actor, stamp(by.at), number)
        desk.execute("UPDATE notes SET text = ?, actor = ?, at = ?, version = version + 1 WHERE number = ?", row)


def remove_note(case: Case, number: int, *, by: By, version: int | None = None) -> None:
    """Remove a note, words and all; one that is gone already is no error.

    Raises:
        Stale: a version was named, and somebody changed the note since.
    """
    with writing_desk(case) as desk:
        _remove(desk, "notes", number, by=by, version=version)


def list_notes(case: Case, message_id: int | None = None) -> list[dict[str, Any]]:
    """Return the notes of a case, or of one message, in the order in which they were begun.

    Returns:
        Rows with `number`, `message_id` (None: of the case), `text`, `actor` (who wrote last), `at`, `version`.
    """
    columns, wanted = ", ".join(_NOTE), "" if message_id is None else " AND message_id = ?"
    query = f"SELECT {columns} FROM notes WHERE removed = 0{wanted} ORDER BY number"  # noqa: S608 - our names
    with reading_desk(case) as desk:
        rows = desk.execute(query, () if message_id is None else (message_id,)).fetchall()
    return [dict(zip(_NOTE, row, strict=True)) for row in rows]


def save_document(  # noqa: PLR0913 - what a document is, of which version, and by whom
    case: Case, number: int | None, *, title: str, blocks: Sequence[Any], version: int, by: By
) -> int:
    """Save a document and return its number; its version is one higher afterwards, 1 for a new one.

    A document is a draft of whoever writes it, and no part of the evidence.

    Args:
        case: the case.
        number: of the document; None makes a new one.
        title: what it is called.
        blocks: its parts, of whatever JSON can hold.
        version: the one that was read; not used for a new document.
        by: who saves it, and when.

    Raises:
        Stale: somebody saved or removed it since that version was read.
        UsageError: it has no title, or is too long.
    """
    title = as_stored(title).strip()
    if not title or len(title) > _LONGEST_TITLE:
        raise UsageError("A document needs a title.", hint=f"Give at most {_LONGEST_TITLE} characters.")
    content = as_stored(encode_canonical({"blocks": list(blocks)}))
    if len(content) > LONGEST_DOCUMENT:
        raise UsageError("The document is too long.", hint=f"Keep it below {LONGEST_DOCUMENT:,} characters.")
    row = (title, content, by.actor, stamp(by.at))
    with writing_desk(case) as desk:
        if number is None:
            columns = "title, blocks, actor, at, version"
            done = desk.execute(f"INSERT INTO documents ({columns}) VALUES (?, ?, ?, ?, 1)", row)  # noqa: S608 - our names
            return int(done.lastrowid or 0)
        _hold_version(desk, "documents", number, version)
        change = "UPDATE documents SET title = ?, blocks = ?, actor = ?, at = ?, version = version + 1 WHERE number = ?"
        desk.execute(change, (*row, number))
        return number


def list_documents(case: Case) -> list[dict[str, Any]]:
    """Return the documents of a case without their parts: `number`, `title`, `actor`, `at`, `version`."""
    query = f"SELECT {', '.join(_DOCUMENT)} FROM documents WHERE removed = 0 ORDER BY number"  # noqa: S608 - our names
    with reading_desk(case) as desk:
        return [dict(zip(_DOCUMENT, row, strict=True)) for row in desk.execute(query)]


def read_document(case: Case, number: int) -> dict[str, Any]:
    """Return a document: `number`, `title`, `actor`, `at`, `version` and `blocks`.

    Raises:
        UsageError: there is none of that number.
    """
    query = f"SELECT {', '.join(_DOCUMENT)}, blocks FROM documents WHERE number = ? AND removed = 0"  # noqa: S608 - our names
    with reading_desk(case) as desk:
        row = desk.execute(query, (number,)).fetchone()
    if row is None:
        raise UsageError(f"No document {number} in this case.", hint="It may have been removed.")
    return {**dict(zip(_DOCUMENT, row[:-1], strict=True)), "blocks": json.loads(row[-1])["blocks"]}


def remove_document(case: Case, number: int, *, by: By, version: int | None = None) -> None:
    """Remove a document, words and all; one that is gone already is no error.

    Raises:
        Stale: a version was named, and somebody saved the document since.
    """
    with writing_desk(case) as desk:
        _remove(desk, "documents", number, by=by, version=version)


def _check_note(text: str) -> str:
    words = as_stored(text).strip()
    if not words or len(words) > LONGEST_NOTE:
        raise UsageError("A note needs words.", hint=f"Give at most {LONGEST_NOTE:,} characters.")
    return words


def _hold_version(desk: sqlite3.Connection, table: str, number: int, version: int) -> None:
    """Refuse a change of what is not any more as it was read."""
    query = f"SELECT version, removed, actor, at FROM {table} WHERE number = ?"  # noqa: S608 - our names
    row = desk.execute(query, (number,)).fetchone()
    what = table.removesuffix("s")
    if row is None:
        raise Stale(f"There is no {what} {number}.", hint="Load the page again.")
    now, removed, actor, at = row
    if removed or now != version:
        done = "removed" if removed else "changed"
        hint = "Nothing was saved. Copy your words, load the page again, and put them in."
        raise Stale(f"This {what} was {done} meanwhile, by {actor}, {at}.", hint=hint)


def _remove(desk: sqlite3.Connection, table: str, number: int, *, by: By, version: int | None) -> None:
    if version is not None:
        _hold_version(desk, table, number, version)
    emptied = {"notes": "text = ''", "documents": "title = '', blocks = '{}'"}[table]
    change = f"UPDATE {table} SET {emptied}, removed = 1, actor = ?, at = ?, version = version + 1"  # noqa: S608 - our names
    desk.execute(f"{change} WHERE number = ? AND removed = 0", (by.actor, stamp(by.at), number))
