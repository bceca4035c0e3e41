"""The desk of a case: ticks, notes, documents, views and settings, kept whole whoever else writes, purged with it."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from casefile.cases import AT, BY, a_case
from casefile.quick import quick_databases
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.casefile import (
    By,
    Case,
    add_note,
    append,
    change_note,
    correct,
    desk_folder,
    desk_version,
    list_documents,
    list_notes,
    list_saved_views,
    list_ticks,
    locked,
    open_case,
    purge_case,
    read_document,
    read_setting,
    remove_document,
    remove_note,
    remove_saved_view,
    save_document,
    save_view,
    set_ticks,
    write_setting,
)
from chatforensics.casefile.desk import reading_desk
from chatforensics.errors import CaseError, Stale, UsageError

YASMIN = By("Yasmin", AT + timedelta(minutes=5))


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    with quick_databases():
        yield


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return a_case(tmp_path_factory.mktemp("case"))


def test_reading_makes_nothing_and_finds_nothing(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    assert [*list_ticks(case), *list_notes(case), *list_documents(case), *list_saved_views(case)] == []
    assert read_setting(case, "actor") is None
    assert desk_version(case) == "1-0"
    assert not (case.folder / "desk").exists()


def test_the_desk_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    before = os.umask(0)
    try:
        set_ticks(case, [1], True, at=AT)
    finally:
        os.umask(before)
    modes = [path.stat().st_mode & 0o777 for path in (desk_folder(case), case.folder / "desk" / "desk.sqlite")]
    assert modes == [0o700, 0o600]


def test_ticks_come_and_go_and_a_second_tick_changes_nothing(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    set_ticks(case, [3, 1, (1 << 53) - 1], True, at=AT)
    set_ticks(case, [1], True, at=AT)
    set_ticks(case, [3, 7], False, at=AT)
    assert list_ticks(case) == [1, (1 << 53) - 1]


def test_notes_belong_to_a_message_or_to_the_case(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    one = add_note(case, 42, " Who is “the uncle”?\u202e ", by=BY)
    other = add_note(case, None, "Ask Kofi for his export.", by=YASMIN)
    assert [(note["number"], note["message_id"], note["actor"]) for note in list_notes(case)] == [
        (one, 42, "Ama Boateng"),
        (other, None, "Yasmin"),
    ]
    change_note(case, one, "Wiktor's uncle", version=1, by=YASMIN)
    (note,) = list_notes(case, 42)
    assert (note["text"], note["version"], note["actor"], note["at"]) == (
        "Wiktor's uncle", 2, "Yasmin", "2031-04-01T10:05:00Z",
    )  # fmt: skip
    remove_note(case, one, by=BY)
    remove_note(case, one, by=BY)
    assert [note["number"] for note in list_notes(case)] == [other]
    assert add_note(case, None, "again", by=BY) == other + 1


def test_who_read_an_older_version_of_a_note_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    number = add_note(case, 1, "first", by=BY)
    change_note(case, number, "second", version=1, by=YASMIN)
    with pytest.raises(Stale, match="changed meanwhile, by Yasmin"):
        change_note(case, number, "third", version=1, by=BY)
    with pytest.raises(Stale, match="changed meanwhile"):
        remove_note(case, number, version=1, by=BY)
    assert [note["text"] for note in list_notes(case)] == ["second"]
    remove_note(case, number, version=2, by=YASMIN)
    with pytest.raises(Stale, match="removed meanwhile, by Yasmin"):
        change_note(case, number, "third", version=2, by=BY)
    with pytest.raises(Stale, match="no note 99"):
        change_note(case, 99, "third", version=1, by=BY)


def test_words_of_a_removed_note_are_not_left_in_the_file(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    number = add_note(case, 1, "overheard at the choir " * 20, by=BY)
    path = desk_folder(case) / "desk.sqlite"
    assert b"overheard" in path.read_bytes()
    remove_note(case, number, by=BY)
    assert b"overheard" not in path.read_bytes()


def test_documents_are_saved_by_version_and_listed_without_their_parts(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    blocks = [{"quote": 42, "shown": True}, "সবাই", {"deep": [1, None, "\ud800"]}]
    number = save_document(case, None, title=" Letter ", blocks=blocks, version=0, by=BY)
    assert read_document(case, number)["blocks"] == [*blocks[:2], {"deep": [1, None, "?"]}]
    assert save_document(case, number, title="Letter 2", blocks=[], version=1, by=YASMIN) == number
    with pytest.raises(Stale, match="by Yasmin"):
        save_document(case, number, title="Letter 3", blocks=[], version=1, by=BY)
    (row,) = list_documents(case)
    assert row == {
        "number": number, "title": "Letter 2", "actor": "Yasmin", "at": "2031-04-01T10:05:00Z", "version": 2,
    }  # fmt: skip
    remove_document(case, number, by=BY)
    assert list_documents(case) == []
    with pytest.raises(UsageError, match="No document"):
        read_document(case, number)
    with pytest.raises(Stale, match="removed"):
        save_document(case, number, title="Letter 3", blocks=[], version=2, by=BY)


@pytest.mark.parametrize("address", ["//else.where/x", "https://else.where", "/a\\b", "/a\nb", "", "x", "/" * 5000])
def test_a_view_leads_nowhere_but_into_the_case(shared: Case, address: str) -> None:
    with pytest.raises(UsageError, match="no address"):
        save_view(shared, "mine", address, at=AT)


def test_views_and_settings_are_replaced_by_name(shared: Case) -> None:
    save_view(shared, "urgent", "/search?words=vote", at=AT)
    save_view(shared, " urgent ", "/search?words=chair", at=AT)
    save_view(shared, "all", "/search", at=AT)
    assert [(view["name"], view["address"]) for view in list_saved_views(shared)] == [
        ("all", "/search"), ("urgent", "/search?words=chair"),
    ]  # fmt: skip
    remove_saved_view(shared, "all")
    remove_saved_view(shared, "all")
    write_setting(shared, "actor", "Ines")
    write_setting(shared, "actor", "Inés")
    assert read_setting(shared, "actor") == "Inés"
    assert len(list_saved_views(shared)) == 1


def test_what_has_no_words_or_too_many_is_refused(shared: Case) -> None:
    for text in (" \n", "x" * 20_001):
        with pytest.raises(UsageError, match="A note needs words"):
            add_note(shared, 1, text, by=BY)
    for title, blocks, said in (("", [], "title"), ("x" * 301, [], "title"), ("x", ["y" * 4_000_001], "too long")):
        with pytest.raises(UsageError, match=said):
            save_document(shared, None, title=title, blocks=blocks, version=0, by=BY)
    with pytest.raises(UsageError, match="needs a name"):
        save_view(shared, " ", "/", at=AT)
    with pytest.raises(UsageError, match="too long"):
        write_setting(shared, "actor", "x" * 4001)


def test_every_change_of_desk_or_log_changes_the_version_and_nothing_else_does(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    seen = [desk_version(case)]
    changes: list[Any] = [
        lambda: set_ticks(case, [1], True, at=AT),
        lambda: add_note(case, 1, "x", by=BY),
        lambda: append(case, "verify", by=BY, details={}),
        lambda: correct(case, "label", {"message_id": 1, "is": "not"}, who="Ama", why="x", by=BY),
        lambda: write_setting(case, "actor", "Ama"),
    ]
    for change in changes:
        change()
        seen.append(desk_version(case))
        assert desk_version(case) == seen[-1]
    assert len(set(seen)) == len(changes) + 1
    with pytest.raises(Stale):
        change_note(case, 1, "y", version=9, by=BY)
    assert desk_version(case) == seen[-1]


@pytest.mark.parametrize("name", ["desk", "desk/desk.sqlite", "desk/uploads"])
def test_a_link_in_the_place_of_the_desk_is_refused(tmp_path: Path, name: str) -> None:
    case = a_case(tmp_path)
    (tmp_path / "precious").mkdir()
    if "/" in name:
        desk_folder(case)
    (case.folder / name).symlink_to(tmp_path / "precious" / ("" if name == "desk" else "x"))
    with pytest.raises(CaseError, match="a link inside a case"):
        open_case(case.folder)
    if name != "desk/uploads":
        with pytest.raises(CaseError, match="a link inside a case"):
            set_ticks(case, [1], True, at=AT)
        with pytest.raises(CaseError, match="a link inside a case"):
            list_ticks(case)
    assert list((tmp_path / "precious").iterdir()) == []


def test_a_damaged_or_newer_desk_is_told_and_the_case_stays_open(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    path = desk_folder(case) / "desk.sqlite"
    path.write_bytes(b"no database " * 100)
    for use in (list_ticks, lambda it: set_ticks(it, [1], True, at=AT)):
        with pytest.raises(CaseError, match="move that file away"):
            use(case)
    path.unlink()
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("PRAGMA user_version = 9")
    for use in (list_ticks, lambda it: set_ticks(it, [1], True, at=AT)):
        with pytest.raises(CaseError, match="another version"):
            use(case)
    assert open_case(case.folder).title == "Ward"
    (tmp_path / "other").mkdir()
    case = a_case(tmp_path / "other")
    (case.folder / "desk").write_bytes(b"")
    with pytest.raises(CaseError, match="desk"):
        desk_folder(case)


def test_a_file_left_empty_by_a_killed_program_is_laid_out_anew(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    (desk_folder(case) / "desk.sqlite").write_bytes(b"")
    assert list_ticks(case) == []
    set_ticks(case, [5], True, at=AT)
    assert list_ticks(case) == [5]


def test_a_purged_case_leaves_no_desk(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    add_note(case, 1, "overheard", by=BY)
    (desk_folder(case) / "uploads").mkdir()
    (desk_folder(case) / "uploads" / "1.part").write_bytes(b"half")
    with locked(case):
        purge_case(case, reason="over", by=BY)
    assert not case.folder.exists()


@settings(max_examples=25, deadline=None)
@given(text=st.text(min_size=1, max_size=50).filter(lambda it: bool(it.strip())), message_id=st.integers(0, 2**53 - 1))
def test_any_words_come_back_as_they_were(shared: Case, text: str, message_id: int) -> None:
    number = add_note(shared, message_id, text, by=BY)
    (note,) = [note for note in list_notes(shared, message_id) if note["number"] == number]
    assert note["text"] == text.encode("utf-8", "replace").decode().strip()


_WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from chatforensics.casefile import By, add_note, open_case, set_ticks
case, at = open_case(Path(sys.argv[1])), datetime(2031, 4, 1, tzinfo=UTC)
for n in range(10**6):
    add_note(case, n, "x" * 5000, by=By("Luca", at))
    set_ticks(case, [2 * n, 2 * n + 1], True, at=at)
    print(n, flush=True)
"""


@pytest.mark.slow
def test_a_writer_killed_at_any_moment_leaves_whole_changes_only(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    for n_lines in (0, 1, 2, 5):
        words = [sys.executable, "-c", _WRITER, str(case.folder)]
        with subprocess.Popen(words, stdout=subprocess.PIPE) as writer:
            assert writer.stdout
            for _ in range(n_lines):
                writer.stdout.readline()
            writer.send_signal(signal.SIGKILL)
        n_ticks = len(list_ticks(case))
        assert n_ticks % 2 == 0
        assert n_ticks >= 2 * n_lines
        with reading_desk(case) as desk:
            assert desk.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        set_ticks(case, list_ticks(case), False, at=AT)
        assert list_ticks(case) == []


@pytest.mark.slow
def test_two_programs_write_at_once_and_neither_loses_anything(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    script = _WRITER.replace("10**6", "20").replace("2 * n", "int(sys.argv[2]) + 2 * n")
    writers = [subprocess.Popen([sys.executable, "-c", script, str(case.folder), f"{n}000"]) for n in (1, 2)]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert len(list_ticks(case)) == 80
    assert len(list_notes(case)) == 40
    assert desk_version(case) == "1-80"
