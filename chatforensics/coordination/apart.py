"""Which two people may be one person under two names, because no phone shows both."""

import polars as pl

from chatforensics.schema import People, Sources

PAIR = ["person_a", "person_b"]


def list_phones(people: People, sources: Sources) -> pl.DataFrame:
    """List on which phones each person is seen: `person_id`, `phones`.

    A phone is a custodian, or the export itself where the custodian is unknown.
    """
    phones = sources.select("source_id", phone=pl.coalesce("custodian_id", "source_id"))
    seen = people.select("person_id", source_id="source_ids").explode("source_id", empty_as_null=True)
    where = seen.join(phones, on="source_id").group_by("person_id").agg(phones=pl.col("phone").unique().sort())
    return people.select("person_id").join(where, on="person_id", how="left", maintain_order="left")


def mark_doubles(pairs: pl.DataFrame, phones: pl.DataFrame | None) -> pl.Series:
    """Say of each pair whether the two may be one person under two names.

    A phone prints one person under one name, but each phone under another. What one person sends into two chats that
    two phones export then looks like two people close in time. So two whom no phone shows both are not told apart by
    anything: they may be one, whatever their names are.

    Args:
        pairs: `person_a` and `person_b`.
        phones: From `list_phones`; without it nobody is doubted.
    """
    if phones is None:
        return pl.Series("may_be_one", [False] * pairs.height, dtype=pl.Boolean)
    both = (
        pairs.select(PAIR)
        .join(phones, left_on="person_a", right_on="person_id", how="left", maintain_order="left")
        .join(phones, left_on="person_b", right_on="person_id", how="left", maintain_order="left", suffix="_b")
    )
    common = both["phones"].list.set_intersection(both["phones_b"]).list.len().fill_null(0)
    return (common == 0).alias("may_be_one")
