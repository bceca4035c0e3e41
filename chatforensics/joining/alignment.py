"""Exports of one conversation, recognised by the long texts that they share in the same order at one distance in time.

File names, titles and sender labels are not looked at: they differ from phone to phone.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

NEIGHBOURS = 4  # a text held by many exports is compared with the next few holders only: cost stays linear
MIN_ANCHORS = 3
RESIDUAL_MS = 90_000
HOUR_MS = 3_600_000  # one phone may change its clocks in spring and autumn, the other not
MOST_APART_MS = 27 * HOUR_MS  # the zones of the world lie at most 26 hours apart
MIN_IN_ORDER = 0.8
MIN_SHARE_SMALLER = 0.5
MIN_SHARE_LARGER = 0.1


@dataclass(frozen=True)
class Alignment:
    """What holds exports together.

    `pairs` has a row per aligned pair of exports (`a`, `b`, `n_anchors`, `offset_ms` = clock of b minus clock of a),
    `anchors` the texts behind it, `chat` and `content` the component of each export (`content`: same records).
    """

    pairs: pl.DataFrame
    anchors: pl.DataFrame
    chat: pl.Series
    content: pl.Series


def align_sources(records: pl.DataFrame, *, n_sources: int) -> Alignment:
    """Find which exports show the same conversation.

    A chat to which everything is forwarded at once from another cannot be told from it if neither holds anything
    else. Exports of one conversation that share fewer than three long texts stay apart.
    """
    posts = records.filter((pl.col("kind") != "system") & pl.col("local_ms").is_not_null())
    content = _same_content(records, n_sources=n_sources)
    anchors = _keep_consistent(_find_anchors(posts))
    pairs = _keep_overlapping(_summarise(anchors), posts)
    links = pl.concat([pairs.select("a", "b"), _star(content)])
    return Alignment(
        pairs=pairs,
        anchors=anchors.join(pairs.select("a", "b"), on=["a", "b"], how="semi"),
        chat=components(links, n_nodes=n_sources),
        content=content,
    )


def components(links: pl.DataFrame, *, n_nodes: int) -> pl.Series:
    """Return for each node the smallest node that it hangs together with through `a`-`b` links."""
    a, b = links["a"].to_numpy(), links["b"].to_numpy()
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(n_nodes, n_nodes))
    _, member = connected_components(graph, directed=False)
    nodes = pl.DataFrame({"node": np.arange(n_nodes, dtype=np.int64), "member": member})
    return nodes.select(pl.col("node").min().over("member").alias("component"))["component"]


def _star(component: pl.Series) -> pl.DataFrame:
    """Link each node with the first of its component."""
    nodes = pl.DataFrame({"a": component, "b": np.arange(len(component), dtype=np.int64)})
    return nodes.filter(pl.col("a") != pl.col("b"))


def _rare_texts(posts: pl.DataFrame) -> pl.DataFrame:
    """Return the long texts that occur once in their export."""
    long = posts.filter(pl.col("long")).select("code", "src", "line", "local_ms")
    return long.filter(pl.len().over("src", "code") == 1)


def _find_anchors(posts: pl.DataFrame) -> pl.DataFrame:
    """Pair each rare text with its nearest other holders: `a` < `b`, lines and clock readings on both sides."""
    holders = _rare_texts(posts).sort("code", "src")
    parts = [
        holders.select(
            a="src",
            b=pl.col("src").shift(-step),
            line_a="line",
            line_b=pl.col("line").shift(-step),
            ms_a="local_ms",
            ms_b=pl.col("local_ms").shift(-step),
            same=pl.col("code") == pl.col("code").shift(-step),
        ).filter(pl.col("same"))
        for step in range(1, NEIGHBOURS + 1)
    ]
    return pl.concat(parts).drop("same").sort("a", "b", "line_a")


def _keep_consistent(anchors: pl.DataFrame) -> pl.DataFrame:
    """Keep the anchors at the pair's commonest distance in time, up to one hour of summer time."""
    pair = ("a", "b")
    close = anchors.with_columns(distance=pl.col("ms_b") - pl.col("ms_a"))
    close = close.filter(pl.col("distance").abs() <= MOST_APART_MS).filter(pl.len().over(pair) >= MIN_ANCHORS)
    binned = close.with_columns(bin=pl.col("distance") // RESIDUAL_MS)
    peak = binned.join(_find_peaks(binned), on=pair).filter((pl.col("bin") - pl.col("peak")).is_in([0, 1]))
    middle = pl.col("distance").quantile(0.5, interpolation="lower").cast(pl.Int64)
    apart = (pl.col("distance") - pl.col("offset_ms")).abs()
    return (
        close.join(peak.group_by(pair).agg(offset_ms=middle), on=pair)
        .filter((apart <= RESIDUAL_MS) | ((apart - HOUR_MS).abs() <= RESIDUAL_MS))
        .sort("a", "b", "line_a")
    )


def _find_peaks(binned: pl.DataFrame) -> pl.DataFrame:
    """Return for each pair the first of the two neighbouring bins that hold the most distances: `a`, `b`, `peak`.

    The median would not do: where everyday sentences recur, chance pairs may outnumber the copies.
    """
    votes = binned.group_by("a", "b", "bin").agg(n=pl.len().cast(pl.Int64))
    after = votes.select("a", "b", bin=pl.col("bin") - 1, more="n")
    dense = votes.join(after, on=["a", "b", "bin"], how="left").with_columns(
        n=pl.col("n") + pl.col("more").fill_null(0)
    )
    ordered = dense.sort("a", "b", -pl.col("n"), pl.col("bin").abs(), "bin")
    return ordered.unique(["a", "b"], keep="first", maintain_order=True).select("a", "b", peak="bin")


def _summarise(anchors: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs with enough anchors in the same order: `a`, `b`, `offset_ms`, `n_anchors`."""
    in_order = (pl.col("line_b").diff().drop_nulls() > 0).mean()
    found = anchors.group_by("a", "b").agg(
        pl.col("offset_ms").first(),
        n_anchors=pl.len().cast(pl.Int64),
        in_order=in_order,
    )
    kept = (pl.col("n_anchors") >= MIN_ANCHORS) & (pl.col("in_order") >= MIN_IN_ORDER)
    return found.filter(kept).select("a", "b", "offset_ms", "n_anchors").sort("a", "b")


def _keep_overlapping(pairs: pl.DataFrame, posts: pl.DataFrame) -> pl.DataFrame:
    """Keep the pairs that share most of the long texts of the time that both cover: forwards alone are not enough."""
    rare = {part["src"][0]: np.sort(part["local_ms"].to_numpy()) for part in _rare_texts(posts).partition_by("src")}
    spans = posts.group_by("src").agg(first=pl.col("local_ms").min(), last=pl.col("local_ms").max())
    span = {src: (first, last) for src, first, last in spans.iter_rows()}
    keep = [
        _overlap_is_shared(rare[a], rare[b] - offset, (span[a], (span[b][0] - offset, span[b][1] - offset)), n)
        for a, b, offset, n in pairs.iter_rows()
    ]
    return pairs.filter(pl.Series(keep, dtype=pl.Boolean))


Span = tuple[int, int]


def _overlap_is_shared(a: np.ndarray, b: np.ndarray, spans: tuple[Span, Span], n_shared: int) -> bool:
    """Tell whether the shared texts are a good part of both sides' rare texts in the common window."""
    first = max(spans[0][0], spans[1][0]) - RESIDUAL_MS
    last = min(spans[0][1], spans[1][1]) + RESIDUAL_MS
    counts = sorted(int(np.searchsorted(x, last, "right") - np.searchsorted(x, first)) for x in (a, b))
    return n_shared >= MIN_SHARE_SMALLER * counts[0] and n_shared >= MIN_SHARE_LARGER * counts[1]


def _same_content(records: pl.DataFrame, *, n_sources: int) -> pl.Series:
    """Group exports whose records agree one by one, as when one text file lies in two zips."""
    shape = ["n", "first", "last"]
    shapes = records.group_by("src").agg(n=pl.len(), first=pl.col("local_ms").min(), last=pl.col("local_ms").max())
    twins = records.join(shapes.filter(pl.len().over(shape) > 1), on="src", how="semi")
    row = pl.struct("line", "local_ms", "label", "kind", "code", "edited").hash()
    told = twins.sort("src", "line", "message_id").select("src", row=row).partition_by("src", maintain_order=True)
    first: dict[bytes, int] = {}
    links = [(first.setdefault(part["row"].to_numpy().tobytes(), part["src"][0]), part["src"][0]) for part in told]
    return components(pl.DataFrame(links, schema={"a": pl.Int64, "b": pl.Int64}, orient="row"), n_nodes=n_sources)
