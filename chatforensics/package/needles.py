"""What a search looks for: each secret in the forms in which it could have been written."""

import unicodedata
from dataclasses import dataclass

from chatforensics.package.folding import FREE, SHORT, TINY, WHOLE, count_signs, fold, form_of, is_phrase
from chatforensics.package.hidden import Secret, Secrets
from chatforensics.package.masks import number_of
from chatforensics.package.ordinary import is_own_word

_LONGEST = 200  # folded letters of a secret that are searched for
_LEAST_BYTES = 4
_LONG_LINE = 20  # letters and digits of a withheld line that is searched for in every byte
_LONG_BYTES = 6  # shorter words stand in compressed bytes by chance
_LONG_NUMBER = 7  # digits


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
    have it, `lines` only where they are a whole line of that, `numbers` by their digits; `shown` are folded names that
    stay.
    """

    wide: dict[str, list[Needle]]
    whole: dict[str, list[Needle]]
    cells: dict[str, list[Needle]]
    lines: dict[str, list[Needle]]
    numbers: dict[str, list[Needle]]
    shown: tuple[str, ...]


def make_needles(secrets: Secrets) -> Needles:
    """Sort the secrets by how they can be searched for."""
    made = Needles({}, {}, {}, {}, {}, tuple(sorted({fold(name).strip() for name in secrets.shown} - {""})))
    for secret in secrets.hidden:
        for needle in _forms_of(secret):
            # "ada-byrne" may be a folder that is named for a party, who is shown
            if secret.kind != "file name" or needle.folded not in made.shown:
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
    if needle.secret.kind == "message" and count_signs(needle.folded) < _LONG_LINE:
        return made.cells if is_phrase(needle.folded) else made.lines
    if needle.form in {SHORT, TINY} or is_ordinary(needle.folded):
        return made.cells
    return made.wide if len(needle.folded.encode()) >= _LONG_BYTES else made.whole


def spell_in_bytes(printed: str) -> set[bytes]:
    """Return the first bytes of a secret in the encodings and letter cases in which it could lie in a binary file."""
    cases = {printed, printed.lower(), printed.upper(), printed.casefold(), printed.title(), fold(printed)}
    forms = {unicodedata.normalize(form, one.strip())[:4] for one in cases for form in ("NFC", "NFD", "NFKC")}
    spelled = {form.encode(code, "ignore") for form in forms for code in ("utf-8", "utf-16-le", "utf-16-be", "latin-1")}
    return {one for one in spelled if len(one) >= _LEAST_BYTES}


def is_ordinary(folded: str) -> bool:
    """Say whether folded words are a word of this program's own texts, or a number as short as those that it prints."""
    is_number = folded.isdecimal() and len(folded) < _LONG_NUMBER
    return is_number or is_own_word(folded)


def list_short(secrets: Secrets) -> tuple[int, ...]:
    """Return the redactions whose words are too short, or too ordinary, to be searched for in every byte.

    Words of less than six bytes are looked for in texts only, not in pictures or other bytes. Names of two letters,
    numbers of less than seven digits, and words of this program's own texts, only in what people wrote, as the tables
    have it; names of one letter or only of signs in no running text.
    Lines of withheld messages of less than twenty letters and digits are looked for in what people wrote, too: those
    of one word or less than eight letters only as whole lines.
    """
    made = make_needles(secrets)
    some = [*made.cells.values(), *made.whole.values(), *made.lines.values()]
    return tuple(sorted({needle.secret.number for needles in some for needle in needles}))
