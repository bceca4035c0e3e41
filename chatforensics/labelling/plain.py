"""Disguised letters read as what they show: styled ones (𝐯𝐨𝐭𝐞), marks hidden inside a word, look-alikes of two scripts.

Styled letters come from keyboards that offer them, invisible marks and look-alike letters also from copied web pages:
none of them says anything about a sender. The text itself is never changed; places found in the copy lead back to it.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl
import regex

Span = dict[str, Any]

_STYLED_RANGES = ((0x1D400, 0x1D7FF), (0xFF01, 0xFF5E), (0x24B6, 0x24E9), (0x1F130, 0x1F149), (0x2102, 0x2134))
_SMALL_CAPITALS = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True))
# Circled and squared letters that Unicode gives no plain form; four of them are pictures of blood groups and parking.
_WHITE_ON_BLACK = {
    chr(first + place): chr(0x41 + place)
    for first, pictures in ((0x1F150, ""), (0x1F170, "ABOP"))
    for place in range(26)
    if chr(0x41 + place) not in pictures
}
# Letters of other scripts that look like a Latin one; read as it only in a word that has Latin letters, too.
_ALIKE = dict(
    zip("аеорсухіјѕԁһАВЕКМНОРСТХІЈЅοαρνΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aeopcyxijsdhABEKMHOPCTXIJSoapvABEZHIKMNOPTYX", strict=True)
)
_INSIDE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff"
_HIDDEN = regex.compile(rf"(?<=\p{{Latin}})[{_INSIDE}]+(?=\p{{Latin}})")
_MIXED = regex.compile(rf"(?<!\p{{L}})(?:\p{{Latin}}|[{''.join(_ALIKE)}])+(?!\p{{L}})")
_LATIN = regex.compile(r"\p{Latin}")


def _plain_form(code: int) -> str:
    return unicodedata.normalize("NFKC", chr(code))


_STYLED: Mapping[str, str] = (
    {
        chr(code): _plain_form(code)
        for first, last in _STYLED_RANGES
        for code in range(first, last + 1)
        if len(_plain_form(code)) == 1 and _plain_form(code) != chr(code)
    }
    | _SMALL_CAPITALS
    | _WHITE_ON_BLACK
)
_STYLED_MAP = str.maketrans(dict(_STYLED))
_ALIKE_MAP = str.maketrans(_ALIKE)
_SUSPECT = (
    rf"[{''.join(_STYLED).replace(']', '').replace('[', '')}]"
    rf"|\p{{Latin}}[{_INSIDE}]|\p{{Latin}}[{''.join(_ALIKE)}]|[{''.join(_ALIKE)}]\p{{Latin}}"
)


class Plain(NamedTuple):
    """A text as it is read, and for each of its code points its place in the original; null where they are the same."""

    text: str
    places: tuple[int, ...] | None = None

    def carry_back(self, span: Mapping[str, Any]) -> Span:
        """Return a span of this text as one of the original."""
        start, end = int(span["start"]), int(span["end"])
        if self.places is None or not start < end:
            return dict(span)
        return {**span, "start": self.places[start], "end": self.places[end - 1] + 1}


def read_plainly(texts: Sequence[str]) -> list[Plain]:
    """Return each text with disguised letters as plain ones; most texts have none and come back as they are."""
    suspect = pl.Series("text", texts, dtype=pl.String).str.contains(_SUSPECT).to_list()
    return [_undisguise(text) if found else Plain(text) for text, found in zip(texts, suspect, strict=True)]


def _undisguise(text: str) -> Plain:
    shown = _MIXED.sub(lambda word: _one_script(word[0]), text.translate(_STYLED_MAP))
    hidden = {place for found in _HIDDEN.finditer(shown) for place in range(*found.span())}
    if not hidden:
        return Plain(shown)
    places = tuple(place for place in range(len(shown)) if place not in hidden)
    # Look-alikes are looked for again: a mark inside a word may have parted them from its Latin letters.
    kept = "".join(shown[place] for place in places)
    return Plain(_MIXED.sub(lambda word: _one_script(word[0]), kept), places)


def _one_script(word: str) -> str:
    return word.translate(_ALIKE_MAP) if _LATIN.search(word) else word
