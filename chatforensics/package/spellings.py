"""Other ways in which people write a name: without accents, pictures or spaces, or with the last word first."""

import unicodedata
from collections.abc import Iterator
from itertools import product

import regex

from chatforensics.package.folding import count_signs, fold_name, is_unspaced

_PICTURES = regex.compile(
    r"[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\u200d\ufe0f\u20e3--[0-9#*©®]]+", regex.V1
)
_LATIN = regex.compile(r"\p{Latin}")
_BARE = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "æ": "ae", "Æ": "Ae", "ð": "d"})
_MOST_WORDS, _LEAST_SIGNS = 4, 6


def list_spellings(label: str) -> list[str]:
    """Return other writings of a name of two words or more, and one word's without its pictures.

    They are few on purpose: a first name alone, initials or a nickname are not among them.
    """
    plain = " ".join(_PICTURES.sub(" ", label).split())
    if count_signs(plain) <= 1:
        return []
    found = dict.fromkeys([plain, *_list_more(plain)])
    return [one for one in found if fold_name(one) != fold_name(label)]


def _list_more(plain: str) -> Iterator[str]:
    words = plain.removeprefix("~").split()
    if len(words) < 2:  # noqa: PLR2004 - a name of one word has no other order, and an accent may be all it has
        return
    if all(map(is_unspaced, words)):
        yield "".join(words)
        return
    if count_signs(plain) < _LEAST_SIGNS or len(words) > _MOST_WORDS:
        return
    for some in product(*(dict.fromkeys((word, _strip(word))) for word in words)):
        yield " ".join(some)


def list_turned(label: str) -> list[str]:
    """Return a name of two words or more with the last one first, and a comma: "Solheim, Ingrid"."""
    some = [one for one in dict.fromkeys([label, *list_spellings(label)]) if "," not in one and not is_unspaced(one)]
    words = [one.removeprefix("~").split() for one in some if count_signs(one) >= _LEAST_SIGNS]
    return [f"{parts[-1]}, {' '.join(parts[:-1])}" for parts in words if 1 < len(parts) <= _MOST_WORDS]


def _strip(word: str) -> str:
    """Return a word in Latin letters without its accents, any other as it is: marks of other scripts are letters."""
    if not _LATIN.search(word):
        return word
    parts = unicodedata.normalize("NFD", word.translate(_BARE))
    return "".join(letter for letter in parts if not unicodedata.combining(letter))
