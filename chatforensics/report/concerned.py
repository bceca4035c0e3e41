"""Which messages the written report may print, one by one: few among millions, and only these are read whole."""

import polars as pl

from chatforensics.figures.numbering import list_instructing
from chatforensics.report.observations import list_lines
from chatforensics.report.sightings import Tables
from chatforensics.report.weighing import list_conflicts
from chatforensics.storage import scan

_LISTED = ("slates", "polls", "places", "calls")


def find_concerned(tables: Tables) -> pl.Series:
    """Return the ids of the messages that any section may print, with all copies of those that tell how to vote.

    These are messages that are flagged or to be reviewed, and others with their text; slates, polls, places and calls;
    clusters and pictures that look alike; the conflicts and the lines of observations that the page has room for.
    """
    messages = scan(tables, "messages")
    one = pl.coalesce("canonical_id", "message_id").alias("one")
    told = pl.concat([list_instructing(tables), *(tables[name].select("message_id") for name in _LISTED)]).unique()
    ones = messages.select("message_id", one).join(told.lazy(), on="message_id", how="semi").select("one")
    conflicts = list_conflicts(tables).select("canonical_id").lazy()
    found = [
        messages.select("message_id", one).join(ones, on="one", how="semi").select("message_id"),
        messages.join(conflicts, on="canonical_id", how="semi").select("message_id"),
        messages.join(list_lines(tables).lazy(), on=["source_id", "line"], how="semi").select("message_id"),
        tables["clusters"].lazy().select(message_id="message_ids").explode("message_id"),
        *(tables["picture_links"].lazy().select(message_id=side) for side in ("message_a", "message_b")),
    ]
    return pl.concat(pl.collect_all(found)).drop_nulls().unique().to_series().sort()
