"""The second reading of lines that can be read in two ways, so that neither is lost.

People paste chats into messages. A line that looks like a header is either the start of a message or somebody's text;
which of the two was chosen stands in the other tables, and the reading that was not chosen stands here.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from chatforensics.intake import Content
from chatforensics.parsing.headers import Rows, first_places
from chatforensics.parsing.lines import Offsets
from chatforensics.parsing.outliers import find_outliers
from chatforensics.parsing.records import Plan, label_rows
from chatforensics.parsing.segments import Moments
from chatforensics.parsing.senders import Senders
from chatforensics.parsing.timeline import NO_MOMENT, Timeline
from chatforensics.schema import LOCAL, TABLES, Readings, check, empty

_MOST_LISTED = 10_000


def build_readings(content: Content, plan: Plan, timeline: Timeline, senders: Senders) -> Readings:
    """List the lines with two readings, each with the one that the other tables do not hold.

    `taken_as` is what the other tables hold: `text` (the line looks like a header of another form than the export's
    own, or gives no time; here are the time and the sender that it names) or `message` (it looks like the export's
    own headers, but its time does not fit between those around it, or it has another form than the first; or its
    sender's name may be longer, which stands here).
    """
    parts = [
        _quoted(content, plan, timeline),
        _appended(plan, timeline),
        _out_of_order(plan),
        _doubtful_names(plan, senders),
    ]
    some = [part for part in parts if part is not None]
    if not some:
        return Readings(empty("readings"))
    return Readings(check(pl.concat(some).sort("byte_start", "reason"), table="readings"))


@dataclass(frozen=True)
class _Lines:
    """Lines to be listed: where each ends, the message that holds it, and what the other reading says."""

    rows: Rows
    ends: Offsets
    ids: pl.Series
    sent_s: Moments
    labels: pl.Series


def _list(plan: Plan, lines: _Lines, *, taken_as: str, reason: str | pl.Expr) -> pl.DataFrame:
    known = pl.Series(lines.sent_s != NO_MOMENT)
    moments = pl.Series(np.where(known, lines.sent_s, 0) * 1_000_000).cast(LOCAL)
    columns = {
        "source_id": pl.repeat(plan.origin.source_id, len(lines.ends), dtype=pl.String, eager=True),
        "message_id": lines.ids,
        "line": lines.rows.line.astype(np.int64),
        "byte_start": plan.origin.to_received(lines.rows.offset),
        "byte_end": plan.origin.to_received(lines.ends),
        "sent_local": pl.select(pl.when(known).then(moments)).to_series(),
        "sender_label": lines.labels,
    }
    reason = pl.lit(reason) if isinstance(reason, str) else reason
    return pl.DataFrame(columns).with_columns(taken_as=pl.lit(taken_as), reason=reason).select(list(TABLES["readings"]))


def _quoted(content: Content, plan: Plan, timeline: Timeline) -> pl.DataFrame | None:
    rows = timeline.alike
    if not len(rows.offset):
        return None
    ends = np.array([_line_end(content, start) for start in rows.offset.tolist()], dtype=np.int64)
    owner = np.searchsorted(plan.rows.offset, rows.offset, side="right") - 1
    ids = pl.select(pl.when(pl.Series(owner >= 0)).then(pl.Series(plan.message_ids(np.maximum(owner, 0))))).to_series()
    lines = _Lines(rows, ends, ids, timeline.alike_s, label_rows(plan.names, rows.sender))
    timed = pl.Series(timeline.alike_s != NO_MOMENT)
    reason = (
        pl.when(timed)
        .then(pl.lit("another form than the export's own"))
        .otherwise(pl.lit("gives no time, or stands as people quote a line"))
    )
    return _list(plan, lines, taken_as="text", reason=reason)


def _line_end(content: Content, start: int) -> int:
    end = content.find(b"\n", start)
    return len(content) if end < 0 else end + 1


def _appended(plan: Plan, timeline: Timeline) -> pl.DataFrame | None:
    """List own lines of another form than the first: they may be text pasted into the last message before them."""
    return _as_message(
        plan, np.flatnonzero(timeline.appended), "another form than the export's first: may be pasted text"
    )


def _out_of_order(plan: Plan) -> pl.DataFrame | None:
    """List own lines whose time does not fit between those before and after."""
    reason = "out of order by more than a day: may be text pasted into the message above"
    return _as_message(plan, find_outliers(plan.sent_s), reason)


def _as_message(plan: Plan, chosen: Offsets, reason: str) -> pl.DataFrame | None:
    if not len(chosen):
        return None
    ends = plan.record_end[chosen]
    if len(chosen) > _MOST_LISTED:  # exports in disorder: a row for each stretch of lines
        first = np.concatenate(([True], np.diff(chosen) > 1))
        ends, chosen = ends[np.append(first[1:], [True])], chosen[first]
        reason = f"{reason} (with the lines that follow)"
    nothing = pl.repeat(None, len(chosen), dtype=pl.String, eager=True)
    times = np.full(len(chosen), NO_MOMENT)
    lines = _Lines(plan.rows.take(chosen), ends, pl.Series(plan.message_ids(chosen)), times, nothing)
    return _list(plan, lines, taken_as="message", reason=reason)


def _doubtful_names(plan: Plan, senders: Senders) -> pl.DataFrame | None:
    """Name the first message of each name that may go on to its second colon."""
    numbers = sorted(senders.doubtful)
    if not numbers:
        return None
    first = first_places(plan.rows.sender, len(plan.names))[numbers]
    labels = pl.Series([senders.doubtful[number] for number in numbers], dtype=pl.String)
    ids = pl.Series(plan.message_ids(first))
    lines = _Lines(plan.rows.take(first), plan.record_end[first], ids, plan.sent_s[first], labels)
    reason = "all messages of this sender begin with these words: they may belong to the name"
    return _list(plan, lines, taken_as="message", reason=reason)
