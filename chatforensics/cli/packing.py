"""What `bundle` is given: which messages, from where, and the key to sign with; told at once where it cannot be."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from chatforensics.cli.options import read_input, tell
from chatforensics.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatforensics.casefile import Case
    from chatforensics.package.signing import Signer

WORDS = ("flagged", "review", "all")
_RESULT = ("run.json", "report.html")
_WAYS = "Use flagged, review or all; ids with commas between them; or a file of ids, as the report's page saves it."


def read_messages(said: str) -> tuple[int, ...] | str:
    """Read which messages are to be packed: a word, ids, or a file of ids.

    Raises:
        UsageError: it is none of them.
    """
    from chatforensics.package.choosing import read_ids

    if said in WORDS:
        return said
    if said and not set(said) - set("0123456789, "):
        return read_ids(said, where="--messages")
    if said != "-" and not Path(said).is_file():
        raise UsageError(f"--messages: '{said}' is no such word, and no file of that name is here.", hint=_WAYS)
    text = read_input(Path(said)).decode("utf-8", "replace")
    return read_ids(text, where=f"--messages: {said}")


def find_case(paths: "Sequence[Path]") -> "Case | None":
    """Open the case that is to be packed; None where exports are given.

    Raises:
        CaseError: it cannot be opened.
        UsageError: something else is given beside it, or what is given is neither a case nor an export.
    """
    from chatforensics.casefile import is_case, open_case

    cases = [path for path in paths if is_case(path)]
    if cases and len(paths) > 1:
        raise UsageError(f"{cases[0]}: a case is packed by itself.", hint="Name one case, or exports only.")
    if cases:
        return open_case(cases[0])
    for path in paths:
        _check_path(path)
    return None


def _check_path(path: Path) -> None:
    """Refuse what holds no export, and say what it is."""
    from chatforensics.intake import find_exports

    if not path.exists():
        raise UsageError(f"{path}: no such file or folder.", hint="A case folder has case.sqlite in it.")
    if not path.is_dir():
        return
    if (path / "bagit.txt").exists():
        hint = f"Name the case or the exports that it was made from. To check it: chatforensics verify {path}"
        raise UsageError(f"{path}: a package that was made already.", hint=hint)
    if all((path / name).exists() for name in _RESULT):
        raise UsageError(f"{path}: the result of an analysis.", hint="Name the case, or the exports it was made from.")
    if all(export.path.is_dir() for export in find_exports([path])):
        hint = "Exports are .txt and .zip files; a case folder has case.sqlite in it."
        raise UsageError(f"{path}: a folder without exports.", hint=hint)


def read_signer(path: Path, *, case: "Case | None", new: bool) -> "Signer":
    """Open the key to sign with; make one where there is none, for a case only the first time or where `new` says so.

    Raises:
        UsageError: the file holds no key, is locked, or is not there though the case was signed before.
    """
    from chatforensics.package.signing import PASSWORD, load_signer, make_key

    password = os.environ.get(PASSWORD)
    if not path.exists():
        _refuse_slip(path, case=case, new=new)
        public = make_key(path, passphrase=password)
        tell("Note", [f"{path}: a new key was made. Keep it secret. Its public half, for whoever checks: {public}"])
    try:
        return load_signer(path, passphrase=password)
    except UsageError:
        if password or not sys.stdin.isatty():
            raise
        return load_signer(path, passphrase=str(typer.prompt("Password of the key", hide_input=True, err=True)))


def _refuse_slip(path: Path, *, case: "Case | None", new: bool) -> None:
    """Refuse to make a second key for a case by a slip in the name of the first."""
    from chatforensics.workflow.packing import find_earlier_key

    if case is not None and not new and (earlier := find_earlier_key(case)):
        raise UsageError(
            f"--sign: {path} is not there, and a package of this case was signed with the key {earlier}.",
            hint="Name the file of that key; or give --new-key to make another.",
        )
