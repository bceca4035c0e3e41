"""Which exports cannot confirm each other, because they come from one phone, one person or one file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl

from chatforensics.joining.slim import Records

SAME_CONTENT = "The records are the same one by one: one file is a copy of the other, or both are of one phone."
SAME_PHONE = "Both lie in one folder, and so are taken to come from one phone."
SAME_PERSON = "One person made both."
THROUGH_THIRD = "Each depends on one and the same further export."
PART = (
    "Nearly all records of the one stand in the other with the same names, words and times, and no notice tells two "
    "phones apart: it may be cut or changed from the other."
)
MOST_COMPARED = 40  # in a chat of more exports each is compared with the 39 that follow it: cost stays linear
MIN_SHARED = 20  # fewer records may be alike by themselves
MIN_ALIKE = 0.95  # of the smaller export's records; the rest may have been altered


@dataclass(frozen=True)
class Dependence:
    """Who depends on whom: of each export its unit, phone, owner and content, and the pairs of which one is a part."""

    units: Mapping[int, tuple[object, ...]]
    parts: frozenset[tuple[int, int]]

    def explain(self, a: int, b: int) -> str | None:
        """Return why two exports do not count as independent; None where nothing shows that they are not."""
        reasons = (SAME_CONTENT, SAME_PHONE, SAME_PERSON)
        one, other = self.units[a], self.units[b]
        for mine, theirs, reason in zip(one[1:], other[1:], reasons, strict=True):
            if mine is not None and mine == theirs:
                return reason
        if (min(a, b), max(a, b)) in self.parts:
            return PART
        return THROUGH_THIRD if one[0] == other[0] else None

    def one_hand(self, a: int, b: int) -> bool:
        """Tell whether two exports are of one phone or person, and not the same records."""
        return self.explain(a, b) in (SAME_PHONE, SAME_PERSON)


def read_dependence(numbered: pl.DataFrame, parts: frozenset[tuple[int, int]]) -> Dependence:
    """Gather what makes exports depend on each other.

    Args:
        numbered: Exports with `src`, `unit`, `content`, `phone` and `owner`.
        parts: As found by `find_parts`.
    """
    columns = numbered.select("src", "unit", "content", "phone", "owner")
    return Dependence({src: tuple(rest) for src, *rest in columns.iter_rows()}, parts)


def find_parts(
    records: Records, numbered: pl.DataFrame, *, pairs: Iterable[tuple[int, int]]
) -> frozenset[tuple[int, int]]:
    """Return those pairs of exports of one chat of which one may be a part of the other, or the same file altered.

    Two phones print different names, or differ in the notices that speak of "You". Where neither is so, and 95 of 100
    records at least of the smaller export stand word for word in the other, nothing shows that there were two phones.
    Two phones that give everybody the same names look the same: the pair is then called dependent, which errs on the
    side of less confirmation.

    Args:
        records: Messages and notices.
        numbered: Exports with `src`, `source_id`, `chat`, `chat_title`.
        pairs: Which to compare, those of one chat after another.
    """
    several = numbered.filter(pl.len().over("chat") > 1)
    labels = records.printed_labels.join(several, on="src", how="semi").group_by("src").agg("sender_label")
    shown = {src: frozenset(names) for src, names in labels.iter_rows()}
    titled = dict(several.select("src", "chat_title").iter_rows())
    read = lru_cache(2 * MOST_COMPARED)(lambda src: _read_file(records, src, shown.get(src, frozenset())))
    return frozenset((a, b) for a, b in pairs if _may_be_part(read(a), read(b), titles=(titled[a], titled[b])))


@dataclass(frozen=True)
class _File:
    """What one export prints: its records and, among them, notices, as sorted keys; its senders."""

    records: np.ndarray
    notices: np.ndarray
    labels: frozenset[str]


def _read_file(records: Records, src: int, labels: frozenset[str]) -> _File:
    rows = records.rows[int(records.starts[src]) : int(records.starts[src + 1])]
    notices = rows.filter(pl.col("kind") == "system")["printed"]
    return _File(np.unique(rows["printed"].to_numpy()), np.unique(notices.to_numpy()), labels)


def _may_be_part(a: _File, b: _File, *, titles: tuple[str | None, str | None]) -> bool:
    small, large = (a, b) if len(a.records) <= len(b.records) else (b, a)
    if not small.labels <= large.labels or len(small.records) < MIN_SHARED or _name_each_other(titles, large.labels):
        return False
    alike = np.isin(small.records, large.records, assume_unique=True)
    return bool(alike.mean() >= MIN_ALIKE and np.isin(small.notices, large.notices, assume_unique=True).all())


def _name_each_other(titles: tuple[str | None, str | None], labels: frozenset[str]) -> bool:
    """Tell whether two phones title a one-to-one chat after each other's owner."""
    return titles[0] != titles[1] and set(titles) <= labels
