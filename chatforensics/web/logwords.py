"""The custody log in words: what each line says that was done, and the files that it names by their hashes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chatforensics.casefile import hash_line
from chatforensics.report.custody import QUESTIONS
from chatforensics.report.language import Phrase, say, say_count, say_list
from chatforensics.report.replies import ENTRY_WORDS

Details = Mapping[str, Any]
CORRECTED: Mapping[str, Phrase] = {
    "same": say("A correction was recorded: labels that are said to be one person."),
    "different": say("A correction was recorded: labels that are said to be two people."),
    "custodian": say("A correction was recorded: who is said to have made an export."),
    "label": say("A correction was recorded: whether a message tells people how to vote."),
    "export": say("A correction was recorded: how an export is to be read."),
    "withdrawal": say("A correction was taken back. It stays on record and counts no more."),
}


@dataclass(frozen=True)
class Line:
    """One line of the log for reading; `words` is empty where the line is in no form that is known."""

    number: int
    at: str
    actor: str
    words: tuple[Phrase, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    raw: str
    sha256: str


def read_line(raw: str, *, number: int) -> Line:
    """Return a line of the custody log in words; one that somebody put there by other means as it stands.

    Args:
        raw: The line as stored.
        number: Its place in the log, from 1.
    """
    sha256 = hash_line(raw)
    try:
        entry = json.loads(raw)
        words = _tell(str(entry["action"]), entry["details"])
        inputs, outputs = (tuple(map(str, entry[name])) for name in ("inputs", "outputs"))
        return Line(number, str(entry["at"]), str(entry["actor"]), words, inputs, outputs, raw, sha256)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Line(number, "", "", (), (), (), raw, sha256)


def _tell(action: str, details: Details) -> tuple[Phrase, ...]:
    told = _WORDS[action](details) if action in _WORDS else [say("What was done is called “{action}”.", action=action)]
    return tuple(told)


def _new(details: Details) -> list[Phrase]:
    made = say("The case was made.")
    day = details.get("expires")
    return [made, say("Day named for destroying it: {day}.", day=day)] if day else [made]


def _add(details: Details) -> list[Phrase]:
    size, kind = f"{details['size_bytes']:,}", details["kind"]
    added = say("An export was taken in whole: a {kind} file of {size} bytes.", kind=kind, size=size)
    n = int(details.get("n_media_beside") or 0)
    beside = say_count(n, "{n} file beside its text came along.", "{n} files beside its text came along.")
    return [added, beside] if n else [added]


def _minimise(details: Details) -> list[Phrase]:
    mode = str(details.get("mode") or "-")
    return [say("An export was taken in, and only a part of it was kept (mode {mode}).", mode=mode)]


def _answer(details: Details) -> list[Phrase]:
    asked = say_list([QUESTIONS.get(name, say("{name}", name=name)) for name in details["questions"]])
    n = len(details["sources"])
    return [
        say_count(
            n, "Custody questions were answered for {n} export.", "Custody questions were answered for {n} exports."
        ),
        say("Asked: {questions}.", questions=asked),
    ]


def _analyse(details: Details) -> list[Phrase]:
    n, failed = int(details["n_sources"]), int(details.get("n_failed") or 0)
    told = [
        say_count(n, "The case was analysed: {n} export was read.", "The case was analysed: {n} exports were read."),
        say(
            "Zone of the case: {zone}. Window: {window} s.",
            zone=details["timezone"],
            window=f"{float(details['window_s']):g}",
        ),
    ]
    if failed:
        told.append(say_count(failed, "{n} export could not be read.", "{n} exports could not be read."))
    if details.get("corrections"):
        told.append(say("The corrections on record that nobody had taken back were used."))
    if details.get("people") or details.get("declare"):
        told.append(say("Files were used in which people state who is who, or how exports are to be read."))
    return told


def _bundle(details: Details) -> list[Phrase]:
    n = int(details.get("n_records") or 0)
    told = [say_count(n, "A package was made of {n} record.", "A package was made of {n} records.")]
    told.append(
        say("People stand in it under pseudonyms.") if details.get("pseudonyms") else say("People stand in it by name.")
    )
    told.append(
        say("It holds the exports as received.") if details.get("originals") else say("It holds no export as received.")
    )
    if key := details.get("key"):
        told.append(say("Signed with key {key}.", key=key))
    return told


def _reply(details: Details) -> list[Phrase]:
    status = str(details["status"])
    told = [say("Right of reply, recorded of one person: {status}.", status=ENTRY_WORDS.get(status, status))]
    return [*told, say("Day of it: {day}.", day=details["happened_on"])] if details.get("happened_on") else told


def _correct(details: Details) -> list[Phrase]:
    kind = str(details["correction"])
    return [CORRECTED.get(kind, say("A correction was recorded: {kind}.", kind=kind))]


def _verify(_details: Details) -> list[Phrase]:
    return [say("The case was checked.")]


def _purge(details: Details) -> list[Phrase]:
    n = int(details.get("n_sources") or 0)
    return [say_count(n, "The case was destroyed: it held {n} export.", "The case was destroyed: it held {n} exports.")]


_WORDS: Mapping[str, Callable[[Details], list[Phrase]]] = {
    "new": _new,
    "add": _add,
    "minimise": _minimise,
    "answer": _answer,
    "analyse": _analyse,
    "bundle": _bundle,
    "reply": _reply,
    "correct": _correct,
    "verify": _verify,
    "purge": _purge,
}
