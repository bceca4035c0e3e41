"""What people are called in graphs, and how graphs write times."""

import polars as pl

from chatforensics.schema import People

SECOND = "%Y-%m-%dT%H:%M:%SZ"


def name_people(people: People, *, pseudonymise: bool) -> pl.DataFrame:
    """Return what each person is called (`person_id`, `label`): the first name printed, or the pseudonym."""
    printed = pl.lit(None, pl.String) if pseudonymise else pl.col("labels").list.first()
    return people.select("person_id", label=pl.coalesce(printed, "pseudonym", "person_id"))
