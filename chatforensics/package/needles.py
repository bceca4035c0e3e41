"""What a search looks for: each secret in the forms in which it could have been written."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from chatforensics.package.folding import FREE, SHORT, TINY, WHOLE, fold, form_of
from chatforensics.package.hidden import Secret, Secrets
from chatforensics.package.masks import number_of

_LONGEST = 200  # folded letters of a secret that are searched for
_LEAST_BYTES = 4
_LONG_BYTES = 6  # shorter words stand in compressed bytes by chance
_OWN = ("package", "report", "integrity", "joining", "tablefiles", "workflow", "cli", "schema.py")
_OWN_ENDINGS = (".py", ".j2", ".js", ".css", ".typ", ".md", ".toml")
_DATES = "january february march april may june july august september october november december monday tuesday"
_MORE_DATES = "wednesday thursday friday saturday sunday"
_SPELLED = re.compile(r"(?<![A-Za-z])[a-z]{2,}(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class Needle:
    """One form of a secret: its folded words, and how much of a text they must fill."""

    secret: Secret
    folded: str
    form: str


@dataclass(frozen=True, slots=True)
class Needles:
    """All that is looked for.

    `wide` is found in text and bytes, `whole` as whole words in text, `cells` only in what people wrote, as the tables
    have it, `numbers` by their digits; `shown` are folded names that stay.
    """

    wide: dict[str, list[Needle]]
    whole: dict[str, list[Needle]]
    cells: dict[str, list[Needle]]
    numbers: dict[str, list[Needle]]
    shown: tuple[str, ...]


def make_needles(secrets: Secrets) -> Needles:
    """Sort the secrets by how they can be searched for."""
    made = Needles({}, {}, {}, {}, tuple(sorted({fold(name).strip() for name in secrets.shown} - {""})))
    for secret in secrets.hidden:
        for needle in _forms_of(secret):
            _place(needle, made).setdefault(needle.folded, []).append(needle)
    return made


def _forms_of(secret: Secret) -> list[Needle]:
    if secret.kind == "phone":
        return [Needle(secret, number_of(secret.words), FREE)]
    folded = fold(secret.words).strip()[:_LONGEST]
    if secret.kind == "postcode":
        bare = "".join(folded.split())
        return [Needle(secret, one, WHOLE) for one in dict.fromkeys((bare, f"{bare[:-3]} {bare[-3:]}", folded))]
    is_words = secret.kind in {"name", "words"}
    return [Needle(secret, folded, form_of(secret.words) if is_words else FREE)] if folded else []


def _place(needle: Needle, made: Needles) -> dict[str, list[Needle]]:
    if needle.secret.kind == "phone":
        return made.numbers
    if needle.form in {SHORT, TINY} or is_own_word(needle.folded):
        return made.cells
    return made.wide if len(needle.folded.encode()) >= _LONG_BYTES else made.whole


def spell_in_bytes(printed: str) -> set[bytes]:
    """Return the first bytes of a secret in the encodings and letter cases in which it could lie in a binary file."""
    cases = {printed, printed.lower(), printed.upper(), printed.casefold(), printed.title(), fold(printed)}
    forms = {unicodedata.normalize(form, one.strip())[:4] for one in cases for form in ("NFC", "NFD", "NFKC")}
    spelled = {form.encode(code, "ignore") for form in forms for code in ("utf-8", "utf-16-le", "utf-16-be", "latin-1")}
    return {one for one in spelled if len(one) >= _LEAST_BYTES}


def is_own_word(word: str) -> bool:
    """Say whether a folded word is one that this program prints by itself, such as "may", "mark" or "will"."""
    return word.isascii() and word in _list_own_words()


@cache
def _list_own_words() -> frozenset[str]:
    """Return the words that stand in small letters in the program's own texts, and the names of days and months."""
    root = resources.files("chatforensics")
    words = set(f"{_DATES} {_MORE_DATES}".split())
    for name in _OWN:
        _read_words(root / name, words)
    return frozenset(words)


def _read_words(place: Traversable, words: set[str]) -> None:
    if place.is_dir():
        for inner in place.iterdir():
            _read_words(inner, words)
    elif place.name.endswith(_OWN_ENDINGS):
        words.update(_SPELLED.findall(place.read_text(encoding="utf-8")))


def list_short(secrets: Secrets) -> tuple[int, ...]:
    """Return the redactions whose words are too short, or too ordinary, to be searched for in every byte.

    Words of less than six bytes are looked for in texts only, not in pictures or other bytes. Names of two letters, and
    those that are words of this program's own texts, only in what people wrote, as the tables have it; names of one
    letter or only of signs in no running text.
    """
    made = make_needles(secrets)
    some = [*made.cells.values(), *made.whole.values()]
    return tuple(sorted({needle.secret.number for needles in some for needle in needles}))
