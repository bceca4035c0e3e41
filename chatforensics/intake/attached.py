"""The bytes of chosen files that came with an export, read again under the same limits and held to their hash."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from chatforensics.errors import EvidenceError, UnreadableExport
from chatforensics.intake.content import open_evidence, show_path
from chatforensics.intake.directory import is_zip
from chatforensics.intake.unpacking import find_wanted

CHANGED = "the file is no longer what it was when the export was read"


@dataclass(frozen=True)
class AttachedFile:
    """One file that came with an export, as it was hashed: its bytes, or why they could not be read."""

    sha256: str
    content: bytes | None
    unread: str | None = None


def read_attached(path: Path, wanted: Mapping[str, str], *, most_bytes: int) -> Iterator[AttachedFile]:
    """Read the chosen files of an export again, one at a time, whatever order they lie in.

    A file is given out only if it still has the hash it had when the export was read. Nothing is extracted by name.

    Args:
        path: the export: a zip, or a text beside which the files lie.
        wanted: by the name as stored, the SHA-256 of each file that is wanted.
        most_bytes: a file that is larger is not read.

    Yields:
        What was found, each hash once; a file that is gone is missing.
    """
    left = dict(wanted)
    with suppress(EvidenceError), open_evidence(path) as file:
        # What was yielded has its own hash: an export that changed meanwhile takes nothing back.
        if is_zip(file):
            for sha256, found in find_wanted(file, left, name=show_path(path), most_bytes=most_bytes):
                yield _hold(found, sha256)
            return
    yield from _read_beside(path, left, most_bytes=most_bytes)


def _read_beside(path: Path, wanted: Mapping[str, str], *, most_bytes: int) -> Iterator[AttachedFile]:
    try:
        names = {show_path(Path(found.name)): found for found in path.parent.iterdir()}
    except OSError:  # gone, or not to be listed any more
        return
    for shown, sha256 in sorted(wanted.items()):
        if shown in names:
            yield _hold(_read_file(names[shown], most_bytes=most_bytes), sha256)


def _read_file(path: Path, *, most_bytes: int) -> bytes | str:
    try:
        with open_evidence(path) as file:
            content = file.read(most_bytes + 1)
    except UnreadableExport:
        return "the file could not be read"
    except EvidenceError:
        return CHANGED
    return content if len(content) <= most_bytes else f"over the limit of {most_bytes:,} bytes"


def _hold(content: bytes | str, sha256: str) -> AttachedFile:
    if isinstance(content, str):
        return AttachedFile(sha256, None, content)
    if hashlib.sha256(content).hexdigest() != sha256:
        return AttachedFile(sha256, None, CHANGED)
    return AttachedFile(sha256, content)
