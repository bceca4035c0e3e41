"""Listening: on 127.0.0.1, on a port of its own, until somebody stops it."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from chatforensics.errors import UsageError
from chatforensics.web.app import make_app
from chatforensics.web.desk import Desk
from chatforensics.web.guard import Guard, Keys

ADDRESS = "127.0.0.1"
_HEADER_S = 15.0  # to say what is asked for


class _Patient(H11Protocol):
    """Connections that end where nobody says for 15 s what is asked for, at first or after an answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as its parent has it
        super().connection_made(transport)
        self._wait_for_next()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._wait_for_next()

    def _wait_for_next(self) -> None:
        asyncio.get_running_loop().call_later(_HEADER_S, self._end_silent, self.cycle)

    def _end_silent(self, answered: object) -> None:
        if self.cycle is answered and not self.transport.is_closing():  # none before the first request
            self.transport.close()


def serve(*, place: Path, case: Path | None = None, port: int = 0, when_ready: Callable[[str], None]) -> None:
    """Serve the page until it is stopped, on this machine only.

    Args:
        place: the folder in which new cases are made.
        case: the case to begin with.
        port: which port; 0 takes a free one.
        when_ready: called with the address that opens the page, once, as soon as it answers.

    Raises:
        CaseError: there is no such case.
        UsageError: the port is taken.
    """
    with _listen(port) as listening:
        host = f"{ADDRESS}:{listening.getsockname()[1]}"
        keys = Keys()
        desk = Desk(place=place, start=case)
        config = uvicorn.Config(
            Guard(make_app(desk), keys=keys, host=host),
            http=_Patient, ws="none", loop="asyncio", log_level="warning", access_log=False, server_header=False,
            proxy_headers=False, timeout_keep_alive=int(_HEADER_S), timeout_graceful_shutdown=3,
        )  # fmt: skip
        address = f"http://{host}/?token={keys.token}"
        server = _Server(config, when_ready=lambda: when_ready(address))
        desk.on_stop = server.end
        with suppress(KeyboardInterrupt):  # the way to end it, and no fault
            server.run(sockets=[listening])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, *, when_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._when_ready = when_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._when_ready()

    def end(self) -> None:
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as its parent has it
        """End in order whichever signal asks for it, with no fault; a second one does not wait for open connections."""
        self.force_exit = self.should_exit
        self.end()


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.bind((ADDRESS, port))
    except (OSError, OverflowError) as error:
        listening.close()
        raise UsageError(f"--port: {port} cannot be used ({error}).", hint="Name another, or leave it out.") from error
    return listening
