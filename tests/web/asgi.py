"""One request to an application without a server, for what a server would not let through."""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from web.apart import run_apart

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Told:
    """What an application answered."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(app: Callable[..., Awaitable[None]], method: str, path: str, *, headers: Headers = (), query: str = "") -> Told:
    """Send a request with exactly these headers."""
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": method, "path": path, "query_string": query.encode(), "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
    }  # fmt: skip
    run_apart(app(scope, receive, send))  # type: ignore[arg-type] # a coroutine, as all applications are
    start = sent[0]
    told = {key.decode(): value.decode() for key, value in start["headers"]}
    return Told(start["status"], told, b"".join(message.get("body", b"") for message in sent[1:]))
