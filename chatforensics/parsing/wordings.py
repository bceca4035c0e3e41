"""The wordings of bodies in all languages, made ready to compare, and the quick search for bodies that may have one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import polars as pl
import regex

from chatforensics.parsing.grammar import fold, load_compiled, load_grammar
from chatforensics.parsing.needles import Needles

LONGEST = 300  # characters of a line that may be a wording
_DOTS = " .。।։۔"
_FEW = 20  # texts; for fewer, building the search machine costs more than it saves
_FIELD = regex.compile(r"\{(\w+)\}")
_FILE = regex.compile(r"[^\r\n/\\<>]{0,255}?\.[a-z0-9]{1,8}")
_LONGEST_FIELD = 250  # characters

Spans = dict[str, list[tuple[int, int]]]


@dataclass(frozen=True)
class Pattern:
    """A wording with free parts; `needle` is its longest fixed part.

    It is compared piece by piece, each at its first place: the time grows with the text only.
    """

    kind: str
    fixed: tuple[str, ...]  # folded words
    fields: tuple[str, ...]  # what stands between each two of them

    @property
    def needle(self) -> str:
        """Return the longest of the fixed words."""
        return max(self.fixed, key=len)

    def is_told_unmarked(self) -> bool:
        """Tell whether a line without a mark or brackets may be this wording."""
        return self.kind == "call" or "file" in self.fields or (self.kind == "deleted" and "rest" not in self.fields)

    def match(self, folded: str) -> Spans | None:
        """Return the fields' places in a folded first line, or None where the wording does not fit."""
        if not folded.startswith(self.fixed[0]) or not folded.endswith(self.fixed[-1]):
            return None
        spans: Spans = {}
        at = len(self.fixed[0])
        for number, (field, words) in enumerate(zip(self.fields, self.fixed[1:], strict=True), start=1):
            shortest = at + (field != "rest")
            last = number == len(self.fields)
            place = len(folded) - len(words) if last else folded.find(words, shortest)
            if place < shortest or not _fits(field, folded[at:place]):
                return None
            spans.setdefault(field, []).append((at, place))
            at = place + len(words)
        return spans


def _fits(field: str, value: str) -> bool:
    return bool(_FILE.fullmatch(value)) if field == "file" else len(value) <= _LONGEST_FIELD


@cache
def cut_pattern(written: str) -> Pattern:
    """Cut a wording with free parts as `languages.json` holds it: its kind, a space, its folded words and fields."""
    kind, _, words = written.partition(" ")
    pieces = _FIELD.split(words)
    return Pattern(kind, tuple(pieces[::2]), tuple(pieces[1::2]))


@dataclass(frozen=True)
class Wordings:
    """The wordings of all languages: those without free parts by lookup, the others by pattern."""

    exact: Mapping[str, str]  # folded wording to kind
    before_file: frozenset[str]
    behind_file: frozenset[str]
    edited: frozenset[str]
    patterns: Mapping[str, str]  # by needle, one a line as `cut_pattern` reads them

    @cached_property
    def _needles(self) -> Needles:
        return Needles([*self.patterns])

    def find_patterns(self, folded: Sequence[str]) -> list[list[Pattern]]:
        """Return for each folded line the patterns whose fixed words stand in it."""
        found = (dict.fromkeys(needles) for needles in self._find(folded))
        lines = ([line for needle in some for line in self.patterns[needle].split("\n")] for some in found)
        return [[cut_pattern(line) for line in some] for some in lines]

    def _find(self, folded: Sequence[str]) -> Iterable[Sequence[str]]:
        needles = list(self.patterns)
        if len(folded) < _FEW:
            return [self._needles.find(text) for text in folded]
        return list(pl.Series(folded, dtype=pl.String).str.extract_many(needles, overlapping=True).to_list())


def trim(folded: str) -> str:
    """Return a folded wording without the spaces around it and the full stop behind it."""
    return folded.strip(" ").rstrip(_DOTS)


@cache
def load_own_deletions() -> frozenset[str]:
    """Return the folded wordings by which a phone says that its owner deleted an own message."""
    return frozenset(trim(fold(words)) for some in load_grammar("own")["deleted"].values() for words in some)


@cache
def load_wordings() -> Wordings:
    """Load the wordings of all languages once."""
    bodies = load_compiled()["bodies"]
    before, behind, edited = (frozenset(bodies[name]) for name in ("before_file", "behind_file", "edited"))
    return Wordings(bodies["exact"], before, behind, edited, bodies["patterns"])
