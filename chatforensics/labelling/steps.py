"""Steps of an instruction: "Step 2", "first paper", "3." at the beginning of a line."""

from bisect import bisect_right
from collections.abc import Sequence

import regex

from chatforensics.labelling.tokens import CLOSING, NUMBER, OPENING, STOP, WORD, Page

_MOST_STEPS = 30
_LETTERS = "abcdefgh"
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}
_DIGITS = regex.compile(r"\d{1,2}")
_KEYCAP = "\u20e3"


def find_steps(page: Page, named: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the tokens at which a step begins, in order, each with its number.

    Args:
        page: the text.
        named: tokens, first and behind, of steps that are named as such in words.
    """
    found = {place: value for place in range(len(page.tokens)) if (value := _marked(page, place)) is not None}
    marked_lines = {_line_of(page, place) for place in found}
    for first, behind in named:
        value = _value(page, first, behind)
        if value is not None and _line_of(page, first) not in marked_lines:
            found[first] = value
    return sorted(found.items())


def _line_of(page: Page, place: int) -> int:
    """Return where the line of a token begins: a line that is numbered itself counts by its own number."""
    return page.text.rfind("\n", 0, page.tokens[place].start)


def step_at(steps: Sequence[tuple[int, int]], place: int) -> int | None:
    """Return the number of the step in which a token stands; null before the first."""
    before = bisect_right([first for first, _ in steps], place)
    return steps[before - 1][1] if before else None


def _value(page: Page, first: int, behind: int) -> int | None:
    for place in range(first, behind):
        digits = _DIGITS.search(page.tokens[place].word)
        value = int(digits[0]) if digits else page.wordings.numbers.get(page.low(place))
        if value is None and len(page.low(place)) == 1 and place > first:
            value = _LETTERS.find(page.low(place)) + 1 or None
        if value is not None and value <= _MOST_STEPS:
            return value
    return None


def _marked(page: Page, place: int) -> int | None:
    """Return the number that opens a line as a step: "3.", a keycap, "b)" or "(iii)"."""
    token = page.tokens[place]
    if token.kind not in (NUMBER, WORD, OPENING) or not page.opens_line(place):
        return None
    if token.kind == OPENING:
        return _roman_or_letter(page, place + 1, roman=True) if page.kind(place + 2) == CLOSING else None
    behind = page.tokens[place + 1] if place + 1 < len(page.tokens) else None
    if token.kind == WORD:
        return _roman_or_letter(page, place, roman=False) if behind and behind.kind == CLOSING else None
    digits = _DIGITS.fullmatch(token.word.replace(_KEYCAP, "").replace("\ufe0f", ""))
    marks = _KEYCAP in token.word or (behind and (behind.kind in (CLOSING, STOP) or behind.word == ":"))
    return int(digits[0]) if digits and marks and int(digits[0]) <= _MOST_STEPS else None


def _roman_or_letter(page: Page, place: int, *, roman: bool) -> int | None:
    low = page.low(place)
    if roman and low in _ROMAN:
        return _ROMAN[low]
    if len(low) == 1:
        return int(low) if low.isdigit() else _LETTERS.find(low) + 1 or None
    return None
