"""Tasks about whole files: a package is made or checked, a case saved or brought back."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from chatforensics.errors import UnreadableExport
from chatforensics.web.taskargs import Args, Result, by_of, case_of

if TYPE_CHECKING:
    from chatforensics.workflow.run import Report

PACKAGES, SAVED = "packages", "saved"  # folders of the desk
_KEPT = "kept"


def pack(args: Args, report: "Report") -> Result:
    """Make a package of a case, check it, and keep it as one file."""
    from chatforensics.casefile.desk import desk_folder
    from chatforensics.workflow.handing import pack_for_page

    case = case_of(args)
    place, name = desk_folder(case) / PACKAGES, str(args.get("name") or PACKAGES)
    return pack_for_page(case, args["order"], by=by_of(args), out_folder=place, name=name, report=report)


def verify(args: Args, report: "Report") -> Result:
    """Check a package that was uploaded; what was unpacked is removed.

    The upload stays where its signature could be checked with another key, until the next one is checked.
    """
    from chatforensics.workflow.opening import verify_file

    work, number = Path(str(args["folder"])), str(args["upload"])
    for kept in work.glob(f"*/{_KEPT}"):
        if kept.parent.name != number:
            shutil.rmtree(kept.parent, ignore_errors=True)
    with _uploaded(args) as path:
        key, passphrase = str(args.get("key") or "") or None, str(args.get("passphrase") or "") or None
        told = verify_file(path, name=path.name, work=work, key=key, passphrase=passphrase, report=report)
        if told["signed_by"] and told["signature"] != "ok":
            (work / number / _KEPT).touch(mode=0o600)
        else:
            (work / number / _KEPT).unlink(missing_ok=True)
        return told


def save(args: Args, report: "Report") -> Result:
    """Save a case into one file."""
    from chatforensics.casefile.desk import desk_folder
    from chatforensics.workflow.saving import save_for_page

    case = case_of(args)
    passphrase = str(args.get("passphrase") or "") or None
    return save_for_page(case, desk_folder(case) / SAVED, by=by_of(args), passphrase=passphrase, report=report)


def restore(args: Args, report: "Report") -> Result:
    """Bring back a saved case that was uploaded; the upload is removed."""
    from chatforensics.workflow.clock import now
    from chatforensics.workflow.restoring import restore_for_page

    with _uploaded(args) as path:
        place, passphrase = Path(str(args["place"])), str(args.get("passphrase") or "") or None
        return restore_for_page(path, place, name=path.name, at=now(), passphrase=passphrase, report=report)


@contextmanager
def _uploaded(args: Args) -> Iterator[Path]:
    """Yield the file of an upload, which goes afterwards, as it is not ours; unless it is marked as kept."""
    from chatforensics.web.uploads import find_file

    folder, number = Path(str(args["folder"])), str(args["upload"])
    path = find_file(folder, number)
    if path is None:
        raise UnreadableExport("The file is not here any more.", hint="Choose it once more.")
    try:
        yield path
    finally:
        if not (folder / number / _KEPT).exists():
            shutil.rmtree(folder / number, ignore_errors=True)
