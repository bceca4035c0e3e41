"""The wordings of bodies in all languages, made ready to compare, and the quick search for bodies that may have one."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

import polars as pl
import regex

from chatforensics.parsing.grammar import MARKS, fold, load_languages

LONGEST = 300  # characters of a line that may be a wording
_DOTS = " .。।։۔"
_FEW = 20  # texts; for fewer, building the search machine costs more than it saves
_SHORTEST = 3  # characters that tell a wording by its beginning or its end
_FIELD = regex.compile(r"\{(\w+)(?:=([^{}]*))?\}")
_BEFORE_FILE = regex.compile(r"<\s*([^<>{}:：]+?)\s*[:：]\s*\{file\}\s*>")
_BEHIND_FILE = regex.compile(r"\{file\}\s*[(（]([^(){}（）]+)[)）]")
_FILE = regex.compile(r"[^\r\n/\\<>]{0,255}?\.[a-z0-9]{1,8}")
_LONGEST_FIELD = 250  # characters
_NAMES = ("actor", "targets")  # fields of notices that stand for a name as well
# The lists of a language's file that hold whole bodies; the first that has a wording decides its kind.
_KINDS = {
    "contact_omitted": "contact",
    "omitted": "media",
    "attached": "media",
    "deleted": "deleted",
    "deleted_by_admin": "deleted",
    "view_once": "view_once",
    "live_location": "location",
    "call": "call",
}
_EVERYWHERE = {"null": "view_once"}  # Android's word, in all languages, for what could be seen once
# In Polars' syntax: what tells a body by its structure, in any language.
_TOLD = r"[<\x{200e}\x{200f}•]|(?i:maps\.|foursquare\.com|google\.)"
# Without bounds: a bounded repetition is copied as often into the machine that searches, which slows it.
_ANDROID_FILE = rf"^[^\n]*\.[0-9A-Za-z]+[{MARKS}]* ?[(（][^\n]+[)）][{MARKS} \r]*(?:\n|$)"
_POLL = rf"[^\n:：]+[:：][{MARKS} ]*\r?\n"
_ODD = {"'": "['’‘`]", '"': '["“”„«»]', " ": r"[ \x{a0}\x{202f}]"}
_ENOUGH = 16  # characters of a beginning or an end are enough to look closer
_OPENINGS = ("(", "（", ":\n", ": \n", ":\r\n", "：\n", "：\r\n")  # of attached files and of polls
_STRUCTURE = ("<", "\u200e", "\u200f", "•", "maps.", "foursquare.com", "google.")


Spans = dict[str, list[tuple[int, int]]]


@dataclass(frozen=True)
class Pattern:
    """A wording with free parts; `needle` is its longest fixed part.

    It is compared piece by piece, each at its first place: the time grows with the text only.
    """

    kind: str
    parts: tuple[str | tuple[str], ...]  # fixed words, and between each two of them the name of a field
    needle: str

    def match(self, folded: str) -> Spans | None:
        """Return the fields' places in a folded first line, or None where the wording does not fit."""
        fixed = [part for part in self.parts if isinstance(part, str)]
        fields = [part[0] for part in self.parts if not isinstance(part, str)]
        if not folded.startswith(fixed[0]) or not folded.endswith(fixed[-1]):
            return None
        spans: Spans = {}
        at = len(fixed[0])
        for number, (field, words) in enumerate(zip(fields, fixed[1:], strict=True), start=1):
            shortest = at + (field != "rest")
            place = len(folded) - len(words) if number == len(fields) else folded.find(words, shortest)
            if place < shortest or not _fits(field, folded[at:place]):
                return None
            spans.setdefault(field, []).append((at, place))
            at = place + len(words)
        return spans


def _fits(field: str, value: str) -> bool:
    return bool(_FILE.fullmatch(value)) if field == "file" else len(value) <= _LONGEST_FIELD


@dataclass(frozen=True)
class Wordings:
    """The wordings of all languages: those without free parts by lookup, the others by pattern."""

    exact: Mapping[str, str]  # folded wording to kind
    before_file: frozenset[str]
    behind_file: frozenset[str]
    edited: frozenset[str]
    patterns: Mapping[str, tuple[Pattern, ...]]  # by needle

    @cached_property
    def needles(self) -> tuple[str, ...]:
        """Strings of which at least one is in every untyped body that is not in `exact_wordings()`."""
        needles = {p.needle for p in self.list_patterns() if _is_told_unmarked(p)}
        return tuple(sorted({*_STRUCTURE, *needles, *(f"({words})" for words in self.behind_file)}))

    def list_patterns(self) -> Iterator[Pattern]:
        """Yield all patterns."""
        return (pattern for some in self.patterns.values() for pattern in some)

    def find_patterns(self, folded: Sequence[str]) -> list[list[Pattern]]:
        """Return for each folded line the patterns whose fixed words stand in it."""
        return [[p for needle in dict.fromkeys(some) for p in self.patterns[needle]] for some in self._find(folded)]

    def _find(self, folded: Sequence[str]) -> Iterable[Sequence[str]]:
        needles = list(self.patterns)
        if len(folded) < _FEW:
            return [[needle for needle in needles if needle in text] for text in folded]
        return list(pl.Series(folded, dtype=pl.String).str.extract_many(needles, overlapping=True).to_list())


def trim(folded: str) -> str:
    """Return a folded wording without the spaces around it and the full stop behind it."""
    return folded.strip(" ").rstrip(_DOTS)


@cache
def load_wordings() -> Wordings:
    """Load the wordings of all languages once."""
    exact, edited = dict(_EVERYWHERE), set[str]()
    before, behind = set[str](), set[str]()
    patterns: dict[str, list[Pattern]] = {}
    for kind, wording in _list_wordings():
        core = wording.removesuffix("{rest}")
        if found := _BEFORE_FILE.fullmatch(wording):
            before.add(trim(fold(found[1])))
        elif found := _BEHIND_FILE.fullmatch(wording):
            behind.add(trim(fold(found[1])))
        elif not _FIELD.search(core):
            exact.setdefault(trim(fold(core)), kind)
        if _FIELD.search(wording) and not found:
            pattern = _read_pattern(kind, wording)
            patterns.setdefault(pattern.needle, []).append(pattern)
    for language in load_languages().values():
        edited.update(trim(fold(wording)) for wording in language.get("bodies", {}).get("edited", ()))
    edited |= {wording.strip("<>") for wording in edited}
    frozen = {needle: tuple(some) for needle, some in patterns.items()}
    return Wordings(exact, frozenset(before), frozenset(behind), frozenset(edited), frozen)


def _list_wordings() -> Iterator[tuple[str, str]]:
    """Yield kind and wording, list by list, so that one wording has one kind in all languages."""
    languages = [language.get("bodies", {}) for language in load_languages().values()]
    for name, kind in _KINDS.items():
        yield from ((kind, wording) for language in languages for wording in language.get(name, ()))
    # A message that has not arrived yet is WhatsApp's notice in the sender's place.
    for language in load_languages().values():
        yield from (("system", wording) for wording in language.get("notices", {}).get("waiting", ()))


def _read_pattern(kind: str, wording: str) -> Pattern:
    """Cut a wording into folded fixed words and fields; a field with a value is a fixed word."""
    parts: list[str | tuple[str]] = []
    words, end = "", 0
    for found in _FIELD.finditer(wording):
        words += wording[end : found.start()]
        end = found.end()
        if found[2] is None:
            parts += [fold(words), ("name" if found[1] in _NAMES else found[1],)]
            words = ""
        else:
            words += found[2]
    parts.append(fold(words + wording[end:]).rstrip(_DOTS))
    return Pattern(kind, tuple(parts), max((part for part in parts if isinstance(part, str)), key=len))


def _is_told_unmarked(pattern: Pattern) -> bool:
    """Tell whether a line without a mark or brackets may be this wording."""
    fields = {part[0] for part in pattern.parts if not isinstance(part, str)}
    return pattern.kind == "call" or "file" in fields or (pattern.kind == "deleted" and "rest" not in fields)


def exact_wordings() -> frozenset[str]:
    """Return the bodies that are nothing but WhatsApp's words: folded, without marks and the final full stop."""
    return frozenset(load_wordings().exact)


def find_untyped(texts: pl.Series) -> pl.Series:
    """Tell of each body whether it may be other than typed text, so that only those need to be read.

    Every body that `read_body` calls other than unedited text is found; many that are found are typed all the same.
    """
    edges = _edges()
    some = texts.str.contains_any(edges.anywhere, ascii_case_insensitive=True) | texts.str.contains(edges.begin)
    some = some.fill_null(value=False)
    few = texts.filter(some)
    words = few.str.strip_chars(MARKS + "\r\n" + _DOTS).str.to_lowercase()
    return some.scatter(some.arg_true(), few.str.contains(edges.near) | words.is_in(edges.exact))


class _Edges(NamedTuple):
    """What the quick search looks for: strings, how bodies begin, and what a closer look at those few must find."""

    anywhere: list[str]
    begin: str
    near: str
    exact: list[str]


@cache
def _edges() -> _Edges:
    """Gather what is common to untyped bodies; patterns are in Polars' syntax."""
    exact = _list_exact_forms()
    starts, others = set[str](), set[str]()
    for pattern in filter(_is_told_unmarked, load_wordings().list_patterns()):
        fixed = [part for part in pattern.parts if isinstance(part, str)]
        if len(fixed[0]) >= _SHORTEST:
            starts.add(fixed[0])
        elif not fixed[1].lstrip().startswith("("):  # a file with words in brackets is told by its structure
            others.add(pattern.needle.strip())
    anywhere = [*_STRUCTURE, *_OPENINGS, *sorted(others)]
    begin = _any({*(word[:_SHORTEST] for word in (*exact, *starts))})
    near = f"^[{MARKS}\\s]*(?:{_any(word[:_ENOUGH] for word in starts)})"
    told = rf"{_TOLD}|^[{MARKS} ]*{_POLL}|{_ANDROID_FILE}|(?i:{near})|(?i:{_any(others)})"
    return _Edges(anywhere, rf"(?i)^[{MARKS}\s]*(?:{begin})", told, exact)


def _list_exact_forms() -> list[str]:
    """List the wordings without free parts in lower case, as printed with either quote, and as folded."""
    printed = {wording.removesuffix("{rest}").strip(_DOTS).lower() for _, wording in _list_wordings()}
    curly = {wording.replace("'", "\u2019") for wording in printed}
    return sorted(wording for wording in printed | curly | exact_wordings() if wording and "{" not in wording)


def _any(words: Iterable[str]) -> str:
    """Return a pattern for any of the words, those left out that another one begins."""
    kept = list[str]()
    for word in sorted(set(words) - {""}):
        if not kept or not word.startswith(kept[-1]):
            kept.append(word)
    return "|".join("".join(_ODD.get(letter) or re.escape(letter) for letter in word) for word in kept) or "^null$"
