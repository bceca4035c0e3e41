"""Right of reply: who is named, what they were offered and answered, and how a new answer enters the case."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from chatforensics.package.replychoice import find_person, fold_name

if TYPE_CHECKING:
    from chatforensics.casefile import By, Case

Tables = Mapping[str, pl.DataFrame]
NOT_OFFERED = "not offered"
# What was recorded last does not undo what went before: somebody who replied has replied.
_WEIGHT = {NOT_OFFERED: 0, "pack made": 1, "offered": 2, "declined": 3, "replied": 4}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be recorded of one person.

    Attributes:
        status: `pack made`, `offered`, `replied` or `declined`.
        text: The reply, as it was given.
        on: The day on which it happened.
        how: How it was offered, or how it came, in the words of whoever records it.
    """

    status: str
    text: str | None = None
    on: date | None = None
    how: str | None = None


def named_people(tables: Tables) -> list[str]:
    """Return the `person_id`s of those whom findings name, and to whom a reply is owed.

    They sent a message that was flagged as an instruction how to vote or is to be read, or stand in a cluster. To be
    named says nothing about what a person did or meant.
    """
    from chatforensics.report.replies import find_named

    return find_named(tables)


def read_replies(case: "Case", *, tables: Tables) -> list[dict[str, object]]:
    """Return the replies recorded in a case beside the people of its present tables: the run record's `replies`."""
    from chatforensics.casefile import list_replies

    return match_replies(tables, list_replies(case))


def match_replies(tables: Tables, recorded: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Return one row for each person named or with something recorded, and for each reply that matches nobody.

    A reply belongs to the person whose number it bears; else, since numbers may change when exports are added, to the
    only person with the printed name it was recorded under. Every recorded row stands in one of the rows returned.

    Args:
        tables: `people`, and what `named_people` reads.
        recorded: Rows as `list_replies` gives them.

    Returns:
        Rows with `person_id` (None: nobody of this run), `label`, `status`, `named`, `matched_by` (`person_id`,
        `label` or None) and `entries`: what was recorded, in order.
    """
    return match_people(_read_people(tables["people"]), recorded, named=set(named_people(tables)))


def match_people(
    people: Mapping[str, Sequence[str]], recorded: Sequence[Mapping[str, object]], *, named: Collection[str]
) -> list[dict[str, object]]:
    """Return what `match_replies` does, for people given by their printed names and pseudonym, and those named."""
    rows: dict[tuple[str | None, str], dict[str, object]] = {}
    entries: dict[tuple[str | None, str], list[dict[str, object]]] = {}
    for key in sorted(named):
        rows[key, ""] = _start_row(key, _first_label(people, key))
    for reply in recorded:
        person_id, matched_by = _match(reply, people)
        place = (person_id, "" if person_id else _key_of(reply))
        row = rows.setdefault(place, _start_row(person_id, str(reply.get("label") or "")))
        row["matched_by"] = row["matched_by"] or matched_by
        entries.setdefault(place, []).append(_view_entry(reply))
    for place, row in rows.items():
        row["entries"] = entries.get(place, [])
        row["status"] = max((str(each["status"]) for each in entries.get(place, [])), key=_weigh, default=NOT_OFFERED)
        row["named"] = row["person_id"] in named
    return [rows[key] for key in sorted(rows, key=lambda key: (key[0] is None, key[0] or "", key[1]))]


def add_reply(folder: Path, *, person: str, answer: Answer, by: "By") -> tuple[str, str]:
    """Record in a case that somebody was offered a reply, answered, or declined; return their id and printed name.

    Nothing that was recorded is ever changed: a second answer stands beside the first. That an answer is recorded
    does not show who wrote it.

    Args:
        folder: The case folder.
        person: A `person_id`, a pseudonym or a name as printed.
        answer: What is to be recorded.
        by: Who records it, and when.

    Raises:
        CaseError: The folder is no case, or holds no analysed tables yet.
        UsageError: Nobody, or more than one person, bears that name; or a reply without words.
    """
    from chatforensics.casefile import locked, open_case, record_reply
    from chatforensics.workflow.casework import load_tables

    case = open_case(folder)
    with locked(case):
        tables = load_tables(case)
    person_id = find_person(tables, person)
    label = _first_label(_read_people(tables["people"]), person_id)
    more = {"text": answer.text, "happened_on": answer.on, "how": answer.how}
    record_reply(case, person=(person_id, label), status=answer.status, by=by, more=more)
    return person_id, label


def _weigh(status: str) -> int:
    return _WEIGHT.get(status, 0)


def _start_row(person_id: str | None, label: str) -> dict[str, object]:
    return {"person_id": person_id, "label": label, "matched_by": None}


def _view_entry(reply: Mapping[str, object]) -> dict[str, object]:
    """Return what was recorded; who typed it stays in the case, and in its log."""
    return {
        "status": reply.get("status"),
        "text": reply.get("text"),
        "on": reply.get("happened_on") or None,
        "recorded_on": str(reply.get("at") or "")[:10] or None,
        "how": reply.get("how"),
    }


def _key_of(reply: Mapping[str, object]) -> str:
    """Return what keeps replies that match nobody apart: the name and number under which they were recorded."""
    return f"{reply.get('label') or ''}\x1f{reply.get('person_id') or ''}"


def _read_people(people: pl.DataFrame) -> dict[str, list[str]]:
    """Return the printed names of each person; the pseudonym where no name is printed."""
    rows = people.sort("person_id").select("person_id", "labels", "pseudonym").iter_rows()
    return {person_id: [*(labels or []), *([pseudonym] if pseudonym else [])] for person_id, labels, pseudonym in rows}


def _first_label(people: Mapping[str, Sequence[str]], person_id: str) -> str:
    return next(iter(people.get(person_id, ())), person_id)


def _match(reply: Mapping[str, object], people: Mapping[str, Sequence[str]]) -> tuple[str | None, str | None]:
    """Return whom a reply belongs to and by what, or nobody: by number, else by a name that only one person bears."""
    person_id = str(reply.get("person_id") or "")
    if person_id in people:
        return person_id, "person_id"
    wanted = fold_name(str(reply.get("label") or ""))
    alike = [key for key, labels in people.items() if wanted and wanted in map(fold_name, labels)]
    return (alike[0], "label") if len(alike) == 1 else (None, None)
