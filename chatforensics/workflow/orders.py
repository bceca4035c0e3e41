"""What it would change if the dates of an export were read in the other order."""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics.errors import UnknownExportFormat
from chatforensics.intake import ChatText
from chatforensics.parsing import read_orders
from chatforensics.parsing.timeline import NO_MOMENT, Timeline
from chatforensics.schema import Sources

_RIVALS = re.compile(r"nothing decides between ([a-z]{3}(?: and [a-z]{3})+)")
_DAY_S = 86_400


@dataclass(frozen=True)
class OtherReading:
    """The dates of an export under another order than the one taken: how many differ, the first and the last."""

    order: str
    n_changed: int
    n_records: int
    first: str
    last: str

    def __str__(self) -> str:
        """Say it in one clause."""
        return (
            f"as {self.order}, {self.n_changed} of {self.n_records} records would have another date, "
            f"from {self.first} to {self.last}"
        )


def weigh_order(sources: Sources, chat: ChatText, *, year: int | None) -> Sources:
    """Add to the evidence for an ambiguous order of dates what the other order would change.

    Args:
        sources: the export's row, as parsed.
        chat: the export, read again under each order in question.
        year: the declared year of the first message, if any.
    """
    rivals = list_rivals(sources)
    if not rivals:
        return sources
    row = sources.row(0, named=True)
    others = [compare_orders(chat, row["date_order"], other, year=year) for other in rivals]
    said = "; ".join([row["date_order_evidence"], *(str(other) for other in others if other)])
    return Sources(sources.with_columns(date_order_evidence=pl.lit(said)))


def list_rivals(sources: Sources) -> list[str]:
    """Return the other orders that an export's dates may have, where nothing decides between them and the one taken."""
    row = sources.row(0, named=True)
    if row["date_order_verdict"] != "ambiguous":
        return []
    rivals = {order for found in _RIVALS.findall(row["date_order_evidence"]) for order in found.split(" and ")}
    return sorted(rivals - {row["date_order"]})


def compare_orders(chat: ChatText, taken: str, other: str, *, year: int | None) -> OtherReading | None:
    """Read an export's dates in two orders; None where it cannot be read in the other."""
    try:
        one, two = (_list_days(timeline) for timeline in read_orders(chat, (taken, other), year=year))
    except UnknownExportFormat:
        return None
    (offsets, days), (others, found) = one, two
    if not len(others):
        return None
    at = np.minimum(np.searchsorted(others, offsets), len(others) - 1)
    changed = int(np.count_nonzero((others[at] != offsets) | (found[at] != days)))
    return OtherReading(other, changed, len(offsets), str(found.min()), str(found.max()))


def _list_days(timeline: Timeline) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.datetime64]]:
    """Return offset and date of each record that has a date, in file order."""
    known = timeline.sent_s != NO_MOMENT
    return timeline.rows.offset[known], (timeline.sent_s[known] // _DAY_S).astype("datetime64[D]")
