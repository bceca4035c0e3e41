"""What one run is given and what it gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from chatforensics.workflow.written import Words

Report = Callable[[str, int, int], None]
Tables = Mapping[str, pl.DataFrame]
STAGES = ("joining", "labelling", "families", "spread", "coordination", "sensitivity", "figures", "report")


@dataclass(frozen=True)
class Settings:
    """What the user may set. `timezone` is the zone of the case's reference clock; `window_s` is in seconds.

    `declare` states zone, date order, year, custodian and chat of single exports, `people` corrects who is who,
    `candidates` lists names on slates with their spellings. `pictures` is `all` (read their words) or `none`.
    `corrections` are those of a case, as it has them on record; see `corrected`.
    `events` are days in that zone with names, such as ballot dates, marked on the figures; they are not evidence.
    """

    timezone: str = "UTC"
    declare: Words | None = None
    people: Words | None = None
    candidates: Words | None = None
    pictures: str = "all"
    window_s: float = 300.0
    events: tuple[tuple[date, str], ...] = ()
    corrections: Words | None = None


@dataclass(frozen=True)
class Outcome:
    """What one run found: the tables, the headline counts, what could not be read, what to beware of, its record."""

    tables: Tables
    summary: dict[str, object]
    failures: list[dict[str, str]]
    warnings: list[str]
    run: Mapping[str, object] = field(default_factory=dict)


def report_stage(report: Report, stage: str) -> None:
    """Tell the listener that a stage is done."""
    report(stage, STAGES.index(stage) + 1, len(STAGES))


def silent(_stage: str, _done: int, _total: int) -> None:
    """Report nothing."""
