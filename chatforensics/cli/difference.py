"""Where two wordings differ, marked so that it shows on any terminal and without colour."""

import unicodedata
from difflib import SequenceMatcher

from chatforensics.cli.observations import show

MOST_MARKED = 2000  # code points; the time that comparing takes grows with the square
_ASCII_END = 0x80
_MOST_NAMED = 6


def mark_difference(one: str, other: str) -> str:
    """Return the second wording with what it lacks of the first as [-…-] and what it has beside it as {+…+}."""
    parts = []
    for kind, i, j, m, n in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        parts.append(one[i:j] if kind == "equal" else "")
        parts.append(f"[-{one[i:j]}-]" if kind != "equal" and j > i else "")
        parts.append(f"{{+{other[m:n]}+}}" if kind != "equal" and n > m else "")
    return "".join(parts)


def name_characters(one: str, other: str) -> str:
    """Name the characters outside ASCII that only one of two wordings has: many look like others, or do not show."""
    odd = sorted(char for char in set(one) ^ set(other) if ord(char) >= _ASCII_END)
    told = [f"U+{ord(char):04X} {unicodedata.name(char, 'without a name')}" for char in odd[:_MOST_NAMED]]
    more = f" and {len(odd) - _MOST_NAMED} more" if len(odd) > _MOST_NAMED else ""
    return ", ".join(told) + more


def can_mark(one: str, other: str) -> bool:
    """Tell whether two wordings are short enough to be compared character by character."""
    return len(one) <= MOST_MARKED and len(other) <= MOST_MARKED


def quote(text: str | None, *, indent: str, kind: str = "text") -> list[str]:
    """Return the lines of a text behind a bar, with what does not show written out; none can pass for ours."""
    if text is None:
        return [f"{indent}| ({kind}, no words in the export)"]
    return [f"{indent}| {show(line)}" for line in text.split("\n")]
