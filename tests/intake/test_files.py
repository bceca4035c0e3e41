"""Finding and reading exports: what is taken, what is refused, and that nothing is changed."""

import hashlib
import io
import os
import stat
import zipfile
from pathlib import Path

import pytest
from intake.zips import CHAT, Entry, pack

from chatforensics.errors import HashMismatch, UnreadableExport
from chatforensics.intake import (
    Attachment,
    ChatText,
    ExportFile,
    chat_from_bytes,
    content,
    find_exports,
    read_export,
    read_stream,
)


def a_zip(members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def read(path: Path) -> ChatText:
    return read_export(ExportFile(path, None))


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
    for path in (tmp_path / "none.txt", link, pipe, tmp_path, Path("/dev/null")):
        with pytest.raises(UnreadableExport, match=path.name):
            read(path)
    monkeypatch.setattr(content, "MAX_FILE_BYTES", 3)
    with pytest.raises(UnreadableExport, match="over the limit"):
        read(real)


def test_a_path_with_a_nul_is_refused() -> None:
    with pytest.raises(UnreadableExport, match="null byte"):
        read(Path("a\0.txt"))


def test_a_large_text_is_mapped_and_hashed_as_it_streams_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "SMALL_BYTES", 10)
    (tmp_path / "chat.txt").write_bytes(CHAT)
    chat = read(tmp_path / "chat.txt")
    assert not isinstance(chat.content, bytes)
    assert (chat.content[:], len(chat.content), chat.content.find(b"Ama")) == (CHAT, len(CHAT), CHAT.find(b"Ama"))
    assert (chat.sha256, chat.size_bytes) == (hashlib.sha256(CHAT).hexdigest(), len(CHAT))
    chat.check_unchanged()


def test_a_large_text_that_changes_after_it_was_hashed_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "SMALL_BYTES", 10)
    path = tmp_path / "chat.txt"
    path.write_bytes(CHAT)
    chat = read(path)
    with path.open("r+b") as file:
        file.write(b"14")
    with pytest.raises(HashMismatch, match="changed"):
        chat.check_unchanged()


@pytest.mark.parametrize("small", [10, 10_000])
def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(content, "SMALL_BYTES", small)
    path = tmp_path / "chat.txt"
    path.write_bytes(CHAT)

    def append(*_: object) -> tuple[str, int]:
        with path.open("ab") as file:
            file.write(CHAT)
        return "0" * 64, len(CHAT)

    monkeypatch.setattr("chatforensics.intake.files.hash_chunks", append)
    with pytest.raises(HashMismatch, match="changed while it was read"):
        read(path)


@pytest.mark.parametrize("small", [10, 10_000])
def test_standard_input_is_read_like_a_file(monkeypatch: pytest.MonkeyPatch, small: int) -> None:
    monkeypatch.setattr(content, "SMALL_BYTES", small)
    for raw in (CHAT, a_zip({"_chat.txt": CHAT, "IMG.jpg": b"x"})):
        chat = read_stream(io.BytesIO(raw), name="-")
        assert (chat.content[:], chat.sha256, chat.size_bytes) == (CHAT, hashlib.sha256(raw).hexdigest(), len(raw))
        chat.check_unchanged()


def test_standard_input_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatforensics.intake.files.MAX_FILE_BYTES", 10)
    with pytest.raises(UnreadableExport, match="over the limit"):
        read_stream(io.BytesIO(CHAT), name="-")


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
        ({"Koro/_chat.txt": CHAT, "Koro/minutes.txt": b"x"}, "c.zip", "Koro/_chat.txt"),
        ({"Koro ile WhatsApp Sohbeti.txt": CHAT, "minutes.txt": b"x"}, "c.zip", "Koro ile WhatsApp Sohbeti.txt"),
        ({"Czat.txt": CHAT, "DOC-20240313-WA0002.txt": b"x"}, "c.zip", "Czat.txt"),
        ({"_chat.txt": CHAT, "00000007-WhatsApp Chat with X.txt": b"x"}, "WhatsApp Chat - Y.zip", "_chat.txt"),
    ],
)
def test_the_chat_text_is_found_in_a_zip(members: dict[str, bytes], name: str, want: str) -> None:
    chat = chat_from_bytes(a_zip(members), name=name)
    assert (chat.member, chat.content) == (want, CHAT)
    assert sorted(x.name for x in chat.attachments) == sorted(set(members) - {want})


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (a_zip({"a.txt": CHAT, "b.txt": CHAT}), "several texts"),
        (a_zip({"_chat.txt": CHAT, "WhatsApp Chat with Choir.txt": CHAT}), "several texts"),
        (a_zip({"x.txt": CHAT, "WhatsApp Chat with Choir.txt": CHAT}), "several texts"),
        (a_zip({"my whatsapp notes.txt": b"x", "Unknown tongue.txt": CHAT}), "several texts"),
        (a_zip({"00000003-minutes.txt": b"x", "a.jpg": b"x"}), "no chat text"),
        (a_zip({}), "no chat text"),
        (b"junk" + a_zip({"_chat.txt": CHAT}), "bytes stand before"),
        (a_zip({"a.jpg": b"x"}), "no chat text"),
        (a_zip({"_chat.txt": CHAT}, method=zipfile.ZIP_LZMA), "compression method 14"),
        (a_zip({"_chat.txt": CHAT})[:60], "damaged zip"),
        (a_zip({"_chat.txt": CHAT}, method=zipfile.ZIP_STORED).replace(CHAT, b"#" * len(CHAT)), "damaged zip"),
        (b"PK\x03\x04", "damaged zip"),
    ],
    ids=[
        "two texts",
        "a text of each platform",
        "a named text and another",
        "two others",
        "only a note",
        "empty",
        "junk before",
        "only a picture",
        "lzma",
        "cut short",
        "wrong checksum",
        "only a signature",
    ],
)
def test_a_zip_without_one_readable_chat_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(UnreadableExport, match=reason):
        chat_from_bytes(raw, name="x.zip")


def test_a_zip_that_was_written_as_a_stream_has_nothing_odd() -> None:
    class Stream(io.BytesIO):
        def seekable(self) -> bool:
            return False

    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("WhatsApp Chat with Choir.txt", "IMG-20240313-WA0001.jpg"):
            archive.writestr(name, CHAT)
    chat = chat_from_bytes(stream.getvalue(), name="x.zip")
    assert (chat.content, chat.notes, chat.attachments[0].sha256) == (CHAT, (), hashlib.sha256(CHAT).hexdigest())


def test_a_text_in_a_zip_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "two.zip"
    path.write_bytes(a_zip({"a.txt": b"x", "b.txt": CHAT}))
    assert read_export(ExportFile(path, None), member="b.txt").content == CHAT
    for wrong in ("c.txt", "B.txt"):
        with pytest.raises(UnreadableExport, match="no file"):
            read_export(ExportFile(path, None), member=wrong)
    with pytest.raises(UnreadableExport, match="no zip"):
        chat_from_bytes(CHAT, name="chat.txt", member="a.txt")


def test_the_other_files_of_a_zip_are_listed_with_size_and_hash(tmp_path: Path) -> None:
    path = tmp_path / "c.zip"
    path.write_bytes(a_zip({"_chat.txt": CHAT, "b.vcf": b"card", "a.opus": b""}))
    assert read(path).attachments == (
        Attachment("a.opus", 0, hashlib.sha256(b"").hexdigest()),
        Attachment("b.vcf", 4, hashlib.sha256(b"card").hexdigest()),
    )
    unhashed = read_export(ExportFile(path, None), hash_attachments=False).attachments
    assert unhashed == (Attachment("a.opus", 0, None), Attachment("b.vcf", 4, None))


@pytest.mark.parametrize(
    ("path", "member", "title"),
    [
        ("a/WhatsApp Chat with Choir.txt", None, "Choir"),
        ("a/WhatsApp Chat - Choir.zip", "_chat.txt", "Choir"),
        ("x.zip", "Chat de WhatsApp con Coro.txt", "Coro"),
        ("x.zip", "WhatsApp Chat - Choir/_chat.txt", "Choir"),
        ("WhatsApp Chat - Choir/_chat.txt", None, "Choir"),
        ("WhatsApp Chat with Old name.zip", "WhatsApp Chat with Choir.txt", "Choir"),
        ("x.zip", "_chat.txt", None),
        ("notes.txt", None, None),
    ],
)
def test_the_title_comes_from_the_name_nearest_to_the_text(path: str, member: str | None, title: str | None) -> None:
    assert ChatText(path, "0" * 64, 1, member, CHAT).title == title


def test_a_hostile_zip_on_disk_is_refused_like_one_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "SMALL_BYTES", 10)
    path = tmp_path / "x.zip"
    path.write_bytes(pack(Entry(b"_chat.txt"), Entry(b"a.jpg", header_at=0)))
    with pytest.raises(UnreadableExport, match="overlap"):
        read(path)
    path.write_bytes(pack(Entry(b"_chat.txt"), Entry(b"a.jpg", content=b"1")))
    assert read(path).content[:] == CHAT
