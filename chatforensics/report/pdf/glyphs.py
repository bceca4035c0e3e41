"""Which characters the bundled letters can draw; all others are printed by their number, so that none vanishes."""

from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import regex

from chatforensics.fonts import font_files

# They steer how others are drawn and have no letter of their own; line ends are layout.
_SHAPELESS = frozenset("\n\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2067\u2068\u2069\ufeff") | {
    chr(code) for code in range(0xFE00, 0xFE10)
}
# Tags draw the flags of England, Scotland and Wales; anywhere else they are words that nobody sees.
_TAGS = regex.compile("(\U0001f3f4[\U000e0020-\U000e007f]+)|([\U000e0000-\U000e007f])")
_SYMBOLS = frozenset({"DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf"})


def list_font_folders() -> list[Path]:
    """Return the folders of the letters: our own, and those that Matplotlib brings (DejaVu, for signs and code)."""
    found = find_spec("matplotlib")
    drawn = [Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"] if found and found.origin else []
    return [*sorted({file.parent for file in font_files()}), *drawn]


@cache
def _covered() -> frozenset[str]:
    """Return every character that some letter of ours draws."""
    from fontTools.ttLib import TTFont

    symbols = [file for folder in list_font_folders() for file in folder.glob("*.ttf") if file.name in _SYMBOLS]
    codes: set[int] = set()
    for file in [*font_files(), *symbols]:
        with TTFont(file, lazy=True) as font:
            codes |= set(font.getBestCmap())
    return frozenset(map(chr, codes)) | _SHAPELESS


def find_missing(characters: Iterable[str]) -> frozenset[str]:
    """Return the characters that no letter of ours draws."""
    return frozenset(characters) - _covered()


def spell_missing(text: str) -> str:
    """Return the text with each character that cannot be drawn as its number, such as ⟨U+4E2D⟩."""
    missing = find_missing(set(text))
    shown = text.translate({ord(letter): _spell(letter) for letter in missing}) if missing else text
    return _TAGS.sub(lambda found: found.group(1) or _spell(found.group(2)), shown)


def _spell(letter: str) -> str:
    return f"⟨U+{ord(letter):04X}⟩"
