"""The only place that knows the order of the stages: exports in; tables, graph files, figures and a report out."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from chatforensics.casefile import Fresh
from chatforensics.engine import HERE, Engine
from chatforensics.storage import check_output
from chatforensics.workflow.checks import Checked, Checks, check, check_exports
from chatforensics.workflow.clock import now
from chatforensics.workflow.comparing import Compared, compare, compare_exports
from chatforensics.workflow.inputs import copy_demo, demo_folder, read_inputs
from chatforensics.workflow.parts import scratch_folder
from chatforensics.workflow.presenting import conclude, present
from chatforensics.workflow.run import Outcome, Report, Settings, silent
from chatforensics.workflow.single import (
    Declared,
    classify_export,
    classify_rows,
    detailed_records,
    diagnose,
    parse,
    parse_chat,
    parse_to_file,
    parsed_records,
    receive,
)
from chatforensics.workflow.stages import check_window, run_stages
from chatforensics.workflow.statements import read_candidates, read_corrections
from chatforensics.workflow.writing import stored_tables, telling, write_results

__all__ = [
    "Checked", "Checks", "Compared", "Declared", "Outcome", "Settings", "analyse", "analyse_exports", "check",
    "check_exports", "classify_export", "classify_rows", "compare", "compare_exports", "copy_demo", "demo_folder",
    "detailed_records", "diagnose", "now", "parse", "parse_chat", "parse_to_file", "parsed_records", "receive",
]  # fmt: skip


def analyse(
    paths: Iterable[Path | str],
    *,
    out: Path | str,
    settings: Settings | None = None,
    report: Report = silent,
    engine: Engine = HERE,
) -> Outcome:
    """Run the main job from Python; see `analyse_exports`."""
    return analyse_exports(
        [Path(path) for path in paths], out=Path(out), settings=settings or Settings(), report=report, engine=engine
    )


@contextmanager
def _ending(engine: Engine) -> Iterator[None]:
    """End the engine's processes where the work is broken off: nobody may write into a folder while it is removed."""
    try:
        yield
    except BaseException:
        engine.close()
        raise


def analyse_exports(
    paths: Sequence[Path], *, out: Path, settings: Settings, report: Report = silent, engine: Engine = HERE
) -> Outcome:
    """Run the main job: read every export, run all stages, write tables, graph files, figures and the report.

    An input that cannot be read is listed with its reason, and the rest is done.

    Raises:
        EvidenceError: no input at all could be read.
        UsageError: the output folder holds something else, another run writes there, or a declaration is wrong.
    """
    started = now()
    check_output(out)
    read_corrections(settings.people)  # a slip in it should not cost a long run
    read_candidates(settings.candidates)
    with scratch_folder(out, at=started) as scratch, _ending(engine):
        with telling("Nothing was written."):
            intake = read_inputs(paths, settings, report, engine=engine, store=Fresh(scratch))
            check_window(intake, settings)
            staged = run_stages(intake, settings, report, engine)
            outcome, graphs = conclude(staged)
            presented = present(staged, outcome, graphs, report, engine)
        write_results(out, presented, scratch=scratch, started=started)
    return replace(outcome, tables=stored_tables(out, outcome.tables))
