"""How a message is shown on every page: its words cut where marks begin and end, and labels in plain words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from chatforensics.report.language import say
from chatforensics.report.marks import Piece, Span, clip_text, mark_spans
from chatforensics.schema import SLATE_LABEL

if TYPE_CHECKING:
    from jinja2 import Environment

CHARACTER_LIMIT = 6000
NAME, FOUND = "name", "found"  # what carries a mark that is a name on a slate, and one that was searched for
LABEL_WORDS = {
    SLATE_LABEL: say("says how to vote"),
    "endorse": say("asks for support"),
    "oppose": say("asks to vote against or to leave off"),
    "procedure": say("explains how to cast the vote"),
    "mobilise": say("asks to take part"),
    "remind": say("reminds of a ballot"),
    "relay": say("asks to pass it on"),
    "conceal": say("asks to hide it"),
    "bloc_appeal": say("speaks to a group as one body of votes"),
    "recruit": say("asks to sign up members"),
    "vote_handling": say("asks to hand over a vote, a code or a ballot paper"),
    "pressure": say("offers or threatens something"),
}
MAY_WORDS = {
    SLATE_LABEL: say("may say how to vote"),
    "endorse": say("may ask for support"),
    "oppose": say("may ask to vote against or to leave off"),
    "procedure": say("may explain how to cast the vote"),
    "mobilise": say("may ask to take part"),
    "remind": say("may remind of a ballot"),
    "relay": say("may ask to pass it on"),
    "conceal": say("may ask to hide it"),
    "bloc_appeal": say("may speak to a group as one body of votes"),
    "recruit": say("may ask to sign up members"),
    "vote_handling": say("may ask to hand over a vote, a code or a ballot paper"),
    "pressure": say("may offer or threaten something"),
}
DECIDED = {"flag": say("marked"), "review": say("to be read"), "none": say("not marked")}
SURE = 0.8  # below this a page says "may"
_NEAR = 0.1  # so little above its threshold is just above it
_STATED = "Stated by "  # how the explanation of a label begins of which somebody stated the decision
_OWN = re.compile(
    r"(.*?”[)]\.) The program's own decision was (flag|review|none) at [^ ]+( 0\.\d+)?\.(?: (.*))?", re.DOTALL
)
# Marks of direction in pairs, as phones put them around numbers; what overrides the direction is none of them.
_PAIRED = re.compile(
    "[\u202a\u202b]([^\u202a-\u202e\u2066-\u2069]+)\u202c|[\u2066-\u2068]([^\u202a-\u202e\u2066-\u2069]+)\u2069"
)


@dataclass(frozen=True)
class Cut:
    """The words of a message in pieces, marked and not, and how many characters were left out at the end."""

    pieces: list[Piece]
    left_out: int


def cut_words(item: Mapping[str, Any], marked: bool = True) -> Cut:  # noqa: FBT001, FBT002 - a filter of templates
    """Return the words of a message in pieces; those of its spans carry the names of their cues.

    Words that were searched for (`found` of the item: start and end of each) are marked whatever was decided.

    Very long texts are cut: a page is no place for a whole book, and the export has it.
    """
    text, left_out = clip_text(item["text"] or "", limit=CHARACTER_LIMIT)
    spans = (item.get("spans") or []) if marked and item.get("decision") in {"flag", "review"} else []
    marks = [Span(start=int(start), end=int(end), cue=str(cue), is_name=cue == NAME) for start, end, cue in spans]
    marks += [Span(start=int(start), end=int(end), cue=FOUND) for start, end in item.get("found") or ()]
    pieces = mark_spans(text, marks)
    return Cut(pieces, left_out)


def name_label(label: str) -> str:
    """Return in plain words what a label says that a message asks for; an unknown one as it is."""
    return LABEL_WORDS.get(label, label.replace("_", " "))


def soften_label(label: str, probability: float | None) -> str:
    """Return in plain words what a label says that a message asks for, with "may" where that is not sure."""
    if is_unsure(probability):
        return MAY_WORDS.get(label) or say("may be: {label}", label=name_label(label))
    return name_label(label)


def is_unsure(probability: float | None) -> bool:
    """Tell whether a probability is so low that no page says flatly what it is of."""
    return probability is not None and probability < SURE


def is_close(label: str, probability: float | None, decision: str | None) -> bool:
    """Tell whether a label was marked with a probability just above the one from which on it is."""
    if decision != "flag" or probability is None or not is_unsure(probability):
        return False
    return 0 <= probability - _thresholds().get(label, 1.0) < _NEAR


@cache
def _thresholds() -> Mapping[str, float]:
    """Return for each label the probability from which on it is marked."""
    from chatforensics.labelling.model import load_model

    return {label: flag for label, (_, flag) in load_model().thresholds.items()}


def name_decision(decision: str | None) -> str:
    """Return in plain words what came of a label; an unknown decision as it is."""
    return DECIDED.get(decision or "none", decision or "")


def is_stated(explanation: str | None) -> bool:
    """Tell whether somebody stated what was decided, as an explanation has it."""
    return (explanation or "").startswith(_STATED)


@dataclass(frozen=True)
class Stated:
    """An explanation in its parts: what somebody stated, what the program itself decided, and on what words."""

    said: str
    own: str | None
    rest: str


def split_stated(explanation: str) -> Stated:
    """Return what somebody stated of a message apart from what the program read; `own` is None where it read nothing.

    The words of people in it can take no part of it for another: their quotation marks are plain ones.
    """
    found = _OWN.fullmatch(explanation)
    return Stated(found[1], found[2], found[4] or "") if found else Stated(explanation, None, "")


def show_sender(label: str | None) -> str:
    """Return a printed name without the one pair of direction marks that phones put around numbers.

    A name in which further marks of this kind stand is returned as it is: then they are to be seen.
    """
    found = _PAIRED.fullmatch(label or "")
    return (found[1] or found[2]) if found else (label or "")


def list_classes(piece: Piece) -> str:
    """Return how a piece is drawn: `name` of a name on a slate, `found` of searched words, `only` if they are all."""
    cues = piece.cues.split("; ")
    told = {"name": piece.is_name, "found": FOUND in cues, "only": cues == [FOUND]}
    return " ".join(name for name, holds in told.items() if holds)


def begin_sentence(words: str) -> str:
    """Return words with a capital at their beginning."""
    return words[:1].upper() + words[1:]


def add_filters(environment: "Environment") -> None:
    """Give an environment what `messages.html.j2` needs."""
    environment.filters |= {"pieces": cut_words, "label_words": name_label, "classes": list_classes}
    environment.filters |= {"sender": show_sender, "decided": name_decision, "sentence": begin_sentence}
    environment.tests |= {"unsure": is_unsure, "stated": is_stated}
