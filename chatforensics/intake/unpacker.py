"""What opens zips: a process without threads, environment or folder, which forks a limited one for each zip.

Run as a script, never imported by the package: `unpacker.py` with a socket as standard input. It loads the standard
library and this folder only. Each message brings two open files: a socket to answer on, and the evidence. The process
reads neither; its child does, under limits of memory and processor time, and cannot open anything more: no file, no
connection. Whatever a stranger's bytes do to the reader ends with that child.
"""

import gc
import io
import os
import signal
import socket
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NoReturn


def main() -> NoReturn:
    """Fork a limited child for each zip until the program at the other end of the socket is gone."""
    control = socket.socket(fileno=0)
    _leave_all_folders()
    _warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children: a broken line tells of a death
    while True:
        mark, opened, _, _ = socket.recv_fds(control, 1, 2)
        if not mark:  # the program ended, perhaps by force: nothing of ours may stay behind
            os.killpg(os.getpid(), signal.SIGKILL)
        with suppress(OSError):  # no process to be had: the program sees the line closed, and says so
            if os.fork() == 0:
                _serve(control, *opened)
        for descriptor in opened:
            os.close(descriptor)


def _leave_all_folders() -> None:
    """Work in an empty folder that is removed already, where nothing can be made."""
    with suppress(OSError):
        folder = tempfile.mkdtemp()
        os.chdir(folder)
        Path(folder).rmdir()


def _warm_up() -> None:
    """Read a small zip: all that reading loads on first use must be there before no file can be opened any more."""
    import resource

    from chatforensics.intake import frames
    from chatforensics.intake.archives import read_zip

    small = io.BytesIO()
    with zipfile.ZipFile(small, "w") as archive:
        archive.writestr("_chat.txt", b"")
        archive.writestr("Ç.jpg", b"\xff\xd8\xff")
    frames.write_json(read_zip(small, name="warm.zip"))
    b"\x80".decode("cp437").encode("cp437")
    datetime.strptime("2026", "%Y")  # noqa: DTZ007 - what it loads is wanted, not the time
    resource.getrlimit(resource.RLIMIT_AS)
    gc.freeze()  # a child that counted what it inherited would copy all of it


def _serve(control: socket.socket, answer: int, evidence: int) -> NoReturn:
    """Do one task in this child; it ends here whatever happens."""
    try:
        from chatforensics.intake import frames

        control.close()
        link = socket.socket(fileno=answer)
        with link.makefile("rb") as stream:
            request = frames.read_json(frames.receive(stream)[1])
        _limit(request["seconds"], request["megabytes"])
        with os.fdopen(evidence, "rb") as file:
            _do(link, file, request)
    finally:
        os._exit(1)


def _limit(seconds: int, megabytes: int) -> None:
    """Limit what this process may use; it keeps the files it holds and can open no other."""
    import resource

    limits = {
        resource.RLIMIT_AS: (megabytes * 1024**2,) * 2,
        resource.RLIMIT_CPU: (seconds, seconds + 1),
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_NPROC: (0, 0),
        resource.RLIMIT_NOFILE: (0, 0),
    }
    for limit, values in limits.items():
        with suppress(ValueError, OSError):  # a system that does not know the limit
            resource.setrlimit(limit, values)


def _do(link: socket.socket, file: BinaryIO, request: Mapping[str, Any]) -> None:
    """Answer with the chat text and what the zip holds, or with files that are wanted, or all; or say what is wrong."""
    from chatforensics.errors import UnreadableExport
    from chatforensics.intake import archives, directory, frames

    vars(archives).update(request["archives"])
    vars(directory).update(request["directory"])
    try:
        made = None
        if request["task"] == "unpack":
            made = archives.read_zip(file, keep=lambda pieces: _pass_on(link, pieces), **request["options"])
        elif request["task"] == "all":
            members = archives.list_members(file, **request["options"])
            frames.send(link, frames.FOUND, frames.write_json(archives.view(members)))
            for member in members:
                _pass_on(link, archives.read_whole(file, member, **request["options"]))
        else:
            for sha256, found in archives.find_wanted(file, **request["options"]):
                unread = found if isinstance(found, str) else None
                frames.send(link, frames.FOUND, frames.write_json([sha256, unread]))
                frames.send(link, frames.WHOLE, found if isinstance(found, bytes) else b"")
        frames.send(link, frames.RESULT, frames.write_json(made))
    except UnreadableExport as error:
        frames.send(link, frames.REFUSED, frames.write_json([error.args[0], error.hint]))


def _pass_on(link: socket.socket, pieces: Iterable[bytes]) -> bytes:
    from chatforensics.intake import frames

    for piece in pieces:
        frames.send(link, frames.PIECE, piece)
    frames.send(link, frames.WHOLE, b"")
    return b""


if __name__ == "__main__":
    # At the end of the path: nothing that lies beside the package can take the place of the standard library.
    sys.path.append(str(Path(__file__).resolve().parents[2]))
    main()
