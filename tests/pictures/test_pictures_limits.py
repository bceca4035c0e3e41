"""Programs run on strangers' bytes, under limits."""

import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from chatforensics.pictures import limits
from chatforensics.pictures.limits import Limits, NotDone, run_program

SOME = Limits(cpu_s=5, megabytes=512, answer_bytes=100_000)


def python(code: str, raw: bytes = b"", given: Limits = SOME) -> bytes | NotDone:
    return run_program([sys.executable, "-I", "-c", code], raw, limits=given)


def test_a_program_gets_its_bytes_and_its_answer_comes_back() -> None:
    code = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()[::-1])"
    assert python(code, b"abc") == b"cba"


def test_a_program_that_uses_up_its_processor_time_is_ended() -> None:
    started = time.monotonic()
    assert python("while True: pass", given=replace(SOME, cpu_s=1)) == NotDone(limits.TOO_SLOW)
    assert time.monotonic() - started < 30


def test_a_program_that_only_waits_is_ended_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_WALL", 1)
    assert python("import time; time.sleep(60)", given=replace(SOME, cpu_s=1)) == NotDone(limits.TOO_SLOW)


def test_a_program_that_asks_for_more_memory_than_allowed_fails() -> None:
    assert python("b'x' * 600_000_000") == NotDone(limits.FAILED)


def test_a_program_that_answers_without_end_is_ended() -> None:
    assert python("while True: print('x' * 1000)") == NotDone(limits.TOO_LONG)


def test_a_program_can_write_no_file(tmp_path: Path) -> None:
    target = tmp_path / "written"
    assert python(f"import os; os.write(os.open({str(target)!r}, os.O_CREAT | os.O_WRONLY), b'x')") == NotDone(
        limits.FAILED
    )
    assert target.stat().st_size == 0


def test_a_program_sees_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUR_SECRET", "yes")
    seen = python("import os; print('OUR_SECRET' in os.environ, os.environ['OMP_THREAD_LIMIT'])")
    assert seen == b"False 1\n"


def test_a_program_that_takes_no_input_does_not_hang_us() -> None:
    assert python("print(1)", b"x" * 5_000_000) == b"1\n"


def test_a_program_that_is_not_there_gives_a_reason() -> None:
    assert run_program(["/nowhere/reader"], b"", limits=SOME) == NotDone(limits.FAILED)


def test_a_program_killed_from_outside_gives_a_reason() -> None:
    assert python("import os; os.kill(os.getpid(), 9)") == NotDone(limits.FAILED)


def test_no_shell_reads_the_words_of_a_command() -> None:
    code = "import sys; print(sys.argv[1])"
    assert (
        run_program([sys.executable, "-I", "-c", code, "$(echo no); `id`"], b"", limits=SOME) == b"$(echo no); `id`\n"
    )
