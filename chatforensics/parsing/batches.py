"""The messages of an export as tables, a few megabytes of its text at a time."""

from collections.abc import Iterator
from functools import cache, partial

import numpy as np
import polars as pl

from chatforensics.intake import Content, forget
from chatforensics.parsing import records
from chatforensics.parsing.bodies import find_untyped, read_bodies
from chatforensics.parsing.lines import Offsets, map_in_order
from chatforensics.parsing.records import Origin, Plan, label_rows
from chatforensics.parsing.sweeps import NO_SENDER
from chatforensics.parsing.timeline import NO_MOMENT
from chatforensics.schema import LOCAL, TABLES

BATCH_BYTES = 8 * 1024**2
_BATCH_ROWS = 200_000
_LF, _CR = b"\n\r"


def build_batches(content: Content, plan: Plan) -> Iterator[pl.DataFrame]:
    """Yield the messages in file order, some megabytes of text at a time, with the columns that parsing fills."""
    n = len(plan.rows.offset)
    return map_in_order(partial(_build_batch, content, plan), _cut_batches(plan, n))


def _cut_batches(plan: Plan, n: int) -> Iterator[tuple[int, int]]:
    first = 0
    while first < n:
        reach = int(np.searchsorted(plan.record_end, plan.rows.offset[first] + BATCH_BYTES, side="right"))
        last = min(max(reach, first + 1), first + _BATCH_ROWS, n)
        yield first, last
        first = last


def _build_batch(content: Content, plan: Plan, span: tuple[int, int]) -> pl.DataFrame:
    of = slice(*span)
    base = int(plan.rows.offset[of][0])
    end = int(plan.record_end[of][-1])
    chunk = content[base:end]
    forget(content, base, end)
    starts = plan.rows.offset[of] + plan.text_at[of] - base
    texts = _take_texts(chunk, starts, _text_ends(chunk, plan.record_end[of] - base, starts))
    sent_s = plan.sent_s[of]
    sender = np.where(plan.is_notice[of], NO_SENDER, plan.rows.sender[of])
    ids = plan.message_ids(of)
    frame = pl.DataFrame(
        {
            "message_id": ids,
            "source_id": pl.Series([plan.origin.source_id]).new_from_index(0, len(ids)),
            "line": plan.rows.line[of].astype(np.int64),
            "byte_start": plan.origin.to_received(plan.rows.offset[of]),
            "byte_end": plan.origin.to_received(plan.record_end[of]),
            "sent_local": pl.Series(np.where(sent_s == NO_MOMENT, 0, sent_s * 1_000_000)).cast(LOCAL),
            "sender_label": label_rows(plan.names, sender),
            "text": texts,
            "is_notice": plan.is_notice[of],
        }
    )
    if (sent_s == NO_MOMENT).any():
        frame = frame.with_columns(sent_local=pl.when(pl.Series(sent_s != NO_MOMENT)).then("sent_local"))
    return _type_bodies(frame, plan.origin)


def _text_ends(chunk: bytes, ends: Offsets, starts: Offsets) -> Offsets:
    """Return where each text ends: before the line break that ends its record."""
    raw = np.frombuffer(chunk, dtype=np.uint8)
    ends = ends - (raw[ends - 1] == _LF)
    ends -= (raw[ends - 1] == _CR) & (raw[np.minimum(ends, len(raw) - 1)] == _LF) & (ends > starts)
    return np.maximum(ends, starts)


def _take_texts(chunk: bytes, starts: Offsets, ends: Offsets) -> pl.Series:
    """Cut the texts out of the bytes without copying them; bytes that are no UTF-8 show as U+FFFD."""
    if len(starts) <= records.FEW:
        pairs = zip(starts.tolist(), ends.tolist(), strict=True)
        return pl.Series("text", [chunk[start:end].decode(errors="replace") for start, end in pairs], dtype=pl.String)
    spans = pl.DataFrame({"start": starts, "size": ends - starts})
    raw = spans.select(text=pl.lit(chunk, dtype=pl.Binary).bin.slice("start", "size"))["text"]
    try:
        return raw.cast(pl.String).alias("text")
    except pl.exceptions.ComputeError:  # some bytes are no UTF-8
        return pl.Series("text", [value.decode(errors="replace") for value in raw.to_list()], dtype=pl.String)


def _type_bodies(frame: pl.DataFrame, origin: Origin) -> pl.DataFrame:
    """Tell media, deleted and other untyped bodies from typed text: read each distinct candidate once."""
    suspect = find_untyped(frame["text"]) & ~frame["is_notice"]
    if not suspect.any():
        return _arrange(_of_notices(frame))
    few = frame.select("text").filter(suspect)
    typed = few.join(
        read_bodies(few["text"], marked_file=origin.marked, android=origin.android),
        on="text",
        how="left",
        maintain_order="left",
    )
    at = suspect.arg_true()
    frame = _of_notices(frame)
    frame = frame.with_columns(
        kind=frame["kind"].scatter(at, typed["kind"]),
        edited=pl.repeat(value=False, n=frame.height, eager=True).scatter(at, typed["edited"]),
        attachment=_spread(frame.height, at, typed["attachment"]),
        deleted_by=_spread(frame.height, at, typed["deleted_by"]),
    )
    return _arrange(frame.with_columns(text=frame["text"].scatter(at, typed["body_text"])))


def _of_notices(frame: pl.DataFrame) -> pl.DataFrame:
    """Tell notices from texts; a text of no letters is none."""
    if frame.height <= records.FEW:
        return _of_few_notices(frame)
    kinds = pl.when("is_notice").then(pl.lit("system")).otherwise(pl.lit("text"))
    return frame.with_columns(kind=kinds, text=pl.when(pl.col("text") != "").then("text"), edited=pl.lit(value=False))


def _of_few_notices(frame: pl.DataFrame) -> pl.DataFrame:
    kinds = ["system" if told else "text" for told in frame["is_notice"].to_list()]
    texts = pl.Series("text", [text or None for text in frame["text"].to_list()], dtype=pl.String)
    edited = pl.Series("edited", [False]).new_from_index(0, frame.height)
    frame = frame.hstack([pl.Series("kind", kinds, dtype=pl.String), edited])
    return frame.replace_column(frame.get_column_index("text"), texts)


def _arrange(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of messages in their order; those that are not filled here are null."""
    columns = [
        frame[name] if name in frame.columns else _nothing(name, kind, frame.height)
        for name, kind in TABLES["messages"].items()
    ]
    return pl.DataFrame(columns)


def _nothing(name: str, kind: pl.DataType | type[pl.DataType], n: int) -> pl.Series:
    return _one_nothing(name, kind).new_from_index(0, n)


@cache
def _one_nothing(name: str, kind: pl.DataType | type[pl.DataType]) -> pl.Series:
    return pl.Series(name, [None], dtype=kind)


def _spread(n: int, at: pl.Series, values: pl.Series) -> pl.Series:
    nothing = _nothing(values.name, pl.String(), n)
    return nothing.scatter(at, values) if values.count() else nothing
