"""Pairs of people who sent the same families close in time, and how often chance alone would pair them.

The null model is in `null`: everybody keeps what they sent, their hours, their chats and so what they could read, and
the pace at which people in this case pass things on; only the moment within a family is shuffled, independently of all
others. For two senders of one family it gives a chance of coming within the window: the mean of two, that one meets the
other's bursts as they were, and the reverse. Families are independent, so the number in which two people come
together is a sum of unequal coin throws, and the p-value is its exact upper tail: never zero, the same on every run,
without a random number. What two people forward at one sitting is one occasion, not several. Families that recur over
weeks are everyday sentences: they are listed, and neither tested nor counted among the tests.
"""

import numpy as np
import polars as pl

from chatforensics.coordination.apart import mark_doubles
from chatforensics.coordination.chances import chance_of_meeting, open_windows
from chatforensics.coordination.commons import count_pairs_in_common
from chatforensics.coordination.hours import weigh_hours
from chatforensics.coordination.meetings import count_meetings
from chatforensics.coordination.rush import raise_chances
from chatforensics.coordination.sendings import SENDER, Sendings, gather_sendings
from chatforensics.coordination.tails import adjust, upper_tails
from chatforensics.errors import PrecisionError, UsageError
from chatforensics.schema import Memberships, Pairs, Shares, check, empty

PAIR = ["person_a", "person_b"]
SITTING_S = 3600
MIN_FAMILIES = 2
EVERYDAY = pl.duration(days=14)
NO_HOURS = {"person_id": pl.String, "hour": pl.Int64, "n_messages": pl.Int64}


def find_pairs(  # noqa: PLR0913 - tables first, the rest by name
    shares: Shares,
    memberships: Memberships | None = None,
    hours: pl.DataFrame | None = None,
    phones: pl.DataFrame | None = None,
    *,
    clock_step_s: int,
    window_s: float,
    min_participation: int = 2,
) -> Pairs:
    """Pair people who sent the same families close in time, and say how surprising that is.

    A pair shows common timing, not a common plan. The p-value allows for the hours at which people write, for texts
    that many send in the same hours, for reading it in a common chat or one from the other, for how soon people pass
    things on, and for several texts forwarded at one sitting. It does not know what was read in chats of which there
    is no export, whether two people live or work side by side, follow one channel or were asked by the same third
    person, and that somebody is always quicker than others: each can make an innocent pair look unusual.

    Args:
        shares: All shares, so that the life of a family is known.
        memberships: Who could read what. Without them, passing on what was read in a common chat looks unusual.
        hours: When each person writes at all, from `count_hours`. Without it all hours of the day are alike.
        phones: Which phone shows whom, from `list_phones`. Two people whom no phone shows both may be one person under
            two names: they are not tested. Without it, one person's sending can pass for that of two.
        clock_step_s: The coarsest clock step of the sources in seconds (60 on most Android exports).
        window_s: Most seconds between two shares, this value included.
        min_participation: Fewest shares of a person, as in `coordinate`.

    Returns:
        One row per pair, the most families first: `n_shares` (pairs of shares inside the window), `n_families`,
        `median_lag_s`, `p_value`, `q_value` (Benjamini-Hochberg over all pairs of people who sent at least two families
        in common, those never inside the window included; 1 for pairs that are not tested), and `source_ids`: the
        exports that show the shares inside the window. Further `n_occasions` (this number is tested: families less than
        an hour apart count once, and families that recur, the middle half of their shares spanning more than 14 days,
        not at all), `n_common` (such families that both sent), `n_expected` (in how many of them chance alone would
        bring the two together) and `may_be_one` (see `phones`). The probabilities rest besides on all other shares.

    Raises:
        PrecisionError: the window is finer than the clock.
        UsageError: the window or the participation is not positive.
    """
    _check_window(window_s=window_s, clock_step_s=clock_step_s)
    tested = _leave_everyday(shares)
    met = count_meetings(shares, tested["family_id"], window_s=window_s, min_participation=min_participation)
    if met.pairs.is_empty():
        return Pairs(empty("pairs"))
    found = met.pairs.join(_count_occasions(met.families), on=PAIR, how="left", maintain_order="left")
    found = found.with_columns(pl.col("n_occasions").fill_null(0))
    sendings = gather_sendings(tested, memberships, window_s=window_s)
    hours = pl.DataFrame(schema=NO_HOURS) if hours is None else hours
    scored = _score(sendings, met.families, found, hours, window_s=window_s, step_s=clock_step_s)
    scored = scored.with_columns(mark_doubles(scored, phones))
    scored = _add_q_values(scored, n_tests=count_pairs_in_common(tested, at_least=MIN_FAMILIES))
    ordered = scored.sort(["n_families", "n_shares", *PAIR], descending=[True, True, False, False])
    return Pairs(check(ordered, table="pairs"))


def _check_window(*, window_s: float, clock_step_s: int) -> None:
    if window_s <= 0:
        raise UsageError(f"The window must be longer than 0 seconds, is {window_s}.")
    if window_s < clock_step_s:
        raise PrecisionError(
            f"A window of {window_s:g} s is finer than the clock of the exports ({clock_step_s} s).",
            hint=f"Ask for {clock_step_s} s or more.",
        )


def _leave_everyday(shares: Shares) -> Shares:
    """Return the shares of families that went around once, without the sentences that recur by themselves."""
    sent_at = pl.col("sent_at")
    half = sent_at.quantile(0.75, interpolation="nearest") - sent_at.quantile(0.25, interpolation="nearest")
    return Shares(shares.filter((half <= EVERYDAY).over("family_id")))


def _count_occasions(families: pl.DataFrame) -> pl.DataFrame:
    """Return how often two people came together, each family once, and what is less than an hour apart as one."""
    first = families.sort(*PAIR, "sent_at")
    gap = pl.col("sent_at").diff().dt.total_seconds()
    return first.group_by(PAIR, maintain_order=True).agg(n_occasions=1 + (gap >= SITTING_S).sum().cast(pl.Int64))


def _score(  # noqa: PLR0913 - tables first, the rest by name
    sendings: Sendings,
    families: pl.DataFrame,
    found: pl.DataFrame,
    hours: pl.DataFrame,
    *,
    window_s: float,
    step_s: int,
) -> pl.DataFrame:
    """Add `p_value`, `n_common` and `n_expected`."""
    senders = sendings.senders.select(*SENDER, "sender")
    both = (
        found.select(*PAIR)
        .with_row_index("pair")
        .join(senders.select("family_id", person_a="person_id", one="sender"), on="person_a")
        .join(senders.select("family_id", person_b="person_id", other="sender"), on=["person_b", "family_id"])
        .sort("pair", "family_id")
    )
    asked = pl.concat([both.select(sender="one", other="other"), both.select(sender="other", other="one")])
    everybody, own = weigh_hours(hours, sendings.senders["person_id"])
    windows = open_windows(sendings, window_s=window_s, step_s=step_s)
    chances, expected = chance_of_meeting(sendings, everybody, own, asked, windows)
    mean = (chances[: both.height] + chances[both.height :]) / 2
    meetings = both.join(families, on=[*PAIR, "family_id"], how="semi")
    chances = raise_chances(sendings, meetings.select("one", "other"), expected, both, mean)
    group = both["pair"].to_numpy().astype(np.int64)
    tails = upper_tails(group, chances, found["n_occasions"].to_numpy())
    return found.with_columns(
        p_value=pl.Series(tails, dtype=pl.Float64),
        n_common=pl.Series(np.bincount(group, minlength=found.height), dtype=pl.Int64),
        n_expected=pl.Series(np.bincount(group, chances, found.height), dtype=pl.Float64),
    )


def _add_q_values(scored: pl.DataFrame, *, n_tests: int) -> pl.DataFrame:
    """Add `q_value`: over the pairs of surely two people with enough families in common; 1 for the others."""
    tested = (
        scored.filter((pl.col("n_common") >= MIN_FAMILIES) & ~pl.col("may_be_one"))
        .sort("p_value", *PAIR)
        .select(*PAIR, "p_value")
    )
    tested = tested.select(*PAIR, q_value=pl.Series(adjust(tested["p_value"].to_numpy(), n_tests=n_tests)))
    return scored.join(tested, on=PAIR, how="left").with_columns(pl.col("q_value").fill_null(1.0))
