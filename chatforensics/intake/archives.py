"""Take the chat text out of a zip under limits, and hash the other files; nothing is ever extracted by name.

What is wrong with the chat text refuses the export. What is wrong with another file leaves that file unread and says
so: else anybody could make everybody's exports unreadable by sending one hostile file into the chat.
"""

import hashlib
import os
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from chatforensics.errors import EvidenceError, UnreadableExport
from chatforensics.intake.chatnames import choose_chat
from chatforensics.intake.content import Content, keep, show_name
from chatforensics.intake.directory import Member, read_directory
from chatforensics.intake.members import MemberFacts, Reading, describe_zip, gather_head, look_at
from chatforensics.intake.oddities import as_seen

MAX_TEXT_BYTES = 4 * 1024**3
MAX_TOTAL_BYTES = 16 * 1024**3  # of all other files together
MAX_RATIO = 200
RATIO_FLOOR = 10 * 1024**2  # below this size a high ratio is only a repetitive chat
CHUNK = 64 * 1024


@dataclass(frozen=True)
class Attachment:
    """A file that came with the chat text: its name as stored (folders included), its size and its hash.

    Where `sha256` is None the file was not read, and the size is what the container says.
    """

    name: str
    size_bytes: int
    sha256: str | None


@dataclass(frozen=True)
class Unpacked:
    """What a zip holds: the chat text, the other files, what is odd, in plain sentences, and what it states of all."""

    member: str
    content: Content
    attachments: tuple[Attachment, ...]
    notes: tuple[str, ...]
    members: tuple[MemberFacts, ...]


@dataclass(frozen=True)
class Listed:
    """A file as a zip lists it: its name as stored, and the size that the zip states."""

    name: str
    size_bytes: int


class _Unreadable(EvidenceError):
    """One file in a zip cannot be read; the caller decides what that means."""


def read_zip(
    file: BinaryIO,
    *,
    name: str,
    member: str | None = None,
    hash_attachments: bool = True,
    keep: Callable[[Iterable[bytes]], Content] = keep,
) -> Unpacked:
    """Read the chat text of a zip and list its other files.

    Args:
        file: the zip.
        name: its own name, for the choice of the chat text and for messages.
        member: the chat text's name in the zip, where the choice is not clear.
        hash_attachments: read the other files too, for their hashes; a zip inside stays closed.
        keep: what to do with the pieces of the chat text.

    Raises:
        UnreadableExport: not a readable zip, no chat text or several, or one that is encrypted or over a limit.
    """
    directory = read_directory(file, name=name)
    chosen = choose_member(directory.files, name=name, member=member)
    try:
        content = keep(_read_member(file, chosen, most=MAX_TEXT_BYTES))
    except _Unreadable as error:
        raise UnreadableExport(f"{name}: {error.args[0]}.", hint=error.hint) from error
    others = sorted((x for x in directory.files if x is not chosen), key=lambda x: (x.name, x.data_at))
    read = _hash_all(file, others) if hash_attachments else [_take_stated(x) for x in others]
    readings = {x.stated.position: reading for x, (_, reading) in zip(others, read, strict=True)}
    members = describe_zip(directory, name=name, size_bytes=file.seek(0, os.SEEK_END), chat=chosen, readings=readings)
    notes = (*directory.notes, *_note_unread(readings.values()))
    return Unpacked(chosen.name, content, tuple(attachment for attachment, _ in read), notes, members)


def _take_stated(member: Member) -> tuple[Attachment, Reading]:
    return Attachment(member.name, member.n_bytes, None), Reading()


def _note_unread(readings: Iterable[Reading]) -> list[str]:
    reasons = Counter(reading.unread for reading in readings if reading.unread is not None)
    return [f"Files in the zip that were not read: {n:,} ({why})." for why, n in sorted(reasons.items())]


def find_wanted(
    file: BinaryIO, wanted: Mapping[str, str], *, name: str, most_bytes: int
) -> Iterator[tuple[str, bytes | str]]:
    """Yield the wanted files of a zip, under the same limits as all others: the wanted hash, and the bytes or why not.

    Args:
        file: the zip.
        wanted: by the name as stored, the SHA-256 that is wanted; the bytes that are found may have another.
        name: the zip's own name, for messages.
        most_bytes: a file that is larger is not read.

    Raises:
        UnreadableExport: not a readable zip.
    """
    given: set[str] = set()
    for member in read_directory(file, name=name).files:
        sha256 = wanted.get(member.name)
        if sha256 is None or sha256 in given:
            continue
        try:
            found: bytes | str = b"".join(_read_member(file, member, most=most_bytes))
        except _Unreadable as error:
            found = str(error.args[0])
        if isinstance(found, bytes) and hashlib.sha256(found).hexdigest() == sha256:
            given.add(sha256)  # else a namesake may be the one that is meant
        yield sha256, found


def list_members(file: BinaryIO, *, name: str) -> list[Member]:
    """Return the files of a zip in the order in which they lie.

    Raises:
        UnreadableExport: not a readable zip.
    """
    return sorted(read_directory(file, name=name).files, key=lambda member: member.stated.position)


def view(members: Iterable[Member]) -> tuple[Listed, ...]:
    """Return what a zip says of its files."""
    return tuple(Listed(member.name, member.n_bytes) for member in members)


def read_whole(file: BinaryIO, member: Member, *, name: str) -> Iterator[bytes]:
    """Yield the bytes of one file, no more than the zip states.

    Raises:
        UnreadableExport: encrypted, packed in another way, over a limit, or not what the zip states.
    """
    try:
        yield from _read_member(file, member, most=member.n_bytes)
    except _Unreadable as error:
        raise UnreadableExport(f"{name}: {show_name(member.name)}: {error.args[0]}.", hint=error.hint) from error


def choose_member(members: Sequence[Member], *, name: str, member: str | None = None) -> Member:
    """Return the chat text among the files of a zip.

    Raises:
        UnreadableExport: there is none, or several could be it.
    """
    names = [x.name for x in members]
    if member is None:
        texts = choose_chat(names, container=name)
    else:
        texts = [at for at, own in enumerate(names) if own == member]
    if not texts:
        wanted = "no chat text (.txt)" if member is None else f"no file '{show_name(member)}'"
        raise UnreadableExport(f"{name}: {wanted} in the zip.", hint="Export the chat itself, not a backup.")
    seen = Counter(map(as_seen, names))
    if twin := next((names[at] for at in texts if seen[as_seen(names[at])] > 1), None):
        raise UnreadableExport(
            f"{name}: several files named '{show_name(as_seen(twin))}' in the zip; programs would read different ones.",
            hint="Export the chat again.",
        )
    if len(texts) > 1:
        listed = ", ".join(show_name(names[at]) for at in texts[:5])
        raise UnreadableExport(f"{name}: several texts in the zip ({listed}).", hint="Pass the chat's own .txt file.")
    return members[texts[0]]


def _hash_all(file: BinaryIO, members: Sequence[Member]) -> list[tuple[Attachment, Reading]]:
    found: list[tuple[Attachment, Reading]] = []
    left = MAX_TOTAL_BYTES
    for member in members:
        attachment, reading, n_read = _hash_one(file, member, most=left)
        found.append((attachment, reading))
        left = max(0, left - n_read)
    return found


def _hash_one(file: BinaryIO, member: Member, *, most: int) -> tuple[Attachment, Reading, int]:
    """Hash one file; return it, how it begins or why it could not be read, and the bytes that were unpacked."""
    digest, size, head = hashlib.sha256(), 0, bytearray()
    try:
        for chunk in _read_member(file, member, most=most):
            digest.update(chunk)
            size += len(chunk)
            gather_head(head, chunk)
    except _Unreadable as error:
        return Attachment(member.name, member.n_bytes, None), Reading(unread=str(error.args[0])), size
    return Attachment(member.name, size, digest.hexdigest()), Reading(look_at(bytes(head))), size


def _read_member(file: BinaryIO, member: Member, *, most: int) -> Iterator[bytes]:
    """Yield a file's bytes, counted and held against the size and the check sum that the zip states.

    Raises:
        _Unreadable: encrypted, packed in another way, over a limit, or not what the zip states.
    """
    _check_packing(member)
    size = crc = 0
    packed = _read_packed(file, member)
    for chunk in packed if member.method == zipfile.ZIP_STORED else _inflate(packed):
        size += len(chunk)
        crc = zlib.crc32(chunk, crc)
        _check_size(size, member.n_packed, most=most)
        yield chunk
    if (size, crc) != (member.n_bytes, member.crc):
        raise _damaged("its content is not what its directory states")


def refuse_stated(member: Member, *, most: int) -> EvidenceError | None:
    """Return why a file in a zip cannot be read, as far as the zip's directory shows it; None where it may be read."""
    try:
        _check_packing(member)
        _check_size(member.n_bytes, member.n_packed, most=most)
    except _Unreadable as error:
        return error
    return None


def _check_packing(member: Member) -> None:
    if member.encrypted:
        raise _Unreadable("the zip is encrypted", hint="Unlock it and pass the unlocked file.")
    if member.patched or member.method not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        method = "of patches" if member.patched else str(member.method)
        raise _Unreadable(f"compression method {method} is not supported", hint="Export the chat again.")


def _read_packed(file: BinaryIO, member: Member) -> Iterator[bytes]:
    left = member.n_packed
    file.seek(member.data_at)
    while chunk := file.read(min(left, CHUNK)):
        left -= len(chunk)
        yield chunk


def _inflate(packed: Iterator[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for chunk in packed:
            if inflater.eof:
                raise _damaged("bytes hide behind a file's end")
            pending = chunk
            while pending:
                yield inflater.decompress(pending, CHUNK)
                pending = inflater.unconsumed_tail
        yield inflater.flush()
    except zlib.error as error:
        raise _damaged(str(error)) from error
    if inflater.unused_data or not inflater.eof:
        raise _damaged("a file has no end" if not inflater.eof else "bytes hide behind a file's end")


def _check_size(size: int, packed: int, *, most: int) -> None:
    if size > RATIO_FLOOR and size > MAX_RATIO * max(packed, 1):
        raise _Unreadable(
            f"it unpacks to more than {MAX_RATIO} times its size", hint="No chat does; it may be a zip bomb."
        )
    if size > most:
        raise _Unreadable("unpacked it is over the limit of size", hint="No chat is that large.")


def _damaged(why: str) -> _Unreadable:
    return _Unreadable(f"damaged zip ({why})", hint="Export the chat again.")
