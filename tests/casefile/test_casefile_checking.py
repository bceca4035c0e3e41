"""What a case has on record is held to its custody log: exports, title, answers, replies, analyses."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from casefile.cases import AT, BY, CHAT, a_case, a_file

from chatforensics.casefile import (
    By,
    Case,
    Run,
    add_original,
    answer,
    check_records,
    list_originals,
    locked,
    open_case,
    record_reply,
    record_run,
)
from chatforensics.casefile.checking import find_details
from chatforensics.casefile.originals import Extract
from chatforensics.errors import CaseError
from chatforensics.intake import ExportFile

PHOTO = "IMG-20310201-WA0001.jpg"
WITH_PHOTO = f"01/02/2031, 10:00 - Rajesh: {PHOTO} (file attached)\n".encode()


def a_recorded_case(folder: Path) -> Case:
    """Make a case that has something of everything that its log knows."""
    case = a_case(folder)
    a_file(folder / "in", b"a photo", PHOTO)
    with locked(case):
        for number, content in enumerate((CHAT, WITH_PHOTO)):
            path = a_file(folder / "in", content, f"chat {number}.txt")
            add_original(case, ExportFile(path, f"phone-{number}"), by=BY)
        cut = Extract("chat 2.txt", b"01/02/2031, 10:00 - Ines: Yes\n", {"mode": "evidence", "spans": [[0, 30]]})
        path = a_file(folder / "in", cut.content + "01/02/2031, 10:01 - Siân: No\n".encode(), "chat 2.txt")
        add_original(case, ExportFile(path, None), by=BY, minimise=lambda _: cut)
    ids = [original.source_id for original in list_originals(case)]
    answer(case, ids[:2], {"source_kind": "participant", "phone": "unknown"}, by=BY)
    answer(case, ids[1:], {"phone": "Pixel 7"}, by=By("Luca", AT))
    answer(case, ids[:1], {"phone": "Nokia 3310"}, by=BY)
    record_reply(case, person=("p1", "Wiktor"), status="offered", by=BY, more={"happened_on": date(2031, 4, 2)})
    record_reply(case, person=("p1", "Wiktor"), status="replied", by=BY, more={"text": "I was at work.", "how": "post"})
    run = Run("", {"timezone": "UTC"}, "result", {"run.json": "0" * 64})
    record_run(case, run, by=BY, details={"timezone": "UTC"}, inputs=[])
    return case


def alter(case: Case, *statements: str) -> Case:
    """Change a database as somebody would who knows its triggers, and put these back."""
    with closing(sqlite3.connect(case.folder / "case.sqlite")) as database:
        database.execute("PRAGMA synchronous = OFF")
        triggers = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            database.execute(statement)
        for _, sql in triggers:
            database.execute(sql)
        database.commit()
    return open_case(case.folder)


def test_what_was_recorded_through_the_program_agrees_with_the_log(tmp_path: Path) -> None:
    assert check_records(a_case(tmp_path / "empty")) == []
    case = a_recorded_case(tmp_path)
    assert check_records(case) == []
    assert check_records(alter(case)) == []


CHANGES = {
    "title": ("UPDATE meta SET value = 'Other' WHERE name = 'title'", "title"),
    "last day": ("UPDATE meta SET value = '2040-01-01' WHERE name = 'expires'", "title"),
    "path": ("UPDATE sources SET shown = 'b.txt' WHERE source_id = (SELECT min(source_id) FROM sources)", "Export"),
    "folder": ("UPDATE sources SET folder = 'kofi' WHERE folder = 'phone-0'", "Export"),
    "time": ("UPDATE sources SET added_at = '2030-01-01T00:00:00Z' WHERE folder = 'phone-1'", "Export"),
    "sha512": ("UPDATE sources SET sha512 = 'ff' WHERE folder = 'phone-1'", "Export"),
    "size": ("UPDATE sources SET size_bytes = 1 WHERE minimised IS NOT NULL", "Export"),
    "name": ("UPDATE sources SET name = hex('b.txt') WHERE folder = 'phone-0'", "Export"),
    "what was left out": ("UPDATE sources SET minimised = replace(minimised, '30', '31')", "Export"),
    "left out nothing": ("UPDATE sources SET minimised = NULL", "Export"),
    "media gone": ("DELETE FROM source_files", "Export"),
    "media changed": ("UPDATE source_files SET sha256 = 'ff'", "Export"),
    "media renamed": ("UPDATE source_files SET name = hex('b.jpg')", "Export"),
    "an export more": (
        "INSERT INTO sources VALUES ('a', 'aa', 'aa', 1, NULL, 'c.txt', NULL, '2031-04-01T10:00:00Z', NULL)", "Exports",
    ),
    "an answer changed": ("UPDATE answers SET answer = 'leaked' WHERE number = 1", "answers"),
    "an answer more": (
        ("INSERT INTO answers (source_id, question, answer, actor, at) "
        "SELECT source_id, 'source_kind', 'leaked', 'Ama Boateng', added_at FROM sources LIMIT 1"), "Answers",
    ),
    "the last answer gone": ("DELETE FROM answers WHERE number = (SELECT max(number) FROM answers)", "answers"),
    "who answered": ("UPDATE answers SET actor = 'Yasmin' WHERE number = 2", "answers"),
    "when it was answered": ("UPDATE answers SET at = '2030-01-01T00:00:00Z' WHERE number = 2", "answers"),
    "of what it was answered": (
        ("UPDATE answers SET source_id = (SELECT source_id FROM sources WHERE source_id NOT IN "
        "(SELECT source_id FROM answers WHERE number = 3)) WHERE number = 3"), "answers",
    ),
    "the order of answers": ("UPDATE answers SET number = 99 WHERE number = 5", "answers"),
    "a gap in answers": ("UPDATE answers SET number = 99 WHERE number = (SELECT max(number) FROM answers)", "Answers"),
    "a reply changed": ("UPDATE replies SET text = 'I confess.' WHERE number = 2", "reply"),
    "whose reply": ("UPDATE replies SET label = 'Rajesh' WHERE number = 2", "reply"),
    "a reply more": (
        ("INSERT INTO replies (person_id, label, status, text, actor, at) VALUES "
        "('p2', 'Kofi', 'replied', 'I confess.', 'Ama Boateng', '2031-04-01T10:00:00Z')"), "Replies",
    ),
    "a reply gone": ("DELETE FROM replies WHERE number = 1", "Replies"),
    "replies in turn": ("UPDATE replies SET number = 3 - number + 10", "reply"),
    "settings": ("UPDATE runs SET settings = replace(settings, 'UTC', 'Asia/Tokyo')", "analyses"),
    "a run more": ("INSERT INTO runs (at, settings) SELECT at, settings FROM runs", "analyses"),
    "a trigger": ("CREATE TRIGGER mine AFTER INSERT ON log BEGIN DELETE FROM runs; END", "triggers"),
    "a view": ("CREATE VIEW mine AS SELECT 1", "tables"),
    "columns exchanged": ("ALTER TABLE sources RENAME COLUMN shown TO showed", "no such column"),
}  # fmt: skip


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return a_recorded_case(tmp_path_factory.mktemp("case"))


@pytest.mark.parametrize("what", CHANGES)
def test_a_record_that_was_changed_behind_the_log_is_told(what: str, recorded: Case) -> None:
    statement, said = CHANGES[what]
    database = recorded.folder / "case.sqlite"
    before = database.read_bytes()
    try:
        alter(recorded, statement)
        try:
            faults = check_records(recorded)
        except CaseError as error:
            faults = [str(error)]
    finally:
        database.write_bytes(before)
    assert any(said in fault for fault in faults)
    assert check_records(recorded) == []


def test_triggers_that_were_taken_out_are_missed(recorded: Case) -> None:
    database = recorded.folder / "case.sqlite"
    before = database.read_bytes()
    with closing(sqlite3.connect(database)) as opened:
        opened.execute("DROP TRIGGER replies_stay")
    faults = check_records(recorded)
    database.write_bytes(before)
    assert len(faults) == 1
    assert "triggers" in faults[0]


def test_another_key_does_not_agree_and_none_is_an_error(tmp_path: Path) -> None:
    case = a_recorded_case(tmp_path)
    (case.folder / "key").chmod(0o600)
    (case.folder / "key").write_bytes(bytes(32))
    assert len(check_records(case)) == 8
    (case.folder / "key").unlink()
    with pytest.raises(CaseError, match="key"):
        check_records(case)


def test_lines_of_the_log_in_other_forms_are_differences_and_no_crash(tmp_path: Path) -> None:
    case = a_recorded_case(tmp_path)
    for details in ("[]", "null", '{"questions":7,"sources":[]}', '{"questions":[],"sources":[1]}'):
        forged = replace(case)
        alter(forged, f"UPDATE log SET line = json_set(line, '$.details', json('{details}'))")  # noqa: S608 - our words
        assert len(check_records(forged)) >= 4


def test_details_that_are_no_details_are_none() -> None:
    assert find_details({"details": [1]}) == {}
    assert find_details({}) == {}
