"""Asked to end, the program says in one line what it left, and its exit code says by whom."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commandline import run

from chatforensics import workflow
from chatforensics.cli import commands, ending
from chatforensics.workflow import casework

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals go otherwise there")


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    """Write an export."""
    path = tmp_path / "chat.txt"
    path.write_text("13/03/2024, 08:30 - Ama: yes\n13/03/2024, 08:31 - Ben: no\n", encoding="utf-8")
    return path


@pytest.fixture
def in_front() -> Iterator[None]:
    """Take Ctrl+C as a program does that was started in the foreground; in the background it may be left out."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@POSIX
@pytest.mark.usefixtures("in_front")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_without_a_case_nothing_is_written(
    number: signal.Signals, code: int, chat: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow, "read_inputs", lambda *_, **__: signal.raise_signal(number))
    done = run("analyse", chat, "--out", tmp_path / "out", "--progress", "json", "--jobs", "1")
    assert (done.returncode, done.stdout) == (code, b"")
    assert done.stderr.splitlines()[-1:] == [b"Interrupted. Nothing was written."]
    assert not (tmp_path / "out").exists()
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@POSIX
def test_in_a_case_the_same_command_goes_on(chat: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(casework, "run_stages", lambda *_, **__: signal.raise_signal(signal.SIGTERM))
    done = run("analyse", chat, "--case", tmp_path / "case", "--quiet", "--jobs", "1")
    assert done.returncode == 143
    assert done.stderr.splitlines()[-1] == (b"Interrupted. What was read is kept; the same command goes on from there.")
    assert not (tmp_path / "case" / "result").exists()


@pytest.mark.parametrize(
    ("words", "loaded", "args", "said"),
    [
        (["analyse", "a", "--out", "b"], False, (), "Interrupted. Nothing was written.\n"),
        (["analyse", "a", "--case=b", "--dry-run"], True, (), "Interrupted. Nothing was written.\n"),
        (["--debug", "analyse", "a", "--case=b"], True, ("Nothing was written.",), f"Interrupted. {ending._KEPT}\n"),
        (["analyse", "a", "--out", "b"], True, ("The result was written.",), "Interrupted. The result was written.\n"),
        (["parse", "a"], True, (), "Interrupted.\n"),
    ],
)
def test_what_is_not_known_is_not_said(
    words: list[str], loaded: bool, args: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ending.tell_interrupted(KeyboardInterrupt(*args), words, loaded=loaded) == 130
    assert capsys.readouterr().err == said


@POSIX
def test_a_second_request_to_end_does_not_disturb_the_first() -> None:
    with ending.ending_in_order():
        with pytest.raises(ending.Ended):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)


def test_where_standard_output_is_full_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(commands, "app", lambda **_: fail())
    done = run("--version")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"No room: the disk is full, or what standard output goes to.")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
def test_a_full_standard_output_is_no_traceback() -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "chatforensics", "--version"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(b"No room: the disk is full, or what standard output goes to.")
    assert len(done.stderr.splitlines()) == 1


@POSIX
@pytest.mark.slow
def test_interrupted_while_it_starts_there_is_no_traceback() -> None:
    script = (
        "import os, signal, sys\n"
        "class Loading:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'typer': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Loading())\n"
        "from chatforensics.cli import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, env=os.environ)
    assert (done.returncode, done.stderr) == (130, b"Interrupted. Nothing was written.\n")
