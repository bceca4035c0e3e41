"""Parse one export: its lines, headers, times and bodies, and the check that nothing was lost."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from chatforensics.errors import ChatForensicsError, UsageError
from chatforensics.intake import ChatText, Content
from chatforensics.parsing.attachments import build_attachments
from chatforensics.parsing.batches import build_batches
from chatforensics.parsing.calendar import ORDERS, locales_of
from chatforensics.parsing.encodings import to_utf8
from chatforensics.parsing.eras import FIRST_YEAR, LAST_YEAR
from chatforensics.parsing.headers import find_headers
from chatforensics.parsing.lines import Offsets, check_text
from chatforensics.parsing.readings import build_readings
from chatforensics.parsing.records import Origin, Plan, plan_records
from chatforensics.parsing.senders import settle_senders
from chatforensics.parsing.timeline import Declared, Timeline, read_timeline
from chatforensics.schema import TABLES, Attachments, Events, Messages, Readings, Rejects, Sources, check, empty

_LAYOUTS = {"bracket": "ios", "dash": "android", "colon": "legacy"}
_PLATFORMS = {"bracket": "ios", "dash": "android"}
_FEW_NOTICES = 2  # a single one may have been typed
_SPOKEN = 0.6  # share of the notices from which on their language is the file's


@dataclass(frozen=True)
class Parsed:
    """The tables of one export; columns that only later stages know are null."""

    sources: Sources
    messages: Messages
    events: Events
    rejects: Rejects
    readings: Readings
    attachments: Attachments


@dataclass(frozen=True)
class Scan:
    """One export understood, its messages not yet taken out: `batches()` yields them, a few megabytes at a time."""

    sources: Sources
    events: Events
    rejects: Rejects
    readings: Readings
    plan: Plan
    content: Content

    def batches(self) -> Iterator[Messages]:
        """Yield the messages in file order, in bounded memory."""
        return (Messages(check(frame, table="messages")) for frame in build_batches(self.content, self.plan))


def parse_export(
    chat: ChatText, *, dates: str | None = None, timezone: str | None = None, year: int | None = None
) -> Parsed:
    """Read one export into its messages, notices and unread spans.

    The result shows what the file says, not that anything was sent: an export is a text that anybody can edit.

    Args:
        chat: the export as `intake` read it.
        dates: the declared order of day, month and year (dmy, mdy, ymd); None infers it.
        timezone: the declared zone of the phone, kept in `sources`; times stay local.
        year: the declared year of the first message, for exports that print no year.

    Raises:
        UnknownExportFormat: the text is no export, or its times cannot be read.
        UsageError: `dates` is no known order, or `year` none in which there were chats.
    """
    scan = scan_export(chat, dates=dates, timezone=timezone, year=year)
    messages = Messages(pl.concat(scan.batches(), rechunk=False))
    check_conservation(messages, scan.rejects, n_bytes=len(chat.content))
    attachments = build_attachments(messages, chat)
    return Parsed(scan.sources, messages, scan.events, scan.rejects, scan.readings, attachments)


def scan_export(
    chat: ChatText, *, dates: str | None = None, timezone: str | None = None, year: int | None = None
) -> Scan:
    """Understand one export without holding its messages: for files of any size.

    Arguments and errors are those of `parse_export`.
    """
    if dates is not None and dates not in ORDERS:
        raise UsageError(f"dates: '{dates}' is no date order.", hint="Use dmy, mdy or ymd.")
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        raise UsageError(f"year: {year} is no year of a chat.", hint=f"Give one from {FIRST_YEAR} to {LAST_YEAR}.")
    content, to_received = to_utf8(chat.content)
    check_text(content, name=chat.path)
    headers = find_headers(content, name=chat.path)
    declared = Declared(dates, year)
    timeline = read_timeline(headers, content, declared=declared, name=chat.path)
    planned = _plan(chat, content, headers.senders, timeline, to_received or _unchanged)
    if timeline.order.verdict == "ambiguous" and planned.locales:
        spoken = replace(declared, locales=planned.locales)
        timeline = read_timeline(headers, content, declared=spoken, name=chat.path)
        planned = _plan(chat, content, headers.senders, timeline, to_received or _unchanged)
    rejects = _build_rejects(content, planned.plan)
    _check_plan(planned.plan, rejects, n_bytes=len(chat.content))
    sources = _build_source(chat, planned, timeline, rejects, timezone=timezone)
    return Scan(sources, planned.events, rejects, planned.readings, planned.plan, content)


def read_orders(chat: ChatText, orders: Sequence[str], *, year: int | None) -> list[Timeline]:
    """Read the times of an export under each of some declared orders of day and month; its messages are left alone.

    Raises:
        UnknownExportFormat: the times cannot be read so.
    """
    content, _ = to_utf8(chat.content)
    headers = find_headers(content, name=chat.path)
    return [read_timeline(headers, content, declared=Declared(order, year), name=chat.path) for order in orders]


@dataclass(frozen=True)
class _Planned:
    plan: Plan
    events: Events
    readings: Readings
    locales: tuple[str, ...]


def _plan(
    chat: ChatText,
    content: Content,
    names: Sequence[str],
    timeline: Timeline,
    to_received: Callable[[Offsets], Offsets],
) -> _Planned:
    senders = settle_senders(timeline.rows, names, content, title=chat.title)
    layout = _layouts(timeline)[0]
    # Only iOS marks everything that was not typed; Android does so here and there.
    marked = layout == "bracket" and bool(senders.rows.mouthed.any())
    origin = Origin(chat.source_id, marked=marked, android=layout == "dash", to_received=to_received)
    plan, events, languages = plan_records(content, senders, timeline.sent_s, origin)
    return _Planned(plan, events, build_readings(content, plan, timeline, senders), _spoken(languages))


def _spoken(languages: pl.DataFrame) -> tuple[str, ...]:
    """Return the CLDR locales of the language in which most notices are written; none where there is no such one."""
    counts = languages["len"].to_list()
    if not counts or counts[0] < max(_FEW_NOTICES, _SPOKEN * sum(counts)):
        return ()
    return locales_of(str(languages["language"][0]))


def _unchanged(offsets: Offsets) -> Offsets:
    return offsets


def _layouts(timeline: Timeline) -> list[str]:
    """List the layouts of the file's own header lines, the commonest first."""
    counts = np.bincount(timeline.rows.shape, minlength=len(timeline.forms))
    totals: dict[str, int] = {}
    for form, count in zip(timeline.forms, counts.tolist(), strict=True):
        if count:
            totals[form.layout] = totals.get(form.layout, 0) + count
    return sorted(totals, key=lambda layout: (-totals[layout], layout))


def _build_rejects(content: Content, plan: Plan) -> Rejects:
    """List what is in no record: what stands before the first one, and what is longer than any message."""
    offsets, ends = plan.rows.offset, plan.record_end
    follow = np.append(offsets[1:], len(content))
    spans = [(1, 0, int(offsets[0]), "before the first message")] if offsets[0] else []
    for row in np.flatnonzero(ends < follow).tolist():
        before = content[int(offsets[row]) : int(ends[row])].count(b"\n")
        spans.append((int(plan.rows.line[row]) + before, int(ends[row]), int(follow[row]), "longer than any message"))
    if not spans:
        return Rejects(empty("rejects"))
    lines, starts, stops, reasons = zip(*spans, strict=True)
    columns = {
        "source_id": [plan.origin.source_id] * len(spans),
        "line": lines,
        "byte_start": plan.origin.to_received(np.array(starts)),
        "byte_end": plan.origin.to_received(np.array(stops)),
        "reason": reasons,
    }
    return Rejects(pl.DataFrame(columns, schema_overrides=dict(TABLES["rejects"])))


def _check_plan(plan: Plan, rejects: pl.DataFrame, *, n_bytes: int) -> None:
    starts, ends = plan.origin.to_received(plan.rows.offset), plan.origin.to_received(plan.record_end)
    _check_tiling(starts, ends, rejects, n_bytes=n_bytes)


def check_conservation(messages: pl.DataFrame, rejects: pl.DataFrame, *, n_bytes: int) -> None:
    """Hold the first law: the spans of messages and rejects tile the chat text, nothing lost and nothing twice.

    Raises:
        ChatForensicsError: they do not; this is a defect of the program, never of the file.
    """
    starts, ends = messages["byte_start"].to_numpy(), messages["byte_end"].to_numpy()
    _check_tiling(starts, ends, rejects, n_bytes=n_bytes)


def _check_tiling(starts: Offsets, ends: Offsets, rejects: pl.DataFrame, *, n_bytes: int) -> None:
    if rejects.height:
        starts = np.concatenate((starts, rejects["byte_start"].to_numpy()))
        ends = np.concatenate((ends, rejects["byte_end"].to_numpy()))
    if rejects.height or (starts[1:] < starts[:-1]).any():
        order = np.argsort(starts, kind="stable")
        starts, ends = starts[order], ends[order]
    tiled = bool(starts[0] == 0 and ends[-1] == n_bytes and np.array_equal(starts[1:], ends[:-1]))
    if not tiled:
        raise ChatForensicsError(
            "The records do not tile the file: some bytes are in none or in two.",
            hint="This is a defect of chatforensics; please report it.",
        )


def _build_source(
    chat: ChatText, planned: _Planned, timeline: Timeline, rejects: Rejects, *, timezone: str | None
) -> Sources:
    layouts = _layouts(timeline)
    platforms = {_PLATFORMS.get(layout, "unknown") for layout in layouts}
    row = {
        "source_id": chat.source_id,
        "path": chat.path,
        "sha256": chat.sha256,
        "size_bytes": chat.size_bytes,
        "member": chat.member,
        "platform": platforms.pop() if len(platforms) == 1 else "unknown",
        "header_format": " + ".join(_LAYOUTS[layout] for layout in layouts) + ": " + _skeleton(timeline),
        "date_order": timeline.order.order,
        "date_order_verdict": timeline.order.verdict,
        "date_order_evidence": timeline.order.evidence,
        "clock_step_s": timeline.step_s,
        "timezone": timezone,
        "chat_title": chat.title,
        "n_messages": len(planned.plan.rows.offset),
        "n_rejects": rejects.height,
        "n_quoted": len(timeline.alike.offset),
        "n_doubtful": planned.readings["taken_as"].to_list().count("message"),
        "folder": chat.folder,  # for joining
    }
    return Sources(check(pl.DataFrame([row], schema={**TABLES["sources"], "folder": pl.String}), table="sources"))


def _skeleton(timeline: Timeline) -> str:
    """Print the commonest form of date in letters, for instance d/M/yyyy."""
    printed = timeline.forms[int(np.bincount(timeline.rows.shape).argmax())].form.replace("9999", "yyyy")
    for field in timeline.order.order:
        if not (field == "y" and "yyyy" in printed) and not (field == "m" and "M" in printed):
            printed = printed.replace("9", {"d": "d", "m": "M", "y": "yy"}[field], 1)
    return printed
