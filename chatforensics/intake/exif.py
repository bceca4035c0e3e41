"""What a JPEG picture says of its making, read from its first bytes with suspicion.

Only three things are taken: whether there is an Exif block, the software it names, and when the picture was taken.
Places, owners and devices are left alone. Sources: JPEG (ITU T.81, annex B), Exif 2.32, TIFF 6.0.
"""

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from chatforensics.intake.content import show_name

HEAD_BYTES = 64 * 1024  # an Exif block is never longer, and stands first
_EXIF = b"Exif\0\0"
_APP1, _SCAN, _STANDALONE = 0xE1, 0xDA, {0x01, *range(0xD0, 0xD9)}
_MOST_SEGMENTS, _MOST_ENTRIES, _MOST_LETTERS = 100, 200, 200
_SOFTWARE, _CHANGED, _MORE, _TAKEN = 0x0131, 0x0132, 0x8769, 0x9003
_TEXT, _LONG = 2, 4


@dataclass(frozen=True)
class Exif:
    """What an Exif block says; anybody can write it. None where it says nothing that can be read."""

    software: str | None
    taken_local: datetime | None


def read_exif(head: bytes) -> Exif | None:
    """Read the Exif block at the beginning of a JPEG; None where there is none.

    Args:
        head: the first bytes of the file, up to `HEAD_BYTES`.
    """
    block = next((x[len(_EXIF) :] for x in _app1(head[:HEAD_BYTES]) if x.startswith(_EXIF)), None)
    if block is None:
        return None
    fields: dict[int, str] = {}
    with suppress(struct.error, StopIteration):
        fields = _read_fields(block)
    return Exif(fields.get(_SOFTWARE), _read_time(fields.get(_TAKEN, fields.get(_CHANGED))))


def _app1(head: bytes) -> Iterator[bytes]:
    if not head.startswith(b"\xff\xd8\xff"):
        return
    at = 2
    for _ in range(_MOST_SEGMENTS):
        if at + 4 > len(head) or head[at] != 0xFF or head[at + 1] == _SCAN:  # noqa: PLR2004 - the mark of a segment
            return
        if head[at + 1] in _STANDALONE or head[at + 1] == 0xFF:  # noqa: PLR2004 - a filling byte
            at += 2 if head[at + 1] in _STANDALONE else 1
            continue
        size = int.from_bytes(head[at + 2 : at + 4], "big")
        if head[at + 1] == _APP1:
            yield head[at + 4 : at + 2 + size]
        at += 2 + max(2, size)


def _read_fields(block: bytes) -> dict[int, str]:
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None:
        return {}
    first: int = struct.unpack_from(order + "L", block, 4)[0]
    found = dict(_read_directory(block, first, order))
    deeper = found.pop(_MORE, None)
    if isinstance(deeper, int):
        found = {**dict(_read_directory(block, deeper, order)), **found}
    return {number: value for number, value in found.items() if isinstance(value, str)}


def _read_directory(block: bytes, at: int, order: str) -> Iterator[tuple[int, str | int]]:
    """Yield the wanted fields of one directory: a text, or the place of the next directory."""
    n_entries = struct.unpack_from(order + "H", block, at)[0]
    for entry in range(min(n_entries, _MOST_ENTRIES)):
        number, kind, count, value = struct.unpack_from(order + "HHLL", block, at + 2 + 12 * entry)
        if (number, kind) == (_MORE, _LONG):
            yield number, value
        if number in {_SOFTWARE, _CHANGED, _TAKEN} and kind == _TEXT and count > 4:  # noqa: PLR2004 - else in the entry
            letters = block[value : value + min(count, _MOST_LETTERS)].partition(b"\0")[0]
            yield number, show_name(letters.decode("utf-8", errors="replace")).strip()


def _read_time(text: str | None) -> datetime | None:
    with suppress(ValueError):
        return datetime.strptime(text or "", "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - the camera's own wall clock
    return None
