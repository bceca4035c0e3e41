"""Where the directives of a text stand among its tokens, and which tokens each of them governs."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatforensics.labelling.directives import Directive, find_directives
from chatforensics.labelling.tokens import BREAK, STOP, Page

# Tokens: sentences and lines are read this far back, so that no text takes long.
_REACH = 150
# What ends a line below which a list begins.
_LIST_OPENERS = frozenset({":", "-", "–", "—", "👇", "⬇", "=", "->"})


@dataclass(frozen=True)
class Placed:
    """A directive at the tokens `first` up to `behind`; `end` is where it ends in the text, perhaps inside a word."""

    first: int
    behind: int
    end: int
    directive: Directive


def place_directives(page: Page) -> Iterator[Placed]:
    """Yield the directives by the tokens they cover, in order."""
    first = behind = 0
    for start, end, directive in find_directives(page.text, page.wordings):
        while first < len(page.tokens) and page.tokens[first].start < start:
            first += 1
        while behind < len(page.tokens) and page.tokens[behind].end <= end:
            behind += 1
        if first < len(page.tokens):
            yield Placed(first, max(first, behind), end, directive)


def clause_start(page: Page, place: int, placed: Sequence[Placed]) -> int:
    """Return the first token of the clause that ends at a token: behind the last full stop, line break or directive."""
    earlier = bisect_left(placed, place, key=_first)
    before = min(place, placed[earlier - 1].behind) if earlier else 0
    start, before = place, max(before, place - _REACH)
    while start > before and page.kind(start - 1) not in (STOP, BREAK):
        start -= 1
    return start


def clause_end(page: Page, place: int, placed: Sequence[Placed]) -> int:
    """Return the token at which the next directive begins, if any does."""
    for number in range(bisect_left(placed, place, key=_first), len(placed)):
        if placed[number].directive.kind == "stance":
            return placed[number].first
    return len(page.tokens)


def _first(each: Placed) -> int:
    return each.first


def line_start(page: Page, place: int) -> int:
    """Return the first token of a token's line."""
    end = max(0, place - _REACH)
    while place > end and page.kind(place - 1) != BREAK:
        place -= 1
    return place


def line_end(page: Page, place: int) -> int:
    """Return the line break behind a token."""
    while place < len(page.tokens) and page.kind(place) != BREAK:
        place += 1
    return place


def list_start(page: Page, each: Placed) -> int | None:
    """Return the token at which a list begins below the line of a directive; none where the line says more."""
    end = line_end(page, each.behind)
    last = end - 1
    while last > each.behind and page.tokens[last].word == "\ufe0f":
        last -= 1
    opened = last < each.behind or page.tokens[last].word in _LIST_OPENERS
    if not opened or end >= len(page.tokens):
        return None
    while page.kind(end) == BREAK and end < len(page.tokens):
        end += 1
    return end


def governed(page: Page, each: Placed, placed: Sequence[Placed]) -> range:
    """Return the tokens that a directive governs: its side of the sentence up to the next directive, or its list."""
    if each.directive.place in ("after", "office"):
        return range(clause_start(page, each.first, placed), each.first)
    until, end = clause_end(page, each.behind, placed), each.behind
    opens_list = list_start(page, each) is not None
    while end < until and (page.kind(end) not in (STOP, BREAK) or (opens_list and not _is_blank(page, end))):
        end += 1
    return range(each.behind, end)


def _is_blank(page: Page, place: int) -> bool:
    return page.kind(place) == BREAK and page.kind(place + 1) == BREAK
