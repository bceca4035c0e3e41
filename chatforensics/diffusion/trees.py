"""Depth, breadth and structural virality of all trees of a forest at once."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from chatforensics.errors import SchemaError

Integers: TypeAlias = npt.NDArray[np.int64]
MEASURES = ("n_trees", "unseen_share", "depth", "breadth", "structural_virality")
_SMALL = np.iinfo(np.int16).max
_MOST_ROUNDS = 64  # each round doubles the steps looked back


def measure_trees(parents: Integers, family: Integers) -> npt.NDArray[np.float32]:
    """Measure the trees of each family.

    Args:
        parents: The row of each share's source, -1 without one. Sources are of the same family.
        family: The number of each share's family, from 0, in order.

    Returns:
        One row per measure, in the order of `MEASURES`, one column per family; not a number where undefined.

    Raises:
        SchemaError: shares are each other's source.
    """
    starts = np.flatnonzero(np.diff(family, prepend=-1))
    n_shares = np.diff(np.append(starts, family.size))
    depth = measure_depth(parents)
    # Sorting small whole numbers is many times faster.
    order = np.argsort(depth.astype(np.int16) if depth.max() <= _SMALL else depth, kind="stable")
    n_trees = np.add.reduceat((parents < 0).astype(np.int64), starts)
    virality = _measure_virality(_count_descendants(parents, depth, order), n_shares, starts)
    deepest = np.maximum.reduceat(depth, starts)
    broadest = _measure_breadth(depth[order], family[order], starts.size)
    return np.stack([n_trees, n_trees / n_shares, deepest, broadest, virality]).astype(np.float32)


def measure_depth(parents: Integers) -> Integers:
    """Return how many steps each share is from one without a source.

    Raises:
        SchemaError: shares are each other's source.
    """
    ancestor = np.where(parents < 0, np.arange(parents.size), parents)
    depth = (parents >= 0).astype(np.int64)
    for _ in range(_MOST_ROUNDS):
        further = ancestor[ancestor]
        if np.array_equal(further, ancestor):
            break
        depth += depth[ancestor]
        ancestor = further
    if (parents[ancestor] >= 0).any():
        raise SchemaError("links: shares are each other's source. Links must run back in time.")
    return depth


def _measure_breadth(depth: Integers, family: Integers, n_families: int) -> Integers:
    """Return the largest number of shares at one depth, of shares sorted by depth, then family."""
    new = (np.diff(depth, prepend=-1) != 0) | (np.diff(family, prepend=-1) != 0)
    runs = np.flatnonzero(new)
    broadest = np.zeros(n_families, dtype=np.int64)
    np.maximum.at(broadest, family[runs], np.diff(np.append(runs, depth.size)))
    return broadest


def _count_descendants(parents: Integers, depth: Integers, order: Integers) -> Integers:
    """Return the size of each share's subtree, itself included: level by level, the deepest first."""
    sizes = np.ones(parents.size, dtype=np.int64)
    ends = np.searchsorted(depth[order], np.arange(1, depth.max() + 2))
    for level in range(ends.size - 1, 0, -1):
        rows = order[ends[level - 1] : ends[level]]
        np.add.at(sizes, parents[rows], sizes[rows])
    return sizes


def _measure_virality(sizes: Integers, n_shares: Integers, starts: Integers) -> npt.NDArray[np.float64]:
    """Return the mean number of steps between two shares, all trees of a family hanging on one point outside.

    The step above a share is on the way between two shares where one is in its subtree and the other is not.
    """
    crossings = np.add.reduceat(sizes * (np.repeat(n_shares, n_shares) - sizes), starts)
    pairs = n_shares * (n_shares - 1) / 2
    mean: npt.NDArray[np.float64] = np.divide(crossings, pairs, out=np.full(starts.size, np.nan), where=pairs > 0)
    return mean
