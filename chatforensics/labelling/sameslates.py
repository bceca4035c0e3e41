"""The same slate in another wording, order or language: families linked by the sets of names that they carry.

A family's slate is the set of its names, each with its side: for, or against (to trigger a ballot is against). Names
are compared as spellings (`spelling`): titles off, across scripts, and a lone first name or surname stands for the
one full name of the case that holds it. Two slates are the same where at least two thirds of all their names are
shared with equal side, and at least two of them. One name alone is what many people say by themselves; two such texts
are linked only where both state the same contest. Of many families with one slate each is linked to the first, so
that the table grows with the families, not with their pairs.

A link says that two texts name the same people. It cannot show that one was made from the other: two people may hold
the same slate independently, for instance because a body published it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import polars as pl

from chatforensics.labelling import spelling
from chatforensics.labelling.spelling import Word, read_words
from chatforensics.schema import TABLES, Families, SameSlates, Slates, check
from chatforensics.text import normalise

LEAST_SHARED = 2 / 3
FEWEST_NAMES = 2
# Words such as "panel" stand in too many names to be worth comparing by.
_MOST_ALIKE = 200

_Key = tuple[str, ...]


@dataclass(frozen=True)
class _Slate:
    """The slate of one family: who is named on which side (as written), and the contests stated."""

    family_id: str
    names: Mapping[tuple[int, str], str]
    key: frozenset[object]


def link_slates(slates: Slates, families: Families) -> SameSlates:
    """Link families whose texts name the same people on the same side, in whatever wording, order or language.

    It cannot show that one text was made from the other, nor that their senders knew of each other; one published
    recommendation gives many such texts. `contradicted` counts names on opposite sides.

    Returns:
        The table `same_slates`, one row per link, the smaller family id first.
    """
    found = _slates_of_families(slates, families)
    pairs = sorted({_ordered(one, other) for one, other in _pairs(found)})
    by_id = {slate.family_id: slate for slate in found}
    rows = [_compare(by_id[one], by_id[other]) for one, other in pairs]
    return SameSlates(check(pl.DataFrame(rows, schema=dict(TABLES["same_slates"])), table="same_slates"))


def _ordered(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def _slates_of_families(slates: Slates, families: Families) -> list[_Slate]:
    placed = (
        check(slates, table="slates")
        .join(check(families, table="families").select("message_id", "family_id"), on="message_id")
        .with_columns(side=pl.when(pl.col("stance") == "for").then(pl.lit("for")).otherwise(pl.lit("against")))
        .select("family_id", "name", "side", "contest")
        .unique()
        .sort("family_id", "name", "side", "contest", nulls_last=True)
    )
    people = same_names(placed["name"].unique().sort().to_list())
    grouped: defaultdict[str, list[tuple[str, str, str | None]]] = defaultdict(list)
    for family_id, name, side, contest in placed.iter_rows():
        grouped[family_id].append((name, side, contest))
    return [_as_slate(family_id, rows, people) for family_id, rows in sorted(grouped.items())]


def _as_slate(family_id: str, rows: Iterable[tuple[str, str, str | None]], people: Mapping[str, int]) -> _Slate:
    names: dict[tuple[int, str], str] = {}
    contests = set()
    for name, side, contest in rows:
        names.setdefault((people[name], side), name)
        contests.add(normalise(contest) if contest else "")
    alone = len(names) < FEWEST_NAMES
    stated = next(iter(contests)) if len(contests) == 1 else ""
    # One name alone counts together with its contest, and not at all without one.
    key = frozenset([(*next(iter(names)), stated or family_id)]) if alone else frozenset(names)
    return _Slate(family_id, names, key)


def _pairs(found: list[_Slate]) -> Iterator[tuple[str, str]]:
    """Yield families with one slate, each with the first of them, and the first ones of slates that are nearly one."""
    first: dict[frozenset[object], _Slate] = {}
    for slate in found:
        leader = first.setdefault(slate.key, slate)
        if leader is not slate:
            yield leader.family_id, slate.family_id
    yield from _near(list(first.values()))


def _near(slates: list[_Slate]) -> Iterator[tuple[str, str]]:
    """Yield slates of which two thirds agree. Two such share one of their rarest names, so only those are compared."""
    counts = Counter(each for slate in slates for each in slate.key)
    index: defaultdict[object, list[_Slate]] = defaultdict(list)
    for slate in slates:
        rarest = sorted(slate.key, key=lambda each: (counts[each], repr(each)))
        for each in rarest[: len(rarest) - ceil(LEAST_SHARED * len(rarest)) + 1]:
            for other in index[each]:
                shared = len(slate.key & other.key)
                if shared >= FEWEST_NAMES and shared >= LEAST_SHARED * len(slate.key | other.key):
                    yield other.family_id, slate.family_id
            index[each].append(slate)


def _compare(one: _Slate, other: _Slate) -> dict[str, Any]:
    shared = one.names.keys() & other.names.keys()
    contradicted = {person for person, side in one.names if (person, _opposite(side)) in other.names}
    return {
        "family_a": one.family_id,
        "family_b": other.family_id,
        "n_names_a": len(one.names),
        "n_names_b": len(other.names),
        "n_shared": len(shared),
        "jaccard": len(shared) / len(one.names.keys() | other.names.keys()),
        "contradicted": len(contradicted),
        "names": sorted(one.names[each] for each in shared),
    }


def _opposite(side: str) -> str:
    return "against" if side == "for" else "for"


def same_names(names: Iterable[str]) -> dict[str, int]:
    """Number the names of a case so that spellings of one name have one number, whatever their order.

    A name of fewer words belongs to the fuller name that holds it where there is one only; else it stands for itself.
    """
    words = {name: read_words(name) for name in sorted(set(names))}
    ordered = sorted(words, key=lambda name: (-len(words[name]), name))
    numbers: dict[str, int] = {}
    index: defaultdict[str, list[str]] = defaultdict(list)
    for name in ordered:
        numbers[name] = _number(name, words, index, numbers)
        for key in _keys(words[name]):
            index[key].append(name)
    return numbers


def _number(
    name: str, words: Mapping[str, tuple[Word, ...]], index: Mapping[str, list[str]], numbers: Mapping[str, int]
) -> int:
    """Return the number of the one fuller or equal name that fits, else a new one."""
    near = {other for key in _keys(words[name]) for other in index.get(key, ())[:_MOST_ALIKE]}
    fitting = [other for other in sorted(near) if spelling.is_within(words[name], words[other])]
    equal = {numbers[other] for other in fitting if len(words[other]) == len(words[name])}
    chosen = equal or {numbers[other] for other in fitting}
    return chosen.pop() if len(chosen) == 1 else len(numbers)


def _keys(words: Iterable[Word]) -> set[str]:
    return {spelling.sort_key(word) for word in words}
