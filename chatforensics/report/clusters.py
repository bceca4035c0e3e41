"""Groups of people joined by pairs close in time, and what they sent together, in messages."""

from collections.abc import Mapping

import polars as pl

from chatforensics.report.bases import tell_basis
from chatforensics.report.sightings import Row, Tables, cap, list_sightings, name_people
from chatforensics.tables import scan

CLUSTER_LIMIT = 8
MESSAGE_LIMIT = 12
NAME_LIMIT = 20


def view_clusters(tables: Tables, *, placed: pl.DataFrame, numbers: Mapping[str, int]) -> Row:
    """Return the clusters with their people, texts and the messages that were close in time.

    People stand in one cluster through others too: two of them need not be a pair. A cluster shows common timing only.
    """
    clusters = tables["clusters"]
    names = name_people(tables["people"])
    rows = [
        _view_cluster(row, place, tables, placed, names, numbers)
        for place, row in enumerate(clusters.head(CLUSTER_LIMIT).iter_rows(named=True), 1)
    ]
    return {
        "rows": rows,
        "cap": cap(rows, total=clusters.height, where="tables/clusters.parquet"),
        "cited": [each["message_id"] for row in rows for each in row["sightings"]],
    }


def _view_cluster(  # noqa: PLR0913, PLR0917 - a row and what names it
    row: Row,
    place: int,
    tables: Tables,
    placed: pl.DataFrame,
    names: Mapping[str, str],
    numbers: Mapping[str, int],
) -> Row:
    """Return one cluster: its people by name, its texts by number, and its first messages."""
    people = sorted(names.get(person_id, person_id) for person_id in row["person_ids"] or [])
    ids = row["message_ids"] or []
    one_each = placed.filter(pl.col("message_id").is_in(ids)).sort("sent_at", "message_id", nulls_last=True)
    one_each = one_each.unique("one", keep="first", maintain_order=True)
    first = one_each["message_id"].head(MESSAGE_LIMIT)
    behind = scan(tables, "families").filter(pl.col("message_id").is_in(first.implode()))
    families = dict(behind.select("message_id", "family_id").collect().iter_rows())
    sightings = list_sightings(placed, ids=first)
    for each in sightings:
        each["number"] = numbers.get(families.get(each["message_id"], ""))
    return {
        "number": place,
        "people": people[:NAME_LIMIT],
        "people_more": len(people[NAME_LIMIT:]),
        "n_people": len(people),
        "person_ids": sorted(row["person_ids"] or []),
        "n_pairs": row["n_pairs"],
        "texts": sorted(numbers[key] for key in row["family_ids"] or [] if key in numbers),
        "n_families": row["n_families"],
        "first_at": row["first_at"],
        "last_at": row["last_at"],
        "largest_q": row["largest_q"],
        "basis": tell_basis(pl.Series(row["source_ids"] or [], dtype=pl.String), tables=tables),
        "sightings": sightings,
        "sightings_cap": cap(sightings, total=one_each.height, where="tables/clusters.parquet"),
    }
