"""What those who keep the case know of where each export is from; "unknown" is said, never left out."""

from collections.abc import Mapping, Sequence

from chatforensics.report.language import say
from chatforensics.report.sightings import Row

UNKNOWN = "unknown"
QUESTIONS: Mapping[str, str] = {
    "exported_by": say("Who made the export"),
    "phone": say("On which phone and system"),
    "app_version": say("Version of the app"),
    "zone": say("Time zone and language of the phone"),
    "media": say("With or without media"),
    "exported_on": say("When it was made"),
    "received": say("How it came to us"),
    "source_kind": say("Kind of source"),
    "basis": say("On what lawful basis it is used"),
}
SOURCE_KINDS: Mapping[str, str] = {
    "participant": say("exported by somebody in the chat"),
    "given by a participant": say("given by somebody in the chat"),
    "leaked": say("leaked: given by nobody who was in the chat, as far as is known"),
    UNKNOWN: say("unknown"),
}


def view_custody(run: Mapping[str, object], sources: Sequence[Row]) -> Row:
    """Return the answers to the custody questions for the exports listed, and how many have no known source or basis.

    The answers are what people said; the program cannot check them. A run without a case has none.

    Args:
        run: The run record; `custody` has an answer to each question by `source_id`.
        sources: The exports as section 1 lists them, with their numbers.
    """
    told = run.get("custody")
    listed = told if isinstance(told, Sequence) and not isinstance(told, str) else ()
    answers = {str(row.get("source_id")): row for row in listed if isinstance(row, Mapping)}
    rows = [{"source": row["source"], "answers": _answer(answers[row["source_id"]])} for row in sources if answers]
    return {
        "rows": rows,
        "n": len(answers),
        "n_kind_unknown": sum(row.get("source_kind", UNKNOWN) == UNKNOWN for row in answers.values()),
        "n_basis_unknown": sum(row.get("basis", UNKNOWN) == UNKNOWN for row in answers.values()),
    }


def _answer(row: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return each question with its answer; those that nobody answered stand in one line at the end."""
    said = {question: str(row.get(question) or UNKNOWN) for question in QUESTIONS}
    known = [(QUESTIONS[q], SOURCE_KINDS.get(said[q], said[q]) if q == "source_kind" else said[q]) for q in QUESTIONS]
    return [(words, answer) for words, answer in known if answer != UNKNOWN] + [
        (words, SOURCE_KINDS[UNKNOWN]) for words, answer in known if answer == UNKNOWN
    ]
