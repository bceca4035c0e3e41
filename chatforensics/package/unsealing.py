"""Files locked with a passphrase (age): made, told apart from those locked for keys, and opened."""

import re
from collections.abc import Iterable
from pathlib import Path

from chatforensics.errors import UnreadableExport, UsageError
from chatforensics.package.sealing import MOST_BY_PASSPHRASE

MAGIC = b"age-encryption.org/v1\n"
_ARMOUR = b"-----BEGIN AGE ENCRYPTED FILE-----"
_LARGEST = MOST_BY_PASSPHRASE + (MOST_BY_PASSPHRASE >> 8)
_SCRYPT = re.compile(rb"-> scrypt [A-Za-z0-9+/]{22} (\d{1,2})\n")
_MOST_WORK = 20  # two to this power times a kilobyte is what opening takes of memory; age writes 18 to 20


def is_sealed(head: bytes) -> bool:
    """Tell from its first bytes whether a file is locked."""
    return head.startswith((MAGIC, _ARMOUR))


def seal_bytes(pieces: Iterable[bytes], passphrase: str) -> bytes:
    """Lock something with a passphrase; `age -d FILE` opens it. The bytes differ each time, as they must.

    Raises:
        UsageError: it is too large for a passphrase.
    """
    import pyrage

    whole = bytearray()
    for piece in pieces:
        whole += piece
        if len(whole) > MOST_BY_PASSPHRASE:
            raise UsageError(
                f"More than {MOST_BY_PASSPHRASE // 1024**2} MB cannot be locked with a passphrase.",
                hint="Leave the passphrase out, and put the file on an encrypted disk.",
            )
    return bytes(pyrage.passphrase.encrypt(bytes(whole), passphrase))


def open_sealed(path: Path, passphrase: str | None, *, name: str) -> bytes:
    """Return what a file locked with a passphrase holds.

    Raises:
        UnreadableExport: no passphrase, another one, a file locked for keys, or a damaged or too large one.
    """
    import pyrage

    with path.open("rb") as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST or content.startswith(_ARMOUR):
        hint = f"Open it first with: age -d '{name}'"
        raise UnreadableExport(f"{name}: a locked file of a form or size that cannot be opened here.", hint=hint)
    found = _SCRYPT.match(content, len(MAGIC))
    if not found or int(found[1]) > _MOST_WORK:
        hint = f"Open it first, age -d -i YOUR-KEY '{name}' > opened.tar, then give opened.tar here."
        raise UnreadableExport(f"{name}: locked for the holder of a key, not with a passphrase.", hint=hint)
    if not passphrase:
        raise UnreadableExport(f"{name}: locked with a passphrase.", hint="Type it in, and try again.")
    try:
        return bytes(pyrage.passphrase.decrypt(content, passphrase))
    except pyrage.DecryptError as error:
        hint = "Check the passphrase; or ask for a fresh copy."
        raise UnreadableExport(f"{name}: this passphrase does not open it, or it is damaged.", hint=hint) from error
