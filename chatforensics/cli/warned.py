"""Warnings of a run, few enough to be read: thousands of exports would give a screen full of the same words."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from chatforensics.cli.options import tell

MOST = 20  # lines
ALL = 10  # so many warnings are printed one by one
_ALIKE = 3  # so many of a kind are one line
_BEGINNING = 40  # characters by which a kind is known
_NUMBERS = re.compile(r"\d[\d,]*")


def tell_warnings(warnings: Sequence[str], *, whole: Path) -> None:
    """Print the warnings, many of a kind on one line; `whole` is the file where each stands by itself."""
    lines = abridge(warnings)
    tell("Warning", lines[:MOST])
    if len(lines) < len(warnings) or len(lines) > MOST:
        left = len(warnings) - min(len(lines), MOST)
        tell("Warning", [f"and {left:,} more, of {len(warnings):,} in all: {whole}, warnings."])


def abridge(warnings: Sequence[str]) -> list[str]:
    """Return the warnings; where there are more than ten, one for those of a kind, which says how many there are."""
    if len(warnings) <= ALL:
        return list(warnings)
    kinds = [_kind(words) for words in warnings]
    counted = Counter(kinds)
    lines: list[str] = []
    told: set[str] = set()
    for words, kind in zip(warnings, kinds, strict=True):
        if counted[kind] < _ALIKE:
            lines.append(words)
        elif kind not in told:
            told.add(kind)
            lines.append(f"{words} (Like this: {counted[kind]:,} warnings.)")
    return lines


def _kind(words: str) -> str:
    """Return how the words after the name of the file begin, without numbers."""
    said = words.partition(": ")[2] or words
    return _NUMBERS.sub("", said)[:_BEGINNING]
