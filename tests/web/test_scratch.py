"""Folders that are held: what a killed run left goes, what a living one uses stays."""

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from chatforensics.web.scratch import held, make_scratch, remove_left

MAKE = "import sys; from chatforensics.web.scratch import *; print(make_scratch(), flush=True); sys.stdin.read()"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_what_a_killed_run_left_is_removed_by_the_next_and_what_a_living_one_uses_is_not(temporary: Path) -> None:
    pipe = subprocess.PIPE
    runs = [subprocess.Popen([sys.executable, "-c", MAKE], stdin=pipe, stdout=pipe, text=True) for _ in range(2)]
    folders = [Path(run.stdout.readline().strip()) for run in runs if run.stdout]
    for folder in folders:
        (folder / "words").write_text("of people")
    runs[0].send_signal(signal.SIGKILL)
    runs[0].wait()
    mine = make_scratch()
    assert sorted(temporary.iterdir()) == sorted([folders[1], mine])
    assert (folders[1] / "words").read_text() == "of people"
    assert mine.stat().st_mode & 0o777 == 0o700
    for run in runs:
        run.communicate()


def test_a_folder_that_is_held_stays_until_it_is_let_go(tmp_path: Path) -> None:
    folder = tmp_path / "held"
    folder.mkdir()
    with held(folder):
        remove_left(folder)
        assert folder.is_dir()
    remove_left(folder)
    assert not folder.exists()


def test_a_link_to_another_folder_takes_nothing_with_it(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (tmp_path / "link").symlink_to(kept)
    remove_left(tmp_path / "link")
    assert kept.is_dir()
