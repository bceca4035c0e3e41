"""The end of a case: what was held is destroyed, and a certificate says what it was."""

import os
import secrets
from pathlib import Path

from chatforensics.casefile.desk import DESK
from chatforensics.casefile.folder import DATABASE, KEY, KEY_BYTES, By, Case, stamp
from chatforensics.casefile.lock import LOCK
from chatforensics.casefile.log import append, hash_line, log_lines
from chatforensics.casefile.originals import ORIGINALS, list_originals, remove_tree
from chatforensics.casefile.state import SIGNING_KEY
from chatforensics.errors import CaseError

OURS = (ORIGINALS, "derived", "result", DESK)
_KEYS = (KEY, SIGNING_KEY, f"{SIGNING_KEY}.pub")
_CANNOT = (
    "What this certificate cannot show: that no copy exists elsewhere (packages, reports, backups, the phones), and "
    "that nothing can be read back from the disk. Flash memory (SSD, memory cards, phones) may keep blocks that were "
    "overwritten or deleted. The key of the case was overwritten and deleted, so that the pseudonyms of its packages "
    "cannot be computed any more; a copy of the key elsewhere would undo that."
)


def purge_case(case: Case, *, reason: str, by: By) -> str:
    """Destroy what a case holds and return the certificate of it; call this while the case is `locked`.

    Args:
        case: the case.
        reason: why, in words that may be printed.
        by: who, and when.

    Returns:
        The certificate: what was held, by hash and size, with the custody log to its end.

    Raises:
        CaseError: something could not be deleted; the rest is gone.
    """
    held = list_originals(case)
    total = sum(original.size_bytes for original in held)
    details = {"n_sources": len(held), "size_bytes": total}
    append(case, "purge", by=by, details=details, inputs=[original.sha256 for original in held])
    lines = log_lines(case)
    certificate = "\n".join(
        [
            "Certificate of destruction of a case",
            "",
            f"Destroyed on: {stamp(by.at)}",
            f"By (as typed): {by.actor}",
            f"Reason: {reason}",
            f"Exports held: {len(held)}, {total:,} bytes",
            *(f"  SHA-256 {original.sha256}  {original.size_bytes:,} bytes" for original in held),
            f"Custody log: {len(lines)} lines, SHA-256 of the last {hash_line(lines[-1])}",
            "",
            _CANNOT,
            "",
            "The custody log:",
            *lines,
            "",
        ]
    )
    _destroy(case)
    return certificate


def describe_purge(case: Case) -> str:
    """Say in one line what would be destroyed."""
    held = list_originals(case)
    left = ", ".join(_list_others(case.folder))
    others = f" Not ours, and left alone: {left}." if left else ""
    return (
        f"{len(held)} exports, {sum(x.size_bytes for x in held):,} bytes, all results and the key of this case.{others}"
    )


def _destroy(case: Case) -> None:
    try:
        for name in OURS:
            remove_tree(case.folder / name)
        for name in (KEY, *filter(lambda name: (case.folder / name).exists(), [SIGNING_KEY])):
            _overwrite(case.folder / name)
        for name in (*_KEYS, f"{DATABASE}-journal", DATABASE, LOCK):
            (case.folder / name).unlink(missing_ok=True)
        if not _list_others(case.folder):
            case.folder.rmdir()
    except OSError as error:
        raise CaseError(
            f"{error.filename}: {error.strerror}.", hint="Delete what is left of the folder by hand."
        ) from error


def _overwrite(path: Path) -> None:
    """Write over a key before it is deleted; a link or a second name of another file is never written to."""
    descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    try:
        if os.fstat(descriptor).st_nlink == 1:
            os.write(descriptor, secrets.token_bytes(max(KEY_BYTES, os.fstat(descriptor).st_size)))
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _list_others(folder: Path) -> list[str]:
    ours = {*OURS, *_KEYS, DATABASE, f"{DATABASE}-journal", LOCK}
    return sorted(path.name for path in folder.iterdir() if path.name not in ours)
