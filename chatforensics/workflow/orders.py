"""What it would change if the dates of an export were read in the other order."""

import re
from dataclasses import dataclass

import polars as pl

from chatforensics.errors import UnknownExportFormat
from chatforensics.intake import ChatText
from chatforensics.parsing import Scan, scan_export
from chatforensics.parsing.timeline import NO_MOMENT
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
        one, two = (_list_days(scan_export(chat, dates=order, year=year)) for order in (taken, other))
    except UnknownExportFormat:
        return None
    both = one.join(two, on="offset", how="left")
    changed = both.filter(pl.col("day").ne_missing(pl.col("day_right"))).height
    first, last = (two["day"].min(), two["day"].max())
    return OtherReading(other, changed, one.height, str(first), str(last)) if two.height else None


def _list_days(scan: Scan) -> pl.DataFrame:
    """Return offset and date of each record that has a date."""
    known = scan.plan.sent_s != NO_MOMENT
    days = pl.Series(scan.plan.sent_s[known] // _DAY_S).cast(pl.Int32).cast(pl.Date)
    return pl.DataFrame({"offset": scan.plan.rows.offset[known], "day": days})
