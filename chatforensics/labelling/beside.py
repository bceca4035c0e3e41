"""Names beside a directive: forwards ("vote for A and B") and backwards ("A aur B ko vote dein")."""

from collections.abc import Iterator

from chatforensics.labelling.directives import common_words
from chatforensics.labelling.names import (
    MOST_SMALL_WORDS,
    MOST_WORDS,
    Name,
    capital_name,
    is_known,
    is_title,
    may_be_named,
    name_at,
    name_of,
    thing_at,
)
from chatforensics.labelling.tokens import (
    BREAK,
    CLOSING,
    JOIN,
    MARK,
    NUMBER,
    OPENING,
    STOP,
    WORD,
    Page,
    is_capital,
    is_caseless,
)  # fmt: skip

# A name belongs to a directive only when it stands this close to it, in characters,
NEAR = 40
# and when no more words stand between than these.
MOST_BETWEEN = 3
_PLACES = frozenset({"in", "at", "from", "of", "than", "within"})
_NO_PERSON_BEHIND = frozenset({"in", "at", "from", "than", "within", "the", "under", "until", "since"})
# "Hand up for ella": where nothing is written with capitals, a name in small letters may follow these.
_ASKING = frozenset({"for", "behind", "beside"})
# "A top and B bottom": what is said of B is not said of A.
_RANKS = frozenset({"top", "first", "1st", "one", "second", "2nd"})
_LONGEST_REMARK = 12


def read_forwards(page: Page, place: int, *, until: int, names: str) -> Iterator[Name]:
    """Read the names that follow a directive, from a token up to another one, until the sentence turns elsewhere."""
    began = page.tokens[place - 1].end if place else 0
    found: Name | None = None
    joined, n_between = True, 0
    if page.lowered and names == "capital" and (page.low(place - 1) in _ASKING or page.low(place - 2) == "next"):
        names = "plain"
    while place < until and page.kind(place) not in (STOP, BREAK):
        name = name_at(page, place, until=until, slot=_slot(page, found, names) if joined else "capital")
        if name:
            if not (found and page.kind(name.first - 1) == JOIN and page.low(name.first) in page.wordings.things):
                yield name
            found, joined, n_between = name, False, 0
            place = after_name(page, name.last, until=until)
            began = page.tokens[place - 1].end
            continue
        if found and page.kind(place) == MARK and page.low(found.first) in page.wordings.things:
            return
        n_between += page.kind(place) == WORD and not _connects(page, place)
        if (found or n_between > MOST_BETWEEN) and not _connects(page, place):
            return
        if page.tokens[place].end - began > NEAR or _turns(page, place, found=found is not None):
            return
        if page.low(place) in _PLACES and page.kind(place) == WORD:
            place = _past_place(page, place + 1, until=until)
            continue
        joined = _keeps_slot(page, place, joined=joined, found=found is not None)
        place += 1


def _slot(page: Page, found: Name | None, names: str) -> str:
    """Return how the next name of a list may be written: as the one before it."""
    if found and (is_capital(page.tokens[found.first]) and not page.shouted) and names == "plain":
        return "capital"
    return names


def _connects(page: Page, place: int) -> bool:
    """Tell whether a token may stand between two names of one list."""
    kind, low, words = page.kind(place), page.low(place), page.wordings
    return kind in (JOIN, NUMBER, OPENING, CLOSING, MARK) or (
        kind == WORD and (low in words.joins or low in words.fillers or low in words.numbers or low in words.titles)
    )


def _keeps_slot(page: Page, place: int, *, joined: bool, found: bool) -> bool:
    """Tell whether a name in small letters may follow this token, as it may right after a directive or an "and"."""
    kind, low = page.kind(place), page.low(place)
    if kind == JOIN or low in page.wordings.joins:
        return joined or found
    return joined and (kind != WORD or low in page.wordings.fillers)


def _turns(page: Page, place: int, *, found: bool) -> bool:
    """Tell whether a word begins another clause, in which names are no longer meant."""
    low = page.low(place)
    if low in common_words("clauses") or (is_caseless(page.tokens[place]) and low in page.wordings.stops):
        return True
    return not found and low in common_words("pronouns")


def _past_place(page: Page, place: int, *, until: int) -> int:
    """Return the token behind the place or body that follows "in", "at", "from" or "of"."""
    while place < until and (is_capital(page.tokens[place]) or page.low(place) == "the"):
        place += 1
    return place


def after_name(page: Page, place: int, *, until: int) -> int:
    """Return the token behind the office ("for chair") or the remark in brackets that follows a name, if any."""
    if page.kind(place) == OPENING:
        for behind in range(place + 1, min(until, place + _LONGEST_REMARK)):
            if page.kind(behind) == CLOSING:
                return behind + 1
        return place
    office = place + 1
    while office < until and page.low(office) in page.wordings.fillers:
        office += 1
    if page.low(place) not in common_words("for_office") or office >= until:
        return place
    match = page.wordings.roles.match(page.text, page.tokens[office].start)
    while match and office < until and page.tokens[office].start < match.end():
        office += 1
    return office if match else place


def read_backwards(page: Page, place: int, *, after: int, names: str = "thing") -> list[Name]:
    """Read the names that stand before a directive, down to a token: the last of them ends right before it."""
    found: list[Name] = []
    while True:
        if found and page.low(place - 1) in _RANKS:
            return found[::-1]
        place = _skip_back(page, place, after=after)
        name = name_before(page, place, after=after, names=names)
        if not name or (found and (page.kind(name.first) == NUMBER) != (page.kind(found[0].first) == NUMBER)):
            return found[::-1]
        found.append(name)
        place = name.first
        back = place - 1
        joined = back >= after and (page.kind(back) == JOIN or page.low(back) in page.wordings.joins)
        if not joined:
            return found[::-1]
        place = back


def _skip_back(page: Page, place: int, *, after: int) -> int:
    while place - 1 >= after and (
        page.kind(place - 1) == MARK
        or (page.low(place - 1) in page.wordings.fillers and not is_capital(page.tokens[place - 1]))
    ):
        place -= 1
    return place


def name_before(page: Page, last: int, *, after: int, names: str) -> Name | None:
    """Return the name whose last word is the token before `last`."""
    if last - 1 < after:
        return None
    if page.kind(last - 1) == CLOSING:
        return name_before(page, _before_remark(page, last, after=after), after=after, names=names)
    if page.kind(last - 1) == NUMBER:
        return _numbered_before(page, last, after=after)
    capitals = not page.shouted and _capital_among(page, last, after=after)
    if names == "capital" and not (capitals or page.shouted or (page.lowered and not is_known(page, last - 1))):
        return None
    first = last
    most = MOST_WORDS if capitals or page.shouted or is_caseless(page.tokens[last - 1]) else MOST_SMALL_WORDS
    most = 1 if names == "one" else most
    while first > after and last - first < most and _belongs(page, first - 1, capitals=capitals):
        first -= 1
    if last - first == 1 and page.low(first) in page.wordings.groups and page.low(first - 1) in page.wordings.genitives:
        owner = name_before(page, first - 1, after=after, names=names)
        first = owner.first if owner else first
    if last - first == 1 and is_title(page, first):
        return None
    return name_of(page, first, last) if first < last else None


def _before_remark(page: Page, last: int, *, after: int) -> int:
    for opening in range(last - 2, max(after, last - _LONGEST_REMARK) - 1, -1):
        if page.kind(opening) == OPENING:
            return opening
    return after


def _numbered_before(page: Page, last: int, *, after: int) -> Name | None:
    first = last - 1
    while first > after and (
        page.low(first - 1) in page.wordings.numbering or page.low(first - 1) in page.wordings.things
    ):
        first -= 1
    return name_of(page, first, last)


def _capital_among(page: Page, last: int, *, after: int) -> bool:
    """Tell whether the words before a directive hold a name written as such: then only its words belong to it."""
    place = last - 1
    while place >= after and page.low(place) in page.wordings.honorifics and not is_capital(page.tokens[place]):
        place -= 1
    return place >= after and is_capital(page.tokens[place]) and page.low(place) not in page.wordings.ordinary


def _belongs(page: Page, place: int, *, capitals: bool) -> bool:
    if not capitals:
        return may_be_named(page, place)
    low = page.low(place)
    if is_capital(page.tokens[place]):
        return is_title(page, place) or not (low in page.wordings.ordinary or low in page.wordings.stops)
    return page.kind(place) == WORD and (low in page.wordings.honorifics or low in page.wordings.particles)


def asked_about(page: Page, start: int, end: int, *, people: bool) -> Name | None:
    """Return the numbered thing, or where `people` the person, that is named last between two tokens."""
    found: Name | None = None
    place = start
    while place < end:
        person = people and is_capital(page.tokens[place]) and page.low(place - 1) not in _NO_PERSON_BEHIND
        name = thing_at(page, place, until=end) or (capital_name(page, place, until=end) if person else None)
        found = name or found
        place = name.last if name else place + 1
    return found
