"""Exports joined into one picture, all tables in memory."""

from dataclasses import dataclass

import polars as pl

from chatforensics.joining.corrections import Corrections
from chatforensics.joining.placed import complete_messages
from chatforensics.joining.scanned import join_scanned
from chatforensics.schema import (
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
    apart = join_scanned(sources, messages, events, timezone=timezone, attachments=attachments, corrections=corrections)
    kept = {name: table for name, table in vars(apart).items() if name not in ("placed", "corroborated")}
    return Joined(
        messages=complete_messages(messages, apart.placed),
        corroboration=Corroboration(pl.concat(apart.corroborated.portions())),
        **kept,
    )
