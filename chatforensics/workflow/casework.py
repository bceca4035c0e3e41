"""Analysis of a case: from its originals, through stages that are kept, to results and a line in the custody log."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from chatforensics.casefile import (
    By,
    Case,
    Derived,
    Original,
    Run,
    Store,
    conceal,
    describe_program,
    head,
    hold_original,
    list_answers,
    list_originals,
    locked,
    open_derived,
    record_run,
)
from chatforensics.engine import HERE, Engine
from chatforensics.errors import CaseError
from chatforensics.intake import read_export
from chatforensics.storage import check_output
from chatforensics.workflow.corrected import settings_with_corrections
from chatforensics.workflow.inputs import Intake, read_into
from chatforensics.workflow.labelled import TEXTS
from chatforensics.workflow.parts import scratch_folder
from chatforensics.workflow.pictures import PICTURE
from chatforensics.workflow.presenting import Presented, conclude, present
from chatforensics.workflow.reading import Given, Input
from chatforensics.workflow.remembered import describe, hold_words, log_settings, settings_of
from chatforensics.workflow.replying import read_replies
from chatforensics.workflow.run import Outcome, Report, Settings, Tables, silent
from chatforensics.workflow.stages import Staged, check_window, run_stages
from chatforensics.workflow.statements import read_candidates, read_corrections
from chatforensics.workflow.superseded import settle_failures
from chatforensics.workflow.writing import describe_machine, write_results
from chatforensics.workflow.written import read_words

RESULT = "result"


def analyse_case(  # noqa: PLR0913 - the case, what was chosen, and by name how
    case: Case,
    *,
    settings: Settings,
    by: By,
    out: Path | None = None,
    report: Report = silent,
    wait: bool = False,
    engine: Engine = HERE,
) -> Outcome:
    """Analyse the originals of a case, and add a line to its custody log.

    What an earlier run, finished or killed, made of the same originals with the same settings and program is used
    again. The settings are remembered. What people corrected in the case and did not withdraw is used: see `corrected`.

    Args:
        case: the case.
        settings: what was chosen and declared.
        by: who runs it, and when.
        out: the folder for the result; without it, `result` in the case.
        report: told of progress.
        wait: wait where another run holds the case.
        engine: where exports are read that the case does not know yet; only this process writes to the case.

    Raises:
        CaseError: another run holds the case, it is empty, or cannot be written to.
        HashMismatch: an original is not what was added.
        UsageError: the output folder holds something else, or a declaration is wrong.
    """
    out = out or case.folder / RESULT
    check_output(out)
    with locked(case, wait=wait), scratch_folder(out, at=by.at) as scratch:
        settings = settings_with_corrections(case, hold_words(settings))
        store = open_derived(case)
        store.remove_leftovers()
        staged = _stage(case, settings, store, report, engine)
        presented = present_case(case, staged, report, engine)
        more = {"case": _describe_case(case)}
        hashes = write_results(out, presented, scratch=scratch, started=by.at, more=more)
        _record(case, staged, hashes, by=by, out=out)
        store.remove_unused(but=(PICTURE, TEXTS))
    outcome = presented.outcome
    return Outcome(outcome.tables, outcome.summary, outcome.failures, [*outcome.warnings, *store.damaged], outcome.run)


def load_outcome(case: Case, settings: Settings | None = None, report: Report = silent) -> Outcome:
    """Return what the analysis of a case gives, from what is kept of it where that holds; no result is written.

    Call this while the case is `locked` if other runs may be under way.

    Args:
        case: the case.
        settings: what was chosen; without them, what was chosen for the last run.
        report: told of progress.

    Raises:
        CaseError: the case is empty, or cannot be written to.
        HashMismatch: an original is not what was added.
    """
    settings = hold_words(settings or settings_of(case) or Settings())
    staged = _stage(case, settings, open_derived(case), report)
    outcome, _ = _conclude(case, staged)
    run = {**outcome.run, "program": describe_machine(), "case": _describe_case(case)}
    return replace(outcome, run=run)


def load_tables(case: Case, settings: Settings | None = None, report: Report = silent) -> Tables:
    """Return the tables of a case; see `load_outcome`."""
    return load_outcome(case, settings, report).tables


def analyse_again(case: Case, settings: Settings, store: Store, report: Report = silent) -> Presented:
    """Analyse a case and return everything that the run would leave behind; nothing is written but what `store` keeps.

    Raises:
        CaseError: the case is empty.
        HashMismatch: an original is not what was added.
    """
    return present_case(case, _stage(case, settings, store, report), report)


def present_case(case: Case, staged: Staged, report: Report, engine: Engine = HERE) -> Presented:
    """Return everything that an analysis of a case leaves behind, with the replies that the case has."""
    outcome, graphs = _conclude(case, staged)
    return present(staged, outcome, graphs, report, engine)


def _conclude(case: Case, staged: Staged) -> tuple[Outcome, dict[str, bytes]]:
    """Return what a run found, with what the case knows besides: replies, and answers to the custody questions."""
    outcome, graphs = conclude(staged, replies=read_replies(case, tables=staged.tables))
    return replace(outcome, run={**outcome.run, "custody": list_answers(case)}), graphs


def _stage(case: Case, settings: Settings, store: Store, report: Report, engine: Engine = HERE) -> Staged:
    read_corrections(settings.people)  # a slip in it should not cost a long run
    read_candidates(settings.candidates)
    try:
        intake = read_case(case, settings, store, report, engine)
        check_window(intake, settings)
        return run_stages(intake, settings, report, engine)
    finally:
        if isinstance(store, Derived):
            store.clear_scratch()


def read_case(case: Case, settings: Settings, store: Store, report: Report, engine: Engine = HERE) -> Intake:
    """Read the originals of a case, each held to its hash before it is used.

    Raises:
        CaseError: there is none that can be read.
        HashMismatch: one is not what was added.
    """
    originals = [original for original in list_originals(case) if original.path is not None]
    if not originals:
        raise CaseError(f"{case.folder}: no export in this case.", hint="Add some with: chatforensics case add.")
    for number, original in enumerate(originals, start=1):
        hold_original(original)
        report("hashing", number, len(originals))
    engine.check_paths([original.path for original in originals if original.path is not None])
    named = name_originals(originals)
    inputs = [Input(name, partial(give_original, original, name)) for name, original in named]
    sizes = [original.size_bytes for _, original in named]
    intake = read_into(Intake(store), inputs, sizes, settings, report, engine=engine)
    settle_failures(intake, named)
    return intake


def name_originals(originals: Sequence[Original]) -> list[tuple[str, Original]]:
    """Return each original with the path as received; where two came by one path, with the beginning of its hash."""
    n_same = Counter(original.shown for original in originals)
    return [
        (original.shown if n_same[original.shown] == 1 else f"{original.source_id[:6]}:{original.shown}", original)
        for original in originals
    ]


def give_original(original: Original, name: str) -> Given:
    """Return an original as something that can be read, under the name that `name_originals` gives it."""
    export = replace(original.export(), shown=name)
    return Given(name, original.sha256, export, partial(read_export, export), original.files, dates_of(original))


def dates_of(original: Original) -> str | None:
    """Return the order of the dates of which only a part is kept, if the whole settled it: the part may not."""
    facts = original.minimised or {}
    return str(facts["date_order"]) if facts.get("date_order_verdict") in ("certain", "likely") else None


def _describe_case(case: Case) -> dict[str, object]:
    """Say to which line of the custody log a result belongs: the last one before the run's own."""
    entries, sha256 = head(case)
    return {"title": case.title, "log_entries": entries, "log_head": sha256}


def _record(case: Case, staged: Staged, hashes: Mapping[str, str], *, by: By, out: Path) -> None:
    store, settings = staged.intake.store, staged.settings
    inside = out.resolve().is_relative_to(case.folder.resolve())
    place = out.resolve().relative_to(case.folder.resolve()) if inside else out.resolve()
    run = Run(by.at.isoformat(), describe(settings), place.as_posix(), hashes)
    held = hold_words(settings).corrections
    corrected = read_words(held, where="corrections").decode() if held else None
    details = {
        **log_settings(settings),
        **({"corrections": conceal(case, corrected, purpose="corrections")} if corrected else {}),
        "program": describe_program()["sha256"],
        "n_sources": len(staged.intake.read),
        "n_failed": len(staged.intake.failures),
        "n_damaged": len(store.damaged) if isinstance(store, Derived) else 0,
    }
    inputs = sorted({original.sha256 for original in list_originals(case)})
    record_run(case, run, by=by, details=details, inputs=inputs)
