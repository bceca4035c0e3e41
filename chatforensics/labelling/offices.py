"""Offices and contests: "Chair: A", "A for treasurer", "for the Elm Vale selection"."""

from collections.abc import Iterator
from typing import NamedTuple

import regex

from chatforensics.labelling.beside import read_forwards
from chatforensics.labelling.names import Name, name_at
from chatforensics.labelling.tokens import BREAK, JOIN, MARK, NUMBER, STOP, Page

# An office belongs to a name only when it stands this close before it, in characters.
_NEAR = 34
# A name of an office's line begins among these first tokens.
_FURTHEST = 4
_CONTEST = regex.compile(
    r"\b[Ff]or (?:the |our )?((?:\p{Lu}[\p{L}'’-]{1,30} ){1,3}"
    r"(?:[Ww]ard|[Bb]ranch|[Ss]election|[Ee]lection|[Vv]acancy|[Ss]eat)(?: selection| election| vacancy)?)"
)
_BEHIND = regex.compile(
    r"[\s(]{1,3}(?:(?:for|as|para|pra|como|pour|comme|na|jako|do|fel|i)\s(?:the\s|our\s|a\s|o\s|la\s|le\s|el\s)?)?$"
)
_SEPARATOR = regex.compile(r"[\s.]{0,2}(?:[:=|–—‑-]|۔|é(?=\s)|\bis\b|\d)")
# What stands between an office and the name after it: "secretary ki seat ke liye A", "Chair: A".
_LEADS = regex.compile(
    r"[\s:=.–—۔-]{1,3}|\s?(?:(?:ki|ke|k|ka|kay|seat|liye|liay|lie|liey|pe|par|pr|per|mein|me|post|hetu|ley|jonno|pode"
    r"|hisebe|ba|کے|کی|لیے|لئے|پر|میں|نشست|عہدے|صرف|के|की|लिए|पद|पर|में|ਦੇ|ਦੀ|ਲਈ|ਵਾਸਤੇ|পদে|হিসেবে|হিসাবে|জন্য|পদের)\s?){1,5}"
)
_LED = regex.compile(
    r"\s(?:(?:ki|ke|k|ka|kay|seat|liye|liay|lie|liey|pe|par|pr|per|mein|me|post|pad|hetu|e|te|hobe|amader|hisebe|sirf|hi)\s){1,5}"
)


class Contest(NamedTuple):
    """A contest as a text names it, and where."""

    words: str
    start: int
    end: int


def find_contest(text: str) -> Contest | None:
    """Find the contest that a text names once for all its names: "for the Elm Vale selection"."""
    match = _CONTEST.search(text)
    return Contest(match[1], match.start(), match.end()) if match else None


def contest_of(page: Page, name: Name) -> str | None:
    """Return the office for which a name stands, as written beside it; null where none is."""
    return _office_before(page, name) or _office_behind(page, name)


def _office_behind(page: Page, name: Name) -> str | None:
    match = page.wordings.roles.search(page.text, name.end, min(len(page.text), name.end + _NEAR))
    if match and _BEHIND.fullmatch(page.text, name.end, match.start()):
        return match.group()
    return None


def _office_before(page: Page, name: Name) -> str | None:
    sentence = name.first
    while sentence > 0 and page.kind(sentence - 1) not in (STOP, BREAK):
        sentence -= 1
    start = max(page.tokens[sentence].start, name.start - _NEAR)
    found = list(page.wordings.roles.finditer(page.text, start, name.start))
    close = [match for match in found if _LEADS.fullmatch(page.text, match.end(), name.start)]
    return close[-1].group() if close else None


def read_offices(page: Page) -> Iterator[Name]:
    """Yield the names of "Chair: A", "sadar ke liye A" and "Senador FULANO 177".

    An office that stands right before a name may be the title of whoever holds it ("Councillor A"): such names count
    only where several offices of the text are filled so, or where a number follows.
    """
    titled: list[Name] = []
    for match in page.wordings.roles.finditer(page.text):
        first, place = page.at(match.start()), page.at(match.end())
        separator = _SEPARATOR.match(page.text, match.end())
        while separator and place < len(page.tokens) and page.kind(place) in (STOP, MARK):
            place += 1
        end = place
        while end < len(page.tokens) and page.kind(end) not in (BREAK, STOP):
            end += 1
        numbered = page.kind(end - 1) == NUMBER or page.kind(place) == NUMBER
        if _opens(page, first) and (separator or numbered):
            yield from _names_of_office(page, place, end)
            continue
        led = _LED.match(page.text, match.end())
        at = page.at(led.end()) if led else place
        name = name_at(page, at, until=end, slot="capital") if at < end else None
        if (name and led) or (name and page.low(first - 1) in {"for", "as"}):
            yield name
        elif name and not _is_title_of(page, first):
            titled.append(name)
    yield from titled if len(titled) > 1 else []


def _is_title_of(page: Page, place: int) -> bool:
    return page.low(place) in page.wordings.titles and page.low(place) in {"councillor", "cllr", "mp", "mla"}


def _opens(page: Page, place: int) -> bool:
    opened = page.kind(place - 1) in (BREAK, STOP, JOIN) or page.low(place - 1) in {":", "-", "–"}
    after_number = page.kind(place - 1) == NUMBER and page.opens_line(place - 1)
    return opened or after_number or page.opens_line(place)


def _names_of_office(page: Page, place: int, end: int) -> Iterator[Name]:
    """Yield the names of an office's line, else its number."""
    for at in range(place, min(end, place + _FURTHEST)):
        slot = "plain" if page.kind(at) != NUMBER and at - place <= 1 else "capital"
        name = name_at(page, at, until=end, slot=slot)
        if name:
            yield name
            if page.kind(name.last) == JOIN or page.low(name.last) in page.wordings.joins:
                yield from read_forwards(page, name.last, until=end, names="capital")
            return
    number = next((n for n in range(place, min(end, place + _FURTHEST)) if page.kind(n) == NUMBER), None)
    if number is not None:
        token = page.tokens[number]
        yield Name(number, number + 1, token.start, token.end)
