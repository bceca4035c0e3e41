"""What people corrected in a case, as an analysis uses it: exports read otherwise, statements of who is who, labels.

A correction that cannot be applied, for the message, the export or the label of which it speaks is not there any more,
stays on record, changes nothing, and is told in a warning.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import polars as pl

from chatforensics.casefile import Case, Correction, list_corrections
from chatforensics.casefile.corrections import EXPORT_FIELDS, INSTRUCTION
from chatforensics.casefile.folder import encode_canonical
from chatforensics.workflow.run import Settings
from chatforensics.workflow.written import Words, Written, read_words

if TYPE_CHECKING:
    from chatforensics.joining import Statement
    from chatforensics.schema import AnyMessages, Labels, Messages, Pictures, Sources
    from chatforensics.workflow.single import Declared

    AnyDeclared = TypeVar("AnyDeclared", bound=Declared)

NAME = "corrections.json"
PEOPLE: tuple[str, ...] = ("same", "different", "custodian")
_KEPT = ("number", "kind", "what", "who", "why", "at")
_MOST_TOLD = 20
_DECISIONS: Mapping[bool, Literal["flag", "none"]] = {True: "flag", False: "none"}


@dataclass
class Effect:
    """What came of the corrections of a run: warnings, assumptions, and the messages that each decision goes for."""

    notes: list[str] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)
    decided: dict[str, list[int]] = field(default_factory=dict)

    def as_facts(self) -> dict[str, object]:
        """Return it as plain values, as a store keeps them; nothing where there was no correction."""
        return {name: value for name, value in vars(self).items() if value}

    def add(self, facts: Mapping[str, Any]) -> None:
        """Add what a stage says of itself."""
        self.notes.extend(facts.get("notes", ()))
        self.assumed.extend(facts.get("assumed", ()))
        self.decided |= facts.get("decided", {})


def settings_with_corrections(case: Case, settings: Settings) -> Settings:
    """Return the settings with the corrections of the case that nobody withdrew, in place of any it had."""
    active = [correction for correction in list_corrections(case) if correction.is_active]
    if not active:
        return replace(settings, corrections=None)
    rows = [{name: getattr(each, name) for name in _KEPT} | {"what": dict(each.what)} for each in active]
    return replace(settings, corrections=Written(NAME, encode_canonical({"corrections": rows}).encode()))


def read_stated(words: Words | None, *kinds: str) -> list[Correction]:
    """Return the corrections of some kinds that settings hold, in the order in which they were recorded."""
    if words is None:
        return []
    rows = json.loads(read_words(words, where="corrections"))["corrections"]
    return [Correction(**row, actor="") for row in rows if not kinds or row["kind"] in kinds]


def key_of(words: Words | None, *kinds: str) -> list[dict[str, Any]] | None:
    """Return what a stage that uses corrections of some kinds is made of; None where there are none."""
    return [{name: getattr(each, name) for name in _KEPT} for each in read_stated(words, *kinds)] or None


def name_correction(correction: Correction) -> str:
    """Return how a correction is called in warnings."""
    return f"Correction {correction.number}"


def say(correction: Correction) -> str:
    """Return who states it, when it was recorded, and why, in a form in which redaction finds names in it."""
    day, number = correction.at[:10], correction.number
    return f"stated by {_quote(correction.who)} on {day} in correction {number} ({_quote(correction.why)})"


def _quote(words: str) -> str:
    """Return what somebody typed in quotation marks: only there redaction takes it for words of a person."""
    plain = words.translate(str.maketrans("“”", '""'))
    return f"“{plain}”"


@dataclass(frozen=True, slots=True)
class ExportCorrections:
    """What is corrected of single exports: by `source_id`, each field with its value and its correction.

    `replaced` are the corrections of which later ones say every field otherwise.
    """

    fields: Mapping[str, Mapping[str, tuple[Any, Correction]]]
    replaced: Sequence[Correction] = ()

    def apply(self, source_id: str, stated: "Declared") -> "Declared":
        """Return what was declared of an export with what is corrected of it; who made it is settled when joining."""
        told = self.fields.get(source_id, {})
        return replace(stated, **{name: value for name, (value, _) in told.items() if name != "custodian"})

    def describe(self, source_id: str, path: str, stated: "Declared") -> Iterator[str]:
        """Say what was read otherwise, by whose word, and what `--declare` says of it, if anything."""
        for name, (value, correction) in self.fields.get(source_id, {}).items():
            if name != "custodian":
                other = getattr(stated, name)
                over = "" if other in (None, value) else f" It counts more than “{other}”, as declared."
                shown = _quote(value) if name == "chat" else value
                yield f"{path}: {name} {shown}, {say(correction)}.{over}"

    def warn_of_idle(self, known: Sequence[str]) -> Iterator[str]:
        """Say which corrections have no effect: of exports that are not there, or replaced by later ones."""
        yield from (f"{name_correction(each)} has no effect: a later one counts." for each in self.replaced)
        for source_id in sorted(self.fields.keys() - set(known)):
            numbers = sorted({correction.number for _, correction in self.fields[source_id].values()})
            yield from (f"Correction {n} has no effect: export {source_id} was not read." for n in numbers)


def read_export_corrections(words: Words | None) -> ExportCorrections:
    """Return what is corrected of single exports; of two corrections of one field the later counts."""
    fields: dict[str, dict[str, tuple[Any, Correction]]] = {}
    corrections = read_stated(words, "export")
    for correction in corrections:
        told = fields.setdefault(correction.what["source_id"], {})
        told |= {name: (correction.what[name], correction) for name in EXPORT_FIELDS if name in correction.what}
    used = {correction.number for told in fields.values() for _, correction in told.values()}
    return ExportCorrections(fields, [each for each in corrections if each.number not in used])


def list_statements(words: Words | None) -> "tuple[list[tuple[Correction, Statement]], list[str]]":
    """Return the statements of who is who, and warnings: of two that name who made one export the later counts."""
    found: dict[object, tuple[Correction, Statement]] = {}
    notes = []
    for correction in read_stated(words, *PEOPLE, "export"):
        what = correction.what
        if correction.kind == "export" and "custodian" not in what:
            continue
        source = what["source_id"] if correction.kind == "export" else what.get("source")
        if source in found:
            first, last = name_correction(found[source][0]), name_correction(correction)
            notes.append(f"{first}: the custodian that it names has no effect: {last} is later.")
        found[source or correction.number] = (correction, _make_statement(correction, source))
    return sorted(found.values(), key=lambda pair: pair[0].number), notes


def _make_statement(correction: Correction, source: str | None) -> "Statement":
    from chatforensics.joining import Label, Statement

    where, what = name_correction(correction), correction.what
    if source is not None:
        name = what["custodian" if correction.kind == "export" else "label"]
        return Statement("custodian", (Label(name),), f"made the export: {say(correction)}", where, source)
    labels = tuple(Label(label["label"], label.get("source")) for label in what["labels"])
    return Statement("same" if correction.kind == "same" else "different", labels, say(correction), where)


def correct_labels(
    labels: "Labels", messages: "AnyMessages", sources: "Sources", pictures: "Pictures", words: Words | None
) -> "tuple[Labels, Effect]":
    """Put what is stated of single messages in place of what the program decided of them.

    Returns:
        The labels, and what came of each correction.
    """
    corrections = read_stated(words, "label")
    if not corrections:
        return labels, Effect()
    from chatforensics.labelling import StatedLabel, state_labels
    from chatforensics.schema import Messages

    messages = Messages(messages.lazy().collect())
    stated = [StatedLabel(each.what["message_id"], _decide(each), _say_label(each)) for each in corrections]
    done = state_labels(labels, messages, stated, pictures)
    effect = Effect(decided=_gather_decided([(stated[at].decision, ids) for at, ids in done.decided.items()]))
    told = [_describe_label(corrections[at], ids, messages, sources) for at, ids in sorted(done.decided.items())]
    more = len(told) - _MOST_TOLD
    effect.assumed = told[:_MOST_TOLD] + ([f"Messages of which the label was corrected: {more:,} more."] * (more > 0))
    effect.notes = [_warn_of_idle(each, missing=at in done.missing) for at, each in _idle(corrections, done.decided)]
    return done.labels, effect


def _decide(correction: Correction) -> Literal["flag", "none"]:
    return _DECISIONS[correction.what["is"] == INSTRUCTION]


def _tell_decision(correction: Correction) -> str:
    return "an instruction" if correction.what["is"] == INSTRUCTION else "not an instruction"


def _say_label(correction: Correction) -> str:
    who, why = _quote(correction.who), _quote(correction.why)
    return f"Stated by {who} on {correction.at[:10]}: {_tell_decision(correction)} ({why})."


def _gather_decided(parts: Sequence[tuple[str, Sequence[int]]]) -> dict[str, list[int]]:
    return {
        decision: sorted(number for said, ids in parts if said == decision for number in ids)
        for decision in sorted({said for said, _ in parts})
    }


def _idle(corrections: Sequence[Correction], decided: Mapping[int, object]) -> Iterator[tuple[int, Correction]]:
    return ((at, each) for at, each in enumerate(corrections) if at not in decided)


def _warn_of_idle(correction: Correction, *, missing: bool) -> str:
    said = "is not among the messages that were read" if missing else "has a later correction, which counts"
    return f"{name_correction(correction)} has no effect: message {correction.what['message_id']} {said}."


def _describe_label(correction: Correction, ids: Sequence[int], messages: "Messages", sources: "Sources") -> str:
    wanted = pl.col("message_id") == correction.what["message_id"]
    place = messages.filter(wanted).join(sources.select("source_id", "path"), on="source_id", how="left")
    path, line = place.select("path", "line").row(0)
    also = f" It goes for {len(ids):,} records of one text." if len(ids) > 1 else ""
    return f"{path}, line {line}: {_tell_decision(correction)}, {say(correction)}.{also}"
