"""Progress on standard error: a bar on a terminal, plain lines elsewhere, JSON lines for wrappers, or nothing."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import typer

from chatforensics.errors import UsageError

QUIET = typer.Option("--quiet", "-q", help="Print no progress and no summary, only warnings and errors.")
MODE = typer.Option("--progress", help="auto, json or none.")
Report = Callable[[str, int, int], None]
MODES = ("auto", "json", "none", "quiet")


@contextmanager
def reporting(mode: str) -> Iterator[Report]:
    """Yield a function that takes stage, steps done and steps in all.

    Raises:
        UsageError: no such mode.
    """
    if mode not in MODES:
        raise UsageError(f"--progress: '{mode}' is not offered.", hint="Use auto, json or none.")
    if mode == "json":
        yield _print_json
    elif mode in ("none", "quiet"):
        yield lambda _stage, _done, _total: None
    elif sys.stderr.isatty():
        with _bar() as report:
            yield report
    else:
        yield _tenths()


def _print_json(stage: str, done: int, total: int) -> None:
    _say(json.dumps({"stage": stage, "done": done, "total": total}))


def _say(line: str) -> None:
    """Print to standard error; a reader who has gone away must not stop the work."""
    with suppress(OSError):
        typer.echo(line, err=True)


def _tenths() -> Report:
    """Print a line per stage and tenth of it, for logs."""
    last: dict[str, int] = {}

    def report(stage: str, done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        if last.get(stage) != tenth:
            last[stage] = tenth
            _say(f"{stage}: {done} of {total}")

    return report


@contextmanager
def _bar() -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading", total=None)

        def report(stage: str, done: int, total: int) -> None:
            progress.update(task, description=stage, completed=done, total=total)

        yield report
