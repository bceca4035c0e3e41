"""How many pairs of people sent families in common: the number of tests."""

import numpy as np
import polars as pl
from scipy import sparse

from chatforensics.schema import Shares

MOST_MEETINGS = 400_000_000
PORTION = 20_000_000


def count_pairs_in_common(shares: Shares, *, at_least: int) -> int:
    """Return how many pairs of people sent at least so many families in common.

    Where counting would take too long (more than 400 million meetings of two people in a family), an upper bound is
    returned, which makes q-values larger, never smaller.
    """
    sent = shares.select("person_id", "family_id").unique().select(pl.all().rank("dense").cast(pl.Int64) - 1)
    if sent.is_empty():
        return 0
    person, family = sent["person_id"].to_numpy(), sent["family_id"].to_numpy()
    sizes, n_people = np.bincount(family), int(person.max()) + 1
    meetings = int((sizes * (sizes - 1)).sum())
    if meetings > MOST_MEETINGS:
        return min(meetings // (2 * at_least), n_people * (n_people - 1) // 2)
    table = sparse.csr_array((np.ones(person.size, dtype=np.int32), (person, family)))
    turned = sparse.csr_array(table.T)
    work = np.cumsum(np.bincount(person, sizes[family].astype(np.float64))) // PORTION
    total = 0
    for rows in np.split(np.arange(n_people), np.flatnonzero(np.diff(work)) + 1):
        common = table[rows[0] : rows[-1] + 1] @ turned
        total += int((common.data >= at_least).sum())
    alone = int((np.bincount(person) >= at_least).sum())
    return (total - alone) // 2
