"""How large an export is, without a message of it being read."""

import struct
import zipfile
from pathlib import Path

import pytest
from intake.zips import Entry, pack

from chatforensics.intake import ExportFile, archives, content
from chatforensics.intake.measuring import Measured, measure_export

CHAT = b"13/03/2024, 08:30 - Ama: hi\n" * 100


def a_zip(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return path


def test_a_text_is_as_large_as_its_file(tmp_path: Path) -> None:
    (tmp_path / "chat.txt").write_bytes(CHAT)
    measured = measure_export(ExportFile(tmp_path / "chat.txt", None))
    assert (measured.kind, measured.size_bytes, measured.text_bytes, measured.unread) == ("text", 2800, 2800, None)


def test_of_a_zip_the_chat_text_is_told_apart_from_what_was_sent(tmp_path: Path) -> None:
    path = a_zip(
        tmp_path / "chat.zip", _chat__txt=CHAT, letter__txt=b"Dear Ilse", photo__jpg=b"x" * 1_000, dot__png=b"x"
    )
    measured = measure_export(ExportFile(path, None))
    assert (measured.kind, measured.size_bytes) == ("zip", path.stat().st_size)
    assert (measured.text_bytes, measured.other_bytes, measured.n_pictures) == (2800, 1010, 1)


def test_no_part_of_the_chat_is_unpacked(tmp_path: Path) -> None:
    path = a_zip(tmp_path / "chat.zip", _chat__txt=CHAT)
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        at = archive.infolist()[0].header_offset + 30 + len("_chat.txt")
    path.write_bytes(whole[:at] + bytes(10) + whole[at + 10 :])
    assert measure_export(ExportFile(path, None)).text_bytes == 2800


def test_what_can_be_no_export_is_told_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "cut.zip").write_bytes(b"PK\x03\x04 cut")
    (tmp_path / "link.txt").symlink_to("empty.txt")
    a_zip(tmp_path / "album.zip", photo__jpg=b"x")
    names = ("empty.txt", "cut.zip", "link.txt", "album.zip", "gone.txt", "")
    reasons = [measure_export(ExportFile(tmp_path / name, None)).unread for name in names]
    assert all(reasons)
    assert len(set(reasons)) == len(names)


def measured(path: Path, raw: bytes) -> Measured:
    path.write_bytes(raw)
    return measure_export(ExportFile(path, None))


def why(path: Path, raw: bytes) -> str:
    found = measured(path, raw)
    assert (found.kind, found.text_bytes, found.other_bytes, found.n_pictures) == ("none", 0, 0, 0)
    return str(found.unread)


def stating(raw: bytes, n_bytes: int) -> bytes:
    """Return a zip with one file whose directory states so many bytes, in the long form."""
    at = raw.rindex(b"PK\x01\x02")
    end = raw.rindex(b"PK\x05\x06")
    wide = struct.pack("<HHQ", 1, 8, n_bytes)
    head = bytearray(raw[at:end])
    struct.pack_into("<L", head, 24, 0xFFFFFFFF)
    struct.pack_into("<H", head, 30, len(wide))
    made = bytearray(raw[:at] + bytes(head) + wide + raw[end:])
    struct.pack_into("<L", made, len(made) - 10, len(head) + len(wide))
    struct.pack_into("<L", made, 22, 0xFFFFFFFF)
    return bytes(made)


@pytest.mark.parametrize(
    ("n_bytes", "said"),
    [(2**63 + 5, "more than 200 times its size"), (5 * 1024**3, "more than 200 times its size"), (29, None)],
)
def test_sizes_that_cannot_be_are_no_export_and_go_into_no_sum(tmp_path: Path, n_bytes: int, said: str | None) -> None:
    raw = stating(pack(Entry(b"_chat.txt")), n_bytes)
    if said is None:
        assert measured(tmp_path / "x.zip", raw).text_bytes == n_bytes
    else:
        assert said in why(tmp_path / "x.zip", raw)


def test_the_limits_of_a_run_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = pack(Entry(b"_chat.txt", CHAT), Entry(b"a.jpg", b"x" * 900), Entry(b"b.jpg", b"x" * 900))
    monkeypatch.setattr(archives, "MAX_TOTAL_BYTES", 1_000)
    found = measured(tmp_path / "x.zip", raw)
    assert (found.text_bytes, found.other_bytes, found.n_pictures) == (2800, 900, 1)
    monkeypatch.setattr(archives, "MAX_TEXT_BYTES", 2_000)
    assert "over the limit of size" in why(tmp_path / "x.zip", raw)
    monkeypatch.setattr(content, "MAX_FILE_BYTES", 100)
    assert "is over the limit of 100" in why(tmp_path / "x.zip", raw)
    assert "is over the limit of 100" in why(tmp_path / "x.txt", CHAT)


@pytest.mark.parametrize(
    ("entry", "said"),
    [(Entry(b"_chat.txt", flags=0x0801), "the zip is encrypted"), (Entry(b"_chat.txt", method=12), "method 12")],
)
def test_what_the_directory_shows_as_unreadable_is_told(tmp_path: Path, entry: Entry, said: str) -> None:
    assert said in why(tmp_path / "x.zip", pack(entry))


def test_of_several_chats_in_a_zip_none_is_counted_as_none_is_read(tmp_path: Path) -> None:
    names = (b"WhatsApp Chat with A.txt", b"WhatsApp Chat with B.txt")
    assert "several texts in the zip" in why(tmp_path / "x.zip", pack(*(Entry(name) for name in names)))


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"%PDF-1.7\n", "it is a PDF"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "it is a picture"),
        (b"\x1f\x8b\x08", "it is a packed file"),
        (b"SQLite format 3\0\x10\0", "bytes that no text has"),
        ("13/03".encode("utf-16-le"), "bytes that no text has"),
    ],
)
def test_a_text_that_is_none_is_told_by_its_first_bytes(tmp_path: Path, head: bytes, said: str) -> None:
    assert said in why(tmp_path / "x.txt", head)


@pytest.mark.parametrize(
    "raw", ["13/03".encode("utf-16"), "13/03".encode("utf-32"), CHAT + b"\0" + CHAT, b"\x1b[m" + CHAT]
)
def test_a_text_with_a_mark_or_with_few_odd_bytes_is_one(tmp_path: Path, raw: bytes) -> None:
    assert measured(tmp_path / "x.txt", raw).kind == "text"


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that fails when it is read")
def test_an_error_of_the_disk_is_told() -> None:
    assert "/proc/self/mem: reading it failed" in str(measure_export(ExportFile(Path("/proc/self/mem"), None)).unread)
