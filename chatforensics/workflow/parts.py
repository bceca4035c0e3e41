"""Files that are made to be downloaded: each appears whole, under a name that no other has.

What is half made is held for as long as the run that makes it lives, so that what a killed one left can be removed at
once: it may hold the key of a case. On Windows, and where a disk knows no locks, that cannot be told, and it goes after
a day.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from hashlib import file_digest
from pathlib import Path

from chatforensics.casefile.lock import hold_folder
from chatforensics.casefile.originals import remove_tree
from chatforensics.errors import UsageError
from chatforensics.package.bag import safe_name
from chatforensics.storage import is_part, make_folder, name_part

_OLD_S = 86_400.0
_LONGEST = 60


@contextmanager
def part_folder(folder: Path, *, at: datetime) -> Iterator[Path]:
    """Yield a folder beside finished files that goes when the work ends; what killed runs left there goes, too.

    Raises:
        UsageError: it cannot be made.
    """
    try:
        make_folder(folder)
        for left in sorted(filter(is_part, folder.iterdir())):
            _remove_left(left, at=at)
        part, hold = _make_held(folder)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written to ({error.strerror}).", hint="Is there room?") from error
    try:
        yield part
    finally:
        remove_tree(part)
        if hold is not None:
            os.close(hold)


@contextmanager
def scratch_folder(out: Path, *, at: datetime) -> Iterator[Path]:
    """Yield a folder inside one for results: for what is half made, and what a run need not hold in memory.

    What killed runs left there goes, and no other run may write there meanwhile; on Windows, and where a disk knows no
    locks, that cannot be told.

    Raises:
        UsageError: it cannot be made, or another run writes there.
    """
    made = not out.exists()
    try:
        hold = _hold_output(out)
    except OSError as error:
        raise UsageError(f"{out}: cannot be written to ({error.strerror}).", hint="Name another place.") from error
    try:
        with part_folder(out, at=at) as part:
            yield part
    finally:
        if made:
            with suppress(OSError):  # there is a result in it
                out.rmdir()
        if hold is not None:
            os.close(hold)


def _hold_output(out: Path) -> int | None:
    """Make a folder for results if there is none, and return what holds it.

    Raises:
        UsageError: another run holds it.
        OSError: it cannot be made.
    """
    while True:
        make_folder(out)
        try:
            hold = hold_folder(out.resolve())
        except FileNotFoundError:  # another run ended, and took the folder along that it had made
            continue
        except BlockingIOError as error:
            hint = "Wait until it has ended, or name another folder with --out."
            raise UsageError(f"{out}: another run writes its result here.", hint=hint) from error
        if hold is None or out.is_dir():
            return hold
        os.close(hold)


def _make_held(folder: Path) -> tuple[Path, int | None]:
    """Return a new folder and what holds it; one that another run took for left before it was held is made again."""
    while True:
        part = folder / name_part()
        part.mkdir(mode=0o700)
        with suppress(FileNotFoundError, BlockingIOError):
            hold = hold_folder(part)
            if part.is_dir():
                return part, hold
            if hold is not None:
                os.close(hold)


def _remove_left(left: Path, *, at: datetime) -> None:
    """Remove a half-made folder if no run holds it; where that cannot be told, if it is a day old."""
    with suppress(FileNotFoundError, BlockingIOError):  # another run removed it, or makes it
        is_old = at.timestamp() - left.lstat().st_mtime > _OLD_S
        hold = hold_folder(left)
        if hold is not None or is_old:
            remove_tree(left)
        if hold is not None:
            os.close(hold)


def list_finished(folder: Path) -> list[Path]:
    """Return the finished files of a folder, the latest first; what is half made or hidden is left out."""
    found = folder.iterdir() if folder.is_dir() else ()
    plain = [path for path in found if not path.name.startswith(".") and path.is_file() and not path.is_symlink()]
    return sorted(plain, key=lambda path: (-path.stat().st_mtime_ns, path.name))


def free_name(name: str, *, taken: Callable[[str], bool], otherwise: str) -> str:
    """Return a name, with a number where it is taken: one that every system can hold, without spaces.

    Args:
        name: what it should be called.
        taken: tells whether a name is.
        otherwise: the name where nothing is left of the one wished for.
    """
    bare = safe_name("-".join(name.split()) or otherwise).encode()[:_LONGEST].decode(errors="ignore").strip("-. ")
    bare, number = bare or otherwise, 1
    while taken(bare if number == 1 else f"{bare}-{number}"):
        number += 1
    return bare if number == 1 else f"{bare}-{number}"


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def give_place(made: Path, place: Path) -> None:
    """Give what was made its place, where nothing is yet.

    Raises:
        UsageError: something is.
    """
    if place.exists() or place.is_symlink():
        raise UsageError(f"{place}: there already.", hint="Try again.")
    made.rename(place)
