"""Pictures of a case for the pages: found by their hash, read from the originals, and drawn small by ourselves."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from chatforensics.casefile import Case, list_originals
from chatforensics.intake import read_attached

_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".gif")


def list_pictures(database: sqlite3.Connection, message_id: int) -> list[dict[str, Any]]:
    """Return the pictures that came with a message: file, sha256, and what was read in each."""
    rows = database.execute("SELECT * FROM files WHERE message_id = ? ORDER BY file", [message_id])
    return [json.loads(row["told"]) for row in rows if _may_be_picture(row)]


def find_places(database: sqlite3.Connection, sha256: str) -> list[tuple[str, str]]:
    """Return where a picture lies: the export and the name of the file in it."""
    rows = database.execute("SELECT * FROM files WHERE sha256 = ? ORDER BY source_id, file", [sha256])
    return [(row["source_id"], row["file"]) for row in rows if _may_be_picture(row)]


def draw(case: Case, sha256: str, places: Sequence[tuple[str, str]]) -> bytes | None:
    """Draw a picture small, from the first original that still has it as it was; None where none can be read.

    It is opened by a process on limits, never by this one.
    """
    from chatforensics.pictures import MAX_BYTES, shrink_picture

    originals = {original.source_id: original for original in list_originals(case) if original.path is not None}
    for source_id, file in places:
        path = originals[source_id].path if source_id in originals else None
        if path is None:
            continue
        for found in read_attached(path, {file: sha256}, most_bytes=MAX_BYTES):
            drawn = shrink_picture(found.content) if found.content else None
            if isinstance(drawn, bytes):
                return drawn
    return None


def _may_be_picture(row: sqlite3.Row) -> bool:
    return bool(row["is_picture"]) or str(row["file"]).lower().endswith(_ENDINGS)
