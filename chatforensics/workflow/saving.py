"""A whole case in one file, so that it can be kept elsewhere and brought back."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from chatforensics.casefile import By, Case, append, head, locked
from chatforensics.casefile.state import copy_databases, list_state
from chatforensics.errors import CaseError, HashMismatch
from chatforensics.package.bag import safe_name
from chatforensics.version import __version__
from chatforensics.workflow.opening import SAVED
from chatforensics.workflow.parts import free_name, give_place, hash_file, part_folder
from chatforensics.workflow.run import Report, silent

FORM = 1
MOST_FILES = 200_000  # what is brought back is unpacked under the same limit
FOLDER, README = "case", "READ-ME-FIRST.txt"
_CHUNK = 1 << 20
_TOLD = f"""\
A whole case of chatforensics in one file.

It holds the exports as received, the results, notes and drafts, the custody log, and the keys of the case. Whoever has
this file has all of it, names and numbers included. Keep it on an encrypted disk, and hand it to nobody who may not see
everything. To hand messages to somebody, make a package instead.

To bring it back: chatforensics serve, then "Bring back a saved case" on the start page.
Each file lies below the folder "{FOLDER}" in its place; {SAVED} has the SHA-256 of each. What can be made again
from them (kept stages of the analysis, what the pages read) is not here.
"""


def save_for_page(
    case: Case, folder: Path, *, by: By, passphrase: str | None = None, report: Report = silent
) -> dict[str, object]:
    """Save a case under a name made of its folder's and the day; see `save_case`."""

    def is_taken(name: str) -> bool:
        return any((folder / f"{name}{ending}").exists() for ending in (".zip", ".zip.age"))

    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    name = free_name(f"{case.folder.name[:40]}-{by.at:%Y-%m-%d}", taken=is_taken, otherwise="case")
    out = folder / f"{name}.zip{'.age' if passphrase else ''}"
    return save_case(case, out, by=by, passphrase=passphrase, wait=True, report=report)


def save_case(  # noqa: PLR0913 - a case, where to, by whom, and how
    case: Case, out: Path, *, by: By, passphrase: str | None = None, wait: bool = False, report: Report = silent
) -> dict[str, object]:
    """Write the whole state of a case into one file, as it is at one moment.

    The file holds personal data in plain form and the keys of the case, unless it is locked with a passphrase. Kept
    stages and what the pages read are left out, for they are made again. Saving is entered in the custody log, before
    the copy is made.

    Args:
        case: the case.
        out: the file to write; it must not exist yet.
        by: who saves, and when.
        passphrase: locks the file (age).
        wait: wait where another run holds the case.
        report: told of progress.

    Returns:
        `file`, `size` in bytes, `file_sha256`, `n_files` and `sealed`.

    Raises:
        CaseError: another run holds the case, it holds too many files, or it cannot be copied.
        UsageError: it is too large for a passphrase, or cannot be written.
    """
    with part_folder(out.parent, at=by.at) as part:
        report("waiting", 0, 0)
        with locked(case, wait=wait):
            n_files = len(list_state(case))
            if n_files > MOST_FILES:
                raise CaseError(f"{case.folder}: more than {MOST_FILES:,} files.", hint="Copy the folder instead.")
            append(case, "save", by=by, details={"n_files": n_files, "sealed": passphrase is not None})
            files = {**list_state(case), **copy_databases(case, part)}
            made = _write(case, files, part / "case.zip", by=by, report=report)
        give_place(_seal(made, passphrase) if passphrase else made, out)
    told = {"file": out.name, "size": out.stat().st_size, "file_sha256": hash_file(out)}
    return {**told, "n_files": n_files, "sealed": passphrase is not None}


def _write(case: Case, files: Mapping[str, Path], out: Path, *, by: By, report: Report) -> Path:
    """Write the zip: what it is, the list of hashes, and the files under names that every system can hold."""
    from chatforensics.package.boxes import zip_files

    members = _name_members(files)
    listed = []
    for number, (place, path) in enumerate(sorted(files.items()), start=1):
        report("hashing", number, len(files))
        row = {"place": place, "member": members[place], "sha256": hash_file(path), "size": path.stat().st_size}
        listed.append(row)
    n_lines, sha256 = head(case)
    told = {
        "form": FORM,
        "title": case.title,
        "folder": case.folder.name,
        "saved_at": by.at.isoformat(),
        "log": {"entries": n_lines, "head": sha256},
        "program": __version__,
        "files": listed,
    }
    content = json.dumps(told, indent=1, sort_keys=True).encode()  # in ASCII, for names that are no text
    report("copying", 0, 0)
    packed = {str(row["member"]): files[str(row["place"])] for row in listed}
    hashes = zip_files(out, {README: _TOLD.encode(), SAVED: content, **packed}, pack=False)
    if changed := [row["place"] for row in listed if hashes[str(row["member"])] != row["sha256"]]:
        raise HashMismatch(f"{case.folder}: {changed[0]} changed while it was copied.", hint="Try again.")
    return out


def _name_members(files: Mapping[str, Path]) -> dict[str, str]:
    """Return a name in the zip for each file: its place where every system can hold that, else one like it."""
    members: dict[str, str] = {}
    taken: set[str] = set()
    for place in sorted(files):
        parts = [safe_name(os.fsencode(part).decode("utf-8", "replace")) for part in place.split("/")]
        like, number = "/".join([FOLDER, *parts]), 1
        member = like
        while member.casefold() in taken:
            number += 1
            member = f"{like}~{number}"
        taken.add(member.casefold())
        members[place] = member
    return members


def _seal(made: Path, passphrase: str) -> Path:
    from chatforensics.package.unsealing import seal_bytes
    from chatforensics.storage import write_bytes

    with made.open("rb") as file:
        sealed = seal_bytes(iter(lambda: file.read(_CHUNK), b""), passphrase)
    out = made.with_name(f"{made.name}.age")
    write_bytes(out, sealed)
    out.chmod(0o600)
    return out
