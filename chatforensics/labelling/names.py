"""Names at a place of a text: where one begins and ends.

A name is a run of capitalised words, or, where capitals say nothing, up to five words that are no function words; a
number, a symbol or an option counts as a name where a directive asks for one. Nothing is inferred from a name.
"""

from typing import NamedTuple

from chatforensics.labelling.directives import common_words, ordinary_words
from chatforensics.labelling.tokens import (
    BREAK,
    JOIN,
    MARK,
    NUMBER,
    OPENING,
    STOP,
    WORD,
    Page,
    is_capital,
    is_caseless,
    is_handle,
)

MOST_WORDS = 5
MOST_SMALL_WORDS = 3
_NAMED_AFTER = frozenset({"name", "naam", "box"})
_POSSESSIVES = ("'s", "’s")


class Name(NamedTuple):
    """A name of the tokens `first` up to `last`, in code points from `start` up to `end`."""

    first: int
    last: int
    start: int
    end: int


def name_at(page: Page, place: int, *, until: int, slot: str) -> Name | None:  # noqa: PLR0911 - one per kind of name
    """Return the name that begins at a token.

    Args:
        page: the text.
        place: the token.
        until: the token before which it ends.
        slot: `capital` (only names written as such), `number` (numbers too), `plain` (small letters too, but no word
            known as ordinary) or `thing` (ordinary words too).
    """
    token = page.tokens[place]
    if is_handle(token):
        return name_of(page, place, place + 1)
    thing = thing_at(page, place, until=until)
    if thing:
        return thing
    if token.kind == NUMBER:
        return _number_at(page, place, until=until) if slot != "capital" else None
    if token.kind != WORD:
        return None
    if is_caseless(token):
        return _small_name(page, place, until=until, most=MOST_WORDS) if slot in ("plain", "thing") else None
    if is_capital(token) and not page.shouted:
        return capital_name(page, place, until=until, slot=slot)
    if slot == "thing" or (slot == "plain" and not is_known(page, place)):
        return _lower_name(page, place, until=until, slot=slot)
    return None


def is_known(page: Page, place: int) -> bool:
    """Tell whether a word is known as ordinary; in a text without small letters, by the closed list alone."""
    low = page.low(place)
    return low in page.wordings.ordinary if page.shouted else low in ordinary_words()


def _lower_name(page: Page, place: int, *, until: int, slot: str) -> Name | None:
    """Return a name in small letters; in a `plain` slot only one that ends where names end, not where room does."""
    most = MOST_WORDS if page.shouted or slot == "thing" else MOST_SMALL_WORDS
    name = _small_name(page, place, until=until, most=most, slot=slot)
    endless = name and name.last < until and name.last - name.first == most and may_be_named(page, name.last)
    return None if endless and slot == "plain" else name


def thing_at(page: Page, place: int, *, until: int) -> Name | None:
    """Return a numbered thing, such as "motion 14", "option B" or "list no. 3", unless a person's name follows it."""
    if page.low(place) not in page.wordings.things:
        return None
    behind = place + 1
    while behind < until and (page.low(behind) in page.wordings.numbering or page.tokens[behind].word in "#:º°"):
        behind += 1
    if behind >= until or not (_is_number(page, behind) or _is_letter(page, behind)):
        return None
    behind += 1
    while behind + 1 < until and page.tokens[behind].word == "-" and page.kind(behind + 1) == NUMBER:
        behind += 2
    person = behind < until and page.kind(behind) == WORD and _person_follows(page, behind, until=until)
    return None if person else name_of(page, place, behind)


def _is_number(page: Page, place: int) -> bool:
    return page.kind(place) == NUMBER or page.low(place) in page.wordings.numbers


def _is_letter(page: Page, place: int) -> bool:
    word = page.tokens[place].word
    return len(word) == 1 and word.isupper()


def _person_follows(page: Page, place: int, *, until: int) -> bool:
    while place < until and page.kind(place) in (MARK, OPENING, JOIN):
        place += 1
    ahead = place < until and is_capital(page.tokens[place]) and not page.shouted
    return ahead and capital_name(page, place, until=until) is not None


def _number_at(page: Page, place: int, *, until: int) -> Name | None:
    """Return a bare number as the name of what bears it, unless it counts, dates or ranks something."""
    following = page.low(place + 1) if place + 1 < until else ""
    if (
        following in common_words("counted")
        or following in page.wordings.numbering
        or following in {"%", ":", "next", "beside"}
    ):
        return None
    return None if _person_follows(page, place + 1, until=until) else name_of(page, place, place + 1)


def capital_name(page: Page, place: int, *, until: int, slot: str = "capital") -> Name | None:
    """Return the capitalised name that begins at a token, if one does."""
    last = place
    while last < until and last - place <= MOST_WORDS and _goes_on(page, last, until=until):
        last += 1
    first, last = _trim(page, place, last, learned=slot != "thing")
    if first == last or _owns_something(page, last):
        return None
    return name_of(page, first, last)


def _goes_on(page: Page, place: int, *, until: int) -> bool:
    """Tell whether a capitalised name goes on with this token."""
    token = page.tokens[place]
    if is_capital(token):
        shouted = token.word.isupper() and len(token.word) > 1
        return not (shouted and (page.low(place) in page.wordings.stops or page.low(place) in page.wordings.joins))
    small = page.low(place) in page.wordings.particles
    ahead = place + 1 < until and is_capital(page.tokens[place + 1])
    return (small and ahead) or page.low(place) in page.wordings.honorifics


def _trim(page: Page, first: int, last: int, *, learned: bool) -> tuple[int, int]:
    """Leave out ordinary words before and after a capitalised name."""
    while (
        first < last and not (is_title(page, first) and last - first > 1) and _is_ordinary(page, first, learned=learned)
    ):
        first += 1
    while first < last and (page.low(last - 1).removesuffix("'s").removesuffix("’s") in page.wordings.ordinary):
        last -= 1
    only_titles = all(is_title(page, place) for place in range(first, last))
    return (first, first) if only_titles else (first, last)


def is_title(page: Page, place: int) -> bool:
    """Tell whether a word stands beside names and is none itself: "Dr", "bhai"."""
    return page.low(place) in page.wordings.titles or page.low(place) in page.wordings.honorifics


def _is_ordinary(page: Page, place: int, *, learned: bool) -> bool:
    """Tell ordinary words by closed lists; where capitals say nothing, also by those `learned` in training."""
    low, token = page.low(place), page.tokens[place]
    if low in page.wordings.ordinary:
        return True
    says_nothing = (token.word.isupper() and len(low) > 1) or page.kind(place - 1) in (STOP, BREAK, MARK)
    return says_nothing and (low in page.wordings.stops or (learned and low in ordinary_words()))


def _owns_something(page: Page, last: int) -> bool:
    """Tell "Petra's email", which is not Petra, from "Sarah's name", which is Sarah."""
    owner = page.tokens[last - 1].word.endswith(_POSSESSIVES)
    return owner and page.kind(last) == WORD and page.low(last) not in _NAMED_AFTER


def _small_name(page: Page, place: int, *, until: int, most: int, slot: str = "plain") -> Name | None:
    last = place
    while last < until and last - place < most and may_be_named(page, last, slot=slot):
        last += 1
        if _ends_in_suffix(page, last - 1):
            break
    return name_of(page, place, last) if last > place else None


def may_be_named(page: Page, place: int, *, slot: str = "plain") -> bool:
    """Tell whether a word in small letters, or of a script without capitals, may be part of a name."""
    low, words = page.low(place), page.wordings
    if page.kind(place) != WORD:
        return False
    named = low not in words.stops and low not in words.joins and low not in words.fillers
    return named and (slot == "thing" or low not in words.ordinary or is_caseless(page.tokens[place]))


def _ends_in_suffix(page: Page, place: int) -> bool:
    token = page.tokens[place]
    return (
        is_caseless(token) and bool(page.wordings.suffixes) and _stripped(page, token.start, token.end)[1] < token.end
    )


def name_of(page: Page, first: int, last: int) -> Name:
    """Return the name of these tokens, without signs and endings that are not part of it."""
    start, end = page.tokens[first].start, page.tokens[last - 1].end
    start, end = _stripped(page, start, end)
    return Name(first, last, start, end)


def _stripped(page: Page, start: int, end: int) -> tuple[int, int]:
    """Leave out signs of mentions, possessives, and cases that a script writes on to the name."""
    written = page.text[start:end]
    for suffix in (*_POSSESSIVES, *page.wordings.suffixes):
        if written.endswith(suffix) and len(written) > len(suffix) + 1:
            end -= len(suffix)
            break
    for prefix in ("@", "#"):
        if written.startswith(prefix) and len(written) > len(prefix) + 1:
            return start + len(prefix), end
    return start, end
