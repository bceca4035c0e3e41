"""A whole case in one file and back: the same to the byte, refused where it was changed, and never over anything."""

import json
import os
import secrets
import sqlite3
import stat
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from casefile.cases import AT, BY, CHAT, a_case_with
from intake.zips import Entry, pack

from chatforensics.casefile import (
    Case,
    add_note,
    add_original,
    answer,
    list_notes,
    list_originals,
    locked,
    log_lines,
    open_case,
    purge_case,
)
from chatforensics.casefile.desk import desk_folder
from chatforensics.casefile.state import SIGNING_KEY, is_state, list_state
from chatforensics.errors import CaseError, HashMismatch, UnreadableExport, UsageError
from chatforensics.intake import ExportFile
from chatforensics.package.checker import FAILED
from chatforensics.workflow import saving
from chatforensics.workflow.handing import open_signer
from chatforensics.workflow.opening import SAVED
from chatforensics.workflow.restoring import restore_case, restore_for_page
from chatforensics.workflow.saving import save_case, save_for_page
from chatforensics.workflow.verifying import verify_case

PHRASE = "plum tram lake nine"


def a_used_case(folder: Path) -> Case:
    """A case with exports, one of a name that is no text, an answer, a note, a result, a package and a signing key."""
    case = a_case_with(folder, CHAT, CHAT.replace(b"Ines", b"Amina"))
    odd = Path(os.fsdecode(os.fsencode(folder) + b"/WhatsApp Chat with \xff\n.txt"))
    odd.write_bytes(CHAT.replace(b"Ines", b"Tomasz"))
    with locked(case):
        add_original(case, ExportFile(odd, "phone of Rajesh"), by=BY)
    answer(case, [list_originals(case)[0].source_id], {"phone": "one with a cracked glass"}, by=BY)
    add_note(case, None, "Ask Farhana for her export", by=BY)
    open_signer(case)
    for place in (
        "result/tables/people.parquet",
        "result/report.html",
        "desk/packages/p.zip",
        "derived/x-1/facts.json",
    ):
        (case.folder / place).parent.mkdir(parents=True, exist_ok=True)
        (case.folder / place).write_bytes(place.encode())
    (desk_folder(case) / "uploads").mkdir()
    (desk_folder(case) / "uploads" / "half.zip").write_bytes(b"half")
    return case


def read_state(case: Case) -> dict[str, bytes]:
    return {place: path.read_bytes() for place, path in list_state(case).items()}


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return list(database.iterdump())


def restore(path: Path, place: Path, **given: Any) -> dict[str, Any]:
    return restore_case(path, place, name=path.name, at=AT, **given)


def test_a_case_comes_back_to_the_byte_and_holds_to_its_log(tmp_path: Path) -> None:
    case = a_used_case(tmp_path)
    told = save_case(case, tmp_path / "out" / "ward.zip", by=BY)
    assert stat.S_IMODE((tmp_path / "out" / "ward.zip").stat().st_mode) == 0o600
    back = restore(tmp_path / "out" / "ward.zip", tmp_path / "place" / "ward")
    again = open_case(tmp_path / "place" / "ward")
    assert (back["intact"], back["title"], told["n_files"]) == (True, "Ward", len(list_state(case)))
    assert not [x for x in verify_case(again.folder, rerun=False) if x.state == FAILED]
    assert read_state(again) == read_state(case)
    assert (again.key, log_lines(again)) == (case.key, log_lines(case))
    assert [note["text"] for note in list_notes(again)] == ["Ask Farhana for her export"]
    for name in ("case.sqlite", "desk/desk.sqlite"):
        assert dump(again.folder / name) == dump(case.folder / name)
    assert not (again.folder / "derived").exists()
    assert sorted(path.name for path in (again.folder / "desk").iterdir()) == ["desk.sqlite", "packages"]
    assert sorted(path.name for path in (tmp_path / "place").iterdir()) == ["ward"]


def test_what_comes_back_is_for_its_owner_alone_and_originals_are_read_only(tmp_path: Path) -> None:
    save_case(a_used_case(tmp_path), tmp_path / "ward.zip", by=BY)
    restore(tmp_path / "ward.zip", tmp_path / "ward")
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [tmp_path / "ward", *(tmp_path / "ward").rglob("*")]}
    assert not any(mode & 0o077 for mode in modes.values())
    originals = [path for path in modes if "originals/" in path.as_posix()]
    assert {modes[path] for path in originals} == {0o400, 0o500}


def test_saving_is_entered_in_the_log_before_the_copy(tmp_path: Path) -> None:
    case = a_case_with(tmp_path, CHAT)
    save_case(case, tmp_path / "ward.zip", by=BY)
    entry = json.loads(log_lines(case)[-1])
    assert (entry["action"], entry["actor"], entry["details"]) == ("save", BY.actor, {"n_files": 2, "sealed": False})


def test_a_zip_of_a_case_says_what_it_is_and_holds_each_file_in_its_place(tmp_path: Path) -> None:
    save_case(a_case_with(tmp_path, CHAT), tmp_path / "ward.zip", by=BY)
    with zipfile.ZipFile(tmp_path / "ward.zip") as archive:
        names = archive.namelist()
        assert names[:2] == ["READ-ME-FIRST.txt", SAVED]
        assert b"whoever has" in archive.read(names[0]).lower()
        assert {"case/key", "case/case.sqlite"} < set(names)
        assert archive.testzip() is None


def test_a_case_that_a_run_holds_is_not_saved_halfway(tmp_path: Path) -> None:
    case = a_case_with(tmp_path, CHAT)
    with locked(case), pytest.raises(CaseError, match="another run holds"):
        save_case(case, tmp_path / "ward.zip", by=BY)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["case", "phone-0"]


def test_a_case_of_too_many_files_is_refused_as_it_could_not_be_brought_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "MOST_FILES", 1)
    with pytest.raises(CaseError, match="Copy the folder"):
        save_case(a_case_with(tmp_path, CHAT), tmp_path / "ward.zip", by=BY)


def test_nothing_is_written_over(tmp_path: Path) -> None:
    case = a_case_with(tmp_path, CHAT)
    save_case(case, tmp_path / "ward.zip", by=BY)
    with pytest.raises(UsageError, match="there already"):
        save_case(case, tmp_path / "ward.zip", by=BY)
    (tmp_path / "place").mkdir()
    with pytest.raises(CaseError, match="something here already"):
        restore(tmp_path / "ward.zip", tmp_path / "place")
    first, second = (save_for_page(case, tmp_path / "saved", by=BY)["file"] for _ in range(2))
    assert (first, second) == ("case-2031-04-01.zip", "case-2031-04-01-2.zip")
    path = tmp_path / "saved" / str(first)
    folders = [restore_for_page(path, tmp_path / "all", name="x.zip", at=AT)["folder"] for _ in range(2)]
    assert folders == [str(tmp_path / "all" / name) for name in ("case", "case-2")]


def changed(path: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> Path:
    """Write a saved case anew, with its list and its files changed."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    told = json.loads(files[SAVED])
    change(told, files)
    if SAVED in files:
        files[SAVED] = json.dumps(told).encode()
    out = path.with_name("changed.zip")
    out.write_bytes(pack(*(Entry(name.encode(), content, method=0) for name, content in files.items())))
    return out


def rename(told: dict[str, Any], place: str) -> None:
    next(row for row in told["files"] if row["place"].startswith("originals/"))["place"] = place


def add(told: dict[str, Any], place: str) -> None:
    told["files"].append({**told["files"][0], "place": place, "member": told["files"][0]["member"] + "x"})


CHANGES: dict[str, tuple[Callable[[dict[str, Any], dict[str, bytes]], object], str]] = {
    "a byte of an original": (lambda _, files: files.update({"case/key": bytes(32)}), "not the one that was saved"),
    "a file more": (lambda _, files: files.update({"case/more": b""}), "its list does not name"),
    "a file less": (lambda _, files: files.pop("case/key"), "not in it: 1"),
    "no list": (lambda _, files: files.pop(SAVED), "no saved case"),
    "no database": (lambda told, _: told.update(files=told["files"][1:]), "not that of a case"),
    "a place above": (lambda told, _: rename(told, "originals/../../x"), "cannot be read"),
    "a place at the root": (lambda told, _: rename(told, "/etc/cron.d/x"), "cannot be read"),
    "a place that is not ours": (lambda told, _: rename(told, "derived/x-1/facts.json"), "cannot be read"),
    "a lock": (lambda told, _: rename(told, "lock"), "cannot be read"),
    "one place twice": (lambda told, _: rename(told, "key"), "not that of a case"),
    "one member twice": (lambda told, _: told["files"].append(told["files"][0]), "not that of a case"),
    "a member that is not there": (lambda told, _: add(told, "signing.key"), "not in it: 1"),
    "a hash that is none": (lambda told, _: told["files"][0].update(sha256="x"), "cannot be read"),
    "another form": (lambda told, _: told.update(form=99), "another version"),
    "rows that are none": (lambda told, _: told.update(files=[1]), "cannot be read"),
    "nothing": (lambda told, _: told.clear(), "cannot be read"),
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small case that was saved."""
    folder = tmp_path_factory.mktemp("saved")
    save_case(a_case_with(folder, CHAT), folder / "ward.zip", by=BY)
    return folder / "ward.zip"


@pytest.mark.parametrize("name", CHANGES)
def test_a_saved_case_that_was_changed_is_refused_and_nothing_is_left(name: str, saved: Path, tmp_path: Path) -> None:
    change, said = CHANGES[name]
    path = changed(saved, lambda told, files: (change(told, files), None)[1])
    with pytest.raises((UnreadableExport, HashMismatch), match=said):
        restore(path, tmp_path / "place" / "ward")
    assert not list((tmp_path / "place").iterdir())


def test_a_list_and_files_changed_together_come_back_and_the_case_says_what_does_not_agree(
    saved: Path, tmp_path: Path
) -> None:
    import hashlib

    def change(told: dict[str, Any], files: dict[str, bytes]) -> None:
        row = next(row for row in told["files"] if row["place"].startswith("originals/"))
        files[row["member"]] = b"another chat"
        row["sha256"] = hashlib.sha256(b"another chat").hexdigest()

    back = restore(changed(saved, change), tmp_path / "ward")
    assert (back["intact"], str(back["line"])[:6]) == (False, "FAILED")


def test_a_list_nested_without_end_is_refused(saved: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    deep = b"[" * 200_000
    path.write_bytes(pack(Entry(b"READ-ME-FIRST.txt"), Entry(SAVED.encode(), deep, method=0), Entry(b"case/key")))
    with pytest.raises(UnreadableExport, match="cannot be read"):
        restore(path, tmp_path / "ward")
    with pytest.raises(UnreadableExport, match="no saved case"):
        restore(saved.parent / "phone-0" / "WhatsApp Chat with Choir.txt", tmp_path / "ward")


@pytest.mark.parametrize(
    "place",
    ["lock", "derived/a/b", "desk/looks/x.json", "desk/view/x", "desk/packages/.part-x", "desk/packages/a/b", "x",
     "originals/x", "originals/" + "a" * 64, "originals/" + "a" * 64 + "/..", "originals/" + "A" * 64 + "/x",
     "result", "result/../key", "result//x", "result/./x", "result/a\0", "key/x", "../key", "", "case.sqlite-journal"],
)  # fmt: skip
def test_no_other_file_may_be_part_of_a_case(place: str) -> None:
    assert not is_state(place)


def test_a_purged_case_keeps_no_key_that_signed_and_overwrites_the_whole_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = a_used_case(tmp_path)
    written: list[int] = []

    def draw(n: int) -> bytes:
        written.append(n)
        return bytes(n)

    monkeypatch.setattr(secrets, "token_bytes", draw)
    size = (case.folder / SIGNING_KEY).stat().st_size
    with locked(case):
        purge_case(case, reason="the day has come", by=BY)
    assert (written, case.folder.exists()) == ([32, size], False)


@pytest.mark.slow  # age makes a passphrase slow to try
def test_a_locked_case_comes_back_with_its_passphrase_alone(tmp_path: Path) -> None:
    case = a_case_with(tmp_path, CHAT)
    told = save_for_page(case, tmp_path / "saved", by=BY, passphrase=PHRASE)
    path = tmp_path / "saved" / str(told["file"])
    assert (told["sealed"], path.suffix, stat.S_IMODE(path.stat().st_mode)) == (True, ".age", 0o600)
    assert b"WhatsApp" not in path.read_bytes()
    with pytest.raises(UnreadableExport, match="Type it in"):
        restore(path, tmp_path / "ward")
    assert restore(path, tmp_path / "ward", passphrase=PHRASE)["intact"]
