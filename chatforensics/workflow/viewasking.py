"""What is asked of a view, put to its index: words, what a message must be besides, and between which days."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chatforensics.report.explorer.rows import STATUSES
from chatforensics.workflow.viewsearch import DECISIONS, Match, Query, build_match

UNKNOWN = -2  # the place of what is not there; -1 is that of what a message does not have


@dataclass(frozen=True)
class Entities:
    """Chats, people and exports by their places; how many messages there are; the headline counts."""

    chats: list[dict[str, Any]]
    people: list[dict[str, Any]]
    sources: list[dict[str, Any]]
    summary: dict[str, Any]
    n: int
    n_timed: int

    def place(self, table: str, value: str) -> int:
        """Return the place of a chat, a person or an export by its id; -2 where there is none."""
        rows = {"chat_id": self.chats, "person_id": self.people, "source_id": self.sources}[table]
        return next((place for place, row in enumerate(rows) if row[table] == value), UNKNOWN)

    def list_people(self, ids: Sequence[str]) -> list[int]:
        """Return the places of people by their ids, each once; -2 for those whom nobody knows."""
        known = {row["person_id"]: place for place, row in enumerate(self.people)}
        return sorted({known.get(each, UNKNOWN) for each in ids})


@dataclass(frozen=True)
class Among:
    """What a message must be one of: of one of these people, and of one of these decisions; empty asks nothing."""

    people: Sequence[str] = ()
    decisions: Sequence[str] = ()


ANY = Among()


@dataclass(frozen=True)
class Asked:
    """What is asked of the index, and between which numbers of messages."""

    match: Match
    first: int
    last: int

    @property
    def statement(self) -> tuple[str, list[object]]:
        """Return the statement that gives the numbers of the messages, and its values."""
        between: list[object] = [self.first, self.last]
        matching = "SELECT rowid AS doc FROM search WHERE search MATCH ? AND rowid BETWEEN ? AND ?"
        if not self.match.marks:
            all_between = "SELECT doc FROM rows WHERE doc BETWEEN ? AND ?"
            return (matching, [self.match.match, *between]) if self.match.match else (all_between, between)
        stand = " AND ".join(["(instr(m.text, ?) OR instr(m.text, ?))"] * len(self.match.marks))
        marks = [each for pair in self.match.marks for each in pair]
        among = f" AND r.doc IN ({matching})" if self.match.match else ""
        whole = (
            "SELECT r.doc AS doc FROM messages m CROSS JOIN rows r ON r.row = m.row "  # noqa: S608 - our words
            f"WHERE m.is_shown AND {stand} AND r.doc BETWEEN ? AND ?{among}"
        )
        return whole, [*marks, *between, *([self.match.match, *between] if self.match.match else [])]

    def choose(self, database: sqlite3.Connection, *, first: int, n: int) -> tuple[int, list[int]]:
        """Return how many messages there are, and the numbers of so many of them from a place on, in order."""
        statement, values = self.statement
        if self.match.marks:  # every text is read: once, not twice
            docs = [doc for (doc,) in database.execute(f"{statement} ORDER BY doc", values)]
            return len(docs), docs[first : first + n]
        chosen = database.execute(f"{statement} ORDER BY doc LIMIT ? OFFSET ?", [*values, n, first])
        docs = [doc for (doc,) in chosen]
        if not self.match.match:
            return max(0, self.last - self.first + 1), docs
        count = database.execute(f"SELECT count(*) FROM ({statement})", values)  # noqa: S608 - our words
        return int(count.fetchone()[0]), docs


def ask(database: sqlite3.Connection, query: Query, known: Entities, *, among: Among = ANY) -> Asked:
    """Return what to ask of the index of a view.

    Raises:
        UsageError: it cannot be asked.
    """
    query.check()
    facts = [[fact] for fact in _list_facts(query, known)]
    if among.people:
        facts.append([f"fp{place}" for place in known.list_people(among.people)])
    if among.decisions:
        facts.append([f"fd{DECISIONS.index(decision)}" for decision in among.decisions])
    first = _first_of(database, query.since, known.n_timed) if query.since else 1
    last = _first_of(database, query.until, known.n_timed, after=True) - 1 if query.until else known.n
    last = min(last, known.n_timed) if query.since else last
    return Asked(build_match(query.words, facts), first, last)


def _list_facts(query: Query, known: Entities) -> list[str]:
    facts = [
        f"{sign}{known.place(name, value)}"
        for name, sign in (("chat_id", "fc"), ("person_id", "fp"), ("source_id", "fs"))
        if (value := getattr(query, name))
    ]
    facts += [f"fd{DECISIONS.index(query.decision)}"] if query.decision else []
    facts += [f"fk{query.kind.replace('_', '')}"] if query.kind else []
    return facts + ([f"ft{STATUSES.index(query.status)}"] if query.status else [])


def _first_of(database: sqlite3.Connection, day: str, n_timed: int, *, after: bool = False) -> int:
    """Return the number of the first message on a day or later, or later than that."""
    sign = ">" if after else ">="
    found = database.execute(f"SELECT min(doc) FROM days WHERE day {sign} ?", [day]).fetchone()[0]  # noqa: S608 - our signs
    return int(found) if found is not None else n_timed + 1
