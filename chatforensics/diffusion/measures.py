"""Measures of each family's cascade, with their range over the uncertainty of the links.

A cascade is drawn many times: each sending decision (`links.burst_id`) takes one of its candidates, or a source that is
not in the evidence, by its probability. What the exports alone decide (reach, senders, chats, shares, time to half
reach) does not vary. The decisions are drawn one by one: that they may hang together is not known to the links.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics.diffusion.decisions import Decisions
from chatforensics.diffusion.trees import MEASURES, Integers, measure_trees
from chatforensics.diffusion.weighed import Weighed
from chatforensics.schema import Cascades, Edges, Links, Shares, check, empty

Table: TypeAlias = npt.NDArray[np.float32]
ORDER = (
    *("reach", "n_senders", "n_chats", "n_shares", "half_reach_s"),
    *MEASURES,
)
_COLUMNS = ("value", "low", "high", "middle")
_LOW, _HIGH = 0.05, 0.95
SLICE = 1_000_000  # edges that are numbered at once
PORTION = 250_000  # shares that are drawn at once, unless one family has more


def measure_cascades(
    shares: Shares, links: Links | Weighed | None, edges: Edges | pl.LazyFrame, *, seed: int, n_draws: int = 200
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
        links: The candidates of each share, with their probabilities: the table, or what `weigh_links` gives.
        edges: Who could read what.
        seed: Of the draws; the same seed gives the same table.
        n_draws: How many forests are drawn.

    Returns:
        One row per family and measure.

    Source: structural virality: Goel, Anderson, Hofman and Watts (2016), Management Science 62(1), there for one tree.
    """
    if shares.is_empty() or links is None:
        return Cascades(empty("cascades"))
    ordered = shares.select("share_id", "family_id", "sent_at").sort("family_id", "sent_at", "share_id")
    families = ordered["family_id"].unique(maintain_order=True)
    family = ordered["family_id"].rle_id().to_numpy().astype(np.int64)
    decisions = Decisions.number(links) if isinstance(links, Weighed) else Decisions.read(ordered, links)
    likeliest = measure_trees(decisions.likeliest(), family)
    drawn = _draw_trees(decisions, family, seed=seed, n_draws=n_draws)
    outcomes = [likeliest, *(_percentiles(drawn) if n_draws else [likeliest] * 3)]
    varying = [
        _rows(families, measure, dict(zip(_COLUMNS, [found[place] for found in outcomes], strict=True)))
        for place, measure in enumerate(MEASURES)
    ]
    return _in_order(pl.concat([*_count_shares(shares), *_count_reach(shares, edges.lazy()), *varying]))


def _draw_trees(decisions: Decisions, family: Integers, *, seed: int, n_draws: int) -> Table:
    """Return the measures of the drawn forests, by draw, measure and family.

    Some families are drawn at a time, several times at once: how many shares the case has makes each no slower.
    """
    drawn = np.empty((n_draws, len(MEASURES), int(family[-1]) + 1), dtype=np.float32)
    for first, last in _cut_families(family):
        part = slice(*np.searchsorted(family, [first, last]))
        some, number = decisions.cut(part), family[part] - first
        begin = 0
        for parents in some.draw(seed, n_draws, at_once=max(1, PORTION // number.size)):
            n = parents.shape[0]
            found = measure_trees(parents.ravel(), (np.arange(n)[:, None] * (last - first) + number).ravel())
            drawn[begin : begin + n, :, first:last] = found.reshape(len(MEASURES), n, -1).swapaxes(0, 1)
            begin += n
    return drawn


def _cut_families(family: Integers) -> Iterator[tuple[int, int]]:
    """Yield the first family and the one behind the last of portions of shares."""
    ends = np.cumsum(np.bincount(family))
    cuts = np.flatnonzero(np.diff(ends // PORTION, prepend=-1, append=-1))
    yield from pairwise(cuts.tolist())


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
