"""How a text changed: each wording beside the nearest earlier one, with what was added and dropped."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from chatforensics.report.found import letter, order_wordings
from chatforensics.report.language import say
from chatforensics.report.marks import clip_text
from chatforensics.report.sightings import Row, Tables, cap
from chatforensics.tables import scan

WORDING_LIMIT = 8
CHARACTER_LIMIT = 1500


class Part(NamedTuple):
    """A stretch of a wording: as in the parent, added, or dropped (then it stands in the parent only)."""

    text: str
    change: str  # same, added or dropped


def view_wordings(tables: Tables, *, family_id: str, number: int | None) -> Row:
    """Return the wordings of a family, earliest first, each with its changes from the wording it hangs from.

    Likeness decides what hangs from what: it does not show who copied whom, and a wording outside the evidence may
    stand between two.
    """
    own = pl.col("family_id") == family_id
    members = scan(tables, "families").filter(own).select("message_id", "variant_id")
    sent = scan(tables, "messages").select("message_id", "sent_at").join(members, on="message_id").collect()
    rows = sent.sort("sent_at", "message_id", nulls_last=True)
    letters = {key: f"{number or ''}{letter(place)}" for place, key in enumerate(order_wordings(rows, "variant_id"))}
    variants = tables["variants"].filter(own).sort("first_at", "variant_id", nulls_last=True)
    changes = tables["variant_changes"].filter(own).sort("variant_id", "position")
    by_variant = {key[0]: part.to_dicts() for key, part in changes.group_by("variant_id", maintain_order=True)}
    pictured = set(tables["pictures"].filter(pl.col("status") == "read")["message_id"])
    shown = [
        _view_wording(row, by_variant.get(row["variant_id"], []), letters)
        | {"pictured": not pictured.isdisjoint(row["message_ids"] or [])}
        for row in variants.head(WORDING_LIMIT).iter_rows(named=True)
    ]
    return {
        "rows": shown,
        "cap": cap(
            shown,
            total=variants.height,
            where=say("{one} and {other}", one="tables/variants.parquet", other="tables/variant_changes.parquet"),
        ),
        "cited": [row["message_id"] for row in shown if row["message_id"] is not None],
    }


def _view_wording(row: Row, changes: Sequence[Row], letters: Mapping[str, str]) -> Row:
    """Return one wording; the earliest in the evidence is printed as it stands, without marks."""
    parent = row["parent_variant_id"]
    text, left_out = clip_text(row["text"] or "", limit=CHARACTER_LIMIT)
    return {
        "name": letters.get(row["variant_id"], "?"),
        "parent": letters.get(parent, "?") if parent is not None else None,
        "message_id": (row["message_ids"] or [None])[0],
        "n_messages": row["n_messages"],
        "first_at": row["first_at"],
        "n_edits": row["n_edits"],
        "parts": mark_changes(text, changes) if parent is not None else [Part(text, "same")],
        "left_out": left_out,
    }


def mark_changes(text: str, changes: Sequence[Row]) -> list[Part]:
    """Cut a wording at its changes; what was dropped stands where it stood. Without it, the parts are the text."""
    parts: list[Part] = []
    at = 0
    for change in sorted(changes, key=lambda each: (each["start"], each["position"])):
        start, end = max(at, change["start"]), min(len(text), change["end"])
        if change["start"] > len(text):
            break
        parts += [
            Part(text[at:start], "same"),
            Part(change["parent_text"] or "", "dropped"),
            Part(text[start:end], "added"),
        ]
        at = max(start, end)
    return [part for part in (*parts, Part(text[at:], "same")) if part.text]
