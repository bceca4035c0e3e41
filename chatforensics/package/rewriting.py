"""Replaces what must not be read in texts, and says where what stays has moved to."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import regex

from chatforensics.package.finding import Entry, Finder, Hit
from chatforensics.package.folding import FREE, SHORT, fold_name
from chatforensics.package.masks import OPENING, Mask, find_masks
from chatforensics.package.needles import is_ordinary
from chatforensics.package.pseudonyms import CODE

BY_HAND = "words"  # the kind of what somebody's own list takes out
WORDS, NOTICE, SENTENCE = "words", "notice", "sentence"
_MARK = regex.compile(rf"\[(?:[a-z-]+ )?P-{CODE}\]|\[postcode\]|\[withheld [0-9]{{1,9}}: [^\]]{{0,500}}\]|P-{CODE}")
_QUOTED = regex.compile(r"“[^“”]{0,5000}”")
_QUOTES = ("''", '""', "‘’", "``")


class Thing(NamedTuple):
    """One thing that is taken out: its kind, why, what stands in for it. Its words are kept elsewhere."""

    kind: str
    reason: str
    token: str


class Edit(NamedTuple):
    """One place that is replaced, in code points of the original."""

    start: int
    end: int
    thing: Thing


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A text as it may be read, and what was replaced in it, in order and apart from each other."""

    text: str
    edits: tuple[Edit, ...] = ()

    @property
    def withheld(self) -> str | None:
        """What stands for a text that is withheld as a whole; none for any other text."""
        return self.text if self.edits and self.edits[0].thing.kind == "message" else None

    def move(self, start: int, end: int) -> tuple[int, int]:
        """Return where a span of the original stands now; one that cuts into what was replaced widens to all of it.

        Positions before what was replaced stay. The span may then mark more words than it did, never fewer.
        """
        first, last = self._place(start), self._place(end)
        if start == end:
            return first[0], first[0]
        return first[0], last[1]

    def _place(self, at: int) -> tuple[int, int]:
        """Return the position as the start and as the end of a span: they differ inside of what was replaced."""
        shift = 0
        for edit in self.edits[: bisect_right(self.edits, at, key=lambda edit: edit.start)]:
            if at < edit.end and edit.start < at:
                return edit.start + shift, edit.start + shift + len(edit.thing.token)
            if at >= edit.end:
                shift += len(edit.thing.token) - (edit.end - edit.start)
        return at + shift, at + shift

    def is_touched(self, start: int, end: int) -> bool:
        """Say whether anything in a span of the original was replaced."""
        return any(edit.start < end and start < edit.end for edit in self.edits)


@dataclass(frozen=True, slots=True)
class Masking:
    """What is masked by its form.

    Attributes:
        name: Returns what stands in for a mask.
        keep: Kinds that are not masked.
        numbers: Known telephone numbers, found however their digits are grouped.
        not_numbers: Ids of messages, which texts may cite.
        ours: Stand-ins that an earlier redaction put in: they stay.
    """

    name: Callable[[Mask], Thing]
    keep: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    not_numbers: frozenset[str] = frozenset()
    ours: frozenset[str] = frozenset()


class Rewriter:
    """Rewrites texts, each once.

    `said` has the words for which each thing stands in; `met` the folded words by hand that stood in any text.
    """

    def __init__(self, finders: Mapping[str, Finder], masking: Masking, *, by_hand: Finder) -> None:
        """Take what is looked for in each manner of text, what is masked by its form, and words by hand.

        The latter are looked for by themselves, so that no longer name, which may stay, stands before them.
        """
        self._finders, self._masking, self._by_hand = finders, masking, by_hand
        self.met: set[str] = set()
        self._done: dict[tuple[str, str], Rewritten] = {}
        self.said: dict[Thing, set[str]] = {}

    def rewrite_all(self, texts: Iterable[str], *, manner: str = WORDS) -> dict[str, Rewritten]:
        """Return each text rewritten.

        Args:
            texts: Any number of times each.
            manner: `words` of people; a `notice`, in which names of one letter or sign count, too; a `sentence` of
                this program, in which single names count only where they are quoted, and words by hand everywhere
                but where they are words that the program uses itself.
        """
        wanted = list(dict.fromkeys(texts))
        new = [text for text in wanted if (manner, text) not in self._done]
        hits = self._finders[manner].find_all(new, tiny=manner != WORDS)
        own = self._by_hand.find_all(new)
        self.met.update(fold_name(hit.entry.printed) for some in own.values() for hit in some)
        for text in new:
            both = [*hits.get(text, []), *own.get(text, [])]
            self._done[manner, text] = self._rewrite(text, both, manner=manner)
        return {text: self._done[manner, text] for text in wanted}

    def rewrite(self, text: str, *, manner: str = WORDS) -> Rewritten:
        """Return one text rewritten; see `rewrite_all`."""
        return self.rewrite_all([text], manner=manner)[text]

    def _rewrite(self, text: str, hits: Sequence[Hit], *, manner: str) -> Rewritten:
        names, masks = list(hits), self._find_masks(text)
        if manner == SENTENCE:
            quotes = [found.span() for found in _QUOTED.finditer(text)]
            names = [hit for hit in names if _is_telling(hit.entry) or _is_quoted(text, hit, quotes)]
            masks = [mask for mask in masks if _is_sure(text, mask, quotes)]
        ours = [found.span() for found in _MARK.finditer(text) if found[0] in self._masking.ours]
        kept = [*ours, *((hit.start, hit.end) for hit in names if hit.entry.token is None)]
        edits = [_edit_of(hit) for hit in names if hit.entry.token is not None]
        edits += [Edit(mask.start, mask.end, self._note(mask, text)) for mask in masks]
        free = [edit for edit in edits if not _is_within(edit, ours if edit.thing.kind == BY_HAND else kept)]
        return _apply(text, _join(free))

    def _find_masks(self, text: str) -> list[Mask]:
        found = find_masks(text, keep=self._masking.keep, known=self._masking.numbers)
        return [mask for mask in found if not (mask.kind == "phone" and mask.plain in self._masking.not_numbers)]

    def _note(self, mask: Mask, text: str) -> Thing:
        thing = self._masking.name(mask)
        words = text[mask.start : mask.end]
        self.said.setdefault(thing, set()).add(words)
        return thing


def _edit_of(hit: Hit) -> Edit:
    entry = hit.entry
    return Edit(hit.start, hit.end, Thing(entry.kind, entry.reason, entry.token or ""))


def _is_within(edit: Edit, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= edit.start and edit.end <= end for start, end in spans)


def _is_telling(entry: Entry) -> bool:
    """Say whether an entry counts in a sentence of this program without quotation marks: it is no word of its own."""
    if entry.kind != BY_HAND:
        return entry.form == FREE
    return entry.form != SHORT and not is_ordinary(fold_name(entry.printed))


def _is_quoted(text: str, hit: Hit, quotes: Sequence[tuple[int, int]]) -> bool:
    around = text[max(hit.start - 1, 0) : hit.start] + text[hit.end : hit.end + 1]
    return around in _QUOTES or any(start < hit.start and hit.end < end for start, end in quotes)


def _is_sure(text: str, mask: Mask, quotes: Sequence[tuple[int, int]]) -> bool:
    """Tell in a sentence of this program what is masked from its own numbers and dates."""
    is_written = text[mask.start : mask.end].lstrip(OPENING)[:1] in "+＋@＠(" or mask.kind == "e-mail"
    return is_written or any(start < mask.start and mask.end < end for start, end in quotes)


def _join(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Return edits apart from each other: those that overlap become one, with what stands in for the longest."""
    joined: list[Edit] = []
    longest = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.end, edit.thing)):
        if joined and edit.start < joined[-1].end:
            before = joined[-1]
            is_longer = edit.end - edit.start > longest
            longest = max(longest, edit.end - edit.start)
            thing = edit.thing if is_longer else before.thing
            joined[-1] = Edit(before.start, max(before.end, edit.end), thing)
        else:
            longest = edit.end - edit.start
            joined.append(edit)
    return tuple(joined)


def _apply(text: str, edits: tuple[Edit, ...]) -> Rewritten:
    parts: list[str] = []
    end = 0
    for edit in edits:
        parts += [text[end : edit.start], edit.thing.token]
        end = edit.end
    return Rewritten("".join([*parts, text[end:]]), edits)


def replace_whole(text: str, thing: Thing) -> Rewritten:
    """Return a text of which nothing stays but what stands in for it."""
    edits = (Edit(0, len(text), thing),) if text else ()
    return Rewritten(thing.token, edits)
