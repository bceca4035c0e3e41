"""What can be checked of a case without analysing it: the originals against their hashes, the database, the log."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from chatforensics.casefile.folder import DATABASE, Case, reading
from chatforensics.casefile.originals import Original, list_originals, originals_folder
from chatforensics.errors import CaseError, EvidenceError, HashMismatch
from chatforensics.intake import show_path
from chatforensics.intake.content import hash_chunks, open_evidence, read_chunks


def hold_original(original: Original) -> None:
    """Hash an original, and the media beside it, and hold them to the hashes with which they came into the case.

    Raises:
        HashMismatch: a file is missing, cannot be read, or is not what was added.
    """
    if original.path is None:
        return
    wanted = {original.path: original.sha256}
    wanted |= {original.path.with_name(name): sha256 for name, sha256 in original.files.items()}
    for path, sha256 in wanted.items():
        if _hash(path, original) != sha256:
            raise HashMismatch(
                f"{show_path(path)}: not the file that was added to the case as {original.shown}.",
                hint="Restore it from a copy; the custody log has its hash.",
            )


def _hash(path: Path, original: Original) -> str:
    try:
        with open_evidence(path) as file:
            return hash_chunks(read_chunks(file))[0]
    except EvidenceError as error:
        raise HashMismatch(
            f"{show_path(path)}: added to the case as {original.shown}, and cannot be read now.",
            hint="Restore it from a copy; the custody log has its hash.",
        ) from error


def list_strays(case: Case) -> list[str]:
    """Return what lies among the originals and was never added, by its place in the case, in order."""
    known = {path for original in list_originals(case) for path in _paths_of(original)}
    folders = {path.parent for path in known}
    return sorted(show_path(path.relative_to(case.folder)) for path in _walk(case) if path not in known | folders)


def _paths_of(original: Original) -> Iterator[Path]:
    if original.path is not None:
        yield original.path
        yield from (original.path.with_name(name) for name in original.files)


def _walk(case: Case) -> Iterator[Path]:
    for top, folders, files in os.walk(originals_folder(case)):
        yield from (Path(top) / name for name in (*folders, *files))


def check_database(case: Case) -> str | None:
    """Return in one sentence what is wrong with the file of the database; None where SQLite finds nothing."""
    try:
        with reading(case.folder) as database:
            (first, *_), *_ = database.execute("PRAGMA integrity_check").fetchall()
    except (sqlite3.DatabaseError, CaseError) as error:
        return f"{DATABASE}: {error}."
    return None if first == "ok" else f"{DATABASE}: {first}."
