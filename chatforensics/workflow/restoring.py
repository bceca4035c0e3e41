"""A case that was saved into one file, brought back into a new folder and held to its own records."""

import hashlib
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from chatforensics.casefile import open_case
from chatforensics.casefile.state import DATABASES, is_state, protect
from chatforensics.errors import CaseError, HashMismatch, UnreadableExport
from chatforensics.intake.archives import Listed
from chatforensics.workflow.opening import SAVED
from chatforensics.workflow.parts import free_name, give_place, part_folder
from chatforensics.workflow.run import Report, silent
from chatforensics.workflow.saving import FOLDER, FORM, MOST_FILES, README

_MOST_BYTES = 64 * 1024**3
_LARGEST_LIST = 256 * 1024**2
_LONGEST_PLACE = 3_000  # characters
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ZIP = b"PK\x03\x04"
_COPY = "Take another copy of the file."


def restore_for_page(  # noqa: PLR0913 - a file, what it was called, where to, and how
    path: Path, folder: Path, *, name: str, at: datetime, passphrase: str | None = None, report: Report = silent
) -> dict[str, object]:
    """Bring a saved case back into a new folder below `folder`, named as it was; see `restore_case`."""
    with _opened(path, name=name, passphrase=passphrase) as file, part_folder(folder, at=at) as part:
        told = _fill(part, file, name=name, report=report)
        like = free_name(told.folder, taken=lambda each: (folder / each).exists(), otherwise="case")
        return _finish(part, folder / like, report=report)


def restore_case(  # noqa: PLR0913 - a file, what it was called, where to, and how
    path: Path, place: Path, *, name: str, at: datetime, passphrase: str | None = None, report: Report = silent
) -> dict[str, object]:
    """Bring a saved case back into a new folder, each file held to its hash, then the case to its custody log.

    That all agrees shows that the case is what was saved, to whoever knows a head of the log from elsewhere, and not
    that nobody rewrote it before. Nothing is written over, and where a hash does not hold nothing is left behind.

    Args:
        path: the file.
        place: the new folder.
        name: what the file was called, for messages.
        at: now: what restores killed long ago left beside the place is removed.
        passphrase: of a locked file.
        report: told of progress.

    Returns:
        `folder`, `title`, `intact` (no check of the case failed), `line` and `results`.

    Raises:
        UnreadableExport: it is no saved case, locked, damaged, over a limit, or made to write elsewhere.
        HashMismatch: a file in it is not the one that was saved.
        CaseError: something is in the place, or the case is of a newer version.
    """
    if place.exists() or place.is_symlink():
        raise CaseError(f"{place}: there is something here already.", hint="Name a new folder.")
    with _opened(path, name=name, passphrase=passphrase) as file, part_folder(place.parent, at=at) as part:
        _fill(part, file, name=name, report=report)
        return _finish(part, place, report=report)


@dataclass
class _Told:
    """What the list in a saved case says: the name of its folder, and of each member its place, hash and size."""

    folder: str = ""
    files: dict[str, tuple[str, str, int]] = field(default_factory=dict)


@contextmanager
def _opened(path: Path, *, name: str, passphrase: str | None) -> Iterator[BinaryIO]:
    from chatforensics.package.unsealing import is_sealed, open_sealed

    with path.open("rb") as file:
        sealed = is_sealed(file.read(64))
        given: BinaryIO = BytesIO(open_sealed(path, passphrase, name=name)) if sealed else file
        given.seek(0)
        if given.read(len(_ZIP)) != _ZIP:
            raise UnreadableExport(f"{name}: no saved case.", hint="A saved case is a file named .zip or .zip.age.")
        yield given


def _fill(part: Path, file: BinaryIO, *, name: str, report: Report) -> _Told:
    """Write the files of a saved case into a folder.

    Raises:
        UnreadableExport: it is none, or must not be unpacked.
        HashMismatch: a file is not the one that was saved.
    """
    from chatforensics.intake.unpacking import read_members

    judged: list[str] = []

    def check(listed: Sequence[Listed]) -> None:
        _check_listed(listed, part, name=name)
        judged.append(name)

    members = read_members(file, name=name, check=check, most_files=MOST_FILES + 10)
    try:
        return _write_members(part, members, name=name, report=report)
    except HashMismatch:
        raise
    except UnreadableExport as error:
        raise UnreadableExport(str(error.args[0]), hint=_COPY if judged else error.hint) from error


def _check_listed(listed: Sequence[Listed], part: Path, *, name: str) -> None:
    from chatforensics.package.unboxing import check_sizes, place_names

    names = [each.name for each in listed]
    if names[:2] != [README, SAVED]:
        hint = "A package is checked on the page for that; an export is added to a case."
        raise UnreadableExport(f"{name}: no saved case.", hint=hint)
    place_names(names, box=name)
    check_sizes(listed, folder=part, box=name, most=_MOST_BYTES)
    if listed[0].size_bytes + listed[1].size_bytes > _LARGEST_LIST:
        raise UnreadableExport(f"{name}: its list of files is too large.", hint=_COPY)


def _write_members(part: Path, members: Iterator[tuple[str, Iterator[bytes]]], *, name: str, report: Report) -> _Told:
    from chatforensics.package.unboxing import write_file

    _, pieces = next(members)
    deque(pieces, maxlen=0)
    told = _read_list(b"".join(next(members)[1]), name=name)
    left = dict(told.files)
    for number, (member, pieces) in enumerate(members, start=1):
        if member not in left:
            raise UnreadableExport(f"{name}: a file in it that its list does not name.")
        place, sha256, _ = left.pop(member)
        digest = hashlib.sha256()
        write_file(part / FOLDER, place, _hashing(pieces, digest))
        if digest.hexdigest() != sha256:
            raise HashMismatch(f"{name}: a file in it is not the one that was saved ({place!a}).", hint=_COPY)
        report("unpacking", number, len(told.files))
    if left:
        raise UnreadableExport(f"{name}: files that its list names are not in it: {len(left):,}.")
    return told


def _hashing(pieces: Iterable[bytes], digest: Any) -> Iterator[bytes]:  # noqa: ANN401 - hashlib names no type
    for piece in pieces:
        digest.update(piece)
        yield piece


def _read_list(content: bytes, *, name: str) -> _Told:
    """Read what a saved case says of its files, each held to what may be part of a case."""
    try:
        told = json.loads(content)
        form, folder, rows = told["form"], str(told["folder"]), list(told["files"])
        files = {str(row["member"]): _read_row(row) for row in rows}
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise UnreadableExport(f"{name}: its list of files cannot be read.") from error
    if form != FORM:
        raise UnreadableExport(f"{name}: saved by another version.", hint="Use that version of the program.")
    places = {place for place, _, _ in files.values()}
    if len(files) != len(rows) or len(places) != len(rows) or not {DATABASES[0], "key"} <= places:
        raise UnreadableExport(f"{name}: its list of files is not that of a case.")
    return _Told(folder, files)


def _read_row(row: Mapping[str, Any]) -> tuple[str, str, int]:
    place, sha256 = str(row["place"]), str(row["sha256"])
    if not (is_state(place) and len(place) <= _LONGEST_PLACE and _SHA256.fullmatch(sha256)):
        raise ValueError(place)
    return place, sha256, int(row["size"])


def _finish(part: Path, place: Path, *, report: Report) -> dict[str, object]:
    """Give the case its place, then check it there."""
    from chatforensics.package.checker import has_failed, summarise
    from chatforensics.workflow.opening import view_result
    from chatforensics.workflow.verifying import verify_case

    case = open_case(part / FOLDER)
    protect(case.folder)
    give_place(case.folder, place)
    report("checking", 0, 0)
    results = verify_case(place, rerun=False)
    told = {"folder": str(place), "title": case.title, "intact": not has_failed(results), "line": summarise(results)}
    return {**told, "results": [view_result(each) for each in results]}
