"""How well the names that were found agree with those that a reader marked: precision, recall and F1.

Names agree when they are equal without capitals, titles and punctuation, or when the words of one are all words of the
other and hold a word of three letters or a number. A name found twice in one text counts once: the slate holds it once.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import regex

from chatforensics.labelling.directives import all_titles

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]{1,60}")
_KEYCAP = regex.compile("[\ufe0f\u20e3\u200c\u200d.]")
_SHORTEST = 3

Row = Mapping[str, Any]


class Score(NamedTuple):
    """Counts of one comparison and what follows from them; a ratio of nothing is 0."""

    n_found: int
    n_wanted: int
    n_right: int

    @property
    def precision(self) -> float:
        """Return the share of what was found that is wanted."""
        return self.n_right / self.n_found if self.n_found else 0.0

    @property
    def recall(self) -> float:
        """Return the share of what is wanted that was found."""
        return self.n_right / self.n_wanted if self.n_wanted else 0.0

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        both = self.n_found + self.n_wanted
        return 2 * self.n_right / both if both else 0.0


def score_targets(found: Sequence[Sequence[Row]], wanted: Sequence[Sequence[Row]]) -> dict[str, Score]:
    """Compare what was found in each text with what a reader marked there: by `name`, and by `name_and_stance`.

    Args:
        found: for each text the rows of `find_instructions`, with `name` and `stance`.
        wanted: for each text the reader's rows, with the same fields.

    Raises:
        ValueError: the two do not cover the same texts.
    """
    return {
        "name": _score(found, wanted, with_stance=False),
        "name_and_stance": _score(found, wanted, with_stance=True),
    }


def _score(found: Sequence[Sequence[Row]], wanted: Sequence[Sequence[Row]], *, with_stance: bool) -> Score:
    counts = [_compare(one, other, with_stance=with_stance) for one, other in zip(found, wanted, strict=True)]
    return Score(*(sum(column) for column in zip(*counts, strict=True))) if counts else Score(0, 0, 0)


def _compare(found: Iterable[Row], wanted: Iterable[Row], *, with_stance: bool) -> tuple[int, int, int]:
    rows, targets = _once(found, with_stance=with_stance), _once(wanted, with_stance=with_stance, exact=True)
    left, n_right = list(targets), 0
    for exact in (True, False):
        for row in list(rows):
            match = next((target for target in left if _agree(row, target, exact=exact, with_stance=with_stance)), None)
            if match:
                left.remove(match)
                rows.remove(row)
                n_right += 1
    return len(rows) + n_right, len(targets), n_right


def _agree(row: Row, target: Row, *, exact: bool, with_stance: bool) -> bool:
    if with_stance and row["stance"] != target["stance"]:
        return False
    one, other = _words(row["name"]), _words(target["name"])
    return one == other if exact else same_target(row["name"], target["name"])


def _once(rows: Iterable[Row], *, with_stance: bool, exact: bool = False) -> list[Row]:
    """Leave out what repeats a row before or a fuller one: the longest names come first."""
    kept: list[Row] = []
    for row in sorted(rows, key=lambda each: -len(_words(each["name"]))):
        if not any(_agree(row, other, exact=exact, with_stance=with_stance) for other in kept):
            kept.append(row)
    return kept


def same_target(one: str, other: str) -> bool:
    """Tell whether two names agree: equal, or the words of one among those of the other."""
    first, second = _words(one), _words(other)
    shared = first & second
    telling = any(len(word) >= _SHORTEST or word.isdigit() for word in shared)
    return first == second or (telling and shared in (first, second))


def _words(name: str) -> frozenset[str]:
    plain = _KEYCAP.sub("", unicodedata.normalize("NFKC", name).casefold())
    words = frozenset(_WORD.findall(plain))
    return words - all_titles() or words
