"""Which messages the written report may print, one by one: few among millions, and only these are read whole."""

import polars as pl

from chatforensics.figures.numbering import list_instructing
from chatforensics.report.observations import list_lines
from chatforensics.report.sightings import Tables, find_at_lines
from chatforensics.report.weighing import list_conflicts
from chatforensics.tables import scan

_LISTED = ("slates", "polls", "places", "calls")


def find_concerned(tables: Tables) -> pl.Series:
    """Return the ids of the messages that any section may print, with all copies of those that tell how to vote.

    These are messages that are flagged or to be reviewed, and others with their text; slates, polls, places and calls;
    clusters and pictures that look alike; the conflicts and the lines of observations that the page has room for.
    """
    messages = scan(tables, "messages")
    one = pl.coalesce("canonical_id", "message_id")
    told = pl.concat([list_instructing(tables), *(tables[name].select("message_id") for name in _LISTED)]).unique()
    ones = messages.filter(pl.col("message_id").is_in(told["message_id"].implode())).select(one).collect().to_series()
    found = [
        messages.filter(one.is_in(ones.unique().implode())).select("message_id"),
        messages.filter(pl.col("canonical_id").is_in(list_conflicts(tables)["canonical_id"].implode())).select(
            "message_id"
        ),
        find_at_lines(messages, list_lines(tables)),
        tables["clusters"].lazy().select(message_id="message_ids").explode("message_id"),
        *(tables["picture_links"].lazy().select(message_id=side) for side in ("message_a", "message_b")),
    ]
    return pl.concat(rows.collect(engine="streaming") for rows in found).drop_nulls().unique().to_series().sort()
