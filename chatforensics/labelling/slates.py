"""What a text tells its reader to do with the vote: names, for or against, contest and step, in all covered languages.

**What a name is.** The words as written of the person, list, party, symbol, number or option that the reader is told
to support (`for`), not to support (`against`), or to trigger a ballot or an open selection against (`trigger`). "Vote
NO on question 2" names question 2, against; "yes to the strike" names the strike, for. A bare "vote no", a pronoun and
"me" name nobody. Community, gender or origin are never inferred from a name.

Names follow a directive ("vote for A"), precede it ("A ko vote dein"), or stand in a list below a line that ends with
one. Stretches that report or refuse what others ask, or tell the writer's own choice, are passed over.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import regex

from chatforensics.labelling import cues, steps
from chatforensics.labelling.answers import (
    ANSWERS,
    FOR,
    NONE,
    Told,
    about_somebody,
    at_seat,
    denies,
    stance_of_all,
)
from chatforensics.labelling.beside import name_before, read_backwards, read_forwards
from chatforensics.labelling.candidates import Candidates
from chatforensics.labelling.cues import READ_CHARACTERS, Hit, find_cues
from chatforensics.labelling.directives import choose_languages, load_languages, load_wordings
from chatforensics.labelling.names import Name, name_at
from chatforensics.labelling.offices import contest_of, find_contest, read_offices
from chatforensics.labelling.placing import (
    Placed,
    clause_end,
    clause_start,
    governed,
    line_end,
    line_start,
    list_start,
    place_directives,
)
from chatforensics.labelling.series import (
    read_hashtags,
    read_lines,
    read_numbered,
    read_ranked,
    read_series,
    sentence_start,
)
from chatforensics.labelling.tokens import BREAK, JOIN, NUMBER, WORD, Page, blank_emphasis, read_page
from chatforensics.labelling.unclaimed import read_unclaimed

_SILENT = (cues.REPORTED, cues.REFUSAL, cues.OWN_CHOICE, cues.NEUTRAL)
_SENTENCE_LONG = (cues.REPORTED, cues.REFUSAL)
_SENTENCE_END = regex.compile(r"[.!?\n۔।؟]|$")
# A line of a list begins with its name; what stands before it are bullets, numbers and offices.
_SHORT_LINE = 6


class Instruction(NamedTuple):
    """One name in a text, what the reader is told to do with it, and where the name stands (code points).

    `candidate` is the name of the user's list that it spells; null where there is no list, or none or several fit.
    """

    contest: str | None
    name: str
    stance: str
    step: int | None
    start: int
    end: int
    candidate: str | None = None

    def without_place(self, *, candidates: bool = False) -> dict[str, Any]:
        """Return the instruction without its place, with its candidate where a list was given."""
        told = {"contest": self.contest, "name": self.name, "stance": self.stance, "step": self.step}
        return told | ({"candidate": self.candidate} if candidates else {})


def find_instructions(
    text: str,
    *,
    candidates: Candidates | None = None,
    known: Candidates | None = None,
    hits: Sequence[Hit] | None = None,
) -> list[Instruction]:
    """Find whom an instruction tells its reader to support, to oppose, or to trigger a ballot against.

    It is meant for texts decided to be instructions; of others it gives names that nobody is told to vote for. It
    finds what is said in the common forms; it cannot show what is meant by a pun or a picture, nor whether two people
    of one name are meant.

    Args:
        text: one message group.
        candidates: the user's list; its names are also found where the wordings alone miss them.
        known: labels of the chat's own senders and mentions, as further spellings of names beside a directive. They
            are never a reason to name somebody elsewhere.
        hits: the text's named cues, where they are known already; else they are sought.
    """
    read = blank_emphasis(text[:READ_CHARACTERS])
    languages = choose_languages(read)
    page = read_page(read, load_wordings(languages))
    hits = find_cues(text) if hits is None else hits
    everywhere = list(place_directives(page))
    denials = {page.tokens[each.first].start for each in everywhere if denies(page, each)}
    silent = [each for each in _silent_stretches(text, hits, languages) if each[0] not in denials]
    placed = [each for each in everywhere if not _is_silent(silent, page.tokens[each.first].start)]
    read_names = _first_of_each(_read_all(page, placed))
    silent += [(each.name.start, each.name.end) for each in read_names if each.stance == NONE]
    told = [each for each in read_names if each.stance != NONE and not _is_silent(silent, page.tokens[each.at].start)]
    told = told or list(_unclaimed(page, stance_of_all(page, placed, hits), silent))
    told = [at_seat(page, each) for each in told]
    told += _listed(page, placed, told, [each for each in (candidates, known) if each])
    marks = steps.find_steps(page, [(each.first, each.behind) for each in placed if each.directive.kind == "step"])
    general = find_contest(read)
    found = [
        Instruction(
            contest=contest_of(page, each.name) or (general.words if general else None),
            name=" ".join(text[each.name.start : each.name.end].split()),
            stance=each.stance,
            step=steps.step_at(marks, each.name.first),
            start=each.name.start,
            end=each.name.end,
            candidate=candidates.match(text[each.name.start : each.name.end]) if candidates else None,
        )
        for each in told
        if not (general and general.start <= each.name.start < general.end)
    ]
    return sorted(found, key=lambda each: each.start)


def _silent_stretches(text: str, found: Sequence[cues.Hit], languages: Sequence[str]) -> list[tuple[int, int]]:
    """Return where a text reports, refuses, lists neutrally or tells the writer's own choice, in its own languages."""
    others = load_languages().keys() - set(languages)
    hits = [hit for hit in found if hit.label in _SILENT and hit.cue.partition(".")[0] not in others]
    return [(hit.start, _reach(text, hit)) for hit in hits]


def _reach(text: str, hit: cues.Hit) -> int:
    ending = _SENTENCE_END.search(text, pos=hit.end) if hit.label in _SENTENCE_LONG else None
    return ending.start() if ending else hit.end


def _is_silent(silent: Sequence[tuple[int, int]], place: int) -> bool:
    return any(start <= place < end for start, end in silent)


def _read_all(page: Page, placed: Sequence[Placed]) -> Iterator[Told]:
    """Yield names in the order of trust: those right before a directive, right behind one, in lists, in offices."""
    strong = [each for each in placed if each.directive.kind == "step" or each.directive.place != "office"]
    stances = [
        each for each in strong if each.directive.stance not in ("", "none") and each.directive.place not in ANSWERS
    ]
    yield from _before_directives(page, strong)
    yield from _behind_directives(page, strong)
    yield from about_somebody(page, [each for each in strong if each.directive.place != "back"])
    yield from _in_lists(page, stances, strong)
    yield from (Told(name, FOR, name.first) for name in read_hashtags(page))
    if page.wordings.numbered_names:
        yield from (Told(name, FOR, name.first) for name in read_numbered(page))
    for each in placed:
        if each.directive.place == "office":
            for name in read_backwards(page, each.first, after=clause_start(page, each.first, placed), names="capital"):
                yield Told(name, each.directive.stance, each.first)
    stance_of = _stance_in_force(page, stances)
    yield from (Told(name, stance_of(name.first), name.first) for name in (*read_ranked(page), *read_series(page)))
    yield from (Told(name, stance_of(name.first), name.first) for name in read_offices(page))
    if not placed:
        yield from (Told(name, FOR, name.first) for name in read_lines(page))
    yield from about_somebody(page, [each for each in strong if each.directive.place == "back"])


def _first_of_each(told: Iterator[Told]) -> list[Told]:
    """Keep what was said first of each stretch of text; what overlaps it is the same name read again."""
    kept: list[Told] = []
    covered: set[int] = set()
    for each in told:
        tokens = range(each.name.first, each.name.last)
        if covered.isdisjoint(tokens):
            covered.update(tokens)
            kept.append(each)
    return kept


def _before_directives(page: Page, placed: Sequence[Placed]) -> Iterator[Told]:
    for each in placed:
        if each.directive.kind == "stance" and each.directive.place == "after":
            start = clause_start(page, each.first, placed)
            for name in read_backwards(page, each.first, after=start, names=each.directive.names):
                yield Told(name, each.directive.stance, each.first)


def _behind_directives(page: Page, placed: Sequence[Placed]) -> Iterator[Told]:
    for each in placed:
        if each.directive.kind == "stance" and each.directive.place in ("before", "either"):
            until = clause_end(page, each.behind, placed)
            names = list(read_forwards(page, each.behind, until=until, names=each.directive.names))
            names = [_cut(page, name, each.end) for name in names]
            if names and page.low(each.first) == "not" and page.kind(each.first - 1) in (WORD, JOIN):
                yield from _preferred(page, each, placed)
            if each.directive.place == "either" and (not names or _is_mark_behind(page, each, placed)):
                names = read_backwards(page, each.first, after=clause_start(page, each.first, placed))
            yield from (Told(name, each.directive.stance, each.first) for name in names)


def _preferred(page: Page, each: Placed, placed: Sequence[Placed]) -> Iterator[Told]:
    """Yield who stands right before "not": "Amara not Denise"."""
    start = clause_start(page, each.first, placed)
    for name in read_backwards(page, each.first, after=start, names="capital"):
        yield Told(name, FOR, each.first)


def _is_mark_behind(page: Page, each: Placed, placed: Sequence[Placed]) -> bool:
    """Tell whether the marks of a line stand behind their names: "A 👍 B 👎"."""
    start = line_start(page, each.first)
    number = bisect_left(placed, start, key=_first)
    while placed[number].directive.place != "either":
        number += 1
    return name_before(page, placed[number].first, after=start, names="capital") is not None


def _first(each: Placed) -> int:
    return each.first


def _cut(page: Page, name: Name, start: int) -> Name:
    """Let a name begin where its directive ends, where both stand in one word: "لـ" and the name in Arabic."""
    return name._replace(start=start) if page.tokens[name.first].start < start < name.end else name


def _stance_in_force(page: Page, stances: Sequence[Placed]) -> Callable[[int], str]:
    """Return a function from a token to the stance of the last directive before it in its sentence, else `for`."""
    firsts = [each.first for each in stances]

    def stance_of(place: int) -> str:
        before = bisect_left(firsts, place)
        sentence = sentence_start(page, place)
        return stances[before - 1].directive.stance if before and firsts[before - 1] >= sentence else FOR

    return stance_of


def _in_lists(page: Page, stances: Sequence[Placed], placed: Sequence[Placed]) -> Iterator[Told]:
    """Yield the names of the lines below a directive that ends its line, until a blank line or another directive."""
    for each in stances:
        start = list_start(page, each)
        while start is not None and start < len(page.tokens) and page.kind(start) != BREAK:
            end = line_end(page, start)
            if any(start <= other.first < end and other.directive.kind == "stance" for other in placed):
                break
            for name in _names_of_line(page, start, end):
                yield Told(name, each.directive.stance, each.first)
            start = end + 1


def _names_of_line(page: Page, start: int, end: int) -> Iterator[Name]:
    while start < end and page.kind(start) != WORD and not (page.kind(start) == NUMBER and start + 1 == end):
        start += 1
    if start == end:
        return
    short = sum(page.kind(place) == WORD for place in range(start, end)) <= _SHORT_LINE
    first = name_at(page, start, until=end, slot="thing" if short else "capital")
    if first and first.first - start <= 1:
        yield first
        yield from read_forwards(page, first.last, until=end, names="capital") if _goes_on(page, first.last) else []


def _goes_on(page: Page, place: int) -> bool:
    return page.kind(place) == JOIN or page.low(place) in page.wordings.joins


def _unclaimed(page: Page, stance: str, silent: Sequence[tuple[int, int]]) -> Iterator[Told]:
    """Yield the names of an instruction in words that no directive here knows."""
    names = [name for name in read_unclaimed(page) if not _is_silent(silent, name.start)]
    yield from (Told(name, stance, name.first) for name in names)


def _listed(page: Page, placed: Sequence[Placed], told: Sequence[Told], lists: Sequence[Candidates]) -> list[Told]:
    """Return the names of the lists that stand beside a directive and that the wordings alone missed."""
    found: list[Told] = []
    covered = {place for each in told for place in range(each.name.first, each.name.last)}
    for candidates in lists:
        for each in placed:
            if each.directive.stance in ("", "none"):
                continue
            for first, last in candidates.find(page, governed(page, each, placed), covered):
                covered.update(range(first, last))
                start, end = page.tokens[first].start, page.tokens[last - 1].end
                found.append(Told(Name(first, last, start, end), each.directive.stance, each.first))
    return found
