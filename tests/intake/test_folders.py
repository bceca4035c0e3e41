"""Folders: exports found in them, and the media beside the text of an unzipped export."""

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from intake.zips import CHAT

from chatforensics.errors import UnreadableExport
from chatforensics.intake import Attachment, ChatText, ExportFile, find_exports, folders, read_export


def read(path: Path) -> ChatText:
    return read_export(ExportFile(path, None))


def put(folder: Path, **files: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, held in files.items():
        (folder / name).write_bytes(held)


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
    assert [reason.split(": ")[1][:12] for reason in reasons] == ["no export in", "No such file", "this is a li"]


def test_a_link_never_takes_the_place_of_a_file_and_is_listed_beside_it(tmp_path: Path) -> None:
    for name, target in (("p1", "p2"), ("p3", "p2")):  # walked before and behind the file
        put(tmp_path / name)
        (tmp_path / name / "link.txt").symlink_to(f"../{target}/chat.txt")
    put(tmp_path / "p2", **{"chat.txt": CHAT})
    for given in ([tmp_path], [tmp_path / "p2" / "chat.txt", tmp_path / "p3" / "link.txt", tmp_path / "p1/link.txt"]):
        found = find_exports(given)
        assert [str(x.path.relative_to(tmp_path)) for x in found] == ["p1/link.txt", "p2/chat.txt", "p3/link.txt"]
        assert read_export(found[1]).content == CHAT
        for link in (found[0], found[2]):
            with pytest.raises(UnreadableExport, match=r"a link, and links are not followed\. Give the file itself"):
                read_export(link)


def test_a_file_reached_through_a_folder_that_is_a_link_counts_once(tmp_path: Path) -> None:
    put(tmp_path / "real", **{"chat.txt": CHAT})
    (tmp_path / "alias").symlink_to("real")
    assert len(find_exports([tmp_path / "real" / "chat.txt", tmp_path / "alias" / "chat.txt"])) == 1


def test_a_path_of_which_the_system_tells_nothing_is_listed_and_the_others_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, **{"chat.txt": CHAT})
    forbidden = tmp_path / "forbidden.txt"
    ask = os.stat

    def refuse(path: Any, **more: Any) -> os.stat_result:
        if path == forbidden:
            _forbid(forbidden)
        return ask(path, **more)

    monkeypatch.setattr(os, "stat", refuse)
    found = find_exports([tmp_path / "chat.txt", forbidden, tmp_path / ("x" * 300)])
    assert {x.path.name for x in found} == {"chat.txt", "forbidden.txt", "x" * 300}
    with pytest.raises(UnreadableExport, match="File name too long"):
        read(tmp_path / ("x" * 300))


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that fails when it is read")
def test_an_error_of_the_disk_is_an_export_that_cannot_be_read() -> None:
    with pytest.raises(UnreadableExport, match=r"/proc/self/mem: reading it failed \(Input/output error\)"):
        read(Path("/proc/self/mem"))


def test_our_own_results_and_apples_shadows_are_passed_over(tmp_path: Path) -> None:
    for name in ("out/run.json", "out/figures/alt.txt", "out/exports/chat.txt", "__MACOSX/chat.txt", "._chat.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(CHAT)
    assert [x.path.relative_to(tmp_path).as_posix() for x in find_exports([tmp_path])] == ["out/exports/chat.txt"]


def test_the_media_beside_an_unzipped_chat_are_its_attachments(tmp_path: Path) -> None:
    text = "13/03/2024, 08:30 - Ama: \u200eMinutes café.pdf (file attached)\n".encode()
    put(
        tmp_path,
        **{"WhatsApp Chat with Choir.txt": text, "IMG-20240313-WA0001.jpg": b"1", "Minutes cafe\u0301.pdf": b"22"},
        **{"private letter.pdf": b"3", ".DS_Store": b"4", "WhatsApp Chat with Ben.zip": b"5", "café.pdf": b"6"},
    )
    (tmp_path / "IMG-20240313-WA0009.jpg").symlink_to(tmp_path / "private letter.pdf")
    (tmp_path / "VID-20240313-WA0001.mp4").mkdir()
    path = tmp_path / "WhatsApp Chat with Choir.txt"
    found = read(path).attachments
    assert [(x.name, x.size_bytes) for x in found] == [("IMG-20240313-WA0001.jpg", 1), ("Minutes cafe\u0301.pdf", 2)]
    assert found[0].sha256 == hashlib.sha256(b"1").hexdigest()
    unhashed = read_export(ExportFile(path, None), hash_attachments=False).attachments
    assert [(x.size_bytes, x.sha256) for x in unhashed] == [(1, None), (2, None)]


def test_media_between_two_chats_belong_to_neither(tmp_path: Path) -> None:
    put(tmp_path, **{"WhatsApp Chat with A.txt": CHAT, "WhatsApp Chat with B.txt": CHAT, "00000001-PHOTO.jpg": b"1"})
    chat = read(tmp_path / "WhatsApp Chat with A.txt")
    assert chat.attachments == ()
    assert chat.notes == ("Several texts share a folder with media; whose they are cannot be told, so none was read.",)


def test_a_sent_text_is_no_chat_with_media_and_no_export_of_its_own(tmp_path: Path) -> None:
    put(tmp_path, **{"_chat.txt": CHAT, "00000001-minutes.txt": CHAT, "00000002-PHOTO.jpg": b"1"})
    assert read(tmp_path / "00000001-minutes.txt").attachments == ()
    assert [x.name for x in read(tmp_path / "_chat.txt").attachments] == ["00000001-minutes.txt", "00000002-PHOTO.jpg"]
    assert [x.path.name for x in find_exports([tmp_path])] == ["_chat.txt"]
    (tmp_path / "_chat.txt").unlink()
    assert [x.path.name for x in find_exports([tmp_path])] == ["00000001-minutes.txt"]


def test_media_that_cannot_be_read_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, **{"_chat.txt": CHAT, "00000002-PHOTO.jpg": b"12345"})
    chat_path = tmp_path / "_chat.txt"
    monkeypatch.setattr(folders, "open_evidence", _refuse)
    chat = read(chat_path)
    assert chat.attachments == (Attachment("00000002-PHOTO.jpg", 5, None),)
    assert chat.notes == ("Files beside the chat text that could not be read: 1.",)
    monkeypatch.setattr(folders, "_regular_files", lambda _: ["00000009-gone.jpg", "_chat.txt"])
    assert read(chat_path).attachments == (Attachment("00000009-gone.jpg", 0, None),)
    monkeypatch.setattr(folders, "MAX_FILES", 1)
    assert read(chat_path).notes == ("More than 1 files lie beside the chat text; they were not read.",)


def test_media_that_change_while_they_are_read_have_no_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, **{"_chat.txt": CHAT, "00000002-PHOTO.jpg": b"12345"})

    def append(*_: object) -> tuple[str, int]:
        (tmp_path / "00000002-PHOTO.jpg").write_bytes(b"123456")
        return "0" * 64, 5

    monkeypatch.setattr(folders, "hash_chunks", append)
    assert read(tmp_path / "_chat.txt").attachments == (Attachment("00000002-PHOTO.jpg", 6, None),)


def test_a_chat_in_a_folder_that_may_not_be_listed_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, **{"_chat.txt": CHAT, "00000002-PHOTO.jpg": b"1"})
    monkeypatch.setattr(os, "scandir", _forbid)
    assert (read(tmp_path / "_chat.txt").content, read(tmp_path / "_chat.txt").attachments) == (CHAT, ())


def _forbid(path: Path) -> None:
    raise PermissionError(13, "Permission denied", str(path))


def _refuse(path: Path) -> None:
    raise UnreadableExport(f"{path}: no.", hint="No.")


def test_a_text_that_prints_no_ending_asks_for_no_file() -> None:
    assert folders.printed_names(b"see README and notes", ["README", "notes.md"]) == set()


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        (b"\xe2\x80\x8ea b.pdf (file attached)", True),
        (b"<attached: a b.pdf>", True),
        (b"a b.pdf", True),
        (b"xa b.pdf", False),
        (b"https://example.org/a b.pdf", False),
        (b"a b.pdfs", False),
        (b"A b.pdf", False),
    ],
)
def test_a_name_is_printed_only_where_it_stands_by_itself(text: bytes, *, printed: bool) -> None:
    assert folders.printed_names(text, ["a b.pdf", "c.pdf"]) == ({"a b.pdf"} if printed else set())


def test_a_large_folder_is_looked_into_once_and_again_when_something_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Path] = []
    list_files = folders._regular_files
    monkeypatch.setattr(folders, "_MANY", 3)

    def look(folder: Path) -> list[str]:
        looked.append(folder)
        return list_files(folder)

    monkeypatch.setattr(folders, "_regular_files", look)
    for number in range(4):
        (tmp_path / f"chat-{number}.txt").write_bytes(CHAT)
    for number in range(4):
        assert read_export(ExportFile(tmp_path / f"chat-{number}.txt", None)).notes == ()
    assert len(looked) == 1
    (tmp_path / "IMG-20240313-WA0001.jpg").write_bytes(b"x")
    os.utime(tmp_path, ns=(0, 0))  # the test is quicker than clocks of files tick
    (note,) = read_export(ExportFile(tmp_path / "chat-0.txt", None)).notes
    assert "Several texts share a folder with media" in note
