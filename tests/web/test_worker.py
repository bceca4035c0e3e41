"""The process that computes: a task that breaks is told and ends nothing; the end of whoever started it ends it."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from chatforensics.errors import UnreadableExport
from chatforensics.web import tasks, worker

COMMAND = [sys.executable, "-m", "chatforensics.web.worker"]


def do(monkeypatch: pytest.MonkeyPatch, task: Callable[[Mapping[str, Any], Any], dict[str, object]]) -> list[Any]:
    monkeypatch.setattr(tasks, "TASKS", {"test": task})
    told = io.StringIO()
    worker._do({"kind": "test", "args": {"case": "ward"}}, told)
    return [json.loads(line) for line in told.getvalue().splitlines()]


def test_a_task_tells_how_it_goes_and_what_came_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def task(args: Mapping[str, Any], report: Callable[[str, int, int], None]) -> dict[str, object]:
        report("reading\nlines", 1, 2)
        return {"case": args["case"]}

    said = [{"stage": "reading\nlines", "done": 1, "total": 2}, {"result": {"case": "ward"}}]
    assert do(monkeypatch, task) == said


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (UnreadableExport("ward.zip: no chat in it.", hint="Export it again."), "ward.zip: no chat in it."),
        (OSError(28, "No space left on device"), "room on the disk"),
        (MemoryError(), "MemoryError"),
        (KeyError("a name of somebody"), "KeyError"),
        (RecursionError("a text of somebody"), "RecursionError"),
    ],
)
def test_a_task_that_breaks_is_told_in_words_without_those_of_the_evidence(
    monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def task(_args: Mapping[str, Any], _report: object) -> dict[str, object]:
        raise error

    (said,) = do(monkeypatch, task)
    assert words in said["error"]
    assert "of somebody" not in said["error"]


def test_a_task_that_is_unknown_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "TASKS", {})
    told = io.StringIO()
    worker._do({"kind": "nothing", "args": None}, told)
    assert list(json.loads(told.getvalue())) == ["error"]


def start() -> "subprocess.Popen[str]":
    pipe = subprocess.PIPE
    return subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)


@pytest.mark.slow
def test_the_process_ends_when_nobody_is_there_to_ask_it() -> None:
    process = start()
    process.communicate()
    assert process.returncode == 0


@pytest.mark.slow
def test_the_process_ends_with_whoever_started_it_however_that_ended() -> None:
    code = (
        "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-m', 'chatforensics.web.worker'],"
        " stdin=subprocess.PIPE, start_new_session=True); print(p.pid, flush=True); time.sleep(60)"
    )
    starter = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    number = int(starter.stdout.readline())
    time.sleep(0.2)
    starter.send_signal(signal.SIGKILL)
    starter.communicate()
    end = time.monotonic() + 10
    while time.monotonic() < end and os.path.exists(f"/proc/{number}"):  # noqa: PTH110 - no path of ours
        time.sleep(0.05)
    assert not os.path.exists(f"/proc/{number}")  # noqa: PTH110


@pytest.mark.slow
def test_the_process_answers_one_request_after_another_and_breaks_at_none() -> None:
    process = start()
    asked = [
        {"kind": "analyse", "args": {"case": "/nowhere"}},
        {"kind": "nothing", "args": {}},
        {"kind": "receive", "args": []},
    ]
    told, _ = process.communicate("".join(json.dumps(each) + "\n" for each in asked), timeout=60)
    assert told.count("\n") <= 3  # it ends with its input, in the middle of what it does
    process = start()
    assert process.stdin is not None
    assert process.stdout is not None
    for each in asked:
        process.stdin.write(json.dumps(each) + "\n")
        process.stdin.flush()
        assert "error" in json.loads(process.stdout.readline())
    process.communicate()
