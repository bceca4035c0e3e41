"""Exports of one conversation, recognised by the texts that they share in the same order at one distance in time.

File names, titles and sender labels are not looked at: they differ from phone to phone.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from chatforensics.errors import UsageError
from chatforensics.joining.agreement import gather_sides, is_dated_post, keep_agreeing
from chatforensics.joining.creation import link_created
from chatforensics.joining.near import find_near
from chatforensics.joining.records import SHORT_TEXT
from chatforensics.joining.sameshape import link_same_content, link_same_shape
from chatforensics.joining.slim import LONG_TEXT, Records
from chatforensics.joining.tolerances import HOUR_MS, MIN_ANCHORS, MOST_APART_MS, RESIDUAL_MS
from chatforensics.schema import Events
from chatforensics.text import normalise

NEIGHBOURS = 4  # a text held by many exports is compared with the next few holders only: cost stays linear
MIN_IN_ORDER = 0.8


@dataclass(frozen=True)
class Alignment:
    """What holds exports together.

    `pairs` has a row per aligned pair of exports (`pair`, `a`, `b`, `n_anchors`, `offset_ms` = clock of b minus that of
    a), `created` the pairs (`a`, `b`) known by the group's creation alone, `near` the pairs in step that are not of one
    chat all the same, as made by `find_near`, `chat` and `content` the component of each export (`content`: same
    records).
    """

    pairs: pl.DataFrame
    created: pl.DataFrame
    near: pl.DataFrame
    chat: pl.Series
    content: pl.Series


def align_sources(numbered: pl.DataFrame, records: Records, events: Events) -> Alignment:
    """Find which exports show the same conversation.

    Rare texts must be shared in order, of sixty characters in all (one text counts for twenty at most), and nearly all
    texts of the time that both cover must agree, by more than one sender or with notices of who came and went: what one
    sender alone has put into two chats may be forwarded. Exports without a common text are of one chat where both
    show its creation under one name at one time, or agree record by record in kind and second. What shares less stays
    apart, unless the same chat is declared.

    Args:
        numbered: Exports with `src`, `phone`, `declared_chat` (null where nothing is declared).
        records: As made by `build_records`.
        events: Typed notices.

    Raises:
        UsageError: two exports are declared to be of different chats, and a third is of the same chat as both.
    """
    notices = _list_notices(records, events)
    content = components(link_same_content(records), n_nodes=len(numbered))
    found = _find_anchors(records)
    anchors = _keep_consistent(found)
    sides = gather_sides(records, notices)
    in_step = _respect_declared(_summarise(anchors, n_sources=len(numbered)), numbered)
    pairs = keep_agreeing(in_step, sides, found)
    alike = pl.concat([_star(content), link_same_shape(records)])
    stated = pl.concat([pairs.select("a", "b"), _respect_declared(alike, numbered), _link_declared(numbered)])
    chat = components(stated, n_nodes=len(numbered))
    created = _respect_declared(link_created(notices, pairs, sides, numbered.with_columns(chat=chat)), numbered)
    joined = components(pl.concat([stated, created.select("a", "b")]), n_nodes=len(numbered))
    _check_declared(numbered.with_columns(chat=joined))
    return Alignment(
        pairs=pairs,
        created=created.select("a", "b"),
        near=find_near(in_step, sides, joined, anchors),
        chat=joined,
        content=content,
    )


def _list_notices(records: Records, events: Events) -> pl.DataFrame:
    """Return the dated notices: `src`, `line`, `local_ms`, `event`, and the `name` of a group that was created."""
    told = records.rows.join(events.select("message_id"), on="message_id", how="semi")
    dated = records.widen(told).drop_nulls("local_ms").select("message_id", "src", "line", "local_ms")
    notices = events.select("message_id", "event", "new").join(dated, on="message_id").sort("src", "line")
    created = notices.filter((pl.col("event") == "created") & pl.col("new").is_not_null())
    told = created.select("message_id", name=pl.Series([normalise(new) for new in created["new"]], dtype=pl.String))
    return notices.join(told, on="message_id", how="left", maintain_order="left")


def _link_declared(numbered: pl.DataFrame) -> pl.DataFrame:
    """Link the exports that are declared to be of one chat."""
    named = numbered.drop_nulls("declared_chat").select(a=pl.col("src").min().over("declared_chat"), b="src")
    return named.filter(pl.col("a") != pl.col("b"))


def _respect_declared(pairs: pl.DataFrame, numbered: pl.DataFrame) -> pl.DataFrame:
    """Drop the pairs that are declared to be of different chats."""
    chats = numbered.select("src", "declared_chat")
    named = pairs.join(chats.rename({"declared_chat": "one"}), left_on="a", right_on="src", maintain_order="left")
    both = named.join(chats.rename({"declared_chat": "other"}), left_on="b", right_on="src", maintain_order="left")
    kept = both.filter((pl.col("one") == pl.col("other")).fill_null(value=True))
    return kept.select(pairs.columns)


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


def _rare_texts(records: Records) -> pl.DataFrame:
    """Return the texts that occur once in their export: the long ones, and shorter ones that few exports hold."""
    parts = []
    for portion in records.portions():
        typed = portion.filter(
            is_dated_post() & (pl.col("long") | (pl.col("worded") & (pl.col("length") >= SHORT_TEXT)))
        )
        once = typed.select("code", "src", "line", "local_ms", "long", "length").sort("src", "code")
        same = (pl.col("src") == pl.col("src").shift(1)) & (pl.col("code") == pl.col("code").shift(1))
        first, last = ~same.fill_null(value=False), ~same.shift(-1).fill_null(value=False)
        parts.append(once.filter(first & last).with_columns(pl.col("src", "line").cast(pl.Int32)))
    held = pl.concat(parts).sort("code", "src")
    return held.filter(pl.col("long") | (pl.len().over("code") <= NEIGHBOURS + 1)).drop("long")


def _find_anchors(records: Records) -> pl.DataFrame:
    """Pair each rare text with its nearest other holders: `pair`, lines on both sides, `distance` in time, `length`.

    The number of a pair of exports a < b is a times their number plus b. Pairs that share too few texts, and texts too
    far apart in time, are left out.
    """
    holders, n_sources = _rare_texts(records), len(records.starts) - 1
    parts = []
    for step in range(1, NEIGHBOURS + 1):
        code, src, line, ms, length = (pl.col(name) for name in ("code", "src", "line", "local_ms", "length"))
        near = (code == code.shift(-step)) & ((ms.shift(-step) - ms).abs() <= MOST_APART_MS)
        told = holders.lazy().select(
            near=near,
            pair=src.cast(pl.Int64) * n_sources + src.shift(-step),
            line_a=line,
            line_b=line.shift(-step),
            distance=ms.shift(-step) - ms,
            length=length,
        )
        parts.append(told.filter("near").drop("near").collect())
    found = pl.concat(parts)
    often = found.group_by("pair").len().filter(pl.col("len") >= MIN_ANCHORS)
    return found.join(often, on="pair", how="semi")


def _keep_consistent(close: pl.DataFrame) -> pl.DataFrame:
    """Keep the anchors at the pair's commonest distance in time, up to one hour of summer time."""
    binned = close.select("pair", "distance", bin=pl.col("distance") // RESIDUAL_MS)
    peak = binned.join(_find_peaks(binned), on="pair").filter((pl.col("bin") - pl.col("peak")).is_in([0, 1]))
    middle = pl.col("distance").quantile(0.5, interpolation="lower").cast(pl.Int64)
    apart = (pl.col("distance") - pl.col("offset_ms")).abs()
    return (
        close.join(peak.group_by("pair").agg(offset_ms=middle), on="pair")
        .filter((apart <= RESIDUAL_MS) | ((apart - HOUR_MS).abs() <= RESIDUAL_MS))
        .sort("pair", "line_a")
    )


def _find_peaks(binned: pl.DataFrame) -> pl.DataFrame:
    """Return for each pair the first of the two neighbouring bins that hold the most distances: `pair`, `peak`.

    The median would not do: where everyday sentences recur, chance pairs may outnumber the copies.
    """
    votes = binned.group_by("pair", "bin").agg(n=pl.len().cast(pl.Int64))
    after = votes.select("pair", bin=pl.col("bin") - 1, more="n")
    dense = votes.join(after, on=["pair", "bin"], how="left").with_columns(n=pl.col("n") + pl.col("more").fill_null(0))
    ordered = dense.sort("pair", -pl.col("n"), pl.col("bin").abs(), "bin")
    return ordered.unique("pair", keep="first", maintain_order=True).select("pair", peak="bin")


def _summarise(anchors: pl.DataFrame, *, n_sources: int) -> pl.DataFrame:
    """Return the pairs with enough anchors in the same order: `pair`, `a`, `b`, `offset_ms`, `n_anchors`.

    The weight of a text is its length, where twenty characters or more count as one.
    """
    in_order = (pl.col("line_b").diff().drop_nulls() > 0).mean()
    found = anchors.group_by("pair").agg(
        pl.col("offset_ms").first(),
        n_anchors=pl.len().cast(pl.Int64),
        length=pl.col("length").cast(pl.Int64).sum(),
        in_order=in_order,
    )
    kept = (pl.col("length") >= MIN_ANCHORS * LONG_TEXT) & (pl.col("in_order") >= MIN_IN_ORDER)
    pairs = found.filter(kept).with_columns(a=pl.col("pair") // n_sources, b=pl.col("pair") % n_sources)
    return pairs.select("pair", "a", "b", "offset_ms", "n_anchors").sort("a", "b")


def _check_declared(numbered: pl.DataFrame) -> None:
    """Make sure that what hangs together is declared to be one chat at most.

    Raises:
        UsageError: it is declared to be several.
    """
    declared = numbered.drop_nulls("declared_chat").sort("src")
    several = declared.filter(pl.col("declared_chat").n_unique().over("chat") > 1)
    if several.is_empty():
        return
    row = several.row(0, named=True)
    hang = numbered.filter((pl.col("chat") == row["chat"]) & pl.col("declared_chat").is_null())["source_id"]
    raise UsageError(
        f"--declare: exports of the chat '{row['declared_chat']}' are declared to be of another chat than exports that "
        "show the same messages as a third.",
        hint=f"Declare the chat of the third as well: {', '.join(hang[:3])}.",
    )
