"""Have zips opened by a limited process of its own: whatever a stranger's bytes do to the reader ends there.

The process is `unpacker`; it starts on first use and ends with this program. Where the system cannot do this (Windows),
zips are opened in this process, under the same limits of size. What comes back is data: its types are checked, and the
hash of the zip itself is taken here. A reader that was taken over could still tell untruths about its own zip.
"""

import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from importlib import util
from pathlib import Path
from typing import BinaryIO, TypeAlias

from chatforensics.errors import UnreadableExport
from chatforensics.intake import archives, directory, frames
from chatforensics.intake.archives import Listed, Unpacked
from chatforensics.intake.content import keep, lend

# Within the limits of size, the worst zip asks for the unpacking and hashing of 20 GiB: two minutes on a common
# machine. A machine that is ten times as slow gets its time too, else a file sent into a chat could make everybody's
# exports unreadable.
CPU_S = 1_800
WAIT_S = 2 * CPU_S  # for the next part of an answer: the machine may have other work
MEGABYTES = 1_024  # twice what the largest directory that is read asks for
APART = hasattr(os, "fork") and hasattr(socket, "send_fds") and util.find_spec("resource") is not None
_SCRIPT = Path(__file__).with_name("unpacker.py")
_ARCHIVES = ("MAX_TEXT_BYTES", "MAX_TOTAL_BYTES", "MAX_RATIO", "RATIO_FLOOR")
_DIRECTORY = ("MAX_MEMBERS", "MAX_DIRECTORY_BYTES")
_Frame: TypeAlias = tuple[bytes, bytes]


class _Server:
    """The process that opens zips, and our end of the line to it."""

    def __init__(self) -> None:
        self.control, theirs = socket.socketpair()
        with theirs, ExitStack() as undone:
            undone.callback(self.control.close)
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and script; no shell
                [sys.executable, "-I", "-S", str(_SCRIPT)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                start_new_session=True,  # Ctrl-C is for the program; the server ends when its line is closed
            )
            undone.pop_all()

    def end(self) -> None:
        """End the server and whatever works for it: it leads a group of processes, and no other program is in it."""
        self.control.close()
        with suppress(OSError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


_servers: list[_Server] = []
_lock = threading.Lock()


def unpack(file: BinaryIO, *, name: str, member: str | None = None, hash_attachments: bool = True) -> Unpacked:
    """Read the chat text of a zip and list its other files, in a limited process; see `archives.read_zip`.

    Raises:
        UnreadableExport: also where the process used up its time or memory, or failed.
    """
    if not APART:
        return archives.read_zip(file, name=name, member=member, hash_attachments=hash_attachments)
    options = {"name": name, "member": member, "hash_attachments": hash_attachments}
    with _ask(file, {"task": "unpack", "options": options}, name=name) as answers:
        content = keep(_take_pieces(answers, name=name))
        with _held_to_its_form(name):
            return replace(frames.build(Unpacked, frames.read_json(next(answers)[1])), content=content)


def _take_pieces(answers: Iterator[_Frame], *, name: str) -> Iterator[bytes]:
    size = 0
    for kind, piece in answers:
        size += len(piece)
        if kind == frames.WHOLE:
            return
        if size > archives.MAX_TEXT_BYTES:
            raise _not_within(name)
        yield piece


def find_wanted(
    file: BinaryIO, wanted: Mapping[str, str], *, name: str, most_bytes: int
) -> Iterator[tuple[str, bytes | str]]:
    """Yield the wanted files of a zip, unpacked by a limited process; see `archives.find_wanted`."""
    if not APART:
        yield from archives.find_wanted(file, wanted, name=name, most_bytes=most_bytes)
        return
    options = {"wanted": dict(wanted), "name": name, "most_bytes": most_bytes}
    with _ask(file, {"task": "find", "options": options}, name=name) as answers:
        for kind, payload in answers:
            if kind == frames.RESULT:
                return
            with _held_to_its_form(name):
                sha256, unread = frames.build(tuple[str | None, ...], frames.read_json(payload))
                content = next(answers)[1]
            yield str(sha256), content if unread is None else unread


def read_members(
    file: BinaryIO, *, name: str, check: Callable[[Sequence[Listed]], None], most_files: int
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield every file of a zip, name and bytes, unpacked by a limited process; each is to be read to its end.

    Args:
        file: the zip, a file on the disk.
        name: its name, for messages.
        check: given all that the zip lists before a byte is unpacked; it refuses by an error of its own.
        most_files: more than so many are refused.

    Raises:
        UnreadableExport: not a readable zip, over a limit, or not what the zip states.
    """
    if not APART:
        members = archives.list_members(file, name=name)
        check(archives.view(members))
        yield from ((member.name, archives.read_whole(file, member, name=name)) for member in members)
        return
    task = {"task": "all", "options": {"name": name}}
    with _ask(file, task, name=name, directory_limits={"MAX_MEMBERS": most_files}) as answers:
        with _held_to_its_form(name):
            listed = frames.build(tuple[Listed, ...], frames.read_json(next(answers)[1]))
        check(listed)
        for each in listed:
            yield each.name, _take_listed(answers, each, name=name)


def _take_listed(answers: Iterator[_Frame], listed: Listed, *, name: str) -> Iterator[bytes]:
    size = 0
    for kind, piece in answers:
        size += len(piece)
        if kind == frames.WHOLE and size == listed.size_bytes:
            return
        if kind != frames.PIECE or size > listed.size_bytes:
            raise _not_within(name)
        yield piece


@contextmanager
def _ask(
    file: BinaryIO, task: Mapping[str, object], *, name: str, directory_limits: Mapping[str, int] | None = None
) -> Iterator[Iterator[_Frame]]:
    """Hand the file over and yield the answers; who leaves early ends the work, for nobody listens any more."""
    request = {
        **task,
        "seconds": CPU_S,
        "megabytes": MEGABYTES,
        "archives": {limit: getattr(archives, limit) for limit in _ARCHIVES},
        "directory": {**{limit: getattr(directory, limit) for limit in _DIRECTORY}, **(directory_limits or {})},
    }
    ours, theirs = socket.socketpair()
    with ours, ours.makefile("rb") as stream:
        with theirs, lend(file) as evidence:
            _hand_over((theirs.fileno(), evidence), name=name)
        ours.settimeout(WAIT_S)
        yield _answers(ours, stream, request, name=name)


def _answers(ours: socket.socket, stream: BinaryIO, request: object, *, name: str) -> Iterator[_Frame]:
    kind, payload = b"", b""
    try:
        frames.send(ours, frames.REQUEST, frames.write_json(request))
        while kind not in (frames.RESULT, frames.REFUSED):
            kind, payload = frames.receive(stream)
            if kind != frames.REFUSED:
                yield kind, payload
    except TimeoutError as error:  # it neither answers nor ends: end it, and with it all that works beside it
        _end_servers()
        raise _not_within(name) from error
    except (OSError, ValueError) as error:
        raise _not_within(name) from error
    if kind == frames.REFUSED:
        with _held_to_its_form(name):
            message, hint = frames.build(tuple[str, ...], frames.read_json(payload))
        raise UnreadableExport(message, hint=hint)


@contextmanager
def _held_to_its_form(name: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError, StopIteration, RecursionError) as error:
        raise _not_within(name) from error


def _not_within(name: str) -> UnreadableExport:
    return UnreadableExport(
        f"{name}: the zip could not be unpacked within the limits of memory and time.",
        hint="It may be damaged or made to harm; export the chat again.",
    )


def _hand_over(descriptors: Sequence[int], *, name: str) -> None:
    with _lock:
        for _ in range(2):  # a server that somebody ended is replaced once
            try:
                if not _servers:
                    _servers.append(_Server())
                socket.send_fds(_servers[0].control, [b"z"], descriptors)
            except OSError:
                _end_all()
            else:
                return
    raise UnreadableExport(
        f"{name}: the process that opens zips could not be started.", hint="Is there memory, and room for a process?"
    )


def _end_servers() -> None:
    with _lock:
        _end_all()


def _end_all() -> None:
    while _servers:
        _servers.pop().end()


def _forget_servers() -> None:
    """Leave the server to the program that started it: this is a copy of that program, made by `fork`."""
    for server in _servers:
        server.control.close()
        server.process.returncode = 0  # not ours to wait for
    _servers.clear()


atexit.register(_end_servers)
if APART:
    os.register_at_fork(after_in_child=_forget_servers)
