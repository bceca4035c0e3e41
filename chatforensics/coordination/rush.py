"""Rushes: families that many send at the same time raise the chances of every two of their senders.

A piece of news, a deadline or a broadcast that no export shows makes many people send one text within minutes. The null
model blurs a family's life by hours and would take any two of them for unusual. So chances are raised to what the other
people's timing shows: meetings seen against meetings expected, in the family and in the whole case, the two people
themselves left out. A family's own numbers count against `PRIOR_MEETINGS` at the rate of the case, so that five people
at once (ten meetings of two) raise their family's chances little, and fifty raise them to what a rush brings about.
"""

import numpy as np
import polars as pl

from chatforensics.coordination.null import Floats, Integers
from chatforensics.coordination.sendings import Sendings

PRIOR_MEETINGS = 30.0  # of two people each: eight at once make 28


def raise_chances(
    sendings: Sendings, meetings: pl.DataFrame, expected: Floats, both: pl.DataFrame, chances: Floats
) -> Floats:
    """Return the chances, raised where other people meet more often than expected; never lowered.

    Args:
        sendings: Gives the family of each sender.
        meetings: `one` and `other`: senders that came together.
        expected: Of each sender, how many other senders of the family they are expected to meet.
        both: `pair`, `one` and `other`: the senders that each chance is about.
        chances: One per row of `both`.
    """
    family_of = sendings.senders["family_id"].rle_id().to_numpy()
    person_of = sendings.senders["person_id"].rank("dense").to_numpy() - 1
    hit = both.join(meetings.with_columns(hit=1.0), on=["one", "other"], how="left", maintain_order="left")["hit"]
    met = pl.concat([meetings["one"], meetings["other"].alias("one")]).to_numpy()
    seen = np.bincount(met, minlength=expected.size).astype(np.float64)
    tables = ((seen, hit.fill_null(0.0).to_numpy()), (expected, chances))
    seen_case, expected_case = (_of_others(values, person_of, both, own, in_case=True) for values, own in tables)
    rate = np.maximum(1.0, (seen_case + PRIOR_MEETINGS) / (expected_case + PRIOR_MEETINGS))
    seen_here, expected_here = (_of_others(values, family_of, both, own, in_case=False) for values, own in tables)
    factor = (seen_here + PRIOR_MEETINGS * rate) / (expected_here + PRIOR_MEETINGS)
    return np.asarray(np.minimum(1.0, chances * np.maximum(1.0, factor)))


def _of_others(values: Floats, groups: Integers, both: pl.DataFrame, own: Floats, *, in_case: bool) -> Floats:
    """Return for each row the meetings that neither of its two people takes part in: in the case, or in the family.

    `values` are the meetings of each sender, `groups` its person (for the case) or its family, `own` those of the two.
    """
    one, other = both["one"].to_numpy(), both["other"].to_numpy()
    sums = np.bincount(groups, values)[groups]
    if in_case:
        pair = both["pair"].to_numpy()
        both_own = np.bincount(pair, own)[pair]
        return np.asarray(np.maximum(values.sum() / 2 - sums[one] - sums[other] + both_own, 0.0))
    return np.asarray(np.maximum(sums[one] / 2 - values[one] - values[other] + own, 0.0))
