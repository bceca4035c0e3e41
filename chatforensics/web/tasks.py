"""What the processes behind the page can do: JSON in, JSON out."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from chatforensics.web import boxtasks
from chatforensics.web.taskargs import Args, Result, by_of, case_of

if TYPE_CHECKING:
    from chatforensics.casefile import Case
    from chatforensics.intake import ExportFile
    from chatforensics.workflow.run import Report

_GONE = "A file that came in is not here any more: another window may have taken it in. If not, send it again."


def prepare() -> None:
    """Load what the tasks need that people wait for."""
    from chatforensics.workflow import looking

    looking.prepare()


def receive(args: Args, report: "Report") -> Result:
    """Take what was uploaded into the case, and look at each export at once; what is no export is not kept."""
    from chatforensics.web.uploads import list_received, remove_received
    from chatforensics.workflow.adding import add_found

    case = case_of(args)
    received, failures = list_received(case, args["uploads"]), list[str]()
    if len(received) < len(args["uploads"]):
        failures.append(_GONE)
    exports = [each.export for each in received if _is_readable(each.export, failures)]
    adding = add_found(case, exports, by=by_of(args), wait=True)
    failures += adding.failures
    failures += _look_at_unseen(case, report, only={each.source_id for each in adding.added})
    remove_received(case, args["uploads"])
    return {"added": [asdict(each) for each in adding.added], "failures": failures, "notes": adding.notes}


def _is_readable(export: "ExportFile", failures: list[str]) -> bool:
    from chatforensics.errors import EvidenceError
    from chatforensics.workflow.adding import check_readable

    try:
        check_readable(export)
    except EvidenceError as error:
        failures.append(str(error))
        return False
    return True


def _look_at_unseen(case: "Case", report: "Report", *, only: Collection[str] | None = None) -> list[str]:
    """Look at exports at which nobody has looked; return why some cannot be read, which stay in the case."""
    from chatforensics.casefile import list_originals
    from chatforensics.errors import EvidenceError
    from chatforensics.workflow.looking import list_looks, look

    seen = {str(each["received"]["source_id"]) for each in list_looks(case)}
    failures = []
    for original in list_originals(case):
        source_id = original.source_id
        if source_id in seen or original.path is None or (only is not None and source_id not in only):
            continue
        try:
            look(case, source_id, report=report)
        except EvidenceError as error:
            failures.append(str(error))
    return failures


def analyse(args: Args, report: "Report") -> Result:
    """Analyse a case, and make what the pages read; exports that came in by another way are looked at first."""
    from chatforensics.workflow import Settings
    from chatforensics.workflow.casework import analyse_case
    from chatforensics.workflow.effects import remember_summary
    from chatforensics.workflow.remembered import settings_of
    from chatforensics.workflow.viewing import build_view

    case = case_of(args)
    _look_at_unseen(case, report)
    settings = settings_of(case) or Settings()
    outcome = analyse_case(case, settings=settings, by=by_of(args), report=report, wait=True)
    build_view(case, outcome, report=report)
    remember_summary(case, outcome)
    return {"summary": outcome.summary, "warnings": outcome.warnings, "failures": outcome.failures}


TASKS: Mapping[str, Callable[[Args, "Report"], Result]] = {
    "receive": receive,
    "analyse": analyse,
    "pack": boxtasks.pack,
    "verify": boxtasks.verify,
    "save": boxtasks.save,
    "restore": boxtasks.restore,
}
