"""Meetings: what every two people sent close in time, counted without holding all pairs of their shares.

Shares of one person in one chat are ten minutes apart, so that within a window of ten minutes each share has at most
one partner of each other person and chat: where one text goes round day and night, the pairs of shares are at most the
shares times the people of its chats, however often it is sent. They are looked at in blocks, as numbers, and only what
they say of two people is kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics.coordination.windows import (
    MICROSECONDS,
    MOST_SECONDS,
    Flags,
    Integers,
    encode,
    order_rows,
    pairs_within,
)
from chatforensics.schema import UTC, Shares

Rows: TypeAlias = tuple[Integers, Integers, Integers]
Floats: TypeAlias = npt.NDArray[np.float64]
LARGEST = 2**63
KEPT = 2_000_000  # rows of blocks that are held before they are added up


@dataclass(frozen=True, slots=True)
class Numbered:
    """Shares as numbers, by row: people by `names`, families by `families`, sets of exports by `sets`, times in µs."""

    person: Integers
    family: Integers
    exports: Integers
    moment: Integers
    names: pl.Series
    families: pl.Series
    sets: pl.DataFrame

    def pair(self, first: Integers, second: Integers) -> Integers:
        """Return the number of the two people of each two rows."""
        one, two = self.person[first], self.person[second]
        pairs: Integers = np.minimum(one, two) * len(self.names) + np.maximum(one, two)
        return pairs


def number_shares(shares: Shares) -> Numbered:
    """Return shares as numbers."""
    person, names = encode(shares["person_id"])
    family, families = encode(shares["family_id"])
    sets = shares.select("source_ids").unique(maintain_order=True).with_row_index("exports").cast({"exports": pl.Int64})
    placed = shares.select("source_ids").join(
        sets, on="source_ids", how="left", nulls_equal=True, maintain_order="left"
    )
    moment = shares["sent_at"].dt.timestamp("us").to_numpy()
    return Numbered(person, family, placed["exports"].to_numpy(), moment, names, families, sets)


def list_meetings(
    numbered: Numbered, *, window_s: float, min_participation: int
) -> Iterator[tuple[Integers, Integers]]:
    """Yield the rows of the pairs of shares that `pair_shares` lists, the earlier first, in blocks."""
    people = numbered.person
    window_us = round(min(window_s, MOST_SECONDS) * MICROSECONDS)
    active = np.bincount(people, minlength=1)[people] >= min_participation
    ordered = order_rows(numbered.family, numbered.moment, people, active)
    strong = _find_strong(ordered, people, window_us=window_us, min_participation=min_participation)
    for first, second in pairs_within(ordered, people, window_us=window_us):
        kept = strong[first] | strong[second]
        yield first[kept], second[kept]


def _find_strong(ordered: pl.DataFrame, people: Integers, *, window_us: int, min_participation: int) -> Flags:
    """Say which shares come close to somebody else's and are of people with enough such shares.

    The nearest share of somebody else is the one behind, or before, an unbroken run of one's own.
    """
    row, family, moment = (ordered[name].to_numpy() for name in ("row", "object", "time"))
    person = people[row]
    opens = np.flatnonzero((np.diff(person, prepend=-1) != 0) | (np.diff(family, prepend=-1) != 0))
    run = np.repeat(np.arange(opens.size), np.diff(np.append(opens, row.size)))
    after, before = np.append(opens[1:], row.size)[run], opens[run] - 1
    close = np.zeros(row.size, dtype=np.bool_)
    for place, there in ((after, after < row.size), (before, before >= 0)):
        other = np.where(there, place, 0)
        close |= there & (family[other] == family) & (np.abs(moment[other] - moment) <= window_us)
    enough = np.bincount(person[close], minlength=1) >= min_participation
    strong = np.zeros(people.size, dtype=np.bool_)
    strong[row[close]] = enough[person[close]]
    return strong


class _Pile:
    """Numbers per pair of people and key, equal ones made one; whatever is put on it is added up before it is much."""

    def __init__(self, fold: np.ufunc) -> None:
        """Take how two numbers of one pair and key become one."""
        none = np.empty(0, dtype=np.int64)
        self._fold, self._whole, self._new, self._height = fold, (none, none, none), list[Rows](), 0

    def put(self, pair: Integers, key: Integers, number: Integers) -> None:
        """Put rows on the pile."""
        self._new.append(self._add_up((pair, key, number)))
        self._height += self._new[-1][0].size
        if self._height > KEPT + self._whole[0].size:
            self.take()

    def take(self) -> Rows:
        """Return what lies on the pile, by pair and key."""
        pair, key, number = zip(self._whole, *self._new, strict=True)
        self._new, self._height = [], 0
        self._whole = self._add_up((np.concatenate(pair), np.concatenate(key), np.concatenate(number)))
        return self._whole

    def _add_up(self, rows: Rows) -> Rows:
        order = _order(rows[0], rows[1])
        pair, key, number = (column[order] for column in rows)
        opens = np.flatnonzero((np.diff(pair, prepend=-1) != 0) | (np.diff(key, prepend=-1) != 0))
        return pair[opens], key[opens], self._fold.reduceat(number, opens) if opens.size else number


def _order(pair: Integers, key: Integers) -> Integers:
    """Return the order by pair and key; sorting one number is several times faster than sorting two."""
    width = int(key.max(initial=0)) + 1
    if (int(pair.max(initial=0)) + 1) * width < LARGEST:
        return np.argsort(pair * width + key)
    return np.lexsort((key, pair))


@dataclass(frozen=True, slots=True)
class Meetings:
    """What every two people sent close in time.

    Attributes:
        pairs: `person_a`, `person_b`, `n_shares`, `n_families`, `median_lag_s` and `source_ids`, by the two people.
        families: `person_a`, `person_b`, `family_id` and `sent_at`, the earliest; of the families asked for.
    """

    pairs: pl.DataFrame
    families: pl.DataFrame


def count_meetings(shares: Shares, tested: pl.Series, *, window_s: float, min_participation: int) -> Meetings:
    """Count what every two people sent close in time.

    Args:
        shares: All shares.
        tested: The families that are to be named.
        window_s: Most seconds between two shares.
        min_participation: As in `coordinate`.
    """
    numbered = number_shares(shares)
    families, lags, exports = _Pile(np.minimum), _Pile(np.add), _Pile(np.minimum)
    for first, second in list_meetings(numbered, window_s=window_s, min_participation=min_participation):
        pair = numbered.pair(first, second)
        at, lag = numbered.moment[first], numbered.moment[second] - numbered.moment[first]
        families.put(pair, numbered.family[first], at)
        lags.put(pair, lag, np.ones_like(lag))
        shown = np.concatenate([numbered.exports[first], numbered.exports[second]])
        exports.put(np.tile(pair, 2), shown, np.zeros_like(shown))
    met = families.take()
    starts = _starts(met[0])
    n_shares, median = _count_lags(lags.take())
    columns = {"pair": met[0][starts], "n_shares": n_shares, "n_families": np.diff(np.append(starts, met[0].size))}
    counted = pl.DataFrame({**columns, "median_lag_s": median}).with_columns(
        _name_exports(exports.take(), numbered.sets)
    )
    return Meetings(_name_people(counted, numbered.names), _name_families(met, tested, numbered))


def _starts(pair: Integers) -> Integers:
    """Return the first row of each pair."""
    return np.flatnonzero(np.diff(pair, prepend=-1))


def _count_lags(lags: Rows) -> tuple[Integers, Floats]:
    """Return of each pair how many shares, and the median: the mean of the one or two numbers in the middle."""
    pair, lag, n = lags
    starts, before = _starts(pair), np.append(0, np.cumsum(n))
    begin, end = before[starts], before[np.append(starts[1:], pair.size)]
    low, high = (
        lag[np.searchsorted(before, begin + rank, side="right") - 1] / MICROSECONDS
        for rank in ((end - begin - 1) // 2, (end - begin) // 2)
    )
    return end - begin, low + (high - low) * 0.5


def _name_exports(exports: Rows, sets: pl.DataFrame) -> pl.Series:
    """Return `source_ids` of each pair; sets of exports that many pairs have are spelled out once."""
    pair, number, _ = exports
    starts = _starts(pair)
    n = np.diff(np.append(starts, pair.size))
    several = pl.DataFrame({"pair": pair, "exports": number}).filter(pl.Series(np.repeat(n > 1, n)))
    whole = several.group_by("pair", maintain_order=True).agg("exports")["exports"]
    one = pl.DataFrame({"exports": np.arange(sets.height)}).select(pl.concat_list("exports"))["exports"]
    kinds = pl.concat([one, whole]).unique(maintain_order=True).to_frame().with_row_index("kind")
    numbers = kinds.explode("exports").join(sets, on="exports", maintain_order="left")
    listed = numbers.explode("source_ids", empty_as_null=True).group_by("kind", maintain_order=True)
    spelled = listed.agg(pl.col("source_ids").drop_nulls().unique().sort())["source_ids"]
    kind = number[starts]
    kind[n > 1] = whole.to_frame().join(kinds, on="exports", how="left", maintain_order="left")["kind"].to_numpy()
    return spelled.gather(kind)


def _name_people(rows: pl.DataFrame, names: pl.Series) -> pl.DataFrame:
    """Return the rows with the ids of the two people in place of the number of the pair."""
    one, two = rows["pair"] // len(names), rows["pair"] % len(names)
    people = [names.gather(one).alias("person_a"), names.gather(two).alias("person_b")]
    return rows.with_columns(people).drop("pair")


def _name_families(met: Rows, tested: pl.Series, numbered: Numbered) -> pl.DataFrame:
    """Return who met over which of the tested families, and when first."""
    kept = np.flatnonzero(numbered.families.is_in(tested.unique().implode()).to_numpy()[met[1]])
    pair, family, at = (column[kept] for column in met)
    rows = pl.DataFrame({"pair": pair, "family_id": numbered.families.gather(family), "sent_at": at})
    named = _name_people(rows, numbered.names).select("person_a", "person_b", "family_id", "sent_at")
    return named.cast({"sent_at": UTC})
