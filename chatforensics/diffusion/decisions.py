"""Sending decisions, each with its possible sources, of which forests are drawn."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics.diffusion.candidates import Integers, spread
from chatforensics.diffusion.weighed import Weighed
from chatforensics.schema import Links

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Decisions:
    """The sending decisions: which one each share belongs to, and the candidates of each, the likeliest first.

    Decision d has the candidates from `starts[d]` to before `starts[d + 1]`; a parent is the number of a share, or -1.
    Where these are some decisions of a case: `first` is the number of the first of them, `offset` that of its share,
    `n` how many the case has.
    """

    of_share: Integers
    starts: Integers
    parents: Integers
    sums: Floats
    n: int
    first: int = 0
    offset: int = 0

    @classmethod
    def read(cls, ordered: pl.DataFrame, links: Links) -> "Decisions":
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
            _add_up(listed["probability"].to_numpy()),
            n=heads.height,
        )

    @classmethod
    def number(cls, weighed: Weighed) -> "Decisions":
        """Number shares and decisions by family, time and id, as `read` does, of what no table was made of."""
        family, moment, decision = (weighed.ordered[name].to_numpy() for name in ("family", "moment", "decision"))
        rows = np.lexsort((weighed.names, moment, family))
        number = np.append(np.empty_like(rows), -1)
        number[rows] = np.arange(rows.size)
        began = np.empty(weighed.starts.size, dtype=np.int64)
        began[decision[rows[::-1]]] = np.arange(rows.size)[::-1]
        order = np.argsort(began)
        _, at = spread(weighed.starts[order][:, None], weighed.ends[order][:, None])
        return cls(
            np.argsort(order)[decision[rows]],
            np.concatenate([[0], np.cumsum((weighed.ends - weighed.starts)[order])]),
            np.append(number[weighed.parent[at]], -1),
            _add_up(weighed.probability[at]),
            n=order.size,
        )

    def cut(self, shares: slice) -> "Decisions":
        """Return the decisions of some families, given all their shares."""
        of_share = self.of_share[shares]
        first, last = int(of_share.min()), int(of_share.max()) + 1
        starts = self.starts[first : last + 1]
        return replace(self, of_share=of_share - first, starts=starts, first=first, offset=shares.start)

    def likeliest(self) -> Integers:
        """Return each share's likeliest parent."""
        return self._take(self.starts[:-1])[self.of_share]

    def draw(self, seed: int, n_draws: int, *, at_once: int) -> Iterator[Integers]:
        """Yield the parents of all shares, drawn by their probabilities, one row per draw, so many rows at once.

        All shares of all rows are numbered through, the first row from 0. Each draw takes its numbers from their place
        in the one sequence of random numbers that the seed gives, so that it does not matter which families are cut
        out and which draws are asked for together.
        """
        starts, ends, height = self.starts[:-1], self.starts[1:], self.of_share.size
        base, width = self.sums[starts], self.sums[ends] - self.sums[starts]
        limit = np.where(ends - starts > 1, self.sums[np.minimum(starts + 1, self.sums.size - 1)], np.inf)
        likeliest = self._take(starts)
        for begin in range(0, n_draws, at_once):
            rows = np.empty((min(at_once, n_draws - begin), height), dtype=np.int64)
            for row in range(rows.shape[0]):
                chance = np.random.Generator(np.random.PCG64(seed).advance((begin + row) * self.n + self.first))
                drawn = base + chance.random(base.size) * width
                others = np.flatnonzero(limit <= drawn)
                taken = likeliest.copy()
                taken[others] = self.parents[self._find(others, drawn[others])]
                taken[taken >= 0] += row * height - self.offset
                rows[row] = taken[self.of_share]
            yield rows

    def _find(self, decisions: Integers, drawn: Floats) -> Integers:
        """Return the last candidate of each of these decisions whose sum does not exceed what was drawn."""
        last = np.searchsorted(self.sums, drawn, side="right") - 1
        found: Integers = np.clip(last, self.starts[decisions], self.starts[decisions + 1] - 1)
        return found

    def _take(self, place: Integers) -> Integers:
        """Return each decision's parent, having taken the candidate in that place; without any, none."""
        taken: Integers = np.where(self.starts[1:] > self.starts[:-1], self.parents[place], -1)
        return taken


def _add_up(probability: npt.NDArray[np.float32]) -> Floats:
    return np.concatenate([[0.0], np.cumsum(probability.astype(np.float64))])


def _number(burst: pl.Series) -> pl.Series:
    """Return numbers from 0 in the order of first appearance."""
    numbers = burst.unique(maintain_order=True).to_frame().with_row_index("decision")
    decision = burst.to_frame().join(numbers, on=burst.name, maintain_order="left")["decision"]
    return decision.cast(pl.Int64)
