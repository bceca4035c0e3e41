"""Section 3 of the report: how far each followed text spread, and through which shares it newly reached people."""

from collections.abc import Mapping, Sequence

import polars as pl

from chatforensics.report.found import instruct
from chatforensics.report.language import say
from chatforensics.report.measures import ALL, COUNTED, LINKED, Measure
from chatforensics.report.numbers import tell_duration, tell_number, tell_range
from chatforensics.report.sightings import Row, Tables, cap, name_people
from chatforensics.report.wordings import view_wordings
from chatforensics.tables import scan

FAMILY_LIMIT = 15
BLOCK_LIMIT = 5  # families shared more than once of which shares, chats and wordings are listed
SHARE_LIMIT = 15
CHAT_LIMIT = 15
SNIPPET = 60


def view_spread(tables: Tables, *, numbers: Mapping[str, int]) -> Row:
    """Return each followed text's measures with their ranges, and for the first ones shares, chats and wordings.

    What was sent outside the evidence is in no measure; being in a chat does not show that a message was read.

    Args:
        tables: All tables.
        numbers: The number under which each family stands in the report.
    """
    families = _order_families(tables, numbers)
    rows = [_view_measures(tables, row, numbers) for row in families[:FAMILY_LIMIT]]
    passed_on = [row for row in rows if row["n_shares"] > 1]
    told = sorted(passed_on[:BLOCK_LIMIT], key=lambda row: row["number"] or 0)
    blocks = [_view_block(tables, row) for row in told]
    return {
        "rows": rows,
        "cap": cap(rows, total=len(families), where="tables/cascades.parquet"),
        "others": _view_others(tables, families),
        "blocks": blocks,
        "blocks_cap": cap(
            blocks,
            total=_count_repeated(tables["cascades"]),
            where=say("{one} and {other}", one="tables/exposures.parquet", other="tables/variants.parquet"),
        ),
        "counted": COUNTED,
        "linked": LINKED,
        "cited": [message_id for block in blocks for message_id in block["cited"]],
    }


def _order_families(tables: Tables, numbers: Mapping[str, int]) -> list[Row]:
    """Return the measured families: flagged ones first, then unsure ones, then the others; see below.

    Among them those with most messages flagged (then: left open) come first, then those that reached most: small talk
    of hundreds has a flagged message now and then, and is not what the case is about.
    """
    decisions = instruct(tables["labels"])
    members = scan(tables, "families").filter(pl.col("message_id").is_in(decisions["message_id"].implode())).collect()
    told = members.join(decisions, on="message_id")
    flagged, unsure = (
        dict(told.filter(pl.col("decision") == decision).group_by("family_id").len().iter_rows())
        for decision in ("flag", "review")
    )
    reach = dict(tables["cascades"].filter(pl.col("measure") == "reach").select("family_id", "value").iter_rows())
    known = tables["cascades"]["family_id"].unique().to_list()
    rows = [
        {"family_id": key, "decision": "flag" if key in flagged else "review" if key in unsure else "none"}
        for key in known
    ]
    order = {"flag": 0, "review": 1, "none": 2}
    return sorted(
        rows,
        key=lambda row: (
            order[row["decision"]],
            -flagged.get(row["family_id"], 0),
            -unsure.get(row["family_id"], 0),
            -(reach.get(row["family_id"]) or 0),
            numbers.get(row["family_id"], 0),
        ),
    )


def _count_repeated(cascades: pl.DataFrame) -> int:
    """Return how many families were shared more than once."""
    return cascades.filter((pl.col("measure") == "n_shares") & (pl.col("value") > 1)).height


def _view_measures(tables: Tables, row: Row, numbers: Mapping[str, int]) -> Row:
    """Return one family with its name, its first words and its measures as text."""
    family_id = row["family_id"]
    found = tables["cascades"].filter(pl.col("family_id") == family_id).rows_by_key("measure", named=True, unique=True)
    first = tables["variants"].filter(pl.col("family_id") == family_id).sort("first_at", "variant_id", nulls_last=True)
    words = " ".join(str(first["text"].drop_nulls().first() or "").split())
    return row | {
        "number": numbers.get(family_id),
        "snippet": words[:SNIPPET] + ("…" if len(words) > SNIPPET else ""),
        "n_wordings": first.height,
        "n_shares": int((found.get("n_shares") or {}).get("value") or 0),
        "counted": [_tell_counted(measure, found.get(measure.key)) for measure in COUNTED],
        "linked": [_tell_linked(found.get(measure.key)) for measure in LINKED],
    }


def _tell_counted(measure: Measure, row: Row | None) -> str:
    value = None if row is None else row["value"]
    return tell_duration(value) if measure.is_duration else tell_number(value)


def _tell_linked(row: Row | None) -> str:
    return "-" if row is None else tell_range(row["middle"], row["low"], row["high"])


def _view_others(tables: Tables, families: Sequence[Row]) -> Row | None:
    """Return the same measures of the texts that tell nobody how to vote: median, lowest and highest, to compare."""
    ids = [row["family_id"] for row in families if row["decision"] == "none"]
    if len(ids) < 2 or len(ids) == len(families):  # noqa: PLR2004 - one text is no range, and all are no comparison
        return None
    others = tables["cascades"].filter(pl.col("family_id").is_in(ids))
    found = others.group_by("measure").agg(
        middle=pl.col("middle").median(), low=pl.col("middle").min(), high=pl.col("middle").max()
    )
    ranges = found.rows_by_key("measure", named=True, unique=True)
    return {"n": len(ids), "cells": [_tell_other(measure, ranges.get(measure.key)) for measure in ALL]}


def _tell_other(measure: Measure, row: Row | None) -> str:
    if row is None or not measure.is_duration:
        return _tell_linked(row)
    middle, low, high = (tell_duration(row[key]) for key in ("middle", "low", "high"))
    return say("{middle} ({low} – {high})", middle=middle, low=low, high=high)


def _view_block(tables: Tables, row: Row) -> Row:
    """Return the shares of one family, the chats where it reached most members, and its wordings."""
    own = pl.col("family_id") == row["family_id"]
    titles = dict(tables["chats"].select("chat_id", pl.coalesce("title", "chat_id")).iter_rows())
    shares, chats = _list_shares(tables, own, titles), _list_chats(tables, own, titles)
    wordings = view_wordings(tables, family_id=row["family_id"], number=row["number"])
    shown = shares[:SHARE_LIMIT]
    return row | {
        "shares": shown,
        "shares_cap": cap(
            shown,
            total=len(shares),
            where=say("{one} and {other}", one="tables/exposures.parquet", other="tables/shares.parquet"),
        ),
        "chats": chats[:CHAT_LIMIT],
        "chats_cap": cap(chats[:CHAT_LIMIT], total=len(chats), where="tables/exposed_chats.parquet"),
        "wordings": wordings,
        "cited": [each["message_id"] for each in shown if each["message_id"] is not None] + wordings["cited"],
    }


def _list_shares(tables: Tables, own: pl.Expr, titles: Mapping[str, str]) -> list[Row]:
    """Return the shares of a family, earliest first, with how many could read each, and how many for the first time."""
    names = name_people(tables["people"])
    shares = tables["shares"].filter(own).sort("sent_at", "share_id", nulls_last=True)
    joined = shares.join(tables["exposures"], on="share_id", how="left", maintain_order="left")
    return [
        {
            "message_id": (row["message_ids"] or [None])[0],
            "when": row["sent_at"],
            "sender": names.get(row["person_id"], row["person_id"]),
            "chat": titles.get(row["chat_id"], row["chat_id"]),
            "n_recipients": row["n_recipients"],
            "n_newly_reached": row["n_newly_reached"],
        }
        for row in joined.iter_rows(named=True)
    ]


def _list_chats(tables: Tables, own: pl.Expr, titles: Mapping[str, str]) -> list[Row]:
    """Return the chats of a family, where it reached most members first."""
    rows = tables["exposed_chats"].filter(own).sort("n_members_exposed", "chat_id", descending=[True, False])
    return [row | {"title": titles.get(row["chat_id"], row["chat_id"])} for row in rows.to_dicts()]
