"""What could be read otherwise: lines that may be text or message, and two people who may be one."""

import polars as pl

from chatforensics.report.sightings import Row, Tables, cap, name_people, number_sources, print_times
from chatforensics.tables import scan

READING_LIMIT = 40
NAMESAKE_LIMIT = 30


def view_readings(tables: Tables) -> Row:
    """Return the lines that can be read in two ways: as they were read, and what the other reading gives."""
    sources = number_sources(tables["sources"]).select("source_id", "place", "source", "clock_step_s")
    readings = tables["readings"].join(sources, on="source_id", how="left")
    ordered = readings.sort("place", "byte_start", nulls_last=True).with_columns(when=print_times("sent_local"))
    rows = ordered.head(READING_LIMIT).to_dicts()
    return {
        "rows": rows,
        "cap": cap(rows, total=ordered.height, where="tables/readings.parquet"),
        "cited": [row["message_id"] for row in rows if row["message_id"] is not None],
    }


def view_namesakes(tables: Tables) -> Row:
    """Return the people of one printed name who may be one, with what they shared under either reading.

    An equal name does not show that two are one; that no chat shows both does not show that they are two.
    """
    names = name_people(tables["people"])
    numbers = number_sources(tables["sources"])
    places = dict(numbers.select("source_id", "source").iter_rows())
    exports = dict(tables["people"].select("person_id", "source_ids").iter_rows())
    rows = [
        _view_namesakes(row, tables["shares"], names)
        | {side: _list_exports(exports.get(row[f"person_{side}"]), places) for side in ("a", "b")}
        for row in tables["namesakes"].sort("name", "person_a", "person_b").head(NAMESAKE_LIMIT).iter_rows(named=True)
    ]
    by_name = scan(tables, "links").filter(pl.col("basis") == "namesake").select(pl.len()).collect().item()
    return {
        "rows": rows,
        "n_people": tables["people"].height,
        "n_fewer": _count_fewer(tables["namesakes"]),
        "n_links": int(by_name),
        "cap": cap(rows, total=tables["namesakes"].height, where="tables/namesakes.parquet"),
    }


def _view_namesakes(row: Row, shares: pl.DataFrame, names: dict[str, str]) -> Row:
    """Return the shares of the one, of the other, and the texts that both sent."""
    of_a, of_b = (shares.filter(pl.col("person_id") == row[side]) for side in ("person_a", "person_b"))
    both = set(of_a["family_id"]) & set(of_b["family_id"])
    return {
        "name": names.get(row["person_a"], row["name"]),
        "n_alike": row["n_alike"],
        "n_a": of_a.height,
        "n_b": of_b.height,
        "n_both": len(both),
    }


def _list_exports(source_ids: list[str] | None, places: dict[str, str]) -> list[str]:
    """Return the short names of exports in their order."""
    return sorted((places[key] for key in source_ids or [] if key in places), key=lambda name: (len(name), name))


def _count_fewer(namesakes: pl.DataFrame) -> int:
    """Return by how many the people would be fewer if all of one name were one."""
    group: dict[str, str] = {}

    def head(person: str) -> str:
        while group.setdefault(person, person) != person:
            person = group[person]
        return person

    merged = 0
    for one, other in namesakes.select("person_a", "person_b").iter_rows():
        first, second = head(one), head(other)
        merged += first != second
        group[second] = first
    return merged
