"""`verify`: whether a package or a case is as it was, in one plain line, then in detail."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatforensics.errors import UsageError

if TYPE_CHECKING:
    from chatforensics.package.checker import Result

EXAMPLE = "Example: chatforensics verify package-folder --key maker.pub"
FAILED = 4
_SEALED = b"age-encryption.org/v1"


def run(
    folder: Annotated[Path, typer.Argument(metavar="BUNDLE|CASE", help="The folder of a package, or a case.")],
    *,
    key: Annotated[
        str | None,
        typer.Option(help="minisign public key of the maker: a .pub file, or its line that begins with RW."),
    ] = None,
    rerun: Annotated[bool, typer.Option("--rerun", help="Compute the results again and compare.")] = False,
    exports: Annotated[
        list[Path] | None,
        typer.Option(
            help="With --rerun: exports of a package that does not hold them; may be given again.", show_default=False
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the checks as JSON.")] = False,
) -> None:
    """Check that a package or a case is unchanged: hashes, custody log and, with a key, signatures.

    It shows that nothing was changed since, and not that the chats are what phones held. A package without a checked
    signature could have been rewritten whole: that is said where it is so. Exit code 4 where a check fails.
    """
    if exports and not rerun:
        raise UsageError("--exports is for computing again.", hint="Give --rerun, too.")
    results = _check(folder, key=key, rerun=rerun, exports=exports or [])
    from chatforensics.package.checker import describe, has_failed

    typer.echo(_encode(results) if as_json else "\n".join(describe(results)))
    if has_failed(results):
        sys.exit(FAILED)


def _check(folder: Path, *, key: str | None, rerun: bool, exports: list[Path]) -> "list[Result]":
    from chatforensics.package.checker import PAYLOAD, TAGS

    if not folder.is_dir():
        raise _refuse(folder)
    if any((folder / name).exists() for name in ("bagit.txt", PAYLOAD, TAGS)):
        results = _check_bag(folder, key)
        return [*results, *_recheck(folder, exports)] if rerun else results
    if not (folder / "case.sqlite").exists():
        raise UsageError(f"{folder}: neither a package nor a case.", hint="Name the folder that holds bagit.txt.")
    if key:
        raise UsageError("--key: a case is not signed, only packages are.", hint="Leave it out.")
    if exports:
        raise UsageError("--exports: a case holds its own.", hint="Leave it out.")
    from chatforensics.workflow.verifying import verify_case

    return list(verify_case(folder, rerun=rerun))


def _check_bag(folder: Path, key: str | None) -> "list[Result]":
    from chatforensics.package.checker import Problem, check_bag

    try:
        return check_bag(folder, key)
    except Problem as problem:
        raise UsageError(f"--key: {problem}") from problem


def _recheck(folder: Path, exports: list[Path]) -> "list[Result]":
    from chatforensics.workflow.rechecking import recheck_package

    if lacking := [path for path in exports if not path.exists()]:
        raise UsageError(f"--exports: {lacking[0]} is not there.", hint="Name a file, or a folder of exports.")
    return recheck_package(folder, exports=exports)


def _refuse(path: Path) -> UsageError:
    """Return what to say of a path that is no folder."""
    try:
        with path.open("rb") as file:
            sealed = file.read(len(_SEALED)) == _SEALED or path.suffix == ".age"
    except OSError as error:
        return UsageError(f"{path}: {error.strerror}.", hint="Name the folder of a package or a case.")
    if sealed:
        hint = f"Open it first, age -d -i YOUR-KEY '{path}' | tar x, then name the folder that comes out."
        return UsageError(f"{path}: a sealed package.", hint=hint)
    return UsageError(f"{path}: a file.", hint="Unpack it, and name the folder that holds bagit.txt.")


def _encode(results: "list[Result]") -> str:
    from chatforensics.package.checker import LIMITS, has_failed, summarise

    checks = [result._asdict() for result in results]
    said = {"ok": not has_failed(results), "summary": summarise(results), "checks": checks, "limits": LIMITS}
    return json.dumps(said, indent=2)
