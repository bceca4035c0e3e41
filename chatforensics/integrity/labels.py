"""Sender labels of one export that are told apart by what the eye does not see."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, islice, zip_longest

import polars as pl

from chatforensics.integrity.evidence import INFO, UNEXPLAINED, Evidence, Indicator, Observation
from chatforensics.integrity.lookalikes import draw, fold_form, spell, strip_unseen
from chatforensics.integrity.telling import first_lines, say_count, say_label

_FEWEST_DIGITS = 7
_MOST_PAIRS = 20


def find_drift(evidence: Evidence) -> Iterator[Observation]:
    """Tell two sender labels that are one number, or that look alike; never a single label for its letters.

    This cannot tell one person under two labels from two people.
    """
    seen: set[frozenset[str]] = set()
    for key, level, what in _WAYS:
        for pair in islice(_collide(list(evidence.senders), key), _MOST_PAIRS):
            if frozenset(pair) not in seen:
                seen.add(frozenset(pair))
                yield _tell(_count_posts(evidence, pair), level, what)


def _count_posts(evidence: Evidence, labels: Sequence[str]) -> pl.DataFrame:
    """Return how many messages each of some labels has, and the line of the first."""
    posts = evidence.messages.lazy().filter(pl.col("sender_label").is_in(labels)).group_by("sender_label")
    return posts.agg(n=pl.len(), line=pl.col("line").min()).sort("sender_label").collect()


def _collide(labels: Sequence[str], key: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of labels that are one by a key."""
    same: dict[str, list[str]] = {}
    for label in labels:
        if folded := key(label):
            same.setdefault(folded, []).append(label)
    for group in same.values():
        yield from combinations(group, 2)


def _number(label: str) -> str:
    """Return the digits of a label that is a phone number; the region is never guessed."""
    plain = strip_unseen(label).strip("~ ")
    digits = "".join(letter for letter in plain if letter in "0123456789").removeprefix("00")
    punctuation = set(plain) <= set("+()-. 0123456789")
    return digits if punctuation and len(digits) >= _FEWEST_DIGITS else ""


# The first way in which two labels are one is told.
_WAYS: tuple[tuple[Callable[[str], str], str, str], ...] = (
    (_number, UNEXPLAINED, "one phone number in two forms"),
    (strip_unseen, UNEXPLAINED, "alike but for marks or spaces that do not show"),
    (draw, UNEXPLAINED, "alike to the eye, in different letters"),
    (fold_form, INFO, "alike but for capitals or the form of letters"),
)


def _tell(pair: pl.DataFrame, level: str, what: str) -> Observation:
    (one, n_one), (other, n_other) = pair.select("sender_label", "n").iter_rows()
    differ = [
        spell(letter) for two in zip_longest(one, other, fillvalue="") if two[0] != two[1] for letter in two if letter
    ]
    where = f"; the first difference: {' and '.join(differ[:2])}" if differ else ""
    value = (
        f"{say_label(one)} ({say_count(n_one, 'message')}) and {say_label(other)} ({say_count(n_other, 'message')}): "
        f"{what}{where}."
    )
    return Observation(level, value, first_lines(pair))


LABELS: Mapping[str, Indicator] = {
    "I-20": Indicator(
        title="Two sender labels that look like one",
        find=find_drift,
        why=(
            "A phone prints everybody under one label throughout an export. Two labels that a reader takes for "
            "one may give one person's words to another, or one person two voices. Only pairs within this export "
            "are compared; no label is odd by itself, in whatever script."
        ),
        innocent=(
            "Two people of one name, saved with a space or a capital more to tell them apart; one person with two "
            "accounts, saved twice; somebody who takes another's name in jest; a number saved as a name."
        ),
        resolve="The contact details of both on the phone, which show their numbers; the export of another member.",
    ),
}
