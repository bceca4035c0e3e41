"""Originals: the source is only read, the copy is its bytes, and what is refused leaves nothing."""

import hashlib
import io
import json
import os
import stat
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from casefile.cases import BY, CHAT, a_case, a_case_with, a_file

from chatforensics.casefile import Extract, add_original, list_originals, log_lines, open_case, originals_folder
from chatforensics.casefile.originals import remove_leftovers, remove_tree
from chatforensics.errors import CaseError, HashMismatch, UnreadableExport
from chatforensics.intake import ExportFile, read_export


def test_the_copy_has_the_bytes_and_the_name_and_cannot_be_written(tmp_path: Path) -> None:
    case = a_case_with(tmp_path, CHAT)
    (original,) = list_originals(case)
    assert original.path is not None
    assert original.path.read_bytes() == CHAT
    assert original.path.name == "WhatsApp Chat with Choir.txt"
    assert original.path.parent.name == original.sha256 == hashlib.sha256(CHAT).hexdigest()
    assert stat.S_IMODE(original.path.stat().st_mode) == 0o400
    assert original.source_id == original.sha256[:16]


def test_r1_the_source_stays_as_it_was_and_is_opened_for_reading_only(tmp_path: Path) -> None:
    source = a_file(tmp_path / "evidence")
    a_file(tmp_path / "evidence", b"\xff\xd8jpeg", "IMG-20310201-WA0001.jpg")
    source.chmod(0o444)
    case = a_case(tmp_path)
    before = [(path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes()) for path in source.parent.iterdir()]
    opened: list[int] = []
    watching = True

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event == "open" and str(source.parent) in str(arguments[0]):
            opened.append(int(str(arguments[2])))

    sys.addaudithook(hook)
    add_original(case, ExportFile(source, None), by=BY)
    watching = False
    assert opened
    assert not any(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND) for flags in opened)
    assert [(p.stat().st_ino, p.stat().st_mtime_ns, p.read_bytes()) for p in source.parent.iterdir()] == before


def test_media_beside_the_text_come_along_and_other_files_do_not(tmp_path: Path) -> None:
    source = a_file(tmp_path / "evidence")
    for name in ("IMG-20310201-WA0001.jpg", "tax.pdf"):
        a_file(tmp_path / "evidence", name.encode(), name)
    case = a_case(tmp_path)
    add_original(case, ExportFile(source, None), by=BY)
    (original,) = list_originals(case)
    assert list(original.files) == ["IMG-20310201-WA0001.jpg"]
    chat = read_export(original.export())
    assert [attachment.name for attachment in chat.attachments] == ["IMG-20310201-WA0001.jpg"]


def test_the_log_has_no_hash_of_media_beside_a_text_but_one_with_the_key_which_covers_them(tmp_path: Path) -> None:
    lines = []
    for folder, picture in (("one", b"a gate"), ("other", b"a fence")):
        source = a_file(tmp_path / folder)
        a_file(tmp_path / folder, picture, "IMG-20310201-WA0001.jpg")
        case = a_case(tmp_path / f"{folder}-case")
        add_original(case, ExportFile(source, None), by=BY)
        (original,) = list_originals(case)
        lines.append(json.loads(log_lines(case)[-1]))
        assert lines[-1]["outputs"] == [original.sha256]
        assert not any(known in log_lines(case)[-1] for known in original.files.values())
    assert lines[0]["outputs"] == lines[1]["outputs"]
    assert lines[0]["details"]["source"] != lines[1]["details"]["source"]


def test_what_is_read_later_is_shown_under_the_path_as_received(tmp_path: Path) -> None:
    source = a_file(tmp_path / "phones" / "ama")
    case = a_case(tmp_path)
    add_original(case, ExportFile(source, str(source.parent)), by=BY)
    chat = read_export(list_originals(open_case(case.folder))[0].export())
    assert (chat.path, chat.folder, chat.title) == (str(source), str(source.parent), "Choir")


def test_the_same_bytes_are_in_a_case_once(tmp_path: Path) -> None:
    case = a_case_with(tmp_path, CHAT)
    again = add_original(case, ExportFile(a_file(tmp_path / "other"), None), by=BY)
    assert again.again
    assert len(list_originals(case)) == 1
    assert len(log_lines(case)) == 2


def test_a_source_that_changes_while_it_is_copied_is_refused_and_nothing_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = a_file(tmp_path / "evidence")
    case = a_case(tmp_path)
    reads = iter([b"first", b"second"])
    monkeypatch.setattr("chatforensics.casefile.originals.read_chunks", lambda _file: iter([next(reads)]))
    with pytest.raises(HashMismatch, match="changed while it was copied"):
        add_original(case, ExportFile(source, None), by=BY)
    assert list_originals(case) == []
    assert list(originals_folder(case).iterdir()) == []


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, str])
def test_folders_pipes_and_missing_files_are_refused(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "x.txt")
    with pytest.raises(UnreadableExport):
        add_original(a_case(tmp_path), ExportFile(tmp_path / "x.txt", None), by=BY)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that fails when it is read")
def test_errors_of_the_source_are_no_errors_of_the_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = a_case(tmp_path)
    for path, said in ((Path("/proc/self/mem"), "Input/output error"), (tmp_path / ("x" * 300), "too long")):
        with pytest.raises(UnreadableExport, match=said):
            add_original(case, ExportFile(path, None), by=BY)
    source = a_file(tmp_path / "evidence")
    a_file(tmp_path / "evidence", b"x", "IMG-20310201-WA0001.jpg")
    monkeypatch.setattr(Path, "iterdir", _forbid)
    with pytest.raises(UnreadableExport, match="the folder of its media cannot be listed"):
        add_original(case, ExportFile(source, None), by=BY)
    assert list(list_originals(case)) == []


def _forbid(path: Path) -> None:
    raise PermissionError(13, "Permission denied", str(path))


def test_a_name_that_is_no_text_is_kept(tmp_path: Path) -> None:
    name = os.fsdecode(b"WhatsApp Chat with \xff.txt")
    case = a_case(tmp_path)
    add_original(case, ExportFile(a_file(tmp_path / "evidence", name=name), None), by=BY)
    (original,) = list_originals(case)
    assert original.path is not None
    assert original.path.name == name
    assert original.shown.endswith("WhatsApp Chat with \ufffd.txt")


def test_a_copy_that_a_killed_run_left_unrecorded_gives_way(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    place = originals_folder(case) / hashlib.sha256(CHAT).hexdigest()
    place.mkdir(parents=True)
    (place / "half").write_bytes(b"x")
    place.chmod(0o555)
    add_original(case, ExportFile(a_file(tmp_path / "evidence"), None), by=BY)
    assert [path.name for path in place.iterdir()] == ["WhatsApp Chat with Choir.txt"]


def test_leftovers_are_removed_and_nothing_else(tmp_path: Path) -> None:
    case = a_case_with(tmp_path, CHAT)
    part = originals_folder(case) / ".part-1-2"
    part.mkdir()
    (part / "x").write_bytes(b"x")
    remove_leftovers(case)
    assert [path.name for path in originals_folder(case).iterdir()] == [hashlib.sha256(CHAT).hexdigest()]


def test_an_extract_is_kept_instead_and_what_was_received_is_told_by_its_hash(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    source = a_file(tmp_path / "evidence")
    extract = Extract("part.txt", b"01/02/2031, 10:01 - Kofi: No\n", {"mode": "evidence", "spans": [[42, 71]]})
    add_original(case, ExportFile(source, None), by=BY, minimise=lambda _copy: extract)
    (original,) = list_originals(case)
    assert original.path is not None
    assert original.path.read_bytes() == extract.content
    assert original.minimised is not None
    assert original.minimised["received_sha256"] == hashlib.sha256(CHAT).hexdigest()
    kept = [path for path in case.folder.rglob("*") if path.is_file() and b"Vote for Wiktor" in path.read_bytes()]
    assert kept == []
    assert "spans" not in log_lines(case)[-1]


def test_where_only_counts_are_kept_no_file_is(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    source = a_file(tmp_path / "evidence")
    add_original(case, ExportFile(source, None), by=BY, minimise=lambda _copy: Extract(None, b"", {"n_records": 2}))
    (original,) = list_originals(case)
    assert original.path is None
    assert list(originals_folder(case).iterdir()) == []
    with pytest.raises(CaseError, match="only counts"):
        original.export()


def test_removing_a_tree_leaves_what_its_links_point_at(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "tree" / "inner").mkdir(parents=True)
    (tmp_path / "tree" / "link").symlink_to(tmp_path / "kept")
    (tmp_path / "tree" / "inner").chmod(0o500)
    remove_tree(tmp_path / "tree")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_zip_is_kept_as_it_is_and_not_unpacked(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../escape.txt", CHAT)
    case = a_case(tmp_path)
    add_original(case, ExportFile(a_file(tmp_path / "evidence", packed.getvalue(), "x.zip"), None), by=BY)
    assert [path.name for path in originals_folder(case).rglob("*") if path.is_file()] == ["x.zip"]
    assert not any(path.name == "escape.txt" for path in Path(tmp_path).rglob("*"))
