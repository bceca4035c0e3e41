"""Finding and reading exports: what is taken, what is refused, and that nothing is changed."""

import contextlib
import hashlib
import io
import os
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.errors import UnreadableExport
from chatforensics.intake import ExportFile, archives, chat_from_bytes, find_exports, read_export

CHAT = b"13/03/2024, 08:30 - Ama: hi\n"


def a_zip(members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_a_folder_is_searched_and_its_sub_folders_are_phones(tmp_path: Path) -> None:
    for name in ("ama/WhatsApp Chat with Choir.txt", "ama/deep/b.ZIP", "ben/a.zip", "top.txt", "notes.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(CHAT)
    found = {str(x.path.relative_to(tmp_path)): x.folder for x in find_exports([tmp_path])}
    assert found == {
        "ama/WhatsApp Chat with Choir.txt": str(tmp_path / "ama"),
        "ama/deep/b.ZIP": str(tmp_path / "ama"),
        "ben/a.zip": str(tmp_path / "ben"),
        "top.txt": None,
    }


def test_the_order_of_paths_changes_nothing_and_no_file_counts_twice(tmp_path: Path) -> None:
    one, two = tmp_path / "x" / "one.txt", tmp_path / "x" / "two.txt"
    one.parent.mkdir()
    for path in (one, two):
        path.write_bytes(CHAT)
    assert find_exports([one, tmp_path, two]) == find_exports([two, one, tmp_path])
    assert len(find_exports([one, tmp_path])) == 2


def test_what_cannot_be_an_export_is_listed_and_says_why_when_read(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "phones").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "phones" / "link").symlink_to(tmp_path / "elsewhere")
    found = find_exports([tmp_path / "empty", tmp_path / "phones", tmp_path / "none.txt"])
    reasons = []
    for export in found:
        with pytest.raises(UnreadableExport) as caught:
            read_export(export)
        reasons.append(str(caught.value))
    assert [reason.split(": ")[1][:12] for reason in reasons] == ["no export in", "No such file", "Too many lev"]


def test_our_own_results_and_apples_shadows_are_passed_over(tmp_path: Path) -> None:
    for name in ("out/run.json", "out/figures/alt.txt", "out/exports/chat.txt", "__MACOSX/chat.txt", "._chat.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(CHAT)
    assert [x.path.relative_to(tmp_path).as_posix() for x in find_exports([tmp_path])] == ["out/exports/chat.txt"]


def test_a_name_that_is_no_utf8_is_shown_and_read(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    path.write_bytes(CHAT)
    (export,) = find_exports([tmp_path])
    assert read_export(export).path.endswith("caf\ufffd.txt")


def test_reading_hashes_the_file_and_leaves_it_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_bytes(CHAT)
    path.chmod(stat.S_IRUSR)
    before = path.stat()
    chat = read_export(ExportFile(path, "phone"))
    assert (chat.sha256, chat.size_bytes, chat.folder) == (hashlib.sha256(CHAT).hexdigest(), len(CHAT), "phone")
    assert chat.source_id == chat.sha256[:16]
    after = path.stat()
    assert (before.st_mtime_ns, before.st_ino, before.st_mode) == (after.st_mtime_ns, after.st_ino, after.st_mode)


def test_missing_files_links_pipes_and_huge_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, link, pipe = tmp_path / "chat.txt", tmp_path / "link.txt", tmp_path / "pipe.txt"
    real.write_bytes(CHAT)
    link.symlink_to(real)
    os.mkfifo(pipe)
    for path in (tmp_path / "none.txt", link, pipe, tmp_path):
        with pytest.raises(UnreadableExport, match=path.name):
            read_export(ExportFile(path, None))
    monkeypatch.setattr("chatforensics.intake.files.MAX_FILE_BYTES", 3)
    with pytest.raises(UnreadableExport, match="over the limit"):
        read_export(ExportFile(real, None))


@pytest.mark.parametrize(
    ("members", "name", "want"),
    [
        ({"_chat.txt": CHAT, "00000001-PHOTO.jpg": b"x"}, "any.zip", "_chat.txt"),
        ({"WhatsApp Chat with Choir.txt": CHAT, "IMG.jpg": b"x"}, "c.zip", "WhatsApp Chat with Choir.txt"),
        ({"Choir.txt": CHAT, "minutes.txt": b"x"}, "dir/Choir.zip", "Choir.txt"),
        ({"WhatsApp Chat with X.txt": CHAT, "minutes.txt": b"x"}, "c.zip", "WhatsApp Chat with X.txt"),
        ({"_chat.txt": b"x", "WhatsApp Chat with X.txt": CHAT}, "WhatsApp Chat with X.zip", "WhatsApp Chat with X.txt"),
        ({"_chat.txt": CHAT, "minutes.txt": b"x"}, "c.zip", "_chat.txt"),
        ({"__MACOSX/._chat.txt": b"x", "chat.txt": CHAT}, "c.zip", "chat.txt"),
    ],
)
def test_the_chat_text_is_found_in_a_zip(members: dict[str, bytes], name: str, want: str) -> None:
    chat = chat_from_bytes(a_zip(members), name=name)
    assert (chat.member, chat.content) == (want, CHAT)
    assert want not in chat.attachments
    assert len(chat.attachments) == len(members) - 1


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (a_zip({"a.txt": CHAT, "b.txt": CHAT}), "several texts"),
        (a_zip({"_chat.txt": CHAT, "WhatsApp Chat with Choir.txt": CHAT}), "several texts"),
        (b"junk" + a_zip({"_chat.txt": CHAT}), "bytes stand before"),
        (a_zip({"a.jpg": b"x"}), "no chat text"),
        (a_zip({"_chat.txt": CHAT}, method=zipfile.ZIP_LZMA), "compression method 14"),
        (a_zip({"_chat.txt": CHAT})[:60], "damaged zip"),
        (a_zip({"_chat.txt": CHAT}, method=zipfile.ZIP_STORED).replace(CHAT, b"#" * len(CHAT)), "damaged zip"),
        (b"PK\x03\x04", "damaged zip"),
    ],
)
def test_a_zip_without_one_readable_chat_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(UnreadableExport, match=reason):
        chat_from_bytes(raw, name="x.zip")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_zip_changed_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    raw = bytearray(a_zip({"_chat.txt": CHAT * 20, "IMG.jpg": b"picture"}))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw)))
    for content in (bytes(raw), bytes(raw[:cut])):
        with contextlib.suppress(UnreadableExport):
            assert chat_from_bytes(content, name="x.zip").size_bytes == len(content)


def test_an_encrypted_zip_is_refused() -> None:
    raw = bytearray(a_zip({"_chat.txt": CHAT}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + offset] |= 1
    with pytest.raises(UnreadableExport, match="encrypted"):
        chat_from_bytes(bytes(raw), name="x.zip")


def test_a_bomb_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = a_zip({"_chat.txt": b"0" * 30_000_000})
    with pytest.raises(UnreadableExport, match="200 times its size"):
        chat_from_bytes(bomb, name="x.zip")
    monkeypatch.setattr(archives, "MAX_TEXT_BYTES", 1_000_000)
    with pytest.raises(UnreadableExport, match="over the limit"):
        chat_from_bytes(bomb, name="x.zip")


def test_too_many_members_are_refused_from_the_end_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBERS", 2)
    with pytest.raises(UnreadableExport, match="more than 2 files"):
        chat_from_bytes(a_zip({"_chat.txt": CHAT, "a": b"", "b": b""}), name="x.zip")
    counted = bytearray(a_zip({"_chat.txt": CHAT, "a": b"", "b": b""}))
    end = counted.rindex(b"PK\x05\x06")
    counted[end + 10 : end + 12] = b"\xff\xff"
    with pytest.raises(UnreadableExport, match="more than 2 files"):
        chat_from_bytes(bytes(counted), name="x.zip")
