"""One writer at a time: a lock that ends with the process that holds it, however it ends."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from chatforensics.casefile.folder import Case, stamp
from chatforensics.errors import CaseError

LOCK = "lock"
_PAUSE_S = 0.2


@contextmanager
def locked(case: Case, *, wait: bool = False) -> Iterator[None]:
    """Hold the case for writing; reading needs no lock.

    Args:
        case: the case.
        wait: wait until whoever holds it is done, instead of saying so.

    Raises:
        CaseError: another process holds it.
    """
    path = case.folder / LOCK
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as error:
        raise CaseError(f"{path}: {error.strerror}.", hint="Is the case yours, and no link inside it?") from error
    try:
        while not _take(descriptor):
            if not wait:
                raise CaseError(
                    f"{case.folder}: another run holds this case ({_holder(path)}).",
                    hint="Wait for it to end, or pass --wait.",
                )
            time.sleep(_PAUSE_S)
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)  # Windows has no pwrite
        os.write(descriptor, f"process {os.getpid()}, since {stamp(datetime.now(UTC))}".encode())
        yield
    finally:
        os.close(descriptor)  # which lets the lock go


def _holder(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") or "unknown"
    except (OSError, UnicodeDecodeError):
        return "unknown"


if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> bool:
        try:
            os.lseek(descriptor, 1 << 30, os.SEEK_SET)  # beyond the words, which others may read
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def hold_folder(_folder: Path) -> int | None:
        """Hold nothing: folders cannot be held here."""
        return None

else:
    import fcntl

    def _take(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def hold_folder(folder: Path) -> int | None:
        """Hold a folder until what is returned is closed, or this process ends; None where the disk knows no locks.

        Raises:
            BlockingIOError: another run holds it.
            FileNotFoundError: it is gone.
        """
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise
        except OSError:
            os.close(descriptor)
            return None
        return descriptor
