"""Letters of different scripts that look alike, so that two labels with one picture can be found.

A small table, made by hand: Latin against Cyrillic and Greek, and a few signs against Latin letters. It cannot see
look-alikes within other scripts, accents that hardly show, two letters that look like one (`rn` and `m`), nor what a
font makes alike.
"""

import unicodedata

from chatforensics.text import INVISIBLE, normalise

_PAIRS = (
    # Cyrillic, then Greek, capitals first
    ("АВЕЅІЈКМНОРСТХУԚԜԌҺаеѕіјорсхуһԁԛԝѵғ", "ABESIJKMHOPCTXYQWGhaesijopcxyhdqwvf"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοαινρυγκχ", "ABEZHIKMNOPTYXoaivpuykx"),
    ("ıӏ", "II"),
)
_LETTERS = str.maketrans({one: other for many, like in _PAIRS for one, other in zip(many, like, strict=True)})
_BARS = str.maketrans("I1|0", "lllO")
_VARIANTS = "\ufe00\ufe01\ufe0e\ufe0f\u00ad\u034f\u061c\u115f\u1160\u180e\u3164\uffa0"
_UNSEEN = dict.fromkeys(map(ord, INVISIBLE + _VARIANTS))


def strip_unseen(label: str) -> str:
    """Return a label without what does not show, its spaces folded."""
    return " ".join(label.translate(_UNSEEN).split())


def fold_form(label: str) -> str:
    """Return a label in one Unicode form, in small letters and without what does not show."""
    return normalise(strip_unseen(label))


def draw(label: str) -> str:
    """Return what stands for the picture of a label: equal for two labels that look alike, capitals told apart."""
    apart = unicodedata.normalize("NFKD", strip_unseen(label))
    return strip_unseen(unicodedata.normalize("NFKC", apart.translate(_LETTERS).translate(_BARS)))


def spell(letter: str) -> str:
    """Return a letter with its number and name: `а (U+0430 CYRILLIC SMALL LETTER A)`."""
    shown = letter if letter.isprintable() else "…"
    return f"{shown} (U+{ord(letter):04X} {unicodedata.name(letter, 'without a name')})"
