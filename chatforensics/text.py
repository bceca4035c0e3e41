"""Texts made comparable and showable, without ever changing the original."""

import unicodedata

import regex

# Marks that platforms add and keyboards do not: they carry no words.
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_INVISIBLE_MAP = dict.fromkeys(map(ord, INVISIBLE))
_SPACES = regex.compile(r"\s+")


def normalise(text: str) -> str:
    """Return the text as it is compared: NFKC, lower case, without invisible marks, spaces folded.

    Two texts with the same normal form may still differ in marks, emphasis or capitals; show the originals.
    """
    folded = unicodedata.normalize("NFKC", text).translate(_INVISIBLE_MAP).casefold()
    return _SPACES.sub(" ", folded).strip()
