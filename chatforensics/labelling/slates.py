"""What an English text tells its reader to do with the vote: names, for or against, contest and step.

The text is read once from left to right. A directive ("vote for", "do not select", "trigger a ballot against") says
what is to happen to the names that follow it in the same sentence, or in the list below a line that ends with a colon.
Names are capitalised runs, or what stands right after "vote for". Community, gender or origin are never inferred.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import regex

from chatforensics.labelling import directives
from chatforensics.labelling.cues import READ_CHARACTERS
from chatforensics.labelling.model import load_model

FOR, AGAINST, TRIGGER = "for", "against", "trigger"


class Instruction(NamedTuple):
    """One name in a text, what the reader is told to do with it, and where the name stands (code points)."""

    contest: str | None
    name: str
    stance: str
    step: int | None
    start: int
    end: int

    def without_place(self) -> dict[str, Any]:
        """Return the instruction without its place."""
        return {"contest": self.contest, "name": self.name, "stance": self.stance, "step": self.step}


@dataclass(frozen=True)
class _State:
    """What has been read so far that bears on the next name."""

    stance: str | None = None
    step: int | None = None
    role: str | None = None
    last_end: int = 0
    in_list: bool = False


def find_instructions(text: str) -> list[Instruction]:
    """Find whom an English text tells its reader to support, to oppose, or to trigger a ballot against.

    It finds what is said in the common forms; it cannot show what is meant by a pun, a number, a symbol or a picture,
    and a name in small letters is found only right after the directive.
    """
    read = text[:READ_CHARACTERS]
    contest = directives.CONTEST.search(read)
    general = contest.group(1) if contest else None
    first: dict[int, Instruction] = {}
    for each in (*_follow(read), *_asked_about(read)):
        if not (contest and contest.start() <= each.start < contest.end()):
            first.setdefault(each.start, each._replace(contest=each.contest or general))
    return sorted(first.values(), key=lambda each: each.start)


def _follow(text: str) -> Iterator[Instruction]:
    state = _State()
    for token in directives.TOKEN.finditer(text):
        if token["name"]:
            instruction = _name_at(text, token, state)
            state = replace(state, last_end=token.end()) if instruction else state
            yield from [instruction] if instruction else []
        elif token["role"]:
            state = _after_role(text, token, state)
        else:
            yield from _plain_names(token, state)
            state = _after(token, state)


def _after(token: regex.Match[str], state: _State) -> _State:
    if token["step"]:
        kept = state.stance if state.in_list else None
        return _State(step=_number(token["step"]), stance=kept, last_end=token.end(), in_list=state.in_list)
    if token["plain"] in directives.PRONOUNS and token["for"].endswith("for"):
        return _State(step=state.step)
    for stance, kind in ((TRIGGER, "trigger"), (AGAINST, "against"), (FOR, "for")):
        if token[kind]:
            return replace(state, stance=stance, last_end=token.end(), role=None, in_list=False)
    if token["colon"]:
        return replace(state, in_list=state.stance is not None, last_end=token.end())
    if token["newline"] and state.in_list and token["newline"].count("\n") == 1:
        return replace(state, last_end=token.end())
    return _State(step=state.step)


def _after_role(text: str, token: regex.Match[str], state: _State) -> _State:
    """Open a list of an office ("Chair: ..."), or read past the office ("A for chair and B for secretary")."""
    if directives.ROLE_LIST.match(text, pos=token.end()):
        return replace(state, role=token["role"], stance=state.stance or FOR, last_end=token.end())
    return replace(state, last_end=token.end())


def _name_at(text: str, token: regex.Match[str], state: _State) -> Instruction | None:
    start, end = _trimmed(text, token["name"], token.start())
    if (
        start == end
        or directives.POSSESSIVE.match(text, pos=end)
        or directives.OF_PLACE.search(text, max(0, token.start() - 12), token.start())
    ):
        return None
    office = directives.FOR_ROLE.match(text, pos=end)
    if office:
        return Instruction(office[1], text[start:end], state.stance or FOR, state.step, start, end)
    near = directives.NEAR_IN_LIST if state.in_list else directives.NEAR
    if state.stance is None or start - state.last_end > near:
        return None
    return Instruction(state.role, text[start:end], state.stance, state.step, start, end)


def _trimmed(text: str, name: str, offset: int) -> tuple[int, int]:
    """Return where the name stands, without ordinary words before and after it and without a possessive."""
    words = list(regex.finditer(r"\S+", name.removesuffix("'s").removesuffix("’s")))
    while words and not _is_title(words) and _is_no_name(words[0].group(), text, offset + words[0].start()):
        words = words[1:]
    while words and regex.sub(r"['’]s$|\.$", "", words[-1].group().casefold()) in directives.NOT_NAMES:
        words = words[:-1]
    return (offset + words[0].start(), offset + words[-1].end()) if words else (offset, offset)


def _is_no_name(word: str, text: str, start: int) -> bool:
    """Tell ordinary words by a closed list; where capitals say nothing, also by the words known from training."""
    if word.casefold() in directives.NOT_NAMES:
        return True
    says_nothing = word.isupper() or directives.SENTENCE_START.search(text, max(0, start - 8), start) is not None
    return says_nothing and word.casefold() in load_model().ordinary


def _is_title(words: list[regex.Match[str]]) -> bool:
    return len(words) > 1 and regex.fullmatch(directives.TITLE, words[0].group(), regex.IGNORECASE) is not None


def _plain_names(token: regex.Match[str], state: _State) -> Iterator[Instruction]:
    if not (token["for"] or "").casefold().endswith((" for", " 4")):
        return
    for group in ("plain", "second"):
        word = token[group]
        if not word or word in directives.NOT_NAMES or word in load_model().ordinary:
            return
        yield Instruction(None, word, FOR, state.step, token.start(group), token.end(group))


def _asked_about(text: str) -> Iterator[Instruction]:
    """Find a person about whom a line asks for an answer: "(Cllr A) choose do not reselect"."""
    start = 0
    for line in text.splitlines(keepends=True):
        if directives.RESELECTION.search(line) and not list(_follow(line)):
            yield from _about(text, line, start)
        start += len(line)


def _about(text: str, line: str, offset: int) -> Iterator[Instruction]:
    stance = TRIGGER if directives.TO_CONTEST.search(line) else FOR if directives.TO_KEEP.search(line) else None
    tokens = list(directives.TOKEN.finditer(line))
    step = next((_number(token["step"]) for token in tokens if token["step"]), None)
    for token in tokens:
        start, end = _trimmed(text, token["name"] or "", offset + token.start())
        if stance and start < end and not directives.AT_PLACE.search(text, max(0, start - 12), start):
            yield Instruction(None, text[start:end], stance, step, start, end)


def _number(step: str) -> int | None:
    bare = regex.sub(r"[^0-9a-z]", "", step.casefold().replace("step", ""))
    if bare.isdigit():
        return int(bare)
    return directives.ROMAN.get(bare) if "(" in step and bare in directives.ROMAN else "abcdefgh".find(bare) + 1 or None
