"""Names in an instruction whose words no directive here knows: "Grace Wambui, only that one she should mark".

Read only where nothing else names anybody. A text that has been decided to be an instruction, is short, and holds one
to four names most often tells its reader to support them; it may also mention somebody else, so these names are the
least sure of all.
"""

from collections.abc import Iterator

import regex

from chatforensics.labelling.directives import common_words, ordinary_words
from chatforensics.labelling.names import Name, name_at
from chatforensics.labelling.series import is_candidate_number
from chatforensics.labelling.tokens import BREAK, JOIN, MARK, NUMBER, STOP, WORD, Page, is_capital, is_caseless

_MOST_TOKENS = 130
_MOST_NAMES = 4
_ABBREVIATION = 4
_SHORTEST = 3
_KISSES = 3
_YEAR = regex.compile(r"20\d\d")
# Languages whose ordinary words are known well enough to tell a name at the beginning of a sentence.
_OWN_WORDS = frozenset({"en", "pt"})
_SELF = regex.compile(
    r"\b(?:vote (?:for |4 )?me|votes? for me|(?:i['’]?m|i am|ive|i['’]ve|i have) (?:\p{L}{2,7} ){0,2}"
    r"(?:standing|running|going for|asking|put my name|nominated|up for)|my name (?:is|has)|put me (?:down|first|top)"
    r"|choose me|consider me|support me|pick me|rank me|back me|vote me|mujhe vote|mera naam"
    r"|your (?:votes?|support|cross|first preference|number one)"
    r"|pe[çc]o (?:o )?(?:seu|um) voto|meu n[uú]mero|sou candidat|vote em mim|me apoi)\b",
    regex.IGNORECASE,
)
_SELF_NAMED = regex.compile(
    r"\b(?i:i['’]?m|i am|this is|it['’]?s|its|my name is|mera naam|mai[n]?|sou (?:a|o)|me chamo|je suis|soy|jestem)"
    r"\s(?=\p{Lu})"
)
_HERE = regex.compile(r"\s(?:here|this side|speaking|aqui|ici)\b", regex.IGNORECASE)


def read_unclaimed(page: Page) -> Iterator[Name]:
    """Yield whom or what a short instruction names in words that no directive knows."""
    if len(page.tokens) > _MOST_TOKENS:
        return
    for reading in (_themselves, _full_names, _titled, _symbols, _people, _repeated, _numbers):
        names = list(reading(page))
        if names:
            yield from names if len(names) <= _MOST_NAMES else []
            return


def _themselves(page: Page) -> Iterator[Name]:
    """Yield the name of a writer who asks for the reader's own vote and says who they are."""
    if not _SELF.search(page.text):
        return
    for match in _SELF_NAMED.finditer(page.text):
        name = _name_from(page, match.end())
        if name:
            yield name
            return
    names = list(_all_names(page))
    said = [name for name in names if _HERE.match(page.text, name.end)]
    signed = [name for name in names if _is_signed(page, name)]
    yield from (said or signed)[-1:]


def _name_from(page: Page, start: int) -> Name | None:
    place = page.at(start)
    return name_at(page, place, until=len(page.tokens), slot="capital") if place < len(page.tokens) else None


def _is_signed(page: Page, name: Name) -> bool:
    """Tell whether nothing but marks and kisses stands behind a name."""
    behind = [page.low(place) for place in range(name.last, len(page.tokens)) if page.kind(place) == WORD]
    return len(behind) <= 1 and all(len(low) <= _KISSES or low in page.wordings.titles for low in behind)


def _all_names(page: Page) -> Iterator[Name]:
    place = 0
    while place < len(page.tokens):
        name = None if page.shouted else name_at(page, place, until=len(page.tokens), slot="capital")
        if name:
            yield name
        place = name.last if name else place + 1


def _people(page: Page) -> Iterator[Name]:
    """Yield each name once that is not addressed, not where something is, and not the signature."""
    found: dict[str, Name] = {}
    for name in _all_names(page):
        if (
            page.low(name.first - 1) in common_words("not_targets")
            or _is_addressed(page, name)
            or not _is_sure(page, name)
        ):
            continue
        found.setdefault(page.text[name.start : name.end].casefold(), name)
    signed = [key for key, name in found.items() if _is_signature(page, name)]
    if len(found) > len(signed):
        for key in signed:
            del found[key]
    yield from found.values()


def _full_names(page: Page) -> Iterator[Name]:
    """Yield the names of two words or more, or with a title."""
    yield from (name for name in _people(page) if name.last - name.first > 1)


def _is_addressed(page: Page, name: Name) -> bool:
    """Tell "Margaret, you asked me" from a name of the sentence: it opens the text or line and a comma follows."""
    opens = page.opens_line(name.first)
    return (
        opens and page.kind(name.last) == JOIN and page.low(name.last + 1) in {"you", "please", "pls", "can", "if", "u"}
    )


def _is_signature(page: Page, name: Name) -> bool:
    before = page.kind(name.first - 1) in (STOP, BREAK, MARK)
    return before and _is_signed(page, name)


def _is_sure(page: Page, name: Name) -> bool:
    words = [page.low(place) for place in range(name.first, name.last)]
    thing = words[0] in page.wordings.things
    titled = name.first > 0 and any(word in page.wordings.titles for word in words)
    inside = page.kind(name.first - 1) in (WORD, NUMBER)
    short = (
        all(page.tokens[place].word.isupper() for place in range(name.first, name.last))
        and name.end - name.start <= _ABBREVIATION
    )
    if not inside and (short or not set(page.wordings.languages) <= _OWN_WORDS):
        return thing or titled or len(words) > 1
    unknown = all(word.removesuffix("'s") not in ordinary_words() for word in words) and len(words[0]) >= _SHORTEST
    return thing or titled or ((inside or len(words) > 1 or unknown) and unknown)


def _titled(page: Page) -> Iterator[Name]:
    """Yield names behind a title, in scripts without capitals."""
    place = 0
    while place < len(page.tokens):
        title = is_caseless(page.tokens[place]) and page.low(place) in page.wordings.titles - page.wordings.honorifics
        name = name_at(page, place, until=len(page.tokens), slot="thing") if title else None
        if name and name.last - name.first > 1:
            yield name
        place = name.last if name else place + 1


def _symbols(page: Page) -> Iterator[Name]:
    """Yield the first ballot symbol that the text names."""
    for place in range(len(page.tokens)):
        two = f"{page.low(place)} {page.low(place + 1)}"
        if two in page.wordings.symbols or page.low(place) in page.wordings.symbols:
            last = place + (2 if two in page.wordings.symbols else 1)
            yield Name(place, last, page.tokens[place].start, page.tokens[last - 1].end)
            return


def _repeated(page: Page) -> Iterator[Name]:
    """Yield a word that stands twice with nothing but marks between: "kite, kite"."""
    last: int | None = None
    for place in range(len(page.tokens)):
        if page.kind(place) != WORD:
            continue
        if last is not None and place - last > 1 and page.low(last) == page.low(place) and _is_slogan(page, place):
            yield Name(last, last + 1, page.tokens[last].start, page.tokens[last].end)
            return
        last = place


def _is_slogan(page: Page, place: int) -> bool:
    low, words = page.low(place), page.wordings
    common = low in words.stops or low in words.ordinary or low in words.fillers
    return (
        len(low) >= _SHORTEST
        and not common
        and (is_caseless(page.tokens[place]) or is_capital(page.tokens[place]) or low not in common_words("said_twice"))
    )


def _numbers(page: Page) -> Iterator[Name]:
    """Yield candidates' numbers, in languages whose slates are numbers."""
    if not page.wordings.numbered_names:
        return
    seen = set()
    for place in range(len(page.tokens)):
        low = page.low(place)
        if (
            page.kind(place) == NUMBER
            and is_candidate_number(page, place)
            and not _YEAR.fullmatch(low)
            and low not in seen
        ):
            seen.add(low)
            yield Name(place, place + 1, page.tokens[place].start, page.tokens[place].end)
