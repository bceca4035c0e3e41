"""What is being computed for the page, one job after another, each in a process of its own kind."""

import asyncio
import json
import os
import secrets
import signal
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from chatforensics.web.worker import WARM

_GONE = (
    "The process that did this ended unexpectedly, perhaps for want of memory. Nothing was lost; it can be tried again."
)
_NOT_STARTED = "The process that does this could not be started. Nothing was lost; it can be tried again."
_LINE = 64 * 1024**2  # bytes of one answer at most
_KEPT = 200
WORKER = (sys.executable, "-m", "chatforensics.web.worker")


@dataclass
class Job:
    """One thing to be computed, and how it goes; `state` is waiting, running, done, failed or stopped."""

    kind: str
    slug: str
    args: Mapping[str, object]
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    state: str = "waiting"
    stage: str = ""
    done: int = 0
    total: int = 0
    result: Mapping[str, object] = field(default_factory=dict)
    error: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in ("done", "failed", "stopped")

    def describe(self) -> dict[str, object]:
        """Return it as the page is told of it."""
        names = ("id", "kind", "state", "stage", "done", "total", "result", "error")
        return {name: getattr(self, name) for name in names}


class Bench:
    """A process that does one job after another; an analysis gives way to anything else, and is taken up again after.

    Attributes:
        jobs: All jobs by their ids, the latest 200.
    """

    def __init__(self, *, command: Sequence[str] = WORKER, warm: bool = False) -> None:
        """Start nothing yet; `command` starts the process, `warm` has it start, and load, before there is a job."""
        self._command = (*command, WARM) if warm else command
        self._warm = warm
        self.jobs: dict[str, Job] = {}
        self._waiting: deque[Job] = deque()
        self._more = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._killed: asyncio.subprocess.Process | None = None
        self._current: Job | None = None

    def submit(self, job: Job) -> None:
        """Take a job; one analysis of a case that waits is enough."""
        self.jobs[job.id] = job
        if job.kind == "analyse":
            self._drop_waiting(job.slug)
        over = [each.id for each in self.jobs.values() if each.is_over]
        for number in over[: max(len(self.jobs) - _KEPT, 0)]:
            del self.jobs[number]
        self._waiting.append(job)
        current = self._current
        if current is not None and current.kind == "analyse" and (job.kind != "analyse" or job.slug == current.slug):
            self._interrupt(current, again=job.kind != "analyse")
        self._more.set()

    def _drop_waiting(self, slug: str) -> None:
        for job in [job for job in self._waiting if job.kind == "analyse" and job.slug == slug]:
            self._waiting.remove(job)
            job.state = "stopped"

    def _interrupt(self, current: Job, *, again: bool) -> None:
        current.state = "stopped"
        self._kill()
        if again and not any(job.kind == "analyse" and job.slug == current.slug for job in self._waiting):
            job = Job("analyse", current.slug, current.args)
            self.jobs[job.id] = job
            self._waiting.append(job)

    async def run(self) -> None:
        """Do the jobs as they come, until this is cancelled."""
        try:
            if self._warm:
                with suppress(OSError):  # then the first job says so
                    await self._start()
            while True:
                while not self._waiting:
                    self._more.clear()
                    await self._more.wait()
                self._current = next((job for job in self._waiting if job.kind != "analyse"), self._waiting[0])
                self._waiting.remove(self._current)
                await self._do(self._current)
                self._current = None
        finally:
            self._kill()
            await self._bury()

    async def _do(self, job: Job) -> None:
        try:
            process = await self._start()
        except OSError as error:  # too many open files, or no memory: the next job may have more luck
            job.state, job.error = "failed", f"{_NOT_STARTED} ({error.strerror or error})"
            return
        if job.is_over:  # it was interrupted while the process was started
            return
        job.state = "running"
        request = {"kind": job.kind, "args": dict(job.args)}
        with suppress(OSError):  # then nothing comes back, either
            process.stdin.write(json.dumps(request).encode() + b"\n")  # type: ignore[union-attr] # it is a pipe
            await process.stdin.drain()  # type: ignore[union-attr]
        while not job.is_over:
            line = await _read_line(process)
            if not _note(job, line):
                self._kill()
                if not job.is_over:
                    job.state, job.error = "failed", _GONE

    async def _start(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            await self._bury()
            pipe = asyncio.subprocess.PIPE
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=pipe, stdout=pipe, limit=_LINE, start_new_session=True
            )
        return self._process

    async def _bury(self) -> None:
        """Wait for the end of a process that was killed: two must not work on one case."""
        if self._killed is not None:
            await self._killed.wait()
            self._killed = None

    def _kill(self) -> None:
        """End the process with all that it started: what it worked on is whole at any moment."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        self._killed = process  # it takes a moment, and must not be given more to do
        with suppress(ProcessLookupError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)


async def _read_line(process: asyncio.subprocess.Process) -> bytes:
    try:
        return await process.stdout.readline()  # type: ignore[union-attr] # it is a pipe
    except ValueError:  # no end of the line in sight
        return b""


def _note(job: Job, line: bytes) -> bool:
    """Note what a process says of a job; tell whether it makes sense."""
    if job.is_over:
        return True
    try:
        told = json.loads(line)
        if "error" in told:
            job.state, job.error = "failed", str(told["error"])
        elif "result" in told:
            job.state, job.result = "done", dict(told["result"])
        else:
            job.stage, job.done, job.total = str(told["stage"]), int(told["done"]), int(told["total"])
    except (ValueError, TypeError, LookupError, RecursionError):
        return False
    return True
