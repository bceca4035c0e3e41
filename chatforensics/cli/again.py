"""`analyse --retry-failed`: what an earlier run could not read is tried first; only then is all of it done again."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from chatforensics.cli.options import tell
from chatforensics.cli.progress import reporting

if TYPE_CHECKING:
    from chatforensics.casefile import Case
    from chatforensics.cli.analyse import How
    from chatforensics.workflow.retrying import Tried
    from chatforensics.workflow.run import Settings

PARTIAL = 3


def settle_retry(paths: Sequence[Path], *, out: Path, given: Mapping[str, object], how: "How") -> "Settings":
    """Try what the run before could not read; return the settings for another run, or exit where none is of use."""
    from chatforensics.workflow.earlier import read_earlier, settle_as_earlier
    from chatforensics.workflow.retrying import try_failed

    earlier = read_earlier(out)
    settings = settle_as_earlier(given, earlier)
    if not earlier.failed:
        _leave(f"The run that made {out} could read everything; nothing was done.", code=0, mode=how.mode)
    with reporting(how.mode, last=False) as report:
        tried = try_failed(paths, earlier, settings, report=report, engine=how.engine)
    _leave_if_none(tried, place=out, mode=how.mode)
    return settings


def retry_in_case(case: "Case", settings: "Settings", *, wait: bool, how: "How") -> None:
    """Try what the last run of a case could not read; exit where none can be read now."""
    from chatforensics.workflow.retrying import try_failed_originals

    with reporting(how.mode, last=False) as report:
        tried = try_failed_originals(case, settings, wait=wait, report=report, engine=how.engine)
    if not tried.n_failed:
        _leave(f"The last run of {case.folder} could read everything; nothing was done.", code=0, mode=how.mode)
    _leave_if_none(tried, place=case.folder, mode=how.mode)


def _leave_if_none(tried: "Tried", *, place: Path, mode: str) -> None:
    if tried.one_is_read:
        return
    tell("Not read", tried.reasons)
    none = "The one that failed cannot" if tried.n_failed == 1 else f"None of the {tried.n_failed:,} can"
    _leave(f"{none} be read now; {place} is as it was.", code=PARTIAL, mode=mode)


def _leave(words: str, *, code: int, mode: str) -> None:
    if mode != "quiet":
        from chatforensics.cli.observations import show

        typer.echo(show(words))
    sys.exit(code)
