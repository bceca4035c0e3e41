"""What is asked of a view, and the words of a message in the form in which they are searched.

Words are compared without capitals, forms of letters and marks that do not show. What users type never reaches the
index as anything but words: each is quoted.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date

import regex

from chatforensics.errors import UsageError
from chatforensics.report.explorer.rows import KINDS, STATUSES
from chatforensics.report.language import say

# Letters with their marks, so that vowel signs of Bengali or Hindi do not break a word; digits; and our own signs.
TOKENIZER = "unicode61 remove_diacritics 2 categories 'L* N* Co M*'"
TEXT_COLUMNS = ("words", "other", "file")
FACTS = "facts"
DECISIONS = ("none", "review", "flag")
_NAMES = {"chat_id": "chat", "person_id": "person", "source_id": "source"}
_LONGEST = 2_000
_MOST_WORDS = 60
_SHORTEST_BEGINNING = 2  # letters from which the last word may be a beginning
_IGNORED = regex.compile(r"\p{Default_Ignorable_Code_Point}")
# A picture is a word of its own: a sign of the private area and its number.
_PICTURE = regex.compile(r"(?![\p{ASCII}])[\p{Extended_Pictographic}\p{So}\p{Sk}]")
_SIGN = "\ue000"
_TOKEN = regex.compile(r"[\p{L}\p{N}\p{Co}\p{M}]+")
_PARTS = regex.compile(r'["“”„«»]([^"“”„«»]*)["“”„«»]|([^\s"“”„«»]+)')
# Scripts that put no blanks between words: each letter is a word of its own, and what is asked a stretch of them.
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")


def fold(text: str) -> str:
    """Return a text as it is searched: without capitals, forms of letters and marks that do not show.

    A picture (emoji) becomes a word of its own, and so does each letter of a script without blanks between words.
    """
    plain = fold_letters(text)
    if plain.isascii():
        return plain
    spaced = _UNSPACED.sub(lambda found: f" {found[0]} ", plain)
    return _PICTURE.sub(lambda found: f" {_SIGN}{ord(found[0]):x} ", spaced)


def fold_letters(text: str) -> str:
    """Return a text without capitals, forms of letters and marks that do not show."""
    if text.isascii():
        return text.lower()
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text)).casefold()


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: words, and what a message must be besides; days are those of UTC, both included.

    `decision` is flag, review or none (neither of the two).
    """

    words: str = ""
    chat_id: str | None = None
    person_id: str | None = None
    source_id: str | None = None
    since: str | None = None
    until: str | None = None
    decision: str | None = None
    kind: str | None = None
    status: str | None = None

    @classmethod
    def from_params(cls, params: Mapping[str, str]) -> "Query":
        """Return what the fields of an address ask; an empty one asks nothing.

        Raises:
            UsageError: a day is none, or a code is unknown.
        """
        told = {field.name: str(params.get(_NAMES.get(field.name, field.name)) or "").strip() for field in fields(cls)}
        words = told.pop("words")
        return cls(words=words, **{name: value or None for name, value in told.items()}).check()

    def to_params(self) -> dict[str, str]:
        """Return the fields of an address that asks this."""
        told = {_NAMES.get(field.name, field.name): getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in told.items() if value}

    def check(self) -> "Query":
        """Return what is asked if it can be.

        Raises:
            UsageError: a day is none, a code is unknown, or there are too many words.
        """
        for day in (self.since, self.until):
            if day:
                read_day(day)
        for value, known in ((self.decision, DECISIONS), (self.kind, KINDS), (self.status, STATUSES)):
            if value and value not in known:
                raise UsageError(say("“{value}” is nothing to search for.", value=value[:40]), hint=", ".join(known))
        if len(self.words) > _LONGEST:
            raise UsageError(say("A search has at most {n} characters.", n=_LONGEST), hint="Ask for fewer words.")
        return self


def read_day(text: str) -> date:
    """Return a day as an address writes it.

    Raises:
        UsageError: it is none.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:  # days are compared as texts
        raise UsageError(say("“{day}” is no day.", day=text[:40]), hint="Write it as 2026-05-31.")
    return day


@dataclass(frozen=True, slots=True)
class Match:
    """What is asked, as the index understands it; `marks` must stand in a text, as typed or folded.

    There are marks only where nothing but punctuation is asked for, which no index has.
    """

    match: str = ""
    marks: tuple[tuple[str, str], ...] = ()


def build_match(words: str, facts: Sequence[Sequence[str]]) -> Match:
    """Return what to ask of the index: words in any order, "stretches in quotes", the last word may be a beginning.

    Args:
        words: as typed.
        facts: what a message must be besides, in the index's own words: of each group, one.
    """
    asked, marks = _read_words(words)
    quoted = [[f'"{fact}"' for fact in group] for group in facts]
    parts = [f"{FACTS} : ({' OR '.join(group)})" for group in quoted]
    if asked:
        parts.append(f"{{{' '.join(TEXT_COLUMNS)}}} : ({' AND '.join(asked)})")
    return Match(" AND ".join(parts), tuple(marks))


def _read_words(words: str) -> tuple[list[str], list[tuple[str, str]]]:
    asked = []
    parts = list(_split(words))[:_MOST_WORDS]
    for number, (part, is_quoted) in enumerate(parts, start=1):
        tokens = _TOKEN.findall(fold(part))
        if tokens:
            begins = number == len(parts) and not is_quoted and len(tokens[-1]) >= _SHORTEST_BEGINNING
            asked.append(f'"{" ".join(tokens)}"{" *" if begins else ""}')
    return asked, [] if asked else [(part, fold_letters(part)) for part, _ in parts]


def _split(words: str) -> Iterator[tuple[str, bool]]:
    """Yield the words, and the stretches that stand in quotes; a quote that nothing closes is none."""
    for found in _PARTS.finditer(words):
        part = found[1] if found[1] is not None else found[2]
        if part.strip():
            yield part, found[1] is not None
