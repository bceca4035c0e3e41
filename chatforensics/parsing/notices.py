"""WhatsApp's own notices as typed events: who did what to whom, with old and new value, in some sixty languages.

A notice is told by its structure first (no sender; on iOS the mark U+200E), and only then typed by its wording. A
notice with a wording that is not known is `unknown`, its text kept.

A wording is fixed words with fields between them. It is compared piece by piece, each piece at its first place, so
that the time grows with the text only: there is no expression that a text could make slow.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import polars as pl
import regex

from chatforensics.parsing.grammar import align, bare, fold, load_compiled
from chatforensics.parsing.needles import Needles

EVENTS = (
    "created",
    "joined",
    "added",
    "left",
    "removed",
    "number_changed",
    "subject_changed",
    "icon_changed",
    "description_changed",
    "admin_changed",
    "encryption",
    "security_code_changed",
    "disappearing_changed",
    "pinned",
    "settings_changed",
    "blocked",
    "call",
    "waiting",
    "community_changed",
    "business_changed",
)
YOU = "You"  # where no word says it, but the form of a verb: whoever made the export
# The longest value that a field may have, in characters. Names have 25, but an address book knows no bound.
LIMITS = {"actor": 200, "targets": 4_000, "old": 500, "new": 1_000, "rest": 1_000}
_LONGEST = 6_000
_FEW = 20  # texts; for fewer, building the search machine costs more than it saves
_SLICE = 50_000  # texts searched at once: bounds the memory
_PEOPLE = ("actor", "targets")
_TELLING = 12  # fixed characters that hardly fit by accident
FIELD = regex.compile(r"\{(\w+)(?:=([^{}]*))?\}")
_COMMAS = (", ", "، ", "、", "，")
DOTS = " .。।։۔"
_SCHEMA: dict[str, type[pl.DataType] | pl.DataType] = {
    "text": pl.String,
    "event": pl.String,
    "actor": pl.String,
    "targets": pl.List(pl.String),
    "old": pl.String,
    "new": pl.String,
    "language": pl.String,
}
_FIXED = {"needle": pl.String, "place": pl.Int64, "first": pl.String, "last": pl.String}


@dataclass(frozen=True)
class Notice:
    """One typed notice; names and values as printed, `language` the one whose wording fits."""

    event: str
    actor: str | None = None
    targets: tuple[str, ...] = ()
    old: str | None = None
    new: str | None = None
    language: str | None = None


Span = tuple[str, int, int]  # a field and its place


class Piece(NamedTuple):
    """Fixed words of a wording; a part of them may itself be the value of a field (the printed "you")."""

    words: str
    captured: tuple[Span, ...]


class Wording(NamedTuple):
    """One folded wording; `place` is its rank in the files, for the first that fits is taken."""

    place: int
    language: str
    event: str
    words: str


def read_notice(text: str) -> Notice:
    """Type one notice by its wording; `unknown` where no wording fits."""
    return _read_all([text])[0]


def read_notices(texts: pl.Series) -> pl.DataFrame:
    """Type the notices of one file, once per distinct text.

    One phone prints one language at a time. So where wordings of several languages fit, the language is taken whose
    wordings make up most of these texts, and a language of which only a few letters fit is not taken at all. The
    language is that of the wording, not of the people; languages that share wordings cannot always be told apart.

    Returns:
        One row per distinct text: `text`, `event`, `actor`, `targets`, `old`, `new`, `language` (null if unknown).
    """
    distinct = list(dict.fromkeys(text for text in texts.to_list() if text is not None))
    rows = [
        (text, notice.event, notice.actor, list(notice.targets), notice.old, notice.new, notice.language)
        for text, notice in zip(distinct, _read_all(distinct), strict=True)
    ]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def list_events(texts: Sequence[str]) -> list[str]:
    """Return the event of each of a few different texts, read as the notices of one file."""
    return [notice.event for notice in _read_all(texts)]


@cache
def load_pronouns(language: str) -> frozenset[str]:
    """Return the folded words by which notices in a language call whoever made the export ("you")."""
    you: list[str] = load_compiled()["languages"][language]["you"]
    return frozenset([fold(YOU), *you])


def _read_all(texts: Sequence[str]) -> list[Notice]:
    folded = [_prepare(text) for text in texts]
    fitting = [_find_fitting(text, found) for text, found in zip(folded, _find_candidates(folded), strict=True)]
    ranks = {language: rank for rank, language in enumerate(_rank_languages(fitting))}
    known = [[wording for wording in found if wording.language in ranks] for found in fitting]
    best = [min(found, key=lambda wording: ranks[wording.language], default=None) for found in known]
    return [_read(text, plain, wording) for text, plain, wording in zip(texts, folded, best, strict=True)]


def _prepare(text: str) -> str:
    """Fold a text; one that is no notice by its length or its line breaks has no words to compare."""
    plain = bare(text)
    possible = len(plain) <= _LONGEST and "\n" not in plain and "\r" not in plain
    return fold(plain).strip(" ").rstrip(DOTS) if possible else ""


def _find_candidates(folded: list[str]) -> list[list[Wording]]:
    """Return for each text the wordings that may fit it, as it has their longest fixed words."""
    needles: dict[str, str] = load_compiled()["notices"]
    if len(folded) < _FEW:
        found = (_load_needles().find(text) for text in folded)
        return [sorted(wording for needle in some for wording in _list_behind(needle)) for some in found]
    candidates: list[list[Wording]] = [[] for _ in folded]
    machine = pl.Series([*needles]).implode()
    texts = pl.DataFrame({"text": pl.Series(folded, dtype=pl.String)}).with_row_index("row")
    for some in texts.iter_slices(_SLICE):
        for row, wording in _search(some, machine):
            candidates[row].append(wording)
    return candidates


@cache
def _load_needles() -> Needles:
    return Needles([*load_compiled()["notices"]])


def _search(texts: pl.DataFrame, machine: pl.Series) -> Iterator[tuple[int, Wording]]:
    """Yield the candidates of many texts, those of one text by place."""
    needles = pl.col("text").str.extract_many(machine, overlapping=True).list.unique()
    pairs = texts.with_columns(needle=needles).explode("needle", empty_as_null=True).drop_nulls("needle")
    listed = [(needle, wording) for needle in pairs["needle"].unique() for wording in _list_behind(needle)]
    ends = [(pieces[0].words, pieces[-1].words) for pieces, _ in (cut(wording.words) for _, wording in listed)]
    rows = [(needle, wording.place, *end) for (needle, wording), end in zip(listed, ends, strict=True)]
    fixed = pl.DataFrame(rows, schema=_FIXED, orient="row")
    fits = pl.col("text").str.starts_with(pl.col("first")) & pl.col("text").str.ends_with(pl.col("last"))
    by_place = {wording.place: wording for _, wording in listed}
    found = pairs.join(fixed, on="needle").filter(fits).select("row", "place").sort("row", "place")
    return ((row, by_place[place]) for row, place in found.iter_rows())


@cache
def _list_behind(needle: str) -> tuple[Wording, ...]:
    """Return the wordings whose longest fixed words are these, as `scripts/make_wordings.py` writes them."""
    written = (line.split(" ", 3) for line in load_compiled()["notices"][needle].split("\n"))
    return tuple(Wording(int(place), language, event, words) for place, language, event, words in written)


def _find_fitting(text: str, candidates: list[Wording]) -> list[Wording]:
    """Return the first wording of each language that fits the text; candidates come in the order of the files."""
    fitting: dict[str, Wording] = {}
    for wording in candidates:
        if wording.language not in fitting and _match(wording.words, text) is not None:
            fitting[wording.language] = wording
    return list(fitting.values())


def _rank_languages(fitting: list[list[Wording]]) -> list[str]:
    """Return the languages of these texts, the first by fixed characters that fit, and others that fit well.

    Short wordings of other languages fit by accident, long ones hardly ever: characters tell more than texts do.
    """
    total: Counter[str] = Counter()
    longest: Counter[str] = Counter()
    for wording in (wording for found in fitting for wording in found):
        n_fixed = sum(len(piece.words) for piece in cut(wording.words)[0])
        total[wording.language] += n_fixed
        longest[wording.language] = max(longest[wording.language], n_fixed)
    ranked = sorted(total, key=lambda language: (-total[language], language))
    return [language for language in ranked if language == ranked[0] or longest[language] >= _TELLING]


@cache
def cut(wording: str) -> tuple[tuple[Piece, ...], tuple[str, ...]]:
    """Cut a folded wording into its fixed pieces and the fields between each two of them."""
    pieces: list[Piece] = []
    fields: list[str] = []
    captured: list[Span] = []
    words, *others = FIELD.split(wording)
    for field, value, after in zip(others[::3], others[1::3], others[2::3], strict=True):
        if value is None:
            pieces.append(Piece(words, tuple(captured)))
            fields.append(field)
            captured, words = [], after
        else:
            captured.append((field, len(words), len(words) + len(value)))
            words += value + after
    return (*pieces, Piece(words, tuple(captured))), tuple(fields)


def _match(wording: str, text: str) -> list[Span] | None:
    """Return the fields' places in the text, or None where the wording does not fit."""
    pieces, fields = cut(wording)
    first, last = pieces[0], pieces[-1]
    if not text.startswith(first.words):
        return None
    spans, at = _shift(first, 0), len(first.words)
    for field, piece in zip(fields, pieces[1:], strict=True):
        shortest = at + (field in _PEOPLE)
        found = len(text) - len(piece.words) if piece is last else text.find(piece.words, shortest)
        if not shortest <= found <= at + LIMITS[field] or not text.startswith(piece.words, found):
            return None
        spans += [(field, at, found), *_shift(piece, found)]
        at = found + len(piece.words)
    return spans if at == len(text) else None


def _shift(piece: Piece, at: int) -> list[Span]:
    return [(field, at + start, at + end) for field, start, end in piece.captured]


def _read(text: str, folded: str, wording: Wording | None) -> Notice:
    if wording is None:
        return Notice("unknown")
    values = _read_values(text, folded, wording)
    pronouns = load_pronouns(wording.language)

    def name(printed: str) -> str:
        """Call whoever made the export `You`, whatever the phone's word for it."""
        return YOU if fold(printed) in pronouns else printed

    targets = tuple(name(one) for one in _split(values.get("targets", ""), language=wording.language))
    actor, old, new = (values.get(field) for field in ("actor", "old", "new"))
    return Notice(wording.event, name(actor) if actor else None, targets, old, new, wording.language)


def _read_values(text: str, folded: str, wording: Wording) -> dict[str, str]:
    """Return the fields as printed; where a verb alone says "you", there is nothing printed to take."""
    starts = align(text)[fold(text).index(folded) :]
    spans = _match(wording.words, folded) or ()
    return {
        field: YOU if start == end and field in _PEOPLE else bare(text[starts[start] : starts[end]])
        for field, start, end in spans
    }


def _split(names: str, *, language: str) -> list[str]:
    """Split a list of names at commas and at the language's words for "and"."""
    return [name for part in _joiners(language).split(names) if (name := bare(part))]


@cache
def _joiners(language: str) -> regex.Pattern[str]:
    joiners = sorted([*load_compiled()["languages"][language]["and"], *_COMMAS], key=len, reverse=True)
    return regex.compile("|".join(regex.escape(joiner) for joiner in joiners), regex.IGNORECASE)
