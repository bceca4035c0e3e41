"""Exports of one conversation, recognised by the long texts that they share in the same order at one distance in time.

File names, titles and sender labels are not looked at: they differ from phone to phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
MOST_ONE_SIDED = 0.1  # texts that one export alone shows, per shared text: deleted, altered, lost
MIN_CARRIED = 2  # short shared texts that make a sender count; one long text does
QUARTER_MS = 900_000
MIN_MOVED = 0.05  # share of the anchors that a second distance between two clocks must rest on
MOST_MOVES = 3
RESIDUAL_S = RESIDUAL_MS // 1000
HOUR_S = HOUR_MS // 1000
CODE_STEP = 1 << 40  # more seconds than there are between any two dates


@dataclass(frozen=True)
class _Side:
    """The typed texts of one export, by text and time: `keys` holds both; `span` is its first and last second."""

    keys: np.ndarray
    t: np.ndarray
    label: np.ndarray
    long: np.ndarray
    span: tuple[int, int]


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

    Besides at least three long texts in order, nearly all texts of the time that both cover must agree. What one sender
    alone has put into both may be forwarded: exports of a chat in which only one person posts stay apart unless their
    records are the same, as do exports that share fewer than three long texts.
    """
    posts = records.filter((pl.col("kind") != "system") & pl.col("local_ms").is_not_null())
    content = _same_content(records, n_sources=n_sources)
    found = _find_anchors(posts)
    anchors = _keep_consistent(found)
    pairs = _keep_overlapping(_summarise(anchors), posts, found)
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


def _keep_overlapping(pairs: pl.DataFrame, posts: pl.DataFrame, anchors: pl.DataFrame) -> pl.DataFrame:
    """Keep the pairs that agree on nearly all of the time that both cover: forwards alone are not enough."""
    sides = _gather_sides(posts)
    moves = _find_moves(pairs, anchors)
    keep = [
        _is_one_chat(sides[a], _put_back(sides[b], offset // 1000), shifts=(0, HOUR_S, -HOUR_S, *moves.get((a, b), ())))
        for a, b, offset, _ in pairs.iter_rows()
    ]
    return pairs.filter(pl.Series(keep, dtype=pl.Boolean))


def _gather_sides(posts: pl.DataFrame) -> dict[int, _Side]:
    """Return what each export shows, in seconds of its own clock."""
    seconds = posts.with_columns(t=pl.col("local_ms") // 1000 - pl.col("local_ms").min() // 1000)
    typed = seconds.filter(pl.col("worded") & (pl.col("kind") == "text")).sort("src", "code", "t", "line")
    spans = seconds.group_by("src").agg(first=pl.col("t").min(), last=pl.col("t").max())
    span = {src: (first, last) for src, first, last in spans.iter_rows()}
    numbered = typed.with_columns(label=pl.col("label").rank("dense").fill_null(0).cast(pl.Int64))
    return {part["src"][0]: _make_side(part, span[part["src"][0]]) for part in numbered.partition_by("src")}


def _make_side(part: pl.DataFrame, span: tuple[int, int]) -> _Side:
    code, t, label, long = (part[name].to_numpy() for name in ("code", "t", "label", "long"))
    return _Side(code * CODE_STEP + t, t, label, long, span)


def _put_back(side: _Side, offset_s: int) -> _Side:
    """Return an export as it would be had its clock not been ahead by the offset."""
    span = (side.span[0] - offset_s, side.span[1] - offset_s)
    return replace(side, keys=side.keys - offset_s, t=side.t - offset_s, span=span)


def _find_moves(pairs: pl.DataFrame, anchors: pl.DataFrame) -> dict[tuple[int, int], tuple[int, ...]]:
    """Return by how many seconds else the clocks of a pair stood apart for some time, as when one phone travelled."""
    apart = anchors.join(pairs, on=["a", "b"]).with_columns(distance=pl.col("ms_b") - pl.col("ms_a"))
    apart = apart.filter(pl.col("distance").abs() <= MOST_APART_MS)
    quarter = ((pl.col("distance") - pl.col("offset_ms")) / QUARTER_MS).round().cast(pl.Int64)
    counted = apart.group_by("a", "b", "n_anchors", quarter=quarter).agg(n=pl.len())
    often = (pl.col("n") > MIN_ANCHORS) & (pl.col("n") >= MIN_MOVED * pl.col("n_anchors"))
    best = counted.filter(~pl.col("quarter").is_in([-4, 0, 4]) & often).sort(
        "a", "b", -pl.col("n").cast(pl.Int64), "quarter"
    )
    moved = best.group_by("a", "b", maintain_order=True).agg(pl.col("quarter").head(MOST_MOVES) * (QUARTER_MS // 1000))
    return {(a, b): tuple(shifts) for a, b, shifts in moved.iter_rows()}


def _is_one_chat(a: _Side, b: _Side, *, shifts: Sequence[int]) -> bool:
    """Tell whether two exports agree on nearly all texts of the time that both cover, by more than one sender.

    Texts that one export lacks may all be of one sender: somebody's messages were deleted there.
    """
    held_a, held_b = _find_held(a, b, shifts), _find_held(b, a, [-shift for shift in shifts])
    if not (_has_senders(a, held_a) and _has_senders(b, held_b)):
        return False
    window = (max(a.span[0], b.span[0]) + RESIDUAL_S, min(a.span[1], b.span[1]) - RESIDUAL_S)
    own_a, own_b = (~held & (side.t >= window[0]) & (side.t <= window[1]) for side, held in ((a, held_a), (b, held_b)))
    common = np.sort(a.t[held_a])
    choices = ((own_a, own_b), (_without_commonest(a, own_a), own_b), (own_a, _without_commonest(b, own_b)))
    return any(_nearly_agree(common, a.t[mine], b.t[theirs]) for mine, theirs in choices)


def _nearly_agree(common: np.ndarray, own_a: np.ndarray, own_b: np.ndarray) -> bool:
    """Tell whether few texts are in one export only; where the other is silent, a stretch of them counts once.

    Whoever made the silent export may have been out of the chat.
    """
    a, b = (np.bincount(np.searchsorted(common, own), minlength=len(common) + 1) for own in (own_a, own_b))
    most = max(1.0, MOST_ONE_SIDED * len(common))
    return bool(np.minimum(a, b + 1).sum() <= most and np.minimum(b, a + 1).sum() <= most)


def _without_commonest(side: _Side, own: np.ndarray) -> np.ndarray:
    """Leave out the texts of the sender who has most of them."""
    counts = np.bincount(side.label[own], minlength=1)
    return np.asarray(own & (side.label != counts.argmax()))


def _find_held(mine: _Side, other: _Side, shifts: Sequence[int]) -> np.ndarray:
    """Tell for each text whether the other export has it at the same moment, or at the clocks' other distances."""
    ends = [mine.keys + shift for shift in shifts]
    found = [
        np.searchsorted(other.keys, end - RESIDUAL_S) < np.searchsorted(other.keys, end + RESIDUAL_S, "right")
        for end in ends
    ]
    return np.asarray(np.logical_or.reduce(found))


def _has_senders(side: _Side, held: np.ndarray) -> bool:
    """Tell whether at least two labels carry shared texts; one short text alone may meet another by chance."""
    weight = np.bincount(side.label[held], weights=np.where(side.long[held], MIN_CARRIED, 1))
    return int((weight >= MIN_CARRIED).sum()) > 1


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
