"""Puts what was redacted into an order that rests on the stand-ins alone.

Ids of people, chats and texts are hashes without a key: whoever has a list of members can hash each name. Tables come
in the order of those hashes, so that their order alone would tell which stand-in is whose. Here rows, lists and pairs
are put in order anew, by places and by what may be read; nothing of the order before stays.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl
import regex

from chatforensics.package.canonical import canonical, plain
from chatforensics.package.columns import IDS, what_is
from chatforensics.package.dossier import Dossier
from chatforensics.package.pseudonyms import CODE

_STAND_IN = regex.compile(rf"\b(?:P|chat|share|text|cluster)-{CODE}|\b(?:export|folder)-\d")
_PAIRS = ("person", "family")
# By places first, as far as a table has them, which say nothing of anybody's name; then by stand-ins; then by these.
_PLACES = ("message_id", "canonical_id", "source_id", "byte_start", "line")
_WITHIN = ("position", "rank", "step", "start")
_OTHERWISE = {"messages": ("source_id", "byte_start"), "links": ("share_id", "rank")}
_PRINTED = frozenset({("events", "targets"), ("indicators", "source_ids")})  # the order of these lists says something
_AMONG_THEMSELVES = frozenset({"sensitivity"})  # in an order that people read; its rows with stand-ins change places


def reorder(dossier: Dossier) -> Dossier:
    """Return a redacted dossier with its rows, lists and pairs in the order of places and stand-ins.

    The order then tells no more than what stands in the rows: the same rows in any order before give the same dossier.
    The order of words within a text stays, and so does that of several messages of one export.

    Args:
        dossier: As redaction leaves it, its ids replaced by stand-ins made with a key.
    """
    run = _order_value(dossier.run)
    return replace(
        dossier,
        tables={name: reorder_table(frame, table=name) for name, frame in dossier.tables.items()},
        run=run if isinstance(run, Mapping) else {},
        answers=tuple(sorted(dossier.answers, key=_by("source_id"))),
        # Of one person they stay in the order in which they came in.
        replies=tuple(sorted(dossier.replies, key=lambda row: str(row.get("person_id") or ""))),
    )


def reorder_table(frame: pl.DataFrame, *, table: str) -> pl.DataFrame:
    """Return one redacted table, its rows in the order of places and stand-ins."""
    frame = _order_lists(_order_pairs(frame), table=table)
    if {"share_id", "parent_share_id", "probability", "rank"} <= set(frame.columns):
        frame = _order_equals(frame)
    if table in _AMONG_THEMSELVES:
        rows = _move_bearers(frame.to_dicts(), key=lambda row: [_sortable(value) for value in row.values()])
        return pl.DataFrame(rows, schema=frame.schema)
    ids = [name for name in frame.columns if what_is(table, name) in IDS]
    wanted = dict.fromkeys([*_OTHERWISE.get(table, ()), *_PLACES, *ids, *_WITHIN, *frame.columns])
    found = (_key(name, frame.schema[name]) for name in wanted if name in frame.columns)
    keys = [key for key in found if key is not None]
    return frame.sort(keys, nulls_last=True, maintain_order=True) if keys else frame


def _key(name: str, dtype: pl.DataType) -> pl.Expr | None:
    """Return by what a column sorts; lists as texts, and what has further fields within not at all."""
    if isinstance(dtype, pl.List):
        return None if dtype.inner.is_nested() else pl.col(name).cast(pl.List(pl.String)).list.join(" ")
    return None if dtype.is_nested() else pl.col(name)


def _order_pairs(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table of pairs with the lesser stand-in first: which of two was first told which hash is the lesser."""
    for what in _PAIRS:
        one, other = f"{what}_a", f"{what}_b"
        if {one, other} <= set(frame.columns):
            twins = [name for name in frame.columns if name.endswith("_a") and f"{name[:-1]}b" in frame.columns]
            is_wrong = pl.col(one) > pl.col(other)
            frame = frame.with_columns(
                pl.when(is_wrong).then(pl.col(from_)).otherwise(pl.col(to)).alias(to)
                for name in twins
                for from_, to in ((name, f"{name[:-1]}b"), (f"{name[:-1]}b", name))
            )
    return frame


def _order_lists(frame: pl.DataFrame, *, table: str) -> pl.DataFrame:
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.List(pl.String)]
    plain_lists = [name for name in texts if (table, name) not in _PRINTED and _is_listed(table, name)]
    frame = frame.with_columns(pl.col(name).list.sort() for name in plain_lists)
    if table != "people" or "labels" not in texts:
        return frame
    labels = [None if some is None else sorted(some, key=_names_first) for some in frame["labels"].to_list()]
    return frame.with_columns(labels=pl.Series(labels, dtype=pl.List(pl.String)))


def _is_listed(table: str, name: str) -> bool:
    return what_is(table, name) in IDS or name in ("source_ids", "lacking", "names", "phones")


def _names_first(label: str) -> str:
    """Names that are shown stay as they are, the first of them on the pages; what stands in for others comes behind."""
    return label if _STAND_IN.search(label) else ""


def _order_equals(links: pl.DataFrame) -> pl.DataFrame:
    """Return links with candidates of equal probability ranked by their stand-ins."""
    key = ("share_id", "probability")
    by_name = links.sort(*key, "parent_share_id", nulls_last=True)
    return by_name.with_columns(links.sort(*key, "rank", nulls_last=True)["rank"])


def _order_value(value: object) -> object:
    """Return a value of the run record; of each list, what bears stand-ins is put in order among itself."""
    if isinstance(value, Mapping):
        return {key: _order_value(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return _move_bearers([_order_value(one) for one in value], key=_sortable)
    return value


def _move_bearers(items: Sequence[Any], *, key: Callable[[Any], Any]) -> list[Any]:
    """Return items in their places, but those that bear stand-ins in order among themselves."""
    is_bearer = [bool(_STAND_IN.search(_sortable(item))) for item in items]
    moved = iter(sorted((item for item, bears in zip(items, is_bearer, strict=True) if bears), key=key))
    return [next(moved) if bears else item for item, bears in zip(items, is_bearer, strict=True)]


def _sortable(value: object) -> str:
    return canonical(plain(value))


def _by(key: str) -> Callable[[Mapping[str, object]], tuple[str, str]]:
    return lambda row: (str(row.get(key) or ""), _sortable(row))
