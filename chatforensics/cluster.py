"""Where work on many exports runs: the nodes of a Ray cluster, or a Ray that is started on this machine.

Ray is an extra of this package. It is loaded, and a network used, only where somebody chose it.
"""

import os
import secrets
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, TypeVar

from chatforensics.casefile.program import describe_program
from chatforensics.errors import ChatForensicsError, MissingDependency, UsageError

Item = TypeVar("Item")
Result = TypeVar("Result")
_WAITING = 4  # items for each core that are handed over ahead: it bounds the results that wait in memory
_DEATHS = 2  # times that an item may end its process before it is given up
_MOVES = 10  # times that it is begun again because a node went: that is not its fault, but nodes may go because of it
_ASKED = 100  # files that each node is asked for, before there is work
_PATIENCE_S = 120.0  # for an answer of a node
_STORE_BYTES = 1024**3  # of memory for results on this machine; what is over that goes to a private folder meanwhile
_HERE = "127.0.0.1"
_SQUEEZE = 1  # the quickest level
_MAX_FOLDER = 40  # characters: Ray puts sockets below it, whose names may have about a hundred
_SAME_PROGRAM = "Install the same chatforensics[cluster] with the same Python and constraints.txt on every node."
_SHARED = "Put the exports on storage that all nodes share under the same path."
_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is reported to anybody
    "RAY_IGNORE_UNHANDLED_ERRORS": "1",  # the first error ends the run; those of items after it are not printed
}
_STARTED = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # in spite of its name: everywhere, listen on this machine's own address
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": secrets.token_hex(32),  # who else works on this machine must not use it
}
_CONNECTED = {"RAY_gcs_server_port_wait_time_s": "2", "RAY_py_gcs_connect_timeout_s": "5"}  # or it tries for minutes


class Crashed(Exception):
    """What a process did ended in the middle of a library that is not Python's."""


CRASHES = (MemoryError, Crashed)  # of these the one item is to blame, and others may still be done


def attempt(function: Callable[[Item], Result], item: Item) -> Result:
    """Call the function; a panic of a library becomes an error that can be sent to another process.

    Raises:
        Crashed: a library broke off.
    """
    try:
        return function(item)
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # every library made with PyO3 has one of its own
            raise Crashed(str(error)) from None
        raise


class Cluster:
    """Do the work on a Ray cluster, one thread for each item; a process or a node that dies is survived."""

    def __init__(self, *, address: str | None, n_jobs: int, environment: Mapping[str, str]) -> None:
        """Connect to a cluster, or start Ray on this machine; a Ray that this process uses already is used.

        Args:
            address: of the cluster's head, such as 10.0.0.1:6379; None starts Ray here, on this machine's own address.
            n_jobs: processes, where Ray is started here.
            environment: variables of the processes that work.

        Raises:
            MissingDependency: the extra `cluster` is not installed.
            UsageError: there is no cluster that can be used, or one of its nodes has another program.
        """
        self._folder: TemporaryDirectory[str] | None = None
        self._ray = _load_ray(_STARTED if address is None else _CONNECTED)
        self._is_ours = not self._ray.is_initialized()
        self.shares_disk = self._is_ours and address is None
        options = {"num_cpus": 1, "max_retries": 0, "runtime_env": {"env_vars": dict(environment)}}
        self._work = self._ray.remote(**options)(_work)
        try:
            if self._is_ours and address is None:
                self._start(n_jobs)
            elif self._is_ours:
                self._connect(str(address))
            self._ask_nodes([])
        except BaseException:
            self.close()
            raise

    def map(
        self, function: Callable[[Item], Result], items: Sequence[Item], *, lost: Callable[[Item], Result]
    ) -> Iterator[Result]:
        """Call the function on as many items at a time as there are cores; what dies with its process is tried anew."""
        sent = self._send(function)
        left = iter(items)
        waiting: deque[tuple[Item, Any]] = deque()
        try:
            while True:
                room = max(self._count_cores() * _WAITING - len(waiting), 0)
                waiting.extend((item, self._work.remote(sent, item)) for item in islice(left, room))
                if not waiting:
                    return
                yield self._wait_for(*waiting.popleft(), sent=sent, lost=lost)
        finally:
            for _, reference in waiting if self._ray.is_initialized() else ():
                self._ray.cancel(reference)

    def check_paths(self, paths: Sequence[Path]) -> None:
        """Ask each node for some of these files, evenly chosen; only here the answer is known without asking.

        Raises:
            UsageError: a node has no such file, or another one; the message says which.
        """
        if not self.shares_disk:
            chosen = paths[:: max(len(paths) // _ASKED, 1)]
            self._ask_nodes([(str(path), _size_of(path)) for path in chosen])

    def close(self) -> None:
        """Leave the cluster, or end the Ray that was started here and remove what it wrote."""
        if self._is_ours:
            self._ray.shutdown()
        if self._folder is not None:
            self._folder.cleanup()

    def _start(self, n_jobs: int) -> None:
        if self._ray.util.get_node_ip_address() != _HERE:
            hint = "Do not import Ray before, or start it yourself."
            raise ChatForensicsError("Ray would listen on the network, not only on this machine.", hint=hint)
        self._folder = TemporaryDirectory(prefix="cf-", dir=_short_folder(), ignore_cleanup_errors=True)
        self._ray.init(
            "local",
            num_cpus=n_jobs,
            object_store_memory=_STORE_BYTES,
            include_dashboard=False,
            log_to_driver=False,
            logging_level="ERROR",
            _temp_dir=str(Path(self._folder.name) / "r"),  # Ray opens it to everybody; the folder around it is private
        )

    def _connect(self, address: str) -> None:
        errors = (ConnectionError, RuntimeError, ValueError, self._ray.exceptions.RayError)
        try:
            self._ray.init(address, log_to_driver=False, logging_level="ERROR")
        except errors as error:
            said = " ".join(str(error).split())[:300]
            raise UsageError(
                f"--address {address}: no Ray cluster that can be used from here ({said}).",
                hint="Run this on a node of the cluster, after 'ray start'; docs/cluster.md has the commands.",
            ) from error

    def _wait_for(self, item: Item, reference: object, *, sent: object, lost: Callable[[Item], Result]) -> Result:
        """Return the result for an item, which is begun again where its process or its node went."""
        exceptions = self._ray.exceptions
        deaths = moves = 0
        while True:
            try:
                result: Result = self._ray.cloudpickle.loads(zlib.decompress(self._ray.get(reference)))
            except exceptions.RayTaskError as error:
                if not isinstance(error.cause, CRASHES):
                    raise error.cause from None
                deaths += 1
            except exceptions.WorkerCrashedError:
                deaths += 1
            except exceptions.RayError:  # the node went, or what it held, or it had no memory left
                moves += 1
            else:
                return result
            if deaths == _DEATHS or moves == _MOVES:
                return lost(item)
            reference = self._work.remote(sent, item)

    def _ask_nodes(self, files: Sequence[tuple[str, int]]) -> None:
        """Ask each node that works for its program and for these files.

        Raises:
            UsageError: one has others.
        """
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        question = self._send(partial(_list_missing, files))
        asked = {}
        for node in self._nodes():
            here = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            task = self._work.options(num_cpus=0, scheduling_strategy=here)
            asked[f"{node['NodeManagerHostname']} ({node['NodeManagerAddress']})"] = task.remote(question, None)
        for name, reference in asked.items():
            self._hear(name, reference)

    def _hear(self, name: str, reference: object) -> None:
        exceptions = self._ray.exceptions
        gone = (exceptions.NodeDiedError, exceptions.TaskUnschedulableError, exceptions.WorkerCrashedError)
        try:
            missing = self._ray.cloudpickle.loads(zlib.decompress(self._ray.get(reference, timeout=_PATIENCE_S)))
        except gone:  # since it was listed: it will do no work
            return
        except exceptions.RayError as error:
            cause = getattr(error, "cause", None) or error
            said = cause if isinstance(cause, ChatForensicsError) else str(cause).strip().splitlines()[-1][:300]
            raise UsageError(f"Node {name}: {said}", hint=_SAME_PROGRAM) from error
        if missing:
            raise UsageError(f"{missing[0]}: no such file on node {name}, or another one.", hint=_SHARED)

    def _send(self, function: Callable[[Any], Any]) -> object:
        """Put what is the same for all items where each node fetches it once."""
        return self._ray.put((function, describe_program(), str(Path.cwd())))

    def _nodes(self) -> list[dict[str, Any]]:
        return [node for node in self._ray.nodes() if node["Alive"] and node["Resources"].get("CPU")]

    def _count_cores(self) -> int:
        return max(int(sum(node["Resources"]["CPU"] for node in self._nodes())), 1)


def _load_ray(settings: Mapping[str, str]) -> Any:  # noqa: ANN401 - Ray is a module without types here
    """Load Ray, which reads its settings from the environment while it is loaded.

    Raises:
        MissingDependency: the extra `cluster` is not installed.
    """
    for name, value in _SETTINGS.items():
        os.environ[name] = value
    for name, value in settings.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError as error:
        hint = "Run: pip install 'chatforensics[cluster]'"
        raise MissingDependency("--engine ray: Ray is not installed.", hint=hint) from error
    return ray


def _work(sent: tuple[Callable[[Item], object], Mapping[str, object], str], item: Item) -> bytes:
    """Call the function on a node, in the folder of whoever asked, so that paths mean the same.

    What it gives is squeezed: tables take a sixth of the way over the network, for a tenth of the time of reading.

    Raises:
        UsageError: the program of this node is another one.
    """
    function, program, folder = sent
    if program != describe_program():
        differs = ", ".join(name for name, value in describe_program().items() if value != program.get(name))
        raise UsageError(f"its program is another one than the one that asks: {differs}.")
    if Path(folder).is_dir():
        os.chdir(folder)
    import ray

    return zlib.compress(ray.cloudpickle.dumps(attempt(function, item)), _SQUEEZE)


def _list_missing(files: Sequence[tuple[str, int]], _: object) -> list[str]:
    """Return which of these files are not on this node, or have another size here."""
    return [path for path, n_bytes in files if _size_of(Path(path)) != n_bytes]


def _size_of(path: Path) -> int:
    try:
        return 0 if path.is_dir() else path.stat().st_size
    except OSError:
        return -1


def _short_folder() -> str:
    return gettempdir() if len(gettempdir()) <= _MAX_FOLDER else "/tmp"  # noqa: S108 - a new private folder in it
