"""Files that come in through the page: written to the disk as they arrive, hashed, and whole or not at all."""

import asyncio
import hashlib
import json
import os
import re
import secrets
import shutil
import sys
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import category

from chatforensics.casefile import Case
from chatforensics.errors import UnreadableExport
from chatforensics.intake import ExportFile
from chatforensics.web.scratch import held, remove_left

if TYPE_CHECKING:
    from starlette.requests import Request

UPLOADS = "uploads"
LARGEST = 8 * 1024**3  # bytes
_PAUSE_S = 60.0  # of a sender who sends nothing
_SPARE = 256 * 1024**2  # bytes that stay free on the disk
_PART, _FACTS, _INSIDE = ".part", "facts.json", "file"  # the file lies alone: beside a text stand its media
_ID = re.compile(r"[0-9a-f]{32}")
_LONGEST = 200  # bytes of a name
_WINDOWS = sys.platform == "win32"
_NOT_IN_NAMES = frozenset("/\\" + ('<>:"|?*' if _WINDOWS else ""))
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)\s*(\.|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Received:
    """A whole upload: its id, the export that it is, and its SHA-256 as it came in."""

    id: str
    export: ExportFile
    sha256: str


async def receive_file(request: "Request", folder: Path) -> dict[str, object]:
    """Write the body of a request into a new folder below `folder`, and return its id, SHA-256 and size.

    The name is the one that the sender's browser gave; it is kept as a name and never as a path.

    Raises:
        UnreadableExport: it is empty, too large, slower than 60 s without a byte, or the disk is nearly full.
    """
    name = clean_name(request.query_params.get("name", ""))
    phone = clean_name(request.query_params.get("phone", "")) if request.query_params.get("phone") else ""
    number = secrets.token_hex(16)
    part = folder / f"{number}{_PART}"
    try:
        (part / _INSIDE).mkdir(parents=True, mode=0o700)
        with held(part):
            room = shutil.disk_usage(folder).free - _SPARE
            size, sha256 = await _write_body(request, part / _INSIDE / name, room=room)
            facts = {"id": number, "name": name, "phone": phone, "sha256": sha256, "size": size}
            (part / _FACTS).write_text(json.dumps(facts), encoding="utf-8")
            part.rename(folder / number)
    except UnreadableExport:  # which is an OSError, too
        raise
    except OSError as error:
        told = f"The file could not be kept: {error.strerror or error}. Nothing of it was kept."
        raise UnreadableExport(told, hint="Is there room on the disk? Then send it again.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return {"upload": number, "sha256": sha256, "size": size}


async def _write_body(request: "Request", path: Path, *, room: int) -> tuple[int, str]:
    stated = request.headers.get("content-length", "0")
    if stated.isdigit() and int(stated) > min(LARGEST, room):
        raise UnreadableExport(*_tell_limit(int(stated), room))
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        pieces = request.stream().__aiter__()
        while (piece := await next_piece(pieces)) is not None:
            size += len(piece)
            if size > min(LARGEST, room):
                raise UnreadableExport(*_tell_limit(size, room))
            digest.update(piece)
            file.write(piece)
        file.flush()
        await asyncio.to_thread(os.fsync, file.fileno())  # others are answered meanwhile
    if not size:
        raise UnreadableExport("The file is empty: nothing was received.", hint="Export the chat again on the phone.")
    return size, digest.hexdigest()


async def next_piece(pieces: "AsyncIterator[bytes]") -> bytes | None:
    """Return the next piece of a body; None at its end.

    Raises:
        UnreadableExport: the sender has gone, or sends nothing any more.
    """
    from starlette.requests import ClientDisconnect

    try:
        return await asyncio.wait_for(anext(pieces), _PAUSE_S)
    except StopAsyncIteration:
        return None
    except (TimeoutError, ClientDisconnect) as error:
        raise UnreadableExport(
            "The file did not come in whole; nothing of it was kept.", hint="Send it again."
        ) from error


def _tell_limit(size: int, room: int) -> tuple[str]:
    why = (
        f"more than {LARGEST // 1024**3} GB"
        if size > LARGEST
        else f"more than there is room for ({max(room, 0):,} bytes)"
    )
    return (f"The file is too large: {size:,} bytes, {why}. Nothing of it was kept.",)


def clean_name(name: str) -> str:
    """Return a file's name as one that can stand in a folder: no part of a path, not empty, not too long.

    Marks that have no width or turn the direction stay: phones put them into names, and the chat's title is read there.
    """
    bare = "".join("_" if sign in _NOT_IN_NAMES or category(sign) == "Cc" else sign for sign in name).strip()
    bare = bare.encode("utf-8", "replace").decode()
    if not bare.strip("._ "):
        bare = "export"
    if _WINDOWS:
        bare = ("_" if _DEVICE.match(bare) else "") + bare.rstrip(". ")
    stem, dot, ending = bare.rpartition(".")
    stem, ending = (stem, dot + ending) if stem and len(ending) <= 10 else (bare, "")  # noqa: PLR2004 - else no ending
    cut = stem.encode()[: _LONGEST - len(ending.encode())].decode(errors="ignore") + ending
    return cut.rstrip(". " if _WINDOWS else None)  # a cut may end in a blank: what is clean must stay as it is


def uploads_folder(case: Case) -> Path:
    """Return where a case keeps what came in and is not in the case yet."""
    return case.folder / "desk" / UPLOADS


def list_received(case: Case, numbers: Iterable[str]) -> list[Received]:
    """Return whole uploads by their ids; one that is not there any more is left out."""
    return [each for number in numbers if (each := _read(uploads_folder(case), number)) is not None]


def find_left(case: Case) -> list[str]:
    """Return the ids of uploads that came in whole and were not taken into the case yet; left half ones are removed."""
    folder = uploads_folder(case)
    if not folder.is_dir():
        return []
    for part in folder.glob(f"*{_PART}"):
        remove_left(part)  # but for those that come in now, through this page or another one on the same case
    return sorted(path.name for path in folder.iterdir() if _read(folder, path.name) is not None)


def remove_received(case: Case, numbers: Iterable[str]) -> None:
    """Remove uploads that are in the case, or could not be taken into it."""
    for number in numbers:
        if _ID.fullmatch(number):
            shutil.rmtree(uploads_folder(case) / number, ignore_errors=True)


def find_file(folder: Path, number: str) -> Path | None:
    """Return a whole upload as the file that it is."""
    received = _read(folder, number)
    return received.export.path if received else None


def _read(folder: Path, number: str) -> Received | None:
    if not _ID.fullmatch(number):
        return None
    whole = folder / number
    try:
        facts = json.loads((whole / _FACTS).read_bytes())
        name, phone, sha256 = (str(facts[key]) for key in ("name", "phone", "sha256"))
    except (OSError, ValueError, LookupError, TypeError):
        return None
    path = whole / _INSIDE / name
    linked = any(each.is_symlink() for each in (whole, whole / _FACTS, path.parent, path))
    if linked or name != clean_name(name) or not path.is_file():  # then it did not come in here
        return None
    shown = f"{phone}/{name}" if phone else name
    return Received(number, ExportFile(path, phone or None, shown), sha256)
