"""An original that cannot be read is no failure any more once one that can be read came later by its path."""

import json
from datetime import timedelta
from pathlib import Path

import commandline
import pytest
from casefile.cases import AT, BY, a_case, a_file
from workflow.case_runs import a_chat, in_short

from chatforensics.casefile import By, Case, Fresh, Run, list_originals, record_run
from chatforensics.workflow import Settings, casework
from chatforensics.workflow.adding import add_exports
from chatforensics.workflow.inputs import Intake
from chatforensics.workflow.retrying import try_failed_originals
from chatforensics.workflow.run import silent
from chatforensics.workflow.superseded import SUPERSEDED, UNREAD, list_unread

CUT = b"PK\x03\x04cut short"
NAME = "WhatsApp Chat with Choir.zip"


def later(days: int) -> By:
    return By("Ama", AT + timedelta(days=days))


def receive(case: Case, folder: Path, content: bytes, *, by: By = BY) -> str:
    """Add an export by the one path, and return that."""
    path = a_file(folder / "in", content, NAME)
    add_exports(case, [path], by=by)
    return str(path)


def read(case: Case) -> Intake:
    return casework.read_case(case, Settings(), Fresh(), silent)


def a_case_with_a_cut_zip(folder: Path) -> tuple[Case, str]:
    case = a_case(folder)
    add_exports(case, [a_file(folder / "other", a_chat(1))], by=BY)
    return case, receive(case, folder, CUT)


def test_what_came_whole_later_by_the_same_path_takes_its_place_and_it_is_told(tmp_path: Path) -> None:
    case, path = a_case_with_a_cut_zip(tmp_path)
    (failure,) = read(case).failures
    assert (failure["path"], len(failure["sha256"])) == (path, 64)
    receive(case, tmp_path, a_chat(2), by=later(1))
    intake = read(case)
    assert (intake.failures, len(intake.read)) == ([], 2)
    (told,) = (warning for warning in intake.warnings if "takes the place" in warning)
    (name,) = (name for name in intake.read.values() if name.endswith(f":{path}"))
    assert told.startswith(f"{name}: takes the place of an earlier export of that path, which stays in the case")
    assert failure["sha256"][:16] in told
    assert path not in told.removeprefix(name)  # a package could not tell whose it is


def test_what_came_earlier_or_cannot_be_read_either_replaces_nothing(tmp_path: Path) -> None:
    case, path = a_case_with_a_cut_zip(tmp_path)
    receive(case, tmp_path, CUT + b" again", by=later(1))
    failures = read(case).failures
    assert [failure["path"] for failure in failures] == [path, path]
    assert len({failure["sha256"] for failure in failures}) == 2
    receive(case, tmp_path, a_chat(2), by=later(-1))
    assert len(read(case).failures) == 2


def test_two_paths_that_only_show_alike_replace_nothing(tmp_path: Path) -> None:
    case, name = a_case(tmp_path), "WhatsApp Chat with \udcff.txt"
    add_exports(case, [a_file(tmp_path / "in", b"nothing", name)], by=BY)
    add_exports(case, [a_file(tmp_path / "in", a_chat(1), name.replace("\udcff", "\udcfe"))], by=later(1))
    assert len(read(case).failures) == 1


def record(case: Case, intake: Intake, *, by: By) -> None:
    """Record a run that read so much, as far as it matters here."""
    inputs = [{"path": path, "sha256": sha256} for sha256, path in intake.read.items()]
    told = {"inputs": inputs, "failures": intake.failures, "parameters": {}, "program": {"sha256": ""}}
    (case.folder / "result").mkdir(exist_ok=True)
    (case.folder / "result" / "run.json").write_text(json.dumps({**told, "finished_at": "then"}))
    record_run(case, Run("", {}, "result", {}), by=by, details={}, inputs=[])


def test_a_case_lists_what_its_last_run_could_not_read_and_tries_only_that_again(tmp_path: Path) -> None:
    case, _ = a_case_with_a_cut_zip(tmp_path)
    assert list_unread(case) == {}
    record(case, read(case), by=later(1))
    ids = {original.size_bytes: original.source_id for original in list_originals(case)}
    assert list_unread(case) == {ids[len(CUT)]: UNREAD}
    assert (tried := try_failed_originals(case, Settings())).n_failed == 1
    assert not tried.one_is_read
    receive(case, tmp_path, a_chat(2), by=later(2))
    assert list_unread(case) == {ids[len(CUT)]: UNREAD}
    assert try_failed_originals(case, Settings()).n_failed == 1
    record(case, read(case), by=later(3))
    assert list_unread(case) == {ids[len(CUT)]: SUPERSEDED}
    assert try_failed_originals(case, Settings()).n_failed == 0
    (case.folder / "result" / "run.json").unlink()
    assert list_unread(case) == {}


@pytest.mark.slow
def test_the_same_command_after_mending_the_file_ends_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    a_file(Path("in/ama"), a_chat(1))
    zipped = a_file(Path("in/ben"), CUT, NAME)
    add_exports(case := a_case(tmp_path), [Path("in")], by=later(-5000))
    with in_short():
        assert commandline.run("analyse", "in", "--case", "case").returncode == 3
        zipped.write_bytes(a_chat(2))
        done = commandline.run("analyse", "in", "--case", "case")
    assert (done.returncode, b"takes the place of an earlier export" in done.stderr) == (0, True), done.stderr
    assert (case.folder / "result" / "failures.jsonl").read_bytes() == b""
    assert SUPERSEDED.encode() in commandline.run("case", "list", "case").stdout
    rows = [json.loads(line) for line in commandline.run("case", "list", "case", "--json").stdout.splitlines()]
    assert sorted(row["unread"] for row in rows) == ["", "", SUPERSEDED]
