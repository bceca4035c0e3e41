"""The quick search for bodies that may be other than typed text, so that only those need to be read."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import NamedTuple

import polars as pl
import regex

from chatforensics.parsing.grammar import MARKS, load_compiled

LONG, SHORT = 8, 4  # bytes at an end of a body that are compared at once, as one number
_FEW = 500  # texts; so few are gone through one by one, as every sweep over a column has a price of its own
_DOTS = " .。।։۔"
# In Polars' syntax: a character of every body that is told by its structure, for single ones are found fastest,
_STRUCTURE = "[<(（\u200e\u200f•/]|[:：] ?\r?\n"
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
_CASES = {size: int.from_bytes(bytes([_CASE]) * size) for size in (SHORT, LONG)}
_FIRST = 256**SHORT - 1  # all bits of the first bytes
_BEHIND_FULL_STOP = (ord(".") + 1) * 256 ** (LONG - 1)  # numbers below it end with a full stop, a space or a line's end
# First two bytes, that bit set, of invisible characters: U+00A0 (as U+2000 to U+203F), U+00AD, U+061C, U+2040 to U+207F
# and U+FEFF.
_SIGNS, _BEHIND_FILE, _PRINTED_ALIKE = regex.compile(_STRUCTURE), regex.compile(_NAMED_FILE), str.maketrans(_ALIKE)
_BLANK_HEADS = [0xA0E2, 0xADE2, 0xBCF8, 0xA1E2, 0xBBEF]

# It compares the first and the last bytes of all bodies as numbers, which takes no time, and has a
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
    return find_one_by_one(texts) if len(texts) <= _FEW else find_in_sweeps(texts)


def find_in_sweeps(texts: pl.Series) -> pl.Series:
    """Do the quick search as sweeps over the column: for many texts."""
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


# The same for few texts, where a hundred sweeps over columns would take longer than all else.


class _Known(NamedTuple):
    """What the quick search looks for, as sets."""

    heads: frozenset[int]
    short_heads: frozenset[int]
    tails: frozenset[int]
    forms: frozenset[str]
    starts: dict[int, frozenset[bytes]]
    ends: dict[int, frozenset[bytes]]


@cache
def _load_known() -> _Known:
    edges = _load_edges()
    heads, short_heads, tails, forms = (
        frozenset(some.explode().to_list()) for some in (edges.heads, edges.short_heads, edges.tails, edges.forms)
    )
    starts, ends = (
        {size: frozenset(words.explode().to_list()) for size, words in some.items()}
        for some in (edges.starts, edges.ends)
    )
    return _Known(heads, short_heads, tails, forms, starts, ends)


def find_one_by_one(texts: pl.Series) -> pl.Series:
    """Do the quick search text by text: for few texts."""
    known = _load_known()
    some = texts.to_list()
    found = [text is not None and _SIGNS.search(text) is not None for text in some]
    if any(found):
        told = iter(texts.filter(pl.Series(found)).str.contains(_TOLD).to_list())
        found = [sign and next(told) for sign in found]
    for place, text in enumerate(some):
        if text and not found[place]:
            raw = text.encode()
            found[place] = (_begins_as(raw, known) or _ends_as(raw, text, known)) and _has_words_of(text, known)
    return pl.Series(texts.name, found, dtype=pl.Boolean)


def _begins_as(raw: bytes, known: _Known) -> bool:
    if len(raw) < SHORT:
        return False
    first = _number(raw[:SHORT])
    if first in known.short_heads or first & 0xFF == ord(" ") or first & 0xFFFF in _BLANK_HEADS:
        return True
    return len(raw) >= LONG and _number(raw[:LONG]) in known.heads


def _ends_as(raw: bytes, text: str, known: _Known) -> bool:
    if len(raw) < LONG:
        return False
    tail = _number(raw[-LONG:])
    return tail in known.tails or (tail < _BEHIND_FULL_STOP and _is_end(text, known))


def _is_end(text: str, known: _Known) -> bool:
    ended = text.rstrip(_AROUND).encode()
    return len(ended) >= LONG and _number(ended[-LONG:]) in known.tails


def _number(raw: bytes) -> int:
    return int.from_bytes(raw, "little") | _CASES[len(raw)]


def _has_words_of(text: str, known: _Known) -> bool:
    line = text.partition("\n")[0].translate(_PRINTED_ALIKE)
    words = line.strip(_AROUND).lower()
    raw = words.encode()
    return (
        words in known.forms
        or any(raw[:size] in starts for size, starts in known.starts.items())
        or any(raw[-size:] in ends for size, ends in known.ends.items())
        or (_is_end(text, known) and _BEHIND_FILE.search(line) is not None)
    )
