"""A text as words, numbers and marks, each with its place: what directives and names are read from."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import regex

from chatforensics.labelling.directives import Wordings

WORD, NUMBER, JOIN, MARK, STOP, BREAK, OPENING, CLOSING = "word", "number", "join", "mark", "stop", "break", "(", ")"

# A text whose letters are mostly capitals says nothing about names by its capitals.
_SHOUTED = 0.6
_ABBREVIATED = (
    r"(?i:dr|prof|profa|mr|mrs|ms|cllr|rev|hon|br|bro|sr|sra|srta|dra|st|jr|dep|pb|ten|subten|cel|sgt|cap|sen|gov|eng|engr"
    r"|adv|smt|sh|fr)"
)
_KEYCAP = r"\d\ufe0f?\u20e3"
_TOKEN = regex.compile(
    rf"(?P<number>{_KEYCAP}(?:\s?{_KEYCAP}){{0,7}}|🔟|\d{{1,9}}(?:[./]\d{{1,4}}|,\d{{3}}(?!\d)){{0,3}}(?![\p{{L}}\d]))"
    r"|(?P<ordinal>\d{1,2}(?:st|nd|rd|th|º|ª|°|er|re|e)(?!\p{L}))"
    rf"|(?P<word>\b{_ABBREVIATED}\.[ªº]?|\b\p{{Lu}}\.(?=\s?\p{{L}})"
    r"|[@#]?[\p{L}\d][\p{L}\p{M}\p{N}_\u200c\u200d]{0,40}(?:['’\-‐][\p{L}\p{M}]{1,30}){0,3})"
    r"|(?P<join>[,،&+/、])"
    r"|(?P<stop>[.!?;…۔।؟؛]{1,9})"
    r"|(?P<break>\n)|(?P<opening>[(\[])|(?P<closing>[)\]])|(?P<mark>\S)"
)
_KINDS = {"number": NUMBER, "ordinal": NUMBER, "word": WORD, "join": JOIN, "stop": STOP, "break": BREAK}
_ALWAYS_CAPITAL = frozenset({"I", "I'm", "AGM", "X"})
_CASED = regex.compile(r"[\p{Lu}\p{Ll}]")
# Marks of emphasis and direction, and quotation marks, stand around names and are not part of them.
_BLANKED = dict.fromkeys(map(ord, '*~"“”„«»`\u2066\u2067\u2068\u2069\u200e\u200f\ufe0e'), " ")
_BULLET = regex.compile(r"[\s\-•·▪▫●○◦*>👉➡→–—✓✔☑✅❌🚫👍👎🔴🟢🗳\ufe0f]{0,12}")


class Token(NamedTuple):
    """One word, number or mark of a text, from `start` up to `end` in code points."""

    kind: str
    start: int
    end: int
    word: str
    low: str


@dataclass(frozen=True)
class Page:
    """A text with its tokens and the wordings by which it is read."""

    text: str
    tokens: Sequence[Token]
    wordings: Wordings
    shouted: bool
    lowered: bool

    @cached_property
    def _starts(self) -> list[int]:
        return [token.start for token in self.tokens]

    def at(self, offset: int) -> int:
        """Return the first token that begins at a place of the text or behind it."""
        return bisect_left(self._starts, offset)

    def kind(self, place: int) -> str:
        """Return the kind of a token, `break` beyond both ends."""
        return self.tokens[place].kind if 0 <= place < len(self.tokens) else BREAK

    def low(self, place: int) -> str:
        """Return a token's word in small letters, nothing beyond both ends."""
        return self.tokens[place].low if 0 <= place < len(self.tokens) else ""

    def opens_line(self, place: int) -> bool:
        """Tell whether a token is the first of its line, bullets aside."""
        if place >= len(self.tokens):
            return False
        line = self.text.rfind("\n", 0, self.tokens[place].start) + 1
        return _BULLET.fullmatch(self.text, line, self.tokens[place].start) is not None


def blank_emphasis(text: str) -> str:
    """Return the text, of the same length, with marks of emphasis, quotation and direction as spaces."""
    return text.translate(_BLANKED)


def read_page(text: str, wordings: Wordings) -> Page:
    """Split a text, already without emphasis, into tokens."""
    tokens = [_as_token(match) for match in _TOKEN.finditer(text)]
    capitals, cased = sum(map(str.isupper, text)), len(_CASED.findall(text))
    lowered = not any(is_capital(token) and token.word not in _ALWAYS_CAPITAL for token in tokens[1:])
    return Page(text, _without_wraps(tokens), wordings, shouted=capitals > _SHOUTED * cased, lowered=lowered)


def _as_token(match: regex.Match[str]) -> Token:
    group = str(match.lastgroup)
    kind = {"opening": OPENING, "closing": CLOSING}.get(group, _KINDS.get(group, MARK))
    return Token(kind, match.start(), match.end(), match.group(), match.group().casefold().strip("."))


def _without_wraps(tokens: list[Token]) -> list[Token]:
    """Leave out line breaks inside a sentence, as pictures give them: the next line goes on in small letters."""
    kept: list[Token] = []
    for place, token in enumerate(tokens):
        following = tokens[place + 1] if place + 1 < len(tokens) else None
        goes_on = kept and kept[-1].kind in (WORD, JOIN) and following and following.word[:1].islower()
        if not (token.kind == BREAK and goes_on):
            kept.append(token)
    return kept


def is_capital(token: Token) -> bool:
    """Tell whether a word is written as names are."""
    return token.kind == WORD and token.word.lstrip("@#\u2068")[:1].isupper()


def is_caseless(token: Token) -> bool:
    """Tell whether a word is of a script without capitals."""
    return token.kind == WORD and _CASED.search(token.word) is None


def is_handle(token: Token) -> bool:
    """Tell whether a word is a mention: @name."""
    return token.word.startswith("@") and len(token.word) > 1
