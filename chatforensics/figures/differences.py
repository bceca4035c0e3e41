"""Words that differ, set in lines: what was added, dropped or replaced, told by signs and by colours."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from chatforensics.figures.fonts import measure, wrap
from chatforensics.figures.names import drawable, plain
from chatforensics.figures.style import FAINT_INK, INK, TEXT_PT

# Dark enough to be read as letters on white and on grey, and told apart by nearly all readers.
ADDED = "#005A9C"
DROPPED = "#A33B00"
MOST_LINES = 6
_MOST_LINES_EACH = 2
_BETWEEN_MM = 3.5
_WITHIN_MM = 1.2
LINE_BREAK = "line break"
_BREAK_SIGN = "↵"
# What drawable() puts around letters of other scripts; longer texts than this are cut off in any case.
_ISOLATES = "\u200e\u2068\u2069"
_MOST_CHARACTERS = 2000


@dataclass(frozen=True)
class Piece:
    """Words that stand in a line, so many millimetres from its start; `cut` where some found no room."""

    words: str
    left: float
    colour: str = INK
    cut: bool = False


Lines = list[list[Piece]]
Change = Mapping[str, object]


def set_text(text: str, *, width_mm: float, most: int) -> Lines:
    """Set a text in lines as it was sent, as many as may be."""
    parts = [words for line in text.split("\n") if (words := plain(line))]
    lines = [line for part in parts for line in _wrap(part, width_mm=width_mm)]
    return [[piece] for piece in _fit(lines, width_mm=width_mm, most=most)] or [[Piece("no words", 0, FAINT_INK)]]


def set_changes(changes: Iterable[Change], *, width_mm: float) -> Lines:
    """Set differences one behind the other; what is too long for a line begins one of its own and is cut off."""
    listed = list(changes)
    lines: Lines = [[]]
    for change in listed:
        more = _set_change(change, width_mm=width_mm)
        start = _end(lines[-1]) + _BETWEEN_MM if lines[-1] else 0.0
        if len(more) == 1 and start + _end(more[0]) <= width_mm:
            lines[-1] += _shift(more[0], start)
            continue
        lines = [line for line in [*lines, *more] if line]
        if len(lines) > MOST_LINES:
            return [*lines[: MOST_LINES - 1], [Piece(_count_rest(len(listed)), 0, FAINT_INK, cut=True)]]
    return lines


def _count_rest(n_changes: int) -> str:
    return f"… {n_changes} differences in all" if n_changes > 1 else "…"


def _set_change(change: Change, *, width_mm: float) -> Lines:
    """Return a difference in one line where it fits, else the old words above the new."""
    old, new = show_words(str(change["parent_text"])), show_words(str(change["text"]))
    if change["change"] == "added":
        return list(_hang("+", new, ADDED, width_mm=width_mm))
    if change["change"] == "dropped":
        return list(_hang("–", old, DROPPED, width_mm=width_mm))
    above = [[replace(piece, colour=DROPPED)] for piece in _fit_some(old, width_mm=width_mm)]
    below = list(_hang("→", new, ADDED, width_mm=width_mm))
    start = _end(above[0]) + _WITHIN_MM
    if len(above) == len(below) == 1 and start + _end(below[0]) <= width_mm:
        return [above[0] + _shift(below[0], start)]
    return above + below


def show_words(words: str) -> str:
    """Return words as they stand in one line; line breaks between them are shown, those around them are not."""
    parts = [part for line in words.split("\n") if (part := plain(line))]
    return f" {_BREAK_SIGN} ".join(parts) or LINE_BREAK


def _hang(sign: str, words: str, colour: str, *, width_mm: float) -> Iterator[list[Piece]]:
    """Yield the words in lines behind their sign; an arrow is no part of either text."""
    start = measure(sign, size=TEXT_PT)[0] + _WITHIN_MM
    first = [Piece(sign, 0, INK if sign == "→" else colour)]
    for piece in _fit_some(words, width_mm=width_mm - start):
        yield [*first, replace(piece, left=start, colour=colour)]
        first = []


def _fit_some(words: str, *, width_mm: float) -> list[Piece]:
    return _fit(_wrap(words, width_mm=width_mm), width_mm=width_mm, most=_MOST_LINES_EACH)


def _fit(lines: list[str], *, width_mm: float, most: int) -> list[Piece]:
    """Return as many lines as may be, each no wider than the room, and say which lack words."""
    kept = lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1]} …"]
    drawn = [drawable(line, width_mm=width_mm) for line in kept]
    whole = [drawable(line, width_mm=math.inf) for line in lines]
    return [Piece(line, 0, cut=line != full) for line, full in zip(drawn, whole, strict=False)]


def _wrap(words: str, *, width_mm: float) -> list[str]:
    """Return the words in lines, with the letters that no font can draw spelled as they will be drawn."""
    spelled = drawable(words[:_MOST_CHARACTERS], width_mm=math.inf).strip(_ISOLATES)
    return wrap(spelled, width_mm=width_mm, size=TEXT_PT)


def _shift(line: list[Piece], by_mm: float) -> list[Piece]:
    return [replace(piece, left=piece.left + by_mm) for piece in line]


def _end(line: list[Piece]) -> float:
    return max((piece.left + measure(piece.words, size=TEXT_PT)[0] for piece in line), default=0.0)
