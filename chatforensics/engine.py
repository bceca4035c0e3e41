"""Where work on many exports runs: in this process, or on the cores of this machine.

Results come in the order of the items whatever ends first, so that nothing depends on how many work.
"""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
_WAITING = 4  # items for each process that are handed over ahead
_THREADS = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class Engine(Protocol):
    """Something that calls a function on many items."""

    def map(
        self, function: Callable[[Item], Result], items: Sequence[Item], *, lost: Callable[[Item], Result]
    ) -> Iterator[Result]:
        """Yield what the function gives for each item, in order.

        Args:
            function: called on each item; with processes, it and the items must be of a module, to be sent there.
            items: what it is called on.
            lost: gives the result for an item that took its process down, each time it was tried.
        """


class Here:
    """Do everything in this process."""

    def map(
        self,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        *,
        lost: Callable[[Item], Result],  # noqa: ARG002 - what takes this process down leaves nobody to ask
    ) -> Iterator[Result]:
        """Call the function on one item after the other."""
        return map(function, items)


class Cores:
    """Do the work in processes of their own, each with one thread; a process that dies is replaced."""

    def __init__(self, n_jobs: int) -> None:
        """Use so many processes, which are started when there is work."""
        self.n_jobs = n_jobs

    def map(
        self, function: Callable[[Item], Result], items: Sequence[Item], *, lost: Callable[[Item], Result]
    ) -> Iterator[Result]:
        """Call the function on several items at a time.

        Which item took a process down cannot be seen from outside: those that were under way are tried once more, each
        in a process of its own.
        """
        done = 0
        while done < len(items):
            for result in self._run(function, items[done:], n_jobs=self.n_jobs):
                done += 1
                yield result
            for item in items[done : done + self.n_jobs * _WAITING]:  # none, unless a process died
                yield from list(self._run(function, [item], n_jobs=1)) or [lost(item)]
                done += 1

    def _run(self, function: Callable[[Item], Result], items: Sequence[Item], *, n_jobs: int) -> Iterator[Result]:
        """Yield results in order, until all are there or a process dies."""
        context = get_context("spawn")  # a copy of this process would hold locks of threads that it does not have
        pool = ProcessPoolExecutor(n_jobs, mp_context=context, initializer=_begin)
        waiting: deque[Future[Result]] = deque()
        left = iter(items)
        try:
            while True:
                for item in left:
                    waiting.append(pool.submit(function, item))
                    if len(waiting) >= n_jobs * _WAITING:
                        break
                if not waiting:
                    return
                yield waiting.popleft().result()
        except BrokenProcessPool:
            return
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    """Prepare a process: one thread each, as there are as many processes as cores, and Ctrl+C is for the first one."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in _THREADS:
        os.environ[name] = "1"


def _end_with_parent() -> None:
    """End this process when whoever started it is gone, killed for instance: nobody else would."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


HERE = Here()


def choose_engine(n_jobs: int | None) -> Engine:
    """Return what works on so many items at a time; without a number, as many as this process may use cores."""
    n_jobs = n_jobs if n_jobs is not None else _count_cores()
    return Cores(n_jobs) if n_jobs > 1 else HERE


def _count_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
