"""Finds many names in many texts at once."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl
import regex

from chatforensics.package.folding import SHORT, TINY, Folded, fold, fold_with_places, form_of, may_stand
from chatforensics.package.ordinary import is_own_word

_UNSEEN = regex.compile(r"[\p{Cf}\p{Cc}\ufe00-\ufe0f]+")
_WORD_BEFORE = regex.compile(r"[\p{L}\p{M}\p{N}]['.]? ?$")
_PREFIX = 2  # letters by which names are looked up at a place


@dataclass(frozen=True, slots=True)
class Entry:
    """A name that is looked for: what stands in for it (null: it stays as it is), and its kind.

    One that is turned ("Solheim, Ingrid") is not found behind another word: in a list of names it may be parts of two.
    """

    printed: str
    token: str | None
    kind: str
    reason: str
    is_turned: bool = False

    @property
    def form(self) -> str:
        """How much of a text it must fill; see `form_of`."""
        return form_of(self.printed)

    @property
    def is_word(self) -> bool:
        """Whether it is somebody's name and an ordinary word as well, such as "Will"."""
        return self.kind == "name" and is_own_word(fold(self.printed).strip())


class Hit(NamedTuple):
    """A name at a place of a text, in code points."""

    start: int
    end: int
    entry: Entry


class Finder:
    """Looks for names in texts, whatever their letter case, marks and spaces; the longest at each place."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        """Take the names by their folded form."""
        self._entries = {name: (entry, entry.form) for name, entry in entries.items() if name}
        self._by_prefix: dict[str, list[str]] = {}
        for name in sorted(self._entries, key=lambda name: (-len(name), name)):
            self._by_prefix.setdefault(name[:_PREFIX], []).append(name)

    def find_all(self, texts: Sequence[str], *, tiny: bool = False) -> dict[str, list[Hit]]:
        """Return the names in each text that holds any.

        Args:
            texts: Each is searched once.
            tiny: Whether names of one letter or sign are looked for, which only notices and mentions allow.
        """
        if not self._entries or not texts:
            return {}
        folded = pl.Series([fold(text) for text in texts], dtype=pl.String)
        places = folded.str.find_many(list(self._entries), overlapping=True)
        found = {
            text: list(self._read(text, offsets.to_list(), tiny=tiny))
            for text, offsets in zip(texts, places, strict=True)
            if len(offsets)
        }
        return {text: hits for text, hits in found.items() if hits}

    def _read(self, text: str, offsets: list[int], *, tiny: bool) -> Iterator[Hit]:
        folded = fold_with_places(text)
        raw = folded.text.encode()
        for offset in sorted(set(offsets)):
            start = len(raw[:offset].decode()) if len(raw) != len(folded.text) else offset
            name = self._longest_at(text, folded, start, tiny=tiny)
            if name is not None:
                yield Hit(*_with_tilde(folded, start, start + len(name)), self._entries[name][0])

    def _longest_at(self, text: str, folded: Folded, start: int, *, tiny: bool) -> str | None:
        short = [folded.text[start : start + n] for n in range(_PREFIX, 0, -1)]
        for name in (name for prefix in dict.fromkeys(short) for name in self._by_prefix.get(prefix, ())):
            end = start + len(name)
            if folded.text.startswith(name, start) and self._counts(text, folded, (start, end), tiny=tiny):
                return name
        return None

    def _counts(self, text: str, folded: Folded, span: tuple[int, int], *, tiny: bool) -> bool:
        entry, form = self._entries[folded.text[slice(*span)]]
        if not may_stand(folded.text, *span, form=form):
            return False
        if entry.is_turned and _WORD_BEFORE.search(folded.text[max(span[0] - 3, 0) : span[0]]):
            return False
        if form not in {SHORT, TINY} and not entry.is_word:
            return True
        if _is_mentioned(text, folded, span[0]):
            return True
        if _plain(text[slice(*folded.place(*span))]) != _plain(entry.printed):
            return False
        return tiny or form == SHORT or (form != TINY and _stands_out(text[: folded.starts[span[0]]], entry.printed))


def _stands_out(before: str, printed: str) -> bool:
    """Say whether a capital letter tells a name from an ordinary word: not where a sentence begins."""
    words = before.rstrip(" \u2068\u200e~*_\"“‘'(")
    return printed[:1].isupper() and bool(words) and words[-1] not in ".!?…:;\n"


def _is_mentioned(text: str, folded: Folded, start: int) -> bool:
    """Say whether a place follows an `@` and the mark that phones put behind it."""
    before = text[: folded.starts[start]]
    return before.endswith(("@\u2068", "@\u2066", "@\u202a"))


def _plain(words: str) -> str:
    return " ".join(unicodedata.normalize("NFC", _UNSEEN.sub("", words)).removeprefix("~").split())


def _with_tilde(folded: Folded, start: int, end: int) -> tuple[int, int]:
    """Return the place with the tilde that phones put before the name of somebody who is no contact."""
    before = folded.text[:start]
    for tilde in ("~ ", "~"):
        if before.endswith(tilde):
            start -= len(tilde)
            break
    return folded.place(start, end)
