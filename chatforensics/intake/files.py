"""Read exports, read-only, hashed, and under limits."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import BinaryIO

from chatforensics.errors import HashMismatch, UnreadableExport
from chatforensics.intake.archives import Attachment
from chatforensics.intake.chatnames import last_part, title_in
from chatforensics.intake.content import (
    CHUNK,
    MAX_FILE_BYTES,
    Content,
    hash_chunks,
    load,
    open_evidence,
    read_chunks,
    show_path,
    spool,
    stream,
)
from chatforensics.intake.directory import is_zip
from chatforensics.intake.folders import ExportFile, read_siblings
from chatforensics.intake.members import MemberFacts
from chatforensics.intake.unpacking import unpack


@dataclass(frozen=True)
class ChatText:
    """The chat text of one export as received, with what identifies it.

    `sha256` and `size_bytes` are those of the file (the zip, if it is one). `content` is the chat text itself, byte for
    byte: `bytes`, or a read-only map of the file where it is large (a buffer with `len`, slices and `find`).
    `attachments` are the other files of the container, `notes` what is odd about it, in plain sentences, `members` what
    is known of each file that came with it.
    """

    path: str
    sha256: str
    size_bytes: int
    member: str | None
    content: Content
    attachments: tuple[Attachment, ...] = ()
    folder: str | None = None
    notes: tuple[str, ...] = ()
    members: tuple[MemberFacts, ...] = ()

    @property
    def source_id(self) -> str:
        """First 16 hex digits of the file's SHA-256."""
        return self.sha256[:16]

    @cached_property
    def title(self) -> str | None:
        """The chat's title as the phone put it into the name of the text, the zip or their folder; else None.

        A file can be renamed, so the name shows nothing for certain.
        """
        places = [name for name in (self.member, self.path) if name is not None]
        folders = [name.replace("\\", "/").rstrip("/").rpartition("/")[0] for name in places]
        return next((title for name in (*places, *folders) if name and (title := title_in(name)) is not None), None)

    def check_unchanged(self) -> None:
        """Hash the text again if it is a map of the file that was received: other programs may have changed it.

        Raises:
            HashMismatch: what was read is not what was hashed.
        """
        received = self.member is None and not isinstance(self.content, bytes)
        if received and hash_chunks(stream(self.content)) != (self.sha256, self.size_bytes):
            raise HashMismatch(f"{self.path}: the file changed while it was read.", hint="Work on a copy.")


def read_export(export: ExportFile, *, member: str | None = None, hash_attachments: bool = True) -> ChatText:
    """Read one export: the file is opened read-only, hashed, and its chat text taken out of a zip if need be.

    A large text is not copied into memory but mapped; call `check_unchanged()` once it was read.

    Args:
        export: the file, and whose phone it came from.
        member: the name of the chat text in a zip, where several could be it.
        hash_attachments: hash the other files too; thousands of videos take minutes.

    Raises:
        UnreadableExport: the file is missing, no regular file, too large, or a zip that breaks a safety limit.
        HashMismatch: the file changed while it was read.
    """
    name = show_path(export.path) if export.shown is None else export.shown
    with open_evidence(export.path) as file:
        chat = _read(file, name, member=member, hash_attachments=hash_attachments)
    if chat.member is None:
        found = read_siblings(export.path, chat.content, hash_attachments=hash_attachments)
        chat = replace(chat, attachments=found.attachments, notes=found.notes, members=(*chat.members, *found.members))
    return replace(chat, folder=export.folder)


def chat_from_bytes(raw: bytes, *, name: str, folder: str | None = None, member: str | None = None) -> ChatText:
    """Make a chat text of bytes already in memory, such as an upload."""
    return replace(_read(io.BytesIO(raw), name, member=member, hash_attachments=True), folder=folder)


def read_stream(stream: BinaryIO, *, name: str, member: str | None = None) -> ChatText:
    """Read an export from standard input; what is large goes to a temporary file instead of into memory.

    Raises:
        UnreadableExport: it is over the size limit, or a zip that breaks a safety limit.
    """
    with spool(_limited(stream, name=name)) as file:
        return _read(file, name, member=member, hash_attachments=True)


def _limited(stream: BinaryIO, *, name: str) -> Iterator[bytes]:
    size = 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > MAX_FILE_BYTES:
            raise UnreadableExport(f"{name}: over the limit of {MAX_FILE_BYTES:,} bytes.")
        yield chunk


def _read(file: BinaryIO, name: str, *, member: str | None, hash_attachments: bool) -> ChatText:
    digest, size = hash_chunks(read_chunks(file))
    if not is_zip(file):
        if member is not None:
            raise UnreadableExport(f"{name}: no zip, so it has no file '{member}'.", hint="Pass the zip.")
        return ChatText(name, digest, size, None, load(file), members=(MemberFacts(last_part(name), "chat", size),))
    unpacked = unpack(file, name=name, member=member, hash_attachments=hash_attachments)
    return ChatText(
        path=name,
        sha256=digest,
        size_bytes=size,
        member=unpacked.member,
        content=unpacked.content,
        attachments=unpacked.attachments,
        notes=unpacked.notes,
        members=unpacked.members,
    )
