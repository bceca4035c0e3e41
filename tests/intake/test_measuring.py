"""How large an export is, without a message of it being read."""

import zipfile
from pathlib import Path

from chatforensics.intake import ExportFile
from chatforensics.intake.measuring import measure_export

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
