"""Texts cut into the pieces that a page can show, with the words highlighted that carried a label."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chatforensics.report.language import say_list


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
    cues = say_list(sorted({span.cue for span in over}), "; ")
    return Piece(text=text[start:end], cues=cues, is_name=any(span.is_name for span in over))
