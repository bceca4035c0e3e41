"""Evidence opened read-only, hashed as it streams by, and held without filling the memory."""

import errno
import hashlib
import io
import mmap
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, TypeAlias

from chatforensics.errors import HashMismatch, UnreadableExport

# Both are buffers with `len`, slices and `.find`; only `bytes` has `in` for more than one byte.
Content: TypeAlias = bytes | mmap.mmap

MAX_FILE_BYTES = 8 * 1024**3
SMALL_BYTES = 256 * 1024**2  # up to here a text is held in memory, beyond it is mapped from disk
CHUNK = 1024 * 1024
_LINKED = {errno.ELOOP, errno.EMLINK}  # what systems say of a link that is not to be followed
# Links are refused: they may point anywhere, also to another file tomorrow. Named pipes are refused instead of waited
# for.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


def show_path(path: Path) -> str:
    """Return the path as text; bytes that are no UTF-8 show as U+FFFD."""
    return os.fsencode(path).decode("utf-8", errors="replace")


def show_name(name: str) -> str:
    """Return a name that a stranger chose, safe to print: controls and direction marks show as U+FFFD."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in name[:200])


@contextmanager
def open_evidence(path: Path) -> Iterator[BinaryIO]:
    """Open a regular file read-only; a small one is read at once, so that nobody can change it meanwhile.

    Raises:
        UnreadableExport: the file is missing, a link, no regular file, or over the size limit.
        HashMismatch: the file changed while it was read.
    """
    with open_regular(path) as file:
        before = os.fstat(file.fileno())
        check_size(path, before.st_size)
        yield io.BytesIO(file.read(max(before.st_size, CHUNK) + 1)) if before.st_size <= SMALL_BYTES else file
        after = os.fstat(file.fileno())
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise HashMismatch(f"{show_path(path)}: the file changed while it was read.", hint="Work on a copy.")


def check_size(path: Path, n_bytes: int) -> None:
    """Refuse a file that is too large.

    Raises:
        UnreadableExport: it is over the size limit.
    """
    if n_bytes > MAX_FILE_BYTES:
        raise UnreadableExport(f"{show_path(path)}: {n_bytes:,} bytes is over the limit of {MAX_FILE_BYTES:,}.")


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file read-only, and read nothing of it; where reading fails later, that is `UnreadableExport` too.

    Raises:
        UnreadableExport: the file is missing, a link, or no regular file.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in _LINKED and is_link(path):
            said = f"{show_path(path)}: this is a link, and links are not followed."
            raise UnreadableExport(said, hint="Give the file itself.") from error
        hint = "Check the path, and that you may read it."
        raise UnreadableExport(f"{show_path(path)}: {getattr(error, 'strerror', error)}.", hint=hint) from error
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return io.BufferedReader(_Evidence(descriptor, show_path(path)))
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise UnreadableExport(
            f"{show_path(path)}: no export in this folder.", hint="An export is a .txt or .zip file."
        )
    raise UnreadableExport(f"{show_path(path)}: not a regular file.", hint="Pass the .txt or .zip that the phone made.")


class _Evidence(io.FileIO):
    """An open file of which every failure to read (a bad disk, a network that is gone) says which file it was."""

    def __init__(self, descriptor: int, shown: str) -> None:
        super().__init__(descriptor, "rb")
        self.shown = shown

    def readinto(self, buffer: Any, /) -> int | None:  # noqa: ANN401 - any buffer, as in the standard library
        with self._telling():
            return super().readinto(buffer)

    def readall(self) -> bytes:
        with self._telling():
            return super().readall()

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        with self._telling():
            return super().seek(offset, whence)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            said = f"{self.shown}: reading it failed ({error.strerror or error})."
            raise UnreadableExport(said, hint="Copy it to another disk first, if that can be done.") from error


def is_folder(path: Path) -> bool:
    """Tell whether there is a folder; no for what the system will not tell of, such as a name that is too long."""
    return os.path.isdir(path)  # noqa: PTH112 - unlike `Path.is_dir` it never raises


def is_link(path: Path) -> bool:
    """Tell whether there is a link; no for what the system will not tell of."""
    return os.path.islink(path)  # noqa: PTH114 - unlike `Path.is_symlink` it never raises


def is_regular(path: Path) -> bool:
    """Tell whether there is a regular file, which a link to one is not; no for what the system will not tell of."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def read_chunks(file: BinaryIO) -> Iterator[bytes]:
    """Yield the file from its beginning, piece by piece."""
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk


def hash_chunks(chunks: Iterable[bytes | memoryview]) -> tuple[str, int]:
    """Return the SHA-256 of the pieces, in hex, and the number of bytes."""
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def load(file: BinaryIO) -> Content:
    """Return a whole file: its bytes, or a read-only map of it where it is large.

    A map shows what the file holds now: `ChatText.check_unchanged` tells whether that is still what was hashed. A file
    that is cut short, or whose disk is taken away, while it is mapped ends the program.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    in_memory = size <= SMALL_BYTES or isinstance(file, io.BytesIO)
    return file.read() if in_memory else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def forget(content: Content, start: int, end: int) -> None:
    """Give the pages of a mapped file back, so that reading it whole does not fill the memory."""
    if isinstance(content, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        first = -(-start // mmap.PAGESIZE) * mmap.PAGESIZE
        if end - first >= mmap.PAGESIZE:
            content.madvise(mmap.MADV_DONTNEED, first, (end - first) // mmap.PAGESIZE * mmap.PAGESIZE)


def stream(content: Content) -> Iterator[bytes]:
    """Yield a text piece by piece, without keeping a mapped file in memory."""
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]
        forget(content, start, start + CHUNK)


def keep(chunks: Iterable[bytes]) -> Content:
    """Keep what streams by: in memory while it is small, else in a temporary file that no other program can open.

    Raises:
        UnreadableExport: there is no room for the temporary file.
    """
    with spool(chunks) as file:
        return load(file)


@contextmanager
def spool(chunks: Iterable[bytes]) -> Iterator[BinaryIO]:
    """Yield a file with all the pieces: in memory while they are few, else on disk, unnamed and readable by us only.

    Raises:
        UnreadableExport: there is no room for the temporary file.
    """
    parts: IO[bytes] = io.BytesIO()
    try:
        for chunk in chunks:
            if isinstance(parts, io.BytesIO) and parts.tell() + len(chunk) > SMALL_BYTES:
                parts = _on_disk(parts)
            with _room():
                parts.write(chunk)
        with _room():
            parts.flush()
        yield parts  # type: ignore[misc]  # a temporary file is a BinaryIO in all but name
    finally:
        parts.close()


def _on_disk(parts: io.BytesIO) -> IO[bytes]:
    with _room():
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
        file.write(parts.getbuffer())
    return file


@contextmanager
def lend(file: BinaryIO) -> Iterator[int]:
    """Yield an open file's descriptor for another process; what is in memory gets a copy without a name.

    Raises:
        UnreadableExport: there is no room for the copy.
    """
    if not isinstance(file, io.BytesIO):
        yield file.fileno()
        return
    with _unnamed() as copy:
        with _room(), file.getbuffer() as held:
            copy.write(held)
            copy.flush()
        yield copy.fileno()


def _unnamed() -> IO[bytes]:
    with _room():
        return os.fdopen(os.memfd_create("zip"), "w+b") if hasattr(os, "memfd_create") else tempfile.TemporaryFile()


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UnreadableExport(
            f"No room for a temporary copy of the export ({error.strerror}).",
            hint="Free space on the disk, or set TMPDIR to a folder on another one.",
        ) from error
