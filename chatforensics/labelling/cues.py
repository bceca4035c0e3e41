"""Named cues: the words a reader can point at, each with its place in the original text.

A cue is evidence for one of the codebook's labels, or for a group that weighs against them (reported speech,
refusal, one's own choice, something that is no ballot). The patterns are data in `cues/*.toml`; they are bounded, use
no look-around, and therefore mean the same to Polars' linear-time engine, which sifts all texts at once, and to
`regex`, which then finds the exact places in the few texts that are left.
"""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import polars as pl
import regex

from chatforensics.errors import EvidenceError
from chatforensics.labelling.able import find_able
from chatforensics.labelling.sifting import sift
from chatforensics.schema import LABELS

BALLOT = "ballot_context"
VOTE_WORD = "vote_word"
CHOICE = "choice"
NOT_A_BALLOT = "not_a_ballot"
REPORTED = "reported_speech"
REFUSAL = "refusal"
OWN_CHOICE = "own_choice"
RESULT = "result"
NEUTRAL = "neutral"
GROUPS = (BALLOT, VOTE_WORD, CHOICE, NOT_A_BALLOT, REPORTED, REFUSAL, OWN_CHOICE, RESULT, NEUTRAL)

# Cues of these kinds silence a cue of the second kind that begins inside them: "do not vote for" holds no "vote for".
SILENCES: Mapping[str, tuple[str, ...]] = {
    "oppose": ("endorse",),
    REPORTED: ("endorse", "oppose"),
    REFUSAL: ("endorse", "oppose"),
    OWN_CHOICE: ("endorse", "oppose"),
    NEUTRAL: ("endorse", "oppose", "relay"),
}
# Reported speech and refusal go on to the end of their sentence: "a text tells us to select A and to trigger B".
_SENTENCE_LONG = (REPORTED, REFUSAL)
_SENTENCE_END = regex.compile(r"[.!?\n।۔؟]|$")
# Other cues count only beside one of these: every label needs a ballot in view, and most texts have none.
OPENING = (BALLOT, VOTE_WORD, CHOICE, "endorse", "oppose")
# Longer texts are read this far: a bound on time that does not depend on the machine.
READ_CHARACTERS = 20_000
TIMEOUT_S = 20.0


class Cue(NamedTuple):
    """One named pattern and the label or group it speaks for."""

    name: str
    label: str
    pattern: str

    @property
    def concept(self) -> str:
        """Return what the model weighs."""
        return _concept(self.name, label=self.label)

    @property
    def language(self) -> str:
        """Return the language of the cue's file."""
        return self.name.split(".", 1)[0]


class Language(NamedTuple):
    """A language's cues by number, and its stems: a text that holds none of these letters is not searched for them."""

    stems: tuple[str, ...]
    opening: tuple[int, ...]
    closing: tuple[int, ...]


class Hit(NamedTuple):
    """One cue found in a text, from `start` up to `end` in code points."""

    start: int
    end: int
    cue: str
    label: str

    @property
    def concept(self) -> str:
        """Return what the model weighs."""
        return _concept(self.cue, label=self.label)


def _concept(name: str, *, label: str) -> str:
    """Return the label and a cue's name without its language."""
    return f"{label}.{name.split('.', 1)[1]}"


def cue_files() -> list[tuple[str, str]]:
    """Return name and content of each cue file, sorted by name."""
    folder = files("chatforensics.labelling").joinpath("cues")
    found = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name)
    return [(entry.name, entry.read_text(encoding="utf-8")) for entry in found]


def cues_sha256() -> str:
    """Return the SHA-256 of all cue files: a model belongs to the cues it was trained with."""
    digest = hashlib.sha256()
    for name, content in cue_files():
        digest.update(f"{name}\n{content}\n".encode())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def load_cues() -> tuple[Cue, ...]:
    """Return every cue, sorted by name; a name is `language.concept`, and a concept is the same in every language.

    Raises:
        ValueError: a cue speaks for a label that is neither in the codebook nor a group.
    """
    cues = [
        Cue(f"{content['language']}.{entry['name']}", entry["label"], entry["pattern"])
        for content in _contents()
        for entry in content["cue"]
    ]
    for cue in cues:
        if cue.label not in (*LABELS, *GROUPS):
            raise ValueError(f"Cue {cue.name} speaks for {cue.label}, which is no label and no group.")
    return tuple(sorted(cues))


@lru_cache(maxsize=1)
def all_patterns() -> tuple[str, ...]:
    """Return the pattern of every cue, by number."""
    return tuple(cue.pattern for cue in load_cues())


@lru_cache(maxsize=1)
def load_languages() -> tuple[Language, ...]:
    """Return the languages, sorted by name."""
    numbered = list(enumerate(load_cues()))
    return tuple(
        Language(
            stems=tuple(content["stems"]),
            opening=tuple(n for n, cue in numbered if cue.language == content["language"] and cue.label in OPENING),
            closing=tuple(n for n, cue in numbered if cue.language == content["language"] and cue.label not in OPENING),
        )
        for content in sorted(_contents(), key=lambda content: str(content["language"]))
    )


def _contents() -> list[dict[str, Any]]:
    return [_parsed(content) for _, content in cue_files()]


@lru_cache(maxsize=64)
def _parsed(content: str) -> dict[str, Any]:
    return tomllib.loads(content)


@lru_cache(maxsize=2_048)
def compiled(number: int) -> regex.Pattern[str]:
    """Return a cue's pattern, ready to be searched for."""
    return compile_pattern(load_cues()[number].pattern)


@lru_cache(maxsize=10_000)
def compile_pattern(pattern: str) -> regex.Pattern[str]:
    """Return a cue's pattern or one of its alternatives, ready to be searched for."""
    return regex.compile(pattern, regex.IGNORECASE)


def find_cues(text: str) -> list[Hit]:
    """Find the named cues of one text, in the order in which they stand.

    A cue shows that certain words are there. It cannot show what the writer meant by them. Where nothing points to a
    ballot, no cue is reported.
    """
    return find_cues_of_all([text])[0]


def find_cues_of_all(texts: Sequence[str]) -> list[list[Hit]]:
    """Find the named cues of many texts: the same as `find_cues` on each, in less time."""
    read = pl.Series("text", [text[:READ_CHARACTERS] for text in texts], dtype=pl.String)
    able = _find_able(read)
    opening: dict[int, list[int]] = {}
    _sift(read, {n: rows for n, rows in able.items() if load_cues()[n].label in OPENING}, into=opening)
    closing: dict[int, list[int]] = {}
    opened = {
        n: [row for row in rows if row in opening] for n, rows in able.items() if load_cues()[n].label not in OPENING
    }
    _sift(read, opened, into=closing)
    found: list[list[Hit]] = [[] for _ in texts]
    for row, numbers in opening.items():
        found[row] = _hits(texts[row], [*numbers, *closing.get(row, ())])
    return found


def _find_able(texts: pl.Series) -> dict[int, list[int]]:
    """Return the rows of each cue whose text holds a stem of its language and letters of its pattern."""
    spoken = [set(rows.to_list()) for rows in rows_with_stems(texts)]
    held = {n: rows for of, rows in zip(load_languages(), spoken, strict=True) for n in (*of.opening, *of.closing)}
    rows = sorted(set().union(*spoken))
    able: dict[int, list[int]] = {}
    for row, branches in zip(rows, find_able(texts.gather(rows), all_patterns()), strict=True):
        for number in {branch.number for branch in branches}:
            if row in held[number]:
                able.setdefault(number, []).append(row)
    return able


def rows_with_stems(texts: pl.Series) -> list[pl.Series]:
    """Return for each language the rows whose text holds one of its stems."""
    text = pl.col("text").str
    held = texts.to_frame("text").select(
        text.contains_any(list(language.stems), ascii_case_insensitive=True).alias(str(place))
        for place, language in enumerate(load_languages())
    )
    return [column.arg_true() for column in held]


def _sift(texts: pl.Series, able: dict[int, list[int]], *, into: dict[int, list[int]]) -> None:
    """Add to each row the cues that its text may hold."""
    sifted = sift(texts, [(load_cues()[number].pattern, rows) for number, rows in able.items()])
    for number, rows in zip(able, sifted, strict=True):
        for row in rows:
            into.setdefault(row, []).append(number)


def _hits(text: str, numbers: Sequence[int]) -> list[Hit]:
    try:
        hits = [hit for number in numbers for hit in hits_of(text, number)]
    except TimeoutError as error:
        raise EvidenceError("A message took too long to read.", hint="Report its text to the makers.") from error
    return sorted(unsilenced(text, hits)) if any(hit.label in OPENING for hit in hits) else []


def hits_of(text: str, number: int) -> list[Hit]:
    """Return the places of one cue, whatever else stands in the text."""
    cue = load_cues()[number]
    found = compiled(number).finditer(text, 0, READ_CHARACTERS, timeout=TIMEOUT_S)
    return [Hit(match.start(), match.end(), cue.name, cue.label) for match in found if match.end() > match.start()]


def unsilenced(text: str, hits: list[Hit]) -> list[Hit]:
    """Return the hits without those that begin inside one that silences them."""
    reaches = [(other.start, _reach(text, other), SILENCES[other.label]) for other in hits if other.label in SILENCES]
    return [
        hit for hit in hits if not any(hit.label in kinds and start <= hit.start < end for start, end, kinds in reaches)
    ]


def _reach(text: str, hit: Hit) -> int:
    if hit.label not in _SENTENCE_LONG:
        return hit.end
    ending = _SENTENCE_END.search(text, pos=hit.end)
    return ending.start() if ending else hit.end


def prepare() -> None:
    """Prepare every pattern now, so that the first text does not wait for it."""
    find_able(pl.Series("text", [""]), all_patterns())
    for number in range(len(load_cues())):
        compiled(number)
