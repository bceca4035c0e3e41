"""The custody questions: asked once of every export, "unknown" is an answer, and every answer is kept."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from chatforensics.casefile.folder import By, Case, encode_canonical, reading, stamp, writing
from chatforensics.casefile.log import append_to, conceal
from chatforensics.errors import CaseError, UsageError

UNKNOWN = "unknown"
SOURCE_KINDS = ("participant", "given by a participant", "leaked", UNKNOWN)
QUESTIONS: Mapping[str, str] = {
    "exported_by": "Who made the export, on their own phone?",
    "phone": "Which phone: make, model, system and its version?",
    "app_version": "Which version of WhatsApp?",
    "zone": "Which time zone and language was the phone set to?",
    "media": "Exported with or without media?",
    "exported_on": "When was it exported?",
    "received": "How, when and through whom did it come to you?",
    "source_kind": f"Where is it from: {', '.join(SOURCE_KINDS[:3])}?",
    "basis": "On what lawful basis do you hold it?",
}
_LONGEST = 1000


def check_answers(answers: Mapping[str, object], *, where: str) -> dict[str, str]:
    """Return answers by their questions, or say which is none; a question left out is not answered.

    Raises:
        UsageError: no such question, an answer that is no text, or an unknown kind of source.
    """
    for question, said in answers.items():
        if question not in QUESTIONS:
            raise UsageError(f"{where}: no question is named '{question}'.", hint=f"Known: {', '.join(QUESTIONS)}.")
        if not isinstance(said, str) or not said.strip() or len(said) > _LONGEST:
            raise UsageError(f"{where}: {question} is no answer.", hint='Give a text, or "unknown".')
    kind = str(answers.get("source_kind", UNKNOWN)).strip().lower()
    if kind not in SOURCE_KINDS:
        raise UsageError(f"{where}: '{kind}' is no kind of source.", hint=f"Use one of: {', '.join(SOURCE_KINDS)}.")
    told = {question: str(said).strip() for question, said in answers.items()}
    return told | ({"source_kind": kind} if "source_kind" in told else {})


def answer(case: Case, source_ids: Sequence[str], answers: Mapping[str, str], *, by: By) -> None:
    """Record what was answered about some exports; earlier answers stay in the case, the latest one counts.

    Raises:
        CaseError: an export is not in the case.
        UsageError: an answer is none.
    """
    told = check_answers(answers, where="custody answers")
    if not told:
        return
    with writing(case) as database:
        known = {source_id for (source_id,) in database.execute("SELECT source_id FROM sources")}
        if missing := sorted(set(source_ids) - known):
            raise CaseError(
                f"{case.folder}: no export {missing[0]} in this case.", hint="See: chatforensics case list."
            )
        rows = [
            (source_id, question, said, by.actor, stamp(by.at))
            for source_id in source_ids
            for question, said in told.items()
        ]
        database.executemany(
            "INSERT INTO answers (source_id, question, answer, actor, at) VALUES (?, ?, ?, ?, ?)", rows
        )
        hidden = conceal(case, encode_canonical(told), purpose="answers")
        details = {"answers": hidden, "questions": sorted(told), "sources": sorted(source_ids)}
        append_to(database, "answer", by=by, details=details)


def list_answers(case: Case) -> list[dict[str, str]]:
    """Return for every export the latest answer to every question, "unknown" where there is none."""
    with reading(case.folder) as database:
        told = {source_id: dict.fromkeys(QUESTIONS, UNKNOWN) for source_id in _source_ids(database)}
        for source_id, question, said in database.execute(
            "SELECT source_id, question, answer FROM answers ORDER BY number"
        ):
            told[source_id][question] = said
    return [{"source_id": source_id, **answers} for source_id, answers in told.items()]


def list_unanswered(case: Case) -> dict[str, list[str]]:
    """Return for each export the questions that nobody was asked yet, or did not answer."""
    with reading(case.folder) as database:
        asked: dict[str, set[str]] = {source_id: set() for source_id in _source_ids(database)}
        for source_id, question in database.execute("SELECT source_id, question FROM answers"):
            asked[source_id].add(question)
    return {source_id: [q for q in QUESTIONS if q not in seen] for source_id, seen in asked.items()}


def _source_ids(database: sqlite3.Connection) -> list[str]:
    rows = database.execute("SELECT source_id FROM sources ORDER BY shown, source_id")
    return [source_id for (source_id,) in rows]


def check_answered(case: Case, database: sqlite3.Connection, entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Hold the answers on record, in their order, to the lines of the custody log that say that they were given.

    Args:
        case: the case; its key makes the hashes by which the log knows answers.
        database: of the case.
        entries: the lines of the log about answers, in order.

    Yields:
        In words what does not agree; no answer is repeated.
    """
    columns = "number, source_id, question, answer, actor, at"
    rows = database.execute(f"SELECT {columns} FROM answers ORDER BY number").fetchall()  # noqa: S608 - our names
    left, n_logged = iter(rows), 0
    for entry in entries:
        try:
            n_questions, sources = len(entry["details"]["questions"]), entry["details"]["sources"]
            mine = list(islice(left, n_questions * len(sources)))
            agree = _agree(case, mine, entry, n_questions)
        except (KeyError, TypeError, ValueError, IndexError):
            agree, mine = False, []
        n_logged += len(mine)
        if not agree:
            yield f"The answers on record are not those of line {entry.get('seq')} of the custody log."
            return
    if len(rows) != n_logged or [row[0] for row in rows] != list(range(1, len(rows) + 1)):
        yield f"Answers on record: {len(rows):,}; in the custody log: {n_logged:,}, or their order is another one."


def _agree(case: Case, rows: Sequence[tuple[Any, ...]], entry: Mapping[str, Any], n_questions: int) -> bool:
    """Tell whether answers are those of a line of the log: of whom, when, about which exports, and what they say."""
    details = entry["details"]
    by_source = [rows[at : at + n_questions] for at in range(0, len(rows), n_questions)]
    said = [encode_canonical({question: words for _, _, question, words, _, _ in group}) for group in by_source]
    return (
        sorted(group[0][1] for group in by_source) == details["sources"]
        and all(row[1] == group[0][1] for group in by_source for row in group)
        and all(row[4:] == (entry["actor"], entry["at"]) for row in rows)
        and all(conceal(case, words, purpose="answers") == details["answers"] for words in said)
    )
