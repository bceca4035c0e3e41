"""The commands of `case`, as a user types them."""

import json
from pathlib import Path

import pytest
from casefile.cases import a_file
from commandline import run

from chatforensics.casefile import QUESTIONS


def a_made_case(folder: Path) -> Path:
    made = run("case", "new", folder / "ward", "--title", "Ward", "--by", "Ama Boateng")
    assert made.returncode == 0
    return folder / "ward"


def test_a_case_is_made_filled_listed_and_logged(tmp_path: Path) -> None:
    case = a_made_case(tmp_path)
    export = a_file(tmp_path / "in")
    added = run("case", "add", case, export, "--by", "Ama Boateng", "--no-ask")
    assert added.returncode == 0
    assert b"added" in added.stdout
    assert b"unknown: exported_by" in run("case", "list", case).stdout
    row = json.loads(run("case", "list", case, "--json").stdout)
    assert row["path"] == str(export)
    printed = run("case", "log", case).stdout.decode()
    assert "Ama Boateng" in printed
    assert "Head after 2 lines" in printed
    lines = run("case", "log", case, "--json").stdout.decode().splitlines()
    assert [json.loads(line)["action"] for line in lines] == ["new", "add"]


def test_custody_questions_are_asked_once_and_empty_means_unknown(tmp_path: Path) -> None:
    case = a_made_case(tmp_path)
    added = run("case", "add", case, a_file(tmp_path / "in"), "--ask", stdin=b"Ines\nPixel\n\n\n\n\n\nparticipant\n\n")
    assert added.returncode == 0, added.stderr
    told = json.loads(run("case", "list", case, "--json").stdout)
    assert (told["exported_by"], told["phone"], told["app_version"]) == ("Ines", "Pixel", "unknown")
    assert told["source_kind"] == "participant"


def test_a_kind_of_source_that_is_none_is_asked_for_again_and_a_number_will_do(tmp_path: Path) -> None:
    case = a_made_case(tmp_path)
    added = run("case", "add", case, a_file(tmp_path / "in"), "--ask", stdin=b"\n\n\n\n\n\n\nme\n2\n\n")
    assert added.returncode == 0, added.stderr
    assert b"'me' is none of these. Type a number from 1 to 4" in added.stderr
    assert json.loads(run("case", "list", case, "--json").stdout)["source_kind"] == "given by a participant"


def test_open_questions_are_told_with_a_command_to_copy_and_answered_ones_are_not(tmp_path: Path) -> None:
    case = a_made_case(tmp_path / "my cases")
    added = run("case", "add", case, a_file(tmp_path / "in"), "--no-ask")
    assert f"chatforensics case answer '{case}'".encode() in added.stderr
    assert b'packages will print "unknown"' in added.stderr
    told = "\n".join(f'{question} = "unknown"' for question in QUESTIONS)
    (tmp_path / "all.toml").write_text(told)
    answered = run("case", "answer", case, "--answers", tmp_path / "all.toml")
    assert (answered.returncode, answered.stderr) == (0, b"")


@pytest.mark.parametrize("what", ["nothing", "words"])
def test_exports_that_cannot_be_read_leave_no_case_behind(what: str, tmp_path: Path) -> None:
    given = tmp_path / "given.txt"
    if what == "words":
        given.write_text("No line of a chat.\n")
    done = run("analyse", given, "--case", tmp_path / "ward", "--quiet")
    assert done.returncode == 1
    assert b"No case was made" in done.stderr
    assert not (tmp_path / "ward").exists()


def test_two_days_of_one_offer_are_refused(tmp_path: Path) -> None:
    done = run("case", "reply", tmp_path / "x", "Ines", "--offered", "2031-01-01", "--on", "2031-01-02")
    assert done.returncode == 2
    assert b"name two days" in done.stderr


def test_what_cannot_be_added_is_told_and_the_rest_is_done(tmp_path: Path) -> None:
    case = a_made_case(tmp_path)
    done = run("case", "add", case, a_file(tmp_path / "in"), tmp_path / "missing.txt", "--no-ask")
    assert done.returncode == 3
    assert b"missing.txt" in done.stderr
    assert b"added" in done.stdout


def test_a_case_is_purged_with_a_certificate_outside_of_it(tmp_path: Path) -> None:
    case = a_made_case(tmp_path)
    inside = run("case", "purge", case, "--certificate", case / "x.txt", "--reason", "over", "--yes")
    assert inside.returncode == 2
    assert case.exists()
    refused = run("case", "purge", case, "--certificate", tmp_path / "c.txt", "--reason", "over", stdin=b"n\n")
    assert refused.returncode == 2
    assert case.exists()
    done = run("case", "purge", case, "--certificate", tmp_path / "c.txt", "--reason", "over", "--yes")
    assert done.returncode == 0, done.stderr
    assert not case.exists()
    assert "Certificate of destruction" in (tmp_path / "c.txt").read_text(encoding="utf-8")


def test_the_end_of_a_case_is_called_to_mind(tmp_path: Path) -> None:
    run("case", "new", tmp_path / "old", "--expires", "2020-01-31")
    assert b"has passed" in run("case", "list", tmp_path / "old").stderr


def test_no_case_wrong_days_and_too_many_replies_are_refused(tmp_path: Path) -> None:
    assert run("case", "list", tmp_path).returncode == 1
    assert run("case", "new", tmp_path / "x", "--expires", "soon").returncode == 2
    assert run("case", "reply", tmp_path / "x", "Ines", "--declined", "--offered", "2031-01-01").returncode == 2
