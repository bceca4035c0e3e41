"""What one run of the page knows: which cases it may open, where new ones go, and what is being computed."""

import asyncio
import hashlib
import re
import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from chatforensics.casefile import Case, is_case, list_originals, open_case
from chatforensics.casefile.desk import read_setting
from chatforensics.errors import CaseError
from chatforensics.web.jobs import Bench, Job
from chatforensics.web.scratch import make_scratch
from chatforensics.web.uploads import find_left

SIDE = ("verify", "restore")  # what does not touch a case, or may wait, has a process of its own
_SLUG = re.compile(r"[^a-z0-9]+")


class Desk:
    """The desk at which people sit with their browsers, one or several, at one case or several.

    Attributes:
        place: The folder in which new cases are made.
        start: The case that was named when the page was started.
        scratch: A folder for files that belong to no case; it goes when the page is stopped.
    """

    def __init__(self, *, place: Path, start: Path | None = None) -> None:
        """Take the place for new cases, and the case to begin with."""
        self.place = place
        self._folders: dict[str, Path] = {}
        self._bench, self._side = Bench(warm=True), Bench()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._taken_up: set[str] = set()
        self._opening = threading.Lock()
        self._running: list[asyncio.Task[None]] = []
        self.start = self.add_case(start) if start else None
        self.scratch = make_scratch()
        self.on_stop: Callable[[], None] = lambda: None

    # ------------------------------------------------------------------------------------------------ cases

    def add_case(self, folder: Path) -> str:
        """Make a case known to this run of the page, and return its name in addresses.

        Raises:
            CaseError: there is no case.
        """
        case = open_case(folder.resolve())
        slug = name_slug(case.folder)
        self._folders[slug] = case.folder
        return slug

    def open(self, slug: str) -> Case:
        """Open a case by its name in addresses.

        Raises:
            CaseError: no such case, or it cannot be opened.
        """
        if slug not in self._folders:
            self.list_cases()
        if slug not in self._folders:
            raise CaseError("This case is not open here.", hint="Open it from the start page.")
        return open_case(self._folders[slug])

    def list_cases(self) -> dict[str, Case]:
        """Return the cases that lie where new ones go, and those opened, by their names in addresses."""
        found = [path for path in sorted(self.place.glob("*")) if is_case(path)] if self.place.is_dir() else []
        for path in found:
            self._folders.setdefault(name_slug(path.resolve()), path.resolve())
        return {slug: case for slug, folder in [*self._folders.items()] if (case := _try(folder)) is not None}

    # ------------------------------------------------------------------------------------------------ jobs

    def submit(self, kind: str, slug: str, args: Mapping[str, object]) -> Job:
        """Have something computed; may be called from any thread."""
        job = Job(kind, slug, args)
        bench = self._side if kind in SIDE else self._bench
        if self._loop is not None:
            self._loop.call_soon_threadsafe(bench.submit, job)
        return job

    def take_up(self, slug: str, case: Case) -> None:
        """Go on with what was left when a page was stopped or broke down: what came in whole, and the analysis.

        It is done once for each case; calling it again costs nothing.
        """
        with self._opening:
            if slug in self._taken_up:
                return
            self._taken_up.add(slug)
        try:
            self._go_on(slug, case)
        except CaseError:  # busy: the next page that is asked for tries again
            self._taken_up.discard(slug)

    def _go_on(self, slug: str, case: Case) -> None:
        actor = read_setting(case, "actor") or "unknown"
        if left := find_left(case):
            self.submit("receive", slug, {"case": str(case.folder), "uploads": left, "actor": actor})
        if left or (list_originals(case) and not self.is_current(case)):
            self.analyse(slug, actor=actor)

    def analyse(self, slug: str, *, actor: str) -> Job:
        """Have a case analysed, after whatever else waits."""
        return self.submit("analyse", slug, {"case": str(self._folders[slug]), "actor": actor})

    def is_current(self, case: Case) -> bool:
        """Tell whether what the pages show rests on all that is in the case now."""
        from chatforensics.workflow.viewing import open_view

        view = open_view(case)
        return view is not None and view.is_current(case)

    def find_job(self, number: str) -> Job | None:
        """Return a job by its id."""
        return self._bench.jobs.get(number) or self._side.jobs.get(number)

    def latest_job(self, slug: str) -> Job | None:
        """Return what is computed of a case now, else what waits, else the last thing that was."""
        jobs = [job for job in [*self._bench.jobs.values()] if job.slug == slug and job.state != "stopped"]
        for state in ("running", "waiting"):
            if found := [job for job in jobs if job.state == state]:
                return found[0]
        return jobs[-1] if jobs else None

    # ------------------------------------------------------------------------------------------------ begin and end

    async def begin(self) -> None:
        """Start the processes."""
        self._loop = asyncio.get_running_loop()
        self._running = [asyncio.create_task(bench.run()) for bench in (self._bench, self._side)]

    def ask_to_stop(self) -> None:
        """Have the page stopped once this answer is on its way."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._loop.call_later, 0.3, self.on_stop)

    async def end(self) -> None:
        """Stop the processes, and remove what belongs to no case."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        shutil.rmtree(self.scratch, ignore_errors=True)


def name_slug(folder: Path) -> str:
    """Return the name of a case in addresses: its folder's, and enough of a hash that two are not mixed up."""
    words = _SLUG.sub("-", folder.name.casefold()).strip("-")[:40]
    return f"{words or 'case'}-{hashlib.sha256(str(folder).encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"


def _try(folder: Path) -> Case | None:
    try:
        return open_case(folder)
    except CaseError:
        return None
