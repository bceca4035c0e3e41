"""The whole state of a case: which files it is made of, and copies of its databases that are whole at one moment.

What can be made again is left out: kept stages, what the pages read, and what came in and is not in the case yet.
"""

import os
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from chatforensics.casefile.desk import DESK, DESK_DATABASE
from chatforensics.casefile.folder import DATABASE, KEY, Case, connect
from chatforensics.casefile.originals import ORIGINALS
from chatforensics.errors import CaseError

SIGNING_KEY = "signing.key"
PACKAGES = "packages"
RESULT = "result"
DATABASES = (DATABASE, f"{DESK}/{DESK_DATABASE}")
_KEYS = (KEY, SIGNING_KEY, f"{SIGNING_KEY}.pub")
_FOLDERS = (ORIGINALS, RESULT, f"{DESK}/{PACKAGES}")
_ORIGINAL = re.compile(rf"{ORIGINALS}/[0-9a-f]{{64}}/[^/]+", re.DOTALL)
_PACKAGE = re.compile(rf"{DESK}/{PACKAGES}/[^/.][^/]*", re.DOTALL)
_RESULT = re.compile(rf"{RESULT}(/[^/]+)+", re.DOTALL)
_TAKEN_APART = {"", ".", ".."}
_NOT_IN_PLACES = frozenset("\0" + ("\\:" if sys.platform == "win32" else ""))  # there they lead elsewhere


def list_state(case: Case) -> dict[str, Path]:
    """Return the files that a case cannot be without, but for its databases, by their places in it, in order.

    Call this while the case is `locked`.
    """
    found = [case.folder / name for name in _KEYS]
    for name in _FOLDERS:
        found += _walk(case.folder / name)
    plain = (path for path in found if path.is_file() and not path.is_symlink())
    named = {_name(path.relative_to(case.folder)): path for path in plain}
    return {place: path for place, path in sorted(named.items()) if is_state(place)}


def is_state(place: str) -> bool:
    """Tell whether a file of this place may be part of a case: nothing else is ever brought back into one."""
    if place in (*_KEYS, *DATABASES):
        return True
    known = any(form.fullmatch(place) for form in (_ORIGINAL, _PACKAGE, _RESULT))
    return known and not _NOT_IN_PLACES & set(place) and not _TAKEN_APART & set(place.split("/"))


def copy_databases(case: Case, folder: Path) -> dict[str, Path]:
    """Copy the databases of a case into a folder, each as it is at one moment, whatever else writes to it.

    Returns:
        The copies by the places of their originals in the case.

    Raises:
        CaseError: one is damaged, or cannot be copied.
    """
    copies = {}
    for place in DATABASES:
        if (case.folder / place).is_file():
            copies[place] = folder / place.replace("/", "-")
            _copy(case.folder / place, copies[place])
    return copies


def protect(folder: Path) -> None:
    """Make the originals of a case read-only, as they are in one that was never moved."""
    for path in (folder / ORIGINALS).glob("*/*"):
        path.chmod(0o400)
    for path in (folder / ORIGINALS).glob("*"):
        path.chmod(0o500)


def _copy(source: Path, target: Path) -> None:
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(connect(source)) as here, closing(sqlite3.connect(target)) as there:
            here.backup(there)
    except (sqlite3.Error, OSError) as error:
        raise CaseError(f"{source}: cannot be copied ({error}).", hint="Is there room? Is it whole?") from error


def _walk(folder: Path) -> Iterator[Path]:
    for top, names, files in os.walk(folder):
        names[:] = [name for name in names if not name.startswith(".")]  # what a killed run left half-made
        yield from (Path(top) / name for name in files)


def _name(path: Path) -> str:
    """Return a place in a case; bytes that are no text stay apart from all text."""
    return path.as_posix()
