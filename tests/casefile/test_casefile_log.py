"""The custody log: lines are added, never changed, and a change shows."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from casefile.cases import BY, a_case, a_case_with
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.casefile import START, By, append, check_chain, head, log_lines
from chatforensics.casefile.folder import encode_canonical
from chatforensics.casefile.log import hash_line
from chatforensics.errors import CaseError


def a_log(*details: str) -> list[str]:
    lines: list[str] = []
    prev = START
    for seq, detail in enumerate(details, start=1):
        lines.append(encode_canonical({"details": detail, "prev": prev, "seq": seq}))
        prev = hash_line(lines[-1])
    return lines


def test_each_line_holds_the_hash_of_the_line_before(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    append(case, "bundle", by=BY, details={"n": 2}, inputs=["a"], outputs=["b"])
    first, second = (json.loads(line) for line in log_lines(case))
    assert (first["prev"], first["seq"], first["action"]) == (START, 1, "new")
    assert second["prev"] == hash_line(log_lines(case)[0])
    assert head(case) == (2, hash_line(log_lines(case)[1]))
    assert check_chain(log_lines(case)) is None


@pytest.mark.parametrize("statement", ["UPDATE log SET line = ''", "DELETE FROM log"])
def test_a_line_cannot_be_changed_or_deleted(tmp_path: Path, statement: str) -> None:
    case = a_case(tmp_path)
    with (
        closing(sqlite3.connect(case.folder / "case.sqlite")) as database,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        database.execute(statement)


def test_an_actor_with_line_ends_and_quotes_stays_inside_his_line(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    hostile = '\n{"action":"sealed"}\r\n\u2028\'); DROP TABLE log; --'
    append(case, "verify", by=By(hostile, BY.at), details={})
    assert json.loads(log_lines(case)[1])["actor"] == hostile
    assert "\n" not in log_lines(case)[1]


def test_the_log_of_an_added_export_holds_no_name_and_no_word_of_it(tmp_path: Path) -> None:
    case = a_case_with(tmp_path, b"01/02/2031, 10:00 - Ines: hello\n")
    logged = "".join(log_lines(case))
    assert "Choir" not in logged
    assert "Ines" not in logged
    assert str(tmp_path) not in logged


def test_an_unknown_action_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="boast"):
        append(a_case(tmp_path), "boast", by=BY, details={})


@given(st.lists(st.text(max_size=5), min_size=2, max_size=6), st.data())
def test_a_line_changed_taken_out_or_moved_breaks_the_chain(details: list[str], data: st.DataObject) -> None:
    lines = a_log(*details)
    assert check_chain(lines) is None
    at = data.draw(st.integers(0, len(lines) - 2))  # the last line is told by the head alone
    changed = json.loads(lines[at]) | {"details": "changed after the event"}
    assert check_chain([*lines[:at], encode_canonical(changed), *lines[at + 1 :]])
    assert check_chain([*lines[:at], *lines[at + 1 :]])
    assert check_chain([*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]])


@pytest.mark.parametrize("line", ["", "[]", "{", '{"seq": 1}', "[" * 100_000])
def test_what_is_no_line_of_a_log_is_told(line: str) -> None:
    assert "Line 1" in str(check_chain([line]))


def test_a_database_that_cannot_be_written_is_a_case_error(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    with closing(sqlite3.connect(case.folder / "case.sqlite")) as database:
        database.execute("DROP TABLE log")
    with pytest.raises(CaseError, match="no such table"):
        append(case, "verify", by=BY, details={})
