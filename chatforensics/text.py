"""Texts made comparable and showable, without ever changing the original."""

import unicodedata

import regex

# Marks that platforms add and keyboards do not: they carry no words.
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_INVISIBLE_MAP = dict.fromkeys(map(ord, INVISIBLE))
_SPACES = regex.compile(r"\s+")
_CONTROLS = {0x00: "NUL", 0x07: "BEL", 0x08: "BS", 0x0D: "CR", 0x1B: "ESC", 0x7F: "DEL", 0x2028: "LS", 0x2029: "PS"}
_DIRECTION = {
    0x202A: "LRE",
    0x202B: "RLE",
    0x202C: "PDF",
    0x202D: "LRO",
    0x202E: "RLO",
    0x2066: "LRI",
    0x2067: "RLI",
    0x2068: "FSI",
    0x2069: "PDI",
}
_ORDINARY = {0x200B: "ZWSP", 0x200E: "LRM", 0x200F: "RLM", 0x061C: "ALM", 0x2060: "WJ", 0xFEFF: "BOM"}
_NAMES = _CONTROLS | _DIRECTION | _ORDINARY
# Line feeds and tabs are layout; all else here either reorders what is read or shows as nothing.
_NAMELESS = (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000))


def spell_mark(mark: str) -> str:
    """Return a character that does not show by its short name, such as [RLO], else by its number: [U+0085]."""
    return f"[{_NAMES.get(ord(mark)) or f'U+{ord(mark):04X}'}]"


_SPELLED = {code: spell_mark(chr(code)) for code in (*_NAMELESS, *_CONTROLS, *_DIRECTION)}
_ON_ONE_LINE = _SPELLED | {code: spell_mark(chr(code)) for code in _ORDINARY} | {0x0A: " ", 0x09: " "}


def normalise(text: str) -> str:
    """Return the text as it is compared: NFKC, lower case, without invisible marks, spaces folded.

    Two texts with the same normal form may still differ in marks, emphasis or capitals; show the originals.
    """
    folded = unicodedata.normalize("NFKC", text).translate(_INVISIBLE_MAP).casefold()
    return _SPACES.sub(" ", folded).strip()


def show_controls(text: str) -> str:
    """Return the text with control characters and direction overrides written out, such as [RLO] or [NUL].

    Ordinary joiners and marks (zero-width joiner, left-to-right mark, variation selectors) stay as they are.
    """
    return text.replace("\r\n", "\n").translate(_SPELLED)


def show_on_one_line(text: str) -> str:
    """Return the text as `show_controls` does, on one line, and with ordinary marks written out, such as [LRM]."""
    return text.replace("\r\n", "\n").translate(_ON_ONE_LINE)
