"""Sections 4 and 5 of the report: people who send close in time, and what several exports say of one message."""

import polars as pl

from chatforensics.report.language import say
from chatforensics.report.numbers import tell_number
from chatforensics.report.sightings import Row, Tables, cap, list_sightings, name_people
from chatforensics.report.words import STATUS_MEANINGS
from chatforensics.schema import CONFLICT_STATUSES, SIGNIFICANT_Q
from chatforensics.tables import scan

PAIR_LIMIT = 50
CONFLICT_LIMIT = 60
ID_LIMIT = 6


def view_pairs(tables: Tables, *, window_s: float | None = None) -> Row:
    """Return the pairs with their chance of arising by themselves and the messages of the texts that both sent.

    A pair shows common timing; it does not show a common plan, nor who of the two was first to decide.

    Args:
        tables: All tables.
        window_s: The window of the run; without it, no range of lags is told.
    """
    pairs = tables["pairs"].sort("q_value", "p_value", "person_a", "person_b", nulls_last=True)
    names = name_people(tables["people"])
    rows = [_view_pair(tables["shares"], row, names, window_s) for row in pairs.head(PAIR_LIMIT).iter_rows(named=True)]
    return {
        "rows": rows,
        "n_significant": pairs.filter(pl.col("q_value") <= SIGNIFICANT_Q).height,
        "cap": cap(rows, total=pairs.height, where="tables/pairs.parquet"),
        "cited": [message_id for row in rows for message_id in row["ids"]],
    }


def list_conflicts(tables: Tables) -> pl.DataFrame:
    """Return what is told of each message on which exports disagree and for which the page has room, gravest first."""
    return _order_conflicts(tables).head(CONFLICT_LIMIT)


def _order_conflicts(tables: Tables) -> pl.DataFrame:
    gravity = {status: place for place, status in enumerate(CONFLICT_STATUSES)}
    order = pl.col("status").replace_strict(gravity, return_dtype=pl.Int64)
    found = scan(tables, "corroboration").filter(pl.col("status").is_in(CONFLICT_STATUSES))
    return found.collect().sort(order, "canonical_id")


def view_agreement(tables: Tables, *, placed: pl.DataFrame) -> Row:
    """Return how far exports of one chat agree, and each message on which they do not."""
    conflicts = _order_conflicts(tables)
    rows = [_view_conflict(placed, row) for row in conflicts.head(CONFLICT_LIMIT).iter_rows(named=True)]
    return {
        "statuses": _count_statuses(tables),
        "rows": rows,
        "cap": cap(rows, total=conflicts.height, where="tables/corroboration.parquet"),
        "cited": [message_id for row in rows for message_id in row["ids"]],
    }


def _view_pair(shares: pl.DataFrame, pair: Row, names: dict[str, str], window_s: float | None) -> Row:
    """Return one pair with the names and the messages of the texts that both sent."""
    of_a, of_b = (shares.filter(pl.col("person_id") == pair[side]) for side in ("person_a", "person_b"))
    both = pl.concat([of_a.join(of_b, on="family_id", how="semi"), of_b.join(of_a, on="family_id", how="semi")])
    ids = both.sort("sent_at", "share_id", nulls_last=True).select(pl.col("message_ids").list.first())
    behind = ids.drop_nulls().to_series().to_list()
    return pair | {
        "name_a": names.get(str(pair["person_a"]), pair["person_a"]),
        "name_b": names.get(str(pair["person_b"]), pair["person_b"]),
        "ids": behind[:ID_LIMIT],
        "more": len(behind[ID_LIMIT:]),
        "lag": _tell_lag(pair["median_lag_s"], of_a.join(of_b, on="family_id"), window_s),
        "expected": tell_number(pair["n_expected"]),
    }


def _tell_lag(median_s: float | None, both: pl.DataFrame, window_s: float | None) -> str:
    """Return the median lag of the shares inside the window, with the shortest and the longest where they are known."""
    if median_s is None:
        return "-"
    lags = both.select((pl.col("sent_at_right") - pl.col("sent_at")).dt.total_seconds().abs()).to_series().drop_nulls()
    within: list[int] = lags.filter(lags <= (window_s or 0)).to_list()
    span = f" ({min(within)}–{max(within)})" if within else ""
    return say("{n} s{span}", n=tell_number(median_s), span=span)


def _count_statuses(tables: Tables) -> list[Row]:
    """Return how many distinct messages have each status, the gravest first."""
    counts = dict(scan(tables, "corroboration").group_by("status").len().collect().iter_rows())
    known = [{"status": key, "n": counts.pop(key, 0), "meaning": words} for key, words in STATUS_MEANINGS.items()]
    return known + [{"status": key, "n": counts[key], "meaning": ""} for key in sorted(map(str, counts))]


def _view_conflict(placed: pl.DataFrame, row: Row) -> Row:
    """Return one message on which exports disagree, with its copies."""
    copies = placed.filter(pl.col("canonical_id") == row["canonical_id"])["message_id"].to_list()
    shown = list_sightings(placed, ids=copies[:ID_LIMIT])
    others = [kind for kind in row["conflicts"] or [] if kind != row["status"]]
    return row | {"others": others, "copies": shown, "ids": copies[:ID_LIMIT], "more": len(copies[ID_LIMIT:])}
