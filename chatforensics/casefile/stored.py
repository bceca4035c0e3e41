"""One stored stage on the disk: a folder of tables, values and files, and a manifest with the SHA-256 of each."""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from chatforensics.casefile.folder import encode_canonical
from chatforensics.casefile.program import describe_program
from chatforensics.errors import CaseError

if TYPE_CHECKING:
    import polars as pl

MANIFEST, FACTS, PART = "manifest.json", "facts.json", ".part"
_TABLE, _FILES = ".parquet", "files"
_HEX = 16
_LARGE_BYTES = 16_000_000  # a table with a larger file stays there, and is read in part
_LARGE_FRAME = 100_000_000  # bytes in memory; a file of it is several times smaller


@dataclass(frozen=True, slots=True)
class Kept:
    """What a stage gives: tables, plain values, files by name; `id` names what it was made of, empty if not stored."""

    tables: "Mapping[str, pl.DataFrame]" = field(default_factory=dict)
    facts: Mapping[str, object] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    id: str = ""


def list_stages(folder: Path) -> list[str]:
    """Return the names of the stored stages, those half-made left out; a link to a folder is there to be found out."""
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.endswith(PART))


def check_stage(folder: Path) -> str | None:
    """Return in one sentence what is wrong with a stored stage; None where its files hold the hashes beside them."""
    try:
        _check_files(folder, _read_manifest(folder))
    except CaseError as error:
        return str(error)
    except OSError as error:
        return f"{folder.name}: {error.strerror}."
    return None


def is_current(folder: Path) -> bool:
    """Tell whether this very program made a stored stage."""
    try:
        return bool(_read_manifest(folder)["program"] == describe_program())
    except CaseError:
        return False


def describe_stage(stage: str, key: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    """Return the folder's name and what its manifest says of how it was made."""
    made_of = {"stage": stage, "key": dict(key), "program": describe_program()}
    whole = hashlib.sha256(encode_canonical(made_of).encode()).hexdigest()
    return f"{stage}-{whole[:_HEX]}", {**made_of, "id": whole}


def encode_stage(made: Kept) -> Iterator[tuple[str, bytes | Path]]:
    """Yield the files of a stage with their names, all but the manifest; a table that lies in a file, as that."""
    from chatforensics.tables import encode_parquet, file_of

    for name in sorted(made.tables):
        yield f"{name}{_TABLE}", file_of(made.tables, name) or encode_parquet(made.tables[name])
    yield FACTS, encode_canonical(made.facts).encode() + b"\n"
    for name, content in sorted(made.files.items()):
        yield f"{_FILES}/{name}", content


def put_large_away(made: Kept, stage: str, folder: Path) -> Kept:
    """Return a stage whose large tables lie in files of a folder, as those of a stored stage do.

    Raises:
        UsageError: they cannot be written there.
    """
    from chatforensics.storage import write_bytes
    from chatforensics.tables import Shelf, encode_parquet, file_of, put_together

    moved = {}
    for name in made.tables:
        if file_of(made.tables, name) is None and made.tables[name].estimated_size() > _LARGE_FRAME:
            moved[name] = folder / f"{stage}-{name}{_TABLE}"
            write_bytes(moved[name], encode_parquet(made.tables[name]))
    return replace(made, tables=put_together(made.tables, Shelf({}, moved))) if moved else made


def write_stage(target: Path, described: Mapping[str, object], made: Kept) -> None:
    """Write a stage under a name of its own, and give it its place in one step.

    Raises:
        OSError: it cannot be written.
    """
    part = target.with_name(f".{os.getpid()}-{secrets.token_hex(8)}{PART}")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part.mkdir(mode=0o700)
    try:
        hashes = {name: _write_file(part / name, content) for name, content in encode_stage(made)}
        _write_file(part / MANIFEST, encode_canonical({**described, "files": hashes}).encode() + b"\n")
        part.rename(target)
    except OSError:
        if not target.is_dir():  # else somebody was quicker, with the same bytes
            raise
    finally:
        if part.exists():
            remove_stage(part)


def _write_file(path: Path, content: bytes | Path) -> str:
    # Not forced to the disk: what a power cut leaves short does not hold its hash, and is made again.
    for folder in (path.parent.parent, path.parent):  # with parents=True, the outer one would be open to others
        folder.mkdir(exist_ok=True, mode=0o700)
    if isinstance(content, Path):
        shutil.copyfile(content, path)
        path.chmod(0o600)
        return hash_content(path)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return hash_content(content)


def hash_content(content: bytes | Path) -> str:
    """Return the SHA-256 of bytes, or of those in a file.

    Raises:
        OSError: it cannot be read.
    """
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_stage(folder: Path, wanted: object = None) -> Kept:
    """Read a stored stage; `wanted` is its id, where it is known.

    Raises:
        CaseError: it is another one, does not hold its hashes, or is nothing that this program wrote.
    """
    manifest = _read_manifest(folder)
    if wanted is not None and manifest["id"] != wanted:
        raise CaseError(f"{folder.name}: it was made of something else.")
    names = _check_files(folder, manifest)
    inner = [name.removeprefix(f"{_FILES}/") for name in names if name.startswith(f"{_FILES}/")]
    files = {name: (folder / _FILES / name).read_bytes() for name in inner}
    return Kept(_read_tables(folder, names), _read_facts(folder), files, str(manifest["id"]))


def _read_tables(folder: Path, names: Iterable[str]) -> "Mapping[str, pl.DataFrame]":
    """Return the tables of a stage: its hashes hold, but anybody can write hashes.

    Raises:
        CaseError: a file is no table.
    """
    import polars as pl

    from chatforensics.tables import Shelf

    stored = {name.removesuffix(_TABLE): folder / name for name in names if _is_table(name)}
    large = {name: path for name, path in stored.items() if path.stat().st_size > _LARGE_BYTES}
    try:
        for path in large.values():
            pl.read_parquet_schema(path)
        return Shelf({name: pl.read_parquet(path) for name, path in stored.items() if name not in large}, large)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError, TypeError) as error:
        raise CaseError(f"{folder.name}: a table in it cannot be read.") from error


def _read_facts(folder: Path) -> dict[str, object]:
    try:
        facts = json.loads((folder / FACTS).read_bytes())
    except (ValueError, RecursionError, FileNotFoundError) as error:
        raise CaseError(f"{folder.name}: {FACTS} cannot be read.") from error
    if not isinstance(facts, dict):
        raise CaseError(f"{folder.name}: {FACTS} is in no known form.")
    return facts


def _is_table(name: str) -> bool:
    return "/" not in name and name.endswith(_TABLE)


def _read_manifest(folder: Path) -> dict[str, object]:
    if folder.is_symlink() or not (folder / MANIFEST).is_file():
        raise CaseError(f"{folder.name}: no folder with a manifest.")
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        made_of = {name: manifest[name] for name in ("stage", "key", "program")}
        whole = hashlib.sha256(encode_canonical(made_of).encode()).hexdigest()
    except (ValueError, KeyError, TypeError, RecursionError, OSError) as error:
        raise CaseError(f"{folder.name}: its manifest cannot be read.") from error
    if manifest.get("id") != whole or folder.name != f"{manifest['stage']}-{whole[:_HEX]}":
        raise CaseError(f"{folder.name}: its manifest does not say what its name says.")
    if not isinstance(manifest.get("files"), dict):
        raise CaseError(f"{folder.name}: its manifest lists no files.")
    return dict(manifest)


def _check_files(folder: Path, manifest: Mapping[str, object]) -> list[str]:
    """Return the names of the files that the manifest lists, each held to its hash.

    Raises:
        CaseError: a file is missing, is one too many, or has another hash.
    """
    files = manifest["files"]
    listed = dict(files) if isinstance(files, dict) else {}
    if odd := sorted(list_files(folder) ^ set(listed)):
        raise CaseError(f"{folder.name}: {odd[0]} is {'missing' if odd[0] in listed else 'one too many'}.")
    for name, sha256 in sorted(listed.items()):
        if hash_file(folder / name) != sha256:
            raise CaseError(f"{folder.name}: {name} has another hash than when it was made.")
    return sorted(listed)


def list_files(folder: Path) -> set[str]:
    """Return the names of the files of a stored stage, all but the manifest."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()} - {MANIFEST}


def hash_file(path: Path) -> str | None:
    """Return the SHA-256 of a file of ours; None where it is none, or cannot be read."""
    if path.is_symlink() or not path.is_file():
        return None
    try:
        return hash_content(path)
    except OSError:
        return None


def remove_stage(folder: Path) -> None:
    """Remove a stage: it loses its name first, so that a run killed meanwhile leaves no half of it.

    What is no folder but a file or a link, somebody else put there; of a link, what it points to stays.
    """
    if folder.is_symlink() or not folder.is_dir():
        folder.unlink(missing_ok=True)
        return
    if not folder.name.endswith(PART):
        folder = folder.rename(folder.with_name(f".{os.getpid()}-{secrets.token_hex(8)}{PART}"))
    shutil.rmtree(folder)
