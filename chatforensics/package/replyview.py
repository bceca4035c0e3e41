"""What a reply pack says, as plain values for its sheets: they only lay out, they never compute."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence

import polars as pl

from chatforensics.package.dossier import Dossier
from chatforensics.package.edges import read_thresholds, tell_edge
from chatforensics.package.replyitems import view_items
from chatforensics.package.sheets import UNKNOWN, Row, Tables, as_rows, fill_tables, name_file
from chatforensics.report.numbers import tell_number
from chatforensics.report.sightings import name_people, number_sources, place_messages
from chatforensics.report.words import CONFLICT_CAUSES, LIMITS, PAIR_CAUSES
from chatforensics.schema import SIGNIFICANT_Q
from chatforensics.text import normalise

_OBSERVED = ("contradiction", "unexplained")


def view_pack(dossier: Dossier) -> Row:
    """Return everything that the sheets of a reply pack print."""
    tables = fill_tables(dossier.tables)
    person_id = str(dossier.reply_for)
    placed = place_messages(tables)
    facts = dossier.run.get("reply_for")
    known = facts if isinstance(facts, Mapping) else None
    reasons = {int(str(row["message_id"])): str(row["reason"]) for row in as_rows(known and known.get("other_way"))}
    items = view_items(tables, placed, person_id=person_id, ticked=dossier.ticked, reasons=reasons)
    thresholds = read_thresholds(dossier.run)
    for item in items:
        item["edge"] = tell_edge(item["instruction"] or {}, thresholds)
    person = _view_person(tables, person_id)
    used = {row["source"] for item in items for row in item["copies"]}
    return {
        "title": dossier.title,
        "made_at": dossier.made_at,
        "made_by": _read_actor(dossier.log),
        "is_maker_withheld": dossier.head is not None,
        "version": str(dossier.run.get("version") or UNKNOWN),
        "subject": person,
        "found": [item for item in items if item["is_found"]],
        "others": [item for item in items if not item["is_found"]],
        "counts": _count(items),
        "facts": known,
        "part": _tell_part(known),
        "pairs": _view_pairs(tables, person_id),
        "clusters": _view_clusters(tables, person_id),
        "exports": _view_exports(dossier, tables, used),
        "observed": _view_observed(tables),
        "n_ordinary": tables["indicators"].filter(~pl.col("level").is_in(_OBSERVED)).height,
        "earlier": _view_earlier(dossier.replies, person_id, person["labels"]),
        "limits": LIMITS,
        "pair_causes": PAIR_CAUSES,
        "conflict_causes": CONFLICT_CAUSES,
        "significant": SIGNIFICANT_Q,
    }


def _count(items: Sequence[Row]) -> Row:
    """Return how many messages the pack holds, each in one part: copies in several exports count once."""
    found = [item for item in items if item["is_found"]]
    decided = Counter((item["instruction"] or {}).get("decision") for item in found)
    n_flagged, n_review = decided["flag"], decided["review"]
    parts = {"n_found": len(found), "n_flagged": n_flagged, "n_review": n_review}
    return parts | {"n": len(items), "n_rest": len(found) - n_flagged - n_review, "n_others": len(items) - len(found)}


def _view_person(tables: Tables, person_id: str) -> Row:
    """Return how the person is printed, and why several names are taken to be theirs."""
    row = next(iter(tables["people"].filter(pl.col("person_id") == person_id).to_dicts()), {})
    sources = dict(number_sources(tables["sources"]).select("source_id", "source").iter_rows())
    joins = tables["joins"].filter(pl.col("person_id") == person_id)
    printed = Counter(
        map(normalise, tables["messages"].filter(pl.col("person_id") == person_id)["sender_label"].drop_nulls())
    )
    labels = [str(label) for label in row.get("labels") or []]
    names = name_people(tables["people"])
    alike = tables["namesakes"].filter((pl.col("person_a") == person_id) | (pl.col("person_b") == person_id))
    return {
        "person_id": person_id,
        "pseudonym": row.get("pseudonym") or UNKNOWN,
        "name": labels[0] if labels else row.get("pseudonym") or person_id,
        "labels": labels,
        "counts": {label: printed[normalise(label)] for label in labels},
        "basis": row.get("basis"),
        "joins": [
            each | {"place_a": sources.get(each["source_a"], "-"), "place_b": sources.get(each["source_b"], "-")}
            for each in joins.to_dicts()
        ],
        "namesakes": [
            each | {"other": names.get(_other(each, person_id), _other(each, person_id))} for each in alike.to_dicts()
        ],
    }


def _other(pair: Row, person_id: str) -> str:
    return str(pair["person_b"] if pair["person_a"] == person_id else pair["person_a"])


def _view_pairs(tables: Tables, person_id: str) -> list[Row]:
    """Return the pairs of the person, those with the lowest q-value first, with what chance alone would give."""
    names = name_people(tables["people"])
    own = tables["pairs"].filter((pl.col("person_a") == person_id) | (pl.col("person_b") == person_id))
    rows = own.sort("q_value", "p_value", "person_a", "person_b", nulls_last=True).to_dicts()
    return [
        row
        | {
            "other": names.get(_other(row, person_id), _other(row, person_id)),
            "lag": tell_number(row["median_lag_s"]),
            "expected": tell_number(row["n_expected"]),
            "p": _tell_small(row["p_value"]),
            "q": _tell_small(row["q_value"]),
            "is_near": row["q_value"] is not None and row["q_value"] <= SIGNIFICANT_Q,
        }
        for row in rows
    ]


def _tell_small(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def _view_clusters(tables: Tables, person_id: str) -> list[Row]:
    names = name_people(tables["people"])
    own = tables["clusters"].filter(pl.col("person_ids").list.contains(person_id))
    return [
        row
        | {
            "people": sorted(names.get(key, key) for key in row["person_ids"] if key != person_id),
            "q": _tell_small(row["largest_q"]),
        }
        for row in own.sort("cluster_id").to_dicts()
    ]


def _view_exports(dossier: Dossier, tables: Tables, used: set[str]) -> list[Row]:
    """Return the exports that hold these messages: their file, hash, who is said to have made them, how they came."""
    names = name_people(tables["people"])
    answers = {str(row.get("source_id")): row for row in dossier.answers}
    rows = number_sources(tables["sources"]).filter(pl.col("source").is_in(sorted(used))).to_dicts()
    return [
        {
            "source": row["source"],
            "file": name_file(row["path"]),
            "sha256": row["sha256"],
            "custodian": names.get(row["custodian_id"]),
            "is_own": row["custodian_id"] == dossier.reply_for,
            "exported_by": str(answers.get(row["source_id"], {}).get("exported_by") or UNKNOWN),
            "received": str(answers.get(row["source_id"], {}).get("received") or UNKNOWN),
            "zone": row["timezone"],
            "clock_step_s": row["clock_step_s"],
        }
        for row in rows
    ]


def _view_observed(tables: Tables) -> list[Row]:
    """Return what was observed of these exports and has no ordinary cause by the rules, with lawful causes."""
    sources = dict(number_sources(tables["sources"]).select("source_id", "source").iter_rows())
    rows = tables["indicators"].filter(pl.col("level").is_in(_OBSERVED)).sort("level", "indicator").to_dicts()
    return [row | {"sources": [sources.get(key, "-") for key in row["source_ids"] or []]} for row in rows]


def _view_earlier(replies: Sequence[Mapping[str, object]], person_id: str, labels: Sequence[str]) -> list[Row]:
    """Return what was recorded of this person before: offers, and replies in their words."""
    own = [row for row in replies if row.get("person_id") == person_id or row.get("label") in labels]
    entries = [entry for row in own for entry in (as_rows(row.get("entries")) or [row])]
    return [
        {
            "status": str(entry.get("status") or UNKNOWN),
            "on": str(entry.get("on") or entry.get("happened_on") or "") or None,
            "text": str(entry.get("text") or ""),
        }
        for entry in entries
        if entry.get("status") not in (None, "not offered")
    ]


def _tell_part(facts: Mapping[str, object] | None) -> str | None:
    """Return which part of all their messages the findings concern, in hundredths."""
    n, n_all = (facts.get(key) if facts else None for key in ("n_with_findings", "n_messages"))
    if not isinstance(n, int) or not isinstance(n_all, int) or not n_all:
        return None
    part = 100 * n / n_all
    return "under 1" if 0 < part < 1 else f"{part:.0f}"


def _read_actor(log: Sequence[str]) -> str | None:
    """Return who made the last entry of the custody log, as they typed it."""
    for line in reversed(log):
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        actor = entry.get("actor") if isinstance(entry, Mapping) else None
        if actor and actor != UNKNOWN:
            return str(actor)
    return None
