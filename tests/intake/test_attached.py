"""Chosen files of an export, read again."""

import hashlib
import zipfile
from pathlib import Path

import pytest
from intake.zips import CHAT, Entry, pack

from chatforensics.intake import AttachedFile, archives, read_attached
from chatforensics.intake.attached import CHANGED

NAME, PICTURE, OTHER = "IMG-20260301-WA0001.jpg", b"picture", b"other"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def zipped(folder: Path, *entries: Entry) -> Path:
    path = folder / "WhatsApp Chat with Choir.zip"
    path.write_bytes(pack(Entry(b"WhatsApp Chat with Choir.txt"), *entries))
    return path


def unzipped(folder: Path, content: bytes = PICTURE) -> Path:
    (folder / NAME).write_bytes(content)
    (folder / "WhatsApp Chat with Choir.txt").write_bytes(CHAT)
    return folder / "WhatsApp Chat with Choir.txt"


def found(path: Path, wanted: dict[str, str], *, most_bytes: int = 1000) -> list[AttachedFile]:
    return list(read_attached(path, wanted, most_bytes=most_bytes))


def test_only_the_files_that_are_wanted_are_read_from_a_zip(tmp_path: Path) -> None:
    path = zipped(tmp_path, Entry(NAME.encode(), PICTURE), Entry(b"b.jpg", OTHER))
    assert found(path, {NAME: sha256(PICTURE)}) == [AttachedFile(sha256(PICTURE), PICTURE)]


def test_files_beside_a_text_are_read_from_its_folder(tmp_path: Path) -> None:
    assert found(unzipped(tmp_path), {NAME: sha256(PICTURE)}) == [AttachedFile(sha256(PICTURE), PICTURE)]


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "sub/secret"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(PICTURE)
    (tmp_path / "case" / "sub").mkdir(parents=True)
    (tmp_path / "case" / "sub" / "secret").write_bytes(PICTURE)
    assert found(unzipped(tmp_path / "case"), {name: sha256(PICTURE)}) == []


def test_a_file_that_changed_since_it_was_hashed_is_not_given_out(tmp_path: Path) -> None:
    wanted = {NAME: sha256(PICTURE)}
    assert found(unzipped(tmp_path, OTHER), wanted) == [AttachedFile(sha256(PICTURE), None, CHANGED)]
    assert found(zipped(tmp_path, Entry(NAME.encode(), OTHER)), wanted) == [
        AttachedFile(sha256(PICTURE), None, CHANGED)
    ]


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    (beside,) = found(unzipped(tmp_path), {NAME: sha256(PICTURE)}, most_bytes=3)
    (inside,) = found(zipped(tmp_path, Entry(NAME.encode(), PICTURE)), {NAME: sha256(PICTURE)}, most_bytes=3)
    assert beside.content is inside.content is None
    assert "over the limit" in str(beside.unread)
    assert "over the limit" in str(inside.unread)


def test_a_zip_bomb_among_the_files_is_not_unpacked(tmp_path: Path) -> None:
    bomb = b"\0" * (archives.RATIO_FLOOR + 2_000_000)
    path = tmp_path / "WhatsApp Chat with Choir.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("WhatsApp Chat with Choir.txt", CHAT)
        archive.writestr(NAME, bomb)
    (only,) = found(path, {NAME: sha256(bomb)}, most_bytes=10**9)
    assert only.content is None
    assert "200 times" in str(only.unread)


def test_of_two_files_with_one_name_the_one_with_the_hash_is_given_out(tmp_path: Path) -> None:
    path = zipped(tmp_path, Entry(NAME.encode(), OTHER), Entry(NAME.encode(), PICTURE))
    assert AttachedFile(sha256(PICTURE), PICTURE) in found(path, {NAME: sha256(PICTURE)})


def test_an_export_or_a_file_that_is_gone_gives_nothing(tmp_path: Path) -> None:
    path = unzipped(tmp_path)
    (tmp_path / NAME).unlink()
    assert found(path, {NAME: sha256(PICTURE)}) == []
    path.unlink()
    assert found(path, {NAME: sha256(PICTURE)}) == []
    assert found(tmp_path / "gone" / "chat.zip", {NAME: sha256(PICTURE)}) == []


def test_a_link_in_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    path = unzipped(tmp_path)
    (tmp_path / NAME).rename(tmp_path / "elsewhere")
    (tmp_path / NAME).symlink_to(tmp_path / "elsewhere")
    (only,) = found(path, {NAME: sha256(PICTURE)})
    assert only.content is None
