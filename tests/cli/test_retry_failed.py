"""`analyse --retry-failed`: all is done again if one of those that failed can be read now, and else nothing is."""

import json
import shutil
from pathlib import Path

import pytest
from casefile.cases import a_file
from commandline import run

CHAT = b"13/03/2024, 08:30 - Ama: hi\n13/03/2024, 08:31 - Ben: ok\n"
YEARLESS = b"13 Mar 08:30 - Ama: hi\n14 Mar 08:31 - Ben: ok\n"


def look(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in sorted(folder.rglob("*")) if path.is_file()}


def read_run(out: Path) -> dict[str, object]:
    told: dict[str, object] = json.loads((out / "run.json").read_bytes())
    return told


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make, once, the result of a run in which one of two exports could not be read."""
    folder = tmp_path_factory.mktemp("made")
    a_file(folder / "in", CHAT, "good.txt")
    a_file(folder / "in", YEARLESS, "yearless.txt")
    done = run("analyse", "in", "--out", "out", "--tz", "Europe/Paris", "--event", "2024-03-13:Vote", cwd=folder)
    assert done.returncode == 3
    return folder


@pytest.fixture
def failed(made: Path, tmp_path: Path) -> Path:
    """Return a folder of a test's own with that result and its exports."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


def retry(folder: Path, *words: str) -> tuple[int, str]:
    done = run("analyse", "in", "--out", "out", "--retry-failed", *words, cwd=folder)
    return done.returncode, (done.stdout + done.stderr).decode()


def test_where_none_can_be_read_nothing_is_changed_and_it_says_why(failed: Path) -> None:
    before = look(failed)
    code, said = retry(failed)
    assert code == 3
    assert "The one that failed cannot be read now; out is as it was." in said
    assert "Not read: in/yearless.txt: records print no year" in said
    assert look(failed) == before


def test_where_one_can_be_read_all_are_analysed_with_the_options_of_before(failed: Path) -> None:
    (failed / "years.toml").write_text('["in/yearless.txt"]\nyear = 2024\n')
    code, said = retry(failed, "--declare", "years.toml")
    assert code == 0, said
    told = read_run(failed / "out")
    assert [each["path"] for each in told["inputs"]] == ["in/good.txt", "in/yearless.txt"]  # type: ignore[attr-defined]
    assert told["parameters"]["timezone"] == "Europe/Paris"  # type: ignore[index]
    assert told["parameters"]["events"] == [{"date": "2024-03-13", "label": "Vote"}]  # type: ignore[index]
    assert (failed / "out" / "failures.jsonl").read_bytes() == b""


def test_afterwards_there_is_nothing_to_try(failed: Path) -> None:
    (failed / "in" / "yearless.txt").write_bytes(CHAT * 2)
    assert retry(failed)[0] == 0
    before = look(failed)
    code, said = retry(failed)
    assert (code, "could read everything; nothing was done" in said) == (0, True)
    assert look(failed) == before


def test_a_file_that_was_mended_below_a_folder_without_exports_counts(tmp_path: Path) -> None:
    a_file(tmp_path / "in", CHAT, "good.txt")
    (tmp_path / "empty").mkdir()
    words = ("analyse", "in", "empty", "--out", "out")
    assert run(*words, cwd=tmp_path).returncode == 3
    a_file(tmp_path / "empty", CHAT * 2, "late.txt")
    assert run(*words, "--retry-failed", cwd=tmp_path).returncode == 0
    assert len(read_run(tmp_path / "out")["inputs"]) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize("loss", ["gone", "other paths"])
def test_a_result_does_not_lose_what_was_read_before(failed: Path, loss: str) -> None:
    (failed / "in" / "yearless.txt").write_bytes(CHAT * 2)
    if loss == "gone":
        (failed / "in" / "good.txt").unlink()
    path = "in" if loss == "gone" else "in/yearless.txt"
    before = look(failed / "out")
    done = run("analyse", path, "--out", "out", "--retry-failed", cwd=failed)
    assert done.returncode == 2
    assert b"Read by the earlier run, and not among the paths given: 1, such as in/good.txt." in done.stderr
    assert look(failed / "out") == before


def test_a_file_of_corrections_that_was_given_has_to_be_given_again(failed: Path) -> None:
    (failed / "people.toml").write_text('[[same]]\nlabels = ["Ama", "Ben"]\n')
    assert run("analyse", "in", "--out", "out", "--people", "people.toml", cwd=failed).returncode == 3
    code, said = retry(failed)
    assert (code, "Give --people again" in said) == (2, True)


@pytest.mark.parametrize("record", [None, b"{}", b"no json", b'{"finished_at": null}', b'{"finished_at": "x"}'])
def test_without_the_result_of_a_finished_run_it_is_a_wrong_use(record: bytes | None, tmp_path: Path) -> None:
    a_file(tmp_path / "in", CHAT, "good.txt")
    (tmp_path / "out").mkdir()
    if record is not None:
        (tmp_path / "out" / "run.json").write_bytes(record)
    code, said = retry(tmp_path)
    assert (code, "Traceback" in said) == (2, False)


def test_in_a_case_it_spares_a_run_that_would_change_nothing(tmp_path: Path) -> None:
    a_file(tmp_path / "in", CHAT, "good.txt")
    a_file(tmp_path / "in", YEARLESS, "yearless.txt")
    assert run("analyse", "in", "--case", "case", cwd=tmp_path).returncode == 3
    before = look(tmp_path / "case" / "result")
    again = run("analyse", "in", "--case", "case", "--retry-failed", cwd=tmp_path)
    assert (again.returncode, b"The one that failed cannot be read now; case is as it was." in again.stdout) == (
        3,
        True,
    )
    assert look(tmp_path / "case" / "result") == before
    (tmp_path / "years.toml").write_text('["in/yearless.txt"]\nyear = 2024\n')
    words = ("analyse", "--case", "case", "--declare", "years.toml", "--retry-failed")
    assert run(*words, cwd=tmp_path).returncode == 0
    assert len(read_run(tmp_path / "case" / "result")["inputs"]) == 2  # type: ignore[arg-type]
    done = run("analyse", "--case", "case", "--retry-failed", cwd=tmp_path)
    assert (done.returncode, b"could read everything" in done.stdout) == (0, True)


def test_in_a_case_an_export_that_is_new_is_reason_enough_to_analyse(tmp_path: Path) -> None:
    a_file(tmp_path / "in", CHAT, "good.txt")
    assert run("analyse", "in", "--case", "case", cwd=tmp_path).returncode == 0
    a_file(tmp_path / "in", CHAT * 2, "late.txt")
    assert run("analyse", "in", "--case", "case", "--retry-failed", cwd=tmp_path).returncode == 0
    assert len(read_run(tmp_path / "case" / "result")["inputs"]) == 2  # type: ignore[arg-type]
