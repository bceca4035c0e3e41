"""One message as plain JSON, the same for the pages wherever it comes from: from a first look or from a view."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from chatforensics.report.sightings import print_times
from chatforensics.report.words import LABEL_ORDER
from chatforensics.schema import SLATE_LABEL

Item = dict[str, Any]
Row = Mapping[str, Any]
MINUTE_S = 60
NAME = "name"  # the cue of a name on a slate
COUNTED = ("flag", "review")
_GRAVITY = {"flag": 2, "review": 1}
_MOST_MARKS = 500  # of one message


def make_item(row: Row, labels: Sequence[Row] = (), names: Iterable[tuple[int, int]] = ()) -> Item:
    """Return one message as the pages show it.

    Args:
        row: where it stands and what it says: the columns of `message_columns`, with `row`, `chat`, `source`, `path`.
        labels: its labels: `label`, `probability`, `decision`, `explanation`, `spans` of start, end and cue.
        names: where names on a slate stand in its text.
    """
    told = next((each for each in labels if each["label"] == SLATE_LABEL), None)
    ordered = sorted(labels, key=_place_label)
    return {
        "message_id": str(row["message_id"]),
        **{key: row[key] for key in _PLAIN},
        "edited": bool(row["edited"]),
        "decision": row.get("decision") or (told["decision"] if told else None),
        "probability": told["probability"] if told else None,
        "explanation": told["explanation"] if told else None,
        "spans": list_marks(ordered, names),
        "labels": [each["label"] for each in ordered if each["decision"] in COUNTED and each["label"] != SLATE_LABEL],
        "n_copies": row.get("n_copies") or 1,
        "status": row.get("status"),
    }


_PLAIN = (
    "row", "chat", "chat_id", "person_id", "sender", "sent_local", "sent_at", "source_id", "source", "path", "line",
    "byte_start", "byte_end", "kind", "text", "attachment",
)  # fmt: skip


def list_marks(labels: Iterable[Row], names: Iterable[tuple[int, int]] = ()) -> list[tuple[int, int, str]]:
    """Return the words that carried a label or name somebody, each place once, in order: start, end, label."""
    found: dict[tuple[int, int], str] = {}
    for each in labels:
        if each["decision"] in COUNTED:
            for start, end, _ in each["spans"]:
                found.setdefault((start, end), each["label"])
    for start, end in names:
        found.setdefault((start, end), NAME)
    return [(start, end, cue) for (start, end), cue in sorted(found.items())][:_MOST_MARKS]


def _place_label(row: Row) -> tuple[int, str]:
    """Put the labels in the codebook's order, and the one that sums them up last."""
    last = len(LABEL_ORDER)
    return (last if row["label"] == SLATE_LABEL else LABEL_ORDER.get(row["label"], last + 1), row["label"])


def message_columns() -> list[pl.Expr]:
    """Return what an item has of a message's own columns; times are no finer than the export's clock.

    Asks for `clock_step_s` beside the columns of `messages`.
    """
    utc = pl.col("sent_at")
    by_minute = utc.dt.to_string("%Y-%m-%dT%H:%MZ")
    exact = pl.when(pl.col("clock_step_s") < MINUTE_S).then(utc.dt.to_string("%Y-%m-%dT%H:%M:%SZ"))
    return [
        *(pl.col(name) for name in ("message_id", "source_id", "chat_id", "person_id", "line", "byte_start")),
        *(pl.col(name) for name in ("byte_end", "kind", "text", "attachment", "edited")),
        pl.col("sender_label").alias("sender"),
        print_times("sent_local").alias("sent_local"),
        exact.otherwise(by_minute).alias("sent_at"),
    ]


def plain_labels(labels: pl.DataFrame) -> list[dict[str, Any]]:
    """Return rows of `labels` with plain spans: start, end, cue."""
    rows = labels.select("message_id", "label", "probability", "decision", "explanation", "spans").to_dicts()
    return [
        {
            **row,
            "probability": round(float(row["probability"]), 4),
            "spans": [[span["start"], span["end"], span["cue"]] for span in row["spans"] or ()],
        }
        for row in rows
    ]


def gravest(decisions: Iterable[str | None]) -> str | None:
    """Return the gravest of several decisions."""
    return max((each for each in decisions if each), key=lambda each: _GRAVITY.get(each, 0), default=None)


def as_json(value: object) -> str:
    """Return a value as JSON in one form."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
