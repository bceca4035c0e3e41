"""Answers: directives that name nobody themselves, such as "Vote NO." and "against her", and whom they mean.

Where a text asks whether somebody who holds a seat is to be selected again, NO is a trigger.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from chatforensics.labelling import cues, directives
from chatforensics.labelling.beside import asked_about
from chatforensics.labelling.names import Name
from chatforensics.labelling.placing import Placed, line_start
from chatforensics.labelling.series import sentence_end, sentence_start
from chatforensics.labelling.tokens import BREAK, CLOSING, JOIN, NUMBER, STOP, Page

# Places of directives that answer what was said before them.
ANSWERS = ("about", "back", "all")
_DENIALS = frozenset({"don't", "don’t", "dont", "do", "never", "nobody", "no"})
_SHORT_DENIAL = 3
FOR, AGAINST, TRIGGER, NONE = "for", "against", "trigger", "none"
# Tokens: whom "her" means is looked for this far back.
_LOOK_BACK = 60


class Told(NamedTuple):
    """A name with its stance, and the token at which its directive begins."""

    name: Name
    stance: str
    at: int


def about_somebody(page: Page, placed: Sequence[Placed]) -> Iterator[Told]:
    """Yield whom or what a line asks about, where its directive is the answer: "(Cllr A) choose do not reselect".

    "Vote against her" may stand in a later line than the name.
    """
    for each in placed:
        stance, place = each.directive.stance, each.directive.place
        if place not in ("about", "back") and not _is_bare(page, each):
            continue
        start = line_start(page, each.first) if place != "back" else max(0, each.first - _LOOK_BACK)
        line = page.text[page.tokens[start].start : page.tokens[_line_end(page, each.first) - 1].end]
        about_seat = directives.RESELECTION.search(line) is not None
        name = asked_about(page, start, each.first, people=about_seat or place == "back")
        if name and about_seat and stance == AGAINST and page.low(name.first) not in page.wordings.things:
            stance = TRIGGER
        if name:
            yield Told(name, stance if about_seat else {TRIGGER: AGAINST}.get(stance, stance), each.first)


def _line_end(page: Page, place: int) -> int:
    """Return the line break behind a token, or a place far enough behind it."""
    until = min(len(page.tokens), place + _LOOK_BACK)
    return next((behind for behind in range(place + 1, until) if page.kind(behind) == BREAK), until)


def _is_bare(page: Page, each: Placed) -> bool:
    """Tell a directive that names nobody: "Trigger", "Vote NO."."""
    if each.directive.place != "before" or each.directive.stance not in (AGAINST, TRIGGER):
        return False
    words = {page.low(place) for place in range(each.first, each.behind)}
    return each.directive.stance == TRIGGER or (
        page.kind(each.behind) in (STOP, BREAK, JOIN, CLOSING) and bool(words & {"no", "against"})
    )


def denies(page: Page, each: Placed) -> bool:
    """Tell a short directive that begins with its denial: "don't vote for", "nobody vote for"."""
    short = each.behind - each.first <= _SHORT_DENIAL and page.low(each.behind) != "it"
    return short and each.directive.stance == AGAINST and page.low(each.first) in _DENIALS


def at_seat(page: Page, each: Told) -> Told:
    """Read "no to A" as a trigger where the sentence speaks of the reselection of a person who holds the seat."""
    first, last = min(each.at, each.name.first), max(each.at, each.name.last - 1)
    is_thing = page.low(each.name.first) in page.wordings.things or page.kind(each.name.first) == NUMBER
    if each.stance != AGAINST or is_thing:
        return each
    start, end = sentence_start(page, first), sentence_end(page, last)
    sentence = page.text[page.tokens[start].start : page.tokens[end - 1].end]
    return each._replace(stance=TRIGGER) if directives.RESELECTION.search(sentence) else each


def stance_of_all(page: Page, placed: Sequence[Placed], hits: Sequence[cues.Hit]) -> str:
    """Return what a text asks for whose directives name nobody themselves: "AGAINST, please. Motion 14 is theirs"."""
    stances = {each.directive.stance for each in placed}
    answers = {
        each.directive.stance
        for each in placed
        if each.directive.place in ANSWERS or _is_bare(page, each) or (denies(page, each) and FOR not in stances)
    }
    labels = {hit.label for hit in hits if not hit.cue.startswith("en.")}
    if TRIGGER in answers and directives.RESELECTION.search(page.text):
        return TRIGGER
    against = "oppose" in labels and "endorse" not in labels
    return AGAINST if against or (answers & {AGAINST, TRIGGER} and FOR not in answers) else FOR
