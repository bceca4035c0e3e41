"""Originals: copied by hash before anything is opened, read-only from then on."""

import hashlib
import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from chatforensics.casefile.folder import By, Case, reading, stamp, writing
from chatforensics.casefile.log import append_to, conceal_source
from chatforensics.errors import CaseError, EvidenceError, HashMismatch, UnreadableExport
from chatforensics.intake import ExportFile, show_path
from chatforensics.intake.content import load, open_evidence, read_chunks
from chatforensics.intake.directory import is_zip
from chatforensics.intake.folders import read_siblings

ORIGINALS = "originals"
_PART = ".part-"
_COLUMNS = ("source_id", "sha256", "size_bytes", "name", "shown", "folder", "added_at", "minimised")


@dataclass(frozen=True, slots=True)
class Original:
    """One export in the case.

    `path` is where it lies (None where only counts are kept), `shown` its path as received, `folder` the custodian's
    folder as received, `minimised` what was received and what was left out where it is not kept whole, `files` the
    SHA-256 of the media that lie beside it by their names.
    """

    source_id: str
    sha256: str
    size_bytes: int
    path: Path | None
    shown: str
    folder: str | None
    added_at: str
    minimised: Mapping[str, object] | None
    files: Mapping[str, str] = field(default_factory=dict)

    def export(self) -> ExportFile:
        """Return it as something that can be read.

        Raises:
            CaseError: only counts of it are kept.
        """
        if self.path is None:
            raise CaseError(f"{self.shown}: only counts of this export are kept.", hint="Make a case with --mode full.")
        return ExportFile(self.path, self.folder, self.shown)


@dataclass(frozen=True, slots=True)
class Extract:
    """What is kept of an export instead of the whole: a file of that name, or no file at all; and what was left out."""

    name: str | None
    content: bytes
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Added:
    """What became of an export that was added; `again` where the case has the same bytes already."""

    source_id: str
    shown: str
    again: bool


@dataclass(frozen=True, slots=True)
class _Copied:
    """A file as copied: its hashes, size, and name in the case."""

    sha256: str
    sha512: str
    size_bytes: int


Minimise = Callable[[ExportFile], Extract | None]


def originals_folder(case: Case) -> Path:
    """Return the folder of the originals."""
    return case.folder / ORIGINALS


def add_original(case: Case, export: ExportFile, *, by: By, minimise: Minimise | None = None) -> Added:
    """Take an export into the case: a copy is made and hashed before anything in it is opened.

    The source is only read, and hashed once more after the copy. Media that belong to the text of an unzipped export
    come along. Call this while the case is `locked`.

    Args:
        case: the case.
        export: the file as received.
        by: who adds it, and when.
        minimise: given the copy, returns what is to be kept instead of it (None: keep it whole); what it leaves out
            is never stored.

    Raises:
        EvidenceError: the file cannot be read, or changed while it was copied.
        CaseError: the case cannot be written to.
    """
    part = _new_part(case)
    try:
        copied = _copy(export.path, part / export.path.name)
        shown = export.shown or show_path(export.path)
        if (known := _find(case, copied.sha256)) is not None:
            return Added(known, shown, again=True)
        files = _copy_siblings(export, part)
        extract = minimise(ExportFile(part / export.path.name, export.folder, shown)) if minimise else None
        if extract is None:
            return _keep_whole(case, export, part, copied, files, by=by)
        return _keep_extract(case, export, extract, received=copied, by=by)
    except EvidenceError:
        raise
    except OSError as error:
        raise CaseError(
            f"{case.folder}: {error.strerror or error}.", hint="Is there room, and may you write there?"
        ) from error
    finally:
        remove_tree(part)


def list_originals(case: Case) -> list[Original]:
    """Return the exports of the case, in the order of their paths as received."""
    with reading(case.folder) as database:
        rows = database.execute(f"SELECT {', '.join(_COLUMNS)} FROM sources ORDER BY shown, sha256").fetchall()  # noqa: S608 - our names
        files: dict[str, dict[str, str]] = {}
        for source_id, name, sha256 in database.execute("SELECT source_id, name, sha256 FROM source_files"):
            files.setdefault(source_id, {})[_read_name(name)] = sha256
    return [_view(case, dict(zip(_COLUMNS, row, strict=True)), files.get(row[0], {})) for row in rows]


def remove_tree(folder: Path) -> None:
    """Remove a folder of ours with read-only files in it."""
    if folder.is_symlink():
        folder.unlink()
        return
    for top, names, _ in os.walk(folder):
        for name in names:
            if not (Path(top) / name).is_symlink():
                (Path(top) / name).chmod(0o700)
    if folder.is_dir():
        folder.chmod(0o700)
        shutil.rmtree(folder)


def remove_leftovers(case: Case) -> None:
    """Remove half-made copies that a killed run left; call this while the case is locked."""
    for part in originals_folder(case).glob(f"{_PART}*"):
        remove_tree(part)


def _view(case: Case, row: dict[str, object], files: Mapping[str, str]) -> Original:
    name = _read_name(str(row["name"])) if row["name"] is not None else None
    return Original(
        source_id=str(row["source_id"]),
        sha256=str(row["sha256"]),
        size_bytes=int(str(row["size_bytes"])),
        path=originals_folder(case) / str(row["sha256"]) / name if name is not None else None,
        shown=str(row["shown"]),
        folder=str(row["folder"]) if row["folder"] is not None else None,
        added_at=str(row["added_at"]),
        minimised=json.loads(str(row["minimised"])) if row["minimised"] else None,
        files=files,
    )


def _read_name(stored: str) -> str:
    """Return a file's name: it is stored as bytes in hex, for a name need not be text."""
    return os.fsdecode(bytes.fromhex(stored))


def _new_part(case: Case) -> Path:
    folder = originals_folder(case)
    part = folder / f"{_PART}{os.getpid()}-{secrets.token_hex(4)}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        part.mkdir(mode=0o700)
    except OSError as error:
        raise CaseError(f"{folder}: {error.strerror}.", hint="May you write there?") from error
    return part


def _find(case: Case, sha256: str) -> str | None:
    with reading(case.folder) as database:
        received = "json_extract(minimised, '$.received_sha256')"
        query = f"SELECT source_id FROM sources WHERE sha256 = ? OR {received} = ?"  # noqa: S608 - our names
        found = database.execute(query, (sha256, sha256)).fetchone()
    return str(found[0]) if found else None


def _copy(source: Path, target: Path) -> _Copied:
    """Copy a file and hash it on the way, then hash the source once more.

    Raises:
        HashMismatch: the source changed meanwhile.
    """
    with open_evidence(source) as file:
        digests, size = (hashlib.sha256(), hashlib.sha512()), 0
        with _create(target) as out:
            for chunk in read_chunks(file):
                for digest in digests:
                    digest.update(chunk)
                size += len(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
    with open_evidence(source) as file:
        again = hashlib.sha256()
        for chunk in read_chunks(file):
            again.update(chunk)
    if again.digest() != digests[0].digest():
        raise HashMismatch(
            f"{show_path(source)}: the file changed while it was copied.", hint="Copy it elsewhere first."
        )
    return _Copied(digests[0].hexdigest(), digests[1].hexdigest(), size)


def _create(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o400)
    return os.fdopen(descriptor, "wb")


def _copy_siblings(export: ExportFile, part: Path) -> dict[str, _Copied]:
    """Copy the media that belong to the text of an unzipped export; a zip has none."""
    with open_evidence(part / export.path.name) as file:
        content = None if is_zip(file) else load(file)
    if content is None:
        return {}
    found = read_siblings(export.path, content, hash_attachments=False)
    if not found.attachments:
        return {}
    wanted = {attachment.name for attachment in found.attachments}
    try:
        names = sorted(path.name for path in export.path.parent.iterdir() if show_path(Path(path.name)) in wanted)
    except OSError as error:  # of the source, not of the case
        said = f"{show_path(export.path)}: the folder of its media cannot be listed ({error.strerror})."
        raise UnreadableExport(said, hint="Check that you may read it.") from error
    return {name: _copy(export.path.parent / name, part / name) for name in names}


def _keep_whole(  # noqa: PLR0913 - all that is known of it
    case: Case, export: ExportFile, part: Path, copied: _Copied, files: Mapping[str, _Copied], *, by: By
) -> Added:
    details = {
        "kind": export.path.suffix.lower().lstrip(".") or "none",
        "n_media_beside": len(files),
        "sha512": copied.sha512,
        "size_bytes": copied.size_bytes,
    }
    _put_in_place(case, part, copied.sha256)
    with writing(case) as database:
        _insert(database, export, copied, name=export.path.name, by=by)
        database.executemany(
            "INSERT INTO source_files VALUES (?, ?, ?, ?)",
            [(copied.sha256[:16], os.fsencode(name).hex(), x.sha256, x.size_bytes) for name, x in files.items()],
        )
        # The hashes of media stand in this one with a key: in a package they would tell which file was withheld.
        details["source"] = conceal_source(case, database, copied.sha256[:16])
        append_to(database, "add", by=by, details=details, inputs=[copied.sha256], outputs=[copied.sha256])
    return Added(copied.sha256[:16], export.shown or show_path(export.path), again=False)


def _keep_extract(case: Case, export: ExportFile, extract: Extract, *, received: _Copied, by: By) -> Added:
    """Keep what was taken out of an export; what was received goes no further than its hash."""
    facts = {
        **extract.facts,
        "received_sha256": received.sha256,
        "received_sha512": received.sha512,
        "received_bytes": received.size_bytes,
    }
    kept = _hash(extract.content) if extract.name is not None else received
    if extract.name is not None:
        part = _new_part(case)
        try:
            with _create(part / extract.name) as out:
                out.write(extract.content)
                out.flush()
                os.fsync(out.fileno())
            _put_in_place(case, part, kept.sha256)
        finally:
            remove_tree(part)
    outputs = [kept.sha256] if extract.name is not None else []
    with writing(case) as database:
        _insert(database, export, kept, name=extract.name, by=by, facts=facts)
        counted = {name: fact for name, fact in facts.items() if name != "spans"}
        counted["source"] = conceal_source(case, database, kept.sha256[:16])
        append_to(database, "minimise", by=by, details=counted, inputs=[received.sha256], outputs=outputs)
    return Added(kept.sha256[:16], export.shown or show_path(export.path), again=False)


def _hash(content: bytes) -> _Copied:
    return _Copied(hashlib.sha256(content).hexdigest(), hashlib.sha512(content).hexdigest(), len(content))


def _put_in_place(case: Case, part: Path, sha256: str) -> None:
    """Give a folder of copies its final name in one step; one that a killed run left unrecorded gives way."""
    place = originals_folder(case) / sha256
    if place.exists():
        remove_tree(place)
    part.rename(place)
    place.chmod(0o500)


def _insert(  # noqa: PLR0913 - a row
    database: sqlite3.Connection,
    export: ExportFile,
    kept: _Copied,
    *,
    name: str | None,
    by: By,
    facts: Mapping[str, object] | None = None,
) -> None:
    row = (
        kept.sha256[:16],
        kept.sha256,
        kept.sha512,
        kept.size_bytes,
        os.fsencode(name).hex() if name is not None else None,
        export.shown or show_path(export.path),
        export.folder,
        stamp(by.at),
        json.dumps(facts, ensure_ascii=False, sort_keys=True) if facts is not None else None,
    )
    database.execute("INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
