"""`analyse`: the main job, exports in, tables, graph files, figures and report out."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatforensics.cli.case import ACTOR, WAIT
from chatforensics.cli.events import EVENT, read_events
from chatforensics.cli.options import CANDIDATES, check_zone, tell
from chatforensics.cli.progress import MODE, QUIET, reporting
from chatforensics.errors import UsageError

if TYPE_CHECKING:
    from chatforensics.workflow import Outcome, Settings

EXAMPLE = "Example: chatforensics analyse exports/ --out report --tz Europe/London"
PARTIAL = 3
PICTURES = ("all", "none")


def run(
    paths: Annotated[list[Path] | None, typer.Argument(help="Exports (.txt, .zip) and folders of them.")] = None,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the result; with --case, by default its 'result'.")
    ] = None,
    case: Annotated[
        Path | None,
        typer.Option(help="A case folder: exports given are added to it, all in it are analysed, work done is kept."),
    ] = None,
    tz: Annotated[str | None, typer.Option(help="Time zone of the case's clock, such as Europe/London.  [UTC]")] = None,
    declare: Annotated[
        Path | None, typer.Option(help="TOML: zone, date order, year, custodian or chat of single exports.")
    ] = None,
    people: Annotated[Path | None, typer.Option(help="TOML that corrects who is who.")] = None,
    candidates: Annotated[Path | None, CANDIDATES] = None,
    pictures: Annotated[
        str | None,
        typer.Option(help="all, or none: whether words in pictures are read, where Tesseract is installed.  [all]"),
    ] = None,
    window: Annotated[
        float | None, typer.Option(help="Seconds that count as close in time; 60 at least on most phones.  [300]")
    ] = None,
    event: Annotated[list[str] | None, EVENT] = None,
    files_from: Annotated[
        Path | None, typer.Option(help="File with one path a line; '-' reads standard input.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Exports that are read at a time; not with --case.  [all cores]")
    ] = None,
    by: Annotated[str, ACTOR] = "unknown",
    wait: Annotated[bool, WAIT] = False,
    progress: Annotated[str, MODE] = "auto",
    quiet: Annotated[bool, QUIET] = False,
) -> None:
    """Analyse exports: messages, labels, slates, families, who sent to whom, coordination, figures and a report.

    Exports in one sub-folder of a folder that you give are taken to come from one phone. With --case, options that are
    not given are those of the last run of that case.
    """
    everything = [*(paths or []), *(_listed(files_from) if files_from else [])]
    if pictures is not None and pictures not in PICTURES:
        raise UsageError(f"--pictures: '{pictures}' is not offered.", hint="Use all or none.")
    named = {
        "timezone": check_zone(tz) if tz is not None else None,
        "declare": declare,
        "people": people,
        "candidates": candidates,
        "pictures": pictures,
        "window_s": window,
        "events": read_events(event) if event else None,
    }
    given = {name: value for name, value in named.items() if value is not None}
    mode = "quiet" if quiet else progress
    if case is not None:
        from chatforensics.cli.incase import analyse_in_case

        analyse_in_case(case, everything, out=out, given=given, by=by, wait=wait, mode=mode)
        return
    from chatforensics.workflow import Settings

    if not everything:
        raise UsageError("No export given.", hint="Name files or folders, or pass --files-from.")
    if out is None:
        raise UsageError("No --out given.", hint="Name a folder for the result, or a case with --case.")
    analyse_and_print(everything, out=out, settings=Settings(**given), mode=mode, jobs=jobs)  # type: ignore[arg-type]


def _listed(files_from: Path) -> list[Path]:
    from chatforensics.cli.options import read_input

    return [Path(os.fsdecode(line)) for line in read_input(files_from).splitlines() if line.strip()]


def analyse_and_print(
    paths: list[Path], *, out: Path, settings: "Settings", mode: str, jobs: int | None = None
) -> None:
    """Run the main job and print its summary; exit with 3 where some inputs failed."""
    from chatforensics.engine import choose_engine
    from chatforensics.workflow import analyse_exports

    with reporting(mode) as report:
        outcome = analyse_exports(paths, out=out, settings=settings, report=report, engine=choose_engine(jobs))
    if print_outcome(outcome, out, mode=mode):
        sys.exit(PARTIAL)


def print_outcome(outcome: "Outcome", out: Path, *, mode: str) -> bool:
    """Print failures, warnings and the summary; return whether some inputs failed."""
    tell("Not read", (failure["reason"] for failure in outcome.failures))
    tell("Warning", outcome.warnings)
    if mode != "quiet":
        from chatforensics.text import show_controls

        typer.echo(show_controls(_six_lines(outcome, out)))
    return bool(outcome.failures)


def _six_lines(outcome: "Outcome", out: Path) -> str:
    n = outcome.summary
    period = f"{str(n['first_at'])[:10]} to {str(n['last_at'])[:10]}"
    unread = f"not read: {n['n_failed']}; unread spans: {n['n_rejects']}"
    n_pairs, n_warnings = n["n_pairs_significant"], len(outcome.warnings)
    lines = {
        "Read": f"records: {n['n_messages']:,}; exports: {n['n_sources']}; chats: {n['n_chats']}; {period}; {unread}.",
        "Labelled": f"messages that tell people how to vote: {n['n_flagged']:,}, and {n['n_review']:,} to review.",
        "Families": f"tracked texts: {n['n_families_tracked']}, sent {n['n_shares']} times; people: {n['n_people']}.",
        "Spread": f"ties from sender to recipient: {n['n_edges']}; with a likely source: {n['n_links_named']}.",
        "Checked": f"pairs beyond chance: {n_pairs}; conflicts of exports: {n['n_conflicts']}; warnings: {n_warnings}.",
        "Look at": f"{out / 'report.html'} (tables, figures and graph files beside it).",
    }
    return "\n".join(f"{name:<9} {text}" for name, text in lines.items())
