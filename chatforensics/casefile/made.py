"""What the pages read on the desk of a case, and can be made again at any time: first looks, and views.

`CASE/desk/looks/<source_id>.json` is the first look at one export; `CASE/desk/view/<id>/` holds what the pages read of
a finished analysis. A view appears whole, by one rename, or not at all, as do the files of looks.
"""

import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chatforensics.casefile.desk import DESK, desk_folder, make_private
from chatforensics.casefile.folder import Case, encode_canonical
from chatforensics.casefile.originals import remove_tree
from chatforensics.errors import CaseError

LOOKS, VIEWS = "looks", "view"
DESCRIPTION = "view.json"
_PART = ".part"
_LEFT_S = 60.0  # a look is written in a moment: what is older was left by a run that was killed
_SOURCE = re.compile(r"[0-9a-f]{16}")
_VIEW = re.compile(r"[0-9a-f]{16}")


def write_look(case: Case, source_id: str, look: dict[str, object]) -> None:
    """Keep the first look at one export.

    Raises:
        CaseError: it cannot be written.
    """
    path = _folder_of(case, LOOKS) / f"{source_id}.json"
    write_whole(path, encode_canonical(look).encode() + b"\n")
    _remove_left(path)


def read_looks(case: Case) -> dict[str, dict[str, object]]:
    """Return the first looks by `source_id`; one that cannot be read is passed over, for it can be made again."""
    folder, found = case.folder / DESK / LOOKS, {}
    for path in sorted(folder.glob("*.json")) if not folder.is_symlink() else ():
        if _SOURCE.fullmatch(path.stem) and not path.is_symlink():
            try:
                look = json.loads(path.read_bytes())
            except (OSError, ValueError, RecursionError):
                continue
            if isinstance(look, dict):
                found[path.stem] = look
    return found


@contextmanager
def making_view(case: Case, name: str) -> Iterator[Path]:
    """Give a folder to make a view in; at the end it gets its name in one step, and older views are removed.

    Raises:
        CaseError: it cannot be written.
    """
    folder = _folder_of(case, VIEWS)
    part = folder / f".{os.getpid()}-{secrets.token_hex(8)}{_PART}"
    try:
        part.mkdir(mode=0o700)
        yield part
        if (folder / name).exists():
            _put_aside(folder / name)
        part.rename(folder / name)
    except OSError as error:
        raise CaseError(f"{folder}: {error.strerror or error}.", hint="Is there room on the disk?") from error
    finally:
        if part.exists():
            remove_tree(part)
    _remove_others(folder, name)


def find_view(case: Case) -> Path | None:
    """Return the folder of the view that was made last; None where there is none."""
    folder = case.folder / DESK / VIEWS
    if folder.is_symlink() or not folder.is_dir():
        return None
    named = [path for path in folder.iterdir() if _VIEW.fullmatch(path.name) and not path.is_symlink()]
    made = [(path.joinpath(DESCRIPTION).stat().st_mtime_ns, path.name, path) for path in named if _is_whole(path)]
    return max(made)[2] if made else None


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that its owner alone may read, under another name first, so that nobody sees half of it.

    Raises:
        CaseError: it cannot be written.
    """
    part = path.with_name(f".{os.getpid()}-{secrets.token_hex(8)}{_PART}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(part, flags, 0o600), "wb") as file:
            file.write(content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise CaseError(f"{path}: {error.strerror or error}.", hint="Is there room on the disk?") from error


def _folder_of(case: Case, name: str) -> Path:
    return make_private(desk_folder(case) / name)


def _remove_left(written: Path) -> None:
    """Remove what killed runs left half-written beside a file that was just written."""
    with suppress(OSError):  # it may be tried again with the next
        before = written.stat().st_mtime - _LEFT_S
        for left in written.parent.glob(f".*{_PART}"):
            if left.lstat().st_mtime < before and not left.is_dir():
                left.unlink(missing_ok=True)


def _is_whole(folder: Path) -> bool:
    return (folder / DESCRIPTION).is_file()


def _put_aside(folder: Path) -> None:
    """Remove a folder: it loses its name first, so that nobody finds half of it."""
    remove_tree(folder.rename(folder.with_name(f".{os.getpid()}-{secrets.token_hex(8)}{_PART}")))


def _remove_others(folder: Path, name: str) -> None:
    """Remove older views, and what killed runs left half-made; one that somebody still reads may stay until later."""
    for path in folder.iterdir():
        if path.name != name:
            try:
                _put_aside(path)
            except OSError:  # where an open file cannot be removed
                continue
