"""A case held to its own records: originals, custody log, database, what is kept of the stages, results."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from chatforensics.casefile import (
    Again,
    Case,
    Run,
    check_chain,
    check_database,
    check_records,
    check_stage,
    describe_program,
    digest_outputs,
    hash_content,
    hash_file,
    head,
    hold_original,
    last_run,
    list_originals,
    list_stages,
    list_strays,
    log_lines,
    open_case,
)
from chatforensics.casefile.derived import DERIVED
from chatforensics.errors import CaseError, ChatForensicsError, HashMismatch, UsageError
from chatforensics.package.checker import FAILED, OK, OPEN, Result
from chatforensics.workflow.casework import RESULT, analyse_again
from chatforensics.workflow.clock import now
from chatforensics.workflow.parts import part_folder
from chatforensics.workflow.remembered import restore
from chatforensics.workflow.writing import RUN

RECORDS = "records"
_OLD = "Do not rely on them: restore the case from a copy."
_OTHER = (
    "Another version may compute otherwise; or somebody changed the results. To tell, repeat this with that version."
)
_REMOVE = (
    "Kept stages differ, and the next analysis would use them again: remove the folder derived of the case (all in it "
    "can be made again), then analyse and verify once more."
)
_INTERRUPTED = "A run that was killed at its very end leaves this, too: analyse the case once more, and verify again."


def verify_case(folder: Path, *, rerun: bool) -> list[Result]:
    """Check that what a case holds is what its records say; nothing in it is changed.

    It shows that nothing was changed since it was recorded, to whoever knows a head of the custody log from elsewhere:
    who may write in the folder could have written records, log and hashes anew. It does not show that the chats are
    what phones held.

    Args:
        folder: the case.
        rerun: analyse the originals anew, and compare with the results and with what is kept of each stage.

    Raises:
        CaseError: there is no case here, or another version of the program made it.
    """
    try:
        case = open_case(folder)
    except CaseError as error:
        if isinstance(error.__cause__, sqlite3.Error):
            return [Result("database", FAILED, str(error))]
        raise
    if fault := check_database(case):
        return [Result("database", FAILED, fault)]
    whole = Result("database", OK, "SQLite finds the file of the database whole.")
    try:
        return [whole, *_check_rest(case, rerun=rerun)]
    except sqlite3.Error as error:  # whole, and not of our form
        return [Result("database", FAILED, f"{case.folder}: not a database that this program made: {error}.")]


def _check_rest(case: Case, *, rerun: bool) -> Iterator[Result]:
    log = _check_log(case)
    yield log
    yield _check_recorded(case) if log.state == OK else Result(RECORDS, OPEN, "Not while the custody log fails.")
    yield _check_originals(case)
    yield _check_strays(case)
    yield _check_derived(case)
    try:
        run = last_run(case)
    except CaseError as error:
        yield Result("results", FAILED, str(error))
        return
    if run is None:
        yield Result("results", OPEN, "The case was not analysed yet.")
        return
    yield _check_results(case, run)
    if rerun:
        yield _check_again(case, run)
    else:
        yield Result("results computed again", OPEN, "Not asked for; --rerun analyses the originals anew and compares.")


def _check_log(case: Case) -> Result:
    lines = log_lines(case)
    fault = check_chain(lines)
    if fault:
        return Result("custody log", FAILED, fault)
    entries = [json.loads(line) for line in lines]
    logged = {sha for entry in entries if entry.get("action") in ("add", "minimise") for sha in _kept_of(entry)}
    held = {original.sha256 for original in list_originals(case)}
    if odd := sorted(logged ^ held):
        words = "The exports of the case are not those that the custody log says were added."
        return Result("custody log", FAILED, words, tuple(odd))
    n_lines, sha = head(case)
    return Result("custody log", OK, f"Each of {n_lines:,} lines holds the hash of the one before. Head: {sha}.")


def _check_recorded(case: Case) -> Result:
    """Hold what the case has on record of exports, answers, replies and corrections to the keyed hashes in the log."""
    try:
        faults = check_records(case)
    except CaseError as error:
        return Result(RECORDS, FAILED, str(error))
    if faults:
        words = f"The case has on record what its custody log does not say, or the case's key is another one. {_OLD}"
        return Result(RECORDS, FAILED, words, tuple(faults))
    return Result(
        RECORDS, OK, "Title, exports, answers, replies and corrections on record are those that the custody log knows."
    )


def _kept_of(entry: Mapping[str, object]) -> list[str]:
    """Return the hash of the export that a line of the log took into the case; of media beside it there are more."""
    known = entry.get("outputs") or entry.get("inputs")
    return [str(known[0])] if isinstance(known, list) and known else []


def _check_originals(case: Case) -> Result:
    faults = []
    originals = list_originals(case)
    for original in originals:
        try:
            hold_original(original)
        except HashMismatch as error:
            faults.append(str(error.args[0]))
    if faults:
        return Result("originals", FAILED, f"Exports that are not what was added: {len(faults):,}.", tuple(faults))
    return Result("originals", OK, f"Exports of which every file has the hash it was added with: {len(originals):,}.")


def _check_strays(case: Case) -> Result:
    strays = list_strays(case)
    if not strays:
        return Result("nothing added", OK, "Nothing lies among the originals that was not added through the program.")
    words = (
        f"Files and folders among the originals that no record names: {len(strays):,}. They are not read. Adding an "
        "export leaves one when it is interrupted: add it once more, and verify again."
    )
    return Result("nothing added", FAILED, words, tuple(strays))


def _check_derived(case: Case) -> Result:
    folder = case.folder / DERIVED
    names = list_stages(folder)
    faults = tuple(fault for name in names if (fault := check_stage(folder / name)))
    if faults:
        words = f"Kept stages that do not hold their hashes: {len(faults):,}. The next analysis makes them again."
        return Result("kept stages", FAILED, words, faults)
    if not names:
        return Result("kept stages", OPEN, "None is kept.")
    return Result("kept stages", OK, f"Stages of which every file has the hash beside it: {len(names):,}.")


def _check_results(case: Case, run: Run) -> Result:
    out = case.folder / run.result
    if not out.is_dir():
        return Result("results", OPEN, "The folder of the last result is not there any more.", (str(out),))
    if _read_run(out).get("finished_at") is None:
        return Result(
            "results", OPEN, "A run is under way or was interrupted: analyse the case once more.", (str(out),)
        )
    if [digest_outputs(run)] != _last_entry(case).get("outputs"):
        return Result("results", FAILED, "The hashes of the last run are not those in the custody log.")
    faults = tuple(sorted(name for name, sha in run.outputs.items() if hash_file(out / name) != sha))
    if faults:
        words = f"Files of the last result that are missing or changed: {len(faults):,}. {_INTERRUPTED}"
        return Result("results", FAILED, words, faults)
    return Result(
        "results", OK, f"Files of the last result that have the hash recorded by the run: {len(run.outputs):,}."
    )


def _read_run(out: Path) -> Mapping[str, object]:
    try:
        told = json.loads((out / RUN).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {"finished_at": "unknown"}  # its hash will tell
    return told if isinstance(told, dict) else {"finished_at": "unknown"}


def _last_entry(case: Case) -> Mapping[str, object]:
    entries = [json.loads(line) for line in log_lines(case)]
    return next((entry for entry in reversed(entries) if entry.get("action") == "analyse"), {})


@contextmanager
def _scratch(case: Case) -> Iterator[Path]:
    """Yield a folder in the case for messages of a large one: a check that is killed leaves them there.

    The next check or analysis removes it. Where nothing can be written to the case, it is the system's place for
    temporary files.
    """
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(part_folder(case.folder / RESULT, at=now()))
        except UsageError:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="chatforensics-")))
        yield folder


def _check_again(case: Case, run: Run) -> Result:
    """Analyse the originals anew and compare with the hashes of the last run and the files of each stage."""
    with _scratch(case) as scratch:
        store = Again(case.folder / DERIVED, scratch=scratch)
        try:
            presented = analyse_again(case, restore(run.settings), store)
        except ChatForensicsError as error:
            return Result("results computed again", FAILED, f"The originals cannot be analysed as before: {error}")
        anew = {name: hash_content(content) for name, content in presented.contents()}
    before = {name: sha for name, sha in run.outputs.items() if name != RUN}
    differ = sorted(name for name in anew.keys() | before.keys() if anew.get(name) != before.get(name))
    details = (*(f"{run.result}/{name}" for name in differ), *store.different)
    same = f"Files computed anew from the originals, the same to the byte: {len(anew) - len(differ):,} of {len(anew):,}"
    if not details:
        return Result("results computed again", OK, f"{same}; kept stages compared: {store.compared:,}.")
    details_of = _last_entry(case).get("details")
    program = details_of.get("program") if isinstance(details_of, dict) else None
    if program != describe_program()["sha256"]:
        words = f"Results differ; they were made by another version of the program. {same}."
        return Result("results computed again", FAILED, words, (_OTHER, *details))
    words = f"{same}. Other packages or another processor may round otherwise; else somebody changed the results."
    if store.different:
        words = f"{words} {_REMOVE}"
    return Result("results computed again", FAILED, words, details)
