"""What the headers of a text look like, without anybody's names, words, dates or numbers.

Made to be posted when a format is not read: only the form comes out. Digits are 9, letters x, unless they stand between
the numbers of a header's stamp and are a month, a day period or a joining word that the grammar knows.
"""

import unicodedata
from collections.abc import Sequence
from itertools import groupby

import numpy as np
import regex

from chatforensics.errors import ChatForensicsError, UnknownExportFormat
from chatforensics.intake import Content
from chatforensics.parsing.encodings import to_utf8
from chatforensics.parsing.headers import Headers, find_headers
from chatforensics.parsing.shapes import Shape
from chatforensics.parsing.stamps import Form, read_forms
from chatforensics.parsing.timeline import Declared, Timeline, read_timeline
from chatforensics.parsing.words import fold, read_words

_MOST_SHAPES, _MOST_LINES, _LONGEST_LINE = 40, 10, 60
_COMMON = 0.2  # share of the commonest form's lines
_HEAD_BYTES = 1024**2
_FIRST_CHARACTERS = 20  # a digit among them: the line may be meant as a header
_FILE = "the file"
_EDGES = regex.compile(r"^[\p{Cf}]*\[?[\p{Cf}]*|\] ?$| [-\u2013] $|: $")
_NUMBERS = regex.compile(r"(9+)")
_RUNS = regex.compile(r"[\p{L}\p{M}]+|[^\p{L}\p{M}]+")
_LETTERS = regex.compile(r"[\p{L}\p{M}]")
# The words that the evidence for an order of dates is made of; others might be the file's own.
_EVIDENCE = (
    " impossible dates as dmy mdy ymd steps back in time media files of another day nothing decides between and the "
    "locales that print all mean reads alike declared no year is printed tells it declare first message form same "
    "file M "
)
_NONE = "No line looks like the start of a message."


def describe_headers(content: Content) -> str:
    """Describe the distinct forms of header in a text, what was understood of them, and what was not.

    The description holds counts and forms. It shows in which language the phone prints its dates, and which words for
    months and day periods occur; nothing else of what the text says. It does not show that the reading is right.

    Args:
        content: the chat text, whether it can be parsed or not.
    """
    if not len(content):
        return "The text is empty.\n"
    text, _ = to_utf8(content)
    try:
        headers = find_headers(text, name=_FILE)
    except UnknownExportFormat:
        return "\n".join([_NONE, *_describe_lines(text, frozenset())]) + "\n"
    forms, timeline, refused = _understand(headers, text)
    lines = [
        f"Lines that look like the start of a message: {len(headers.rows.offset)}, in {len(headers.shapes)} forms.",
        *([f"Refused: {refused}."] if refused else []),
        *(_describe_order(timeline) if timeline else []),
        "",
        *_describe_shapes(headers, text, forms, timeline),
        *_describe_lines(text, frozenset(headers.rows.line.tolist())),
    ]
    return "\n".join(lines) + "\n"


def _understand(headers: Headers, text: Content) -> tuple[Sequence[Form], Timeline | None, str]:
    """Return the forms and the timeline as far as they can be read, and why not further."""
    try:
        forms = read_forms(headers, name=_FILE)
    except ChatForensicsError:
        return (), None, "a word beside the times is not known"
    try:
        return forms, read_timeline(headers, text, declared=Declared(), name=_FILE), ""
    except ChatForensicsError as error:
        islamic = "Islamic" in str(error)
        return forms, None, "the years are of the Islamic calendar" if islamic else "the dates fit no order"


def _known_gaps(shapes: Sequence[Shape]) -> frozenset[str]:
    """Return the folded texts between numbers that the grammar knows as a whole, by themselves or beside the others."""
    gaps = {fold(gap) for shape in shapes for gap in _gaps(shape)} - {""}
    together = read_words(gaps).unknown
    return frozenset(gap for gap in gaps if gap not in together or not read_words({gap}).unknown)


def _gaps(shape: Shape) -> list[str]:
    return [_EDGES.sub("", gap) for gap in _NUMBERS.split(shape.text)[::2]]


def _describe_order(timeline: Timeline) -> list[str]:
    order = timeline.order
    evidence = regex.sub(r"\p{L}[\p{L}\p{M}]*", _mask_evidence, order.evidence)
    return [
        f"Read as messages: {len(timeline.rows.offset)}; read as text: {len(timeline.alike.offset)}.",
        f"Clock step: {timeline.step_s} s. Dates: {order.order}, {order.verdict} ({spell(evidence)}).",
    ]


def _mask_evidence(word: regex.Match[str]) -> str:
    return word[0] if f" {word[0]} " in _EVIDENCE else "x"


def _describe_shapes(headers: Headers, text: Content, forms: Sequence[Form], timeline: Timeline | None) -> list[str]:
    counts = np.bincount(headers.rows.shape, minlength=len(headers.shapes))
    quoted = np.bincount(timeline.alike.shape, minlength=len(headers.shapes)) if timeline else np.zeros_like(counts)
    # Words of lines that people typed are never printed: where nothing tells, only the common forms are the phone's.
    own = counts > quoted if timeline else counts >= _COMMON * counts.max()
    order = np.argsort(-counts, kind="stable")[:_MOST_SHAPES].tolist()
    known = _known_gaps([headers.shapes[number] for number in order if own[number]])
    lines = []
    for number in order:
        shape, form = headers.shapes[number], forms[number] if forms else None
        first = int(headers.rows.offset[np.argmax(headers.rows.shape == number)])
        told = [*_tell_fields(shape, form), *_tell_digits(text, first, shape)]
        told += [f"{quoted[number]} of them read as text"] if quoted[number] else []
        stamp = mask_stamp(shape, known if own[number] else frozenset())
        lines += [f"{counts[number]} x |{stamp}|", "    " + "; ".join(told)]
    if len(counts) > _MOST_SHAPES:
        lines.append(f"and {len(counts) - _MOST_SHAPES} rarer forms")
    return lines


def mask_stamp(shape: Shape, known: frozenset[str]) -> str:
    """Print a stamp with digits as 9 and with no words but those that are known, marks and odd spaces spelled.

    Args:
        shape: the stamp.
        known: the folded texts between numbers that may be printed.
    """
    parts = _NUMBERS.split(shape.text)
    masked = [gap if fold(_EDGES.sub("", gap)) in known else _mask_words(gap) for gap in parts[::2]]
    numbers = [*parts[1::2], ""]
    return "".join(spell(gap) + number for gap, number in zip(masked, numbers, strict=True))


def _mask_words(gap: str) -> str:
    """Mask words by their length and script."""
    return "".join(_mask_word(run) if _LETTERS.match(run) else _mask_numbers(run) for run in _RUNS.findall(gap))


def _mask_word(word: str) -> str:
    scripts = [(name, len(list(some))) for name, some in groupby(word, key=_script)]
    return "".join(f"x{{{count} {name}}}" for name, count in scripts)


def _script(letter: str) -> str:
    return unicodedata.name(letter, "other").split(" ", 1)[0].split("-", 1)[0].capitalize()


def _mask_numbers(text: str) -> str:
    return "".join("9" if unicodedata.category(letter)[0] == "N" else letter for letter in text)


def mask_words(line: str) -> str:
    """Write every letter as x and every number as 9, other signs as they are, marks and odd spaces spelled."""
    return spell("".join("x" if _LETTERS.match(letter) else _mask_numbers(letter) for letter in line))


def spell(text: str) -> str:
    """Spell invisible marks, odd spaces and controls by code point; pictures and rare signs become an asterisk."""
    return "".join(letter if letter == " " else _spell(letter) for letter in text)


def _spell(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind[0] in "ZC" or letter == "\ufffd":
        return f"<U+{ord(letter):04X}>"
    return "*" if kind[0] == "S" and not letter.isascii() else letter


def _tell_fields(shape: Shape, form: Form | None) -> list[str]:
    date = f"date of {len(shape.dates)} numbers"
    clock = f"time of {len(shape.clock)} numbers" if shape.clock else "no time"
    told = [shape.layout, *([clock, date] if shape.time_first else [date, clock])]
    if form is None:
        return told
    told += [word for word, there in (("month's name", form.month), ("day period", form.period)) if there]
    told += [f"{form.era.calendar} era"] if form.era else []
    return told + (["a word that is not known"] if form.unknown else [])


def _tell_digits(text: Content, offset: int, shape: Shape) -> list[str]:
    """Name the digits of a stamp where they are not ASCII."""
    first = shape.dates[0]
    digit = text[offset + first.start : offset + first.start + first.width].decode(errors="replace")[:1]
    return [] if digit.isascii() else ["digits: " + unicodedata.name(digit, "other").partition(" DIGIT")[0].title()]


def _describe_lines(text: Content, headers: frozenset[int]) -> list[str]:
    """Show the form of the first lines that are no headers: where there are headers, of those with an early digit."""
    lines = text[:_HEAD_BYTES].decode(errors="replace").split("\n")
    others = [line for number, line in enumerate(lines, start=1) if number not in headers and line.strip()]
    if headers:
        others = [line for line in others if any(letter.isdecimal() for letter in line[:_FIRST_CHARACTERS])]
    shown = [mask_words(line.removesuffix("\r")[:_LONGEST_LINE]) for line in others[:_MOST_LINES]]
    return ["", "First lines that are not understood:", *(f"|{line}|" for line in shown)] if shown else []
