"""The files of a case's last result: found by their names in its record, never by a path that somebody sends."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from chatforensics.casefile import Case, hash_file, last_run
from chatforensics.errors import CaseError
from chatforensics.report.explorer.page import hash_of, read_script
from chatforensics.report.language import say

REPORT = "report.html"
_HEAD_BYTES = 4096
_HASH = re.compile(r"(style|script)-src '(sha256-[A-Za-z0-9+/]{43}=)'")
# Any such tag but the plain ones of a report: what stands in a text is escaped, and is no tag.
_ORDER = re.compile(rb"<meta(?! charset=\"utf-8\">| name=\"[a-z-]+\" content=\"[^\"<>]*\">)", re.IGNORECASE)
_POLICY = (
    "sandbox {may}allow-downloads allow-modals; default-src 'none'; img-src data: blob:; style-src '{style}'; "
    "script-src '{script}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class ResultFile:
    """One file of a result: its name below the folder of the result, where it lies, its SHA-256 as recorded."""

    name: str
    path: Path
    sha256: str

    @property
    def size(self) -> int:
        """Return its size in bytes."""
        return self.path.stat().st_size

    def hold(self) -> "ResultFile":
        """Return the file if it is what the analysis wrote.

        Raises:
            CaseError: it was changed or removed since.
        """
        if hash_file(self.path) == self.sha256:
            return self
        raise CaseError(
            say("{name}: not what the analysis wrote, or no longer there.", name=self.name),
            hint=say("Analyse the case again: the result is made anew from the originals."),
        )


def list_result(case: Case) -> dict[str, ResultFile]:
    """Return the files of the last finished analysis by their names, in order; those that are no longer there too.

    Nothing is listed of a result outside of the case folder. That a file is listed does not show that it is unchanged:
    `hold` does.
    """
    run = last_run(case)
    if run is None:
        return {}
    folder = (case.folder / run.result).resolve()
    if folder == case.folder.resolve() or not folder.is_relative_to(case.folder.resolve()):
        return {}
    return {
        name: ResultFile(name, folder / name, sha256)
        for name, sha256 in sorted(run.outputs.items())
        if _is_inside(name, folder)
    }


def _is_inside(name: str, folder: Path) -> bool:
    """Tell whether a name leads to a file below a folder: a case that somebody else saved may hold any name."""
    plain = not PurePosixPath(name).is_absolute() and "\\" not in name and ".." not in PurePosixPath(name).parts
    return plain and (folder / name).resolve().is_relative_to(folder) and (folder / name).is_file()


def read_report_policy(path: Path) -> str:
    """Return the policy under which the page serves a report: its own, and cut off from what this page holds.

    Scripts run only where they are those that this program writes: others, in a case that somebody else made, could go
    elsewhere and take along the address, which no policy forbids.

    Raises:
        CaseError: the file says no such policy of its own.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES).decode("utf-8", "replace")
    found = dict(_HASH.findall(head))
    if set(found) != {"style", "script"}:
        raise CaseError(say("{name}: no report of this program.", name=path.name), hint=say("Analyse the case again."))
    is_ours = found["script"] == hash_of(read_script()) and _has_one_order(path)
    may, script = ("allow-scripts ", found["script"]) if is_ours else ("", "none")
    return _POLICY.format(may=may, style=found["style"], script=script)


def _has_one_order(path: Path) -> bool:
    """Tell whether a page gives the browser no orders but its policy: another one could be to go elsewhere."""
    return len(_ORDER.findall(path.read_bytes())) == 1
