"""Where what a pattern matches may hold blanks: whether it can match across a word that gave way to a blank."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import regex

from chatforensics.labelling.patterns import NO_WIDTH, Reader, read_pattern


class Blanks(NamedTuple):
    """Where what a pattern matches may hold blanks or line breaks.

    At its beginning, at its end, two in a row, or one and nothing else; and whether it may match nothing at all.
    """

    empty: bool = False
    first: bool = False
    last: bool = False
    double: bool = False
    lone: bool = False


_NOTHING = Blanks(empty=True)


@lru_cache(maxsize=10_000)
def blanks_of(pattern: str) -> Blanks:
    """Return where what a pattern matches may hold blanks."""
    return read_pattern(pattern, _READER)


def _read_one(part: str) -> Blanks:
    if part in NO_WIDTH:
        return _NOTHING
    white = part == "." or any(regex.fullmatch(part, each) for each in " \n")
    return Blanks(first=white, last=white, lone=white)


def _repeat(read: Blanks, times: str) -> Blanks:
    often = read if times[0] == "?" else _join([read, read])
    none = times[0] in "?*" or times.startswith("{0")
    return Blanks(often.empty or none, often.first, often.last, often.double, read.lone or often.lone)


def _join(sequence: Sequence[Blanks]) -> Blanks:
    whole = _NOTHING
    for each in sequence:
        whole = Blanks(
            whole.empty and each.empty,
            whole.first or (whole.empty and each.first),
            each.last or (each.empty and whole.last),
            whole.double or each.double or (whole.last and each.first),
            (whole.lone and each.empty) or (whole.empty and each.lone),
        )
    return whole


def _either(branches: Sequence[Blanks]) -> Blanks:
    return Blanks(*map(any, zip(*branches, strict=True)))


_READER = Reader(one=_read_one, repeat=_repeat, join=_join, either=_either)
