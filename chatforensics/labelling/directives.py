"""The wordings of directives that `slates` reads: data of `directives/*.toml`, one file per language, ready for use.

A directive is a pattern with a stance and a place: its names follow it ("vote for A") or precede it ("A ko vote
dein"). Patterns are bounded, so that no text can make them run long. A space in a pattern may be a line break.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import regex

WORD_LISTS = (
    "joins",
    "stops",
    "fillers",
    "ordinary",
    "titles",
    "honorifics",
    "particles",
    "things",
    "numbering",
    "groups",
    "genitives",
)
_TIMEOUT_S = 20.0
# Scripts without capitals that speak for one language here; Arabic script is told apart by letters that Arabic lacks.
_SCRIPTS = {
    "hi": regex.compile(r"\p{Devanagari}"),
    "pa": regex.compile(r"\p{Gurmukhi}"),
    "bn": regex.compile(r"\p{Bengali}"),
}
_ARABIC, _URDU_LETTERS = regex.compile(r"\p{Arabic}{2}"), regex.compile("[ٹڈڑںےگچپکہھی]")
_LATIN_WORD = regex.compile(r"\p{Latin}[\p{Latin}\p{M}'’]*")
# Words of one language are often words of its neighbours; those with half the marks of the best are read too.
_ALSO = 0.6
# With fewer marks than this the language is not sure, and English is read too.
_TELLING = 1.5

# Capitalised words that open sentences and lists of this kind and name nobody; the masker of the model knows them too.
_NOT_NAMES = """
    vote votes voting yes no not for against then step box page ballot question poll final reminder last please and
    the candidate candidates option councillor cllr mr mrs ms dr open selection affirm trigger submit select choose
    tick pick monday tuesday wednesday thursday friday saturday sunday january february march april may june july
    august september october november december today tomorrow nobody nothing everyone anyone i we you he she they it
    this that completely allah i'll i'm whatsapp zoom agm ron nec cross put mark back support rank first second
    third leave do don't them him her affirming voting selecting backing supporting keeping chair treasurer
    secretary president captain team list motion resolution proposal item dear members member friends
"""
NOT_NAMES = frozenset(_NOT_NAMES.split())


@dataclass(frozen=True)
class Directive:
    """One wording: what is to happen to the names, where they stand, and which words may be names there.

    `names` is `capital` (names written as names), `plain` (small letters too) or `thing` (also ordinary words: a
    symbol, a motion). `kind` is `stance`, or `step` for "first paper", "screen 2".
    `place` is `back` where the words mean who was named before ("vote against her"), `all` where they mean all that
    are named ("skip both"); the stance `none` tells nothing of its names ("they say vote for").
    """

    kind: str
    stance: str
    place: str
    names: str


@dataclass(frozen=True)
class Wordings:
    """The wordings of one language, or of several taken together."""

    pattern: regex.Pattern[str]
    directives: tuple[Directive, ...]
    vote: regex.Pattern[str]
    roles: regex.Pattern[str]
    numbers: dict[str, int]
    suffixes: tuple[str, ...]
    joins: frozenset[str]
    stops: frozenset[str]
    fillers: frozenset[str]
    ordinary: frozenset[str]
    titles: frozenset[str]
    honorifics: frozenset[str]
    particles: frozenset[str]
    groups: frozenset[str]
    genitives: frozenset[str]
    things: frozenset[str]
    numbering: frozenset[str]
    numbered_names: bool
    symbols: frozenset[str]
    languages: tuple[str, ...]


@lru_cache(maxsize=1)
def load_languages() -> dict[str, dict[str, Any]]:
    """Return the data of each language by its code, sorted."""
    folder = files("chatforensics.labelling").joinpath("directives")
    entries = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda e: e.name)
    loaded = [tomllib.loads(entry.read_text(encoding="utf-8")) for entry in entries]
    return {language["language"]: language for language in loaded}


def choose_languages(text: str) -> tuple[str, ...]:
    """Return the languages whose wordings are looked for in a text, by its scripts and its small words.

    It tells which patterns to try, nothing about whoever wrote the text.
    """
    chosen = [code for code, letters in _SCRIPTS.items() if letters.search(text)]
    if _ARABIC.search(text):
        chosen.append("ur" if _URDU_LETTERS.search(text) else "ar")
    words = [word.casefold() for word in _LATIN_WORD.findall(text)]
    counts = {code: sum(weights.get(word, 0.0) for word in words) for code, weights in _marks().items()}
    best = max(counts.values())
    chosen += [code for code, count in counts.items() if count and count >= _ALSO * best]
    too_few = words and best < _TELLING and "en" not in chosen
    return (*chosen, "en") if too_few or not chosen else tuple(chosen)


@lru_cache(maxsize=1)
def _marks() -> dict[str, dict[str, float]]:
    """Return each language's small words; one that several languages have counts for each of them in part."""
    marks = {code: set(language["marks"].split()) for code, language in load_languages().items() if "marks" in language}
    shared = Counter(word for words in marks.values() for word in words)
    return {code: {word: 1 / shared[word] for word in words} for code, words in marks.items()}


@lru_cache(maxsize=64)
def load_wordings(languages: tuple[str, ...]) -> Wordings:
    """Return the wordings of these languages taken together."""
    loaded = [load_languages()[code] for code in (*languages, "any")]
    entries = [entry for language in loaded for entry in language["directive"]]
    entries.sort(key=_order_of)
    lists = {name: _words(language.get(name, "") for language in loaded) for name in WORD_LISTS}
    return Wordings(
        pattern=_compile_all(entry["pattern"] for entry in entries),
        directives=tuple(_as_directive(entry) for entry in entries),
        vote=_compile("|".join(language["vote"] for language in loaded)),
        roles=_compile("|".join(language["roles"] for language in loaded)),
        numbers={word: value for language in loaded for word, value in language.get("numbers", {}).items()},
        suffixes=tuple(sorted({end for language in loaded for end in language.get("suffixes", "").split()})),
        numbered_names=any(language.get("numbered_names", False) for language in loaded),
        symbols=frozenset(symbol.strip() for language in loaded for symbol in language.get("symbols", "").split(","))
        - {""},
        languages=languages,
        **lists,
    )


# At one place, what denies is tried before what asks: "do not vote for" before "vote for", and "no to reselection" of
# somebody before "no to".
_ORDER = {"none": 0, "against": 2, "trigger": 3, "for": 4, "step": 5}


def _order_of(entry: dict[str, str]) -> int:
    stance = entry.get("stance", "step")
    return 1 if stance == "trigger" and "place" not in entry else _ORDER[stance]


def _as_directive(entry: dict[str, str]) -> Directive:
    kind = "stance" if "stance" in entry else "step"
    return Directive(kind, entry.get("stance", ""), entry.get("place", "before"), entry.get("names", "capital"))


def _compile_all(patterns: Iterable[str]) -> regex.Pattern[str]:
    return _compile("|".join(f"(?P<d{number}>{pattern})" for number, pattern in enumerate(patterns)))


def _compile(pattern: str) -> regex.Pattern[str]:
    spaced = pattern.replace("[ ", r"[\s").replace(" ?", r"\s{0,3}").replace(" ", r"\s{1,3}")
    return regex.compile(spaced, regex.IGNORECASE)


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word for text in texts for word in text.split())


@lru_cache(maxsize=16)
def common_words(name: str) -> frozenset[str]:
    """Return a list of words that is used whatever the language."""
    return _words([load_languages()["any"][name]])


@lru_cache(maxsize=1)
def ordinary_words() -> frozenset[str]:
    """Return words that are ordinary in texts of this kind: where capitals say nothing, they are no names."""
    lines = files("chatforensics.labelling").joinpath("directives/words.txt").read_text(encoding="utf-8").splitlines()
    return _words(line for line in lines if not line.startswith("#"))


@lru_cache(maxsize=1)
def all_titles() -> frozenset[str]:
    """Return the titles and honorifics of all languages: words beside a name that do not make another person."""
    return _words(language.get(name, "") for language in load_languages().values() for name in ("titles", "honorifics"))


def find_directives(text: str, wordings: Wordings) -> list[tuple[int, int, Directive]]:
    """Find the directives of a text in order: start, end and what it is.

    Raises:
        TimeoutError: the text takes too long, which no text is known to do.
    """
    found = wordings.pattern.finditer(text, timeout=_TIMEOUT_S)
    return [
        (match.start(), match.end(), wordings.directives[int((match.lastgroup or "d0")[1:])])
        for match in found
        if match.end() > match.start()
    ]


RESELECTION = regex.compile(
    r"\btrigger|\bopen (?:selection|contest)|\bfull (?:open )?(?:selection|contest)|\bre-?select|\baffirm|\bautomatic"
    r"|\bgo forward|\brecall|\bstay(?:s|ing)? on\b",
    regex.IGNORECASE,
)
