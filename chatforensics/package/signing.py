"""Keys and signatures in minisign's form, so that a stranger can check them with a program that we did not write."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from chatforensics.errors import UsageError

if TYPE_CHECKING:
    from minisign import SecretKey

PASSWORD = "CHATFORENSICS_PASSWORD"  # noqa: S105 - the name of the variable, not what it holds
_LARGEST = 1 << 16


@dataclass(frozen=True, slots=True)
class Signer:
    """A secret key, open for signing, and its public key; it never prints the secret.

    Attributes:
        public_key: The line that begins with RW, to be given to whoever shall check.
    """

    public_key: str
    _secret: "SecretKey" = field(repr=False)

    def sign(self, content: bytes, *, comment: str) -> bytes:
        """Return a minisign signature of the bytes; the comment is signed with them and can be read by anybody.

        It shows that the holder of the key signed, and neither who that is nor when: the comment says what it is told.
        The same arguments give the same bytes.
        """
        plain = "".join(sign if " " <= sign <= "~" else "?" for sign in comment)
        return bytes(self._secret.sign(content, trusted_comment=plain)) + b"\n"


def make_key(path: Path, *, passphrase: str | None = None) -> str:
    """Make a new key, the secret one at the path, the public one beside it as `.pub`, and return the public line.

    Whoever holds the secret file (and its password) signs as you do. It cannot be made again when it is lost.

    Raises:
        UsageError: a file is there already, or the place cannot be written to.
    """
    from minisign import KeyPair

    beside = path.with_name(f"{path.name}.pub")
    if beside.exists():
        raise UsageError(f"{beside}: a file is there already, and may be a key.", hint="Name another file.")
    pair = KeyPair.generate()
    public = bytes(pair.public_key) + b"\n"
    with pair.secret_key as secret:
        if passphrase:
            secret.encrypt(passphrase)
        kept = bytes(secret) + b"\n"
    _write_new(path, kept, mode=0o600)
    _write_new(beside, public, mode=0o644)
    line: str = pair.public_key.to_base64().decode()
    return line


def load_signer(path: Path, *, passphrase: str | None = None) -> Signer:
    """Open a secret key of minisign or of `make_key` for signing.

    Raises:
        UsageError: it is no such key, or is locked and the password is missing or another.
    """
    from minisign import Error, SecretKey

    try:
        with path.open("rb") as file:
            secret = SecretKey.from_bytes(file.read(_LARGEST))
        locked = secret.is_encrypted()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}.", hint="Name the file of a secret minisign key.") from error
    except Error as error:
        raise UsageError(f"{path}: no secret minisign key.", hint="Name the secret one, not the .pub file.") from error
    if locked:
        _unlock(secret, path, passphrase)
    return Signer(secret.get_public_key().to_base64().decode(), secret)


def _unlock(secret: "SecretKey", path: Path, passphrase: str | None) -> None:
    from minisign import Error

    if not passphrase:
        raise UsageError(f"{path}: the key is locked with a password.", hint=f"Set {PASSWORD}, or type it when asked.")
    try:
        secret.decrypt(passphrase)
    except (Error, MemoryError) as error:
        raise UsageError(f"{path}: the password does not open the key.", hint="Check the password.") from error


def _write_new(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file that must not be there yet, readable for whom the mode allows from its first byte on."""
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
    except FileExistsError as error:
        raise UsageError(f"{error.filename}: a file is there already.", hint="Name another file.") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}).", hint="Name another place.") from error
