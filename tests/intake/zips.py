"""Zips written by hand, so that each field can lie."""

import struct
import zlib
from dataclasses import dataclass

CHAT = b"13/03/2024, 08:30 - Ama: hi\n"


@dataclass(frozen=True)
class Entry:
    """One file of a zip; what is None is written truly."""

    name: bytes
    content: bytes = CHAT
    method: int = 8
    flags: int = 0x0800
    mode: int = 0
    n_bytes: int | None = None
    crc: int | None = None
    packed: bytes | None = None
    local_name: bytes | None = None
    local_method: int | None = None
    local_flags: int | None = None
    header_at: int | None = None
    behind: bytes = b""
    made_by: int = 0x0314
    extra: bytes = b""
    time: int = 0
    date: int = 0x21
    local_time: int | None = None


def dos_time(hour: int, minute: int, second: int) -> int:
    """Return a time of day as zips state it, in steps of two seconds."""
    return hour << 11 | minute << 5 | second // 2


def dos_date(year: int, month: int, day: int) -> int:
    """Return a date as zips state it."""
    return (year - 1980) << 9 | month << 5 | day


def deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def pack(*entries: Entry, before: bytes = b"", comment: bytes = b"", count: int | None = None) -> bytes:
    body, directory = bytearray(before), bytearray()
    for entry in entries:
        packed = entry.packed
        if packed is None:
            packed = deflate(entry.content) if entry.method == 8 else entry.content
        crc = zlib.crc32(entry.content) if entry.crc is None else entry.crc
        size = len(entry.content) if entry.n_bytes is None else entry.n_bytes
        at = len(body) - len(before) if entry.header_at is None else entry.header_at
        local_name = entry.name if entry.local_name is None else entry.local_name
        local_method = entry.method if entry.local_method is None else entry.local_method
        local_flags = entry.flags if entry.local_flags is None else entry.local_flags
        local_time = entry.time if entry.local_time is None else entry.local_time
        sizes = struct.pack("<LLL", crc, len(packed), size)
        body += struct.pack("<4sHHHHH", b"PK\x03\x04", 20, local_flags, local_method, local_time, entry.date)
        body += sizes + struct.pack("<HH", len(local_name), 0) + local_name + packed + entry.behind
        made = struct.pack("<HHHHHH", entry.made_by, 20, entry.flags, entry.method, entry.time, entry.date)
        directory += b"PK\x01\x02" + made + sizes
        directory += struct.pack("<HHHHHLL", len(entry.name), len(entry.extra), 0, 0, 0, entry.mode << 16, at)
        directory += entry.name + entry.extra
    number = len(entries) if count is None else count
    end = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, number, number, len(directory), len(body) - len(before), 0)
    end = end[:-2] + struct.pack("<H", len(comment))
    return bytes(body + directory + end + comment)


def widen(raw: bytes, *, count: int) -> bytes:
    """Put the long end record (zip64) before the end record, with a count of its own."""
    end_at = raw.rindex(b"PK\x05\x06")
    size, at = struct.unpack_from("<LL", raw, end_at + 12)
    record = struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, at)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end_at, 1)
    end = bytearray(raw[end_at:])
    end[8:20] = b"\xff" * 12
    return raw[:end_at] + record + locator + bytes(end)
