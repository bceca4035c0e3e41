"""Where work on many exports runs: in this process, on the cores of this machine, or on a Ray cluster.

Results come in the order of the items whatever ends first, so that nothing depends on how many work.
"""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from typing import Protocol, TypeVar

from chatforensics.cluster import CRASHES, attempt
from chatforensics.errors import UsageError

Item = TypeVar("Item")
Result = TypeVar("Result")
NAMES = ("local", "ray")
_WAITING = 4  # items for each process that are handed over ahead
_LOST = (BrokenProcessPool, *CRASHES)
_ONE_THREAD = dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


class Engine(Protocol):
    """Something that calls a function on many items; `with contextlib.closing(engine):` ends its processes."""

    @property
    def shares_disk(self) -> bool:
        """Can a file that one item's work wrote be read here, and by the work on the others?"""

    def map(
        self, function: Callable[[Item], Result], items: Sequence[Item], *, lost: Callable[[Item], Result]
    ) -> Iterator[Result]:
        """Yield what the function gives for each item, in order.

        Args:
            function: called on each item; with processes, it and the items must be of a module, to be sent there.
            items: what it is called on.
            lost: gives the result for an item that took its process down, or found no memory, each time it was tried.
        """

    def check_paths(self, paths: Sequence[Path]) -> None:
        """Refuse files that can be read here and not where the work is done.

        Raises:
            UsageError: the message says which file, and where.
        """

    def close(self) -> None:
        """End what was started; processes that are needed later are started anew."""


class Here:
    """Do everything in this process."""

    shares_disk = True

    def map(
        self,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        *,
        lost: Callable[[Item], Result],
    ) -> Iterator[Result]:
        """Call the function on one item after the other; one for which there is no memory is lost."""
        for item in items:
            try:
                result = attempt(function, item)
            except CRASHES:
                result = lost(item)
            yield result

    def check_paths(self, paths: Sequence[Path]) -> None:
        """Do nothing: what is read here is read here."""

    def close(self) -> None:
        """Do nothing."""


class Cores:
    """Do the work in processes of their own, each with one thread; a process that dies is replaced."""

    shares_disk = True

    def __init__(self, n_jobs: int) -> None:
        """Use so many processes, which are started when there is work and stay until `close`."""
        self.n_jobs = n_jobs
        self._pool: ProcessPoolExecutor | None = None

    def map(
        self, function: Callable[[Item], Result], items: Sequence[Item], *, lost: Callable[[Item], Result]
    ) -> Iterator[Result]:
        """Call the function on several items at a time.

        Which item took a process down cannot be seen from outside: those that were under way are tried once more, each
        in a process of its own, where it may have the memory that others took.
        """
        done = 0
        while done < len(items):
            for result in self._run(function, items[done:]):
                done += 1
                yield result
            for item in items[done : done + self.n_jobs * _WAITING]:  # none, unless a process died
                yield _try_alone(function, item, lost)
                done += 1

    def check_paths(self, paths: Sequence[Path]) -> None:
        """Do nothing: what is read here is read here."""

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _run(self, function: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
        """Yield results in order, until all are there or a process dies."""
        self._pool = pool = self._pool or _start_pool(self.n_jobs)
        waiting: deque[Future[Result]] = deque()
        left = iter(items)
        try:
            while True:
                room = self.n_jobs * _WAITING - len(waiting)
                waiting.extend(pool.submit(attempt, function, item) for item in islice(left, room))
                if not waiting:
                    return
                yield waiting.popleft().result()
        except _LOST:
            if self._pool is pool:  # and no new one, which `lost` may have asked for
                self.close()
        finally:
            for future in waiting:
                future.cancel()


def _try_alone(function: Callable[[Item], Result], item: Item, lost: Callable[[Item], Result]) -> Result:
    try:
        with _start_pool(1) as pool:
            return pool.submit(attempt, function, item).result()
    except _LOST:
        return lost(item)


def _start_pool(n_jobs: int) -> ProcessPoolExecutor:
    context = get_context("spawn")  # a copy of this process would hold locks of threads that it does not have
    return ProcessPoolExecutor(n_jobs, mp_context=context, initializer=_begin)


def _begin() -> None:
    """Prepare a process: one thread each, as there are as many processes as cores, and Ctrl+C is for the first one."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(_ONE_THREAD)


def _end_with_parent() -> None:
    """End this process when whoever started it is gone, killed for instance: nobody else would."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


HERE = Here()


def choose_engine(n_jobs: int | None, name: str = "local", address: str | None = None) -> Engine:
    """Return what works on many items at a time; close it when all is done.

    Args:
        n_jobs: processes on this machine; None takes as many as this process may use cores.
        name: one of `NAMES`: local for this machine, ray for a Ray cluster.
        address: of the head of a running cluster, such as 10.0.0.1:6379; without it Ray is started on this machine.

    Raises:
        UsageError: one of these does not go with another, or there is no such cluster.
        MissingDependency: the extra `cluster` is not installed.
    """
    if name not in NAMES:
        raise UsageError(f"--engine: '{name}' is not offered.", hint=f"Use {' or '.join(NAMES)}.")
    if address is not None and name != "ray":
        raise UsageError("--address is of a Ray cluster.", hint="Add --engine ray.")
    if address is not None and n_jobs is not None:
        raise UsageError("--jobs and --address: a cluster uses all cores of its nodes.", hint="Leave --jobs out.")
    n_jobs = n_jobs if n_jobs is not None else _count_cores()
    if name == "ray":
        from chatforensics.cluster import Cluster

        return Cluster(address=address, n_jobs=n_jobs, environment=_ONE_THREAD)
    return Cores(n_jobs) if n_jobs > 1 else HERE


def _count_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
