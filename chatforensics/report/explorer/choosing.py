"""Which messages lie inside the page: all of a small case; of a large one those that tell something, and those around.

The rule looks at what was found about messages, never at who sent them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics.figures.numbering import instruct
from chatforensics.report.language import Phrase, say
from chatforensics.report.sightings import Tables, find_at_lines, order_messages
from chatforensics.schema import CONFLICT_STATUSES
from chatforensics.tables import scan

Flags: TypeAlias = npt.NDArray[np.bool_]

# Of more messages than this a page takes minutes to open in a browser on a small computer, or does not open at all.
MOST_MESSAGES = 300_000
MOST_TELLING = 100_000
AROUND = (20, 10, 5, 3, 2, 1, 0)
ONE = pl.coalesce("canonical_id", "message_id").alias("one")
# What the scripts say of a page that holds every message, and what they say of one that does not.
_SAID = {
    "Every message of every export; copies of one message stand once, with each file, line and bytes.": say(
        "The messages on this page; copies of one message stand once, with each file, line and bytes. Between one "
        "message and the next there may be others, which are in tables/messages.parquet."
    ),
    "Absence here shows only that no export supplied holds a message.": say(
        "Absence here shows nothing: not all messages are on this page."
    ),
    "The charts draw {what}. All of them are in the tables; every message is in the view Messages.": say(
        "The charts draw {what}. All of them are in the tables."
    ),
}


@dataclass(frozen=True)
class Chosen:
    """The records that lie inside a page that cannot hold all, and how they were chosen; copies count once."""

    message_ids: pl.Series
    n_held: int
    n_all: int
    n_telling: int
    n_kept: int
    n_around: int

    def script_words(self) -> dict[str, Phrase]:
        """Return what the scripts say in place of sentences that would not be true of this page, by those."""
        return _SAID


def choose_messages(tables: Tables, *, families: pl.DataFrame, cited: Iterable[int]) -> Chosen | None:
    """Choose the messages for a page that cannot hold all; None where it can.

    First come those that the written report cites and those that are flagged or to be reviewed, then those on which
    exports disagree or at which something was observed, then those of texts that are followed, in the order of the
    texts, then those with other labels; up to 100,000 of them. Beside each stand as many neighbours in its export as
    the page has room for, 20 at most on either side.

    Args:
        tables: All tables.
        families: The texts that the views draw: `family_id`, `family` (their order).
        cited: Messages that the written report cites.
    """
    listed = order_messages(tables, ONE)
    n_all = listed["one"].n_unique()
    if n_all <= MOST_MESSAGES:
        return None
    told = _list_telling(tables, families, cited).join(listed.select("message_id", "one"), on="message_id")
    telling = told.sort("order", "family", "message_id").unique("one", keep="first", maintain_order=True)["one"]
    kept = telling.head(MOST_TELLING)
    seeds = listed["one"].is_in(kept.implode()).to_numpy()
    for n_around in AROUND:
        ones = listed["one"].filter(pl.Series(_widen(seeds, listed["place"], n_around))).unique()
        if ones.len() <= MOST_MESSAGES:
            break
    message_ids = listed["message_id"].filter(listed["one"].is_in(ones.implode()))
    return Chosen(message_ids.sort(), ones.len(), n_all, telling.len(), kept.len(), n_around)


def _list_telling(tables: Tables, families: pl.DataFrame, cited: Iterable[int]) -> pl.DataFrame:
    """Return the messages that tell something: `message_id`, `order` (of what they tell) and `family` (of its text)."""
    messages = scan(tables, "messages")
    in_conflict = pl.col("status").is_in(CONFLICT_STATUSES)
    conflicts = scan(tables, "corroboration").filter(in_conflict).select("canonical_id").collect().to_series()
    observed = tables["indicators"].lazy().filter(pl.col("level") != "info")
    lines = observed.select(source_id=pl.col("source_ids").list.first(), line="lines").explode("line").drop_nulls()
    labels = tables["labels"].lazy().filter(pl.col("decision").is_in(["flag", "review"]))
    followed = scan(tables, "families").filter("tracked").join(families.lazy(), on="family_id")
    found = [
        pl.LazyFrame({"message_id": list(cited)}, schema={"message_id": pl.Int64}),
        instruct(tables["labels"]).lazy(),
        messages.filter(pl.col("canonical_id").is_in(conflicts.implode())).select("message_id"),
        find_at_lines(messages, lines.collect()),
        followed.select("message_id", pl.col("family").cast(pl.Int64)),
        labels,
    ]
    none = pl.LazyFrame(schema={"message_id": pl.Int64, "family": pl.Int64})
    rows = [
        pl.concat(
            [none, frame.select("message_id", *(["family"] if frame is found[4] else []))], how="diagonal"
        ).with_columns(pl.col("family").fill_null(0), order=pl.lit(place))
        for place, frame in enumerate(found)
    ]
    return pl.concat(frame.collect(engine="streaming") for frame in rows)


def _widen(
    seeds: "np.ndarray[tuple[int], np.dtype[np.bool_]]", places: pl.Series, n: int
) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Say which records are among the seeds or at most n records from one in the same export."""
    before = np.append(0, np.cumsum(seeds))
    at, export = np.arange(seeds.size), places.rle_id().to_numpy()
    low = np.maximum(at - n, np.searchsorted(export, export))
    high = np.minimum(at + n + 1, np.searchsorted(export, export, side="right"))
    near: Flags = before[high] > before[low]
    return near
