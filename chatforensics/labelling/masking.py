"""Texts prepared for the model: a copy without names, links, numbers and emphasis.

The model must not learn whom a message names. Runs of capitalised words that are no ordinary words become one token,
and so do @mentions and telephone numbers. Names written wholly in small letters, in capitals or in a script without
capitals cannot be told from other rare words: all words that are not ordinary become a second token, so that an unknown
name reads the same whatever its spelling. Words that only lengthen an ordinary one are read as that one.
"""

import unicodedata
from collections.abc import Collection, Sequence

import regex

from chatforensics.labelling.directives import NOT_NAMES
from chatforensics.text import normalise

NAME = "xname"
RARE = "xrare"
LINK = "xlink"
# A text whose letters are mostly capitals says nothing about names by its capitals.
_SHOUTED = 0.6
# Capitals of this length at most ("AGM", "ID") are abbreviations.
_ABBREVIATION = 3

_KEYCAP = regex.compile("\ufe0f?\u20e3")
_LINK = regex.compile(r"(?i)\b(?:https?://|www\.)\S{1,500}|\b[\w.-]{1,60}@[\w.-]{1,60}\.\w{2,8}\b")
_MENTION = regex.compile(r"@\u2068?[~\p{L}\d][\p{L}\p{M}\d_.]{1,40}\u2069?|\+\d[\d\s()-]{6,18}\d")
_WEB = "www."
_EMPHASIS = regex.compile(r"[*_~`]{1,3}")
_PARTICLES = "al|bin|da|de|del|der|dos|van"
_CAPITALISED = r"\p{Lu}[\p{L}\p{M}'’-]{0,40}"
_RUN = regex.compile(rf"{_CAPITALISED}(?: (?:(?:{_PARTICLES}) ){{0,2}}{_CAPITALISED}){{0,9}}")
_LONG_NUMBER = regex.compile(r"\d{2,}")
_RUNS = regex.compile(rf"(?:{NAME}|{RARE})(?:[ ,-]+(?:{NAME}|{RARE}))+")
_WORD = regex.compile(r"(?<![\p{L}\p{M}\d])[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*(?!\d)")
_TOKENS = frozenset({NAME, RARE, LINK})
# A word of an ordinary stem and a short ending is no name: "selecting" beside "select".
_STEM = 5
_ENDING = 3
_DIGITS = {
    ord(digit): str(unicodedata.digit(digit))
    for block in "٠۰०০੦"
    for digit in map(chr, range(ord(block), ord(block) + 10))
}
# Here a text is cut into pieces that are read each for itself: no name goes on behind, and a sentence begins.
_PIECE_ENDS = regex.compile(r"(?<=[.!?:]) |\n")
# Characters that are blanks at an end, but not inside: a text that holds one is not cut.
_SEPARATORS = regex.compile(r"[\x1c-\x1f]")
_SENTENCE_ENDS = frozenset(".!?:;\n•-–—)\"“”‘'>")


def mask_texts(texts: Sequence[str], *, ordinary: Collection[str]) -> list[str]:
    """Return the texts as the model reads them, names masked; `ordinary` holds words that are no names."""
    known = _Pieces(_Readings(ordinary))
    return [_mask(text, known) for text in texts]


def mask_text(text: str, *, ordinary: Collection[str]) -> str:
    """Return one text as the model reads it."""
    return mask_texts([text], ordinary=ordinary)[0]


class _Readings(dict[str, str]):
    """What each stretch between blanks is read as, filled while it is used: distinct stretches are few."""

    def __init__(self, ordinary: Collection[str]) -> None:
        super().__init__()
        self.ordinary = ordinary

    def __missing__(self, stretch: str) -> str:
        """Read a stretch for the first time."""
        self[stretch] = read = _WORD.sub(lambda word: self._read(word[0]), stretch)
        return read

    def _read(self, word: str) -> str:
        bare = word.removesuffix("'s").removesuffix("’s")
        if len(bare) == 1 or word in _TOKENS or word in self.ordinary or bare in self.ordinary:
            return word
        stems = (bare[:-cut] for cut in range(1, _ENDING + 1) if len(bare) - cut >= _STEM)
        return next((stem for stem in stems if stem in self.ordinary), RARE) + word[len(bare) :]


class _Pieces(dict[tuple[str, bool], str]):
    """What each piece of a text is read as, capitals saying something about names or not: many texts share pieces."""

    def __init__(self, readings: _Readings) -> None:
        super().__init__()
        self.readings = readings
        self.counts = _Counts()

    def __missing__(self, key: tuple[str, bool]) -> str:
        """Read a piece for the first time."""
        piece, shouted = key
        piece = piece if piece.isascii() else piece.translate(_DIGITS)
        named = piece if shouted else _mask_capitalised(piece, self.readings.ordinary)
        shaped = _LONG_NUMBER.sub(lambda match: "0" * min(len(match.group()), 6), normalise(named))
        self[key] = read = " ".join(map(self.readings.__getitem__, shaped.split(" ")))
        return read


class _Counts(dict[str, tuple[int, int]]):
    """How many capitals and letters a piece has."""

    def __missing__(self, piece: str) -> tuple[int, int]:
        """Count them for the first time."""
        self[piece] = counted = sum(map(str.isupper, piece)), sum(map(str.isalpha, piece))
        return counted


def _mask(text: str, known: _Pieces) -> str:
    plain = _EMPHASIS.sub("", _KEYCAP.sub(" ", text) if "\u20e3" in text else text)
    if "://" in plain or "@" in plain or _WEB in plain.lower():
        plain = _LINK.sub(f" {LINK} ", plain)
    if "@" in plain or "+" in plain:
        plain = _MENTION.sub(f" {NAME} ", plain)
    pieces = [plain] if _SEPARATORS.search(plain) else _PIECE_ENDS.split(plain)
    shouted = _is_shouted([known.counts[piece] for piece in pieces])
    read = [known[piece, shouted] for piece in pieces]
    return _RUNS.sub(_one_token, " ".join(filter(None, read)))


def _one_token(run: regex.Match[str]) -> str:
    return NAME if NAME in run[0] else RARE


def _is_shouted(counts: Sequence[tuple[int, int]]) -> bool:
    return sum(capitals for capitals, _ in counts) > _SHOUTED * sum(letters for _, letters in counts)


def _mask_capitalised(text: str, ordinary: Collection[str]) -> str:
    return _RUN.sub(lambda run: _mask_run(run.group().split(" "), _opens_sentence(text, run.start()), ordinary), text)


def _mask_run(words: list[str], opens_sentence: bool, ordinary: Collection[str]) -> str:  # noqa: FBT001 - a fact of the run
    """Mask the names of one run of capitalised words.

    Inside a sentence an ordinary word beside an unknown one is part of the name: many a name is an ordinary word in
    some language, and its bearer must not be read otherwise than others. At the start of a sentence it is not.
    """
    unknown = [not _is_ordinary(word, ordinary) for word in words]
    if not any(unknown) or (opens_sentence and len(words) == 1):
        return " ".join(words)
    if opens_sentence:
        return " ".join(NAME if masked else word for word, masked in zip(words, unknown, strict=True))
    return " ".join(word if word.lower() in NOT_NAMES else NAME for word in words)


def _is_ordinary(word: str, ordinary: Collection[str]) -> bool:
    short_capitals = len(word) <= _ABBREVIATION and word.isupper()
    lower = word.lower()
    return short_capitals or lower in ordinary or lower.removesuffix("'s").removesuffix("’s") in ordinary


def _opens_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" ")
    return not before or before[-1] in _SENTENCE_ENDS
