"""`analyse`: the main job, exports in, tables, graph files, figures and report out."""

import codecs
import os
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatforensics.cli.case import ACTOR, WAIT
from chatforensics.cli.events import EVENT, read_events
from chatforensics.cli.options import CANDIDATES, check_zone, tell
from chatforensics.cli.progress import MODE, QUIET, reporting
from chatforensics.cli.warned import tell_warnings
from chatforensics.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chatforensics.engine import Engine
    from chatforensics.workflow import Outcome, Settings

EXAMPLE = "Example: chatforensics analyse exports/ --out report --tz Europe/London"
PARTIAL = 3
_MOST_TOLD = 50  # failures
PICTURES = ("all", "none")
DRY_RUN = typer.Option("--dry-run", help="Only say what would be done, and about how long it would take.")
RETRY = typer.Option(
    "--retry-failed",
    help="Give paths and --out, or --case, as before: all is done again if one of those that failed can be read now.",
)
ENGINE = typer.Option("--engine", help="local: this machine; ray: a Ray cluster, see docs/cluster.md.")
ADDRESS = typer.Option(help="Head of a running Ray cluster, such as 10.0.0.1:6379; without it Ray is started here.")


@dataclass(frozen=True, slots=True)
class How:
    """How a run goes about it: what is printed of progress, who works, and is only what failed a reason to run."""

    mode: str
    engine: "Engine"
    retry_failed: bool


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
        Path | None,
        typer.Option(help="File with one path a line, or NUL after each (find -print0); '-' reads standard input."),
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Exports that are read at a time.  [all cores]")] = None,
    engine_name: Annotated[str, ENGINE] = "local",
    address: Annotated[str | None, ADDRESS] = None,
    by: Annotated[str, ACTOR] = "unknown",
    wait: Annotated[bool, WAIT] = False,
    dry_run: Annotated[bool, DRY_RUN] = False,
    retry_failed: Annotated[bool, RETRY] = False,
    progress: Annotated[str, MODE] = "auto",
    quiet: Annotated[bool, QUIET] = False,
) -> None:
    """Analyse exports: messages, labels, slates, families, who sent to whom, coordination, figures and a report.

    Exports in one sub-folder of a folder that you give are taken to come from one phone. With --case, options that are
    not given are those of the last run of that case.
    """
    everything = [*(paths or []), *(_listed(files_from) if files_from else [])]
    if dry_run and retry_failed:
        raise UsageError("--dry-run and --retry-failed: one of them only.")
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
    if not everything and case is None:
        raise UsageError("No export given.", hint="Name files or folders, or pass --files-from.")
    if dry_run:
        from chatforensics.cli.dryrun import foretell

        foretell(everything, out=out, case=case, given=given, jobs=jobs, mode=mode)
        return
    if case is None and out is None:
        raise UsageError("No --out given.", hint="Name a folder for the result, or a case with --case.")
    from chatforensics.engine import choose_engine

    with closing(choose_engine(jobs, engine_name, address)) as engine:
        if case is not None:
            from chatforensics.cli.incase import analyse_in_case

            how = How(mode, engine, retry_failed=retry_failed)
            analyse_in_case(case, everything, out=out, given=given, by=by, wait=wait, how=how)
        elif out is not None:
            settings = _settle(everything, out, given, How(mode, engine, retry_failed=retry_failed))
            analyse_and_print(everything, out=out, settings=settings, mode=mode, engine=engine)


def _listed(files_from: Path) -> list[Path]:
    """Return the paths of a list; no path can hold NUL, so where there is one it stands between paths."""
    from chatforensics.cli.options import read_input

    told = read_input(files_from)
    if told.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # as PowerShell writes lists
        told = told.decode("utf-16", errors="replace").encode(errors="replace")
    told = told.removeprefix(codecs.BOM_UTF8)
    names = told.split(b"\0") if b"\0" in told else told.splitlines()
    return [Path(os.fsdecode(name)) for name in names if name.strip()]


def _settle(paths: list[Path], out: Path, given: "Mapping[str, object]", how: How) -> "Settings":
    """Return the settings of the run; with `--retry-failed` those of the run before, if it is to be done again."""
    if how.retry_failed:
        from chatforensics.cli.again import settle_retry

        return settle_retry(paths, out=out, given=given, how=how)
    from chatforensics.workflow import Settings

    return Settings(**given)  # type: ignore[arg-type]


def analyse_and_print(
    paths: list[Path], *, out: Path, settings: "Settings", mode: str, engine: "Engine | None" = None
) -> None:
    """Run the main job and print its summary; exit with 3 where some inputs failed."""
    from chatforensics.engine import HERE
    from chatforensics.workflow import analyse_exports
    from chatforensics.workflow.run import STAGES

    with reporting(mode, then=STAGES) as report:
        outcome = analyse_exports(paths, out=out, settings=settings, report=report, engine=engine or HERE)
    if print_outcome(outcome, out, mode=mode):
        sys.exit(PARTIAL)


def print_outcome(outcome: "Outcome", out: Path, *, mode: str) -> bool:
    """Print failures, warnings and the summary; return whether some inputs failed."""
    _tell_some("Not read", [failure["reason"] for failure in outcome.failures], whole=out / "failures.jsonl")
    tell_warnings(outcome.warnings, whole=out / "summary.json")
    if mode != "quiet":
        from chatforensics.text import show_controls

        typer.echo(show_controls(_six_lines(outcome, out)))
    return bool(outcome.failures)


def _tell_some(head: str, said: "Sequence[str]", *, whole: Path) -> None:
    """Print the first of many; `whole` is where all stand."""
    tell(head, said[:_MOST_TOLD])
    if len(said) > _MOST_TOLD:
        tell(head, [f"{len(said) - _MOST_TOLD:,} more: see {whole}."])


def _six_lines(outcome: "Outcome", out: Path) -> str:
    n = outcome.summary
    period = f"{str(n['first_at'])[:10]} to {str(n['last_at'])[:10]}"
    unread = f"not read: {n['n_failed']:,}; unread spans: {n['n_rejects']:,}"
    n_pairs, n_warnings = n["n_pairs_significant"], len(outcome.warnings)
    lines = {
        "Read": f"records: {n['n_messages']:,}; exports: {n['n_sources']:,}; chats: {n['n_chats']:,}; "
        f"{period}; {unread}.",
        "Labelled": f"messages that tell people how to vote: {n['n_flagged']:,}, and {n['n_review']:,} to review.",
        "Families": f"tracked texts: {n['n_families_tracked']:,}, sent {_times(n['n_shares'])}; "
        f"people: {n['n_people']:,}.",
        "Spread": f"ties from sender to recipient: {n['n_edges']:,}; with a likely source: {n['n_links_named']:,}.",
        "Checked": f"pairs beyond chance: {n_pairs:,}; conflicts of exports: {n['n_conflicts']:,}; "
        f"warnings: {n_warnings:,}.",
        "Look at": f"{out / 'report.html'} (tables, figures and graph files beside it).",
    }
    return "\n".join(f"{name:<9} {text}" for name, text in lines.items())


def _times(number: object) -> str:
    return "once" if number == 1 else f"{number:,} times"
