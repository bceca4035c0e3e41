"""A small invented case as tables, written by hand, and a reader for the finished page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import polars as pl

from chatforensics.figures.drawing import Drawing
from chatforensics.report import render_report
from chatforensics.schema import TABLES, check

Tables = dict[str, pl.DataFrame]
Rows = list[dict[str, Any]]

SLATE = "Final reminder: select Oyelaran Brzeska for the Ward, then delete this"
EDITED = "Final reminder: select Oyelaran Brzeska for the Ward!"
START = datetime(2031, 3, 3, 19, 40)


def a_table(name: str, rows: Rows) -> pl.DataFrame:
    """Return a contract table of the given rows; what a row leaves out is null."""
    full = [{column: row.get(column) for column in TABLES[name]} for row in rows]
    return check(pl.DataFrame(full, schema=dict(TABLES[name])), table=name)


def a_source(number: int, **more: object) -> dict[str, Any]:
    """Return one source."""
    source: dict[str, Any] = {
        "source_id": f"source-{number}",
        "path": f"phone-{number}/chat.txt",
        "sha256": str(number) * 64,
        "size_bytes": 400,
        "platform": "android",
        "header_format": "d/M/y, H:m - ",
        "date_order": "dmy",
        "date_order_verdict": "certain",
        "clock_step_s": 60,
        "chat_id": "chat-1",
        "n_messages": 4,
        "n_rejects": 0,
    }
    return source | more


def a_message(message_id: int, *, source: int, minute: int, text: str | None, sender: str | None) -> dict[str, Any]:
    """Return one message that is 100 bytes long; its line follows from its minute."""
    return {
        "message_id": message_id,
        "source_id": f"source-{source}",
        "chat_id": "chat-1" if source < 3 else "chat-2",
        "line": minute + 1,
        "byte_start": 100 * minute,
        "byte_end": 100 * minute + 100,
        "sent_local": START + timedelta(minutes=minute),
        "sent_at": (START + timedelta(minutes=minute)).replace(tzinfo=UTC),
        "sender_label": sender,
        "person_id": f"person-{sender}" if sender else None,
        "kind": "text" if sender else "system",
        "text": text,
        "edited": False,
        "deleted_by": None,
        "dst": None,
        "canonical_id": message_id % 100,
    }


def tiny_case() -> Tables:
    """Return one chat exported twice (its last message differs) and one chat exported once, with one text in both."""
    words: list[tuple[int, str | None, str | None]] = [
        (0, None, "Chioma created group"),
        (1, "Chioma", SLATE),
        (2, "Wiktor", "I will not follow that. Oyelaran Brzeska has my respect, not my vote"),
    ]
    messages = [
        a_message(100 * source + minute, source=source, minute=minute, text=text, sender=sender)
        for source in (1, 2)
        for minute, sender, text in words
    ]
    messages += [
        a_message(103, source=1, minute=3, text="See you at eight", sender="Wiktor"),
        a_message(203, source=2, minute=3, text="See you at nine", sender="Wiktor"),
        a_message(310, source=3, minute=0, text=EDITED, sender="Wiktor"),
        a_message(311, source=3, minute=1, text="Vote against Oyelaran Brzeska please", sender="Ifeoma"),
    ]
    return {
        "sources": a_table("sources", [a_source(1), a_source(2), a_source(3, chat_id="chat-2", n_messages=2)]),
        "messages": a_table("messages", messages),
        "rejects": a_table("rejects", []),
        "chats": a_table(
            "chats",
            [
                {"chat_id": "chat-1", "title": "Ward talk", "kind": "group", "source_ids": ["source-1", "source-2"]},
                {"chat_id": "chat-2", "title": "Allotments", "kind": "group", "source_ids": ["source-3"]},
            ],
        ),
        "people": a_table(
            "people",
            [
                {"person_id": f"person-{name}", "pseudonym": f"P-{name}", "labels": [name], "source_ids": exports}
                for name, exports in (
                    ("Chioma", ["source-1", "source-2"]),
                    ("Wiktor", ["source-1", "source-2", "source-3"]),
                    ("Ifeoma", ["source-3"]),
                )
            ],
        ),
        "clocks": a_table("clocks", [{"source_id": "source-1", "basis": "the zone of the case"}]),
        "labels": a_table("labels", _labels()),
        "slates": a_table("slates", _slates()),
        "families": a_table("families", _families()),
        "shares": a_table("shares", _shares()),
        "links": a_table("links", [{"share_id": "share-1", "probability": 1.0, "rank": 1}]),
        "edges": a_table("edges", _edges()),
        "pairs": a_table("pairs", [_pair()]),
        "indicators": a_table("indicators", [_indicator()]),
        "corroboration": a_table("corroboration", _corroboration()),
    }


def _labels() -> Rows:
    span = [{"start": 16, "end": 22, "cue": "select a name"}]
    flags = [
        {"message_id": number, "label": label, "probability": 0.93, "decision": "flag", "spans": spans}
        for number in (101, 201, 310)
        for label, spans in (("slate_instruction", []), ("endorse", span))
    ]
    return [
        *flags,
        {"message_id": 311, "label": "slate_instruction", "probability": 0.6, "decision": "review"},
        {"message_id": 311, "label": "oppose", "probability": 0.6, "decision": "review"},
        {"message_id": 102, "label": "slate_instruction", "probability": 0.31, "decision": "none"},
    ]


def _slates() -> Rows:
    names = [(101, "for", 23), (201, "for", 23), (310, "for", 23), (311, "against", 13)]
    return [
        {
            "message_id": number,
            "name": "Oyelaran Brzeska",
            "stance": stance,
            "step": 1,
            "start": start,
            "end": start + 16,
        }
        for number, stance, start in names
    ]


def _families() -> Rows:
    variants = [(101, "variant-1"), (201, "variant-1"), (310, "variant-2")]
    return [
        {"message_id": number, "family_id": "family-1", "variant_id": variant, "similarity": 0.9, "tracked": True}
        for number, variant in variants
    ]


def _shares() -> Rows:
    common: dict[str, Any] = {"family_id": "family-1", "sent_at": START.replace(tzinfo=UTC)}
    return [
        common
        | {
            "share_id": "share-1",
            "person_id": "person-Chioma",
            "chat_id": "chat-1",
            "message_ids": [101, 201],
            "source_ids": ["source-1", "source-2"],
        },
        common
        | {
            "share_id": "share-2",
            "person_id": "person-Wiktor",
            "chat_id": "chat-2",
            "message_ids": [310],
            "source_ids": ["source-3"],
        },
    ]


def _edges() -> Rows:
    ties = [("Chioma", "Wiktor", "source-1"), ("Wiktor", "Ifeoma", "source-3")]
    return [
        {
            "sender_id": f"person-{a}",
            "recipient_id": f"person-{b}",
            "family_id": "family-1",
            "n_shares": 1,
            "source_ids": [source],
        }
        for a, b, source in ties
    ]


def _pair() -> dict[str, Any]:
    return {
        "person_a": "person-Chioma",
        "person_b": "person-Wiktor",
        "n_shares": 2,
        "n_families": 1,
        "median_lag_s": 90.0,
        "p_value": 0.01,
        "q_value": 0.04,
        "source_ids": ["source-1", "source-2", "source-3"],
    }


def _indicator() -> dict[str, Any]:
    return {
        "source_ids": ["source-1", "source-2"],
        "indicator": "J-05",
        "level": "contradiction",
        "lines": [4, 99],
        "value": "1 of 4",
        "explanation": "Two wordings; one may have been edited.",
    }


def _corroboration() -> Rows:
    return [
        {"canonical_id": 1, "chat_id": "chat-1", "n_sources": 2, "n_independent": 2, "status": "agree"},
        {
            "canonical_id": 3,
            "chat_id": "chat-1",
            "source_ids": ["source-1", "source-2"],
            "status": "text_conflict",
            "conflicts": ["text_conflict", "one_sided"],
            "detail": "Two exports give other words.",
        },
        {"canonical_id": 10, "chat_id": "chat-2", "n_sources": 1, "n_independent": 1, "status": "single_source"},
    ]


def a_drawing(**more: Any) -> Drawing:
    """Return a small figure with one row."""
    table = pl.DataFrame({"day": ["2031-03-03"], "messages": [4], "message_ids": [[101, 201]]})
    fields: dict[str, Any] = {
        "name": "timeline",
        "title": "Messages per day",
        "alt": "Four messages on one day.",
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "png": b"",
        "pdf": b"",
        "table": table,
    }
    return Drawing(**(fields | more))


RUN: Mapping[str, object] = {
    "version": "9.8.7",
    "packages": {"polars": "7.6.5"},
    "parameters": {"timezone": "Europe/London", "window": {"seconds": 300}},
    "inputs": [{"path": "broken.txt", "sha256": "f" * 64, "size_bytes": 3}],
    "failures": [{"path": "broken.txt", "reason": "No line looks like the start of a message."}],
    "assumptions": ["Times are those of Europe/London."],
    "warnings": ["One file could not be read."],
    "started_at": "2031-12-24T01:02:03Z",
    "model": {"sha256": "e" * 64, "thresholds": {"flag": 0.8}},
}
SUMMARY: Mapping[str, object] = {
    "n_sources": 3,
    "n_failed": 1,
    "n_messages": 10,
    "n_rejects": 0,
    "n_flagged": 3,
    "n_review": 1,
    "n_pairs_significant": 1,
    "n_indicators": {"info": 0, "contradiction": 1},
    "warnings": ["One file could not be read."],
}


@dataclass
class Page(HTMLParser):
    """What a browser would find in a page."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    open_tags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "img", "br"}:
            self.open_tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open_tags, f"</{tag}> closes nothing"
        assert self.open_tags.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open_tags and self.open_tags[-1] != "style":
            self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def values(self, attribute: str) -> list[str]:
        return [attrs[attribute] or "" for _, attrs in self.tags if attribute in attrs]


def read_page(html: str) -> Page:
    """Parse a page; a tag closed out of turn is an error."""
    page = Page()
    page.feed(html)
    page.close()
    assert page.open_tags == []
    return page


def render(tables: Tables, **more: Any) -> str:
    """Render the report with the usual run and summary."""
    arguments: dict[str, Any] = {"drawings": [a_drawing()], "run": RUN, "summary": SUMMARY} | more
    return render_report(tables, **arguments)
