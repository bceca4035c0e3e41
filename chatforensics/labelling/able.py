"""Which patterns may match a text, told by letters alone: a text is searched once for the letters of all patterns."""

from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

import polars as pl

from chatforensics.labelling.needs import FOLDED, find_all_needs
from chatforensics.labelling.patterns import split_branches

LONGEST = 60  # no letters are longer, in characters


class Branch(NamedTuple):
    """One alternative of a cue's pattern, and sets of letters, of each of which a match holds one."""

    number: int
    pattern: str
    needs: tuple[frozenset[str], ...]


class _Letters(NamedTuple):
    """All branches and letters of patterns; the branches with letters in their best set; and those that need none."""

    all: list[Branch]
    every: list[str]
    branches: dict[str, list[int]]
    always: list[int]


def find_able(texts: pl.Series, patterns: tuple[str, ...]) -> list[list[Branch]]:
    """Return for each text the alternatives of patterns that may match it; no other can match it."""
    letters = _gather_letters(patterns)
    found = texts.str.extract_many(letters.every, ascii_case_insensitive=True, overlapping=True)
    return [
        _able_of({each if each in FOLDED else each.lower() for each in held}, letters)
        for held in found.list.unique().to_list()
    ]


def _able_of(held: Collection[str], letters: _Letters) -> list[Branch]:
    places = {place for each in held for place in letters.branches.get(each, ())}
    branches = [letters.all[place] for place in sorted(places.union(letters.always))]
    return [branch for branch in branches if not any(needed.isdisjoint(held) for needed in branch.needs)]


@lru_cache(maxsize=4)
def _gather_letters(patterns: tuple[str, ...]) -> _Letters:
    branches = [
        Branch(number, one, tuple(map(frozenset, find_all_needs(one))))
        for number, pattern in enumerate(patterns)
        for one in split_branches(pattern)
    ]
    every = {each for branch in branches for needed in branch.needs for each in needed}
    if max(map(len, every), default=0) > LONGEST:
        raise ValueError("Letters of a cue are longer than LONGEST.")
    by_letters: dict[str, list[int]] = {}
    for place, branch in enumerate(branches):
        for each in branch.needs[0] if branch.needs else ():
            by_letters.setdefault(each, []).append(place)
    always = [place for place, branch in enumerate(branches) if not branch.needs]
    return _Letters(branches, sorted(every), by_letters, always)
