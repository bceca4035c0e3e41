"""The custody questions on the terminal: asked where somebody is there to answer, else named with what to type."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from chatforensics.cli.options import tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatforensics.casefile import By, Case


def record_answers(
    case: "Case", source_ids: "Sequence[str]", *, answers: Path | None, ask: bool | None, by: "By"
) -> None:
    """Record what a file says of the custody of some exports, else ask where somebody is there to answer."""
    from chatforensics.casefile import QUESTIONS, answer, list_unanswered
    from chatforensics.workflow.adding import read_answers

    if not source_ids:
        return
    if answers is not None:
        read_answers(case, answers, source_ids=source_ids, by=by)
    unanswered = list_unanswered(case)
    still_open = {question for source_id in source_ids for question in unanswered[source_id]}
    if not still_open:
        return
    if ask or (ask is None and sys.stdin.isatty()):
        typer.echo("About these exports (empty: unknown):", err=True)
        told = {question: _ask(question, words) for question, words in QUESTIONS.items() if question in still_open}
        answer(case, source_ids, told, by=by)
    elif answers is None:
        command = f"chatforensics case answer {shlex.quote(str(case.folder))}"
        tell("Note", [f'Custody questions are open, and packages will print "unknown". To answer them: {command}'])


def _ask(question: str, words: str) -> str:
    """Ask one question; of the kinds of source one has to be chosen, by its word or number."""
    from chatforensics.casefile import SOURCE_KINDS, UNKNOWN

    if question != "source_kind":
        return str(typer.prompt(words, default=UNKNOWN, err=True))
    choices = ", ".join(f"{number} {kind}" for number, kind in enumerate(SOURCE_KINDS, start=1))
    by_number = {str(number): kind for number, kind in enumerate(SOURCE_KINDS, start=1)}
    while True:
        said = str(typer.prompt(f"Where is it from: {choices}", default=UNKNOWN, err=True)).strip().lower()
        if (kind := by_number.get(said, said)) in SOURCE_KINDS:
            return kind
        tell("Please", [f"'{said}' is none of these. Type a number from 1 to {len(SOURCE_KINDS)}, or the words."])
