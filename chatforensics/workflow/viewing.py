"""What the pages read of a finished analysis: made once, whole or not at all, and made again when the case changes."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from chatforensics.casefile import Case, describe_program, list_originals, locked, log_lines
from chatforensics.casefile.folder import encode_canonical
from chatforensics.casefile.made import DESCRIPTION, find_view, making_view
from chatforensics.workflow.corrected import settings_with_corrections
from chatforensics.workflow.remembered import describe, hold_words, settings_of
from chatforensics.workflow.run import Outcome, Report, Settings, silent
from chatforensics.workflow.viewreading import Found, View
from chatforensics.workflow.viewsearch import Query
from chatforensics.workflow.viewwriting import write_view

__all__ = ["Found", "Query", "View", "build_view", "open_view", "view_state"]

FORM = 1  # of a view; one of another form is made again
_ID = 16


def build_view(case: Case, outcome: Outcome, *, report: Report = silent) -> Path:
    """Make what the pages read of a finished analysis, and remove what was there of earlier ones.

    Call this right after the analysis. A view that is there already of the same originals, settings, corrections and
    program is used again, and so is one that another page made meanwhile of a later analysis.

    Args:
        case: the case.
        outcome: what its analysis found.
        report: told of progress.

    Returns:
        The folder of the view.

    Raises:
        CaseError: it cannot be written.
    """
    state = _state_of_last(case)
    with locked(case, wait=True):  # else one page takes what another one makes for what a killed one left
        found = find_view(case)
        if found is not None and _read(found).get("state") in (state, _state_of_last(case)):
            return found
        with making_view(case, state[:_ID]) as part:
            write_view(part, outcome, {"form": FORM, "state": state}, report)
    return case.folder / "desk" / "view" / state[:_ID]


def _state_of_last(case: Case) -> str:
    return _tell_state(_list_analysed(case), settings_of(case) or Settings())


def view_state(case: Case) -> str:
    """Return the digest of what a view of the case must be made of to be up to date.

    These are the originals, the settings of the last run, the corrections that nobody withdrew, and the program.
    """
    settings = settings_with_corrections(case, hold_words(settings_of(case) or Settings()))
    return _tell_state(sorted({original.sha256 for original in list_originals(case)}), settings)


def open_view(case: Case) -> View | None:
    """Return what the pages read of the last finished analysis; None where there is none."""
    found = find_view(case)
    if found is None:
        return None
    told = _read(found)
    return View(found, str(told.get("state", "")), case, view_state) if told.get("form") == FORM else None


def _list_analysed(case: Case) -> list[str]:
    """Return the SHA-256 of the originals that the last analysis was of, those among them that cannot be read, too."""
    entries = (entry for entry in map(json.loads, log_lines(case)) if entry["action"] == "analyse")
    return sorted(list(entries)[-1]["inputs"])


def _tell_state(originals: list[str], settings: Settings) -> str:
    made_of = {"originals": originals, "settings": describe(settings), "program": describe_program(), "form": FORM}
    return hashlib.sha256(encode_canonical(made_of).encode()).hexdigest()


def _read(folder: Path) -> Mapping[str, object]:
    try:
        told = json.loads((folder / DESCRIPTION).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
