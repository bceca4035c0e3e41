"""Where people stand in the co-sending network: those joined by few steps near each other, nobody on top of another."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from chatforensics.schema import SIGNIFICANT_Q

Array = np.ndarray[Any, np.dtype[Any]]
SEED = 7
EDGE = 90.0  # page units between two people joined by a pair that chance hardly explains
FAINT = 1.6  # how much longer the line of another pair is
NEAREST = 34.0  # page units that two people stand apart at least
ALL_PAIRS = 300  # up to so many people each distance counts; of more, those to so many of them
PIVOTS = 100
ROUNDS = 40
ROUGH_ROUNDS = 60
PUSHES = 100
LOOSE = 1.5  # how much longer the line between two people without a common neighbour is
_TINY = 1e-3
SHAPE = 1.7  # width by height


def place_network(pairs: Mapping[str, Any]) -> dict[str, list[int]]:
    """Return the people of the pairs (`person`) with their places (`x`, `y`, page units).

    Distances follow the number of steps between two people as far as a plane allows (stress majorisation). Groups that
    no pair joins stand apart, the largest first.

    Args:
        pairs: columns `a`, `b` (people) and `q`.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    a, b = np.array(pairs["a"], dtype=np.int64), np.array(pairs["b"], dtype=np.int64)
    if not len(a):
        return {"person": [], "x": [], "y": []}
    people, ends = np.unique(np.concatenate([a, b]), return_inverse=True)
    one, other = ends[: len(a)], ends[len(a) :]
    tells = np.array([q is not None and q <= SIGNIFICANT_Q for q in pairs["q"]])
    lengths = np.where(tells, 1.0, FAINT)
    graph = _loosened(coo_array((lengths, (one, other)), shape=(len(people), len(people))).tocsr())
    _, group = connected_components(graph, directed=False)
    spots = [_place_group(graph, np.flatnonzero(group == number)) for number in range(group.max() + 1)]
    places = np.zeros((len(people), 2))
    for members, where in _packed(spots):
        places[members] = where
    whole = np.rint(places).astype(int)
    return {"person": people.tolist(), "x": whole[:, 0].tolist(), "y": whole[:, 1].tolist()}


def _loosened(graph: Any) -> Any:  # noqa: ANN401 - sparse arrays of scipy
    """Return the lines in both directions, those between people with few neighbours in common longer than the others.

    So groups joined by few lines come apart.
    """
    both = graph.maximum(graph.T)
    joined = both.sign()
    n_neighbours = joined.sum(1)
    lines = both.tocoo()
    common = np.asarray((joined @ joined)[lines.row, lines.col]).ravel()
    shared = common / np.minimum(n_neighbours[lines.row], n_neighbours[lines.col])
    lines.data = lines.data * (1 + LOOSE * (1 - np.minimum(1, shared)))
    return lines.tocsr()


def _place_group(graph: Any, members: Array) -> tuple[Array, Array]:  # noqa: ANN401 - a sparse array of scipy
    """Return the members of one group and their places around its middle."""
    part = graph[members][:, members]
    distances, pivots = _distances(part)
    start = _first_places(distances)
    small = len(pivots) == len(members)
    places = _settled(start, *_terms(distances)) if small else _settled_roughly(start, part, distances, pivots)
    return members, _pushed_apart(places * EDGE)


def _distances(part: Any) -> tuple[Array, Array]:  # noqa: ANN401
    """Return the steps from some of the members (all, in a small group) to each, and which they are."""
    from scipy.sparse.csgraph import dijkstra

    n = part.shape[0]
    if n <= ALL_PAIRS:
        return np.asarray(dijkstra(part, directed=False)), np.arange(n)
    pivots, rows = [0], []
    nearest = np.full(n, np.inf)
    for _ in range(PIVOTS):  # each next one is the furthest from those chosen
        rows.append(dijkstra(part, directed=False, indices=[pivots[-1]])[0])
        nearest = np.minimum(nearest, rows[-1])
        pivots.append(int(nearest.argmax()))
    return np.stack(rows), np.array(pivots[:-1])


def _first_places(distances: Array) -> Array:
    """Return places that already show the large distances (PivotMDS of Brandes and Pich, 2007)."""
    square = distances**2
    centred = square - square.mean(0) - square.mean(1)[:, None] + square.mean()
    values, vectors = np.linalg.eigh(centred @ centred.T)
    axes = vectors[:, np.argsort(values)[::-1][:2]]
    axes = axes * np.sign(axes[np.abs(axes).argmax(0), range(axes.shape[1])])
    places = -0.5 * centred.T @ axes
    spread = places.std(0).max()
    chance = np.random.default_rng(SEED).normal(size=(distances.shape[1], 2)) * 0.05
    wide = np.zeros((distances.shape[1], 2))
    wide[:, : places.shape[1]] = places / spread * distances.mean() if spread else places
    return wide + chance * max(1.0, float(distances.mean()))


def _terms(distances: Array) -> tuple[Array, Array, Array, Array]:
    """Return every pair of members once: one, other, distance, weight."""
    i, j = np.triu_indices(len(distances), 1)
    return i, j, distances[i, j], distances[i, j] ** -2.0


def _settled_roughly(places: Array, part: Any, distances: Array, pivots: Array) -> Array:  # noqa: ANN401
    """Return places that follow the lines and the distances to some members: sparse stress, in damped steps."""
    lines = part.tocoo()
    near = lines.data**-2.0
    far = _spoken_for(distances) / np.maximum(distances, 1e-9) ** 2
    far[np.arange(len(pivots)), pivots] = 0
    whole = np.bincount(lines.row, near, minlength=len(places)) + far.sum(0)
    for _ in range(ROUGH_ROUNDS):
        gap = places[lines.row] - places[lines.col]
        length = np.maximum(np.sqrt((gap**2).sum(1)), 1e-9)
        wish = near[:, None] * (places[lines.col] + gap * (lines.data / length)[:, None])
        away = places[None] - places[pivots][:, None]
        stretch = distances / np.maximum(np.sqrt((away**2).sum(2)), 1e-9)
        rest = (far[:, :, None] * (places[pivots][:, None] + away * stretch[:, :, None])).sum(0)
        pull = np.stack([np.bincount(lines.row, wish[:, axis], minlength=len(places)) for axis in (0, 1)], axis=1)
        places = 0.5 * places + 0.5 * (pull + rest) / whole[:, None]
    return places


def _spoken_for(distances: Array) -> Array:
    """Return for how many members a pivot stands, seen from each: those nearest to it, at most half as far away.

    After Ortmann, Klimenta and Brandes, "A Sparse Stress Model" (2016).
    """
    nearest = distances.argmin(0)
    share = np.empty_like(distances)
    for pivot, row in enumerate(distances):
        own = np.sort(row[nearest == pivot])
        share[pivot] = np.maximum(1, np.searchsorted(own, row / 2, side="right"))
    return share


def _settled(places: Array, i: Array, j: Array, distance: Array, weight: Array) -> Array:
    """Return places whose distances come close to the given ones: each round lowers the stress (SMACOF)."""
    from scipy.sparse import coo_array

    n = len(places)
    rows, columns = np.concatenate([i, j]), np.concatenate([j, i])
    both = np.concatenate([weight, weight])
    off = coo_array((-both, (rows, columns)), shape=(n, n)).tocsr()
    diagonal = -off.sum(1) + 1e-9
    for _ in range(ROUNDS):
        gap = places[i] - places[j]
        length = np.maximum(np.sqrt((gap**2).sum(1)), 1e-9)
        pull = gap * (weight * distance / length)[:, None]
        target = np.zeros_like(places)
        np.add.at(target, i, pull)
        np.add.at(target, j, -pull)
        places = _solved(off, diagonal, target, places)
    return places


def _solved(off: Any, diagonal: Array, target: Array, guess: Array) -> Array:  # noqa: ANN401
    """Solve the weighted equations of both axes from the last round's places (conjugate gradients, preconditioned)."""
    found: Array = guess - guess.mean(0)
    left = target - (off @ found + diagonal[:, None] * found)
    scaled = left / diagonal[:, None]
    direction, size = scaled, (left * scaled).sum(0)
    for _ in range(12):
        moved = off @ direction + diagonal[:, None] * direction
        step = size / np.maximum((direction * moved).sum(0), 1e-30)
        found = found + step * direction
        left = left - step * moved
        scaled = left / diagonal[:, None]
        size, before = (left * scaled).sum(0), size
        direction = scaled + size / np.maximum(before, 1e-30) * direction
    return found


def _pushed_apart(places: Array) -> Array:
    """Return the places with everybody at least a mark's width from everybody else."""
    from scipy.spatial import cKDTree

    if len(places) == 1:
        return places
    distances, _ = cKDTree(places).query(places, k=[2])
    nearest = float(np.median(distances))
    room = 2 * NEAREST * len(places) ** 0.5 / max(float(places.std(0).mean()) * 3.5, 1.0)
    places = places * max(1.0, room, NEAREST / max(nearest, NEAREST / 4))
    for _ in range(PUSHES):
        close = cKDTree(places).query_pairs(NEAREST * 0.999, output_type="ndarray")
        if not len(close):
            break
        i, j = close[np.lexsort((close[:, 1], close[:, 0]))].T
        gap = places[i] - places[j]
        length = np.maximum(np.sqrt((gap**2).sum(1)), _TINY)
        gap[length <= _TINY] = (_TINY, 0)  # two on one spot part sideways
        push = gap / length[:, None] * ((NEAREST - length) * 0.5)[:, None]
        places = places.copy()
        np.add.at(places, i, push)
        np.add.at(places, j, -push)
    return places


def _packed(spots: list[tuple[Array, Array]]) -> list[tuple[Array, Array]]:
    """Return the groups side by side in rows, the largest first."""
    boxes = []
    for members, places in sorted(spots, key=lambda spot: (-len(spot[0]), int(spot[0][0]))):
        low = places.min(0) - EDGE / 2
        boxes.append((members, places - low, places.max(0) + EDGE / 2 - low))
    area = sum(float(size[0] * size[1]) for _, _, size in boxes)
    widest = max(float(size[0]) for _, _, size in boxes)
    width = max(widest, (area * SHAPE) ** 0.5)
    x = y = tall = 0.0
    packed = []
    for members, places, size in boxes:
        if x and x + size[0] > width:
            x, y, tall = 0.0, y + tall, 0.0
        packed.append((members, places + np.array([x, y])))
        x, tall = x + float(size[0]), max(tall, float(size[1]))
    return packed
