"""At which hours people write: the part of the null model that knows night shifts and early risers."""

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics.schema import AnyMessages

HOURS = 24
BLEND = 0.1  # part of everybody's profile that is the same at all hours: habits are no law
PRIOR_MESSAGES = 50.0  # everybody's profile counts as much as so many messages of one's own

Floats = npt.NDArray[np.float64]


def count_hours(messages: AnyMessages) -> pl.DataFrame:
    """Count how many messages of each person fall into each hour of the day.

    All kinds of messages count, for all are signs of being awake; copies in several exports count each.

    Returns:
        `person_id`, `hour` (0 to 23, UTC) and `n_messages`. The hours of a place that changes its clocks in spring
        shift by one: profiles are blurred by that much.
    """
    return (
        messages.lazy()
        .select("person_id", hour=pl.col("sent_at").dt.hour().cast(pl.Int64))
        .drop_nulls()
        .group_by("person_id", "hour")
        .agg(n_messages=pl.len().cast(pl.Int64))
        .sort("person_id", "hour")
        .collect()
    )


def weigh_hours(hours: pl.DataFrame, people: pl.Series) -> tuple[Floats, Floats]:
    """Return everybody's share of messages per hour, and each person's against it.

    A person of few messages is taken to keep everybody's hours: their own count against `PRIOR_MESSAGES` of the common
    ones. No hour is impossible for anybody.

    Args:
        hours: As `count_hours` returns them; may be empty, then all hours are alike.
        people: The persons, in the order of the rows returned.

    Returns:
        24 shares that sum to 1, and one row of 24 factors per person.
    """
    row = pl.DataFrame({"person_id": people}).with_row_index("row")
    counted = hours.join(row, on="person_id").sort("row", "hour")
    table = np.zeros((people.len(), HOURS))
    np.add.at(table, (counted["row"].to_numpy(), counted["hour"].to_numpy()), counted["n_messages"].to_numpy())
    everybody = table.sum(axis=0) + 1.0
    everybody = (1 - BLEND) * everybody / everybody.sum() + BLEND / HOURS
    own = (table + PRIOR_MESSAGES * everybody) / (table.sum(axis=1, keepdims=True) + PRIOR_MESSAGES)
    return everybody, own / everybody
