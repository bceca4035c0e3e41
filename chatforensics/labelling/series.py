"""Names that no directive introduces: with their numbers, with ranks, or in a series behind a colon."""

from collections.abc import Iterator

import regex

from chatforensics.labelling.beside import name_before, read_forwards
from chatforensics.labelling.directives import common_words
from chatforensics.labelling.names import Name, capital_name, name_at
from chatforensics.labelling.tokens import BREAK, CLOSING, JOIN, MARK, NUMBER, OPENING, STOP, WORD, Page, is_capital

_LONGEST_NUMBER = 5
_LAST_RANK = 20
# Tokens: a name with its number is no longer, and no text may take long.
_REACH = 30
_LOOK_BACK = 9
_FEWEST_RANKED = 2
_HASHTAG = regex.compile(
    r"#(?:[Vv]ote|VOTE)(?:[Ff]or|4|FOR)?_?(\p{Lu}[\p{L}\p{N}]{1,30})|#(\p{Lu}[\p{L}\p{N}]{1,30})(?:[Ff]or|4)\p{Lu}"
)


def read_numbered(page: Page) -> Iterator[Name]:
    """Yield names that a candidate's number follows or precedes, as slates in Portuguese write them: "Benedita 12"."""
    for place in range(len(page.tokens)):
        if page.kind(place) != NUMBER or not is_candidate_number(page, place):
            continue
        behind = name_before(page, _skip_marks_back(page, place), after=sentence_start(page, place), names="capital")
        ahead = capital_name(page, place + 1, until=len(page.tokens)) if _opens_name(page, place + 1) else None
        name = behind if behind and is_capital(page.tokens[behind.first]) else ahead
        if name:
            yield name


def is_candidate_number(page: Page, place: int) -> bool:
    """Tell whether a number may be a candidate's: two to five digits that count and date nothing."""
    digits = [character for character in page.tokens[place].word if character.isdigit()]
    return 2 <= len(digits) <= _LONGEST_NUMBER and page.low(place + 1) not in common_words("counted")  # noqa: PLR2004 - parties have two


def _skip_marks_back(page: Page, place: int) -> int:
    while place > 0 and (
        page.kind(place - 1) in (MARK, JOIN, OPENING) or page.low(place - 1) in page.wordings.numbering
    ):
        place -= 1
    return place


def sentence_start(page: Page, place: int) -> int:
    """Return the first token of a token's sentence or line."""
    end = max(0, place - _REACH)
    while place > end and page.kind(place - 1) not in (BREAK, STOP):
        place -= 1
    return place


def sentence_end(page: Page, place: int) -> int:
    """Return the token behind a token's sentence or line."""
    until = min(len(page.tokens), place + _REACH)
    place += 1
    while place < until and page.kind(place) not in (BREAK, STOP):
        place += 1
    return min(place, len(page.tokens))


def _opens_name(page: Page, place: int) -> bool:
    return page.kind(place) == WORD and is_capital(page.tokens[place]) and not page.shouted


def read_ranked(page: Page) -> Iterator[Name]:
    """Yield names with their ranks: "Adjei 1, Pugh 2" or "1 Mamdani 2 Lander"; a lone one only at rank 1."""
    ranked: list[tuple[str, Name]] = []
    for place in range(len(page.tokens)):
        if (
            page.kind(place) != NUMBER
            or not page.tokens[place].word.isdigit()
            or int(page.tokens[place].word) > _LAST_RANK
        ):
            continue
        behind = name_before(page, place, after=sentence_start(page, place), names="capital") if place else None
        ends = page.kind(place + 1) in (JOIN, STOP, BREAK, MARK, CLOSING) or page.low(place + 1) in page.wordings.joins
        ahead = capital_name(page, place + 1, until=len(page.tokens)) if _opens_name(page, place + 1) else None
        name = ahead or (behind if behind and ends and is_capital(page.tokens[behind.first]) else None)
        if name and not _is_dated(page, name):
            ranked.append((page.tokens[place].word, name))
    if len(ranked) > 1 or any(rank == "1" for rank, _ in ranked):
        yield from (name for _, name in ranked)


def _is_dated(page: Page, name: Name) -> bool:
    return any(page.low(place) in page.wordings.ordinary for place in range(name.first, name.last))


def read_series(page: Page) -> Iterator[Name]:
    """Yield the names of a series of two or more behind a colon or a dash: "Delegates: A, B, C"."""
    for place in range(1, len(page.tokens)):
        if page.tokens[place - 1].word not in {":", "–", "—", "-", "→"} or page.kind(place) != WORD:
            continue
        before = {page.low(each) for each in range(max(0, place - _LOOK_BACK), place)}
        if before & common_words("not_a_slate") or not is_capital(page.tokens[place]):
            continue
        names = list(read_forwards(page, place, until=len(page.tokens), names="capital"))
        while names and page.tokens[names[-1].last : names[-1].last + 1] and page.low(names[-1].last) == ";":
            more = list(read_forwards(page, names[-1].last + 1, until=len(page.tokens), names="capital"))
            if not more or more[0].first != names[-1].last + 1:
                break
            names += more
        full = names and names[0].last - names[0].first > 1 and page.kind(names[0].last) in (BREAK, STOP)
        if names and names[0].first == place and (len(names) > 1 or full):
            yield from names


def read_hashtags(page: Page) -> Iterator[Name]:
    """Yield the names in "#VoteX" and "#XForMayor"."""
    for match in _HASHTAG.finditer(page.text):
        group = 1 if match[1] else 2
        place = page.at(match.start())
        yield Name(place, place + 1, match.start(group), match.end(group))


def read_lines(page: Page) -> Iterator[Name]:
    """Yield the names of lines that a rank opens, where there are two or more."""
    ranked: list[Name] = []
    for place, token in enumerate(page.tokens):
        if token.kind != NUMBER or not page.opens_line(place):
            continue
        behind = place + 1
        while page.kind(behind) == MARK:
            behind += 1
        known = behind < len(page.tokens)
        name = name_at(page, behind, until=len(page.tokens), slot="capital") if known else None
        ranked += [name] if name and name.first == behind else []
    yield from ranked if len(ranked) >= _FEWEST_RANKED else []
