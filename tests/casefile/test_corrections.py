"""Corrections: recorded with who and why, withdrawn and never changed, held to the log; older cases are brought up."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from casefile.cases import AT, BY, CHAT, a_case, a_case_with
from casefile.quick import quick_databases
from casefile.test_casefile_checking import alter
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.casefile import (
    By,
    Case,
    check_records,
    correct,
    list_corrections,
    list_originals,
    log_lines,
    open_case,
    withdraw,
)
from chatforensics.errors import CaseError, Stale, UsageError

OLD = Path(__file__).with_name("layout-1.sql")
LABEL = {"message_id": 42, "is": "not"}
GOOD: dict[str, list[dict[str, Any]]] = {
    "same": [
        {"labels": [{"label": "Ines"}, {"label": "Inés D", "source": "phones/kofi"}, {"label": "+44 7700 900123"}]}
    ],
    "different": [{"labels": [{"label": "Luca", "source": "a"}, {"label": "Luca", "source": "b"}]}],
    "custodian": [{"source": "phones/ama", "label": "Ama"}],
    "label": [LABEL, {"message_id": 2**53 - 1, "is": "instruction"}],
    "export": [
        {"source_id": "0123456789abcdef", "dates": "mdy"},
        {"source_id": "0123456789abcdef", "timezone": "Asia/Dhaka", "year": 2014, "custodian": "Ama", "chat": "Choir"},
    ],
}
BAD: list[tuple[str, dict[str, Any], str]] = [
    ("verdict", {}, "no kind"),
    ("same", {"labels": [{"label": "Ines"}]}, "two labels"),
    ("same", {"labels": [{"label": "Ines"}, {"label": "Ines"}]}, "each once"),
    ("same", {"labels": [{"label": "Ines"}, {"label": ""}]}, "which name"),
    ("same", {"labels": ["Ines", "Inés"]}, "form"),
    ("same", {"labels": 3}, "two labels"),
    ("same", {}, "form"),
    ("same", {"labels": [{"label": str(n)} for n in range(51)]}, "two labels"),
    ("different", {"labels": [{"label": "a"}, {"label": "b"}, {"label": "c"}]}, "Two labels"),
    ("custodian", {"source": "x"}, "form"),
    ("custodian", {"source": "x", "label": 3}, "which name"),
    ("label", {"message_id": "42", "is": "not"}, "no id"),
    ("label", {"message_id": True, "is": "not"}, "no id"),
    ("label", {"message_id": 2**53, "is": "not"}, "no id"),
    ("label", {"message_id": 42, "is": "fraud"}, "no 'fraud'"),
    ("export", {"source_id": "x"}, "what is otherwise"),
    ("export", {"source_id": "x", "dates": None}, "what is otherwise"),
    ("export", {"source_id": "x", "dates": "dym"}, "order of dates"),
    ("export", {"source_id": "x", "timezone": "Mars/Phobos"}, "no time zone"),
    ("export", {"source_id": "x", "year": "2014"}, "no year"),
    ("export", {"source_id": "x", "year": 1066}, "no year"),
    ("export", {"source_id": "x", "title": "y"}, "form"),
    ("export", {"dates": "dmy"}, "form"),
]  # fmt: skip


def an_old_case(folder: Path) -> Case:
    """Make a case with one export as version 0.7.0 laid it out."""
    case = a_case_with(folder, CHAT)
    database = case.folder / "case.sqlite"
    shutil.move(database, folder / "new.sqlite")
    with closing(sqlite3.connect(database, isolation_level=None)) as old:
        old.executescript(OLD.read_text(encoding="utf-8"))
        old.execute("ATTACH ? AS new", (str(folder / "new.sqlite"),))
        for table in ("meta", "sources", "source_files", "answers", "replies", "runs", "log"):
            old.execute(f"INSERT INTO {table} SELECT * FROM new.{table}")  # noqa: S608 - our names
        old.execute("PRAGMA user_version = 1")
    return open_case(case.folder)


def layout_of(case: Case) -> int:
    with closing(sqlite3.connect(case.folder / "case.sqlite")) as opened:
        return int(opened.execute("PRAGMA user_version").fetchone()[0])


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    with quick_databases():
        yield


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return a_case(tmp_path_factory.mktemp("case"))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Case:
    case = a_case(tmp_path_factory.mktemp("recorded"))
    for kind, each in GOOD.items():
        for what in each:
            correct(case, kind, what, who="Kofi", why="he told us", by=BY)
    withdraw(case, 2, why="a slip", by=By("Luca", AT))
    return case


def test_what_was_stated_comes_back_with_who_and_why(recorded: Case) -> None:
    found = list_corrections(recorded)
    assert [(each.number, each.kind, dict(each.what)) for each in found] == [
        (number, kind, what)
        for number, (kind, what) in enumerate(((kind, what) for kind, each in GOOD.items() for what in each), start=1)
    ]
    assert {(each.who, each.why, each.actor, each.at) for each in found} == {
        ("Kofi", "he told us", "Ama Boateng", "2031-04-01T10:00:00Z")
    }
    assert [each.number for each in found if not each.is_active] == [2]
    assert (found[1].withdrawn_at, found[1].withdrawn_why) == ("2031-04-01T10:00:00Z", "a slip")


def test_the_log_knows_of_corrections_and_has_none_of_their_words(recorded: Case) -> None:
    lines = [line for line in log_lines(recorded) if '"action":"correct"' in line]
    assert [json.loads(line)["details"]["correction"] for line in lines] == [
        "same", "different", "custodian", "label", "label", "export", "export", "withdrawal",
    ]  # fmt: skip
    assert {key for line in lines for key in json.loads(line)["details"]} == {"correction", "what"}
    assert not any(word in line for line in lines for word in ("Kofi", "told", "Choir", "Dhaka", "slip"))
    assert check_records(recorded) == []


@pytest.mark.parametrize(("kind", "what", "said"), BAD)
def test_what_has_not_its_form_is_refused_and_not_recorded(
    shared: Case, kind: str, what: dict[str, Any], said: str
) -> None:
    before = log_lines(shared)
    with pytest.raises(UsageError, match=said):
        correct(shared, kind, what, who="Kofi", why="he told us", by=BY)
    assert log_lines(shared) == before


@pytest.mark.parametrize("words", ["", " \n", "x" * 2001, None])
def test_who_and_why_are_asked_for(shared: Case, words: Any) -> None:
    with pytest.raises(UsageError, match="who states it"):
        correct(shared, "label", LABEL, who=words, why="x", by=BY)
    with pytest.raises(UsageError, match="Say why"):
        correct(shared, "label", LABEL, who="Kofi", why=words, by=BY)
    with pytest.raises(UsageError, match="Say why"):
        withdraw(shared, 1, why=words, by=BY)


def test_a_correction_is_withdrawn_once(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    number = correct(case, "label", LABEL, who="Kofi", why="a joke", by=BY)
    with pytest.raises(UsageError, match="No correction 9"):
        withdraw(case, 9, why="x", by=BY)
    withdraw(case, number, why="no joke", by=BY)
    with pytest.raises(Stale, match="withdrawn before"):
        withdraw(case, number, why="x", by=BY)
    with pytest.raises(UsageError, match=f"No correction {number + 1}"):
        withdraw(case, number + 1, why="of a withdrawal", by=BY)
    assert correct(case, "label", LABEL, who="Kofi", why="a joke after all", by=BY) == number + 2
    assert [each.is_active for each in list_corrections(case)] == [False, True]
    assert check_records(case) == []


def test_rows_cannot_be_changed_or_taken_out(recorded: Case) -> None:
    with closing(sqlite3.connect(recorded.folder / "case.sqlite")) as opened:
        for statement in ("UPDATE corrections SET why = 'x'", "DELETE FROM corrections"):
            with pytest.raises(sqlite3.IntegrityError):
                opened.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE corrections SET what = replace(what, 'Choir', 'Court') WHERE number = 7",
        "UPDATE corrections SET who = 'Wiktor' WHERE number = 1",
        "UPDATE corrections SET why = 'he lied' WHERE number = 1",
        "UPDATE corrections SET kind = 'different' WHERE number = 1",
        "UPDATE corrections SET withdraws = 3 WHERE number = 8",
        "UPDATE corrections SET actor = 'Yasmin' WHERE number = 4",
        "UPDATE corrections SET at = '2030-01-01T00:00:00Z' WHERE number = 4",
        "UPDATE corrections SET number = 99 WHERE number = 8",
        "DELETE FROM corrections WHERE number = 8",
        "INSERT INTO corrections SELECT 9, kind, what, who, why, null, actor, at FROM corrections WHERE number = 1",
    ],
)
def test_a_correction_changed_behind_the_log_is_told(recorded: Case, statement: str) -> None:
    database = recorded.folder / "case.sqlite"
    before = database.read_bytes()
    alter(recorded, "PRAGMA foreign_keys = OFF", statement)
    faults = check_records(recorded)
    database.write_bytes(before)
    assert any("orrection" in fault for fault in faults)


def test_taking_the_table_out_and_calling_the_case_an_old_one_is_told(recorded: Case) -> None:
    database = recorded.folder / "case.sqlite"
    before = database.read_bytes()
    with closing(sqlite3.connect(database)) as opened:
        opened.execute("DROP TABLE corrections")
        opened.execute("PRAGMA user_version = 1")
    faults = check_records(open_case(recorded.folder))
    database.write_bytes(before)
    assert faults == ["Corrections and withdrawals on record: 0; in the custody log: 8."]


def test_a_case_of_the_first_layout_opens_is_checked_and_stays_as_it_is_until_something_is_corrected(
    tmp_path: Path,
) -> None:
    case = an_old_case(tmp_path)
    before = (case.folder / "case.sqlite").read_bytes()
    assert (check_records(case), list_corrections(case), len(list_originals(case))) == ([], [], 1)
    assert (case.folder / "case.sqlite").read_bytes() == before
    with pytest.raises(UsageError):
        withdraw(case, 1, why="x", by=BY)
    with pytest.raises(UsageError):
        correct(case, "label", {}, who="Kofi", why="x", by=BY)
    assert layout_of(case) == 1
    assert correct(case, "label", LABEL, who="Kofi", why="a joke", by=BY) == 1
    assert (layout_of(case), layout_of(a_case(tmp_path / "new"))) == (2, 2)
    assert check_records(open_case(case.folder)) == []
    assert [each.kind for each in list_corrections(case)] == ["label"]


_KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from chatforensics.casefile import By, correct, open_case
from chatforensics.casefile import corrections
def killed(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(corrections, sys.argv[2], killed)
case = open_case(Path(sys.argv[1]))
by = By("Luca", datetime(2031, 4, 1, tzinfo=UTC))
correct(case, "label", {"message_id": 1, "is": "not"}, who="Kofi", why="x", by=by)
"""


@pytest.mark.slow
@pytest.mark.parametrize("step", ["_record", "append_to"])
def test_a_program_killed_while_it_brings_a_case_up_leaves_it_as_it_was(tmp_path: Path, step: str) -> None:
    case = an_old_case(tmp_path)
    done = subprocess.run([sys.executable, "-c", _KILLED, str(case.folder), step], check=False)
    assert done.returncode == -signal.SIGKILL
    assert (layout_of(case), check_records(open_case(case.folder)), len(log_lines(case))) == (1, [], 2)
    assert correct(case, "label", LABEL, who="Kofi", why="a joke", by=BY) == 1
    assert check_records(case) == []


@pytest.mark.parametrize("layout", [0, 3])
def test_another_layout_is_refused(tmp_path: Path, layout: int) -> None:
    case = a_case(tmp_path)
    with closing(sqlite3.connect(case.folder / "case.sqlite")) as opened:
        opened.execute(f"PRAGMA user_version = {layout}")
    with pytest.raises(CaseError, match=f"layout {layout}"):
        open_case(case.folder)


@settings(max_examples=25, deadline=None)
@given(
    label=st.text(min_size=1, max_size=30), words=st.text(min_size=1, max_size=60).filter(lambda it: bool(it.split()))
)
def test_any_names_and_words_are_kept_and_agree_with_the_log(shared: Case, label: str, words: str) -> None:
    number = correct(shared, "custodian", {"source": "a", "label": label}, who=words, why=words, by=BY)
    found = list_corrections(shared)[-1]
    assert (found.number, found.what["label"]) == (number, label.encode("utf-8", "replace").decode())
    assert found.why == " ".join(words.encode("utf-8", "replace").decode().split())
    assert check_records(shared) == []
