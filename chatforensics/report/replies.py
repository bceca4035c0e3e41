"""What people named in findings were offered and answered: counts, marks beside findings, and replies in full."""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from chatforensics.figures.facts import scan_table, table_of
from chatforensics.figures.numbering import instruct
from chatforensics.report.language import say
from chatforensics.report.sightings import Row, Tables, name_people

NAME_LIMIT = 12  # people named beside one finding
NOT_OFFERED = "not offered"
STATUS_WORDS = {
    NOT_OFFERED: say("not offered"),
    "pack made": say("a reply pack was made, and no offer is recorded"),
    "offered": say("offered, no reply recorded"),
    "declined": say("declined to reply"),
    "replied": say("replied"),
}
ENTRY_WORDS = {
    **STATUS_WORDS,
    "pack made": say("reply pack made"),
    "offered": say("offered"),
    "declined": say("declined"),
}
WAITING = (NOT_OFFERED, "pack made")


def find_named(tables: Tables) -> list[str]:
    """Return the `person_id`s of those whom findings name: senders of flagged or unsure messages, people in clusters.

    To be named is no finding about a person: it says that a reply is owed to them.
    """
    labels, messages = table_of(tables, "labels"), scan_table(tables, "messages")
    told = messages.join(instruct(labels).lazy(), on="message_id", how="semi")
    found = set(told.select(pl.col("person_id").drop_nulls().unique()).collect().to_series())
    found |= set(table_of(tables, "clusters")["person_ids"].explode().drop_nulls())
    return sorted(found)


def view_replies(tables: Tables, *, run: Mapping[str, object]) -> Row:
    """Return who was offered a reply and who answered what, from the run record's `replies`.

    A run without a case records none: then only the people named are counted.

    Args:
        tables: All tables.
        run: The run record; `replies` has `person_id`, `label`, `status` and `entries` (each with `status`, `text`,
            `on` (the day of it), `recorded_on`, `how`) for each person.
    """
    named, names = find_named(tables), name_people(tables["people"])
    given = run.get("replies")
    is_recorded = isinstance(given, Sequence) and not isinstance(given, str)
    rows = [row for row in given if isinstance(row, Mapping)] if isinstance(given, Sequence) else []
    people = _view_people(rows, named=named, names=names)
    return {
        "is_recorded": is_recorded,
        "n_named": len(named),
        "n_waiting": sum(person["status"] in WAITING for person in people if person["is_named"]),
        "n_replied": sum(person["status"] == "replied" for person in people),
        "people": people,
        "unmatched": [_view_person(row, name=str(row.get("label") or "")) for row in rows if not row.get("person_id")],
        "of": {person["person_id"]: person for person in people},
    }


def mark_replies(replies: Row, person_ids: Iterable[str | None]) -> Row:
    """Return the people of one finding to whom a reply is owed, with their status, and how many more there are."""
    known = [replies["of"][key] for key in dict.fromkeys(person_ids) if key in replies["of"]]
    ordered = sorted(known, key=lambda person: int(person["place"])) if replies["is_recorded"] else []
    return {"people": ordered[:NAME_LIMIT], "more": len(ordered[NAME_LIMIT:])}


def _view_people(rows: Sequence[Mapping[str, object]], *, named: Sequence[str], names: Mapping[str, str]) -> list[Row]:
    """Return the people by name, those whom findings name first; each once, with all that was recorded."""
    recorded = {str(row["person_id"]): row for row in rows if row.get("person_id")}
    ids = [*named, *(key for key in recorded if key not in set(named))]
    people = [
        _view_person(recorded.get(key, {}), name=names.get(key) or str(recorded.get(key, {}).get("label") or key))
        | {"person_id": key, "is_named": key in set(named)}
        for key in ids
    ]
    people = [person for person in people if person["is_named"] or person["entries"]]
    people.sort(key=lambda person: (not person["is_named"], str(person["name"]).casefold(), str(person["person_id"])))
    for place, person in enumerate(people, 1):
        person["place"] = place
    return people


def _view_person(row: Mapping[str, object], *, name: str) -> Row:
    """Return one person's status and what was recorded, as it was recorded."""
    given = row.get("entries")
    listed = [each for each in given if isinstance(each, Mapping)] if isinstance(given, Sequence) else []
    entries = [_view_entry(each) for each in listed]
    status = str(row.get("status") or NOT_OFFERED)
    return {
        "name": name,
        "status": status,
        "words": STATUS_WORDS.get(status, status),
        "by_label": row.get("matched_by") == "label",
        "entries": entries,
        "texts": [entry for entry in entries if entry["text"].strip()],
    }


def _view_entry(entry: Mapping[str, object]) -> Row:
    status = str(entry.get("status") or "")
    return {
        "words": ENTRY_WORDS.get(status, status),
        "on": str(entry.get("on") or "") or None,
        "recorded_on": str(entry.get("recorded_on") or "") or None,
        "how": str(entry.get("how") or "") or None,
        "text": str(entry.get("text") or ""),
    }
