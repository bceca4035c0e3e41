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

    The first folder below a folder that was given is taken for one custodian's phone. What cannot be an export (an
    empty folder, a folder that may not be read, a link) is listed too: reading it says why. The list is sorted by
    path, so the order of the arguments changes nothing.
    """
    found: dict[str, ExportFile] = {}
    for path in sorted(set(paths)):
        for export in _in_folder(path) if path.is_dir() else [ExportFile(path, None)]:
            key = os.path.realpath(export.path)
            if key not in found or found[key].folder is None:
                found[key] = export
    return sorted(found.values(), key=lambda export: str(export.path))


def _in_folder(folder: Path) -> list[ExportFile]:
    files: list[Path] = []
    refused: list[OSError] = []
    linked: list[Path] = []
    for top, names, members in os.walk(folder, onerror=refused.append):
        names[:] = [name for name in names if name not in _skipped(members)]
        files += [Path(top) / name for name in members if _may_be_export(name)]
        linked += [Path(top) / name for name in names if (Path(top) / name).is_symlink()]
    found = [*files, *linked, *(Path(error.filename) for error in refused)] or [folder]
    return [ExportFile(path, _custodian_folder(path, folder)) for path in found]


def _may_be_export(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and not name.startswith("._")


def _skipped(members: list[str]) -> tuple[str, ...]:
    """Name the sub-folders that hold no exports: what macOS adds, and our own results of an earlier run."""
    return ("__MACOSX", "figures", "graph", "tables") if "run.json" in members else ("__MACOSX",)


def _custodian_folder(path: Path, top: Path) -> str | None:
    below = path.relative_to(top).parts
    return show_path(top / below[0]) if len(below) > 1 else None


def show_path(path: Path) -> str:
    """Return the path as text; bytes that are no UTF-8 show as U+FFFD."""
    return os.fsencode(path).decode("utf-8", errors="replace")


def read_export(export: ExportFile) -> ChatText:
    """Read one export: the file is opened read-only, hashed, and its chat text taken out of a zip if need be.

    Raises:
        UnreadableExport: the file is missing, no regular file, too large, or a zip that breaks a safety limit.
    """
    return chat_from_bytes(_read_regular_file(export.path), name=show_path(export.path), folder=export.folder)


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
        raise UnreadableExport(
            f"{show_path(path)}: {error.strerror}.", hint="Pass the file itself, not a link to it."
        ) from error
    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode):
        os.close(descriptor)
        if stat.S_ISDIR(state.st_mode):
            raise UnreadableExport(
                f"{show_path(path)}: no export in this folder.", hint="An export is a .txt or .zip file."
            )
        raise UnreadableExport(
            f"{show_path(path)}: not a regular file.", hint="Pass the .txt or .zip that the phone made."
        )
    with os.fdopen(descriptor, "rb") as file:
        if state.st_size > MAX_FILE_BYTES:
            raise UnreadableExport(
                f"{show_path(path)}: {state.st_size:,} bytes is over the limit of {MAX_FILE_BYTES:,}."
            )
        return file.read()
