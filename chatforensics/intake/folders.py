"""Find exports in folders, and the media that lie beside the text of an unzipped export."""

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from chatforensics.errors import EvidenceError
from chatforensics.intake.archives import Attachment
from chatforensics.intake.chatnames import choose_chat, is_chat_name, is_sent_file, is_text
from chatforensics.intake.content import Content, hash_chunks, is_folder, is_link, open_evidence, read_chunks, show_path
from chatforensics.intake.exif import HEAD_BYTES
from chatforensics.intake.members import MemberFacts, look_at, role_of

SUFFIXES = (".txt", ".zip")
MAX_FILES = 50_000
_MANY = 1_000  # files in a folder
_REACH = 256  # the longest name on every common file system, in bytes, and what stands before it


@dataclass(frozen=True)
class ExportFile:
    """A path that should be an export, and the custodian's folder it lies in (None: not known whose phone).

    `shown` is the path under which the file was received, where what is read is a copy of it.
    """

    path: Path
    folder: str | None
    shown: str | None = None


def find_exports(paths: Iterable[Path]) -> list[ExportFile]:
    """List the exports at the given paths: files as they are, folders searched for `.txt` and `.zip`.

    The first folder below a folder that was given is taken for one custodian's phone. What cannot be an export (an
    empty folder, a folder that may not be read, a link) is listed too: reading it says why. Beside the text of an
    unzipped export, texts and zips with WhatsApp's names for sent files are its attachments and not listed. The list is
    sorted by path, so the order of the arguments changes nothing.
    """
    found: dict[str, ExportFile] = {}
    for path in sorted(set(paths)):
        for export in _in_folder(path) if is_folder(path) else [ExportFile(path, None)]:
            key = _identify(export.path)
            if key not in found or found[key].folder is None:
                found[key] = export
    return sorted(found.values(), key=lambda export: str(export.path))


def _identify(path: Path) -> str:
    """Return what tells a file under any spelling of its path; a link, which is not read, stands for itself only."""
    return os.path.join(os.path.realpath(path.parent), path.name) if is_link(path) else os.path.realpath(path)  # noqa: PTH118


def _in_folder(folder: Path) -> list[ExportFile]:
    files: list[Path] = []
    refused: list[OSError] = []
    linked: list[Path] = []
    for top, names, members in os.walk(folder, onerror=refused.append):
        names[:] = sorted(name for name in names if name not in _skipped(members))
        files += [Path(top) / name for name in _exports_among(sorted(members))]
        linked += [Path(top) / name for name in names if is_link(Path(top) / name)]
    found = [*files, *linked, *(Path(error.filename) for error in refused)] or [folder]
    return [ExportFile(path, _custodian_folder(path, folder)) for path in found]


def _exports_among(names: Sequence[str]) -> list[str]:
    exports = [name for name in names if name.lower().endswith(SUFFIXES) and not name.startswith("._")]
    unzipped = any(is_text(name) and is_chat_name(name) for name in exports)
    return [name for name in exports if not (unzipped and is_sent_file(name))]


def _skipped(members: list[str]) -> tuple[str, ...]:
    """Name the sub-folders that hold no exports: what macOS adds, and our own results of an earlier run."""
    return ("__MACOSX", "figures", "graph", "tables") if "run.json" in members else ("__MACOSX",)


def _custodian_folder(path: Path, top: Path) -> str | None:
    below = path.relative_to(top).parts
    return show_path(top / below[0]) if len(below) > 1 else None


@dataclass(frozen=True)
class Siblings:
    """The media beside a chat text, what should be known about them, and how each begins."""

    attachments: tuple[Attachment, ...] = ()
    notes: tuple[str, ...] = ()
    members: tuple[MemberFacts, ...] = ()


def read_siblings(path: Path, content: Content, *, hash_attachments: bool) -> Siblings:
    """List the media beside the text of an unzipped export, and what should be known about them.

    Only files that bear WhatsApp's names for sent files, or whose name the text prints, are listed and read: other
    files in the folder are none of our business. Where the folder holds several chat texts, nobody can say whose the
    media are.
    """
    folder = _look_into(path.parent)
    names = folder.names
    if len(names) > MAX_FILES:
        return Siblings(notes=(f"More than {MAX_FILES:,} files lie beside the chat text; they were not read.",))
    if folder.chat != path.name:
        return Siblings(notes=folder.notes)
    others = [name for name in names if name != path.name]
    sent = {name for name in others if is_sent_file(name)}
    plain = [name for name in others if name not in sent and not is_chat_name(name)]
    ours = sorted(sent | printed_names(content, plain))
    found = [_read_sibling(path.parent / name, hash_attachments=hash_attachments) for name in ours]
    unread = sum(x.sha256 is None for x, _ in found) if hash_attachments else 0
    notes = (f"Files beside the chat text that could not be read: {unread:,}.",) if unread else ()
    return Siblings(tuple(x for x, _ in found), notes, tuple(facts for _, facts in found))


@dataclass(frozen=True, slots=True)
class _Folder:
    """The regular files of a folder, which of them is its chat (None: several, or none), and what is odd about that."""

    names: Sequence[str] = ()
    chat: str | None = None
    notes: tuple[str, ...] = ()


_looked: dict[tuple[int, int, int], _Folder] = {}


def _look_into(folder: Path) -> _Folder:
    """Look into a folder; a large one not again for each of its texts, unless something in it came or went."""
    try:
        state = folder.stat()
    except OSError:  # gone meanwhile
        return _Folder()
    key = (state.st_dev, state.st_ino, state.st_mtime_ns)
    if (known := _looked.get(key)) is not None:
        return known
    names = _regular_files(folder)
    chats = [] if _is_shared(names) or len(names) > MAX_FILES else [names[at] for at in choose_chat(names)]
    looked = _Folder(names, chats[0] if len(chats) == 1 else None, _note_shared(names))
    if len(names) >= _MANY:
        _looked.clear()  # the texts of one folder come one after the other
        _looked[key] = looked
    return looked


def _is_shared(names: Iterable[str]) -> bool:
    """Tell whether several chats lie here: asked for each of them, so it stops at the second."""
    chats = (name for name in names if name.lower().endswith(".txt") and is_chat_name(name))
    return len(list(islice(chats, 2))) > 1


def _note_shared(names: Iterable[str]) -> tuple[str, ...]:
    media = any(is_sent_file(name) for name in names if not name.lower().endswith(SUFFIXES))
    return (
        ("Several texts share a folder with media; whose they are cannot be told, so none was read.",) if media else ()
    )


def _regular_files(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            names = [x.name for x in entries if x.is_file(follow_symlinks=False) and not x.name.startswith(".")]
    except OSError:  # a folder that may be entered but not listed
        return []
    return sorted(names)


def _read_sibling(path: Path, *, hash_attachments: bool) -> tuple[Attachment, MemberFacts]:
    name = show_path(Path(path.name))
    if hash_attachments:
        with suppress(EvidenceError), open_evidence(path) as file:
            digest, size = hash_chunks(read_chunks(file))
            file.seek(0)
            look = look_at(file.read(HEAD_BYTES))
            return Attachment(name, size, digest), MemberFacts(name, role_of(name), size, look=look)
    unread = "the file could not be read" if hash_attachments else None
    size = _size(path)
    return Attachment(name, size, None), MemberFacts(name, role_of(name), size, unread=unread)


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:  # gone since the folder was listed
        return 0


def printed_names(content: Content, names: Iterable[str]) -> set[str]:
    """Return those file names that the text prints somewhere, however it writes their letters (NFC).

    One pass over the text: it stops at each ending that occurs among the names and looks for the longest name that
    ends there.
    """
    wanted: dict[bytes, set[str]] = {}
    for name in names:
        wanted.setdefault(unicodedata.normalize("NFC", show_path(Path(name))).encode(), set()).add(name)
    endings = {b"." + name.rpartition(b".")[2].lower() for name in wanted if b"." in name}
    lengths = sorted({len(name) for name in wanted}, reverse=True)
    found: set[str] = set()
    pattern = b"(?:" + b"|".join(map(re.escape, sorted(endings))) + rb")(?![A-Za-z0-9])"
    for hit in re.finditer(pattern, content, re.IGNORECASE) if endings else ():
        line = content[max(0, hit.end() - _REACH) : hit.end()]
        cuts = (len(line) - length for length in lengths if length <= len(line))
        found |= next((wanted[line[cut:]] for cut in cuts if line[cut:] in wanted and _begins(line, cut)), set())
    return found


def _begins(line: bytes, cut: int) -> bool:
    """Tell whether a name can begin here: not inside a word, an address or a longer name."""
    return cut == 0 or not re.match(rb"[A-Za-z0-9._/-]", line[cut - 1 : cut])
