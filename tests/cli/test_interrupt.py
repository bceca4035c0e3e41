"""Ctrl+C while exports are read in several processes: one exit code, no traceback, nobody left, nothing half-made."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from commandline import run

LINE = b"13/03/2024, 08:%02d - Ama: the water will be off in Canal Street on Friday, says number %d\n"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")]


def write_chats(folder: Path) -> Path:
    """Write as much as two processes read in some seconds."""
    folder.mkdir()
    for number in range(40):
        lines = (LINE % (minute, number) for minute in range(60))
        (folder / f"chat-{number}.txt").write_bytes(b"".join(lines) * 100)
    return folder


def start(*words: str | Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "chatforensics", "analyse", *words, "--jobs", "2", "--progress", "json"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


def list_below(parent: int) -> set[int]:
    """Return the processes that a process started, and those that these started."""
    try:
        told = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    except FileNotFoundError:
        return set()
    return {int(each) for each in told}.union(*(list_below(int(each)) for each in told))


def wait_until_gone(processes: set[int]) -> None:
    end = time.monotonic() + 30
    while left := [each for each in processes if Path(f"/proc/{each}").exists()]:
        assert time.monotonic() < end, f"still there: {left}"
        time.sleep(0.05)


@pytest.mark.parametrize("after_s", [0.0, 0.15, 0.4])
@pytest.mark.parametrize("who", ["everybody, as from a terminal", "the first process only"])
def test_interrupted_it_leaves_nothing_behind(who: str, after_s: float, tmp_path: Path) -> None:
    with start(write_chats(tmp_path / "in"), "--out", tmp_path / "out") as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        assert b'"stage": "reading"' in first, first + process.stderr.read()
        others = list_below(process.pid)
        assert len(others) >= 2
        time.sleep(after_s)  # processes may be about to write what they read
        (os.killpg if who.startswith("everybody") else os.kill)(process.pid, signal.SIGINT)
        said, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert (said, b"Traceback" in told, b"done" in told.splitlines()[-1:]) == (b"", False, False)
    wait_until_gone(others)
    assert not (tmp_path / "out").exists()


def test_interrupted_in_a_case_the_next_run_goes_on(tmp_path: Path) -> None:
    with start(write_chats(tmp_path / "in"), "--case", tmp_path / "case") as process:
        assert process.stderr is not None
        while b'"stage": "reading"' not in (line := process.stderr.readline()):
            assert line, "it ended before it read"
        os.killpg(process.pid, signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert (process.returncode, b"Traceback" in told) == (130, False)
    assert not (tmp_path / "case" / "result").exists()
    told = run("analyse", "--case", tmp_path / "case", "--dry-run", "--progress", "json").stdout
    assert 0 < json.loads(told)["case"]["n_kept"] < 40
