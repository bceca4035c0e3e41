"""The custody questions: asked once of every export, "unknown" is an answer, and every answer is kept."""

import sqlite3
from collections.abc import Mapping, Sequence

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
