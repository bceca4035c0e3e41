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
    n_shares = np.bincount(family)
    inner = np.flatnonzero(parents >= 0)
    depth = measure_depth(parents)[inner]
    # Sorting small whole numbers is many times faster.
    order = np.argsort(depth.astype(np.int16) if depth.max(initial=0) <= _SMALL else depth, kind="stable")
    inner, depth = inner[order], depth[order]
    n_trees = n_shares - np.bincount(family[inner], minlength=n_shares.size)
    virality = _measure_virality(_count_descendants(parents, inner, depth), n_shares, family)
    deepest = np.zeros_like(n_shares)
    np.maximum.at(deepest, family[inner], depth)
    broadest = _measure_breadth(depth, family[inner], n_trees)
    return np.stack([n_trees, n_trees / n_shares, deepest, broadest, virality]).astype(np.float32)


def measure_depth(parents: Integers) -> Integers:
    """Return how many steps each share is from one without a source.

    Raises:
        SchemaError: shares are each other's source.
    """
    ancestor, depth = parents.copy(), (parents >= 0).astype(np.int64)
    far = np.flatnonzero(depth)
    for _ in range(_MOST_ROUNDS):
        far = far[parents[ancestor[far]] >= 0]
        if not far.size:
            return depth
        nearer = ancestor[far]
        depth[far] += depth[nearer]
        ancestor[far] = ancestor[nearer]
    raise SchemaError("links: shares are each other's source. Links must run back in time.")


def _measure_breadth(depth: Integers, family: Integers, n_trees: Integers) -> Integers:
    """Return the largest number of shares at one depth, of shares with a source, sorted by depth, then family."""
    new = (np.diff(depth, prepend=-1) != 0) | (np.diff(family, prepend=-1) != 0)
    runs = np.flatnonzero(new)
    broadest = n_trees.copy()
    np.maximum.at(broadest, family[runs], np.diff(np.append(runs, depth.size)))
    return broadest


def _count_descendants(parents: Integers, inner: Integers, depth: Integers) -> Integers:
    """Return the size of each share's subtree, itself included: level by level, the deepest first.

    `inner` are the shares with a source, by `depth`.
    """
    sizes = np.ones(parents.size, dtype=np.int64)
    ends = np.searchsorted(depth, np.arange(1, depth.max(initial=0) + 2))
    for level in range(ends.size - 1, 0, -1):
        rows = inner[ends[level - 1] : ends[level]]
        np.add.at(sizes, parents[rows], sizes[rows])
    return sizes


def _measure_virality(sizes: Integers, n_shares: Integers, family: Integers) -> npt.NDArray[np.float64]:
    """Return the mean number of steps between two shares, all trees of a family hanging on one point outside.

    The step above a share is on the way between two shares where one is in its subtree and the other is not.
    """
    crossings = n_shares * (n_shares - 1)  # were each share alone
    several = np.flatnonzero(sizes > 1)
    size, whole = sizes[several], n_shares[family[several]]
    np.add.at(crossings, family[several], size * (whole - size) - (whole - 1))
    pairs = n_shares * (n_shares - 1) / 2
    mean: npt.NDArray[np.float64] = np.divide(crossings, pairs, out=np.full(pairs.size, np.nan), where=pairs > 0)
    return mean
