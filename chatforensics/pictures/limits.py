"""Run a program on a stranger's bytes: in a process of its own, under limits, with no shell and no environment."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import IO, cast

CHILD = str(Path(__file__).with_name("child.py"))
TOO_SLOW = "it took longer than the limit of time"
TOO_LONG = "its result is over the limit of size"
FAILED = "the program that reads it failed"
_CHUNK = 1024 * 1024
_CPU_SIGNAL = int(getattr(signal, "SIGXCPU", 0))  # what ends a process that used up its processor time
_WALL = 4  # times the processor time: the machine may have other work


@dataclass(frozen=True)
class Limits:
    """What a process may use: processor time in seconds (and four times that by the clock), memory, and its answer."""

    cpu_s: int
    megabytes: int
    answer_bytes: int


@dataclass(frozen=True)
class NotDone:
    """Why a program gave no result, in plain words."""

    reason: str


def decode_in_child(raw: bytes, *, task: str, limits: Limits) -> bytes | NotDone:
    """Let a process of its own decode a picture; see `child`."""
    return _run([sys.executable, "-I", CHILD, *_words(limits), task], raw, limits)


def run_program(command: Sequence[str], raw: bytes, *, limits: Limits) -> bytes | NotDone:
    """Run a program on bytes given on standard input and return what it prints.

    Limits of processor time and memory hold where the system has them (not on Windows); those of the clock and of the
    answer hold everywhere.
    """
    if util.find_spec("resource") is None:
        return _run(command, raw, limits)
    # A wrapper sets the limits: between fork and exec, a process with many threads may run no Python safely.
    return _run([sys.executable, "-I", "-S", CHILD, *_words(limits), "run", *command], raw, limits)


def _words(limits: Limits) -> tuple[str, str]:
    return str(limits.cpu_s), str(limits.megabytes)


def _run(command: Sequence[str], raw: bytes, limits: Limits) -> bytes | NotDone:
    environment = {"OMP_THREAD_LIMIT": "1", "LC_ALL": "C"}
    environment |= {name: os.environ[name] for name in ("TESSDATA_PREFIX", "SYSTEMROOT") if name in os.environ}
    try:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and script, or the reader that was found; no shell
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
    except OSError:
        return NotDone(FAILED)
    late = threading.Event()
    timer = threading.Timer(_WALL * limits.cpu_s, _end, args=(process, late))
    writer = threading.Thread(target=_write, args=(process.stdin, raw), daemon=True)
    timer.start()
    writer.start()
    try:
        answer = _read(cast("IO[bytes]", process.stdout), most=limits.answer_bytes)
        if answer is None:
            process.kill()
        code = process.wait()
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        timer.cancel()
        writer.join()
    if late.is_set() or (code and code == -_CPU_SIGNAL):
        return NotDone(TOO_SLOW)
    if answer is None:
        return NotDone(TOO_LONG)
    return NotDone(FAILED) if code else answer


def _end(process: "subprocess.Popen[bytes]", late: threading.Event) -> None:
    late.set()
    process.kill()


def _write(file: IO[bytes], raw: bytes) -> None:
    with suppress(OSError), file:  # a program that stops early closes its end
        file.write(raw)


def _read(file: IO[bytes], *, most: int) -> bytes | None:
    """Return all that the process prints; none where it is more than allowed."""
    parts, size = [], 0
    with file:
        while chunk := file.read(_CHUNK):
            parts.append(chunk)
            size += len(chunk)
            if size > most:
                return None
    return b"".join(parts)
