"""Exports of one chat that hold few words in common: the same records, or records that agree in kind and in time.

In two languages, each record agrees in kind and, to the second, in time. Whoever forwards the same things into two
chats does so some seconds apart, and others answer there or here.
"""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import polars as pl

from chatforensics.joining.slim import Records

MIN_RECORDS = 15
SECOND_MS = 1000
LATE_MS = 2000  # phones round, and stamp a place when it is found
_LINKS = {"a": pl.Int64, "b": pl.Int64}
Shape = tuple[np.ndarray, np.ndarray]  # times and labels


def link_same_content(records: Records) -> pl.DataFrame:
    """Link exports whose records agree one by one, as when one text file lies in two zips: `a`, `b`."""
    shape = ["n", "first", "last"]
    time = pl.col("sent_local").dt.epoch("ms")
    shapes = records.rows.group_by("src").agg(n=pl.len(), first=time.min(), last=time.max())
    middle = records.step_ms.gather(shapes["src"]) // 2
    shapes = shapes.with_columns(pl.col("first", "last") + middle)
    first: dict[bytes, int] = {}
    links = []
    for src in shapes.filter(pl.len().over(shape) > 1)["src"].sort().to_list():
        rows = records.widen(records.rows[records.starts[src] : records.starts[src + 1]])
        told = rows.select(pl.struct("line", "local_ms", "label", "kind", "code", "edited").hash())
        links.append((first.setdefault(told.to_series().to_numpy().tobytes(), src), src))
    return pl.DataFrame(links, schema=_LINKS, orient="row")


def link_same_shape(records: Records) -> pl.DataFrame:
    """Return pairs of exports of which every message has its like in the other: `a`, `b`.

    The clocks must show seconds, the kinds of all messages must be the same one by one, their distances in time the
    same up to two seconds, and their senders must match one to one and be two at least.

    Args:
        records: Messages and notices; dated messages count.
    """
    shapes: dict[bytes, list[tuple[int, Shape]]] = {}
    for src in _list_like_sized(records):
        kinds, shape = _read_shape(records, src)
        if len(np.unique(shape[1])) > 1:
            shapes.setdefault(kinds, []).append((src, shape))
    links = [(a, b) for group in shapes.values() for (a, one), (b, other) in pairwise(group) if _agree(one, other)]
    return pl.DataFrame(links, schema=_LINKS, orient="row")


def _list_like_sized(records: Records) -> Iterable[int]:
    """Return the exports, on clocks that show seconds, that have as many messages as another of them."""
    fine = (records.step_ms <= SECOND_MS).to_numpy()
    dated = records.rows.filter((pl.col("kind") != "system") & pl.col("sent_local").is_not_null())
    n = np.bincount(dated["src"].to_numpy(), minlength=len(fine)) * fine
    sizes, counts = np.unique(n[n >= MIN_RECORDS], return_counts=True)
    found: list[int] = np.flatnonzero(np.isin(n, sizes[counts > 1])).tolist()
    return found


def _read_shape(records: Records, src: int) -> tuple[bytes, Shape]:
    rows = records.rows[records.starts[src] : records.starts[src + 1]]
    rows = records.widen(rows.filter((pl.col("kind") != "system") & pl.col("sent_local").is_not_null()))
    nameless = 0 if len(records.labels) and records.labels[0] == "" else -1
    labels = rows["label"].fill_null(nameless).to_numpy()
    return rows["kind"].to_physical().to_numpy().tobytes(), (rows["local_ms"].to_numpy(), labels)


def _agree(a: Shape, b: Shape) -> bool:
    apart = b[0] - a[0]
    both = np.unique(a[1].astype(np.int64) << 32 | (b[1].astype(np.int64) + 1))
    one_to_one = len(both) == len(np.unique(a[1])) == len(np.unique(b[1]))
    return one_to_one and bool(np.abs(apart - np.median(apart)).max() <= LATE_MS)
