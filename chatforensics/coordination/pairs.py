"""Pairs of people who sent the same families close in time, and how often chance alone would pair them.

The null model: within one family, who sent at which of the family's times is exchangeable. It keeps how many bursts of
sending every person had in each family and when the family was sent (its hours, its rushes), and breaks only the tie
between a person and a time. For a family whose sending bursts come to M pairs of bursts of different people, K of them
inside the window, two people with a and b bursts are inside it with a probability of at most a*b*K/M. Families are
independent, so the number of families in which two people come together is a sum of unequal coin throws, and the
p-value is its exact upper tail: never zero, the same on every run, without a random number.
"""

import math

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics.coordination.coshare import pair_shares
from chatforensics.errors import PrecisionError, UsageError
from chatforensics.schema import Pairs, Shares, check, empty

PAIR = ["person_a", "person_b"]


def find_pairs(
    shares: Shares,
    *,
    clock_step_s: int,
    window_s: float,
    min_participation: int = 2,
) -> Pairs:
    """Pair people who sent the same families close in time, and say how surprising that is.

    Two people who both copy a third are paired as well, and so are two readers of one chat who pass a text on at once:
    a pair shows common timing, not a common plan. The p-value asks only whether timing within families is closer than
    an exchange of senders would give; it does not yet know each person's hours or the chats two people share, and both
    can make an innocent pair look unusual.

    Args:
        shares: All shares, so that the hours of a family are known.
        clock_step_s: The coarsest clock step of the sources in seconds (60 on most Android exports).
        window_s: Most seconds between two shares, this value included.
        min_participation: Fewest shares of a person, as in `coordinate`.

    Returns:
        One row per pair, the most families first: `n_shares` (pairs of shares inside the window), `n_families`,
        `median_lag_s`, `p_value`, `q_value` (Benjamini-Hochberg over all pairs of people who sent one family at all,
        those never inside the window included), and `source_ids`: the exports that show the shares inside the window.
        The two probabilities rest besides on the other shares of the families, by whomever.

    Raises:
        PrecisionError: the window is finer than the clock.
        UsageError: the window or the participation is not positive.
    """
    if window_s <= 0:
        raise UsageError(f"The window must be longer than 0 seconds, is {window_s}.")
    if window_s < clock_step_s:
        raise PrecisionError(
            f"A window of {window_s:g} s is finer than the clock of the exports ({clock_step_s} s).",
            hint=f"Ask for {clock_step_s} s or more.",
        )
    together = _name_pairs(_co_shares(shares, window_s=window_s, min_participation=min_participation))
    if together.is_empty():
        return Pairs(empty("pairs"))
    found = together.group_by(PAIR).agg(
        n_shares=pl.len().cast(pl.Int64),
        n_families=pl.col("family_id").n_unique().cast(pl.Int64),
        median_lag_s=pl.col("time_delta").median(),
    )
    scored = found.join(_tail_probabilities(shares, found, window_s=window_s), on=PAIR)
    scored = scored.join(_list_exports(together, shares), on=PAIR)
    n_pairs = _count_possible_pairs(shares)
    scored = scored.sort("p_value", "person_a", "person_b")
    scored = scored.with_columns(q_value=_adjust(scored["p_value"].to_numpy(), n_tests=n_pairs))
    ordered = scored.sort(["n_families", "n_shares", *PAIR], descending=[True, True, False, False])
    return Pairs(check(ordered, table="pairs"))


def _co_shares(shares: Shares, *, window_s: float, min_participation: int) -> pl.DataFrame:
    """Return the pairs of shares of one family inside the window, by `coordinate`'s method."""
    table = shares.sort("share_id").select(
        account_id="person_id", object_id="family_id", timestamp_share="sent_at", content_id="share_id"
    )
    return pair_shares(table, window_s=window_s, min_participation=min_participation)


def _name_pairs(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs with the two people in the order of their ids."""
    return pairs.select(
        person_a=pl.min_horizontal("account_id", "account_id_y"),
        person_b=pl.max_horizontal("account_id", "account_id_y"),
        family_id="object_id",
        time_delta="time_delta",
        share_id="content_id",
        share_id_y="content_id_y",
    )


def _list_exports(together: pl.DataFrame, shares: Shares) -> pl.DataFrame:
    """Return the exports that show the shares of each pair of people: `source_ids`."""
    sent = [together.select(*PAIR, share_id=name) for name in ("share_id", "share_id_y")]
    shown = shares.select("share_id", "source_ids").explode("source_ids", empty_as_null=True)
    both = pl.concat(sent).unique().join(shown, on="share_id")
    return both.group_by(PAIR).agg(pl.col("source_ids").drop_nulls().unique().sort())


def _sending_bursts(shares: Shares, *, window_s: float) -> pl.DataFrame:
    """Return every share with the burst it belongs to: shares of one person and family, gaps at most the window."""
    gap = pl.col("sent_at").diff().over("family_id", "person_id").dt.total_microseconds() / 1e6
    return (
        shares.sort("family_id", "person_id", "sent_at", "share_id")
        .with_columns(burst=(gap > window_s).fill_null(value=True).cum_sum().over("family_id", "person_id"))
        .select("share_id", "family_id", "person_id", "burst")
    )


def _tail_probabilities(shares: Shares, found: pl.DataFrame, *, window_s: float) -> pl.DataFrame:
    """Return the p-value of every found pair."""
    bursts = _sending_bursts(shares, window_s=window_s)
    counts = bursts.group_by("family_id", "person_id").agg(n=pl.col("burst").n_unique().cast(pl.Float64))
    rates = _coincidence_rates(shares, bursts, counts, window_s=window_s)
    both = (
        found.select(*PAIR, "n_families")
        .join(counts.rename({"person_id": "person_a"}), on="person_a")
        .join(counts.rename({"person_id": "person_b", "n": "m"}), on=["person_b", "family_id"])
        .join(rates, on="family_id")
        .with_columns(chance=(pl.col("n") * pl.col("m") * pl.col("rate")).clip(upper_bound=1.0))
        .sort(*PAIR, "family_id")
        .group_by(*PAIR, "n_families", maintain_order=True)
        .agg("chance")
    )
    tails = [
        _upper_tail(np.array(chances), at_least=n) for chances, n in both.select("chance", "n_families").iter_rows()
    ]
    return both.select(PAIR).with_columns(p_value=pl.Series(tails, dtype=pl.Float64))


def _coincidence_rates(shares: Shares, bursts: pl.DataFrame, counts: pl.DataFrame, *, window_s: float) -> pl.DataFrame:
    """Return for each family which part of its pairs of bursts, of different people, lies inside the window."""
    pairs = _name_pairs(_co_shares(shares, window_s=window_s, min_participation=1))
    named = bursts.select("share_id", pl.concat_str("person_id", pl.lit("\x1f"), "burst").alias("burst"))
    close = (
        pairs.join(named, on="share_id")
        .join(named, left_on="share_id_y", right_on="share_id", suffix="_y")
        .select("family_id", a=pl.min_horizontal("burst", "burst_y"), b=pl.max_horizontal("burst", "burst_y"))
        .unique()
        .group_by("family_id")
        .agg(close=pl.len().cast(pl.Float64))
    )
    total, squares = pl.col("n").sum(), (pl.col("n") ** 2).sum()
    possible = counts.group_by("family_id").agg(possible=(total**2 - squares) / 2)
    return possible.join(close, on="family_id").select("family_id", rate=pl.col("close") / pl.col("possible"))


def _upper_tail(chances: npt.NDArray[np.float64], *, at_least: int) -> float:
    """Return the probability that at least so many of independent events with these chances happen."""
    # Summed from the far end, so that a small tail is not lost in the rounding of 1 minus nearly 1.
    exactly = np.zeros(chances.size + 1)
    exactly[0] = 1.0
    for chance in chances:
        exactly[1:] = exactly[1:] * (1 - chance) + exactly[:-1] * chance
        exactly[0] *= 1 - chance
    return float(min(1.0, max(math.fsum(exactly[at_least:]), np.finfo(float).tiny)))


def _count_possible_pairs(shares: Shares) -> int:
    """Return how many pairs of people sent one family at all, at most (a pair may come together in several)."""
    people = shares.group_by("family_id").agg(n=pl.col("person_id").n_unique().cast(pl.Int64))["n"]
    everybody = shares["person_id"].n_unique()
    return min(int((people * (people - 1) // 2).sum()), everybody * (everybody - 1) // 2)


def _adjust(p_values: npt.NDArray[np.float64], *, n_tests: int) -> npt.NDArray[np.float64]:
    """Return Benjamini and Hochberg's (1995) q-values of ascending p-values, the other tests counting as p = 1."""
    raw = p_values * max(n_tests, p_values.size) / np.arange(1, p_values.size + 1)
    return np.minimum(1.0, np.minimum.accumulate(raw[::-1])[::-1])
