"""Texts cut into the pieces that a page can show: highlighted words, and characters that do not show made visible."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

_KNOWN = {0x00: "NUL", 0x07: "BEL", 0x08: "BS", 0x0D: "CR", 0x1B: "ESC", 0x7F: "DEL", 0x2028: "LS", 0x2029: "PS"}
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
# Line feeds and tabs are layout; all else here either reorders what is read or shows as nothing.
_HIDDEN = (*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000))
_VISIBLE = {code: f"[U+{code:04X}]" for code in _HIDDEN if chr(code) not in "\n\t"} | {
    code: f"[{name}]" for code, name in (_KNOWN | _DIRECTION).items()
}


@dataclass(frozen=True)
class Span:
    """A stretch of a text, in code points, and what carried it."""

    start: int
    end: int
    cue: str
    is_name: bool = False


@dataclass(frozen=True)
class Piece:
    """A stretch of a text in which the same cues hold."""

    text: str
    cues: str = ""
    is_name: bool = False


def show_controls(text: str) -> str:
    """Return the text with control characters and direction overrides written out, such as [RLO] or [NUL].

    Ordinary joiners and marks (zero-width joiner, left-to-right mark, variation selectors) stay as they are.
    """
    return text.replace("\r\n", "\n").translate(_VISIBLE)


def clip_text(text: str, *, limit: int) -> tuple[str, int]:
    """Return at most `limit` code points of the text, and how many were left out."""
    return text[:limit], max(0, len(text) - limit)


def mark_spans(text: str, spans: Iterable[Span]) -> list[Piece]:
    """Cut the text at the edges of its spans; joined again, the pieces are the text.

    Spans may overlap and may reach beyond the text; a piece names each cue that holds in it.
    """
    inside = [span for span in spans if span.start < min(span.end, len(text)) and span.end > 0]
    edges = sorted({0, len(text), *(max(0, s.start) for s in inside), *(min(len(text), s.end) for s in inside)})
    return [_cut_piece(text, start, end, inside) for start, end in pairwise(edges)]


def _cut_piece(text: str, start: int, end: int, spans: Sequence[Span]) -> Piece:
    """Return the piece between two edges with the cues that cover it."""
    over = [span for span in spans if span.start < end and span.end > start]
    cues = "; ".join(sorted({span.cue for span in over}))
    return Piece(text=text[start:end], cues=cues, is_name=any(span.is_name for span in over))
