"""Tail probabilities of sums of unequal chances, and q-values."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
PORTION = 2_000_000


def upper_tails(group: Integers, chances: Floats, at_least: Integers) -> Floats:
    """Return for each group the probability that at least so many of its independent chances come true.

    This is the upper tail of the Poisson binomial distribution, by adding up outcomes only (no probability is taken
    from another), so that small tails keep all their digits and none is zero.

    Args:
        group: The group of each chance, from 0, ascending.
        chances: Above 0 and at most 1.
        at_least: One number per group, from 1 to the group's number of chances.

    Source: Hong (2013), On computing the distribution function for the Poisson binomial distribution.
    """
    sizes = np.bincount(group, minlength=at_least.size)
    starts = np.cumsum(sizes) - sizes
    tails = np.empty(at_least.size)
    order = np.lexsort((sizes, at_least))
    width = int(sizes.max(initial=0)) + int(at_least.max(initial=0)) + 2
    for begin in range(0, order.size, max(1, PORTION // width)):
        rows = order[begin : begin + max(1, PORTION // width)]
        column = np.arange(int(sizes[rows].max()))
        inside = column < sizes[rows, None]
        table = np.where(inside, chances[np.where(inside, starts[rows, None] + column, 0)], 0.0)
        tails[rows] = _tails(table, at_least[rows])
    return tails


def _tails(table: Floats, at_least: Integers) -> Floats:
    """Return the tails of rows of chances; state k counts what came true, counts above the wanted one stay there."""
    most = int(at_least.max())
    states = np.zeros((table.shape[0], most + 1))
    states[:, 0] = 1.0
    for chance in table.T:
        moved = states[:, :-1] * chance[:, None]
        states[:, :-1] -= moved  # never below zero: a part of itself
        states[:, 1:] += moved
    reached = np.arange(most + 1) >= at_least[:, None]
    return np.asarray(np.clip((states * reached).sum(axis=1), np.finfo(np.float64).tiny, 1.0))


def adjust(p_values: Floats, *, n_tests: int) -> Floats:
    """Return Benjamini and Hochberg's (1995) q-values of ascending p-values, the other tests counting as p = 1."""
    raw = p_values * max(n_tests, p_values.size) / np.arange(1, p_values.size + 1)
    return np.minimum(1.0, np.minimum.accumulate(raw[::-1])[::-1])
