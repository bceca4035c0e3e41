"""Finished files of a case on a page: listed with their hashes, handed out by a name that is looked up, removed."""

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse

from chatforensics.workflow.parts import hash_file, list_finished

if TYPE_CHECKING:
    from starlette.responses import Response

_KINDS = {".zip": "application/zip"}


def list_rows(folder: Path) -> list[dict[str, object]]:
    """Return the finished files of a folder, the latest first, with size, day and SHA-256."""
    return [_view(path) for path in list_finished(folder)]


def hand_out(folder: Path, name: str) -> "Response":
    """Hand a finished file to the browser, to be stored and not to be shown.

    Raises:
        HTTPException: no finished file has that name.
    """
    path = find_finished(folder, name)
    kind = _KINDS.get(path.suffix, "application/octet-stream")
    return FileResponse(path, media_type=kind, filename=path.name)


def find_finished(folder: Path, name: str) -> Path:
    """Return a finished file by its name in the list of them: no path is ever made of what was asked for.

    Raises:
        HTTPException: none has that name.
    """
    found = next((path for path in list_finished(folder) if path.name == name), None)
    if found is None:
        raise HTTPException(404, "There is no such file any more.")
    return found


def _view(path: Path) -> dict[str, object]:
    facts = path.stat()
    made = datetime.fromtimestamp(facts.st_mtime, UTC)
    return {
        "name": path.name,
        "address": quote(path.name, safe=""),
        "size": facts.st_size,
        "made_at": f"{made:%Y-%m-%d %H:%M} UTC",
        "sealed": path.suffix == ".age",
        "sha256": _hash(path, facts.st_size, facts.st_mtime_ns),
    }


@lru_cache(maxsize=200)
def _hash(path: Path, _size: int, _changed: int) -> str:
    """Return the SHA-256 of a file, computed once as long as it does not change."""
    return hash_file(path)
