"""The words in a picture, read by Tesseract where it is installed; what is not surely a word is left out.

English is read first, in a fraction of a second. Where that gives no sure words, all installed languages are read
together, then the language of the script found by itself and with English, and the reading with the most sure letters
counts: one language by itself reads its script best, English beside it reads names in Latin letters. Measured by
`benchmarks/read_pictures.py`.
"""

import os
import shutil
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from chatforensics.pictures.decode import Pixels
from chatforensics.pictures.limits import Limits, NotDone, run_program

LANGUAGES = ("eng", "urd", "ben", "pan", "hin")
SCRIPTS = {"ARABIC": "urd", "BENGALI": "ben", "GURMUKHI": "pan", "DEVANAGARI": "hin"}
READING = Limits(cpu_s=20, megabytes=2048, answer_bytes=8 * 1024**2)
ASKING = Limits(cpu_s=5, megabytes=2048, answer_bytes=64 * 1024)
MOST_CHARACTERS = 20_000
SURE = 80.0  # confidence of a word, of 100, from which it counts as read
LEAST_SURE = 6  # letters in sure words, else the picture counts as one without text
LEAST_WORD = 30.0
LIKELY = 75.0  # a line with a word of this confidence is likely to be one of words
MOSTLY = 0.5  # share of letters in sure words from which a page is one of words
MOST_BETWEEN = 2  # unsure lines between two likely ones that are kept
ENOUGH_ENGLISH = 85.0
ENOUGH_SHARE = 0.9
UNSURE = 40.0  # a letter less sure than this counts against a reading
DARK = 128
_FEWER = 0.02  # of two readings as sure as each other, the one with fewer languages counts
_BLOCK_PAGE = "6"
_WORD_LEVEL = "5"
_MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufffc"))


@dataclass(frozen=True)
class Reader:
    """The installed program that reads pictures: its path, its version, and which of our languages it has."""

    command: str
    version: str
    languages: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """What was read: lines of text, with which languages, and the mean confidence of its letters, 0 to 100."""

    text: str
    languages: tuple[str, ...]
    mean_confidence: float


class Word(NamedTuple):
    """One word as the reader printed it, its confidence of 100, and the line it stands in."""

    text: str
    confidence: float
    line: tuple[str, str, str]

    @property
    def n_letters(self) -> int:
        """How many letters and digits it has."""
        return sum(unicodedata.category(letter)[0] in "LMN" for letter in self.text)


@cache
def find_reader() -> Reader | None:
    """Find Tesseract and its languages; none where it is not installed, or knows none of ours."""
    found = shutil.which("tesseract")
    if found is None:
        return None
    command = os.path.abspath(found)  # noqa: PTH100 - a name, not a file to open
    listed = run_program([command, "--list-langs"], b"", limits=ASKING)
    version = run_program([command, "--version"], b"", limits=ASKING)
    if isinstance(listed, NotDone) or isinstance(version, NotDone):
        return None
    names = {line.strip() for line in listed.decode("utf-8", errors="replace").splitlines()}
    languages = tuple(language for language in LANGUAGES if language in names)
    first = version.decode("utf-8", errors="replace").splitlines()[:1]
    return Reader(command, first[0].strip() if first else "unknown", languages) if languages else None


def read_text(pixels: Pixels, *, reader: Reader) -> Reading | NotDone | None:
    """Read the words in a picture.

    The text is what a machine took the picture to say, nothing in it corrected: letters are often taken for others,
    above all in small, slanted or handwritten script and in Nastaliq, and a line may be missing. It cannot show what
    the picture says; compare it with the picture.

    Returns:
        The reading; none where no word is sure, as in a photograph without text; or why it was not read.
    """
    page = _write_page(pixels)
    usual = ("eng",) if "eng" in reader.languages else reader.languages
    words = _read_page(page, usual, reader)
    if isinstance(words, NotDone) or not words or _is_sure(words) or usual == reader.languages:
        return words if isinstance(words, NotDone) else _keep(words, usual)
    every = _read_page(page, reader.languages, reader)
    if isinstance(every, NotDone):
        return every
    readings = {reader.languages: every}
    for languages in _nearer(every, reader):
        nearer = _read_page(page, languages, reader)
        if isinstance(nearer, NotDone):
            return nearer
        readings[languages] = nearer
    if len(readings) == 1 and _count_sure(words) >= LEAST_SURE:
        return _keep(words, usual)
    best = max(readings, key=lambda languages: _weigh(readings[languages]) / len(languages) ** _FEWER)
    return _keep(readings[best], best)


def _nearer(words: Sequence[Word], reader: Reader) -> Iterator[tuple[str, ...]]:
    """Yield the languages to read with again: that of the script found, and with English if it has Latin letters."""
    sure = [word.text for word in words if word.confidence >= SURE]
    letters = Counter(unicodedata.name(letter, "").partition(" ")[0] for text in sure for letter in text)
    known = Counter({language: letters[script] for script, language in SCRIPTS.items() if language in reader.languages})
    for language, n in known.most_common(1):
        if n >= LEAST_SURE:
            yield (language,)
            if letters["LATIN"] >= LEAST_SURE and "eng" in reader.languages:
                yield ("eng", language)


def _write_page(pixels: Pixels) -> bytes:
    """Write the grey pixels as a PGM file, dark letters on a light ground."""
    from PIL import Image, ImageOps, ImageStat

    page = Image.frombytes("L", (pixels.shown_width, pixels.shown_height), pixels.pixels)
    if ImageStat.Stat(page).median[0] < DARK:
        page = ImageOps.invert(page)
    return b"P5\n%d %d\n255\n" % page.size + page.tobytes()


def _read_page(page: bytes, languages: Sequence[str], reader: Reader) -> list[Word] | NotDone:
    command = [reader.command, "stdin", "stdout", "-l", "+".join(languages), "--psm", _BLOCK_PAGE, "tsv"]
    printed = run_program(command, page, limits=READING)
    if isinstance(printed, NotDone):
        return printed
    return list(_parse_words(printed.decode("utf-8", errors="replace")))


def _parse_words(table: str) -> Iterator[Word]:
    for row in table.split("\n"):
        cells = row.split("\t")
        if len(cells) == 12 and cells[0] == _WORD_LEVEL and cells[11].strip():  # noqa: PLR2004 - columns of the table
            try:
                confidence = float(cells[10])
            except ValueError:
                continue
            words = unicodedata.normalize("NFC", cells[11]).translate(_MARKS)
            shown = "".join(letter for letter in words if unicodedata.category(letter) != "Cc").strip()
            if shown:
                yield Word(shown, confidence, (cells[2], cells[3], cells[4]))


def _weigh(words: Sequence[Word]) -> float:
    """Weigh a reading: sure letters count for it, unsure ones against it, and a line that is lost not at all."""
    return sum((word.confidence - UNSURE) * word.n_letters for word in words)


def _mean(words: Sequence[Word]) -> float:
    n_letters = sum(word.n_letters for word in words)
    return sum(word.confidence * word.n_letters for word in words) / n_letters if n_letters else 0.0


def _is_sure(words: Sequence[Word]) -> bool:
    letters = sum(word.n_letters for word in words)
    return _mean(words) >= ENOUGH_ENGLISH and _count_sure(words) >= ENOUGH_SHARE * letters


def _count_sure(words: Sequence[Word]) -> int:
    return sum(word.n_letters for word in words if word.confidence >= SURE and word.n_letters > 1)


def _keep(words: Sequence[Word], languages: tuple[str, ...]) -> Reading | None:
    """Keep the lines and words that are likely to be words; none where nothing is sure."""
    if _count_sure(words) < LEAST_SURE:
        return None
    lines: dict[tuple[str, str, str], list[Word]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    kept = list(_keep_lines(list(lines.values())))
    text = "\n".join(" ".join(word.text for word in line) for line in kept)[:MOST_CHARACTERS]
    return Reading(text, languages, _mean([word for line in kept for word in line]))


def _keep_lines(lines: Sequence[Sequence[Word]]) -> Iterator[list[Word]]:
    """Yield the words of the lines that are likely to be words.

    Where most of a page is sure, an unsure word in a likely line is a word, and so are a few unsure lines between two
    likely ones: it may be the name that matters. Elsewhere it may be foliage.
    """
    words = [word for line in lines for word in line]
    mostly_sure = _count_sure(words) >= MOSTLY * sum(word.n_letters for word in words)
    likely = [place for place, line in enumerate(lines) if _is_likely(line)]
    between = {
        place
        for before, after in pairwise(likely)
        for place in range(before + 1, after)
        if mostly_sure and after - before <= MOST_BETWEEN + 1
    }
    for place in sorted({*likely, *between}):
        least = 0.0 if mostly_sure or _mean(lines[place]) >= LIKELY else LEAST_WORD
        kept = [word for word in lines[place] if word.confidence >= (least if word.n_letters else SURE)]
        if kept:
            yield kept


def _is_likely(line: Sequence[Word]) -> bool:
    return any(word.confidence >= LIKELY and word.n_letters > 1 for word in line)
