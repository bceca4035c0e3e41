"""Finds what is masked in texts by its form alone: telephone numbers, e-mail addresses, links, UK postcodes.

A form says what something looks like, not whose it is or whether it is in use. Nothing is derived from the country or
region of a number. Account or order numbers that look like telephone numbers are found as well; what is written in
words ("double seven") or spaced in other ways is not.
"""

import unicodedata
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

import regex

from chatforensics.package.pseudonyms import CODE
from chatforensics.parsing.references import Reference, read_references

KINDS = ("phones", "emails", "urls", "postcodes")
_SHORTEST, _LONGEST = 7, 15  # digits; E.164 allows fifteen
_SECONDS_PER_LETTER = 1e-4

# Every pattern is bounded and starts only where a run of its letters starts, so that its time grows with the text.
_EMAIL = regex.compile(
    r"(?<![\p{L}\p{M}\p{N}._%+'-])[\p{L}\p{M}\p{N}._%+'-]{1,64}+[@＠](?:[\p{L}\p{M}\p{N}-]{1,63}+[.．]){1,8}[\p{L}\p{M}\p{N}-]{1,63}+"
)
_LINK = regex.compile(
    r"(?<![\p{L}\p{N}@.+-])(?:[a-z][a-z0-9+-]{1,15}+:(?://)?+(?=[\p{L}\p{N}])|(?:[\p{L}\p{N}-]{1,63}+\.){1,5}+[a-z]{2,24}(?::\d{1,5})?+/)"
    r"[^\s\x1c-\x1f<>\"“”\u2066-\u2069]{0,2000}",
    regex.IGNORECASE,
)
_SCHEMES = ("http:", "https:", "ftp:", "ftps:", "mailto:", "whatsapp:", "geo:", "tg:", "skype:")
_BARE = regex.compile(
    r"(?<![\p{L}\p{N}@.-])(?:[\p{L}\p{N}-]{1,63}+\.){1,5}?(?:com|org|net|info|example|(?:co|org|gov|ac|nhs)\.uk)(?![\p{L}\p{N}@-]|\.[\p{L}\p{N}])",
    regex.IGNORECASE,
)
_LINK_END = ".,;:!?'*_~)]}’…。،।»）"
_MARKS = r"[\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
_POSTCODE = regex.compile(
    r"(?<![\p{L}\p{N}])(?:gir|[a-pr-uwyz][a-hk-y]?[0-9][0-9abcdefghjkmnpqrstuvwxy]?+)"
    rf"(?:{_MARKS}{{0,2}}[ \u00a0\u2009\u202f]?{_MARKS}{{0,2}})"
    r"[0-9][abd-hjlnp-uw-z]{2}(?![\p{L}\p{N}])",
    regex.IGNORECASE,
)
_ORDINALS = ("st", "nd", "rd", "th")
OPENING = "\u202a\u202b\u2066\u2067\u2068"  # marks of direction that phones put around a number
_CLOSING = dict(zip(OPENING, "\u202c\u202c\u2069\u2069\u2069", strict=True))
_MENTION = regex.compile(r"[@＠]\p{Nd}{7,15}+(?![\p{N}.])")
_GLUED = regex.compile(r"(?<=\p{L})(?:[+＋]\p{Nd}{7,15}+|(?=\p{Nd}{9,15}(?![\p{L}\p{N}_]))0\p{Nd}{8,14}+)(?!\p{N})")
_GAP = rf"(?:{_MARKS}{{0,2}}[ \u00a0\u2007\u2009\u202f.()\-\u2010-\u2013]{{0,2}}{_MARKS}{{0,2}})"
_ROW = regex.compile(rf"(?<!\p{{N}})\p{{Nd}}(?>{_GAP}\p{{Nd}}){{15,400}}")
_WIDE = rf"(?:{_MARKS}|[\s.,*_/()\-\u2010-\u2013]){{0,6}}"
_BETWEEN = rf"(?:{_MARKS}|[\s.,*_/()\-\u2010-\u2013]){{1,4}}+"
_SPACED = regex.compile(
    rf"(?<![\p{{L}}\p{{N}}])(?<!\p{{N}}[.,:/-])(?:[+＋]\p{{Nd}}{{1,4}}|(?=0)\p{{Nd}}{{3,6}}+)(?>{_BETWEEN}\p{{Nd}}{{2,8}}+){{1,5}}(?![\p{{L}}\p{{N}}:])"
)
_MADE_DIGIT = regex.compile(r"[\p{No}\u20e3]")
_GROUP = regex.compile(r"\p{Nd}+")
_LETTER = regex.compile(r"\p{L}")
_NUMBERS = regex.compile(rf"\p{{Nd}}(?>{_WIDE}\p{{Nd}}){{6,400}}")
_MOST_GROUPS = 8  # of digits, in one number
# Names that WhatsApp gives to files, and our own stand-ins: digits in them are no number.
_ON_IPHONES = r"\d{8}-(?:PHOTO|VIDEO|AUDIO|STICKER|GIF|DOC)(?:-\d{2,4}){3,6}"
SENT_NAME = rf"(?:{_ON_IPHONES}|(?:IMG|VID|AUD|PTT|STK|DOC)-\d{{8}}-WA\d{{4,6}})"
_SHIELD = regex.compile(rf"(?<![\p{{L}}\p{{N}}])(?:{SENT_NAME}|P-{CODE})(?![\p{{L}}\p{{N}}])")
_TRUNK = regex.compile(r"\(\s*0\s*\)")


class Mask(NamedTuple):
    """One place that is masked: its kind, its span in code points, and what it says in its plainest form."""

    kind: str
    start: int
    end: int
    plain: str


def find_masks(text: str, *, keep: Collection[str] = (), known: Collection[str] = ()) -> list[Mask]:
    """Find telephone numbers, e-mail addresses, links and UK postcodes in a text, apart from each other, in order.

    `plain` is the number in digits (as `number_of` says), else the text in small letters, a postcode without spaces.

    Args:
        text: As exported, at any length; time grows with the length.
        keep: Kinds that are not looked for, of `phones`, `emails`, `urls`, `postcodes`.
        known: Numbers, as `number_of` gives them, that are found in whatever way their digits are grouped.
    """
    references = read_references(text)
    found = {
        "urls": _find_links(text, references),
        "emails": _find_emails(text),
        "phones": _find_in_plain(text, references, known),
        "postcodes": _find_postcodes(text),
    }
    taken: list[Mask] = [Mask("", *shield.span(), "") for shield in _SHIELD.finditer(text)]
    for kind, masks in found.items():
        taken += [] if kind in keep else _those_apart(taken, masks)
    return sorted((mask for mask in taken if mask.kind), key=lambda mask: mask.start)


def _those_apart(taken: list[Mask], others: Iterable[Mask]) -> list[Mask]:
    """Return those of the others that overlap none of the taken, which are apart from each other."""
    ordered = sorted(taken, key=lambda mask: mask.start)
    starts = [mask.start for mask in ordered]
    free = []
    for other in others:
        before = bisect_left(starts, other.end) - 1  # the last that starts before the other ends
        if before < 0 or ordered[before].end <= other.start:
            free.append(other)
    return free


def _find_in_plain(text: str, references: Sequence[Reference], known: Collection[str]) -> Iterator[Mask]:
    """Find the telephone numbers of a text, those in circled, raised or boxed digits among them."""
    plain, places = plain_digits(text)
    for mask in _find_phones(plain, references if plain is text else read_references(plain), known):
        if plain is not text:
            end = places[mask.end] if mask.end < len(places) else len(text)
            behind = text[places[mask.end - 1] + 1 : end]  # nothing but what makes the last digit a boxed one
            yield mask._replace(start=places[mask.start], end=end - len(behind.lstrip("\ufe0f\u20e3")))
        else:
            yield mask


def plain_digits(text: str) -> tuple[str, Sequence[int]]:
    """Return a text with digits of every kind as such, and where each of its characters stood."""
    if not _MADE_DIGIT.search(text):
        return text, range(len(text))
    kept = [place for place, letter in enumerate(text) if letter not in "\ufe0f\u20e3"]
    return "".join(_as_digit(text[place]) for place in kept), kept


def _as_digit(letter: str) -> str:
    digit = unicodedata.digit(letter, None)
    return letter if digit is None or letter.isdecimal() else str(digit)


def _find_spaced(text: str) -> Iterator[tuple[int, int]]:
    """Find numbers with commas, strokes, several spaces or a new line between their groups of digits."""
    for found in _SPACED.finditer(text, timeout=_patience(text)):
        n_digits = len(digits_of(found[0]))
        if n_digits in (range(9, _LONGEST + 1) if found[0][0] in "+＋" else range(10, 12)):
            yield found.span()


def _find_phones(text: str, references: Sequence[Reference], known: Collection[str]) -> Iterator[Mask]:
    """Find the telephone numbers of a text, WhatsApp's mentions by number among them, in any digits."""
    spans = {(one.start, one.end) for one in references if one.reference != "link"}
    for pattern in (_MENTION, _GLUED):
        spans.update(found.span() for found in pattern.finditer(text, timeout=_patience(text)))
    spans.update(_part_rows(text))
    spans.update(_find_spaced(text))
    if known:
        spans.update((start, end) for start, end, number in list_numbers(text) if number in known)
    end = 0
    for start, stop in sorted(spans, key=lambda span: (span[0], -span[1])):
        words = text[start:stop]
        if start >= end and _SHORTEST <= len(digits_of(words)) <= _LONGEST + 2 and not _LETTER.search(words):
            first, end = _with_marks(text, start, stop)
            yield Mask("phone", first, end, number_of(words))


def _with_marks(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the place of a number with the pairs of marks that wrap nothing but it."""
    while start and end < len(text) and _CLOSING.get(text[start - 1]) == text[end]:
        start, end = start - 1, end + 1
    return start, end


def _part_rows(text: str) -> Iterator[tuple[int, int]]:
    """Find the numbers in a row of several that begin with a zero each, as "07700 900123 07700 900124"."""
    for row in _ROW.finditer(text, timeout=_patience(text)):
        groups = [(found.start() + row.start(), found.end() + row.start()) for found in _GROUP.finditer(row[0])]
        firsts = [number for number, (start, _) in enumerate(groups) if unicodedata.digit(text[start]) == 0]
        for first, after in zip(firsts, [*firsts[1:], len(groups)][: len(firsts)], strict=True):
            span = groups[first][0], groups[after - 1][1]
            if 9 <= len(digits_of(text[slice(*span)])) <= _LONGEST:  # noqa: PLR2004 - the shortest with its zero
                yield span


def list_numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Give each row of groups of digits that could be read as one number: its place, and the number in digits."""
    text, places = plain_digits(text)
    for run in _NUMBERS.finditer(text, timeout=_patience(text)):
        groups = [found.span() for found in _GROUP.finditer(run[0])]
        for first, (start, _) in enumerate(groups):
            for _, end in groups[first : first + _MOST_GROUPS]:
                words = run[0][start:end]
                if _SHORTEST <= len(digits_of(words)) <= _LONGEST + 2:
                    yield places[run.start() + start], places[run.start() + end - 1] + 1, number_of(words)


def digits_of(text: str) -> str:
    """Return the digits of a text as 0 to 9, whatever their script."""
    if text.isascii():
        return "".join(filter(str.isdecimal, text))
    return "".join(str(unicodedata.decimal(letter)) for letter in text if letter.isdecimal())


def number_of(text: str) -> str:
    """Return a number so that its usual writings are alike: digits without a plus, leading zeros or a zero in brackets.

    A number written with and without the code of its country stays two numbers: the country is not guessed.
    """
    digits = digits_of(_TRUNK.sub("", text))
    bare = digits.lstrip("0")
    return bare if len(bare) >= _SHORTEST else digits


def _patience(text: str) -> float:
    return 1 + len(text) * _SECONDS_PER_LETTER


def _find_emails(text: str) -> Iterator[Mask]:
    if "@" in text or "＠" in text:
        for found in _EMAIL.finditer(text, timeout=_patience(text)):
            plain = found[0].rstrip("-'")
            yield Mask("e-mail", found.start(), found.start() + len(plain), plain.lower())


def _find_links(text: str, references: Sequence[Reference]) -> Iterator[Mask]:
    spans = [(one.start, one.end) for one in references if one.reference == "link"]
    if "." in text or ":" in text:
        spans += [_cut_end(found) for found in _LINK.finditer(text, timeout=_patience(text)) if _is_link(found[0])]
        spans += [found.span() for found in _BARE.finditer(text, timeout=_patience(text))]
    end = 0
    for start, stop in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= end and stop > start:
            end = stop
            yield Mask("link", start, stop, text[start:stop].lower())


def _is_link(words: str) -> bool:
    """Tell a link from words with a colon ("note:yes") or a stroke ("yes/no")."""
    head = words.lower()
    return "://" in head or head.startswith(_SCHEMES) or ("/" in head and "." in head.partition("/")[0])


def _cut_end(found: "regex.Match[str]") -> tuple[int, int]:
    return found.start(), found.start() + len(found[0].rstrip(_LINK_END))


def _find_postcodes(text: str) -> Iterator[Mask]:
    for found in _POSTCODE.finditer(text, timeout=_patience(text)):
        plain = "".join(letter for letter in found[0].lower() if letter.isalnum())
        if found[0].isupper() or not plain.endswith(_ORDINALS):
            yield Mask("postcode", found.start(), found.end(), plain)
