"""What a JPEG says of its making is read from its first bytes; anything else gives nothing, and quickly."""

import struct
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.intake.exif import Exif, read_exif

SOI, SCAN = b"\xff\xd8", b"\xff\xda\x00\x02"
TAKEN = b"2025:05:01 12:30:11\0"


def a_field(order: str, number: int, kind: int, count: int, value: int) -> bytes:
    return struct.pack(order + "HHLL", number, kind, count, value)


def a_block(*, software: bytes = b"Darkroom 3\0", taken: bytes = TAKEN, order: str = "<") -> bytes:
    """Return an Exif block whose first directory names the software and leads to a second one with the time."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "L", 8)
    first_end = 8 + 2 + 2 * 12 + 4
    second_end = first_end + 2 + 12 + 4
    fields = a_field(order, 0x0131, 2, len(software), second_end) + a_field(order, 0x8769, 4, 1, first_end)
    deeper = a_field(order, 0x9003, 2, len(taken), second_end + len(software))
    first = struct.pack(order + "H", 2) + fields + b"\0\0\0\0"
    return b"Exif\0\0" + head + first + struct.pack(order + "H", 1) + deeper + b"\0\0\0\0" + software + taken


def a_segment(mark: int, content: bytes) -> bytes:
    return bytes((0xFF, mark)) + struct.pack(">H", len(content) + 2) + content


def a_jpeg(block: bytes, *, before: bytes = b"") -> bytes:
    return SOI + before + a_segment(0xE1, block) + SCAN + b"picture"


@pytest.mark.parametrize("order", ["<", ">"])
def test_software_and_time_are_read_in_either_byte_order(order: str) -> None:
    exif = read_exif(a_jpeg(a_block(order=order)))
    assert exif == Exif("Darkroom 3", datetime(2025, 5, 1, 12, 30, 11))


def test_other_segments_before_the_block_are_passed_over() -> None:
    before = a_segment(0xE0, b"JFIF\0") + b"\xff" + a_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0")
    assert read_exif(a_jpeg(a_block(), before=before)) is not None


def test_a_block_behind_the_picture_does_not_count() -> None:
    assert read_exif(SOI + SCAN + a_segment(0xE1, a_block())) is None


@pytest.mark.parametrize("head", [b"", b"\x89PNG\r\n\x1a\n", SOI, SOI + b"\xff\xe0\x00", a_block()])
def test_what_is_no_jpeg_with_such_a_block_has_none(head: bytes) -> None:
    assert read_exif(head) is None


@pytest.mark.parametrize(
    "block", [b"Exif\0\0", b"Exif\0\0II*\0", b"Exif\0\0XX*\0\x08\0\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff"]
)
def test_a_block_that_says_nothing_readable_is_told_as_such(block: bytes) -> None:
    assert read_exif(a_jpeg(block)) == Exif(None, None)


def test_a_time_that_is_none_is_left_out() -> None:
    assert read_exif(a_jpeg(a_block(taken=b"0000:00:00 00:00:00\0"))) == Exif("Darkroom 3", None)


def test_a_name_with_controls_is_made_safe_and_short() -> None:
    exif = read_exif(a_jpeg(a_block(software=b"\x1b[31mA\0hidden")))
    assert exif is not None
    assert exif.software == "\ufffd[31mA"
    long = read_exif(a_jpeg(a_block(software=b"A" * 5000)))
    assert long is not None
    assert long.software == "A" * 200


def test_a_directory_that_leads_to_itself_ends() -> None:
    looped = b"Exif\0\0II*\0" + struct.pack("<LH", 8, 1) + a_field("<", 0x8769, 4, 1, 8)
    assert read_exif(a_jpeg(looped)) == Exif(None, None)


@given(st.binary(max_size=300), st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=8))
def test_no_bytes_make_the_reading_fail(block: bytes, changes: list[tuple[int, int]]) -> None:
    changed = bytearray(a_jpeg(a_block()))
    for at, value in changes:
        changed[at % len(changed)] = value
    for raw in (bytes(changed), a_jpeg(b"Exif\0\0II*\0" + block), SOI + b"\xff" + block):
        exif = read_exif(raw)
        assert exif is None or exif.software is None or exif.software.isprintable() or "\ufffd" in exif.software
