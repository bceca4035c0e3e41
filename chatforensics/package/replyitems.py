"""The messages of a reply pack: each with its copies, what stands around it, and what was computed about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from chatforensics.package.measured import tell_measured
from chatforensics.package.replychoice import find_grounds, own_messages
from chatforensics.package.sheets import Row, Tables
from chatforensics.report.codes import name_code
from chatforensics.report.marks import Span, mark_spans
from chatforensics.report.numbers import tell_duration, tell_range
from chatforensics.report.sightings import MINUTE_S, name_people, print_times
from chatforensics.report.words import LABEL_MEANINGS, LABEL_ORDER, STANCE_WORDS, STATUS_MEANINGS
from chatforensics.schema import SLATE_LABEL

CONTEXT = 3  # records before and after, as far as the package holds them
SOURCE_LIMIT = 6  # candidate sources printed of one share; the table `links` has all
_DECIDED = ("flag", "review")
_MEASURES = ("n_senders", "n_chats", "n_shares")


@dataclass(frozen=True, slots=True)
class _Around:
    """What each message is looked up in; `parents` are the shares by which a text may have come."""

    tables: Tables
    rows: pl.DataFrame
    person_id: str
    reasons: Mapping[int, str]
    parents: Mapping[str, Row]


def view_items(
    tables: Tables, placed: pl.DataFrame, *, person_id: str, ticked: Sequence[int], reasons: Mapping[int, str]
) -> list[Row]:
    """Return the chosen messages attributed to a person, earliest first, copies in several exports together.

    Args:
        tables: All tables of the dossier.
        placed: Its messages as `place_messages` returns them.
        person_id: Whose messages.
        ticked: The messages that were chosen.
        reasons: Why some of them speak the other way, by `message_id`.
    """
    rows = placed.with_columns(when=print_times("sent_local"))
    own = rows.filter((pl.col("person_id") == person_id) & pl.col("message_id").is_in(list(ticked)))
    own = own.sort("sent_at", "place", "byte_start", "message_id", nulls_last=True)
    around = _Around(tables, rows, person_id, reasons, _view_parents(tables))
    grounds = find_grounds(tables, own_messages(tables, person_id), person_id)
    items = [_view_item(around, one) for one in own["one"].unique(maintain_order=True)]
    earliest: dict[object, int] = {}
    for number, item in enumerate(items, 1):
        read = (item["text"], tuple((row["label"], row["decision"]) for row in item["labels"]))
        item["number"] = number
        item["same_as"] = earliest.get(read) if item["labels"] else None
        item["is_found"] = any(copy["message_id"] in grounds for copy in item["copies"])
        earliest.setdefault(read, number)
    return items


def _view_item(around: _Around, one: int) -> Row:
    tables, rows, person_id = around.tables, around.rows, around.person_id
    copies = rows.filter(pl.col("one") == one).sort("place", "byte_start", "message_id", nulls_last=True)
    own = copies.filter(pl.col("person_id") == person_id)
    ids = own["message_id"].to_list()
    labels = _view_labels(tables["labels"], ids)
    shown = next((row["message_id"] for row in labels), ids[0])
    message = own.row(by_predicate=pl.col("message_id") == shown, named=True)
    text = str(message["text"] or "")
    said = tables["corroboration"].filter(pl.col("canonical_id") == one).to_dicts()
    return {key: message[key] for key in ("message_id", "when", "chat", "kind", "attachment")} | {
        "is_minute": message["clock_step_s"] is None or message["clock_step_s"] >= MINUTE_S,
        "pieces": mark_spans(text, _find_spans(labels)),
        "text": text,
        "copies": [_view_copy(row, text=text, person_id=person_id) for row in copies.to_dicts()],
        "context": _view_context(rows, message),
        "labels": [row for row in labels if row["decision"] in _DECIDED],
        "instruction": next((row for row in labels if row["label"] == SLATE_LABEL), None),
        "slate": _view_slate(tables["slates"], int(shown)),
        "family": _view_family(tables, ids),
        "shares": _view_shares(around, ids),
        "corroboration": said[0] | {"meaning": STATUS_MEANINGS.get(said[0]["status"], "")} if said else None,
        "reason": next((around.reasons[key] for key in ids if key in around.reasons), None),
    }


def _view_labels(labels: pl.DataFrame, ids: Sequence[int]) -> list[Row]:
    """Return the labels of the first copy that has any, in the codebook's order, with the meaning of each."""
    known = labels.filter(pl.col("message_id").is_in(list(ids))).sort("message_id", "label")
    first = known.filter(pl.col("message_id") == known["message_id"].first()) if known.height else known
    rows = [
        row
        | {
            "name": name_code(str(row["label"])),
            "meaning": LABEL_MEANINGS.get(row["label"], ""),
            "measured": tell_measured(str(row["label"])),
            "spans": row["spans"] or [],
            "explanation": row.get("explanation"),
        }
        for row in first.to_dicts()
    ]
    return sorted(rows, key=lambda row: (LABEL_ORDER.get(row["label"], len(LABEL_ORDER)), str(row["label"])))


def _find_spans(labels: Sequence[Row]) -> list[Span]:
    return [
        Span(start=span["start"], end=span["end"], cue=str(row["name"]))
        for row in labels
        if row["decision"] in _DECIDED
        for span in row["spans"]
    ]


def _view_copy(row: Row, *, text: str, person_id: str) -> Row:
    """Return where one copy stands, and in what it differs from the one that is shown."""
    keys = ("message_id", "source", "line", "byte_start", "byte_end", "when", "sender_label", "text", "edited")
    return {key: row[key] for key in keys} | {
        "differs": str(row["text"] or "") != text,
        "is_other": row["person_id"] != person_id,
    }


def _view_context(rows: pl.DataFrame, message: Row) -> list[Row]:
    """Return the records around a message that touch it without a gap; what the package leaves out is not bridged."""
    same = rows.filter(pl.col("source_id") == message["source_id"]).sort("byte_start")
    before, after = message["byte_start"], message["byte_end"]
    near = same.filter(pl.col("byte_start") < before).reverse().to_dicts()
    later = same.filter(pl.col("byte_start") >= after).to_dicts()
    found: list[Row] = []
    for row in near[:CONTEXT]:
        if row["byte_end"] != before:
            break
        before = row["byte_start"]
        found.insert(0, row)
    found.append(message)
    for row in later[:CONTEXT]:
        if row["byte_start"] != after:
            break
        after = row["byte_end"]
        found.append(row)
    return [_view_neighbour(row, is_cited=row["message_id"] == message["message_id"]) for row in found]


def _view_neighbour(row: Row, *, is_cited: bool) -> Row:
    keys = ("message_id", "line", "when", "sender_label", "kind", "attachment", "source")
    return {key: row[key] for key in keys} | {
        "text": str(row["text"] or ""),
        "edited": bool(row["edited"]),
        "left_out": 0,
        "is_cited": is_cited,
    }


def _view_slate(slates: pl.DataFrame, message_id: int) -> list[Row]:
    own = slates.filter(pl.col("message_id") == message_id).sort("step", "start", "name", nulls_last=True).to_dicts()
    return [row | {"stance_words": STANCE_WORDS.get(row["stance"], row["stance"])} for row in own]


def _view_family(tables: Tables, ids: Sequence[int]) -> Row | None:
    """Return the text that the message belongs to, and how widely it was sent in the whole evidence."""
    own = tables["families"].filter(pl.col("message_id").is_in(list(ids))).sort("message_id").to_dicts()
    if not own:
        return None
    measured = tables["cascades"].filter(pl.col("family_id") == own[0]["family_id"])
    rows = {row["measure"]: row for row in measured.to_dicts()}
    shown = tables["families"].filter(pl.col("family_id") == own[0]["family_id"]).height
    return {
        "family_id": own[0]["family_id"],
        "similarity": own[0]["similarity"],
        "n_shown": shown,
        "counts": {key: _tell_measure(rows[key]) for key in _MEASURES if key in rows},
    }


def _tell_measure(row: Row) -> str:
    if row["low"] == row["high"]:
        return f"{row['value']:,.0f}" if row["value"] is not None else "-"
    return str(tell_range(row["middle"], row["low"], row["high"]))


def _view_shares(around: _Around, ids: Sequence[int]) -> list[Row]:
    """Return the shares that the message belongs to, with their candidate sources and what each is likely."""
    shares = around.tables["shares"].filter(pl.col("message_ids").list.set_intersection(list(ids)).list.len() > 0)
    return [_view_sources(around, key) for key in shares.sort("sent_at", "share_id", nulls_last=True)["share_id"]]


def _view_sources(around: _Around, share_id: str) -> Row:
    links = around.tables["links"].filter(pl.col("share_id") == share_id).sort("rank").to_dicts()
    rows = [
        {
            "probability": link["probability"],
            "is_unseen": link["parent_share_id"] is None,
            "parent": around.parents.get(link["parent_share_id"]),
            "lag": tell_duration(link["lag_s"]),
            "is_namesake": link["basis"] == "namesake",
        }
        for link in links
    ]
    return {"sources": rows[:SOURCE_LIMIT], "more": len(rows[SOURCE_LIMIT:])}


def _view_parents(tables: Tables) -> dict[str, Row]:
    """Return who sent each share of the dossier, and where."""
    names = name_people(tables["people"])
    chats = dict(tables["chats"].select("chat_id", pl.coalesce("title", "chat_id")).iter_rows())
    return {
        share_id: {"name": names.get(person_id, person_id), "chat": chats.get(chat_id, chat_id)}
        for share_id, person_id, chat_id in tables["shares"].select("share_id", "person_id", "chat_id").iter_rows()
    }
