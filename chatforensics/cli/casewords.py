"""What the sections of a comparison share: short names of exports, wrapped paragraphs, counted things."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from chatforensics.cli.observations import WIDTH
from chatforensics.report.sightings import MINUTE_S

if TYPE_CHECKING:
    from chatforensics.workflow import Compared

LIMIT = 40  # messages of one kind, people, or lines of one observation

Row = dict[str, Any]  # a row of a table, with cells of many types


@dataclass(frozen=True)
class Case:
    """What is compared, with the short name of each export."""

    compared: "Compared"
    sources: list[Row]
    names: Mapping[str, str]

    def print_time(self, moment: datetime | None, source_id: str) -> str:
        """Return a time as finely as the export's clock prints it."""
        by_id = {row["source_id"]: row["clock_step_s"] for row in self.sources}
        return print_moment(moment, step_s=by_id[source_id] or MINUTE_S)

    def order(self, source_ids: Sequence[str]) -> list[int]:
        """Return the numbers of exports."""
        return [int(self.names[source_id][1:]) for source_id in source_ids]

    def cite(self, source_ids: Sequence[str]) -> str:
        """Return the short names of exports: S1, S2 and S5."""
        names = [f"S{number}" for number in sorted(self.order(source_ids))]
        return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]

    def rows(self, table: str, chat_id: str) -> list[Row]:
        """Return the rows of a table that belong to one chat."""
        return self.compared.tables[table].filter(pl.col("chat_id") == chat_id).to_dicts()


def print_moment(moment: datetime | None, *, step_s: int) -> str:
    """Return a time to the nearest minute, or second where the clock shows seconds.

    Times in UTC have seconds from how far a clock is ahead: cut, they would be a minute early.
    """
    if moment is None:
        return "no time"
    by_minute = step_s >= MINUTE_S
    rounded = moment + timedelta(seconds=MINUTE_S / 2 if by_minute else 1 / 2)
    return rounded.strftime("%Y-%m-%d %H:%M" if by_minute else "%Y-%m-%d %H:%M:%S")


def wrap(text: str, *, first: str = "", indent: str | None = None) -> str:
    """Wrap one paragraph; further lines stand as deep as the first unless said otherwise."""
    rest = " " * len(first) if indent is None else indent
    return textwrap.fill(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def head(title: str) -> Iterator[str]:
    """Yield a title with a line beneath it."""
    yield title
    yield "-" * min(len(title), WIDTH)


def count(number: int, thing: str) -> str:
    """Return a number with its thing in the plural where it has to be."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def more(total: int, thing: str, *, where: str = "analyse writes all of them to its tables") -> Iterator[str]:
    """Yield how many further things there are beyond the limit, and where they are."""
    if total > LIMIT:
        yield wrap(f"{count(total - LIMIT, f'further {thing}')}; {where}.", first="  ")
