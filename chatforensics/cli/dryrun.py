"""`analyse --dry-run`: what would be done, how much of it there is, and about how long it would take."""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from chatforensics.cli.options import tell
from chatforensics.cli.progress import reporting, say_time

if TYPE_CHECKING:
    from chatforensics.casefile import Case
    from chatforensics.workflow.foreseeing import Foreseen, Standing
    from chatforensics.workflow.run import Settings

_MEGABYTE = 1_000_000
_GIGABYTE = 1000 * _MEGABYTE
_NOTHING = "Nothing was written. Mend what is named above, or give other exports."
_END = "Nothing was written, and no message was read: these are estimates, made from sizes."


def foretell(
    paths: Sequence[Path],
    *,
    out: Path | None,
    case: Path | None,
    given: Mapping[str, object],
    jobs: int | None,
    mode: str,
) -> None:
    """Print what an analysis would do; with `--progress json`, as one object."""
    from chatforensics.engine import choose_engine
    from chatforensics.storage import check_output
    from chatforensics.workflow.casework import RESULT
    from chatforensics.workflow.foreseeing import foresee

    opened, settings, kept = _open(case, given)
    result = out or (case / RESULT if case else None)
    if result is not None:
        check_output(result)
    n_jobs = int(getattr(choose_engine(jobs), "n_jobs", 1))
    with reporting(mode, last=False) as report:
        foreseen = foresee(paths, settings=settings, n_jobs=n_jobs, case=opened, report=report)
    tell("Cannot be read", foreseen.unread)
    tell("Warning", foreseen.notes)
    if kept:
        tell("Note", [f"As in the last run of this case: {'; '.join(kept)}."])
    if mode == "json":
        typer.echo(json.dumps(asdict(foreseen)))
    elif mode != "quiet":
        typer.echo("\n".join(f"{head:<9} {words}" for head, words in _lines(foreseen, out, case)))
    if not foreseen.whole.n_exports:
        raise typer.Exit(1)  # as the run would


def _open(case: Path | None, given: Mapping[str, object]) -> "tuple[Case | None, Settings, list[str]]":
    """Return the case if there is one, and the settings that a run would have, with what it would take over."""
    from chatforensics.casefile import is_case
    from chatforensics.workflow.run import Settings

    if case is None or not is_case(case):
        return None, Settings(**given), []  # type: ignore[arg-type]
    from chatforensics.cli.case import open_and_remind
    from chatforensics.workflow.remembered import settle

    opened = open_and_remind(case)
    return opened, *settle(given, opened)


def _lines(foreseen: "Foreseen", out: Path | None, case: Path | None) -> list[tuple[str, str]]:
    from chatforensics.cli.casewords import count

    given, read, whole = foreseen.given, foreseen.read, foreseen.whole
    kinds = [f"{kind}: {n:,}" for kind, n in foreseen.kinds.items() if kind != "none"]
    told = "; ".join([*kinds, f"cannot be read: {len(foreseen.unread):,}"])
    found = (
        f"exports: {given.n_exports:,} ({told}), {_size(given.n_bytes)}; phones (sub-folders): {foreseen.n_phones:,}."
    )
    about = (
        f"about {_round(read.n_messages)} messages in {count(read.n_exports, 'export')}; pictures: {read.n_pictures:,}."
    )
    lines = [("Found", found)]
    if case is not None:
        lines.append(("In case", _case_words(foreseen.case) if foreseen.case else f"{case} would be made."))
    if not whole.n_exports:
        return [*lines, ("To read", "nothing: not one of them can be read."), ("", _NOTHING)]
    lines.append(("To read", about))
    if foreseen.case is not None:
        lines.append(("In all", f"about {_round(whole.n_messages)} messages in {count(whole.n_exports, 'export')}."))
    took = f"{say_time(foreseen.least_s)} to {say_time(foreseen.most_s)}, reading in {foreseen.n_jobs} processes."
    lines.append(("Time", took))
    if foreseen.pictures_most_s:
        pictures = f"{say_time(foreseen.pictures_least_s)} to {say_time(foreseen.pictures_most_s)}"
        lines.append(("", f"Of that for words in pictures: {pictures} (--pictures none leaves them out)."))
    lines.append(("Memory", f"about {_size(foreseen.memory_bytes)}{_has_memory()}."))
    return [*lines, ("Disk", _disk_words(foreseen, out, case)), ("", _END)]


def _case_words(case: "Standing") -> str:
    said = [
        f"originals: {case.n_originals:,}, of which kept as they were read: {case.n_kept:,}.",
        f"Of those found, there by path and size: {case.n_there:,} (their bytes were not compared).",
    ]
    if case.n_changed:
        said.append(f"There with another size, so added beside it: {case.n_changed:,}.")
    same = "Options and program are those of the last run." if case.is_same else ""
    return " ".join([*said, same or "Options or program are not those of a finished run: later stages are made anew."])


def _disk_words(foreseen: "Foreseen", out: Path | None, case: Path | None) -> str:
    """Say how much room is needed where, and how much there is."""
    passing = f"{_size(foreseen.scratch_bytes)} of it in passing"
    if case is None:
        needed = foreseen.result_bytes + foreseen.scratch_bytes
        return f"about {_size(needed)}, {passing}{_room(out, needed)}."
    needed = foreseen.case_bytes + foreseen.scratch_bytes
    if out is None:
        return f"about {_size(needed + foreseen.result_bytes)}, {passing}{_room(case, needed + foreseen.result_bytes)}."
    result = f"about {_size(foreseen.result_bytes)}{_room(out, foreseen.result_bytes)}"
    return f"{result}; about {_size(needed)}, {passing}{_room(case, needed)}."


def _room(place: Path | None, n_bytes: int) -> str:
    if place is None:
        return ""
    there = next(folder for folder in (place.absolute(), *place.absolute().parents) if folder.is_dir())
    free = shutil.disk_usage(there).free
    return f", in {place} ({_size(free)} free{': TOO LITTLE' if free < n_bytes else ''})"


def _has_memory() -> str:
    """Say how much memory this machine has, where the system tells."""
    try:
        return f"; this machine has {_size(os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES'))}"
    except (AttributeError, OSError, ValueError):
        return ""


def _round(number: int) -> str:
    """Return an estimate with two digits that mean something."""
    digits = len(str(number)) - 2
    return f"{round(number, -digits) if digits > 0 else number:,}"


def _size(n_bytes: int) -> str:
    if n_bytes >= _GIGABYTE:
        return f"{n_bytes / _GIGABYTE:,.1f} GB"
    return f"{max(n_bytes / _MEGABYTE, 0.1):,.1f} MB" if n_bytes else "0 MB"
