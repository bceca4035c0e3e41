"""Corrections in words: what each states, whether the last analysis used it, and what that changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatforensics.casefile.corrections import Correction
from chatforensics.report.codes import name_code
from chatforensics.report.language import Phrase, say
from chatforensics.report.words import HEADLINES
from chatforensics.workflow.effects import Change, Compared
from chatforensics.workflow.facts import Facts

ORDERS: Mapping[str, Phrase] = {
    "dmy": say("day, month, year"),
    "mdy": say("month, day, year"),
    "ymd": say("year, month, day"),
}
KIND_WORDS: Mapping[str, Phrase] = {
    "same": say("These are the same person"),
    "different": say("These are not the same person"),
    "custodian": say("Who made the export"),
    "label": say("The label of this message is wrong"),
    "export": say("The export is to be read otherwise"),
}
FIELD_WORDS: Mapping[str, Phrase] = {
    "dates": say("Order of its dates"),
    "timezone": say("Zone of its clock"),
    "year": say("Year of its first message"),
    "custodian": say("Who made it"),
    "chat": say("Chat that it is of"),
}
STATE_WORDS: Mapping[str, Phrase] = {
    "used": say("used by the last analysis"),
    "waiting": say("not used yet: the case has to be analysed again"),
    "leaving": say("taken back, but the last analysis still used it: the case has to be analysed again"),
    "gone": say("taken back"),
}
_DECISIONS: Mapping[str, Phrase] = {
    "flag": say("looks like an instruction how to vote"),
    "review": say("to be read by a person"),
    "none": say("no instruction how to vote was seen in it"),
}
_UNKNOWN = say("not known")
_READ: Mapping[str, Phrase] = {
    "date_order": say("Order of its dates"),
    "date_order_verdict": say("What that rests on"),
    "timezone": say("Zone of its clock"),
    "first": say("First message, by its own clock"),
    "last": say("Last message, by its own clock"),
    "chat": say("Chat"),
    "n_messages": say("Messages, with notices"),
    "n_rejects": say("Unread stretches"),
    "custodian": say("Who made it"),
}
_COUNTS: Mapping[str, Phrase] = {
    **{key: words for key, words, _ in HEADLINES},
    "n_clusters": say("clusters of such pairs"),
    "n_indicators-contradiction": say("observations: two readings that cannot both hold"),
    "n_indicators-unexplained": say("observations without an ordinary cause in the rules"),
    "n_indicators-info": say("observations with ordinary causes"),
    "first_at": say("first message"),
    "last_at": say("last message"),
    "warnings": say("warnings"),
}


@dataclass(frozen=True)
class Row:
    """A correction for the page; `effect` is None where no analysis shows one, `idle` says why it changed nothing."""

    correction: Correction
    title: Phrase
    state: str
    words: Phrase
    idle: str
    effect: "Effect | None"

    @property
    def is_active(self) -> bool:
        """Whether it counts."""
        return self.correction.is_active


@dataclass(frozen=True)
class Effect:
    """What an analysis said before and after a correction began to count, or was taken back.

    `people` are the two lists of those whom it names; `fields` what else it is about, as (words, before, after);
    `alone` tells whether nothing else went into the later analysis that the earlier one did not have.
    """

    taken_back: bool
    alone: bool
    people: tuple[Sequence[Any], Sequence[Any]] | None
    fields: tuple[tuple[Phrase, object, object], ...]

    @property
    def is_none(self) -> bool:
        """Whether nothing of what it names became otherwise."""
        return self.people[0] == self.people[1] if self.people else not self.fields


def list_rows(corrections: Sequence[Correction], *, facts: Facts | None, effects: Mapping[str, Facts]) -> list[Row]:
    """Return the corrections as the page shows them, in the order in which they were recorded.

    Args:
        corrections: All of the case.
        facts: What is kept of the last analysis.
        effects: What is kept of what each changed, by its number.
    """
    return [_row(each, facts or {}, effects.get(str(each.number))) for each in corrections]


def _row(correction: Correction, facts: Facts, effect: Facts | None) -> Row:
    used = correction.number in facts.get("used", ())
    state = ("used" if used else "waiting") if correction.is_active else ("leaving" if used else "gone")
    shown = _effect(correction.kind, effect) if effect else None
    idle = facts.get("idle", {}).get(str(correction.number), "")
    return Row(correction, KIND_WORDS[correction.kind], state, STATE_WORDS[state], idle, shown)


def _effect(kind: str, told: Facts) -> Effect:
    before, after = told["before"], told["after"]
    people = (before.get("people", []), after.get("people", [])) if kind in ("same", "different") else None
    fields: list[tuple[Phrase, object, object]] = []
    if kind == "label":
        was, now = (_DECISIONS.get(str(each.get("decision")), _UNKNOWN) for each in (before, after))
        fields = [(say("What its words do"), was, now)] if was != now else []
    elif people is None:
        changed = [key for key in _READ if before.get(key) != after.get(key)]
        fields = [(_READ[key], _show(key, before.get(key)), _show(key, after.get(key))) for key in changed]
    return Effect(bool(told["taken_back"]), bool(told["alone"]), people, tuple(fields))


def _show(key: str, value: object) -> object:
    if value is None:
        return _UNKNOWN
    if key == "date_order":
        return ORDERS.get(str(value), value)
    return name_code(str(value)) if key == "date_order_verdict" else value


def list_changes(compared: Compared) -> list[tuple[Phrase, Change]]:
    """Return the counts that changed between two analyses, in words; order and words are those of the report."""
    order = {name: place for place, name in enumerate(_COUNTS)}
    changed = [change for change in compared.changes if not change.is_same]
    changed.sort(key=lambda change: (order.get(change.name, len(order)), change.name))
    return [(_COUNTS.get(change.name, say("{name}", name=change.name)), change) for change in changed]
