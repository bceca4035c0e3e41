"""Exports joined: in memory for few, and portion by portion to files for many."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from chatforensics import schema
from chatforensics.casefile import Kept
from chatforensics.errors import ChatForensicsError
from chatforensics.schema import AnyMessages, Attachments, Events, Messages, Sources
from chatforensics.tables import Shelf, put_together, sink_table
from chatforensics.workflow.gathered import Gathered
from chatforensics.workflow.restating import join_as_stated
from chatforensics.workflow.run import Settings, Tables

if TYPE_CHECKING:
    from chatforensics.joining import Corrections, Joined, JoinedApart
    from chatforensics.workflow.corrected import Effect

_PORTION = 500_000  # messages that are in memory with all their columns at a time
_APART = ("sources", "chats", "clocks", "people", "joins", "memberships", "namesakes", "comparisons", "indicators")


def join_parsed(exports: Gathered, *, timezone: str, corrections: "Corrections | None" = None) -> "Joined":
    """Join exports into one picture, in memory."""
    from chatforensics.joining import join_exports

    sources, events, attachments = _list_tables(exports)
    messages = Messages(exports.scan().sort("source_id", "byte_start").collect())
    _check_ids(messages["message_id"])
    return join_exports(sources, messages, events, timezone=timezone, attachments=attachments, corrections=corrections)


def join_stated(exports: Gathered, settings: Settings) -> "tuple[Joined, Effect]":
    """Join exports with what is stated of who is who; return what came of corrections, too."""

    def join(exports: Gathered, stated: "Corrections | None") -> "Joined":
        return join_parsed(exports, timezone=settings.timezone, corrections=stated)

    return join_as_stated(exports, settings, join)


def join_all(exports: Gathered, settings: Settings, *, scratch: Path | None) -> Kept:
    """Join exports and read what bodies say beside words: a stage.

    Args:
        exports: what was read.
        settings: with what is stated of who is who.
        scratch: a folder for the tables with a row per message; without it they stay in memory.
    """

    def join(exports: Gathered, stated: "Corrections | None") -> "JoinedApart":
        return _join_apart(exports, timezone=settings.timezone, corrections=stated)

    joined, effect = join_as_stated(exports, settings, join)
    tables: dict[str, pl.DataFrame] = {name: getattr(joined, name) for name in _APART}
    large = {"messages": _complete(exports, joined), "corroboration": joined.corroborated.portions(_PORTION)}
    shelf = put_together(tables, _list_single(exports), *(put_away(name, of, scratch) for name, of in large.items()))
    return Kept(put_together(shelf, read_bodies_further(shelf.scan("messages"))), effect.as_facts())


def _join_apart(exports: Gathered, *, timezone: str, corrections: "Corrections | None") -> "JoinedApart":
    from chatforensics.joining import join_scanned

    sources, events, attachments = _list_tables(exports)
    joined = join_scanned(
        sources, exports.scan(), events, timezone=timezone, attachments=attachments, corrections=corrections
    )
    _check_ids(joined.placed.rows["message_id"])
    return joined


def _list_tables(exports: Gathered) -> tuple[Sources, Events, Attachments]:
    tables = exports.tables
    sources, events = tables["sources"].sort("source_id"), tables["events"].sort("message_id")
    return Sources(sources), Events(events), Attachments(tables["attachments"])


def _check_ids(ids: pl.Series) -> None:
    if ids.n_unique() != len(ids):
        raise ChatForensicsError(
            "Two messages have the same id, a chance of one in many thousands.", hint="Please report it."
        )


def _complete(exports: Gathered, joined: "JoinedApart") -> Iterator[Messages]:
    """Yield the messages with all that joining found, in their final order, some exports at a time."""
    from chatforensics.joining import complete_messages

    for source_ids in _split(exports.tables["sources"]):
        yield complete_messages(Messages(exports.scan(source_ids).collect()), joined.placed)


def _split(sources: pl.DataFrame) -> Iterator[list[str]]:
    """Yield exports in the order of their ids, so many that their messages together are a portion."""
    some: list[str] = []
    held = 0
    for source_id, n_messages in sources.sort("source_id").select("source_id", "n_messages").iter_rows():
        if some and held + n_messages > _PORTION:
            yield some
            some, held = [], 0
        some.append(source_id)
        held += n_messages
    yield some


def put_away(name: str, portions: Iterable[pl.DataFrame], scratch: Path | None) -> Shelf:
    """Put a large table, made portion by portion, into a file if it has more than one and there is a folder for it."""
    left = iter(portions)
    first = next(left, schema.empty(name))
    second = next(left, None)
    if second is None:
        return Shelf({name: first}, {})
    if scratch is None:
        return Shelf({name: pl.concat([first, second, *left])}, {})
    path = scratch / f"{name}.parquet"
    sink_table(path, chain((first, second), left), schema=first.schema)
    return Shelf({}, {name: path})


def _list_single(exports: Gathered) -> Tables:
    """Return the tables of single exports that later stages do not change, in the order of exports and places."""
    tables = exports.tables
    return {
        "events": tables["events"].sort("message_id"),
        "rejects": tables["rejects"].sort("source_id", "byte_start"),
        "readings": tables["readings"].sort("source_id", "byte_start", "reason"),
        "attachments": tables["attachments"].sort("source_id", maintain_order=True),
    }


def read_bodies_further(messages: AnyMessages) -> Tables:
    """Return what texts and bodies say beside words: `references`, `polls`, `places` and `calls`."""
    from chatforensics.parsing.details import read_details
    from chatforensics.parsing.references import find_references

    details = read_details(messages)
    return {
        "references": find_references(messages),
        "polls": details.polls,
        "places": details.places,
        "calls": details.calls,
    }
