"""Find exports on disk and read them, read-only, hashed, and under limits."""

import hashlib
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from chatforensics.errors import UnreadableExport
from chatforensics.intake.archives import is_zip, read_chat_member

MAX_FILE_BYTES = 8 * 1024**3
SUFFIXES = (".txt", ".zip")


@dataclass(frozen=True)
class ExportFile:
    """A path that should be an export, and the custodian's folder it lies in (None: not known whose phone)."""

    path: Path
    folder: str | None


@dataclass(frozen=True)
class ChatText:
    """The chat text of one export as received, with what identifies it.

    `sha256` and `size_bytes` are those of the file (the zip, if it is one); `content` is the chat text itself.
    """

    path: str
    sha256: str
    size_bytes: int
    member: str | None
    content: bytes
    attachments: tuple[str, ...]
    folder: str | None

    @property
    def source_id(self) -> str:
        """First 16 hex digits of the file's SHA-256."""
        return self.sha256[:16]


def find_exports(paths: Iterable[Path]) -> list[ExportFile]:
    """List the exports at the given paths: files as they are, folders searched for `.txt` and `.zip`.

    The first folder below a folder that was given is taken for one custodian's phone.
    The list is sorted by path, so the order of the arguments changes nothing.

    Raises:
        UnreadableExport: a path does not exist, or a folder holds no export.
    """
    found: dict[str, ExportFile] = {}
    for path in paths:
        for export in _in_folder(path) if path.is_dir() else [ExportFile(path, None)]:
            key = os.path.realpath(export.path)
            if key not in found or found[key].folder is None:
                found[key] = export
    return sorted(found.values(), key=lambda export: str(export.path))


def _in_folder(folder: Path) -> list[ExportFile]:
    files = [path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and not path.is_dir()]
    if not files:
        raise UnreadableExport(
            f"{folder}: no export in this folder.", hint="An export is a .txt or .zip file as the phone made it."
        )
    return [ExportFile(path, _custodian_folder(path, folder)) for path in files if "__MACOSX" not in path.parts]


def _custodian_folder(path: Path, top: Path) -> str | None:
    below = path.relative_to(top).parts
    return str(top / below[0]) if len(below) > 1 else None


def read_export(export: ExportFile) -> ChatText:
    """Read one export: the file is opened read-only, hashed, and its chat text taken out of a zip if need be.

    Raises:
        UnreadableExport: the file is missing, no regular file, too large, or a zip that breaks a safety limit.
    """
    return chat_from_bytes(_read_regular_file(export.path), name=str(export.path), folder=export.folder)


def chat_from_bytes(raw: bytes, *, name: str, folder: str | None = None) -> ChatText:
    """Make a chat text of bytes already in memory, such as an upload or standard input."""
    if is_zip(raw):
        member, content, attachments = read_chat_member(raw, name=name)
    else:
        member, content, attachments = None, raw, ()
    return ChatText(name, hashlib.sha256(raw).hexdigest(), len(raw), member, content, attachments, folder)


def _read_regular_file(path: Path) -> bytes:
    # O_NONBLOCK so that a named pipe is refused instead of waited for; O_NOFOLLOW so that a link is refused.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise UnreadableExport(f"{path}: {error.strerror}.", hint="Pass the file itself, not a link to it.") from error
    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode):
        os.close(descriptor)
        raise UnreadableExport(f"{path}: not a regular file.", hint="Pass the .txt or .zip that the phone made.")
    with os.fdopen(descriptor, "rb") as file:
        if state.st_size > MAX_FILE_BYTES:
            raise UnreadableExport(f"{path}: {state.st_size:,} bytes is over the limit of {MAX_FILE_BYTES:,}.")
        return file.read()
