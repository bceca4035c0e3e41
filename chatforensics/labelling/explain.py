"""Why a text was labelled: the words that carried the label, as places, and one sentence for a lay reader."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import regex

from chatforensics.labelling import cues
from chatforensics.labelling.cues import Hit
from chatforensics.labelling.leaving import find_cues_without, write_out
from chatforensics.labelling.model import DIRECTIONS, Model, estimate_with, load_model
from chatforensics.schema import SLATE_LABEL

MEANINGS: Mapping[str, str] = {
    SLATE_LABEL: "tells the reader how to vote",
    "endorse": "asks for support of a person, list or option",
    "oppose": "asks to vote against, leave off or trigger a person or option",
    "procedure": "explains how to cast the vote",
    "mobilise": "asks to take part in a ballot",
    "remind": "reminds of a ballot or presses with a deadline",
    "relay": "asks to pass it on",
    "conceal": "asks to delete it or to keep it secret",
    "bloc_appeal": "speaks to a group as a block of votes",
    "recruit": "asks to sign people up so that they can vote",
    "vote_handling": "asks for a vote to be handed over or filled in by another",
    "pressure": "offers something for a vote or threatens",
}
WEIGHED = "weight of the words"
_LETTER = regex.compile(r"[\p{L}\p{M}]")
_LETTERS = regex.compile(r"[\p{L}\p{M}]+")
_WORD_BEFORE = regex.compile(r"[\p{L}\p{M}]+$")
_IN_VIEW = (cues.BALLOT, cues.VOTE_WORD)
_AGAINST = {
    cues.NOT_A_BALLOT: "it may be no ballot",
    cues.REPORTED: "it may be reported speech",
    cues.REFUSAL: "it may be refused or disputed",
    cues.OWN_CHOICE: "it may be somebody's own choice",
    cues.RESULT: "it may be a result or news",
    cues.NEUTRAL: "it may name nobody",
}
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}#@][\p{L}\p{M}\p{N}'’]*")
# Words are left out one by one only in this many first words (fewer in a long text, which is read again for each), and
# a word counts from this fall of the probability on.
_WORDS_TRIED = 80
_CHARACTERS_TRIED = 200_000
_LEAST_FALL = 0.05
_CHARACTERS_TOGETHER = 4_000_000
_WORDS_SHOWN = 3
_QUOTES = 3
_LONGEST_QUOTE = 60
_WORD_REST = 20  # a cue that ends inside a word is quoted with at most this much of its rest
_EDGE_MARKS = " :;,.-–—*_~>|"

Span = dict[str, Any]


def places_of(hits: Sequence[Hit], *, label: str) -> list[Span]:
    """Return the places that speak for a label, each once; for `slate_instruction`, those of `endorse` and `oppose`."""
    wanted = DIRECTIONS if label == SLATE_LABEL else (label,)
    first = {(hit.start, hit.end): hit for hit in reversed(hits) if hit.label in wanted}
    return [{"start": hit.start, "end": hit.end, "cue": hit.cue} for hit in sorted(first.values())]


def weigh_words(text: str, *, labels: Sequence[str], model: Model | None = None) -> dict[str, list[Span]]:
    """Return for each label the words without which its probability falls most.

    For labels that no named cue carries. A word is left out, and the rest is read again; words that only count
    together are not found in this way.
    """
    return weigh_words_of_all([text], labels=[labels], model=model)[0]


def weigh_words_of_all(
    texts: Sequence[str], *, labels: Sequence[Sequence[str]], model: Model | None = None
) -> list[dict[str, list[Span]]]:
    """Return for each text and each of its labels the same as `weigh_words`, in less time."""
    model, found = model or load_model(), []
    words = [_words_tried(text) for text in texts]
    for some in _portions([(len(text) + 1) * (len(tried) + 1) for text, tried in zip(texts, words, strict=True)]):
        read = [each for row in some for each in write_out(texts[row], words[row])]
        cues_of = find_cues_without([texts[row] for row in some], [words[row] for row in some])
        probabilities = estimate_with(read, [each for of in cues_of for each in of], model=model)
        place = 0
        for row in some:
            mine = slice(place, place + len(words[row]) + 1)
            found.append({label: _heaviest(probabilities[label][mine].tolist(), words[row]) for label in labels[row]})
            place = mine.stop
    return found


def _portions(sizes: Sequence[int]) -> Iterator[range]:
    """Yield stretches of rows that are read together: tables of all their words at once would not fit in memory."""
    start = held = 0
    for row, size in enumerate(sizes):
        if held and held + size > _CHARACTERS_TOGETHER:
            yield range(start, row)
            start, held = row, 0
        held += size
    if held:
        yield range(start, len(sizes))


def _words_tried(text: str) -> list[tuple[int, int]]:
    n_tried = min(_WORDS_TRIED, _CHARACTERS_TRIED // max(len(text[: cues.READ_CHARACTERS]), 1))
    return [match.span() for match in islice(_WORD.finditer(text, 0, cues.READ_CHARACTERS), n_tried)]


def _heaviest(probabilities: Sequence[float], words: Sequence[tuple[int, int]]) -> list[Span]:
    falls = sorted(
        ((probabilities[0] - rest, place) for rest, place in zip(probabilities[1:], words, strict=True)), reverse=True
    )
    chosen = sorted(place for fall, place in falls[:_WORDS_SHOWN] if fall >= _LEAST_FALL)
    return [{"start": start, "end": end, "cue": WEIGHED} for start, end in chosen]


def explain(text: str, hits: Sequence[Hit], *, label: str, decision: str, spans: Sequence[Mapping[str, Any]]) -> str:
    """Say in one or two sentences why a label was decided; it says what the words ask, never what was meant."""
    opening = "It" if decision == "flag" else "A person should look: it may be that it"
    parts = [f"{opening} {MEANINGS[label]}{_because(text, spans)}."]
    in_view = [hit for hit in hits if hit.label in _IN_VIEW]
    if in_view:
        parts.append(f"A ballot is in view: {_quote(text, in_view)}.")
    parts += [f"Against it: {sentence}, {_quote(text, found)}." for sentence, found in _doubts(hits)]
    return " ".join(parts)


def _because(text: str, spans: Sequence[Mapping[str, Any]]) -> str:
    places = [Hit(int(span["start"]), int(span["end"]), str(span["cue"]), "") for span in spans]
    return f", by the words {_quote(text, places)}" if places else ", by all its words together"


def _doubts(hits: Sequence[Hit]) -> Iterator[tuple[str, list[Hit]]]:
    for group, sentence in _AGAINST.items():
        found = [hit for hit in hits if hit.label == group]
        if found:
            yield sentence, found


def _quote(text: str, hits: Sequence[Hit]) -> str:
    quoted = dict.fromkeys(_shorten(text[start:end]) for start, end in _whole_places(text, hits))
    return ", ".join(f"“{words}”" for words in list(quoted)[:_QUOTES])


def _shorten(words: str) -> str:
    plain = " ".join(words.split())
    plain = plain.strip(_EDGE_MARKS) or plain
    return plain if len(plain) <= _LONGEST_QUOTE else f"{plain[:_LONGEST_QUOTE]}…"


def _whole_places(text: str, hits: Sequence[Hit]) -> list[tuple[int, int]]:
    """Return the places with the rest of a word that they cut, those that overlap as one: nothing is quoted twice."""
    places: list[tuple[int, int]] = []
    for start, end in sorted((_word_start(text, hit.start), _word_end(text, hit.end)) for hit in hits):
        if places and start < places[-1][1]:
            places[-1] = (places[-1][0], max(end, places[-1][1]))
        else:
            places.append((start, end))
    return places


def _word_start(text: str, at: int) -> int:
    """Return where the first word of a cue begins; of a cue that only leans on a word's last letter, behind it."""
    cut = _WORD_BEFORE.search(text, max(0, at - _WORD_REST), at) if _LETTER.match(text, at) else None
    if cut is None:
        return at
    return cut.start() if _LETTER.match(text, at + 1) else at + 1


def _word_end(text: str, at: int) -> int:
    """Return where the last word of a cue ends; of a cue that only leans on a word's first letter, before it."""
    cut = _LETTERS.match(text, at, at + _WORD_REST) if at and _LETTER.match(text, at - 1) else None
    if cut is None:
        return at
    return cut.end() if at > 1 and _LETTER.match(text, at - 2) else at - 1
