"""Files are told apart by their first bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.integrity.signatures import KINDS_OF, ending_of, tell_kind


@pytest.mark.parametrize(
    ("magic", "kind"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG"),
        (b"\x89PNG\r\n\x1a\n\0\0", "PNG"),
        (b"GIF89a", "GIF"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "WebP"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "WAV"),
        (b"\0\0\0\x18ftypmp42", "MP4"),
        (b"\0\0\0\x1cftyp3gp5", "MP4"),
        (b"OggS\0\x02", "Ogg"),
        (b"ID3\x04", "MP3"),
        (b"\xff\xfb\x90\x64", "MP3"),
        (b"\xff\xf1\x50\x80", "AAC"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04\x14\0", "zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Office"),
        (b"MZ\x90\0", "Windows program"),
        (b"BEGIN:VCARD\r\n", "vCard"),
        (b"RIFF", None),
        (b"", None),
        (b"hello", None),
    ],
)
def test_the_first_bytes_tell_the_kind(magic: bytes, kind: str | None) -> None:
    assert tell_kind(magic) == kind


@given(st.binary(max_size=16))
def test_any_bytes_have_one_kind_or_none(magic: bytes) -> None:
    kind = tell_kind(magic)
    assert kind is None or isinstance(kind, str)


@pytest.mark.parametrize(
    ("name", "ending"),
    [("a.JPG", "jpg"), ("a.b.pdf", "pdf"), ("noend", ""), ("folder.x/noend", ""), ("a\\b.MP4", "mp4")],
)
def test_an_ending_is_what_follows_the_last_dot_of_the_files_own_name(name: str, ending: str) -> None:
    assert ending_of(name) == ending


def test_endings_that_phones_write_are_known() -> None:
    assert {"jpg", "webp", "mp4", "opus", "m4a", "vcf", "pdf", "docx", "3gp"} <= set(KINDS_OF)
