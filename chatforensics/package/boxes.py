"""A folder as one file: a zip that is the same on every run, and the tar inside a sealed file read back."""

import hashlib
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from chatforensics.errors import UnreadableExport, UsageError
from chatforensics.intake.archives import Listed

_CHUNK = 1 << 20
_DATE = (1980, 1, 1, 0, 0, 0)
_DENSE, _SMALL = 100, 1 << 23  # what packs better than this is stored as it is: to open it would look like an attack
_MODE = (stat.S_IFREG | 0o644) << 16
_UNIX = 3
_NO_TAR = (tarfile.TarError, ValueError, OverflowError, EOFError, LookupError, AttributeError, RecursionError)


def zip_files(out: Path, files: Mapping[str, Path | bytes], *, pack: bool = True) -> dict[str, str]:
    """Write files into one zip, in the order in which they are given, without dates or rights of this machine.

    Args:
        out: The zip, readable by its owner only; it must not exist yet.
        files: By name in the zip, contents or where they lie.
        pack: Make them smaller; else they are stored as they are.

    Returns:
        The SHA-256 of each file, as it was written.

    Raises:
        UsageError: the zip cannot be written, or a file cannot be read.
    """
    try:
        descriptor = os.open(out, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "w+b") as target:
            with zipfile.ZipFile(target, "w", allowZip64=True) as archive:
                hashes = {name: _add(archive, name, content, pack=pack) for name, content in files.items()}
            target.flush()
            os.fsync(target.fileno())
    except OSError as error:
        out.unlink(missing_ok=True)
        told = f"{error.filename or out}: {error.strerror or error}"
        raise UsageError(f"{told}: the file could not be made.", hint="Is there room on the disk?") from error
    return hashes


def list_folder(folder: Path, *, top: str) -> dict[str, Path | bytes]:
    """Return the files of a folder by the names that they get in a zip, below one folder `top`, in order."""
    files = {f"{top}/{path.relative_to(folder).as_posix()}": path for path in folder.rglob("*") if path.is_file()}
    return dict(sorted(files.items()))


def _add(archive: zipfile.ZipFile, name: str, content: Path | bytes, *, pack: bool) -> str:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.create_system, entry.external_attr = _UNIX, _MODE
    entry.file_size = len(content) if isinstance(content, bytes) else content.stat().st_size
    entry.compress_type = zipfile.ZIP_STORED
    if pack and not _is_dense(content, entry.file_size):
        entry.compress_type = zipfile.ZIP_DEFLATED
    sha256 = hashlib.sha256()
    with archive.open(entry, "w") as file:
        for chunk in _chunks(content):
            sha256.update(chunk)
            file.write(chunk)
    return sha256.hexdigest()


def _is_dense(content: Path | bytes, size: int) -> bool:
    """Tell whether a large file would become so small that unpacking it passes for a zip bomb."""
    if size < _SMALL:
        return False
    packer = zlib.compressobj(1)
    packed = sum(len(packer.compress(chunk)) for chunk in _chunks(content)) + len(packer.flush())
    return size > _DENSE * packed


def _chunks(content: Path | bytes) -> Iterator[bytes]:
    file: BinaryIO
    with BytesIO(content) if isinstance(content, bytes) else content.open("rb") as file:
        yield from iter(lambda: file.read(_CHUNK), b"")


def read_tar(content: bytes, *, name: str, most_files: int) -> list[tuple[Listed, int]]:
    """Return the files that a tar lists, each with the place of its first byte in the tar.

    Raises:
        UnreadableExport: it is none, damaged, lists too many files, or holds links or devices.
    """
    found: list[tuple[Listed, int]] = []
    try:
        with tarfile.open(fileobj=BytesIO(content), mode="r:") as archive:
            for member in archive:
                if member.isdir():
                    continue
                _check_member(member, len(content), name=name)
                found.append((Listed(member.name, member.size), member.offset_data))
                _check_number(len(found), most_files, name=name)
    except UnreadableExport:
        raise
    except (*_NO_TAR, OSError) as error:
        raise UnreadableExport(f"{name}: what it holds is damaged.", hint="Ask for a fresh copy.") from error
    return found


def _check_number(n_files: int, most: int, *, name: str) -> None:
    if n_files > most:
        raise UnreadableExport(f"{name}: more than {most:,} files in it.", hint="No package has so many.")


def _check_member(member: tarfile.TarInfo, n_bytes: int, *, name: str) -> None:
    if not member.isreg() or member.issparse():
        raise UnreadableExport(f"{name}: it holds links, devices or files with holes.", hint="No package does.")
    if not 0 <= member.size <= n_bytes - member.offset_data:
        raise UnreadableExport(f"{name}: what it holds is cut short.", hint="Ask for a fresh copy.")
