"""Requests as nobody's browser sends them: bytes on a socket, many at once, and slowly."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from web.serving import Served


def shout(served: Served, words: bytes, *, ends: bool = True, wait_s: float = 10) -> bytes:
    """Send bytes, say that this was all or keep listening, and return what is answered until the connection ends."""
    told = b""
    with socket.create_connection(("127.0.0.1", served.port), timeout=wait_s) as connection:
        try:
            connection.sendall(words)
            if ends:
                connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                told += piece
        except OSError:
            pass  # ended by the page in the middle of what we said
    return told


def get_raw(served: Served, target: str, *, method: str = "GET", host: str | None = None) -> tuple[int, bytes]:
    """Ask for exactly this target, as no client would let through, and return the status and the whole answer."""
    head = f"{method} {target} HTTP/1.1\r\nHost: {host or served.host}\r\nConnection: close\r\n"
    told = shout(served, f"{head}Origin: http://{served.host}\r\n\r\n".encode("utf-8", "surrogatepass"), ends=False)
    return int(told.split(b" ", 2)[1]) if told else 0, told


@contextmanager
def dawdling(served: Served, words: bytes, n: int) -> Iterator[list[socket.socket]]:
    """Keep connections open on which only these words were said."""
    with ExitStack() as stack:
        connections = []
        for _ in range(n):
            connections.append(stack.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=30)))
            connections[-1].sendall(words)
        yield connections


def time_of(served: Served, path: str) -> float:
    """Return how long one request takes, in seconds."""
    begun = time.monotonic()
    assert served.ask("GET", path).status == 200
    return time.monotonic() - begun


def wait_until(holds: Callable[[], object], *, seconds: float = 15) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)
