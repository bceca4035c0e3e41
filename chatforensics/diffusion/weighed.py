"""The weighed sources of all sending decisions as numbers, and the table of links made of them, some shares at a time.

The table has a row for each share and candidate, with ids of sixteen letters: of a big case it is never held whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics.diffusion.candidates import Integers, spread
from chatforensics.schema import Links, check, empty

PORTION = 50_000  # shares whose links are listed at once
MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Weighed:
    """The possible sources of every decision, the likeliest first.

    Those of decision d stand from `starts[d]` to before `ends[d]`. Shares are numbered as in `ordered`.

    Attributes:
        ordered: All shares: `share_id`, `family` (number), `moment` (µs), `decision`.
        names: The place of each share by its id.
        starts: Where the sources of each decision begin.
        ends: And where they end.
        parent: The share; -1 is the source that is not in the evidence.
        probability: Sums to 1 over a decision.
        namesake: Whether only somebody of the same printed name is known to have been in the parent's chat.
    """

    ordered: pl.DataFrame
    names: Integers
    starts: Integers
    ends: Integers
    parent: npt.NDArray[np.int32]
    probability: npt.NDArray[np.float32]
    namesake: npt.NDArray[np.bool_]


def name_places(ordered: pl.DataFrame) -> Integers:
    """Return the place of each share among all, by their ids."""
    places = np.empty(ordered.height, dtype=np.int64)
    places[ordered["share_id"].arg_sort().to_numpy()] = np.arange(ordered.height)
    return places


def gather_weighed(ordered: pl.DataFrame, names: Integers, portions: Sequence[pl.DataFrame]) -> Weighed:
    """Put together what the portions have: `decision`, `parent`, `probability`, `namesake`, by decision and rank."""
    decision = np.concatenate([part["decision"].to_numpy() for part in portions])
    opens = np.flatnonzero(np.diff(decision, prepend=-1))
    starts, ends = np.zeros(opens.size, dtype=np.int64), np.zeros(opens.size, dtype=np.int64)
    starts[decision[opens]], ends[decision[opens]] = opens, np.append(opens[1:], decision.size)
    columns = {name: np.concatenate([part[name].to_numpy() for part in portions]) for name in portions[0].columns[1:]}
    return Weighed(ordered.select("share_id", "family", "moment", "decision"), names, starts, ends, **columns)


def list_links(weighed: Weighed | None) -> Iterator[Links]:
    """Yield the links as `link_shares` gives them, in their order, some at a time; an empty table if there are none."""
    if weighed is None:
        yield Links(empty("links"))
        return
    first, ordered = _first_shares(weighed), weighed.ordered
    rows = np.argsort(weighed.names)
    for begin in range(0, rows.size, PORTION):
        part = rows[begin : begin + PORTION]
        yield Links(check(_name(part, weighed, ordered["share_id"], first), table="links"))


def _first_shares(weighed: Weighed) -> Integers:
    """Return the row of the first share of each decision."""
    ordered = weighed.ordered
    decision = ordered["decision"].to_numpy()
    by_time = np.lexsort((weighed.names, ordered["moment"].to_numpy(), decision))
    first: Integers = by_time[np.flatnonzero(np.diff(decision[by_time], prepend=-1))]
    return first


def _name(rows: Integers, weighed: Weighed, share_id: pl.Series, first: Integers) -> pl.DataFrame:
    """Return the links of some shares, with ids."""
    decision = weighed.ordered["decision"].to_numpy()[rows]
    starts = weighed.starts[decision]
    which, at = spread(starts[:, None], weighed.ends[decision][:, None])
    moment, parent = weighed.ordered["moment"].to_numpy(), weighed.parent[at]
    lag = np.maximum(moment[rows][which] - moment[parent], 0) / MICROSECONDS
    of_share = pl.DataFrame({"share_id": share_id.gather(rows), "burst_id": share_id.gather(first[decision])})
    numbers = pl.DataFrame(
        {
            "parent": parent,
            "probability": weighed.probability[at],
            "rank": (at - starts[which] + 1).astype(np.int32),
            "lag_s": lag,
            "namesake": weighed.namesake[at],
        }
    )
    seen = pl.col("parent") >= 0
    source = pl.when(seen).then("parent")
    basis = pl.when("namesake").then(pl.lit("namesake")).otherwise(pl.lit("member"))
    return numbers.select(
        share_id=of_share["share_id"].gather(which),
        parent_share_id=share_id.gather(numbers.select(source).to_series()),
        probability="probability",
        rank="rank",
        lag_s=pl.when(seen).then("lag_s"),
        burst_id=of_share["burst_id"].gather(which),
        basis=pl.when(seen).then(basis),
    )
