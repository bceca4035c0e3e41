"""Joining without the texts in memory: the order of the steps from single exports to one picture of a case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from chatforensics.joining.alignment import Alignment, align_sources, components
from chatforensics.joining.chats import describe_chats, name_chats
from chatforensics.joining.clocks import read_clocks
from chatforensics.joining.clocktable import describe_clocks, observe_clocks
from chatforensics.joining.comparisons import list_pairs
from chatforensics.joining.corrections import Corrections, settle_corrections
from chatforensics.joining.corroboration import Corroborated, gather_corroborated
from chatforensics.joining.dependence import find_parts
from chatforensics.joining.disputes import find_indicators, merge_disputes
from chatforensics.joining.identities import Identities, identify_people
from chatforensics.joining.namesakes import find_namesakes
from chatforensics.joining.notices import list_named
from chatforensics.joining.observations import observe_near
from chatforensics.joining.placed import Placed, Placing
from chatforensics.joining.placing import Timed, middle_ms, place_in_time
from chatforensics.joining.readings import Reading
from chatforensics.joining.records import build_records, number_sources, plain_label, read_texts
from chatforensics.joining.slim import PORTION, Records
from chatforensics.joining.targets import list_several, rejoin_targets
from chatforensics.joining.within import Case, Within, list_shared, look_into, portion_chats
from chatforensics.schema import (
    AnyMessages,
    Attachments,
    Chats,
    Clocks,
    Comparisons,
    Events,
    Indicators,
    Joins,
    Memberships,
    Namesakes,
    People,
    Sources,
    check,
)

_PLACE = ("phone", "chat_id", "label")
_STAYS = ("chat_id", "person_id", "from_at", "basis")


@dataclass(frozen=True)
class JoinedApart:
    """The tables of a case once its exports are joined, but for those with a row per message.

    Of `messages` there is what joining has found (`placed`, to be used by `complete_messages`), and `corroboration` is
    written from `corroborated` a portion at a time.
    """

    sources: Sources
    placed: Placed
    chats: Chats
    clocks: Clocks
    people: People
    joins: Joins
    memberships: Memberships
    namesakes: Namesakes
    corroborated: Corroborated
    comparisons: Comparisons
    indicators: Indicators


def join_scanned(  # noqa: PLR0913 - tables first, the rest by name
    sources: Sources,
    messages: AnyMessages,
    events: Events,
    *,
    timezone: str,
    attachments: Attachments | None = None,
    corrections: Corrections | None = None,
    portion: int = PORTION,
) -> JoinedApart:
    """Join exports into one picture, as `join_exports` does, without holding the texts of messages in memory.

    Messages are read once in portions, and the texts of those that exports disagree on a second time.

    Args:
        sources: As parsed, with `folder` (exports in one folder come from one phone; null: a phone of its own).
        messages: As parsed, whole or a scan of files: chat, person and UTC time still null.
        events: Typed notices; "You" is whoever made the export.
        timezone: Zone of the case's reference clock, such as Europe/London.
        attachments: As parsed; without them files are not compared.
        corrections: What somebody states of who is who.
        portion: How many messages to work on at one time, where no single chat has more; results do not depend on it.

    Raises:
        UsageError: a zone is not in the time zone database, or a statement cannot be applied.
        SchemaError: a table lacks a column.
    """
    check(sources, table="sources")
    check(messages.lazy(), table="messages")
    check(events, table="events")
    numbered = number_sources(sources)
    records = build_records(numbered, messages, portion=portion)
    alignment = align_sources(numbered, records, events)
    readings = read_clocks(numbered, records, alignment, timezone=timezone)
    numbered = numbered.with_columns(name_chats(numbered, alignment.chat), chat=alignment.chat)
    parts = find_parts(records, numbered, pairs=list_pairs(numbered))
    timed = place_in_time(records.drop_printed(), readings)
    del records
    notices = _read_notices(timed.records, events, numbered)
    named = _list_named(events, messages, notices, timed, numbered)
    posted = timed.posted.join(numbered.select("src", "source_id", "phone", "chat", "chat_id"), on="src")
    chats = describe_chats(numbered, posted, named)
    shared = list_shared(timed.records, numbered, posted)
    stated = settle_corrections(corrections, sources)
    who = identify_people(numbered, chats, posted, named, shared=shared, corrections=stated)
    numbered = _add_owners(numbered, who, alignment, parts)
    spans = _tell_offsets(numbered.join(timed.spans, on="src", how="left").sort("src"))
    case = Case(
        records=timed.records,
        numbered=numbered,
        exports=numbered["source_id"].cast(pl.Enum(numbered["source_id"])),
        posters=_add_people(posted, who).select("src", "name", "person", "person_id"),
        named=_add_people(named, who),
        spans=spans,
        chats=_date_chats(chats, spans),
        titled=_list_titled(spans, chats, who),
        unread=notices.join(events.filter(pl.col("event") == "unknown"), on="message_id", how="semi"),
        attachments=attachments,
        parts=parts,
    )
    placing = Placing(len(timed.records.rows))
    found: list[Within] = []
    for exports in portion_chats(timed.records, numbered):
        each = look_into(case, exports)
        placing.take(each.places, each.told)
        found.append(each.forget_places())
    disputes = merge_disputes([each.disputes for each in found])
    texts = read_texts(messages, disputes.disputed_texts)
    memberships = Memberships(_merge(found, "memberships", _STAYS))
    observed = [*(each.observed for each in found), observe_near(alignment.near, numbered)]
    told = [
        find_indicators(disputes, texts, numbered),
        observe_clocks(numbered, readings),
        pl.concat(observed).sort("indicator", "source_ids", "title", "value"),
    ]
    return JoinedApart(
        sources=_complete_sources(sources, spans, readings),
        placed=placing.finish(timed.records.rows, numbered, _list_persons(who)),
        chats=chats,
        clocks=describe_clocks(timed.runs, numbered, readings),
        people=who.people,
        joins=who.joins,
        memberships=memberships,
        namesakes=find_namesakes(who.people, memberships, apart=who.apart),
        corroborated=gather_corroborated([each.corroborated for each in found], numbered),
        comparisons=Comparisons(_merge(found, "comparisons", ("chat_id", "source_a", "source_b"))),
        indicators=Indicators(pl.concat(told)),
    )


def _merge(found: Sequence[Within], name: str, order: Sequence[str]) -> pl.DataFrame:
    tables: list[pl.DataFrame] = [getattr(each, name) for each in found]
    return pl.concat(tables).sort(order)


def _read_notices(records: Records, events: Events, numbered: pl.DataFrame) -> pl.DataFrame:
    """Return the records of typed notices with `t`, and the phone and chat of their export."""
    rows = records.rows.join(events.select("message_id"), on="message_id", how="semi")
    timed = records.widen(rows).with_columns(t=middle_ms())
    exports = numbered.select("src", "source_id", "phone", "chat", "chat_id")
    told = timed.select("message_id", "src", "line", "t", "step_ms", "sent_at", "long")
    return told.join(exports, on="src", maintain_order="left")


def _list_named(
    events: Events, messages: AnyMessages, notices: pl.DataFrame, timed: Timed, numbered: pl.DataFrame
) -> pl.DataFrame:
    """Return the people in notices."""
    phones = numbered.select("src", "phone")
    printed = timed.records.printed_labels.join(phones, on="src").select("phone", label="sender_label")
    titles = numbered.select("phone", label="chat_title")
    texts = read_texts(messages, list_several(events))
    told = rejoin_targets(events, texts, notices.select("message_id", "phone"), pl.concat([printed, titles]))
    return list_named(told, notices)


def _list_persons(who: Identities) -> pl.Series:
    return who.persons["person_id"].drop_nulls().unique().sort()


def _add_people(table: pl.DataFrame, who: Identities) -> pl.DataFrame:
    """Add `person_id`, and `person`, its place among all."""
    number = pl.col("person_id").rank("dense").cast(pl.Int32) - 1
    persons = who.persons.select(*_PLACE, "person_id", person=number)
    return table.join(persons, on=_PLACE, how="left")


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


def _tell_offsets(spans: pl.DataFrame) -> pl.DataFrame:
    return spans.with_columns(utc_offset_s=pl.col("offset").dt.total_seconds().cast(pl.Int32))


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


def _complete_sources(sources: Sources, spans: pl.DataFrame, readings: Mapping[int, Reading]) -> Sources:
    aligned = pl.Series([readings[src].aligned for src in spans["src"]], dtype=pl.Boolean)
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
