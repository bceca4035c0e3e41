"""Texts cut into what people change when they change a text: words, emoji and line breaks."""

from dataclasses import dataclass
from functools import lru_cache

import regex

from chatforensics.text import INVISIBLE, normalise

BREAK = "\n"
# Scripts that put no spaces between words are cut letter by letter.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_LETTER = rf"[[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]"
_JOIN = rf"(?:[{INVISIBLE}]+|['’\-‐‑]|(?<=\p{{N}})[.,:/](?=\p{{N}}))"
_TOKEN = regex.compile(
    rf"""
    (?P<link>(?:https?://|www\.)[^\s<>"]*[^\s<>".,;:!?)\]'*_~])
    | (?P<word>{_LETTER}+ (?:{_JOIN}{_LETTER}+)*)
    | (?P<letter>[{_UNSPACED}]\p{{M}}*)
    | (?P<emoji>(?=[\p{{So}}\p{{Extended_Pictographic}}\p{{Regional_Indicator}}])\X)
    | (?P<sign>[\p{{Sc}}%&+=])
    | (?P<line_break>\n(?:\s*\n)?)
    """,
    regex.VERBOSE | regex.VERSION1 | regex.IGNORECASE,
)
_LOOKS = regex.compile(r"[\uFE00-\uFE0F\u20E3]+")
_PLAIN = {ord("’"): "'", ord("‐"): "-"}


@dataclass(frozen=True)
class Tokens:
    """A text cut into tokens: what each is compared by, and where it stands, in code points."""

    keys: list[str]
    starts: list[int]
    ends: list[int]


def cut_tokens(text: str) -> Tokens:
    """Cut a text into words (names and links whole), emoji and line breaks, each with its place.

    Capitals, emphasis, punctuation, blank lines and the marks that only choose how an emoji looks make no difference,
    and line breaks at the ends of a text are left out: two texts may have the same tokens and still differ in these.
    """
    found = [(_key(match[0]), match.start(), match.end()) for match in _TOKEN.finditer(text)]
    found = [token for token in found if token[0]]
    while found and found[0][0] == BREAK:
        found.pop(0)
    while found and found[-1][0] == BREAK:
        found.pop()
    return Tokens([key for key, _, _ in found], [start for _, start, _ in found], [end for _, _, end in found])


@lru_cache(maxsize=50_000)
def _key(token: str) -> str:
    """Return what the token is compared by; nothing for a mark that stands alone."""
    return BREAK if token.isspace() else _LOOKS.sub("", normalise(token)).translate(_PLAIN)
