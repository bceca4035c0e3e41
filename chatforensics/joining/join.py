"""The order of the steps from single exports to one picture of a case."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from chatforensics.joining.alignment import Alignment, align_sources, components
from chatforensics.joining.chats import describe_chats, name_chats
from chatforensics.joining.clocks import read_clocks
from chatforensics.joining.clocktable import describe_clocks, observe_clocks
from chatforensics.joining.comparisons import Picture, list_pairs
from chatforensics.joining.copies import match_copies
from chatforensics.joining.corrections import Corrections, settle_corrections
from chatforensics.joining.corroboration import build_corroboration, find_indicators, find_moved_slots
from chatforensics.joining.dependence import find_parts
from chatforensics.joining.disagreements import reconcile
from chatforensics.joining.groups import group_messages
from chatforensics.joining.identities import Identities, identify_people
from chatforensics.joining.memberships import build_memberships
from chatforensics.joining.moves import list_moves
from chatforensics.joining.namesakes import find_namesakes
from chatforensics.joining.notices import find_exits, list_named
from chatforensics.joining.observations import Further, compare_exports
from chatforensics.joining.people import EXPORTER
from chatforensics.joining.presence import find_coverage, list_sightings
from chatforensics.joining.readings import Reading, tell_times
from chatforensics.joining.records import build_records, number_sources, plain_label
from chatforensics.joining.targets import rejoin_targets
from chatforensics.joining.windows import MARGIN_MS, find_missing, find_windows
from chatforensics.schema import (
    CONFLICT_STATUSES,
    Attachments,
    Chats,
    Clocks,
    Comparisons,
    Corroboration,
    Events,
    Indicators,
    Joins,
    Memberships,
    Messages,
    Namesakes,
    People,
    Sources,
    check,
)

MEDIA = ("media", "view_once")
_COPY_COLUMNS = (
    "message_id",
    "src",
    "line",
    "t",
    "step_ms",
    "chat",
    "person",
    "code",
    "long",
    "worded",
    "fold",
    "media",
)


@dataclass(frozen=True)
class Joined:
    """The tables of a case once its exports are joined."""

    sources: Sources
    messages: Messages
    chats: Chats
    clocks: Clocks
    people: People
    joins: Joins
    memberships: Memberships
    namesakes: Namesakes
    corroboration: Corroboration
    comparisons: Comparisons
    indicators: Indicators


@dataclass(frozen=True)
class _Copies:
    """Messages with the `slot` of their copies, who lacks them, and where copies differ."""

    rows: pl.DataFrame
    missing: pl.DataFrame
    differs: pl.DataFrame
    notes: pl.DataFrame


def join_exports(  # noqa: PLR0913 - tables first, the rest by name
    sources: Sources,
    messages: Messages,
    events: Events,
    *,
    timezone: str,
    attachments: Attachments | None = None,
    corrections: Corrections | None = None,
) -> Joined:
    """Join exports into one picture: chats, clocks, people, copies of messages, and what confirms what.

    Exports are joined by what they show, never by names: what shares too little stays apart, so that one person may
    appear as several, and two exports of a short chat as two chats. Rows may come in any order.

    Args:
        sources: As parsed, with `folder` (exports in one folder come from one phone; null: a phone of its own).
        messages: As parsed: chat, person and UTC time still null.
        events: Typed notices; "You" is whoever made the export.
        timezone: Zone of the case's reference clock, such as Europe/London.
        attachments: As parsed; without them files are not compared.
        corrections: What somebody states of who is who.

    Raises:
        UsageError: a zone is not in the time zone database, or a statement cannot be applied.
        SchemaError: a table lacks a column.
    """
    for table, name in ((sources, "sources"), (messages, "messages"), (events, "events")):
        check(table, table=name)
    numbered = number_sources(sources)
    records = build_records(numbered, messages)
    alignment = align_sources(numbered, records, events)
    readings = read_clocks(numbered, records, alignment, timezone=timezone)
    numbered = numbered.with_columns(name_chats(numbered, alignment.chat), chat=alignment.chat)
    rows = _place_in_time(records, numbered, readings)
    posts = rows.filter((pl.col("kind") != "system") & pl.col("label").is_not_null())
    named = list_named(rejoin_targets(events, messages, rows, numbered), rows.drop("label"))
    chats = describe_chats(numbered, posts, named)
    who = identify_people(numbered, chats, posts, named, settle_corrections(corrections, sources))
    posts, named = (_add_people(table, who) for table in (posts, named))
    parts = find_parts(messages, numbered, pairs=list_pairs(numbered))
    numbered = _add_owners(numbered, who, alignment, parts)
    windows = find_windows(rows, find_exits(named))
    copies = _find_copies(posts, windows, named, numbered)
    spans = _find_spans(rows, numbered)
    coverage = find_coverage(rows, named).join(spans.select("src", person_id="owner"), on="src")
    seen = list_sightings(posts, named, coverage, _list_titled(spans, chats, who))
    found = _add_units(copies, numbered)
    missing = copies.missing.join(numbered.select("src", "source_id"), on="src")
    compared, observed = compare_exports(
        Picture(found, missing, copies.differs, windows, numbered),
        Further(named, _find_unread(events, rows), attachments, alignment.near),
        parts=parts,
    )
    notes = pl.concat([copies.notes, find_moved_slots(found, compared.moved)])
    memberships = build_memberships(list_moves(named), seen, coverage, _date_chats(chats, spans))
    texts = messages.select("message_id", "text")
    return Joined(
        sources=_complete_sources(sources, numbered, spans, readings),
        messages=_complete_messages(messages, rows, copies.rows),
        chats=chats,
        clocks=describe_clocks(rows, numbered, readings),
        people=who.people,
        joins=who.joins,
        memberships=memberships,
        namesakes=find_namesakes(who.people, memberships, apart=who.apart),
        corroboration=build_corroboration(found, missing, copies.differs, notes),
        comparisons=compared.comparisons,
        indicators=Indicators(
            pl.concat(
                [find_indicators(found, missing, copies.differs, texts), observe_clocks(numbered, readings), observed]
            )
        ),
    )


def _place_in_time(records: pl.DataFrame, numbered: pl.DataFrame, readings: Mapping[int, Reading]) -> pl.DataFrame:
    """Add `sent_at`, `dst`, `t` (middle of the clock's step, milliseconds on the reference clock), chat and phone."""
    told = tell_times(records, readings, wall="sent_local")
    middle = pl.col("sent_at").dt.epoch("ms") + pl.col("step_ms") // 2
    fold = (pl.col("dst") == "fold").fill_null(value=False)
    timed = told.with_columns(t=middle, fold=fold, media=pl.col("kind").is_in(MEDIA))
    return timed.join(numbered.select("src", "source_id", "phone", "chat", "chat_id"), on="src")


def _add_people(table: pl.DataFrame, who: Identities) -> pl.DataFrame:
    number = pl.col("person_id").rank("dense").cast(pl.Int64)
    persons = who.persons.select("phone", "chat_id", "label", "person_id", person=number)
    return table.join(persons, on=["phone", "chat_id", "label"], how="left")


def _find_unread(events: Events, rows: pl.DataFrame) -> pl.DataFrame:
    """Return when exports have notices that were not understood."""
    unknown = events.filter(pl.col("event") == "unknown").select("message_id")
    return rows.join(unknown, on="message_id", how="semi").select("src", "t").drop_nulls()


def _add_owners(
    numbered: pl.DataFrame, who: Identities, alignment: Alignment, parts: frozenset[tuple[int, int]]
) -> pl.DataFrame:
    """Add `owner`, whose phone it is, and `unit`: exports of one phone, person or content, or one a part of another."""
    owned = numbered.join(who.owners, on="phone", how="left").sort("src").with_columns(content=alignment.content)
    links = [
        owned.drop_nulls(key).select(a=pl.col("src").min().over(key), b="src") for key in ("phone", "owner", "content")
    ]
    links.append(pl.DataFrame(sorted(parts), schema={"a": pl.Int64, "b": pl.Int64}, orient="row"))
    return owned.with_columns(unit=components(pl.concat(links), n_nodes=len(owned)))


def _find_copies(posts: pl.DataFrame, windows: pl.DataFrame, named: pl.DataFrame, numbered: pl.DataFrame) -> _Copies:
    """Match the copies of messages, then those left over that differ in one thing.

    Two that stand for each other are looked for up to the ends of both exports; one alone there is not missed.
    """
    several = pl.col("src").n_unique().over("chat") > 1
    shared = posts.filter(pl.col("t").is_not_null() & several).select(_COPY_COLUMNS)
    matched = match_copies(shared, by=["chat", "person", "code"])
    chat_of = numbered.select("src", "chat")
    missing = find_missing(matched, windows, chat_of=chat_of, margin_ms=-MARGIN_MS)
    by_name = named.filter(pl.col("label") != EXPORTER)  # "You" does not show by which name the owner would post
    seen = pl.concat([table.select("person", "src").unique() for table in (posts, by_name)]).drop_nulls()
    inside = find_missing(matched, windows, chat_of=chat_of, margin_ms=0)
    moves, differs = reconcile(matched, missing, inside, seen=seen)
    moved = matched.join(moves, on="slot", how="left").with_columns(slot=pl.coalesce("into", "slot"))
    rows = posts.join(moved.select("message_id", "slot"), on="message_id", how="left")
    rows = rows.with_columns(slot=pl.coalesce("slot", "message_id")).sort("message_id")
    is_conflict = pl.col("differs").is_in(CONFLICT_STATUSES)
    alone = find_missing(moved, windows, chat_of=chat_of).sort("slot", "src")
    return _Copies(rows, alone, differs.filter(is_conflict), differs.filter(~is_conflict))


def _add_units(copies: _Copies, numbered: pl.DataFrame) -> pl.DataFrame:
    """Add what is independent, and how many exports the chat has."""
    counted = numbered.select("src", "unit", n_exports=pl.len().over("chat"))
    return copies.rows.join(counted, on="src").sort("message_id")


def _find_spans(rows: pl.DataFrame, numbered: pl.DataFrame) -> pl.DataFrame:
    """Return one row per export with its first and last times, and its offset from UTC at the first."""
    spans = (
        rows.drop_nulls("sent_at")
        .sort("line", "message_id")
        .group_by("src")
        .agg(
            first_local=pl.col("sent_local").min(),
            last_local=pl.col("sent_local").max(),
            offset=(pl.col("sent_local") - pl.col("sent_at").dt.replace_time_zone(None)).first(),
            first_at=pl.col("sent_at").min(),
            last_at=pl.col("sent_at").max(),
        )
    )
    joined = numbered.join(spans, on="src", how="left").sort("src")
    return joined.with_columns(utc_offset_s=pl.col("offset").dt.total_seconds().cast(pl.Int32))


def _date_chats(chats: Chats, spans: pl.DataFrame) -> pl.DataFrame:
    return chats.join(spans.group_by("chat_id").agg(pl.col("first_at").min()), on="chat_id").select(
        "chat_id", "kind", "first_at"
    )


def _list_titled(spans: pl.DataFrame, chats: Chats, who: Identities) -> pl.DataFrame:
    """Return whom a one-to-one chat is titled after, at its first record: they are in it even if they never post."""
    direct = chats.filter(pl.col("kind") == "direct").select("chat_id")
    told = ("chat_id", "phone", "source_id")
    titled = spans.select(*told, label=plain_label(pl.col("chat_title")), sent_at="first_at")
    return _add_people(titled.join(direct, on="chat_id", how="semi"), who)


def _complete_sources(
    sources: Sources, numbered: pl.DataFrame, spans: pl.DataFrame, readings: Mapping[int, Reading]
) -> Sources:
    aligned = pl.Series([readings[src].aligned for src in numbered["src"]], dtype=pl.Boolean)
    found = spans.select(
        "source_id",
        "chat_id",
        "first_at",
        "last_at",
        custodian_id="owner",
        utc_offset_s=pl.when(aligned).then("utc_offset_s"),
    )
    kept = sources.drop([column for column in found.columns if column != "source_id"])
    return Sources(check(kept.join(found, on="source_id"), table="sources").sort("source_id", "path"))


def _complete_messages(messages: Messages, rows: pl.DataFrame, copies: pl.DataFrame) -> Messages:
    """Fill what parsing could not know; a notice has no copies and belongs to no person."""
    found = rows.select("message_id", "chat_id", "sent_at", "dst").join(
        copies.select("message_id", "person_id", canonical_id="slot"), on="message_id", how="left"
    )
    found = found.with_columns(canonical_id=pl.coalesce("canonical_id", "message_id"))
    told = ("chat_id", "sent_at", "dst", "person_id", "canonical_id", "group_id")
    kept = messages.drop(told).join(found, on="message_id")
    grouped = kept.join(group_messages(kept), on="canonical_id", how="left")
    return Messages(check(grouped, table="messages").sort("source_id", "byte_start", "message_id"))
