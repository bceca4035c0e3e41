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
        sizes = struct.pack("<LLL", crc, len(packed), size)
        body += struct.pack("<4sHHHHH", b"PK\x03\x04", 20, local_flags, local_method, 0, 0x21)
        body += sizes + struct.pack("<HH", len(local_name), 0) + local_name + packed + entry.behind
        directory += struct.pack("<4sHHHHHH", b"PK\x01\x02", 0x0314, 20, entry.flags, entry.method, 0, 0x21)
        directory += sizes + struct.pack("<HHHHHLL", len(entry.name), 0, 0, 0, 0, entry.mode << 16, at) + entry.name
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
