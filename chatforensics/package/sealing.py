"""A folder of evidence as one file for those alone for whom it was sealed (age), packed the same on every run."""

import io
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from chatforensics.errors import UsageError

MOST_BY_PASSPHRASE = 1 << 29  # bytes: with a passphrase age's library wants the whole in memory, twice
_DATE = 315_532_800  # 1980-01-01 in seconds: the oldest date that no program thinks a mistake
_CHUNK = 1 << 20
_LARGEST_LIST = 1 << 20


def seal_folder(folder: Path, out: Path, *, recipients: Sequence[str] = (), passphrase: str | None = None) -> None:
    """Pack a folder into one file and lock it for the given recipients, or with a passphrase.

    What is in it stays hidden; its size, and that it is there, does not. Whoever opens it can pass it on. The packed
    folder is the same to the byte on every run; the locked file differs each time, as it must. Open it with
    `age -d FILE.tar.age | tar x`.

    Args:
        folder: The folder, which stays as it is.
        out: The file to write; it must not exist yet.
        recipients: age keys (`age1...`), SSH public keys, or names of files that list them, one a line.
        passphrase: In place of recipients. It should be long: a short one can be guessed.

    Raises:
        UsageError: no recipient and no passphrase, or both; a recipient that is none; the file cannot be written.
    """
    if bool(recipients) == bool(passphrase):
        raise UsageError("A package is sealed for recipients, or with a passphrase.", hint="Give one of the two.")
    if out.exists():
        raise UsageError(f"{out}: there already.", hint="Name another file.")
    keys = read_recipients(recipients)
    part = out.with_name(out.name + ".part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part.touch(mode=0o600)
        _encrypt(folder, part, keys, passphrase)
        part.rename(out)
    except OSError as error:
        raise UsageError(f"{out}: cannot be written ({error.strerror}).", hint="Name another place.") from error
    finally:
        part.unlink(missing_ok=True)


def _encrypt(folder: Path, part: Path, keys: Sequence[object], passphrase: str | None) -> None:
    import pyrage

    try:
        if passphrase:
            if sum(path.stat().st_size for path in _files(folder)) > MOST_BY_PASSPHRASE:
                raise UsageError(f"{folder}: too large for a passphrase.", hint="Seal it for age recipients.")
            part.write_bytes(pyrage.passphrase.encrypt(b"".join(pack_folder(folder)), passphrase))
            return
        with part.open("wb") as file:
            pyrage.encrypt_io(_Stream(pack_folder(folder)), file, keys)
    except pyrage.EncryptError as error:
        raise UsageError(
            f"{folder}: cannot be sealed ({error}).", hint="Check the files and the space left."
        ) from error


def pack_folder(folder: Path) -> Iterator[bytes]:
    """Yield a tar file of a folder piece by piece: sorted, without dates, owners or rights of this machine.

    Links are left out: a folder of evidence has none.
    """
    size = 0
    for path in _files(folder):
        name = f"{folder.resolve().name}/{path.relative_to(folder).as_posix()}"
        for piece in _member(path, name):
            size += len(piece)
            yield piece
    yield bytes(2 * tarfile.BLOCKSIZE + -(size + 2 * tarfile.BLOCKSIZE) % tarfile.RECORDSIZE)


def _member(path: Path, name: str) -> Iterator[bytes]:
    """Yield header and content of one file; its size is what was promised, or the whole is given up."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = path.stat().st_size, _DATE, 0o644
    yield entry.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
    left = entry.size
    with path.open("rb") as file:
        while chunk := file.read(min(_CHUNK, left)):
            left -= len(chunk)
            yield chunk
    if left:
        raise UsageError(f"{path}: became shorter while it was packed.", hint="Try again.")
    yield bytes(-entry.size % tarfile.BLOCKSIZE)


def _files(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


class _Stream(io.RawIOBase):
    """What is yielded, to be read as a file, so that no package has to fit in memory."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = memoryview(b"")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes, none only at the end."""
        while not self._held and (piece := next(self._pieces, None)) is not None:
            self._held = memoryview(piece)
        given, self._held = (
            self._held[: size if size >= 0 else None],
            self._held[size:] if size >= 0 else self._held[:0],
        )
        return bytes(given)


def read_recipients(given: Iterable[str]) -> list[object]:
    """Read age recipients and SSH public keys, given as they are or as files that list them, one a line.

    Raises:
        UsageError: one is no recipient, or is a secret key, which nobody else should have.
    """
    return [_read_recipient(line) for one in given for line in _lines(one)]


def _lines(given: str) -> list[str]:
    if given.startswith(("age1", "ssh-", "AGE-")):
        return [given]
    try:
        with Path(given).open("rb") as file:
            lines = file.read(_LARGEST_LIST).decode("utf-8", "replace").splitlines()
    except (OSError, ValueError) as error:
        hint = "Give age1..., an SSH public key, or the name of a file that lists them."
        raise UsageError(f"{given}: neither a recipient nor a file that can be read.", hint=hint) from error
    listed = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not listed:
        raise UsageError(f"{given}: lists no recipient.", hint="Write one a line: age1..., or an SSH public key.")
    return listed


def _read_recipient(line: str) -> object:
    from pyrage import RecipientError, ssh, x25519

    if "SECRET KEY" in line.replace("-", " ") or "PRIVATE KEY" in line:  # the line itself is not repeated
        hint = "Give the public key, age1..., and keep the secret one to yourself."
        raise UsageError("A recipient is a secret key.", hint=hint)
    kind = ssh.Recipient if line.startswith("ssh-") else x25519.Recipient
    try:
        recipient: object = kind.from_str(line)
    except RecipientError as error:
        hint = "Give age1... (from age-keygen), or an SSH public key of the kind ed25519 or rsa."
        raise UsageError(f"{line[:80]}: no recipient that can be sealed for ({error}).", hint=hint) from error
    return recipient
