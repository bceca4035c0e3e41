"""Searches what was written for what was taken out: every byte of every file, whatever it is packed or escaped in.

A gate: a package in which anything is found is not made. What is found is named by file, place and number of the
redaction, never by its words.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from chatforensics.package.cells import blank_ours, list_rows, read_cells
from chatforensics.package.finding import Entry, Finder
from chatforensics.package.folding import FREE, fold, fold_with_places, may_stand
from chatforensics.package.hidden import Secrets
from chatforensics.package.masks import list_numbers, plain_digits
from chatforensics.package.needles import Needle, Needles, list_short, make_needles, spell_in_bytes
from chatforensics.package.rewriting import BY_HAND
from chatforensics.package.unwrapping import Layer, unescape, unwrap

__all__ = ["Leak", "find_leaks", "list_short"]

_ENCODED = re.compile(r"[A-Za-z0-9+/=]{40,}")
_SQUEEZED = re.compile(r"[\s\ufffe\ufffd\u00ad\u2010-]+")
_LEAST_SQUEEZED = 7  # letters of a name without its spaces
_NEAR = 80  # letters between the words of a name on a page
_TO_THE_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_NO_DIGITS = re.compile(r"\D+")
_PIECE, _OVERLAP = 65_536, 1_200
_AROUND = 1_024  # bytes on either side of what may be a secret in a binary file


@dataclass(frozen=True, slots=True)
class Leak:
    """One place in which something stands that was taken out; number 0 for what could not be searched, and for ids."""

    file: str
    place: str
    number: int


def find_leaks(files: Mapping[str, bytes | Path], secrets: Secrets) -> list[Leak]:
    """Search the names and every byte of files for what redaction took out.

    Words are found in any letter case, composed or not, in UTF-8 and UTF-16, escaped for JSON, HTML or links, inside
    zips, gzips, PDF streams and pages, pictures' texts and e-mail bodies; numbers by their digits however grouped.

    It cannot find what a picture shows, letters of a PDF without their meaning, what is encrypted or packed in other
    ways, or names that `list_short` lists, which are searched for in the tables' texts alone.

    Args:
        files: Contents, or where they lie, by name.
        secrets: As `redact_dossier` returned them.

    Returns:
        One leak for each file, place and redaction, in the order of files; none where nothing was found.
    """
    search = _Search(make_needles(secrets))
    found: dict[Leak, None] = {}
    for number, (name, content) in enumerate(sorted(files.items()), 1):
        named = search.numbers_in(name)
        told = f"file {number} in the order of names" if named else name
        found |= dict.fromkeys(Leak(told, "name of the file", one) for one in named)
        whole = content.read_bytes() if isinstance(content, Path) else content
        leaks = {*(hit for layer in unwrap(whole) for hit in search.in_layer(layer)), *search.in_cells(name, whole)}
        rows = list_rows(whole) if leaks and name.endswith(".jsonl") else {}
        found |= dict.fromkeys(Leak(told, place + rows.get(place, ""), one) for place, one in sorted(leaks))
    return list(found)


class _Search:
    """A search for many secrets at once."""

    def __init__(self, needles: Needles) -> None:
        self._needles = needles
        self._text = needles.wide | needles.whole
        self._by_prefix: dict[str, list[str]] = {}
        for folded in sorted(self._text, key=lambda one: (-len(one), one)):
            self._by_prefix.setdefault(folded[:2], []).append(folded)
        self._excused = {
            folded: [(name, name.index(folded)) for name in needles.shown if folded in name and folded != name]
            for folded, some in self._text.items()
            if not _is_by_hand(some)
        }
        wide = [needle.secret.words for some in needles.wide.values() for needle in some]
        self._bytes = sorted({spelled.decode("latin-1") for words in wide for spelled in spell_in_bytes(words)})
        self._squeezed = _squeeze(needles)
        self._finder = Finder(_list_entries(needles, by_hand=False))
        self._by_hand = Finder(_list_entries(needles, by_hand=True))

    def numbers_in(self, text: str) -> list[int]:
        """Return the redactions whose words stand in a text."""
        views = [text, *(view for _, view in unescape(text))]
        return sorted({needle.secret.number for view in views for _, needle in self.in_text(view)})

    def in_layer(self, layer: Layer) -> Iterator[tuple[str, int]]:
        """Give the places in a layer of a file, with the number of the redaction."""
        if not layer.is_whole:
            yield f"{layer.place}: not searched", 0
            return
        try:
            text = layer.content.decode()
        except UnicodeDecodeError:
            yield from self._in_bytes(layer)
            return
        if any(one < 9 for one in set(layer.content[:1_000_000]) | set(layer.content[-1_000_000:])):  # noqa: PLR2004 - controls
            yield from self._in_bytes(layer)
        for name, view in (("", text), *unescape(text)):
            for line, needle in self.in_text(view):
                where = ", ".join(one for one in (layer.place, name, f"line {line}") if one)
                yield where, needle.secret.number
        if "page " in layer.place:
            yield from ((layer.place, one.secret.number) for one in self._in_squeezed(text))

    def in_text(self, text: str) -> Iterator[tuple[int, Needle]]:
        """Give the secrets in a text, with the line in which each stands."""
        pieces = list(_cut(blank_ours(text)))
        yield from self._words_in(pieces)
        yield from self._numbers_in(pieces)

    def _words_in(self, pieces: list[tuple[int, str]]) -> Iterator[tuple[int, Needle]]:
        if not self._text:
            return
        folded = pl.Series([fold(piece) for _, piece in pieces], dtype=pl.String)
        places = folded.str.find_many(list(self._text), overlapping=True)
        for (line, piece), told, offsets in zip(pieces, folded, places, strict=True):
            hits = {(start, one) for start in _characters(told, offsets) for one in self._at(told, start)}
            if hits:
                yield from self._confirm(line, piece, hits)

    def _at(self, folded: str, start: int) -> Iterator[str]:
        for prefix in dict.fromkeys((folded[start : start + 2], folded[start : start + 1])):
            for one in self._by_prefix.get(prefix, ()):
                if folded.startswith(one, start) and not self._is_excused(folded, start, one):
                    form = self._text[one][0].form
                    if may_stand(folded, start, start + len(one), form=form):
                        yield one

    def _is_excused(self, folded: str, start: int, one: str) -> bool:
        return any(folded.startswith(name, start - at) for name, at in self._excused.get(one, ()) if start >= at)

    def _confirm(self, line: int, piece: str, hits: Iterable[tuple[int, str]]) -> Iterator[tuple[int, Needle]]:
        """Say in which line each hit stands; whole words inside of encoded bodies are chance."""
        folded = fold_with_places(piece)
        encoded = [found.span() for found in _ENCODED.finditer(piece)]
        for start, one in sorted(hits):
            at = folded.starts[start]
            is_chance = one in self._needles.whole and any(first <= at < last for first, last in encoded)
            if not is_chance:
                yield from ((line + piece.count("\n", 0, at), needle) for needle in self._text[one])

    def _numbers_in(self, pieces: list[tuple[int, str]]) -> Iterator[tuple[int, Needle]]:
        if not self._needles.numbers:
            return
        bare = [_bare_digits(piece) for _, piece in pieces]
        likely = pl.Series(bare, dtype=pl.String).str.contains_any(list(self._needles.numbers))
        for (line, piece), is_likely in zip(pieces, likely, strict=True):
            for start, _, number in list_numbers(piece) if is_likely else ():
                at = line + piece.count("\n", 0, start)
                yield from ((at, needle) for needle in self._needles.numbers.get(number, ()))

    def _in_bytes(self, layer: Layer) -> Iterator[tuple[str, int]]:
        """Search bytes that are no text: what may be the beginning of a secret is read in every encoding."""
        raw = layer.content.decode("latin-1")
        digits = "\n".join(re.findall(r"[0-9+][0-9 ().\-]{6,}", raw))
        for _, needle in self._numbers_in([(1, digits)]):
            yield f"{layer.place} bytes".strip(), needle.secret.number
        if not self._bytes:
            return
        places = pl.Series([raw], dtype=pl.String).str.find_many(self._bytes, overlapping=True)[0]
        for at in dict.fromkeys(place // _AROUND * _AROUND for place in _characters(raw, places)):
            window = layer.content[max(at - _AROUND, 0) : at + 2 * _AROUND]
            for needle in self._wide_in(window):
                yield f"{layer.place} byte {at}".strip(), needle.secret.number

    def _wide_in(self, window: bytes) -> Iterator[Needle]:
        views = [window.decode(code, "replace") for code in ("utf-8", "latin-1", "utf-16-le", "utf-16-be")]
        views += [window[1:].decode(code, "replace") for code in ("utf-16-le", "utf-16-be")]
        for view in views:
            found = (needle for _, needle in self._words_in([(1, view)]))
            yield from (needle for needle in found if needle.folded in self._needles.wide)

    def _in_squeezed(self, text: str) -> Iterator[Needle]:
        folded = fold(text)
        squeezed = _SQUEEZED.sub("", folded)
        for one, needles in self._squeezed.items():
            if len(one) > _LEAST_SQUEEZED and one in squeezed:
                yield from needles
        if _TO_THE_LEFT.search(folded):
            for one, needles in self._needles.wide.items():
                if needles[0].form == FREE and _TO_THE_LEFT.search(one) and _stand_near(one.split(), folded):
                    yield from needles

    def in_cells(self, name: str, content: bytes) -> Iterator[tuple[str, int]]:
        """Search what people wrote, as a file of lines of JSON has it, for names too short or ordinary for all else."""
        if not (self._needles.cells or self._needles.lines) or not name.endswith((".jsonl", ".json")):
            return
        cells = {cell: line for line, cell in read_cells(content)}
        if self._needles.lines and name.endswith(".jsonl") and "variant_changes" not in name:
            yield from self._in_lines(content)  # changes are pieces of lines, and other files have words of the program
        for cell, hits in self._finder.find_all(list(cells)).items():
            kept = [hit for hit in hits if hit.entry.token is None]
            for hit in (hit for hit in hits if hit.entry.token is not None):
                if not any(one.start <= hit.start and hit.end <= one.end for one in kept):
                    yield f"line {cells[cell]}", int(hit.entry.token or 0)
        for cell, hits in self._by_hand.find_all(list(cells)).items():
            yield from ((f"line {cells[cell]}", int(hit.entry.token or 0)) for hit in hits)

    def _in_lines(self, content: bytes) -> Iterator[tuple[str, int]]:
        """Search for what is found as a whole line only."""
        for line, cell in read_cells(content, quoted=False):
            for one in cell.splitlines():
                for needle in self._needles.lines.get(fold(one).strip(), ()):
                    yield f"line {line}", needle.secret.number


def _stand_near(words: list[str], folded: str) -> bool:
    """Say whether words stand near each other, in any order: a PDF has lines that run to the left in another one."""
    return any(
        all(word in folded[max(found.start() - _NEAR, 0) : found.end() + _NEAR] for word in words)
        for found in re.finditer(re.escape(max(words, key=len)), folded)
    )


def _squeeze(needles: Needles) -> dict[str, list[Needle]]:
    """Return names without their spaces, as pages break lines in them; those in names that stay are left out."""
    shown = [_SQUEEZED.sub("", name) for name in needles.shown]  # "ada-byrne" is a folder, and may be a party's
    free = [(folded, some) for folded, some in needles.wide.items() if some[0].form == FREE]
    squeezed = {_SQUEEZED.sub("", folded): some for folded, some in free}
    return {one: some for one, some in squeezed.items() if _is_by_hand(some) or not any(one in name for name in shown)}


def _is_by_hand(needles: Iterable[Needle]) -> bool:
    """Say whether somebody's own list has the words: they are searched for inside of names that stay, too."""
    return any(needle.secret.kind == BY_HAND for needle in needles)


def _list_entries(needles: Needles, *, by_hand: bool) -> dict[str, Entry]:
    shown = {} if by_hand else {name: Entry(name, None, "", "") for name in needles.shown}
    hidden = {
        folded: Entry(some[0].secret.words, str(some[0].secret.number), BY_HAND if by_hand else some[0].secret.kind, "")
        for folded, some in needles.cells.items()
        if _is_by_hand(some) == by_hand
    }
    return shown | hidden


def _cut(text: str) -> Iterator[tuple[int, str]]:
    """Give a text in overlapping pieces, each with the line in which it begins."""
    line, at = 1, 0
    for start in range(0, max(len(text), 1), _PIECE):
        line += text.count("\n", at, start)
        at = start
        yield line, text[start : start + _PIECE + _OVERLAP]


def _characters(text: str, offsets: Iterable[int]) -> list[int]:
    """Return places in characters for places in bytes of UTF-8."""
    ordered = sorted(set(offsets))
    if text.isascii() or not ordered:
        return ordered
    raw, places, at, n = text.encode(), [], 0, 0
    for offset in ordered:
        n += len(raw[at:offset].decode())
        at = offset
        places.append(n)
    return places


def _bare_digits(piece: str) -> str:
    """Return the digits of a text alone, as 0 to 9: a number that is not in them is nowhere in the text."""
    digits = _NO_DIGITS.sub("", plain_digits(piece)[0])
    return digits if digits.isascii() else "".join(map(str, map(unicodedata.decimal, digits)))
