"""The named cues of a text with each of its words left out in turn, at a small part of the cost of reading it again.

A word is left out by putting a blank in its place. What a pattern matched away from that place it matches still: no
pattern looks further than one character around what it matches. What it did not match before, it can match now only
across the new blank. Most patterns allow no two blanks in a row, and a word mostly has blanks around it, so that hardly
any pattern has to be tried again.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import polars as pl
import regex

from chatforensics.labelling.able import LONGEST, Branch, find_able
from chatforensics.labelling.blanks import Blanks, blanks_of
from chatforensics.labelling.cues import (
    OPENING,
    READ_CHARACTERS,
    SILENCES,
    TIMEOUT_S,
    Hit,
    all_patterns,
    compile_pattern,
    compiled,
    find_cues_of_all,
    hits_of,
    load_cues,
    load_languages,
    rows_with_stems,
    unsilenced,
)
from chatforensics.labelling.sifting import sift

_WHITE = frozenset({" ", "\n", ""})  # nothing, at both ends of a text, is as good as a blank
_WORD_LIKE = regex.compile(r"\w")

Word = tuple[int, int]


def find_cues_without(texts: Sequence[str], words: Sequence[Sequence[Word]]) -> list[list[list[Hit]]]:
    """Return for each text, and for it without each of these words, which named cues it has: each once.

    They are those of `find_cues_of_all` on the texts written out, but for their places and numbers: a `Hit` here says
    that the cue is there, and its place means nothing.

    Args:
        texts: any.
        words: the places of words in each text, in order and apart from each other.
    """
    short = [row for row, text in enumerate(texts) if len(text) <= READ_CHARACTERS]
    found = _read_together([texts[row] for row in short], [words[row] for row in short])
    read = dict(zip(short, found, strict=True))
    return [
        read[row] if row in read else find_cues_of_all(write_out(text, some))
        for row, (text, some) in enumerate(zip(texts, words, strict=True))
    ]


def _read_together(texts: Sequence[str], words: Sequence[Sequence[Word]]) -> list[list[list[Hit]]]:
    """Return the cues of texts that are read to their ends: each pattern is tried on all that need it at once."""
    readings = [_Reading(*each) for each in zip(texts, words, _find_able(texts, words), strict=True)]
    _find_held(readings)
    matched = _find_matching(readings)
    return [reading.view([next(matched) for _ in reading.texts]) for reading in readings]


def write_out(text: str, words: Sequence[Word]) -> list[str]:
    """Return the text, and the text without each word."""
    return [text, *(f"{text[:start]} {text[end:]}" for start, end in words)]


class _Able(NamedTuple):
    """Patterns that may match a text, whole or with a word left out; of each written-out text the languages sought."""

    branches: list[Branch]
    languages: list[frozenset[str]]


def _find_able(texts: Sequence[str], words: Sequence[Sequence[Word]]) -> list[_Able]:
    """Find for each text which patterns' letters it holds, or would hold with one of the words left out."""
    around = [
        "\n".join([text, *(f"{text[max(0, a - LONGEST) : a]} {text[b : b + LONGEST]}" for a, b in some)])
        for text, some in zip(texts, words, strict=True)
    ]
    languages = iter(_languages_of([each for pair in zip(texts, words, strict=True) for each in write_out(*pair)]))
    spoken = [[next(languages) for _ in range(len(some) + 1)] for some in words]
    return [
        _able_in(frozenset[str]().union(*each), branches, each)
        for branches, each in zip(
            find_able(pl.Series("text", around, dtype=pl.String), all_patterns()), spoken, strict=True
        )
    ]


def _able_in(spoken: frozenset[str], branches: Sequence[Branch], languages: list[frozenset[str]]) -> _Able:
    return _Able([one for one in branches if load_cues()[one.number].language in spoken], languages)


def _languages_of(texts: Sequence[str]) -> list[frozenset[str]]:
    """Return the languages whose stems each text holds."""
    found: list[list[str]] = [[] for _ in texts]
    rows = rows_with_stems(pl.Series("text", texts, dtype=pl.String))
    for language, held in zip(load_languages(), rows, strict=True):
        for row in held.to_list():
            found[row].append(load_cues()[language.opening[0]].language)
    known: dict[tuple[str, ...], frozenset[str]] = {}
    return [known.setdefault(tuple(each), frozenset(each)) for each in found]


class _Reading:
    """One text with its words, and the patterns that may match it or match it without one of them."""

    def __init__(self, text: str, words: Sequence[Word], able: _Able) -> None:
        self.text, self.able, self.texts = text, able, write_out(text, words)
        self.starts, self.ends = [start for start, _ in words], [end for _, end in words]
        sorts = [(_sort_of(text[max(0, start - 1) : start]), _sort_of(text[end : end + 1])) for start, end in words]
        self.texts_between = {sort: [n for n, each in enumerate(sorts, start=1) if each == sort] for sort in sorts}
        self.held: dict[int, list[range]] = {}
        self.changing: dict[int, frozenset[int]] = {}
        self.hits: dict[int, list[Hit]] = {}
        self.left: dict[tuple[int, ...], set[str]] = {}

    def hold(self, number: int) -> None:
        """Note that a pattern matches the whole text, if it does, and the texts in which each of its places changes."""
        places = [match.span() for match in compiled(number).finditer(self.text, overlapped=True)]
        if touched := [self._touching(*place) for place in places if place[0] < place[1]]:
            self.held[number] = touched

    def _touching(self, start: int, end: int) -> range:
        """Return the texts in which a place, as it was matched, cannot be told to be left as it was."""
        return range(bisect_left(self.ends, start) + 1, bisect_right(self.starts, end) + 1)

    def ask(self) -> Iterator[tuple[int, str, Iterable[int]]]:
        """Yield patterns that have to be tried, each with its number and the texts to try it on."""
        for number, touched in self.held.items():
            yield number, all_patterns()[number], _common(touched)
        for branch in self.able.branches:
            if branch.number not in self.held:
                yield branch.number, branch.pattern, self._crossing(branch)

    def _crossing(self, branch: Branch) -> list[int]:
        """Return the texts in which a pattern may match across the new blank."""
        blanks = blanks_of(branch.pattern)
        return [place for sort, places in self.texts_between.items() if _may_cross(blanks, *sort) for place in places]

    def view(self, matched: Sequence[Collection[int]]) -> list[list[Hit]]:
        """Return the cues of each of the texts, given which of the patterns that were tried on it match it."""
        common = {number: _common(touched) for number, touched in self.held.items()}
        return [
            self._view(place, [*found, *(number for number, touched in common.items() if place not in touched)])
            for place, found in enumerate(matched)
        ]

    def _view(self, place: int, matching: Sequence[int]) -> list[Hit]:
        languages = self.able.languages[place]
        numbers = tuple(sorted(number for number in matching if load_cues()[number].language in languages))
        concerned = _find_concerned(numbers)
        if not concerned:
            return _as_hits(numbers)
        left = self._left_of(place, concerned)
        return _as_hits(tuple(n for n in numbers if n not in concerned or load_cues()[n].name in left))

    def _left_of(self, place: int, concerned: tuple[int, ...]) -> set[str]:
        """Return the cues that no other silences: where all stand as in the whole text, the same as there."""
        changed = [number for number in concerned if number not in self.held or place in self._changing(number)]
        if not changed and concerned in self.left:
            return self.left[concerned]
        hits = [hit for number in concerned if number not in changed for hit in self._hits_without(place, number)]
        hits += [hit for number in changed for hit in hits_of(self.texts[place], number)]
        left = {hit.cue for hit in unsilenced(self.texts[place], hits)}
        if not changed:
            self.left[concerned] = left
        return left

    def _hits_without(self, place: int, number: int) -> list[Hit]:
        """Return the places of a cue that stands as in the whole text: those behind the word are moved."""
        if number not in self.hits:
            self.hits[number] = hits_of(self.text, number)
        if not place:
            return self.hits[number]
        end, less = self.ends[place - 1], self.ends[place - 1] - self.starts[place - 1] - 1
        return [
            Hit(hit.start - less, hit.end - less, hit.cue, hit.label) if hit.start >= end else hit
            for hit in self.hits[number]
        ]

    def _changing(self, number: int) -> frozenset[int]:
        """Return the texts in which places of a pattern may be others than in the whole text."""
        if number not in self.changing:
            branches = [branch for branch in self.able.branches if branch.number == number]
            self.changing[number] = frozenset().union(*self.held[number], *map(self._crossing, branches))
        return self.changing[number]


def _common(ranges: Sequence[range]) -> range:
    return range(max(each.start for each in ranges), min(each.stop for each in ranges))


def _find_held(readings: Sequence[_Reading]) -> None:
    """Let each reading note the patterns that match its whole text."""
    asked: dict[int, list[int]] = {}
    for row, reading in enumerate(readings):
        for number in {branch.number for branch in reading.able.branches}:
            asked.setdefault(number, []).append(row)
    texts = pl.Series("text", [reading.text for reading in readings], dtype=pl.String)
    sifted = sift(texts, [(all_patterns()[number], rows) for number, rows in asked.items()])
    for number, rows in zip(asked, sifted, strict=True):
        for row in rows:
            readings[row].hold(number)


def _find_matching(readings: Sequence[_Reading]) -> Iterator[set[int]]:
    """Yield for each text of the readings the patterns that match it, of those that have to be tried on it."""
    asked: dict[tuple[int, str], list[int]] = {}
    written = list[str]()
    for reading in readings:
        for number, pattern, places in reading.ask():
            asked.setdefault((number, pattern), []).extend(len(written) + place for place in places)
        written += reading.texts
    sifted = sift(pl.Series("text", written, dtype=pl.String), [(each[1], rows) for each, rows in asked.items()])
    matching: list[set[int]] = [set() for _ in written]
    for (number, pattern), rows in zip(asked, sifted, strict=True):
        for row in rows:
            if _matches(compile_pattern(pattern), written[row]):
                matching[row].add(number)
    return iter(matching)


def _matches(pattern: regex.Pattern[str], text: str) -> bool:
    found = pattern.search(text, timeout=TIMEOUT_S)
    return found is not None and (
        found.end() > found.start() or any(each.end() > each.start() for each in pattern.finditer(text))
    )


def _sort_of(neighbour: str) -> str:
    """Return what a neighbour of a new blank is: nothing is as good as a blank."""
    if neighbour in _WHITE:
        return "white"
    return "word" if _WORD_LIKE.match(neighbour) else "mark"


def _may_cross(blanks: Blanks, before: str, behind: str) -> bool:
    """Tell whether a pattern may match across a new blank between such neighbours where it did not match before."""
    if "word" in {before, behind} or before == behind == "mark":
        return True
    if blanks.empty or blanks.double or blanks.lone:
        return True
    return (before == "mark" and blanks.last) or (behind == "mark" and blanks.first)


@lru_cache(maxsize=10_000)
def _find_concerned(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """Return the cues that may silence others of these, or be silenced by them."""
    labels = {load_cues()[number].label for number in numbers}
    silenced = {kind for label in labels & SILENCES.keys() for kind in SILENCES[label]} & labels
    if not silenced:
        return ()
    return tuple(n for n in numbers if load_cues()[n].label in SILENCES or load_cues()[n].label in silenced)


@lru_cache(maxsize=10_000)
def _as_hits(numbers: tuple[int, ...]) -> list[Hit]:
    cues = [load_cues()[number] for number in numbers]
    return [Hit(0, 0, cue.name, cue.label) for cue in cues] if any(cue.label in OPENING for cue in cues) else []
