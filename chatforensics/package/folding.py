"""Texts made alike for a search, whatever their letter case, marks and spaces, with the way back to each place.

Two writings of a name fold alike when they differ in letter case, in composed or separate accents, in wide or styled
letters, in marks that do not show, in kinds of space, apostrophe or hyphen (a hyphen is a space), in the signs by which
WhatsApp prints bold or slanted letters, or in the vowel signs of Arabic and Hebrew. Accents themselves count.
"""

import re
import unicodedata
from typing import NamedTuple

import regex

# Format characters, controls, halves of pairs, joiners and selectors: nothing of them is seen.
_GONE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
_SPACES = re.compile(r"\s{2,}|[^\S ]")  # all but a single space, which stays one
_CLUSTER = regex.compile(r"[^\p{M}]\p{M}*+|\p{M}++")
_DOTTED_I = "i\u0307"
_SIGNS_BETWEEN = regex.compile(r"(?<=[\p{L}\p{M}\p{N}])[*_~]++(?=[\p{L}\p{N}])")
_SIGNS_BESIDE = regex.compile(r"(?<=[\p{L}\p{M}\p{N}])[*_~]++|(?<![*_~])[*_~]++(?=[\p{L}\p{N}])")
_APOSTROPHES = str.maketrans(dict.fromkeys("`´‘’‛ʹʻʼʽˈ′＇՚׳", "'"))
_HYPHENS = dict.fromkeys(map(ord, "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u058a\u05be"), " ")
_VOWELS = dict.fromkeys(
    one
    for first, last in ((0x640, 0x640), (0x64B, 0x65F), (0x670, 0x670), (0x6D6, 0x6DC), (0x6DF, 0x6E8), (0x6EA, 0x6ED))
    for one in range(first, last + 1)
)
_POINTS = dict.fromkeys([*range(0x591, 0x5BE), 0x5BF, 0x5C1, 0x5C2, 0x5C4, 0x5C5, 0x5C7])
_ALIKE: dict[int, str | None] = {ord("ı"): "i", 0x649: "\u064a", 0x6CC: "\u064a", **_HYPHENS, **_VOWELS, **_POINTS}

# Scripts that put no space between words, and one that joins particles to names.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}\p{Hangul}"
_UNSPACED_LETTER = regex.compile(rf"[{_UNSPACED}]")
_LETTER = regex.compile(r"[\p{L}\p{M}]")
_DIGIT = regex.compile(r"\p{N}")
_SIGN = regex.compile(r"[\p{L}\p{N}]")
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")

FREE, WHOLE, SHORT, TINY = "free", "whole", "short", "tiny"
_SHORT, _FREE, _PHRASE = 2, 6, 8  # letters and digits


class Folded(NamedTuple):
    """A folded text; for each of its characters, where in the original what it came from begins and ends."""

    text: str
    starts: list[int]
    ends: list[int]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the original of a place in the folded text."""
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> str:
    """Return the text as it is searched. Texts that fold alike may still differ in what a reader sees."""
    shown = _drop_signs(_GONE.sub("", text))
    if text.isascii():
        return _SPACES.sub(" ", shown.replace("`", "'").replace("-", " ")).lower()
    return _SPACES.sub(" ", _fold_letters(shown))


def _drop_signs(shown: str) -> str:
    if "*" in shown or "_" in shown or "~" in shown:
        return _SIGNS_BESIDE.sub("", _SIGNS_BETWEEN.sub(" ", shown))
    return shown


def _fold_letters(text: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold())
    return plain.translate(_ALIKE).replace(_DOTTED_I, "i")


def fold_with_places(text: str) -> Folded:
    """Return the text as `fold` does, with where each of its characters came from."""
    shown, places = _drop_unseen(text)
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for cluster in _CLUSTER.finditer(shown):
        first, last = places[cluster.start()], places[cluster.end() - 1] + 1
        for letter in _SPACES.sub(" ", _fold_letters(cluster[0])):
            if letter == " " and letters and letters[-1] == " ":
                ends[-1] = last
                continue
            letters.append(letter)
            starts.append(first)
            ends.append(last)
    return Folded("".join(letters), starts, ends)


def _drop_unseen(text: str) -> tuple[str, list[int]]:
    gone = {place for found in _GONE.finditer(text) for place in range(*found.span())}
    places = [place for place in range(len(text)) if place not in gone]
    shown = "".join(map(text.__getitem__, places))
    if not any(sign in shown for sign in "*_~"):
        return shown, places
    shown = _SIGNS_BETWEEN.sub(lambda found: " " * len(found[0]), shown)
    beside = {place for found in _SIGNS_BESIDE.finditer(shown) for place in range(*found.span())}
    kept = [place for place in range(len(shown)) if place not in beside]
    return "".join(map(shown.__getitem__, kept)), [places[place] for place in kept]


def count_signs(text: str) -> int:
    """Return how many letters and digits a text has, an accented letter or a syllable as one."""
    return len(_SIGN.findall(unicodedata.normalize("NFC", text)))


def is_unspaced(text: str) -> bool:
    """Say whether a text has letters of a script that puts no borders between words."""
    return _UNSPACED_LETTER.search(text) is not None


def list_words(folded: str) -> list[str]:
    """Return the words of a folded text."""
    return _WORD.findall(folded)


def is_phrase(folded: str) -> bool:
    """Say whether words are so many that nobody says them by chance: two or more, of eight letters and digits."""
    return count_signs(folded) >= _PHRASE and len(list_words(folded)) > 1


def form_of(words: str) -> str:
    """Say how much of a text words must fill to be found in it: the shorter they are, the more they need borders.

    `free`: two words or more, of six letters and digits or more: found inside longer words, too, as endings are joined
    to names in many languages. `whole`: whole words only. `short`: one word of two letters, in the letter case in
    which it is printed. `tiny`: one letter, or none but signs: not found in running text at all.
    """
    folded = fold(words).strip()
    n_signs = count_signs(folded)
    if n_signs < _SHORT:
        return TINY
    if is_unspaced(folded):
        return WHOLE  # its letters need no borders
    if len(list_words(folded)) > 1:
        return FREE if n_signs >= _FREE else WHOLE
    return SHORT if n_signs == _SHORT else WHOLE


def may_stand(folded: str, start: int, end: int, *, form: str) -> bool:
    """Say whether words of a form count as found at a place of a folded text; a number is not part of a longer one."""
    return not any(
        _goes_on(folded, inner, outer) and (form != FREE or _DIGIT.match(folded[inner]))
        for inner, outer in ((start, start - 1), (end - 1, end))
    )


def _goes_on(folded: str, inner: int, outer: int) -> bool:
    """Say whether the character beside a place belongs to the same word as the one at its edge."""
    if not 0 <= outer < len(folded):
        return False
    edge, beside = folded[inner], folded[outer]
    if outer > inner and unicodedata.category(beside).startswith("M"):
        return True  # an accent belongs to what stands before it
    if _DIGIT.match(edge):
        return _DIGIT.match(beside) is not None
    is_word = _LETTER.match(edge) and not _UNSPACED_LETTER.match(edge)
    return bool(is_word and _LETTER.match(beside) and not _UNSPACED_LETTER.match(beside))


def fold_name(label: str) -> str:
    """Return a label as names are looked up: folded, without the tilde of those who are no contacts."""
    return fold(label).strip().removeprefix("~").strip()
