"""The commands of `case`, as a user types them."""

import json
from pathlib import Path

from casefile.cases import a_file
from commandline import run


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
