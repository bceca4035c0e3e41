"""What a zip states of each file beside name and sizes: who packed it, how, and when.

Anybody can write any of it, and a zip that was packed again states what the second packer wrote. Sources: APPNOTE.TXT
6.3.10, sections 4.4 and 4.5; Info-ZIP's extra field 0x5455 ("UT").
"""

import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chatforensics.intake.oddities import Oddity

_UNIX_TIMES, _NTFS_TIMES = 0x5455, 0x000A
_HAS_MODIFIED = 1
_NTFS_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NTFS_BEFORE_TIMES, _NTFS_TAG = 4, 1
_MOST_FIELDS = 50
# Bits of the flags that both places must state alike; how the sizes are stated may differ.
_COMPARED_FLAGS = 0xFFFF & ~0x0008


@dataclass(frozen=True)
class Stated:
    """What the zip states of one file; `position` counts from 1 in the order in which the files lie.

    `create_system`, `create_version` and `extract_version` are the numbers of APPNOTE 4.4.2 and 4.4.3, `flags` those of
    4.4.4. `extra_ids` are the kinds of its extra fields, in order. `modified_local` is the packer's wall clock in steps
    of two seconds, `modified_at` the same moment in UTC where an extra field states it; None where there is no such
    date. `differing` is what stands otherwise before the file itself.
    """

    position: int
    flags: int
    create_system: int
    create_version: int
    extract_version: int
    extra_ids: tuple[int, ...]
    modified_local: datetime | None
    modified_at: datetime | None
    differing: tuple[Oddity, ...] = ()


@dataclass(frozen=True)
class LocalFields:
    """The same fields as they stand before the file's bytes: time and date in their packed form."""

    extract_version: int
    flags: int
    time: int
    date: int


def read_stated(info: zipfile.ZipInfo, local: LocalFields, *, position: int) -> Stated:
    """Take from the zip's directory what it states of one file, and compare it with what stands before the file."""
    extras = list(_split_extra(info.extra))
    return Stated(
        position=position,
        flags=info.flag_bits,
        create_system=info.create_system,
        create_version=info.create_version,
        extract_version=info.extract_version,
        extra_ids=tuple(number for number, _ in extras),
        modified_local=_read_local_time(info),
        modified_at=_read_utc(extras),
        differing=tuple(map(Oddity, _compare(info, local))),
    )


def _compare(info: zipfile.ZipInfo, local: LocalFields) -> Iterator[str]:
    year, month, day, hour, minute, second = info.date_time
    date, time = (year - 1980) << 9 | month << 5 | day, hour << 11 | minute << 5 | second // 2
    if (date, time) != (local.date, local.time):
        yield "time_differs"
    if info.extract_version != local.extract_version & 0xFF:
        yield "version_differs"
    if (info.flag_bits ^ local.flags) & _COMPARED_FLAGS:
        yield "flags_differ"


def _split_extra(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each extra field; what is cut short ends the list, and none has more than a few."""
    at = 0
    for _ in range(_MOST_FIELDS):
        if at + 4 > len(extra):
            return
        number, size = struct.unpack_from("<HH", extra, at)
        yield number, extra[at + 4 : at + 4 + size]
        at += 4 + size


def _read_local_time(info: zipfile.ZipInfo) -> datetime | None:
    try:
        return datetime(*info.date_time)  # noqa: DTZ001 - the packer's own wall clock
    except ValueError:
        return None


def _read_utc(extras: list[tuple[int, bytes]]) -> datetime | None:
    for number, content in extras:
        if number == _UNIX_TIMES and len(content) >= 5 and content[0] & _HAS_MODIFIED:  # noqa: PLR2004 - flags, seconds
            return _UNIX_EPOCH + timedelta(seconds=struct.unpack_from("<l", content, 1)[0])
        if number == _NTFS_TIMES and (moment := _read_ntfs(content)) is not None:
            return moment
    return None


def _read_ntfs(content: bytes) -> datetime | None:
    """Read the time of the last change out of the field that Windows programs write: ticks of 100 ns since 1601."""
    for tag, times in _split_extra(content[_NTFS_BEFORE_TIMES:]):
        if tag == _NTFS_TAG and len(times) >= 8:  # noqa: PLR2004 - one time
            ticks = struct.unpack_from("<Q", times)[0]
            try:
                return _NTFS_EPOCH + timedelta(microseconds=ticks // 10)
            except OverflowError:
                return None
    return None
