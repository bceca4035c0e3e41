"""The custody questions as the page asks them: in plain words, once, with "I don't know" as an answer of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatforensics.casefile import QUESTIONS, UNKNOWN, By, Case, answer, list_answers, list_originals, list_unanswered
from chatforensics.report.language import say
from chatforensics.web.forms import Form

if TYPE_CHECKING:
    from chatforensics.report.language import Phrase

ALL = "all"  # stands for an export where the answer is the same for each

WORDS: "Mapping[str, tuple[Phrase, str]]" = {
    "exported_by": (
        say("Who made the export, on their own phone?"),
        say("If you did, write your own name."),
    ),
    "phone": (
        say("Which phone was it made on?"),
        say("Make, model and system, such as: Samsung Galaxy A54, Android 14. The phone's settings have it."),
    ),
    "app_version": (
        say("Which version of WhatsApp was on it?"),
        say("In WhatsApp: Settings, Help, App info."),
    ),
    "zone": (
        say("Which time zone and language was the phone set to?"),
        say("For instance: London, English."),
    ),
    "media": (say("Was it exported with pictures and other media?"), ""),
    "exported_on": (
        say("When was it exported?"),
        say("The day, and the hour if you know it, such as: 2026-03-30, in the evening."),
    ),
    "received": (
        say("How, when and through whom did the file come to you?"),
        say("For instance: I made it myself and copied it from my phone by cable the same day."),
    ),
    "source_kind": (say("Where does it come from?"), ""),
    "basis": (
        say("By what right do you hold it?"),
        say("For instance: I am a member of the chat; or: with the consent of the member who exported it."),
    ),
}
CHOICES: "Mapping[str, tuple[tuple[str, Phrase], ...]]" = {
    "media": (
        ("with media", say("with media")),
        ("without media", say("without media")),
    ),
    "source_kind": (
        ("participant", say("A member of the chat exported it for this purpose, for instance I did")),
        ("given by a participant", say("A member of the chat gave it to somebody, who passed it on to me")),
        ("leaked", say("It was passed on without the members knowing")),
    ),
}


@dataclass(frozen=True)
class Asked:
    """A question about one export, or about all: its words, and what was said so far; empty where nothing was."""

    field: str
    question: str
    words: str
    hint: str
    said: str
    choices: Sequence[tuple[str, str]]

    @property
    def is_unknown(self) -> bool:
        """Whether somebody said that they do not know."""
        return self.said == UNKNOWN

    @property
    def is_other(self) -> bool:
        """Whether the answer is none of the choices offered."""
        return bool(self.choices and self.said and self.said not in (UNKNOWN, *(value for value, _ in self.choices)))


def view_questions(case: Case) -> dict[str, object]:
    """Return the questions with the answers on record: for all exports, and for each where there are several."""
    said = _list_said(case)
    names = {original.source_id: original.shown for original in list_originals(case)}
    common = {question: _same([told[question] for told in said.values()]) for question in QUESTIONS}
    own = [
        {
            "source_id": key,
            "name": names[key],
            "asked": [_ask(key, q, told[q] if common[q] is None else "") for q in QUESTIONS],
        }
        for key, told in said.items()
    ]
    n_open = sum(not answered for told in said.values() for answered in told.values())
    return {
        "common": [_ask(ALL, question, common[question] or "") for question in QUESTIONS],
        "own": own if len(own) > 1 else [],
        "n_exports": len(own),
        "n_open": n_open,
        "n_questions": len(QUESTIONS) * len(own),
    }


def _list_said(case: Case) -> dict[str, dict[str, str]]:
    """Return for each export what was said to each question; empty where nobody said anything."""
    unanswered = list_unanswered(case)
    return {
        row["source_id"]: {q: "" if q in unanswered[row["source_id"]] else row[q] for q in QUESTIONS}
        for row in list_answers(case)
    }


def _same(said: Sequence[str]) -> str | None:
    """Return what was said of every export alike; None where it differs."""
    return said[0] if len(set(said)) == 1 else None


def _ask(whom: str, question: str, said: str) -> Asked:
    words, hint = WORDS[question]
    return Asked(f"{whom}.{question}", question, words, hint, said, CHOICES.get(question, ()))


def record_said(case: Case, form: Form, *, by: By) -> int:
    """Record what a form says anew about the custody of the exports, and return how many answers that were.

    What is said of one export counts more than what is said of all; an answer that stands already is not recorded
    again, and a question left empty is not answered.

    Raises:
        UsageError: an answer is none.
    """
    named, known_of = set(form.names()), _list_said(case)
    common = {question: _same([told[question] for told in known_of.values()]) or "" for question in QUESTIONS}
    of_all = {question: _read(form, named, f"{ALL}.{question}", common[question]) for question in QUESTIONS}
    fresh: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for source_id, known in known_of.items():
        told = {
            question: said
            for question in QUESTIONS
            if (said := _read(form, named, f"{source_id}.{question}", known[question]) or of_all[question])
            and said != known[question]
        }
        if told:
            fresh.setdefault(tuple(sorted(told.items())), []).append(source_id)
    for answers, source_ids in fresh.items():
        answer(case, source_ids, dict(answers), by=by)
    return sum(len(answers) * len(source_ids) for answers, source_ids in fresh.items())


def _read(form: Form, named: set[str], field: str, known: str) -> str:
    """Return what a field says; the box beside it counts where nothing new was typed."""
    said = form.one(field) if field in named else ""
    does_not_know = f"{field}.unknown" in named
    return UNKNOWN if does_not_know and said in ("", known) else said
