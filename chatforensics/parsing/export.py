"""Parse one export: its lines, headers, times and bodies, and the proof that nothing was lost."""

from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import polars as pl
import regex

from chatforensics.errors import ChatForensicsError, UsageError
from chatforensics.intake import ChatText
from chatforensics.parsing.calendar import ORDERS, DateOrder, read_stamps
from chatforensics.parsing.headers import Headers, find_headers
from chatforensics.parsing.lines import read_lines
from chatforensics.parsing.records import build_records
from chatforensics.schema import TABLES, Events, Messages, Rejects, Sources, check, empty

_TITLE = regex.compile(
    r"(?:whatsapp[ -]?chat|chat de whatsapp|chat whatsapp|discussion whatsapp|conversa do whatsapp|whatsapp-chat)"
    r"(?: (?:with|mit|con|avec|com)| -)? (?P<title>.{1,200})",
    regex.IGNORECASE,
)


@dataclass(frozen=True)
class Parsed:
    """The tables of one export; columns that only later stages know are null."""

    sources: Sources
    messages: Messages
    events: Events
    rejects: Rejects


def parse_export(chat: ChatText, *, dates: str | None = None, timezone: str | None = None) -> Parsed:
    """Read one export into its messages, notices and unread spans.

    The result shows what the file says, not that anything was sent: an export is a text that anybody can edit.

    Args:
        chat: the export as `intake` read it.
        dates: the declared order of day, month and year (dmy, mdy, ymd); None infers it.
        timezone: the declared zone of the phone, kept in `sources`; times stay local.

    Raises:
        UnknownExportFormat: the text is no export, or its times cannot be read.
        UsageError: `dates` is no known order.
    """
    if dates is not None and dates not in ORDERS:
        raise UsageError(f"dates: '{dates}' is no date order.", hint="Use dmy, mdy or ymd.")
    lines = read_lines(chat.content, name=chat.path)
    headers = find_headers(lines, name=chat.path)
    stamped, order = read_stamps(headers.lines, dates=dates, name=chat.path)
    # Only iOS marks everything that was not typed; Android does so here and there.
    marked_file = headers.layouts[0].platform == "ios" and ": \u200e".encode() in chat.content
    messages, events = build_records(lines, stamped, source_id=chat.source_id, marked_file=marked_file)
    rejects = _build_rejects(lines, stamped, source_id=chat.source_id)
    check_conservation(messages, rejects, n_bytes=len(chat.content))
    sources = _build_source(chat, headers, stamped, order, timezone=timezone)
    n_quoted = headers.n_alike - messages.height
    counts = {"n_messages": messages.height, "n_rejects": rejects.height, "n_quoted": n_quoted}
    sources = sources.with_columns(pl.lit(n, pl.Int64).alias(name) for name, n in counts.items())
    return Parsed(Sources(check(sources, table="sources")), messages, events, rejects)


def _build_rejects(lines: pl.DataFrame, stamped: pl.DataFrame, *, source_id: str) -> Rejects:
    """List what stands before the first message: it belongs to no record."""
    first = stamped["row"][0]
    if first == 0:
        return Rejects(empty("rejects"))
    row = {
        "source_id": source_id,
        "line": 1,
        "byte_start": 0,
        "byte_end": lines["byte_start"][int(first)],
        "reason": "before the first message",
    }
    return Rejects(pl.DataFrame([row], schema=dict(TABLES["rejects"])))


def check_conservation(messages: pl.DataFrame, rejects: pl.DataFrame, *, n_bytes: int) -> None:
    """Hold the first law: the spans of messages and rejects tile the chat text, nothing lost and nothing twice.

    Raises:
        ChatForensicsError: they do not; this is a defect of the program, never of the file.
    """
    spans = pl.concat([messages.select("byte_start", "byte_end"), rejects.select("byte_start", "byte_end")])
    starts, ends = spans.sort("byte_start").to_numpy().T
    tiled = bool(starts[0] == 0 and ends[-1] == n_bytes and np.array_equal(starts[1:], ends[:-1]))
    if not tiled:
        raise ChatForensicsError(
            "The records do not tile the file: some bytes are in none or in two.",
            hint="This is a defect of chatforensics; please report it.",
        )


def _build_source(
    chat: ChatText, headers: Headers, stamped: pl.DataFrame, order: DateOrder, *, timezone: str | None
) -> pl.DataFrame:
    platforms = {layout.platform for layout in headers.layouts}
    row = {
        "source_id": chat.source_id,
        "path": chat.path,
        "sha256": chat.sha256,
        "size_bytes": chat.size_bytes,
        "member": chat.member,
        "platform": platforms.pop() if len(platforms) == 1 else "unknown",
        "header_format": " + ".join(layout.name for layout in headers.layouts) + ": " + _skeleton(stamped, order),
        "date_order": order.order,
        "date_order_verdict": order.verdict,
        "date_order_evidence": order.evidence,
        "clock_step_s": 1 if 2 * stamped["second"].count() >= stamped.height else 60,
        "timezone": timezone,
        "chat_title": _title(chat),
    }
    frame = pl.DataFrame([row], schema={name: TABLES["sources"][name] for name in row})
    missing = [pl.lit(None, kind).alias(name) for name, kind in TABLES["sources"].items() if name not in row]
    return frame.with_columns(*missing, folder=pl.lit(chat.folder, pl.String))


def _skeleton(stamped: pl.DataFrame, order: DateOrder) -> str:
    """Print the commonest shape of date in letters, for instance d/M/yyyy."""
    dates = stamped["date"].value_counts()
    shape = pl.col("date").str.replace_all(r"[0-9]{4}", "yyyy").str.replace_all(r"[0-9]{1,2}", "9")
    counts = dates.group_by(shape).agg(pl.col("count").sum()).sort("count", "date", descending=[True, False])
    return _name_fields(str(counts["date"][0]), order)


def _name_fields(shape: str, order: DateOrder) -> str:
    for field in order.order:
        letters = {"d": "d", "m": "M", "y": "yy"}[field]
        shape = shape if field == "y" and "yyyy" in shape else shape.replace("9", letters, 1)
    return shape


def _title(chat: ChatText) -> str | None:
    """Take the chat's title from the file name that the phone gave it."""
    for name in (chat.member, chat.path):
        found = _TITLE.fullmatch(PurePosixPath((name or "").replace("\\", "/")).stem)
        if found:
            return str(found["title"]).strip()
    return None
