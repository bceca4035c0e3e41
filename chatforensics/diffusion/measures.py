"""Measures of each family's cascade, with their range over the uncertainty of the links.

A cascade is drawn many times: each sending decision (`links.burst_id`) takes one of its candidates, or a source that is
not in the evidence, by its probability. What the exports alone decide (reach, senders, chats, shares, time to half
reach) does not vary. The decisions are drawn one by one: that they may hang together is not known to the links.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics.diffusion.trees import MEASURES, Integers, measure_trees
from chatforensics.schema import Cascades, Edges, Links, Shares, check, empty

Floats: TypeAlias = npt.NDArray[np.float64]
Table: TypeAlias = npt.NDArray[np.float32]
ORDER = (
    *("reach", "n_senders", "n_chats", "n_shares", "half_reach_s"),
    *MEASURES,
)
_COLUMNS = ("value", "low", "high", "middle")
_LOW, _HIGH = 0.05, 0.95
SLICE = 1_000_000  # edges that are numbered at once


def measure_cascades(
    shares: Shares, links: Links, edges: Edges | pl.LazyFrame, *, seed: int, n_draws: int = 200
) -> Cascades:
    """Measure how far and in what form each family spread, as far as the exports show it.

    The measures: `reach` (people who sent it or could read it), `n_senders`, `n_chats`, `n_shares`, `half_reach_s`
    (seconds from the earliest share until half of the reach was reached), `n_trees` (shares whose source is not in the
    evidence), `unseen_share` (their part of all shares), `depth` (steps from a share without a source in the evidence
    to the share most steps away), `breadth` (the largest number of shares at one depth), `structural_virality` (mean
    number of steps between two shares; null for a single share). For the last, all trees of a family hang on one point
    outside the evidence, where the text came from: two shares in different trees are joined through it.

    `value` is that of the likeliest single forest, which figures show; `low`, `middle` and `high` are the 5th, the
    50th and the 95th percentile of the drawn ones. The likeliest forest is no average one: it leaves out all that is
    less likely, and its value may lie outside them. What was shared outside the evidence is in no measure.

    Args:
        shares: All shares of the tracked families.
        links: The candidates of each share, with their probabilities.
        edges: Who could read what.
        seed: Of the draws; the same seed gives the same table.
        n_draws: How many forests are drawn.

    Returns:
        One row per family and measure.

    Source: structural virality: Goel, Anderson, Hofman and Watts (2016), Management Science 62(1), there for one tree.
    """
    if shares.is_empty():
        return Cascades(empty("cascades"))
    ordered = shares.select("share_id", "family_id", "sent_at").sort("family_id", "sent_at", "share_id")
    families = ordered["family_id"].unique(maintain_order=True)
    family = ordered["family_id"].rle_id().to_numpy().astype(np.int64)
    decisions = _Decisions.read(ordered, links)
    likeliest = measure_trees(decisions.likeliest(), family)
    drawn = np.empty((n_draws, *likeliest.shape), dtype=np.float32)
    for number, parents in enumerate(decisions.draw(np.random.default_rng(seed), n_draws)):
        drawn[number] = measure_trees(parents, family)
    outcomes = [likeliest, *(_percentiles(drawn) if n_draws else [likeliest] * 3)]
    varying = [
        _rows(families, measure, dict(zip(_COLUMNS, [found[place] for found in outcomes], strict=True)))
        for place, measure in enumerate(MEASURES)
    ]
    return _in_order(pl.concat([*_count_shares(shares), *_count_reach(shares, edges.lazy()), *varying]))


@dataclass(frozen=True, slots=True)
class _Decisions:
    """The sending decisions: which one each share belongs to, and the candidates of each, the likeliest first.

    Decision d has the candidates from `starts[d]` to before `starts[d + 1]`; a parent is the number of a share, or -1.
    """

    of_share: Integers
    starts: Integers
    parents: Integers
    sums: Floats

    @classmethod
    def read(cls, ordered: pl.DataFrame, links: Links) -> "_Decisions":
        """Number the shares as they are ordered, and read each decision's candidates from its first share's links."""
        rows = ordered.select("share_id").with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
        own = links.lazy().group_by("share_id").agg(pl.col("burst_id").first()).collect()
        bursts = rows.join(own, on="share_id", how="left").sort("row")
        burst = bursts.select(pl.col("burst_id").fill_null(pl.col("share_id"))).to_series()
        named = rows.with_columns(decision=_number(burst))
        heads = named.unique("decision", keep="first", maintain_order=True).select("decision", "share_id")
        parents = rows.rename({"share_id": "parent_share_id", "row": "parent"})
        listed = (
            links.lazy()
            .select("share_id", "parent_share_id", "probability", "rank")
            .join(heads.lazy(), on="share_id")
            .join(parents.lazy(), on="parent_share_id", how="left")
            .select("decision", "rank", "probability", pl.col("parent").fill_null(-1))
            .sort("decision", "rank")
            .collect()
        )
        known = np.bincount(listed["decision"].to_numpy(), minlength=heads.height)
        return cls(
            named["decision"].to_numpy(),
            np.concatenate([[0], np.cumsum(known)]),
            np.append(listed["parent"].to_numpy(), -1),
            np.concatenate([[0.0], np.cumsum(listed["probability"].to_numpy().astype(np.float64))]),
        )

    def likeliest(self) -> Integers:
        """Return each share's likeliest parent."""
        return self._take(self.starts[:-1])

    def draw(self, rng: np.random.Generator, n_draws: int) -> Iterator[Integers]:
        """Yield parents of all shares, drawn by their probabilities."""
        base, top = self.sums[self.starts[:-1]], self.sums[self.starts[1:]]
        for _ in range(n_draws):
            yield self._take(self._find(base + rng.random(base.size) * (top - base)))

    def _find(self, drawn: Floats) -> Integers:
        """Return the last candidate of each decision whose sum does not exceed what was drawn, or the first.

        The likeliest stand first: to go on from one to the next takes a few steps for most.
        """
        place = self.starts[:-1].copy()
        going = np.flatnonzero(self.starts[1:] - place > 1)
        while going.size:
            going = going[self.sums[place[going] + 1] <= drawn[going]]
            place[going] += 1
            going = going[place[going] + 1 < self.starts[going + 1]]
        return place

    def _take(self, place: Integers) -> Integers:
        """Return each share's parent, its decision having taken the candidate in that place; without any, none."""
        taken = np.where(self.starts[1:] > self.starts[:-1], self.parents[place], -1)
        parents: Integers = taken[self.of_share]
        return parents


def _number(burst: pl.Series) -> pl.Series:
    """Return numbers from 0 in the order of first appearance."""
    numbers = burst.unique(maintain_order=True).to_frame().with_row_index("decision")
    decision = burst.to_frame().join(numbers, on=burst.name, maintain_order="left")["decision"]
    return decision.cast(pl.Int64)


def _percentiles(drawn: Table) -> list[Table]:
    """Return the outcomes below or at which a twentieth, nineteen twentieths and half of the draws lie."""
    drawn.sort(axis=0)
    last = drawn.shape[0] - 1
    return [drawn[int(np.floor(_LOW * last))], drawn[int(np.ceil(_HIGH * last))], drawn[last // 2]]


def _count_shares(shares: Shares) -> Iterator[pl.DataFrame]:
    """Yield what the shares alone tell."""
    counts = shares.group_by("family_id").agg(
        n_senders=pl.col("person_id").n_unique(), n_chats=pl.col("chat_id").n_unique(), n_shares=pl.len()
    )
    for measure in ("n_senders", "n_chats", "n_shares"):
        yield _rows(counts["family_id"], measure, counts[measure])


def _count_reach(shares: Shares, edges: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """Yield how many people were reached, and the time until half of them were."""
    families = pl.Enum(shares["family_id"].unique().sort())
    sent = shares.lazy().select("family_id", "person_id", at="sent_at")
    read = edges.select("family_id", person_id="recipient_id", at="first_at")
    people = pl.concat([sent, read]).select(pl.col("person_id").drop_nulls().unique().sort()).collect().to_series()
    # Ids as numbers, and some at a time: the edges of a big case take gigabytes.
    code = [pl.col("family_id").cast(families, strict=False), pl.col("person_id").cast(pl.Enum(people))]
    n_edges = int(edges.select(pl.len()).collect().item())
    parts = [sent, *(read.slice(start, SLICE) for start in range(0, n_edges, SLICE))]
    firsts = [_find_first(part.with_columns(code).drop_nulls("family_id")).collect() for part in parts]
    first = _find_first(pl.concat(firsts).lazy()).collect()
    half = pl.col("at").get((pl.len() - 1) // 2) - pl.col("at").first()
    found = (
        first.sort("family_id", "at")
        .group_by("family_id", maintain_order=True)
        .agg(reach=pl.len(), half_reach_s=half.dt.total_microseconds() / 1e6)
        .with_columns(pl.col("family_id").cast(pl.String))
    )
    for measure in ("reach", "half_reach_s"):
        yield _rows(found["family_id"], measure, found[measure])


def _find_first(reached: pl.LazyFrame) -> pl.LazyFrame:
    return reached.group_by("family_id", "person_id").agg(pl.col("at").min())


def _rows(families: pl.Series, measure: str, columns: dict[str, Table] | pl.Series) -> pl.DataFrame:
    """Return the rows of one measure; where there is one series, it is the value and the range."""
    given = dict.fromkeys(_COLUMNS, columns) if isinstance(columns, pl.Series) else columns
    rounded = [pl.Series(name, found).cast(pl.Float64).fill_nan(None).round(4) for name, found in given.items()]
    return pl.DataFrame([families.alias("family_id"), *rounded]).with_columns(measure=pl.lit(measure))


def _in_order(rows: pl.DataFrame) -> Cascades:
    """Return the rows by family, the measures in their order."""
    place = pl.col("measure").replace_strict(ORDER, range(len(ORDER)))
    return Cascades(check(rows.sort("family_id", place), table="cascades"))
