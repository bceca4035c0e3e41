"""The user's list of candidates with spelling variants, and finding them in a text: `--candidates FILE`."""

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from chatforensics.errors import UsageError
from chatforensics.labelling import spelling
from chatforensics.labelling.spelling import Word, read_words
from chatforensics.labelling.tokens import WORD, Page

_COLUMNS = ("name", "variants", "contest")
_MOST_WORDS = 5
_SHORTEST = 3
_HINT = "Write a first line 'name,variants', then one candidate a line; put ';' between variants."


class Candidate(NamedTuple):
    """One candidate of the list, with other spellings."""

    name: str
    variants: tuple[str, ...] = ()
    contest: str | None = None


@dataclass(frozen=True)
class Candidates:
    """The candidates of a list, ready to be compared with."""

    listed: tuple[Candidate, ...]

    @cached_property
    def _index(self) -> dict[str, list[tuple[Candidate, tuple[Word, ...]]]]:
        """Return the spellings by the keys of their words, so that a word is compared with few of them."""
        index: dict[str, list[tuple[Candidate, tuple[Word, ...]]]] = {}
        for each in self.listed:
            for whole in map(read_words, (each.name, *each.variants)):
                for key in {key for word in whole for key in _keys(word)}:
                    index.setdefault(key, []).append((each, whole))
        return index

    def _near(self, words: Sequence[Word]) -> list[tuple[Candidate, tuple[Word, ...]]]:
        """Return the spellings that share a key with the first of some words."""
        found = [entry for key in sorted(_keys(words[0])) for entry in self._index.get(key, ())] if words else []
        return list(dict.fromkeys(found))

    def match(self, written: str) -> str | None:
        """Return the name of the one candidate that the words may spell.

        A lone first name or surname counts where one candidate alone bears it. Several that fit, or none: null.
        """
        words = read_words(written)
        fitting = [(each, whole) for each, whole in self._near(words) if spelling.is_within(words, whole)]
        full = [each.name for each, whole in fitting if spelling.is_within(whole, words)]
        names = set(full or [each.name for each, _ in fitting])
        return names.pop() if len(names) == 1 else None

    def find(self, page: Page, places: range, covered: Collection[int]) -> list[tuple[int, int]]:
        """Return where names of the list stand among these tokens, first token and behind, the longest first."""
        found: list[tuple[int, int]] = []
        place = places.start
        while place < places.stop:
            last = self._longest_at(page, place, places.stop, covered)
            if last is not None:
                found.append((place, last))
            place = last or place + 1
        return found

    def _longest_at(self, page: Page, place: int, until: int, covered: Collection[int]) -> int | None:
        last = place
        while last < until and last - place < _MOST_WORDS and page.kind(last) == WORD and last not in covered:
            last += 1
        for behind in range(last, place, -1):
            written = page.text[page.tokens[place].start : page.tokens[behind - 1].end]
            if self._names(page, place, behind, written):
                return behind
        return None

    def _names(self, page: Page, first: int, behind: int, written: str) -> bool:
        """Tell whether words are a name of the list; one alone must be long enough and no function word."""
        words = read_words(written)
        if len(words) != behind - first:
            return False
        lone = len(words) == 1
        common = page.wordings.stops | page.wordings.ordinary | page.wordings.fillers
        if lone and (len(page.low(first)) < _SHORTEST or page.low(first) in common):
            return False
        return any(spelling.is_within(words, whole) for _, whole in self._near(words))


def _keys(word: Word) -> set[str]:
    """Return the keys under which a word is found: by its consonants, and by its first letters."""
    return {spelling.sort_key(word), f"^{word.letters[:_SHORTEST]}"}


def known_names(labels: Iterable[str]) -> Candidates:
    """Return the labels of a chat's own senders and mentions as spellings to look for; numbers name nobody."""
    names = sorted({label.strip("~@ \u202f") for label in labels if sum(map(str.isalpha, label)) >= _SHORTEST})
    return Candidates(tuple(Candidate(name) for name in names))


def read_candidates(content: bytes, *, where: str) -> Candidates:
    """Read a list of candidates: CSV with `name`, `variants` (with ';' between them) and, if you like, `contest`.

    Args:
        content: the file.
        where: how errors name it.

    Raises:
        UsageError: it is no such list.
    """
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{where}: it is no CSV in UTF-8.", hint=_HINT) from error
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    if "name" not in header or set(header) - set(_COLUMNS) or len(set(header)) < len(header):
        raise UsageError(f"{where}: the first line is {','.join(header) or 'missing'}.", hint=_HINT)
    listed = [_read_row(header, row, where=f"{where}: line {number}") for number, row in enumerate(rows[1:], 2) if row]
    _check_names(listed, where=where)
    return Candidates(tuple(listed))


def _read_row(header: Sequence[str], row: Sequence[str], *, where: str) -> Candidate:
    if len(row) > len(header):
        raise UsageError(
            f"{where} has {len(row)} columns instead of {len(header)}.", hint="Put names that hold a comma in quotes."
        )
    cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
    name = cells["name"]
    if not read_words(name):
        raise UsageError(f"{where} has no name.", hint=_HINT)
    variants = tuple(each.strip() for each in cells.get("variants", "").split(";") if each.strip())
    return Candidate(name, variants, cells.get("contest") or None)


def _check_names(listed: Sequence[Candidate], *, where: str) -> None:
    names = [each.name for each in listed]
    if not names:
        raise UsageError(f"{where}: it names nobody.", hint=_HINT)
    twice = sorted(name for name, n in Counter(names).items() if n > 1)
    if twice:
        raise UsageError(f"{where}: '{twice[0]}' is listed twice.", hint="Put all variants on one line.")
