"""Names of people and chats as a chart may draw them: readable, in their place, never breaking the picture."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import groupby

import polars as pl
import regex

from chatforensics.figures.fonts import covered, draws_together, shorten
from chatforensics.figures.style import TEXT_PT
from chatforensics.schema import empty
from chatforensics.text import INVISIBLE

# Marks that may stay where a font knows them, and may go where none does: they carry no letter of their own.
_JOINERS = {0x200C, 0x200D, *range(0xFE00, 0xFE10), *range(0x1F3FB, 0x1F400)}
_OVERRIDES = {*range(0x202A, 0x202F)}
_DROPPED = {ord(mark) for mark in INVISIBLE} - _JOINERS - _OVERRIDES
_PILED_MARKS = regex.compile(r"(\p{M}{3})\p{M}+")
_CLUSTER = regex.compile(r"(\P{M})(\p{M}+)")
_LEFT_TO_RIGHT, _ISOLATE, _END_ISOLATE = "\u200e", "\u2068", "\u2069"


def person_names(tables: Mapping[str, pl.DataFrame], person_ids: Iterable[str]) -> dict[str, str]:
    """Return one name per person: the first label as printed, else the pseudonym; namesakes get theirs added."""
    people = tables["people"] if "people" in tables else empty("people")
    pseudonyms = dict(people.select("person_id", pl.col("pseudonym").fill_null(pl.col("person_id"))).iter_rows())
    labels = dict(people.select("person_id", pl.col("labels").list.first()).iter_rows())
    names = {person: plain(labels.get(person) or pseudonyms.get(person, person)) for person in sorted(set(person_ids))}
    bearers = Counter(names.values())
    return {
        person: f"{name} ({pseudonyms.get(person, person)})" if bearers[name] > 1 else name
        for person, name in names.items()
    }


def chat_names(tables: Mapping[str, pl.DataFrame], chat_ids: Iterable[str]) -> dict[str, str]:
    """Return one name per chat: its title, else its kind and id; chats of one title get their ids added."""
    chats = tables["chats"] if "chats" in tables else empty("chats")
    rows = {row["chat_id"]: row for row in chats.iter_rows(named=True)}
    titles = {chat: plain((rows.get(chat) or {}).get("title") or "") for chat in sorted(set(chat_ids))}
    bearers = Counter(titles.values())
    untitled = {chat: f"{(rows.get(chat) or {}).get('kind') or ''} chat {chat}".strip() for chat in titles}
    return {
        chat: untitled[chat] if not title else f"{title} ({chat})" if bearers[title] > 1 else title
        for chat, title in titles.items()
    }


def plain(text: str) -> str:
    """Return the text on one line, with control characters shown as code points such as ⟨U+0007⟩."""
    return _spell(text, known=None)


def drawable(text: str, *, width_mm: float, size: float = TEXT_PT) -> str:
    """Return the text ready to draw: uncovered letters as code points, shortened to fit, its direction isolated.

    A text that starts with Arabic letters would else turn the numbers and arrows after it around.
    """
    spelled = _CLUSTER.sub(_part, _PILED_MARKS.sub(r"\1", _spell(text, known=covered())))
    short = shorten(spelled, width_mm=width_mm, size=size)
    return short if short.isascii() else f"{_LEFT_TO_RIGHT}{_ISOLATE}{short}{_END_ISOLATE}"


def _part(cluster: regex.Match[str]) -> str:
    """Spell the marks of a letter that no font draws together with it, such as a Gujarati mark on an @."""
    return cluster[0] if draws_together(cluster[0]) else cluster[1] + _code_points(cluster[2])


def _spell(text: str, *, known: frozenset[int] | None) -> str:
    kept = (letter for letter in " ".join(text.split()) if not _may_go(ord(letter), known))
    runs = groupby(kept, key=lambda letter: _needs_spelling(letter, known))
    return "".join(_code_points(run) if spelled else "".join(run) for spelled, run in runs)


def _may_go(point: int, known: frozenset[int] | None) -> bool:
    return point in _DROPPED or (known is not None and point in _JOINERS and point not in known)


def _needs_spelling(letter: str, known: frozenset[int] | None) -> bool:
    control = unicodedata.category(letter) in {"Cc", "Cs"} or ord(letter) in _OVERRIDES
    return control or (known is not None and ord(letter) not in known)


def _code_points(letters: Iterable[str]) -> str:
    return "⟨" + " ".join(f"U+{ord(letter):04X}" for letter in letters) + "⟩"
