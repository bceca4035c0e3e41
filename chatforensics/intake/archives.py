"""Take the chat text out of a zip, in memory, under limits; nothing is ever extracted by name."""

import io
import struct
import zipfile
import zlib
from pathlib import PurePosixPath

from chatforensics.errors import UnreadableExport

MAX_MEMBERS = 50_000
MAX_TEXT_BYTES = 4 * 1024**3
MAX_RATIO = 200
RATIO_FLOOR = 10 * 1024**2  # below this size a high ratio is only a repetitive chat
CHUNK = 64 * 1024
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What zipfile and zlib raise on bytes that are no whole zip.
_DAMAGE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, struct.error, OverflowError)
_FIRST_RECORD = b"PK\x03\x04"
_END_REACH = 66_000  # the end record and the longest comment behind it
_END_RECORD = b"PK\x05\x06"
_COUNT_OVERFLOW = 0xFFFF  # the true number is elsewhere (zip64)


def is_zip(raw: bytes) -> bool:
    """Tell whether the bytes are a zip file, or end as one does."""
    return raw[:4] in (_FIRST_RECORD, _END_RECORD) or _END_RECORD in raw[-_END_REACH:]


def read_chat_member(raw: bytes, *, name: str) -> tuple[str, bytes, tuple[str, ...]]:
    """Return the chat text's member name, its bytes, and the names of the other members.

    Raises:
        UnreadableExport: not a readable zip, no chat text or several, encrypted, or over a limit.
    """
    if raw[:4] not in (_FIRST_RECORD, _END_RECORD):
        raise UnreadableExport(f"{name}: bytes stand before the zip begins.", hint="Export the chat again.")
    _check_member_count(raw, name=name)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            member = _choose_member(archive.infolist(), name=name)
            content = _read_member(archive, member, name=name)
            others = sorted(x.filename for x in archive.infolist() if x is not member and not x.is_dir())
    except UnreadableExport:
        raise
    except (*_DAMAGE, OSError, ValueError) as error:
        raise UnreadableExport(f"{name}: damaged zip ({error}).", hint="Export the chat again.") from error
    return member.filename, content, tuple(others)


def _check_member_count(raw: bytes, *, name: str) -> None:
    # Read from the end record first: opening a zip of a million members is itself the attack.
    end = raw.rfind(_END_RECORD)
    count = int.from_bytes(raw[end + 10 : end + 12], "little") if end >= 0 else 0
    central = raw.count(b"PK\x01\x02") if count == _COUNT_OVERFLOW else count
    if central > MAX_MEMBERS:
        raise UnreadableExport(f"{name}: more than {MAX_MEMBERS:,} files in the zip.", hint="Is this an export?")


def _choose_member(members: list[zipfile.ZipInfo], *, name: str) -> zipfile.ZipInfo:
    """Choose the chat text: the only text, else the one that bears the zip's own name, else iOS's `_chat.txt`.

    People attach texts to chats, so that a name which merely looks right decides nothing where two do.
    """
    texts = [x for x in members if _is_chat_text(x)]
    if not texts:
        raise UnreadableExport(f"{name}: no chat text (.txt) in the zip.", hint="Export the chat itself, not a backup.")
    own = [x for x in texts if _stem(x.filename) == _stem(name)]
    ios = [x for x in texts if x.filename == "_chat.txt"]
    titled = [x for x in texts if "whatsapp" in x.filename.casefold() and x not in ios]
    for chosen in (texts, own, ios if not titled else [], titled if not ios else []):
        if len(chosen) == 1:
            return chosen[0]
    listed = ", ".join(x.filename for x in texts[:5])
    raise UnreadableExport(f"{name}: several texts in the zip ({listed}).", hint="Pass the chat's own .txt file.")


def _stem(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).stem


def _is_chat_text(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    return path.suffix.lower() == ".txt" and not member.is_dir() and "__MACOSX" not in path.parts


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, *, name: str) -> bytes:
    if member.flag_bits & 1:
        raise UnreadableExport(f"{name}: the zip is encrypted.", hint="Unlock it and pass the unlocked file.")
    if member.compress_type not in _METHODS:
        raise UnreadableExport(f"{name}: compression method {member.compress_type} is not supported.")
    chunks, size = [], 0
    with archive.open(member) as file:
        while chunk := file.read(CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            _check_size(size, member.compress_size, name=name)
    return b"".join(chunks)


def _check_size(size: int, compressed: int, *, name: str) -> None:
    if size > MAX_TEXT_BYTES:
        raise UnreadableExport(f"{name}: the chat text is over the limit of {MAX_TEXT_BYTES:,} bytes.")
    if size > RATIO_FLOOR and size > MAX_RATIO * max(compressed, 1):
        raise UnreadableExport(
            f"{name}: the zip unpacks to more than {MAX_RATIO} times its size.",
            hint="No chat does; it may be a zip bomb.",
        )
