"""Where the page's graphs put their marks: worked out here once, so that every reader sees the same picture."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from chatforensics.report.explorer.forces import place_network

Arrows = Sequence[tuple[int, int, float]]  # from, to, weight
SWEEPS = 8
MOST_COUNTED = 800  # arrows whose crossings are counted pair by pair; of more, an even sample
_LAST = 2**62


def lay_out(views: Mapping[str, Any]) -> dict[str, Any]:
    """Return where the marks of the diffusion graph and of the co-sending network stand.

    Places follow who could have had a text from whom, and who sent the same texts close in time. Nearness in the
    picture is no finding: it shows what is already in the lines.

    Args:
        views: the page's tables as columns: `shares`, `links`, `pairs`, `people`, `chats` and `families`.

    Returns:
        `diffusion`: the rows of `people` and of `chats` from top to bottom, for all texts and for each family, so that
        few arrows cross where time runs to the right; `cosending`: `person`, `x` and `y` (page units) of everybody in
        a pair.
    """
    shares, links = _shares_of(views), _links_of(views)
    n_families = views["families"]["n"]
    return {
        "diffusion": {
            "people": _order_by(shares, links, node="person", within=None, n=1)[0],
            "chats": _order_by(shares, links, node="chat", within=None, n=1)[0],
            "people_by_family": _order_by(shares, links, node="person", within="family", n=n_families),
            "chats_by_family": _order_by(shares, links, node="chat", within="family", n=n_families),
        },
        "cosending": place_network(views["pairs"]),
    }


def _shares_of(views: Mapping[str, Any]) -> pl.DataFrame:
    columns = {name: views["shares"][name] for name in ("family", "chat", "person", "at")}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Int64)).with_row_index("share")
    return frame.with_columns(pl.col("share").cast(pl.Int64), pl.col("at").fill_null(_LAST), all=pl.lit(0, pl.Int64))


def _links_of(views: Mapping[str, Any]) -> pl.DataFrame:
    kept = {"share": pl.Int64, "parent": pl.Int64, "p": pl.Float64}
    frame = pl.DataFrame({name: views["links"][name] for name in kept}, schema=kept)
    return frame.filter(pl.col("parent") >= 0)


def _order_by(shares: pl.DataFrame, links: pl.DataFrame, *, node: str, within: str | None, n: int) -> list[list[int]]:
    """Return for each group of shares (or for all) the nodes from top to bottom."""
    group = within or "all"
    known = shares.filter(pl.col(node) >= 0)
    firsts = known.group_by(group, node).agg(pl.col("at").min(), pl.col("share").min()).sort(group, "at", "share")
    ends = known.select("share", group, node)
    arrows = (
        links.join(ends.rename({node: "to"}), on="share")
        .join(ends.select(parent="share", start=node), on="parent")
        .filter(pl.col("start") != pl.col("to"))
        .group_by(group, "start", "to")
        .agg(pl.col("p").sort().sum())
        .sort(group, "start", "to")
    )
    nodes = firsts.group_by(group, maintain_order=True).agg(node)
    listed: dict[int, list[tuple[int, int, float]]] = defaultdict(list)
    for place, start, end, weight in arrows.iter_rows():
        listed[place].append((start, end, weight))
    orders: list[list[int]] = [[] for _ in range(n)]
    for place, names in nodes.iter_rows():
        at = {name: rank for rank, name in enumerate(names)}
        kept = [(at[start], at[end], weight) for start, end, weight in listed[place]]
        orders[place] = [names[rank] for rank in order_nodes(len(names), kept)]
    return orders


def order_nodes(n: int, arrows: Arrows) -> list[int]:
    """Return the nodes from top to bottom so that few arrows cross; nodes are numbered by time, which runs right.

    Each node hangs from the node that most likely came before it; that alone can be drawn without a crossing. Where
    there are further arrows, nodes move towards those they are joined to, as long as fewer arrows cross.
    """
    parents = _likeliest_parents(n, arrows)
    order = _tidy(parents)
    further = [arrow for arrow in arrows if parents[arrow[1]] != arrow[0]]
    return _swept(order, arrows) if further else order


def _likeliest_parents(n: int, arrows: Arrows) -> list[int]:
    """Return for each node the earlier node from which the heaviest arrow leads to it, or -1."""
    best: list[tuple[float, int]] = [(0.0, -1)] * n
    for start, end, weight in arrows:
        if start < end and (weight, -start) > (best[end][0], -best[end][1]):
            best[end] = (weight, start)
    return [parent for _, parent in best]


def _tidy(parents: Sequence[int]) -> list[int]:
    """Return a forest's nodes from top to bottom: children on both sides of their parent, the later the nearer.

    An earlier child stands further out, so the line to it passes left of all that hangs from the later ones.
    """
    above: list[list[int]] = [[] for _ in parents]
    below: list[list[int]] = [[] for _ in parents]
    sizes = [1] * len(parents)
    roots = []
    for node in range(len(parents) - 1, -1, -1):  # children come after their parents in time
        parent = parents[node]
        if parent < 0:
            roots.append(node)
            continue
        sizes[parent] += sizes[node]
        sides = above[parent], below[parent]
        min(sides, key=lambda side: sum(sizes[child] for child in side)).append(node)
    order: list[int] = []
    waiting = [(root, False) for root in roots]
    while waiting:
        node, is_open = waiting.pop()
        if is_open:
            order.append(node)
            continue
        outward = [(child, False) for child in below[node][::-1]]
        waiting += [*outward, (node, True), *((child, False) for child in above[node])]
    return order


def _swept(order: list[int], arrows: Arrows) -> list[int]:
    """Return the order, or one with fewer crossings that sweeps towards the mean of the joined nodes come upon."""
    ends = np.array([(start, end) for start, end, _ in arrows])
    weights = np.array([weight for _, _, weight in arrows])
    height = np.empty(len(order))
    height[order] = np.arange(len(order))
    best, fewest = order, _count_crossings(ends, height)
    for _ in range(SWEEPS):
        pulled = height * 1.0
        total = np.ones(len(order))
        for one, other in ((0, 1), (1, 0)):
            np.add.at(pulled, ends[:, one], weights * height[ends[:, other]])
            np.add.at(total, ends[:, one], weights)
        sweep = np.argsort(pulled / total, kind="stable")
        height[sweep] = np.arange(len(order))
        crossings = _count_crossings(ends, height)
        if crossings < fewest:
            best, fewest = sweep.tolist(), crossings
    return best


def _count_crossings(ends: "np.ndarray[Any, Any]", height: "np.ndarray[Any, Any]") -> int:
    """Count the pairs of straight arrows that cross; of many arrows, those of an even sample."""
    step = -(-len(ends) // MOST_COUNTED)
    start, end = ends[::step, 0], ends[::step, 1]
    spots = np.stack([start, height[start], end, height[end]]).astype(float)
    ax, ay, bx, by = spots[:, :, None]
    cx, cy, dx, dy = spots[:, None, :]

    def side(px: Any, py: Any) -> Any:  # noqa: ANN401 - arrays of numpy
        return np.sign((bx - ax) * (py - ay) - (by - ay) * (px - ax))

    apart = side(cx, cy) * side(dx, dy) < 0
    return int((apart & apart.T).sum()) // 2


def count_crossings(order: Sequence[int], arrows: Iterable[tuple[int, int, float]]) -> int:
    """Count the pairs of arrows that cross when nodes stand in this order from top to bottom."""
    ends = np.array([(start, end) for start, end, _ in arrows]).reshape(-1, 2)
    height = np.empty(len(order))
    height[list(order)] = np.arange(len(order))
    return _count_crossings(ends, height) if len(ends) else 0
