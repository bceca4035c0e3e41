"""`analyse --case`: exports into a case, and the case analysed."""

import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from chatforensics.cli.again import retry_in_case
from chatforensics.cli.analyse import PARTIAL, How, print_outcome
from chatforensics.cli.case import open_and_remind
from chatforensics.cli.custody import record_answers
from chatforensics.cli.options import tell
from chatforensics.cli.progress import reporting
from chatforensics.errors import ChatForensicsError, UnreadableExport, UsageError

if TYPE_CHECKING:
    from chatforensics.casefile import By, Case


def analyse_in_case(
    folder: Path,
    paths: Sequence[Path],
    *,
    out: Path | None,
    given: Mapping[str, object],
    by: str,
    wait: bool,
    how: How,
) -> None:
    """Add exports to a case, made if there is none, and analyse all that is in it; exit with 3 where some failed."""
    from chatforensics.casefile import By
    from chatforensics.workflow.casework import RESULT, analyse_case
    from chatforensics.workflow.clock import now
    from chatforensics.workflow.remembered import settle
    from chatforensics.workflow.run import STAGES

    who = By(by, now())
    with _opened(folder, paths, by=who) as case:
        settings, kept = settle(given, case)
        n_added, failed = _add(case, paths, by=who, wait=wait, mode=how.mode)
        if how.retry_failed and not n_added:
            retry_in_case(case, settings, wait=wait, how=how)
        if kept:
            tell("Note", [f"As in the last run of this case: {'; '.join(kept)}."])
        with reporting(how.mode, then=STAGES) as report:
            outcome = analyse_case(
                case, settings=settings, by=By(by, now()), out=out, report=report, wait=wait, engine=how.engine
            )
    if print_outcome(outcome, out or folder / RESULT, mode=how.mode) or failed:
        sys.exit(PARTIAL)


@contextmanager
def _opened(folder: Path, paths: Sequence[Path], *, by: "By") -> "Iterator[Case]":
    """Open a case, or make it; one that was made now does not stay where not one export could be read into it."""
    from chatforensics.casefile import is_case, list_originals, new_case
    from chatforensics.casefile.originals import remove_tree

    if is_case(folder):
        yield open_and_remind(folder)
        return
    if not paths:
        raise UsageError(f"--case: {folder}: no case here, and no export given.", hint="Name files or folders.")
    case = new_case(folder, title=folder.resolve().name, by=by, key=secrets.token_bytes(32))
    try:
        yield case
    except ChatForensicsError as error:
        if isinstance(error, UnreadableExport) or not list_originals(case):
            remove_tree(folder)
            tell("Note", [f"No case was made in {folder}, as no export could be read."])
        raise
    tell("Note", [f"Made the case {folder}. It holds personal data in plain form: keep it on an encrypted disk."])


def _add(case: "Case", paths: Sequence[Path], *, by: "By", wait: bool, mode: str) -> tuple[int, bool]:
    """Add exports; return how many the case did not have, and whether some could not be added."""
    from chatforensics.casefile import list_originals
    from chatforensics.workflow.adding import add_exports

    if not paths:
        return 0, False
    with reporting(mode, last=False) as report:
        outcome = add_exports(case, paths, by=by, wait=wait, report=report)
    tell("Not added", outcome.failures)
    tell("Note", outcome.notes)
    if not list_originals(case):
        raise UnreadableExport("None of what was given could be read.", hint="Name exports: .txt or .zip files.")
    new = [x.source_id for x in outcome.added if not x.again]
    record_answers(case, new, answers=None, ask=None, by=by)
    return len(new), bool(outcome.failures)
