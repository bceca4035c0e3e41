"""Section 2 of the report: the headline counts, and each text that tells the reader how to vote, or may."""

from collections.abc import Mapping, Sequence

import polars as pl

from chatforensics.figures.numbering import find_members, instruct, number_all, order_texts
from chatforensics.report.bases import tell_basis
from chatforensics.report.codes import name_code
from chatforensics.report.language import say
from chatforensics.report.marks import Span, clip_text, mark_spans
from chatforensics.report.shown import view_pictures
from chatforensics.report.sightings import Row, Tables, cap, first_copies, list_sightings
from chatforensics.report.words import HEADLINES, LABEL_MEANINGS, LABEL_ORDER, LEVEL_MEANINGS, STANCE_WORDS

__all__ = ["instruct", "letter", "order_wordings", "view_headlines", "view_instructions"]
TEXT_LIMIT = 20
WORDING_LIMIT = 6
SIGHTING_LIMIT = 40
CHARACTER_LIMIT = 6000


def view_headlines(summary: Mapping[str, object], *, bases: Mapping[str, Row]) -> list[Row]:
    """Return the counts of the summary with their meaning in plain words, and the exports that each rests on."""
    return [
        card | {"basis": bases.get(card["key"])}
        for key, words, meaning in HEADLINES
        if key in summary
        for card in _cards(key, summary[key], words, meaning)
    ]


def view_instructions(tables: Tables, *, placed: pl.DataFrame, images: Mapping[str, bytes] | None = None) -> Row:
    """Return each flagged or unsure text with its wordings, marked words, slate and every place it was seen.

    The words are shown as one export prints them; other exports of the same message may differ in marks.
    Pictures stand beside the words that a machine read in them; `images` has small copies by SHA-256.
    """
    members = find_members(tables, placed)
    texts = order_texts(members, tables["slates"])
    numbers = number_all(texts, tables)
    shown = [_view_text(tables, members, text=text, number=place) for place, text in enumerate(texts[:TEXT_LIMIT], 1)]
    for wording in (wording for text in shown for wording in text["wordings"]):
        wording["pictures"] = view_pictures(
            wording.pop("picture_rows"), images=images or {}, names=[row["name"] for row in wording["slate"]]
        )
    for text in shown:
        text["same_slates"] = _same_slates(tables.get("same_slates"), text["text_id"], numbers=numbers)
    return {
        "texts": shown,
        "numbers": numbers,
        "cap": cap(
            shown,
            total=len(texts),
            where=say("{one} and {other}", one="tables/families.parquet", other="tables/labels.parquet"),
        ),
        "cited": [row["message_id"] for text in shown for row in text["sightings"]],
    }


def _same_slates(links: pl.DataFrame | None, family_id: str, *, numbers: Mapping[str, int]) -> list[Row]:
    """Return the other texts that name the same people on the same side, by their numbers, and the names shared."""
    if links is None:
        return []
    ends = (("family_a", "family_b"), ("family_b", "family_a"))
    found = [
        {"number": numbers[row[other]], **{key: row[key] for key in ("names", "n_shared", "contradicted")}}
        for own, other in ends
        for row in links.filter(pl.col(own) == family_id).iter_rows(named=True)
        if row[other] in numbers
    ]
    return sorted(found, key=lambda row: row["number"])


def _view_text(tables: Tables, members: pl.DataFrame, *, text: str, number: int) -> Row:
    """Return one text with its wordings and sightings."""
    rows = members.filter(pl.col("text_id") == text).sort("sent_at", "message_id", nulls_last=True)
    wordings = order_wordings(rows)
    letters = {wording: f"{number}{letter(place)}" for place, wording in enumerate(wordings)}
    ids = _chosen_ids(rows, wordings[:WORDING_LIMIT])
    sightings = list_sightings(rows, ids=ids)
    of_row = dict(rows.select("message_id", pl.struct("wording", "decision")).iter_rows())
    for row in sightings:
        known = of_row[row["message_id"]]
        row |= {"wording": letters[known["wording"]], "decision": known["decision"] or "none"}
    shown = [_view_wording(tables, rows, wording=key, name=letters[key]) for key in wordings[:WORDING_LIMIT]]
    return {
        "number": number,
        "text_id": text,
        "decision": "flag" if (rows["decision"] == "flag").any() else "review",
        "n_messages": rows["one"].n_unique(),
        "n_records": rows.height,
        "n_people": rows["person_id"].drop_nulls().n_unique(),
        "person_ids": sorted(rows["person_id"].drop_nulls().unique()),
        "n_chats": rows["chat_id"].drop_nulls().n_unique(),
        "basis": tell_basis(rows["source_id"], tables=tables),
        "first": list_sightings(rows, ids=rows["message_id"].head(1))[0],
        "wordings": shown,
        "wordings_cap": cap(shown, total=len(wordings), where="tables/families.parquet"),
        "sightings": sightings,
        "sightings_cap": cap(sightings, total=rows.height, where="tables/families.parquet"),
    }


def order_wordings(rows: pl.DataFrame, column: str = "wording") -> list[str]:
    """Return the wordings of a text in the order in which its messages first show them."""
    return rows.unique(column, keep="first", maintain_order=True)[column].drop_nulls().to_list()


def _chosen_ids(rows: pl.DataFrame, wordings: list[str]) -> list[int]:
    """Return the messages to list: the one shown of each wording, then the earliest, up to the limit."""
    shown = [_representative(rows, wording=wording) for wording in wordings]
    earliest = [*first_copies(rows, limit=SIGHTING_LIMIT), *rows["message_id"]]
    return list(dict.fromkeys([*shown, *earliest]))[:SIGHTING_LIMIT]


def _representative(rows: pl.DataFrame, *, wording: str) -> int:
    """Return the message that stands for a wording: with text and decision if there is one, then the earliest."""
    ranked = rows.filter(pl.col("wording") == wording).sort(
        pl.col("text").is_null(), pl.col("decision").is_null(), "sent_at", "message_id", nulls_last=True
    )
    return int(ranked["message_id"][0])


def _view_wording(tables: Tables, rows: pl.DataFrame, *, wording: str, name: str) -> Row:
    """Return one wording: its pieces with marks, labels, slate and the message that it is quoted from."""
    message_id = _representative(rows, wording=wording)
    message = rows.row(by_predicate=pl.col("message_id") == message_id, named=True)
    whole = message["text"] or ""
    text, left_out = clip_text(whole, limit=CHARACTER_LIMIT)
    labels = _view_labels(tables["labels"].filter(pl.col("message_id") == message_id), text=whole)
    pictures = tables["pictures"].join(rows.filter(pl.col("wording") == wording), on="message_id", how="semi")
    pictured = pl.col("start").is_null() & pl.col("message_id").is_in(pictures["message_id"].implode())
    slate = _view_slate(tables["slates"].filter((pl.col("message_id") == message_id) | pictured))
    spans = [span for label in labels for span in _cue_spans(label)] + [_name_span(row) for row in slate]
    return {
        "name": name,
        "basis": tell_basis(rows.filter(pl.col("one") == message["one"])["source_id"], tables=tables),
        "message_id": message_id,
        "kind": message["kind"],
        "attachment": message["attachment"],
        "n_messages": rows.filter(pl.col("wording") == wording)["one"].n_unique(),
        "pieces": mark_spans(text, spans),
        "has_marks": bool(spans),
        "left_out": left_out,
        "labels": labels,
        "slate": slate,
        "picture_rows": pictures,
    }


def _view_labels(labels: pl.DataFrame, *, text: str) -> list[Row]:
    """Return a message's labels in the codebook's order with the words that carried each."""
    rows = labels.sort("label").to_dicts()
    for row in rows:
        row["spans"] = row["spans"] or []
        row["meaning"] = LABEL_MEANINGS.get(row["label"], "")
        quoted = (text[span["start"] : span["end"]] for span in _outermost(row["spans"]))
        row["words"] = list(dict.fromkeys(" ".join(words.split()) for words in quoted))
    return sorted(rows, key=lambda row: (LABEL_ORDER.get(row["label"], len(LABEL_ORDER)), row["label"]))


def _outermost(spans: Sequence[Row]) -> list[Row]:
    """Return the spans that lie in no other one, in order."""
    kept: list[Row] = []
    for span in sorted(spans, key=lambda each: (each["start"], -each["end"])):
        if not kept or span["end"] > kept[-1]["end"]:
            kept.append(span)
    return kept


def _view_slate(slates: pl.DataFrame) -> list[Row]:
    """Return who is named, for which contest, in which sense and at which step."""
    ordered = slates.sort("step", "start", "name", nulls_last=True).drop("message_id")
    rows = ordered.unique(maintain_order=True).to_dicts()  # a name in two copies of a picture stands here once
    return [row | {"stance_words": STANCE_WORDS.get(row["stance"], row["stance"])} for row in rows]


def _cue_spans(label: Row) -> list[Span]:
    """Return the spans of a label that was not turned down."""
    if label["decision"] not in {"flag", "review"}:
        return []
    return [
        Span(start=span["start"], end=span["end"], cue=f"{label['label']}: {span['cue']}") for span in label["spans"]
    ]


def _name_span(row: Row) -> Span:
    """Return the span of a name on the slate."""
    return Span(
        start=row["start"] or 0,
        end=row["end"] or 0,
        cue=say("name: {stance}", stance=row["stance_words"]),
        is_name=True,
    )


def letter(place: int) -> str:
    """Return the letters of a place: A, B, …, Z, AA, AB and so on."""
    return (letter(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)  # noqa: PLR2004 - the alphabet


def _cards(key: str, number: object, words: str, meaning: str) -> list[Row]:
    """Return a count with its meaning; counts by level stay apart, since observations are never added up."""
    if not isinstance(number, Mapping):
        return [{"key": key, "number": number, "words": words, "meaning": meaning}]
    levels = {**LEVEL_MEANINGS, **{str(level): "" for level in sorted(map(str, number)) if level not in LEVEL_MEANINGS}}
    return [
        {
            "key": f"{key}-{level}",
            "number": number.get(level, 0),
            "words": say("{words}: {level}", words=words, level=name_code(level)),
            "meaning": means,
        }
        for level, means in levels.items()
    ]
