"""Folders that are held for as long as the run that uses them lives, so that what a killed one left can be removed.

On Windows that cannot be told: files that are open cannot be removed there, and what a killed run left in the system's
folder for temporary files stays until that is emptied.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chatforensics.casefile.lock import hold_folder

_PREFIX, _NEW = "chatforensics-page-", "chatforensics-new-"


def make_scratch() -> Path:
    """Make a folder for files that belong to no case, readable by its owner only, and remove those of killed runs.

    It is held until this process ends.
    """
    new = Path(tempfile.mkdtemp(prefix=_NEW))
    _take(new)
    scratch = new.rename(new.with_name(new.name.replace(_NEW, _PREFIX)))  # by this name it is known to be held
    for left in new.parent.glob(f"{_PREFIX}*"):
        if left != scratch and _is_ours(left):
            remove_left(left)
    return scratch


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder for a while."""
    descriptor = _take(folder)
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def remove_left(folder: Path) -> None:
    """Remove a folder that no run holds any more; a link in its place is left alone."""
    descriptor = _take(folder)
    if descriptor is not None:
        os.close(descriptor)
    if descriptor is not None or (sys.platform == "win32" and not folder.is_symlink()):
        shutil.rmtree(folder, ignore_errors=True)


def _take(folder: Path) -> int | None:
    """Hold a folder until what is returned is closed, or this process ends; None where another run holds it."""
    with suppress(OSError):
        return hold_folder(folder)
    return None


if sys.platform == "win32":

    def _is_ours(_folder: Path) -> bool:
        return False

else:

    def _is_ours(folder: Path) -> bool:
        with suppress(OSError):
            return folder.lstat().st_uid == os.getuid()
        return False
