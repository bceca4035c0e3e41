"""The named cues of a text with each of its words left out in turn, at a small part of the cost of reading it again.

A word is left out by putting a blank in its place. What a pattern matched away from that place it matches still: no
pattern looks further than one character around what it matches. What it did not match before, it can match now only
across the new blank. Most patterns allow no two blanks in a row, and a word mostly has blanks around it, so that hardly
any pattern has to be tried again.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import polars as pl
import regex

from chatforensics.labelling.able import LONGEST, Branch, find_able
from chatforensics.labelling.cues import (
    OPENING,
    READ_CHARACTERS,
    SILENCES,
    TIMEOUT_S,
    Hit,
    all_patterns,
    compiled,
    find_cues_of_all,
    hits_of,
    load_cues,
    load_languages,
    rows_with_stems,
    unsilenced,
)
from chatforensics.labelling.needs import read_parts

_WHITE = frozenset({" ", "\n", ""})  # nothing, at both ends of a text, is as good as a blank
_WORD_LIKE = regex.compile(r"\w")

Word = tuple[int, int]


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


def find_cues_without(texts: Sequence[str], words: Sequence[Sequence[Word]]) -> list[list[list[Hit]]]:
    """Return for each text, and for it without each of these words, which named cues it has: each once.

    They are those of `find_cues_of_all` on the texts written out, but for their places and numbers: a `Hit` here says
    that the cue is there, and its place means nothing.

    Args:
        texts: any.
        words: the places of words in each text, in order and apart from each other.
    """
    short = [row for row, text in enumerate(texts) if len(text) <= READ_CHARACTERS]
    able = dict(zip(short, _find_able([texts[row] for row in short], [words[row] for row in short]), strict=True))
    return [
        _Reading(text, some, able[row]).find() if row in able else find_cues_of_all(write_out(text, some))
        for row, (text, some) in enumerate(zip(texts, words, strict=True))
    ]


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
        self.text, self.words, self.able = text, words, able
        self.texts = write_out(text, words)
        self.starts, self.ends = [start for start, _ in words], [end for _, end in words]

    def find(self) -> list[list[Hit]]:
        """Return the cues of each of the texts."""
        missing: list[set[int]] = [set() for _ in self.texts]
        held = []
        for number in sorted({branch.number for branch in self.able.branches}):
            places = [match.span() for match in compiled(number).finditer(self.text, overlapped=True)]
            places = [(start, end) for start, end in places if start < end]
            if places:
                held.append(number)
                for place in self._touching(places):
                    if not _matches(compiled(number), self.texts[place]):
                        missing[place].add(number)
        more = dict(self._find_new([branch for branch in self.able.branches if branch.number not in set(held)]))
        return [self._view(place, held, missing[place], more.get(place, ())) for place in range(len(self.texts))]

    def _touching(self, places: Sequence[Word]) -> range:
        """Return the texts in which no place, as it was matched, can be told to be left as it was."""
        first, behind = 0, len(self.words)
        for start, end in places:
            first = max(first, bisect_left(self.ends, start))
            behind = min(behind, bisect_right(self.starts, end))
        return range(first + 1, behind + 1)

    def _find_new(self, branches: Sequence[Branch]) -> Iterator[tuple[int, list[int]]]:
        """Yield the texts that patterns match which do not match the whole text."""
        crossing: dict[tuple[str, str], list[tuple[int, regex.Pattern[str]]]] = {}
        for place, (start, end) in enumerate(self.words, start=1):
            before, behind = self.text[max(0, start - 1) : start], self.text[end : end + 1]
            sort = (_sort_of(before), _sort_of(behind))
            if sort not in crossing:
                able = [each for each in branches if _may_cross(blanks_of(each.pattern), *sort)]
                crossing[sort] = [(each.number, compile_branch(each.pattern)) for each in able]
            found = {number for number, pattern in crossing[sort] if _matches(pattern, self.texts[place])}
            if found:
                yield place, sorted(found)

    def _view(self, place: int, held: Sequence[int], missing: Collection[int], more: Sequence[int]) -> list[Hit]:
        languages = self.able.languages[place]
        found = [n for n in (*held, *more) if n not in missing and load_cues()[n].language in languages]
        return view_cues(self.texts[place], tuple(found))


def _matches(pattern: regex.Pattern[str], text: str) -> bool:
    found = pattern.search(text, timeout=TIMEOUT_S)
    return found is not None and (
        found.end() > found.start() or any(each.end() > each.start() for each in pattern.finditer(text))
    )


@lru_cache(maxsize=10_000)
def compile_branch(pattern: str) -> regex.Pattern[str]:
    """Return one alternative of a cue's pattern, ready to be searched for."""
    return regex.compile(pattern, regex.IGNORECASE)


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


def view_cues(text: str, numbers: tuple[int, ...]) -> list[Hit]:
    """Return the cues that are left when those are silenced that stand inside others, of patterns that all match."""
    labels = {load_cues()[number].label for number in numbers}
    if labels.isdisjoint(OPENING):
        return []
    silenced = {kind for label in labels & SILENCES.keys() for kind in SILENCES[label]} & labels
    if not silenced:
        return _as_hits(numbers)
    concerned = [n for n in numbers if load_cues()[n].label in SILENCES or load_cues()[n].label in silenced]
    left = {hit.cue for hit in unsilenced(text, [hit for number in concerned for hit in hits_of(text, number)])}
    return _as_hits(tuple(n for n in numbers if n not in concerned or load_cues()[n].name in left))


@lru_cache(maxsize=10_000)
def _as_hits(numbers: tuple[int, ...]) -> list[Hit]:
    return [Hit(0, 0, load_cues()[number].name, load_cues()[number].label) for number in numbers]


@lru_cache(maxsize=10_000)
def blanks_of(pattern: str) -> Blanks:
    """Return where what a pattern matches may hold blanks."""
    return _read_either(iter(read_parts(pattern)))


def _read_either(parts: Iterator[str]) -> Blanks:
    """Read alternatives up to the end of their group."""
    branches, sequence = [], list[Blanks]()
    for part in parts:
        if part == ")":
            break
        if part == "|":
            branches.append(_join(sequence))
            sequence = []
        elif part[0] == "(":
            sequence.append(_read_either(parts))
        elif part[0] in "*+?{" and part != "{":
            sequence.append(_repeat(sequence.pop(), part))
        else:
            sequence.append(_read_one(part))
    branches.append(_join(sequence))
    return Blanks(*map(any, zip(*branches, strict=True)))


def _read_one(part: str) -> Blanks:
    if part in {"^", "$", r"\b"}:
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
