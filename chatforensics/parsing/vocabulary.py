"""The vocabulary of time stamps in all locales: words, digits and date forms, loaded when first asked for.

`grammar/cldr.json` is made from CLDR by `scripts/make_grammar.py`; `grammar/words.toml` holds by hand what CLDR lacks.
"""

import json
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache, reduce
from importlib import resources
from typing import Any, NamedTuple

import regex

from chatforensics.parsing.grammar import load_grammar
from chatforensics.text import INVISIBLE

HALF_DAY, DAY = 720, 1440  # minutes
HAND_TIER, ERA_TIER, WORST_TIER = 2, 3, 9
_HALVES = ((0, "am"), (1, "pm"))  # the first ranges in cldr.json
_QUOTES = dict.fromkeys(map(ord, "״”“„«»"), '"') | dict.fromkeys(map(ord, "׳’‘ʼʻ`´"), "'")
_SILENT = dict.fromkeys(
    [*map(ord, INVISIBLE), 0xAD, 0x61C, 0x307, *range(0x180B, 0x180F)]
)  # and the dot that lower case İ leaves
_DROPPED = dict.fromkeys(map(ord, ".,،、。:;؛/\\-‐‑‒–—−·・‧՝։፣።፡᠂᠃⹁()"))
_FOLDED = _SILENT | _QUOTES | _DROPPED
_SPACES = regex.compile(r"\s+")

Ranges = tuple[tuple[int, int], ...]


class Era(NamedTuple):
    """A way to count years: Gregorian year = printed year + offset (None: its dates cannot be read)."""

    calendar: str
    offset: int | None


class Meaning(NamedTuple):
    """What a word, or a whole gap, says; all empty means that it merely joins."""

    month: int = 0
    period: int = -1  # index of its ranges
    beside_month: bool = False  # joins only next to a month's name, like "de" in "1 de mayo"


class Vocabulary(NamedTuple):
    """All words of all locales; a set of locale groups is a bit mask."""

    words: dict[
        str, str
    ]  # folded without spaces: meanings as `_read_meaning` reads them, each with the sets that hold it
    masks: dict[tuple[str, str], int]  # kind of set (m, p, j) and its number to the groups that share it
    hand: dict[str, list[tuple[Meaning, int]]]
    ranges: list[Ranges]
    groups: list[str]
    phones: int  # the groups of languages that phones can be set to

    @property
    def everyone(self) -> int:
        """Return the set of all groups."""
        return (1 << len(self.groups)) - 1


@lru_cache(maxsize=65_536)
def fold(gap: str) -> str:
    """Return what is printed between two numbers of a stamp as it is compared.

    Lower case, without invisible marks, dots, commas, slashes and hyphens; quotation marks alike, spaces folded. This
    goes further than `grammar.fold`: `P.M.` and `pm` are one word here, and nobody asks where its letters stood.
    """
    text = unicodedata.normalize("NFKC", gap.translate(_QUOTES | _SILENT)).lower().translate(_FOLDED)
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip()


@cache
def load_cldr() -> dict[str, Any]:
    """Load what `scripts/make_grammar.py` drew from CLDR."""
    source = resources.files("chatforensics.parsing") / "grammar" / "cldr.json"
    loaded: dict[str, Any] = json.loads(source.read_bytes())
    return loaded


@cache
def load_vocabulary() -> Vocabulary:
    """Load the words of all locales."""
    cldr, known = load_cldr(), load_grammar("words")
    masks: dict[tuple[str, str], int] = {}
    phones, languages = 0, set(known["locales"]["phones"].split())
    for bit, (names, *numbers, _) in enumerate(cldr["groups"]):
        for kind, number in zip("mpj", numbers, strict=True):
            masks[kind, str(number)] = masks.get((kind, str(number)), 0) | 1 << bit
        phones |= any(name.split("_")[0] in languages for name in names.split(" ")) << bit
    ranges = [tuple((start, end) for start, end in some) for some in cldr["ranges"]]
    groups = [names.partition(" ")[0] for names, *_ in cldr["groups"]]
    words = dict(entry.split(":") for entry in cldr["words"].split("|"))
    return Vocabulary(words, masks, _read_hand_words(known), ranges, groups, phones)


def _read_hand_words(known: dict[str, Any]) -> dict[str, list[tuple[Meaning, int]]]:
    hand: dict[str, list[tuple[Meaning, int]]] = {}
    meant = [(word, Meaning(period=number), HAND_TIER) for number, half in _HALVES for word in known["periods"][half]]
    meant += [(word, Meaning(), HAND_TIER) for word in known["joiners"]["words"]]
    meant += [(word, Meaning(), WORST_TIER) for word in load_eras()]
    for word, meaning, tier in meant:
        hand.setdefault(fold(word).replace(" ", ""), []).append((meaning, tier))
    return hand


@lru_cache(maxsize=4096)
def find_word(word: str) -> list[tuple[Meaning, int, int]]:
    """Return all meanings of a word, each with its tier (1 is best) and the groups that mean it so."""
    vocabulary = load_vocabulary()
    found = [(meaning, tier, vocabulary.everyone) for meaning, tier in vocabulary.hand.get(word, ())]
    for entry in vocabulary.words[word].split(";") if word in vocabulary.words else ():
        meant, *numbers = entry.split(" ")
        groups = reduce(int.__or__, (vocabulary.masks[meant[0], number] for number in numbers))
        found.append((*_read_meaning(meant), groups))
    return found


def _read_meaning(meant: str) -> tuple[Meaning, int]:
    """Read m3 (March), p0.1 (day period with ranges 0, tier 1) or j with its kind (n anywhere, m at months, e era)."""
    if meant[0] == "m":
        return Meaning(month=int(meant[1:])), 1
    if meant[0] == "p":
        ranges, tier = meant[1:].split(".")
        return Meaning(period=int(ranges)), int(tier)
    return Meaning(beside_month=meant == "jm"), ERA_TIER if meant == "je" else 1


@cache
def load_eras() -> dict[str, Era]:
    """Load the marks of eras other than the Gregorian, folded and without spaces."""
    eras = load_grammar("words")["eras"]
    return {
        fold(word).replace(" ", ""): Era(era["calendar"], era.get("offset")) for era in eras for word in era["words"]
    }


def zero_digits() -> tuple[str, ...]:
    """Return the zero of every decimal digit system; its nine other digits follow it in Unicode."""
    return tuple(load_cldr()["zeros"])


def fold_form(form: str) -> str:
    """Return a date form as it is compared: numbers, month names (M) and separators, without words and marks."""
    plain = unicodedata.normalize("NFKC", form).translate(_SILENT)
    plain = regex.sub(r"[^9M./\-]+", " ", regex.sub(r"[^\W\dM]\w*", " ", plain))
    return regex.sub(r" (?=[./-])", "", plain).strip(" ./-")


@lru_cache(maxsize=4096)
def date_orders(form: str, *, locales: tuple[str, ...] | None = None) -> Mapping[str, int]:
    """Tell in which order of day, month and year the locales of the world print a date of this form.

    This says how common an order is among locales, not among people, and proves nothing about one file.

    Args:
        form: the printed date with 9 for one or two digits, 9999 for four and M for a month's name ("9. M 9999").
        locales: count these groups only, as `read_words` names them.

    Returns:
        Order (dmy, mdy, ymd, ydm; dm and md without a year) to number of CLDR locales; empty for an unknown form.
    """
    cldr = load_cldr()
    counts: dict[str, int] = {}
    wanted = fold_form(form)
    for names, *_, dates in cldr["groups"]:
        members = names.split(" ")
        if locales is None or members[0] in locales:
            for entry in cldr["dates"][dates].split("|"):
                shape, order = entry.split(":")
                if shape == wanted:
                    counts[order] = counts.get(order, 0) + len(members)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
