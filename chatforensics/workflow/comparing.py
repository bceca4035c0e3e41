"""Exports side by side: read, joined, and put into tables that say where they agree and where they do not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from chatforensics.errors import UsageError
from chatforensics.workflow.inputs import read_inputs
from chatforensics.workflow.joined import join_parsed
from chatforensics.workflow.results import warn_of_dates
from chatforensics.workflow.run import Report, Settings, Tables, silent
from chatforensics.workflow.statements import read_corrections

if TYPE_CHECKING:
    from chatforensics.joining import Apart

_LEAST = 2


@dataclass(frozen=True)
class Compared:
    """Exports side by side.

    `tables` has those of the contract that joining makes; `disagreements` a row per message and way in which exports
    disagree on it, with both sides; `apart` what exports share that were not taken to show one chat; `same_file`
    names inputs that are one file byte for byte.
    """

    tables: Tables
    disagreements: pl.DataFrame
    apart: "Apart"
    same_file: list[str]
    failures: list[dict[str, str]]
    warnings: list[str]


def compare(paths: Iterable[Path | str], *, settings: Settings | None = None, report: Report = silent) -> Compared:
    """Put two or more exports side by side; see `compare_exports`."""
    return compare_exports([Path(path) for path in paths], settings=settings or Settings(), report=report)


def compare_exports(paths: Sequence[Path], *, settings: Settings, report: Report = silent) -> Compared:
    """Read exports, join them as `analyse` does, and list where those of one chat disagree.

    Agreement shows that files agree, not that what they say happened; a disagreement does not show which file is right.

    Raises:
        EvidenceError: no input at all could be read.
        UsageError: there are fewer than two inputs, or a declaration is wrong.
    """
    from chatforensics.joining import describe_apart, list_disagreements

    corrections = read_corrections(settings.people)
    intake = read_inputs(paths, settings, report, observing=False)
    same = [warning for warning in intake.warnings if " is the same file as " in warning]
    if len(intake.read) + len(intake.failures) + len(same) < _LEAST:
        raise UsageError("One export only.", hint="Give two or more, or a folder that holds them.")
    joined = join_parsed(intake.all(), timezone=settings.timezone, corrections=corrections)
    names = ("sources", "messages", "chats", "clocks", "people", "joins", "memberships", "corroboration", "comparisons")
    return Compared(
        tables={name: getattr(joined, name) for name in (*names, "indicators")},
        disagreements=list_disagreements(joined.sources, joined.messages, joined.corroboration, joined.indicators),
        apart=describe_apart(joined.sources, joined.messages),
        same_file=same,
        failures=intake.failures,
        warnings=sorted({*intake.warnings, *warn_of_dates(joined.sources)}),
    )
