"""Messages on which exports disagree, side by side: each wording, sender and time with where it stands."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import polars as pl

from chatforensics.joining.copies import SLACK_MS
from chatforensics.joining.observed import WORDS
from chatforensics.joining.records import build_records, number_sources
from chatforensics.schema import (
    CONFLICT_STATUSES,
    LOCAL,
    TEXTS,
    UTC,
    AnyMessages,
    Corroboration,
    DataType,
    Indicators,
    Messages,
    Sources,
)

Row = dict[str, Any]  # one copy of a message, with cells of many types

_SIDE: Mapping[str, DataType] = {
    "source": pl.String, "file": pl.String, "line": pl.Int64, "message_id": pl.Int64, "sent_local": LOCAL,
    "sent_at": UTC, "sender": pl.String, "kind": pl.String, "text": pl.String, "edited": pl.Boolean, "exports": TEXTS,
}  # fmt: skip
_SCHEMA: Mapping[str, DataType] = {"conflict": pl.String, "chat_id": pl.String, "canonical_id": pl.Int64} | {
    f"{name}_{side}": kind for side in ("a", "b") for name, kind in _SIDE.items()
}


def list_disagreements(
    sources: Sources, messages: AnyMessages, corroboration: Corroboration, indicators: Indicators
) -> pl.DataFrame:
    """Return one row per message and way in which exports disagree on it, with both sides of the disagreement.

    Where exports show more than two versions there is a row for each two. A side is the first copy of its version;
    `exports_a` and `exports_b` name all exports that show it. Of a one-sided message side b has only the first export
    that lacks it, and in `exports_b` all that do. None of the rows says which side is right.

    Args:
        sources: As joined, for paths and clock steps.
        messages: As joined, whole or a scan of files.
        corroboration: As joined.
        indicators: As joined, for the innocent explanations.
    """
    disputed = corroboration.filter(pl.col("conflicts").list.len() > 0)
    files = sources.select("source_id", file="path")
    one = disputed.lazy().select("canonical_id")
    copies = Messages(messages.lazy().join(one, on="canonical_id", how="semi").collect(engine="streaming"))
    records = build_records(number_sources(sources), copies)
    keys = records.widen(records.rows).select("message_id", "code", "worded", "step_ms")
    placed = copies.join(keys, on="message_id").join(files, on="source_id")
    ordered = placed.rename({"source_id": "source", "sender_label": "sender"}).sort("file", "source", "line")
    held = {key: part.to_dicts() for (key,), part in ordered.partition_by("canonical_id", as_dict=True).items()}
    names = {source: {"source": source, "file": file} for source, file in files.iter_rows()}
    rows = [
        {"conflict": conflict, "chat_id": row["chat_id"], "canonical_id": row["canonical_id"]} | sides
        for row in disputed.sort("canonical_id").iter_rows(named=True)
        for conflict in row["conflicts"]
        if conflict != "order"  # of the place of a message there are no two versions: J-07 has the lines
        for sides in _find_sides(conflict, held[row["canonical_id"]], [names[source] for source in row["lacking"]])
    ]
    innocent = _read_explanations(indicators)
    order = pl.col("conflict").replace_strict([*CONFLICT_STATUSES, "one_sided"], range(4), return_dtype=pl.Int32)
    told = pl.DataFrame(rows, schema=dict(_SCHEMA), infer_schema_length=None).with_columns(
        innocent=pl.col("conflict").replace_strict(innocent, default=None, return_dtype=pl.String)
    )
    return told.sort(order, "file_a", "line_a", "file_b", "line_b", nulls_last=True)


def _read_explanations(indicators: pl.DataFrame) -> dict[str, str]:
    """Return what else explains each way of disagreeing."""
    kinds = {"J-04": "one_sided", "J-05": "text_conflict", "J-06": "sender_conflict", "J-07": "time_conflict"}
    about = indicators.filter(pl.col("title") != WORDS["order"].title).select("indicator", "innocent").unique()
    return {kinds[number]: words for number, words in about.iter_rows() if number in kinds}


def _find_sides(conflict: str, copies: Sequence[Row], lacking: Sequence[Mapping[str, str]]) -> Iterator[Row]:
    """Yield the pairs of versions of one message."""
    if conflict == "one_sided":
        first, *_ = absent = sorted(lacking, key=lambda one: (one["file"], one["source"]))
        yield _side(copies, "a") | _name(first, "b") | {"exports_b": [one["source"] for one in absent]}
        return
    versions = _VERSIONS[conflict](copies)
    for one, other in combinations(versions, 2):
        yield _side(one, "a") | _side(other, "b")


def _side(version: Sequence[Row], side: str) -> Row:
    return _name(version[0], side) | {f"exports_{side}": [copy["source"] for copy in version]}


def _name(copy: Mapping[str, object], side: str) -> Row:
    return {f"{name}_{side}": copy[name] for name in _SIDE if name in copy}


def _by_text(copies: Sequence[Row]) -> list[list[Row]]:
    """Group the copies whose words agree; those without words of a person have no part in it."""
    return _group([copy for copy in copies if copy["worded"]], "code")


def _by_sender(copies: Sequence[Row]) -> list[list[Row]]:
    return _group(copies, "person_id")


def _by_time(copies: Sequence[Row]) -> list[list[Row]]:
    """Group the copies whose times lie within what their clocks may show of one moment."""
    ordered = sorted((copy for copy in copies if copy["sent_at"]), key=lambda copy: copy["sent_at"])
    versions: list[list[Row]] = []
    for copy in ordered:
        if versions and _is_one_moment(versions[-1][-1], copy):
            versions[-1].append(copy)
        else:
            versions.append([copy])
    return versions


def _is_one_moment(one: Row, other: Row) -> bool:
    apart_ms = (other["sent_at"] - one["sent_at"]).total_seconds() * 1000
    return bool(apart_ms <= (one["step_ms"] + other["step_ms"]) // 2 + SLACK_MS)


def _group(copies: Sequence[Row], key: str) -> list[list[Row]]:
    groups: dict[object, list[Row]] = {}
    for copy in copies:
        groups.setdefault(copy[key], []).append(copy)
    return list(groups.values())


_VERSIONS = {"text_conflict": _by_text, "sender_conflict": _by_sender, "time_conflict": _by_time}
