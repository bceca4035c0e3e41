"""The page as a process: it listens on this machine only, and when it is stopped, nothing of it is left."""

import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, cast

import pytest
import uvicorn
from web.knocking import wait_until
from web.serving import Served, serving

from chatforensics.errors import UsageError
from chatforensics.web import server
from chatforensics.web.desk import name_slug
from chatforensics.web.server import _listen

LINUX = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs /proc")


# ---------------------------------------------------------------------------------------------------- without a process


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("Ward 7", "ward-7"),
        ("../..", "case"),
        ("<script>", "script"),
        ("ولايت", "case"),
        ("x" * 300, "x" * 40),
    ],
)
def test_a_cases_name_in_addresses_has_small_letters_digits_and_hyphens_only(folder: str, words: str) -> None:
    assert name_slug(Path("/cases") / folder).rpartition("-")[0] == words


def test_two_cases_of_one_name_are_not_mixed_up() -> None:
    assert name_slug(Path("/a/ward")) != name_slug(Path("/b/ward"))
    assert name_slug(Path("/a/ward")) == name_slug(Path("/a/ward"))


def test_a_port_that_is_taken_is_told_in_words() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        with pytest.raises(UsageError, match=f"--port: {port} cannot be used"):
            _listen(port)


def test_it_is_bound_to_this_machine_only() -> None:
    with closing(_listen(0)) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"


async def _say_hello(scope: dict[str, object], _receive: object, send: Callable[..., Awaitable[None]]) -> None:
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture(scope="module")
def impatient() -> Iterator[int]:
    """Serve a small page that waits for 0.3 s only, and return its port."""
    listening = server._listen(0)
    app = cast("Any", _say_hello)
    config = uvicorn.Config(app, http=server._Patient, ws="none", loop="asyncio", lifespan="off", log_level="warning")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, args=([listening],))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "_HEADER_S", 0.3)
        thread.start()
        wait_until(lambda: running.started)
        yield listening.getsockname()[1]
        running.should_exit = True
        thread.join(10)


HELLO = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    ("words", "n_answers"),
    [
        (b"", 0),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", 0),
        (HELLO, 1),
        (HELLO + b"GET / HTTP/1.1\r\n", 1),
        (b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000000\r\n\r\nxxx", 1),
    ],
    ids=["nothing", "half a head", "one request", "half a second one", "a body that nobody asked for"],
)
def test_a_connection_on_which_no_request_comes_is_ended(impatient: int, words: bytes, n_answers: int) -> None:
    with socket.create_connection(("127.0.0.1", impatient), timeout=5) as connection:
        connection.sendall(words)
        told = b""
        while piece := connection.recv(4096):
            told += piece
    assert told.count(b"HTTP/1.1 200") == n_answers


def test_a_connection_in_use_stays(impatient: int) -> None:
    with socket.create_connection(("127.0.0.1", impatient), timeout=5) as connection:
        for _ in range(6):
            connection.sendall(HELLO)
            told = b""
            while not told.endswith(b"ok"):
                told += connection.recv(4096)
            time.sleep(0.1)


# ---------------------------------------------------------------------------------------------------- a process


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which the page keeps what belongs to no case."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def list_children(parent: int) -> list[int]:
    """Return the processes that a process started, and those that they started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            _, _, rest = path.read_text().rpartition(")")
            if int(rest.split()[1]) == parent:
                found += [int(path.parent.name), *list_children(int(path.parent.name))]
    return found


def list_listening(process: int) -> list[str]:
    """Return the addresses on which a process and those that it started listen, as the system's table has them."""
    numbers = set()
    for each in [process, *list_children(process)]:
        for path in Path(f"/proc/{each}/fd").iterdir():
            with suppress(OSError):
                numbers.add(str(path.readlink()))
    rows = [
        line.split()
        for table in ("tcp", "tcp6", "udp", "udp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    ]
    mine = [row for row in rows if f"socket:[{row[9]}]" in numbers]
    return [row[1] for row in mine if row[3] == "0A" or row[2].endswith(":0000")]


def name_address(port: int) -> str:
    return f"{struct.unpack('<I', socket.inet_aton('127.0.0.1'))[0]:08X}:{port:04X}"


@LINUX
@pytest.mark.slow
def test_nothing_is_listened_to_but_one_port_of_this_machine_and_at_its_other_addresses_nobody_answers(
    tmp_path: Path,
) -> None:
    with serving("--place", tmp_path) as served:
        wait_until(lambda: list_children(served.process.pid))
        assert list_listening(served.process.pid) == [name_address(served.port)]
        for address in list_own_addresses():
            with pytest.raises(OSError):  # noqa: PT011 - refused, unreachable or unknown: it depends on the system
                socket.create_connection((address, served.port), timeout=2).close()


def list_own_addresses() -> Iterator[str]:
    with suppress(OSError):
        for found in socket.getaddrinfo(socket.gethostname(), None):
            if not str(found[4][0]).startswith(("127.0.0.1", "::ffff")):
                yield str(found[4][0])
    yield from ("127.0.0.2", "::1")


def _press_button(served: Served) -> None:
    assert served.ask("POST", "/stop", body={}).status == 200


def _interrupt(served: Served) -> None:
    served.process.send_signal(signal.SIGINT)


def _terminate(served: Served) -> None:
    served.process.send_signal(signal.SIGTERM)


@LINUX
@pytest.mark.slow
@pytest.mark.parametrize("stop", [_press_button, _interrupt, _terminate])
def test_it_stops_in_order_and_leaves_no_process_and_no_file(
    tmp_path: Path, temporary: Path, stop: Callable[[Served], None]
) -> None:
    with serving("--place", tmp_path / "cases") as served:
        wait_until(lambda: list_children(served.process.pid))
        children = list_children(served.process.pid)
        assert len(list(temporary.iterdir())) == 1
        stop(served)
        assert served.process.wait(15) == 0
        wait_until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))
        assert list(temporary.iterdir()) == []


@pytest.mark.slow
def test_a_connection_that_says_nothing_does_not_keep_it_from_stopping(tmp_path: Path) -> None:
    with serving("--place", tmp_path) as served, socket.create_connection(("127.0.0.1", served.port)) as silent:
        silent.sendall(b"GET / HTTP/1.1\r\nHost: ")
        _interrupt(served)
        assert served.process.wait(10) == 0


@LINUX
@pytest.mark.slow
def test_killed_it_takes_its_processes_with_it_and_the_next_one_removes_what_it_left(
    tmp_path: Path, temporary: Path
) -> None:
    with serving("--place", tmp_path / "cases") as served:
        wait_until(lambda: list_children(served.process.pid))
        children = list_children(served.process.pid)
        served.kill()
        wait_until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))
    (left,) = temporary.iterdir()
    with serving("--place", tmp_path / "cases"):
        assert not left.exists()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["taken port", "no case"])
def test_what_cannot_be_served_is_told_and_nothing_is_left(tmp_path: Path, temporary: Path, how: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = str(other.getsockname()[1])
        words = ["--port", port] if how == "taken port" else [str(tmp_path / "nowhere")]
        command = [sys.executable, "-m", "chatforensics", "serve", "--no-browser", *words]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == (2 if how == "taken port" else 1)
    assert "Traceback" not in ended.stderr
    assert (port in ended.stderr) or ("nowhere" in ended.stderr)
    assert list(temporary.iterdir()) == []


@pytest.mark.slow
def test_the_token_works_once_and_the_next_run_has_another(tmp_path: Path) -> None:
    with serving("--place", tmp_path) as served:
        assert served.ask("GET", "/").status == 200
        again = served.ask_raw("GET", f"/?token={served.token}")
        assert (again.status, served.root.strip("/") in again.text) == (403, False)
        with serving("--place", tmp_path) as other:
            assert (other.token, other.root, other.port) != (served.token, served.root, served.port)
            assert other.ask_raw("GET", f"{served.root}/").status == 403
