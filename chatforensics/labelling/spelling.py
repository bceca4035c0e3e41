"""Spellings of names compared word by word, across scripts: "Amara Osei", "AMARA OSEII" and "امارا اوسئی".

Words are put into Latin letters by `anyascii` and compared by their consonants in order; words that both show their
vowels must also be close in letters (`rapidfuzz`). It tells whether two spellings may be one name, never whether two
people are one, and nothing about whoever bears it.
"""

import unicodedata
from functools import lru_cache
from typing import NamedTuple

import regex
from anyascii import anyascii
from rapidfuzz import fuzz

from chatforensics.labelling.directives import all_titles

# Of 100; one letter in six may differ.
_CLOSE = 80.0
# And where the consonants are the same.
_NEAR = 70.0
# Letters of a word that may differ in some of them; shorter ones are other names too soon.
_LONG = 5
# Letters in all the consonants that two names share where a script does not write vowels.
_FEWEST_CONSONANTS = 3
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}\u200c\u200d]{1,60}")
_NO_VOWELS = regex.compile(r"[\p{Arabic}\p{Hebrew}]")
_DIGRAPHS = (
    ("ksh", "x"), ("kh", "k"), ("gh", "g"), ("ch", "c"), ("sh", "s"), ("th", "t"), ("dh", "d"), ("bh", "b"),
    ("jh", "j"), ("ph", "f"), ("ck", "k"), ("zh", "z"), ("q", "k"), ("z", "s"), ("j", "g"), ("v", "w"), ("c", "k"),
)  # fmt: skip
_SOFT_C = regex.compile("c(?=[eiy])")
_VOWELS = (
    ("ee", "i"),
    ("oo", "u"),
    ("ou", "u"),
    ("aa", "a"),
    ("iy", "i"),
    ("ie", "i"),
    ("ia", "ya"),
    ("y", "i"),
    ("ph", "f"),
    ("w", "v"),
)
_NOT_CONSONANTS = regex.compile(r"[^b-df-gj-np-tvxz]")
_DOUBLED = regex.compile(r"(.)\1+")
_OPEN_ALIF = "اآأإٱعئوىیيوۓ"


class Word(NamedTuple):
    """One word of a name: its Latin letters, its consonants, whether it may begin with a vowel and shows vowels."""

    letters: str
    consonants: str
    opens_with_vowel: bool
    shows_vowels: bool


@lru_cache(maxsize=50_000)
def read_words(name: str) -> tuple[Word, ...]:
    """Return the words of a name without titles and marks."""
    written = [word for word in _WORD.findall(unicodedata.normalize("NFKC", name)) if any(map(str.isalnum, word))]
    words = [_read(word) for word in written if word.casefold() not in all_titles()] or [_read(w) for w in written]
    return tuple(word for word in words if word.letters or word.consonants)


def _read(word: str) -> Word:
    plain = "".join(character for character in unicodedata.normalize("NFKC", word) if character not in "\u200c\u200d")
    letters = regex.sub(r"[^a-z0-9]", "", anyascii(plain).lower())
    shows = _NO_VOWELS.search(plain) is None
    opens = letters[:1] in "aeiouyh" if shows else plain[:1] in _OPEN_ALIF
    return Word(letters, _consonants(letters), opens, shows)


def _consonants(letters: str) -> str:
    if letters.isdigit():
        return letters
    folded = _SOFT_C.sub("s", letters)
    for spelled, sound in _DIGRAPHS:
        folded = folded.replace(spelled, sound)
    return _DOUBLED.sub(r"\1", _NOT_CONSONANTS.sub("", folded.replace("y", "").replace("w", "").replace("h", "")))


def same_word(one: Word, other: Word) -> bool:
    """Tell whether two words may be spellings of one."""
    if one.letters == other.letters and one.letters:
        return True
    if one.letters.isdigit() or other.letters.isdigit():
        return False
    if one.shows_vowels and other.shows_vowels:
        return _alike(one, other)
    return one.consonants == other.consonants


def _alike(one: Word, other: Word) -> bool:
    """Compare two words that show their vowels: close in letters, or the same consonants and not far in letters."""
    first, second = _sounded(one.letters), _sounded(other.letters)
    if first == second:
        return True
    shorter, ratio = min(len(first), len(second)), fuzz.ratio(first, second)
    near = shorter >= _LONG and one.consonants == other.consonants and ratio >= _NEAR
    return near or (shorter >= _LONG - 1 and ratio >= _CLOSE)


def _sounded(letters: str) -> str:
    """Return letters with the commonest ways of writing one vowel made one."""
    for spelled, sound in _VOWELS:
        letters = letters.replace(spelled, sound)
    return _DOUBLED.sub(r"\1", letters).removesuffix("h")


def is_within(part: tuple[Word, ...], whole: tuple[Word, ...]) -> bool:
    """Tell whether every word of one name is a word of the other, each used once."""
    left = list(whole)
    consonants = ""
    for word in part:
        match = next((each for each in left if same_word(word, each)), None)
        if match is None:
            return False
        left.remove(match)
        consonants += word.consonants if word.consonants == match.consonants else word.letters
    vowels = all(word.shows_vowels for word in (*part, *whole))
    return bool(part) and (vowels or len(consonants) >= _FEWEST_CONSONANTS)


def sort_key(word: Word) -> str:
    """Return a key that spellings of one word share: its consonants, else its letters."""
    return word.consonants if len(word.consonants) > 1 else f"{word.consonants}."
