"""Which exports a number or a table rests on, in few words; taken from the tables, never written by hand."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import polars as pl

from chatforensics.report.language import say, say_count
from chatforensics.report.sightings import SOURCE_LIMIT, Row, Tables, number_sources
from chatforensics.schema import CONFLICT_STATUSES, SIGNIFICANT_Q, SLATE_LABEL
from chatforensics.tables import scan

NAMED_LIMIT = 8  # so many exports are named where the number stands; more are listed behind it


def tell_basis(source_ids: pl.Series, *, tables: Tables, looked_in_all: bool = False) -> Row | None:
    """Return which exports show something, as the page prints it (`words`, `named`, `listed`); nothing if none does.

    Args:
        source_ids: The exports, in any order and repeated at will.
        tables: Give the exports their short names.
        looked_in_all: Whether every export was searched without a find, as behind a count of zero.
    """
    names = number_sources(tables["sources"]).select("source_id", "source", "place")
    shown = names if looked_in_all else names.filter(pl.col("source_id").is_in(source_ids.drop_nulls().implode()))
    if shown.is_empty():
        return None
    in_table = pl.col("place") <= SOURCE_LIMIT
    found = shown.sort("place").select(name="source", in_table=in_table).to_dicts()
    if len(found) == names.height:
        n = len(found)
        if looked_in_all:
            return _row(say_count(n, "Looked for in the one export", "Looked for in all {n} exports"))
        return _row(say_count(n, "Rests on the one export", "Rests on all {n} exports"))
    if len(found) <= NAMED_LIMIT:
        return _row(say("Rests on"), named=found)
    return _row(say("Rests on {n} of {total} exports", n=f"{len(found):,}", total=f"{names.height:,}"), listed=found)


def _row(words: str, *, named: Sequence[Row] = (), listed: Sequence[Row] = ()) -> Row:
    return {"words": words, "named": list(named), "listed": list(listed)}


def find_bases(tables: Tables, summary: Mapping[str, object]) -> dict[str, Row]:
    """Return for each headline count the exports it rests on; counts by level have keys such as `n_indicators-info`."""
    behind = {key: find(tables) for key, find in _BEHIND.items() if key in summary}
    exports = Exports(tables)
    behind |= {key: exports.showing(find(tables)) for key, find in _MESSAGES.items() if key in summary}
    bases = {
        key: tell_basis(found, tables=tables, looked_in_all=summary.get(key) == 0) for key, found in behind.items()
    }
    levels = summary.get("n_indicators")
    for level, number in sorted(levels.items()) if isinstance(levels, Mapping) else ():
        ids = _explode(tables["indicators"].filter(pl.col("level") == str(level)))
        bases[f"n_indicators-{level}"] = tell_basis(ids, tables=tables, looked_in_all=number == 0)
    return {key: basis for key, basis in bases.items() if basis}


class Exports:
    """Which export holds which message, in numbers: some hundred megabytes for ten million messages."""

    def __init__(self, tables: Tables) -> None:
        """Read the ids of all messages, and those of their copies."""
        messages = scan(tables, "messages")
        self._names = messages.select(pl.col("source_id").unique().sort()).collect().to_series()
        numbered = messages.select(
            "message_id",
            one=pl.coalesce("canonical_id", "message_id"),
            source=pl.col("source_id").cast(pl.Enum(self._names.drop_nulls())).to_physical(),
        )
        self._by_id = numbered.select("message_id", "one").sort("message_id").collect()
        self._by_one = numbered.select("one", "source").sort("one").collect()

    def showing(self, message_ids: pl.Series) -> pl.Series:
        """Return the exports that show the messages, or copies of them."""
        wanted = message_ids.drop_nulls().unique().sort()
        ones = _pick(self._by_id, "message_id", wanted)["one"].unique().sort()
        numbers = _pick(self._by_one, "one", ones)["source"].drop_nulls().unique()
        return self._names.drop_nulls().gather(numbers.sort())


def _pick(ordered: pl.DataFrame, column: str, wanted: pl.Series) -> pl.DataFrame:
    """Return the rows with the values wanted; both are in the order of that column."""
    known, asked = ordered[column].to_numpy(), wanted.to_numpy()
    low, counts = np.searchsorted(known, asked), np.searchsorted(known, asked, side="right")
    counts -= low
    return ordered[np.repeat(low - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())]


def find_exports(tables: Tables, message_ids: pl.Series) -> pl.Series:
    """Return the exports that show the messages, or copies of them."""
    return Exports(tables).showing(message_ids)


def _list_sources(tables: Tables, name: str) -> pl.Series:
    return scan(tables, name).select(pl.col("source_id").unique()).collect().to_series()


def _explode(rows: pl.DataFrame) -> pl.Series:
    return rows["source_ids"].explode(empty_as_null=True).drop_nulls().unique()


def _list_labelled(tables: Tables, decision: str) -> pl.Series:
    chosen = (pl.col("label") == SLATE_LABEL) & (pl.col("decision") == decision)
    return tables["labels"].filter(chosen)["message_id"]


def _list_followed(tables: Tables) -> pl.Series:
    return scan(tables, "families").filter("tracked").select("message_id").collect().to_series()


def _find_named(tables: Tables) -> pl.Series:
    """Return the exports that show the shares with a likely source, or that source."""
    named = (pl.col("rank") == 1) & pl.col("parent_share_id").is_not_null()
    first = scan(tables, "links").filter(named).select("share_id", "parent_share_id").collect()
    ids = pl.concat([first["share_id"], first["parent_share_id"]])
    return _explode(tables["shares"].filter(pl.col("share_id").is_in(ids.implode())))


_BEHIND: Mapping[str, Callable[[Tables], pl.Series]] = {
    "n_sources": lambda tables: tables["sources"]["source_id"],
    "n_messages": lambda tables: _list_sources(tables, "messages"),
    "n_rejects": lambda tables: tables["rejects"]["source_id"].unique(),
    "n_chats": lambda tables: _explode(tables["chats"]),
    "n_people": lambda tables: _explode(tables["people"]),
    "n_shares": lambda tables: _explode(tables["shares"]),
    "n_links_named": _find_named,
    "n_edges": lambda tables: _explode(scan(tables, "edges").select("source_ids").unique().collect()),
    "n_pairs_significant": lambda tables: _explode(tables["pairs"].filter(pl.col("q_value") <= SIGNIFICANT_Q)),
    "n_conflicts": lambda tables: _explode(scan(tables, "corroboration").filter(_is_conflict()).collect()),
}
_MESSAGES: Mapping[str, Callable[[Tables], pl.Series]] = {  # counts whose exports are those that show these messages
    "n_flagged": lambda tables: _list_labelled(tables, "flag"),
    "n_review": lambda tables: _list_labelled(tables, "review"),
    "n_families_tracked": _list_followed,
}


def _is_conflict() -> pl.Expr:
    return pl.col("status").is_in(CONFLICT_STATUSES)
