"""A zip's directory, read with suspicion: what it lists must be where it says, once, and under limits.

Nothing is unpacked here. A zip in which two programs could see different files is refused whole; what is merely odd is
told in a note. Sources: APPNOTE.TXT 6.3.10; CVE-2024-0450 (files that overlap).
"""

import os
import re
import stat
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from chatforensics.errors import UnreadableExport
from chatforensics.intake.content import show_name
from chatforensics.intake.oddities import Oddity, note_names, note_structure
from chatforensics.intake.zipfields import LocalFields, Stated, read_stated

MAX_MEMBERS = 50_000
MAX_DIRECTORY_BYTES = 64 * 1024**2
_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_END_64, _LOCATOR_64 = b"PK\x06\x06", b"PK\x06\x07"
_END_BYTES, _END_64_BYTES, _LOCATOR_BYTES = 22, 56, 20
_REACH = 65_535 + _END_BYTES  # the end record and the longest comment behind it
_LOCAL_HEADER = struct.Struct("<4sHHHHHLLLHH")
_ENCRYPTED, _PATCHED, _SIZES_BEHIND, _UTF8 = 0x2041, 0x0020, 0x0008, 0x0800
_DESCRIPTOR_BYTES = 24  # the longest record of sizes behind a file
_IN_ZIP64 = 0xFFFFFFFF
_AGAIN = "Export the chat again."
# What zipfile raises on bytes that are no whole zip.
_DAMAGE = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, struct.error, OverflowError, ValueError)


@dataclass(frozen=True)
class Member:
    """One file in a zip: its name as stored and where its bytes lie; sizes and CRC are those that the zip states."""

    name: str
    data_at: int
    n_packed: int
    n_bytes: int
    crc: int
    method: int
    encrypted: bool
    patched: bool
    stated: Stated


@dataclass(frozen=True)
class Directory:
    """What a zip lists: its files, its folders, and what is odd about it, by kind and in plain sentences."""

    files: list[Member]
    folders: list[Member]
    oddities: tuple[Oddity, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _End:
    n_members: int
    directory_at: int
    n_comment: int
    n_behind: int


def is_zip(file: BinaryIO) -> bool:
    """Tell whether the file is a zip, or ends as one does: some programs would open it as a zip.

    An end record counts only if a directory stands before it: anybody can type the mark of one into a chat.
    """
    if _first_bytes(file) in (_LOCAL, _END):
        return True
    tail = _tail(file)
    tail_at = file.tell() - len(tail)
    return any(_closes_directory(file, tail, at, tail_at) for at in _ends(tail))


def _closes_directory(file: BinaryIO, tail: bytes, at: int, tail_at: int) -> bool:
    if tail[max(0, at - _LOCATOR_BYTES) : at].startswith(_LOCATOR_64):
        return True
    start = tail_at + at - int.from_bytes(tail[at + 12 : at + 16], "little")
    file.seek(max(0, start))
    return start >= 0 and file.read(4) == _CENTRAL


def read_directory(file: BinaryIO, *, name: str) -> Directory:
    """Return the zip's files, apart from them its folders, and what is odd about it.

    Raises:
        UnreadableExport: damaged, too many files, bytes before the zip, or a structure that programs read differently.
    """
    if _first_bytes(file) not in (_LOCAL, _END):
        raise UnreadableExport(f"{name}: bytes stand before the zip begins.", hint=_AGAIN)
    end = _read_end(file, name=name)
    try:
        with zipfile.ZipFile(file) as archive:  # reads the directory, nothing else
            listed, found_at = archive.infolist(), archive.start_dir
    except (*_DAMAGE, OSError) as error:
        raise _damaged(name, str(error)) from error
    if len(listed) != end.n_members or found_at != end.directory_at:
        raise UnreadableExport(f"{name}: the zip says how many files it holds and lists another number.", hint=_AGAIN)
    _refuse_special_files(listed, name=name)
    members, n_stray = _locate(file, listed, end, name=name)
    folders = [member for member in members if not member.n_bytes and member.name.endswith("/")]
    files = [member for member in members if member.n_bytes or not member.name.endswith("/")]
    oddities = tuple(_odd_structure(end, n_stray))
    notes = (*note_names([member.name for member in files]), *note_structure(oddities))
    return Directory(files, folders, oddities, notes)


def _first_bytes(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(4)


def _tail(file: BinaryIO) -> bytes:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _REACH))
    return file.read()


def _read_end(file: BinaryIO, *, name: str) -> _End:
    """Read the end record before opening: a list of a million files is itself the attack."""
    size = file.seek(0, os.SEEK_END)
    tail = _tail(file)
    at = _find_end(tail, name=name)
    count, n_directory, directory_at, n_comment = struct.unpack_from("<HLLH", tail, at + 10)
    end_at = size - len(tail) + at
    behind = size - end_at - _END_BYTES - n_comment
    if wide := _read_end_64(file, end_at, name=name):
        end_at, count, n_directory, directory_at = wide
    if count > MAX_MEMBERS or n_directory > MAX_DIRECTORY_BYTES:
        raise UnreadableExport(f"{name}: more than {MAX_MEMBERS:,} files in the zip.", hint="Is this an export?")
    gap = end_at - n_directory - directory_at
    if gap > 0:
        raise UnreadableExport(f"{name}: bytes stand before the zip begins.", hint=_AGAIN)
    if gap < 0 or behind < 0:
        raise _damaged(name, "its end does not fit")
    return _End(count, directory_at, n_comment, behind)


def _find_end(tail: bytes, *, name: str) -> int:
    """Find the end record; two that both fit the file's end are two zips in one."""
    places = _ends(tail)
    if not places:
        raise _damaged(name, "it has no end record")
    fitting = [at for at in places if at + _END_BYTES + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail)]
    if len(fitting) > 1 or (fitting and fitting != places[-1:]):
        raise UnreadableExport(f"{name}: the zip has two ends; programs would open different files.", hint=_AGAIN)
    return places[-1]


def _ends(tail: bytes) -> list[int]:
    return [found.start() for found in re.finditer(_END, tail) if found.start() + _END_BYTES <= len(tail)]


def _read_end_64(file: BinaryIO, end_at: int, *, name: str) -> tuple[int, int, int, int] | None:
    """Read the end record of a zip with large numbers: its place, and count, size and place of the directory."""
    start = end_at - _LOCATOR_BYTES - _END_64_BYTES
    file.seek(max(0, end_at - _LOCATOR_BYTES))
    if file.read(4) != _LOCATOR_64:
        return None
    file.seek(max(0, start))
    record = file.read(_END_64_BYTES)
    if start < 0 or record[:4] != _END_64:
        raise _damaged(name, "its long end record is not where it should be")
    count, n_directory, directory_at = struct.unpack_from("<QQQ", record, 32)
    return start, count, n_directory, directory_at


def _refuse_special_files(listed: list[zipfile.ZipInfo], *, name: str) -> None:
    for info in listed:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            what = "a link" if kind == stat.S_IFLNK else "a device or pipe"
            raise UnreadableExport(f"{name}: '{show_name(_true_name(info))}' in the zip is {what}.", hint=_AGAIN)


def _true_name(info: zipfile.ZipInfo) -> str:
    """Return the name as stored: macOS writes UTF-8 without saying so."""
    if info.flag_bits & _UTF8:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.orig_filename


def _locate(file: BinaryIO, listed: list[zipfile.ZipInfo], end: _End, *, name: str) -> tuple[list[Member], int]:
    """Find each file's bytes, in the order in which they lie, and count the bytes that belong to no file.

    Raises:
        UnreadableExport: files share bytes, or bytes stand before the first.
    """
    members: list[Member] = []
    reached = n_stray = 0
    for info in sorted(listed, key=lambda info: info.header_offset):
        if info.header_offset and not members:
            raise UnreadableExport(f"{name}: bytes stand before the zip begins.", hint=_AGAIN)
        n_stray += _stray(info.header_offset - reached, name=name)
        members.append(_read_local(file, info, name=name, position=len(members) + 1))
        reached = members[-1].data_at + info.compress_size
    return members, n_stray + _stray(end.directory_at - reached, name=name)


def _stray(gap: int, *, name: str) -> int:
    if gap < 0:
        raise UnreadableExport(f"{name}: files in the zip overlap; it may be a zip bomb.", hint="No export does that.")
    return gap if gap > _DESCRIPTOR_BYTES else 0


def _read_local(file: BinaryIO, info: zipfile.ZipInfo, *, name: str, position: int) -> Member:
    """Find where the file's bytes begin, and hold what is said there against what the directory says."""
    file.seek(info.header_offset)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size or header[:4] != _LOCAL:
        raise _damaged(name, "a file is not where the directory says")
    _, version, flags, method, time, date, crc, n_packed, n_bytes, n_name, n_extra = _LOCAL_HEADER.unpack(header)
    stored = file.read(n_name)
    encoding = "utf-8" if info.flag_bits & _UTF8 else "cp437"
    same = stored.decode(encoding, errors="replace") == info.orig_filename and method == info.compress_type
    if not flags & _SIZES_BEHIND:
        stated = ((crc, info.CRC), (n_packed, info.compress_size), (n_bytes, info.file_size))
        same = same and all(here in (there, _IN_ZIP64) for here, there in stated)
    # A name in Latin letters is the same in every encoding.
    matters = _ENCRYPTED if stored.isascii() else _ENCRYPTED | _UTF8
    if not same or (flags ^ info.flag_bits) & matters:
        raise UnreadableExport(
            f"{name}: the zip describes '{show_name(_true_name(info))}' in two ways that differ.", hint=_AGAIN
        )
    return Member(
        name=_true_name(info),
        data_at=info.header_offset + _LOCAL_HEADER.size + n_name + n_extra,
        n_packed=info.compress_size,
        n_bytes=info.file_size,
        crc=info.CRC,
        method=info.compress_type,
        encrypted=bool(info.flag_bits & _ENCRYPTED),
        patched=bool(info.flag_bits & _PATCHED),
        stated=read_stated(info, LocalFields(version, flags, time, date), position=position),
    )


def _odd_structure(end: _End, n_stray: int) -> Iterator[Oddity]:
    counts = {"comment": end.n_comment, "stray": n_stray, "behind": end.n_behind}
    return (Oddity(kind, n) for kind, n in counts.items() if n)


def _damaged(name: str, why: str) -> UnreadableExport:
    return UnreadableExport(f"{name}: damaged zip ({why}).", hint=_AGAIN)
