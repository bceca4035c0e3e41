"""The wordings of bodies in all languages, made ready to compare, and the quick search for bodies that may have one."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import polars as pl
import regex

from chatforensics.parsing.grammar import MARKS, fold, load_compiled, load_grammar

LONGEST = 300  # characters of a line that may be a wording
LONG, SHORT = 8, 4  # bytes at an end of a body that the quick search compares at once, as one number
_DOTS = " .。।։۔"
_FEW = 20  # texts; for fewer, building the search machine costs more than it saves
_FIELD = regex.compile(r"\{(\w+)\}")
_FILE = regex.compile(r"[^\r\n/\\<>]{0,255}?\.[a-z0-9]{1,8}")
_LONGEST_FIELD = 250  # characters
# In Polars' syntax: a character of every body that is told by its structure, for single ones are found fastest,
_STRUCTURE = r"[<(（\x{200e}\x{200f}•/]|[:：] ?\r?\n"
# and what tells it in any language. Repetitions have no bounds: those are copied as often into the search machine.
_TOLD = (
    r"[<\x{200e}\x{200f}•]|(?i:maps\.|foursquare\.com|google\.)"
    rf"|^[{MARKS} ]*[^\n:：]+[:：][{MARKS} ]*\r?\n"
    rf"|^[^\n]*\.[0-9A-Za-z]+[{MARKS} \x{{a0}}]*[(（][^\n]+[)）][{MARKS} .\r]*(?:\n|$)"
)
_NAMED_FILE = rf"\.[0-9A-Za-z]+[{MARKS}]* "  # stands before the words for what was omitted
# How one wording is printed here and there: other spaces and quotes, with invisible characters or without.
_ALIKE = {"\u00a0": " ", "\u202f": " ", "\u2018": "'", "\u2019": "'", "\u200b": "", "\u200c": "", "\u200d": ""}
_AROUND = MARKS + "\r\n\u00a0\u202f" + _DOTS  # what may stand around a body's words unseen
_CASE = 0x20  # the bit of a byte that makes a plain Latin letter small
_FIRST = 256**SHORT - 1  # all bits of the first bytes
_BEHIND_FULL_STOP = (ord(".") + 1) * 256 ** (LONG - 1)  # numbers below it end with a full stop, a space or a line's end
# First two bytes, that bit set, of invisible characters: U+00A0 (as U+2000 to U+203F), U+00AD, U+061C, U+2040 to U+207F
# and U+FEFF.
_BLANK_HEADS = [0xA0E2, 0xADE2, 0xBCF8, 0xA1E2, 0xBBEF]

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

    def find_patterns(self, folded: Sequence[str]) -> list[list[Pattern]]:
        """Return for each folded line the patterns whose fixed words stand in it."""
        found = (dict.fromkeys(needles) for needles in self._find(folded))
        lines = ([line for needle in some for line in self.patterns[needle].split("\n")] for some in found)
        return [[cut_pattern(line) for line in some] for some in lines]

    def _find(self, folded: Sequence[str]) -> Iterable[Sequence[str]]:
        needles = list(self.patterns)
        if len(folded) < _FEW:
            return [[needle for needle in needles if needle in text] for text in folded]
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


# The quick search. It compares the first and the last bytes of all bodies as numbers, which takes no time, and has a
# closer look at those few where they are known.


class _Edges(NamedTuple):
    """What the quick search looks for; `scripts/make_wordings.py` says how it is gathered."""

    heads: pl.Series
    short_heads: pl.Series
    tails: pl.Series
    forms: pl.Series
    starts: dict[int, pl.Series]  # by their length in bytes
    ends: dict[int, pl.Series]


@cache
def _load_edges() -> _Edges:
    bodies = load_compiled()["bodies"]
    heads, short_heads, tails = (
        pl.Series(bodies[name], dtype=pl.UInt64).implode() for name in ("heads", "short_heads", "tails")
    )
    forms = pl.Series([*bodies["exact"], *bodies["forms"]], dtype=pl.String).implode()
    starts = _group((size, word[:size]) for word, size in _measure(bodies["starts"]))
    ends = _group((size, word[-size:]) for word, size in _measure(bodies["ends"]))
    return _Edges(heads, short_heads, tails, forms, starts, ends)


def _measure(words: Iterable[str]) -> Iterator[tuple[bytes, int]]:
    """Yield words as bytes, and how many of them to compare: few different numbers make few comparisons."""
    for raw in map(str.encode, words):
        yield raw, next((size for size in (2 * LONG, LONG) if len(raw) >= size), len(raw))


def _group(words: Iterable[tuple[int, bytes]]) -> dict[int, pl.Series]:
    groups: dict[int, list[bytes]] = {}
    for size, word in words:
        groups.setdefault(size, []).append(word)
    return {size: pl.Series(some, dtype=pl.Binary).implode() for size, some in groups.items()}


def lower_bytes(some: bytes) -> bytes:
    """Return bytes with the bit set that makes a plain Latin letter small; other characters become what they may."""
    return bytes(byte | _CASE for byte in some)


def find_untyped(texts: pl.Series) -> pl.Series:
    """Tell of each body whether it may be other than typed text, so that only those need to be read.

    Every body that `read_body` calls other than unedited text is found, in the letters that phones print (not, for
    instance, in full-width ones), but for a file with words without brackets behind it and a caption below. Many that
    are found are typed all the same.
    """
    edges = _load_edges()
    told = _narrow(texts.str.contains(_STRUCTURE), texts, lambda some: some.str.contains(_TOLD))
    edge = _begins_known(texts, edges) | _ends_known(texts, edges)
    return told | _narrow(edge & ~told, texts, lambda some: _has_words(some, edges))


def _narrow(found: pl.Series, texts: pl.Series, look: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Keep of what is found only what a closer look finds too."""
    found = found.fill_null(value=False)
    return found.scatter(found.arg_true(), look(texts.filter(found)))


def _begins_known(texts: pl.Series, edges: _Edges) -> pl.Series:
    """Tell whether a body's first bytes are those of a wording, or of an invisible character before one."""
    raw = texts.cast(pl.Binary)
    head = _to_number(raw.bin.head(LONG), size=LONG)
    short = head.is_null()
    first = head & _FIRST
    first = first.scatter(short.arg_true(), _to_number(raw.filter(short).bin.head(SHORT), size=SHORT))
    blank = ((first & 0xFF) == ord(" ")) | (first & 0xFFFF).is_in(_BLANK_HEADS)
    found: pl.Series = head.is_in(edges.heads).fill_null(value=False) | first.is_in(edges.short_heads) | blank
    return found


def _ends_known(texts: pl.Series, edges: _Edges) -> pl.Series:
    """Tell whether a body's last bytes are those of a wording, with blanks or a full stop behind it or not."""
    tail = _to_number(texts.cast(pl.Binary).bin.tail(LONG), size=LONG)
    return tail.is_in(edges.tails) | _narrow(tail < _BEHIND_FULL_STOP, texts, lambda some: _are_ends(some, edges))


def _are_ends(texts: pl.Series, edges: _Edges) -> pl.Series:
    ended = texts.str.strip_chars_end(_AROUND).cast(pl.Binary).bin.tail(LONG)
    return _to_number(ended, size=LONG).is_in(edges.tails).fill_null(value=False)


def _to_number(raw: pl.Series, *, size: int) -> pl.Series:
    """Return bytes as numbers that are alike for small and capital letters; null where there are too few."""
    kind = pl.UInt64 if size == LONG else pl.UInt32
    number = raw.bin.reinterpret(dtype=kind, endianness="little").cast(pl.UInt64)
    return number | int.from_bytes(bytes([_CASE]) * size)


def _has_words(texts: pl.Series, edges: _Edges) -> pl.Series:
    """Tell whether bodies have the words of untyped ones: the whole first line, or its beginning or end."""
    lines = texts.str.splitn("\n", 2).struct.field("field_0").str.replace_many(_ALIKE)
    words = lines.str.strip_chars(_AROUND).str.to_lowercase()
    raw = words.cast(pl.Binary)
    found = words.is_in(edges.forms) | (_are_ends(texts, edges) & lines.str.contains(_NAMED_FILE))
    for size, starts in edges.starts.items():
        found |= raw.bin.head(size).is_in(starts)
    for size, ends in edges.ends.items():
        found |= raw.bin.tail(size).is_in(ends)
    return found
