"""The only place that knows the order of the stages: exports in; tables, graph files, figures and a report out."""

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from chatforensics.errors import UsageError
from chatforensics.schema import Pictures
from chatforensics.storage import check_output, encode_json, write_json
from chatforensics.workflow.checks import Checked, Checks, check, check_exports
from chatforensics.workflow.comparing import Compared, compare, compare_exports
from chatforensics.workflow.inputs import copy_demo, demo_folder, read_inputs
from chatforensics.workflow.pictures import draw_small, read_pictures, warn_of_pictures
from chatforensics.workflow.rereading import list_rereads
from chatforensics.workflow.results import describe_run, draw, graph_files, summarise, warn_of_dates, write_results
from chatforensics.workflow.run import Outcome, Report, Settings, report_stage, silent
from chatforensics.workflow.sensitivity import vary
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
from chatforensics.workflow.statements import read_candidates, read_corrections, warn_of_custodians

__all__ = [
    "Checked", "Checks", "Compared", "Declared", "Outcome", "Settings", "analyse", "analyse_exports", "check",
    "check_exports", "classify_export", "classify_rows", "compare", "compare_exports", "copy_demo", "demo_folder",
    "detailed_records", "diagnose", "parse", "parse_chat", "parse_to_file", "parsed_records", "receive",
]  # fmt: skip


def analyse(
    paths: Iterable[Path | str], *, out: Path | str, settings: Settings | None = None, report: Report = silent
) -> Outcome:
    """Run the main job from Python; see `analyse_exports`."""
    return analyse_exports(
        [Path(path) for path in paths], out=Path(out), settings=settings or Settings(), report=report
    )


def analyse_exports(paths: Sequence[Path], *, out: Path, settings: Settings, report: Report = silent) -> Outcome:
    """Run the main job: read every export, run all stages, write tables, graph files, figures and the report.

    An input that cannot be read is listed with its reason, and the rest is done.

    Raises:
        EvidenceError: no input at all could be read.
        UsageError: the output folder holds something else, or a declaration is wrong.
    """
    from chatforensics.report import render_report
    from chatforensics.report.pdf import render_pdf

    started = _now()
    check_output(out)
    read_corrections(settings.people)  # a slip in it should not cost a long run
    read_candidates(settings.candidates)
    intake = read_inputs(paths, settings, report)
    check_window(intake.parsed, settings)
    received = {**intake.received(), "pictures": read_pictures(intake, settings, report)}
    staged = run_stages(intake.parsed, received, settings, report)
    rereads = list_rereads(intake, Pictures(received["pictures"]), settings)
    moved = vary(staged.tables, window_s=settings.window_s, model=staged.link_model, rereads=rereads)
    report_stage(report, "sensitivity")
    tables = {**staged.tables, "sensitivity": moved}
    told = (warn_of_dates(tables["sources"]), warn_of_custodians(tables["sources"]))
    graphs, left_out = graph_files(tables)
    warnings = sorted({*intake.warnings, *chain(*told, warn_of_pictures(tables["pictures"], settings), left_out)})
    summary = summarise(tables, intake.failures, warnings)
    run = describe_run(tables, intake, warnings, settings, link_model=staged.link_model)
    drawings = draw(tables, report, settings)
    shown = draw_small(tables, intake)
    page = render_report(tables, drawings=drawings, run=run, summary=summary, pictures=shown)
    document = render_pdf(page, tables=tables)
    files = {"report.html": page.encode(), "report.pdf": document, "summary.json": encode_json(summary), **graphs}
    outputs = write_results(out, tables=tables, drawings=drawings, files=files)
    report_stage(report, "report")
    write_json(out / "run.json", {**run, "outputs": outputs, "started_at": started, "finished_at": _now()})
    return Outcome(tables, summary, intake.failures, warnings)


def _now() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(f"SOURCE_DATE_EPOCH: '{epoch}' is no time.", hint="Give seconds since 1970.") from error
    return moment.isoformat(timespec="seconds")
