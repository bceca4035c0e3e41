"""Exports before they are joined, one or thousands of them: their tables, of which the messages may lie on the disk."""

import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from chatforensics import schema
from chatforensics.parsing import Parsed
from chatforensics.schema import Attachments, Events, Messages, Readings, Rejects, Sources
from chatforensics.storage import writing
from chatforensics.tables import file_of
from chatforensics.workflow.run import Tables

_ROWS_APART = 5_000  # an export with so many messages has a file of its own, so that it is found without the others
_BESIDE = ("sources", "events", "rejects", "readings", "attachments", "members", "indicators")


@dataclass(frozen=True)
class Part:
    """Messages of some exports, in memory or in a file; if not `whole`, others are there as well."""

    source_ids: frozenset[str]
    messages: Messages | Path
    whole: bool = True

    def scan(self) -> pl.LazyFrame:
        """Return the messages, to be read in part."""
        found = pl.scan_parquet(self.messages) if isinstance(self.messages, Path) else self.messages.lazy()
        return found if self.whole else found.filter(pl.col("source_id").is_in(sorted(self.source_ids)))

    def narrow(self, source_ids: Collection[str]) -> "Part":
        """Return the messages of those of its exports that are asked for."""
        kept = self.source_ids & frozenset(source_ids)
        return self if kept == self.source_ids else replace(self, source_ids=kept, whole=False)


@dataclass(frozen=True)
class Gathered:
    """What was read of exports: `tables` has all tables of single exports but the messages, which are in `parts`."""

    tables: Tables
    parts: tuple[Part, ...] = ()

    def scan(self, source_ids: Collection[str] | None = None) -> pl.LazyFrame:
        """Return the messages of all exports or of those named, in any order, to be read in part."""
        wanted = self.parts if source_ids is None else self._narrow(source_ids)
        parts = sorted(wanted, key=lambda part: min(part.source_ids))
        files = [part.messages for part in parts if part.whole and isinstance(part.messages, Path)]
        scans = [part.scan() for part in parts if not (part.whole and isinstance(part.messages, Path))]
        if files:  # one scan of a thousand files is much quicker than a thousand scans
            scans.insert(0, pl.scan_parquet(files))
        return pl.concat(scans) if scans else schema.empty("messages").lazy()

    def parsed(self) -> Parsed:
        """Return the tables as parsing gives them, all in memory."""
        tables = self.tables
        return Parsed(
            Sources(tables["sources"]),
            Messages(self.scan().collect()),
            Events(tables["events"]),
            Rejects(tables["rejects"]),
            Readings(tables["readings"]),
            Attachments(tables["attachments"]),
        )

    def without(self, source_ids: Collection[str]) -> "Gathered":
        """Return all but some exports."""
        if not source_ids:
            return self
        gone = self.scan(source_ids).select("message_id").collect()
        kept = {name: _leave_out(frame, name, source_ids, gone) for name, frame in self.tables.items()}
        return Gathered(kept, self._narrow(set(self.tables["sources"]["source_id"]) - set(source_ids)))

    def _narrow(self, source_ids: Collection[str]) -> tuple[Part, ...]:
        narrowed = (part.narrow(source_ids) for part in self.parts)
        return tuple(part for part in narrowed if part.source_ids)


def _leave_out(frame: pl.DataFrame, name: str, source_ids: Collection[str], messages: pl.DataFrame) -> pl.DataFrame:
    if name == "events":
        return frame.join(messages, on="message_id", how="anti", maintain_order="left")
    source = pl.col("source_ids").list.first() if name == "indicators" else pl.col("source_id")
    return frame.filter(~source.is_in(sorted(source_ids)))


def gather_parsed(parsed: Sequence[Parsed]) -> Gathered:
    """Put parsed exports together."""
    return gather([vars(each) for each in parsed])


def gather(exports: Sequence[Mapping[str, pl.DataFrame]], *, scratch: Path | None = None) -> Gathered:
    """Put the tables of single exports together.

    Args:
        exports: for each its tables by their names; those that were not made are taken to be empty.
        scratch: a folder for the messages; without it they stay where they are, in memory or in a file.
    """
    tables = {name: _concat([tables[name] for tables in exports if name in tables], name=name) for name in _BESIDE}
    return Gathered(tables, tuple(_list_parts(exports, scratch)))


def put_together(several: Sequence[Gathered]) -> Gathered:
    """Return all exports as one."""
    tables = {name: _concat([each.tables[name] for each in several], name=name) for name in _BESIDE}
    return Gathered(tables, tuple(part for each in several for part in each.parts))


def _concat(frames: Sequence[pl.DataFrame], *, name: str) -> pl.DataFrame:
    """Join tables of one kind end to end; `sources` may have further columns, the same in all."""
    filled = [frame for frame in frames if not frame.is_empty()]
    return pl.concat(filled) if filled else schema.empty(name)


def _list_parts(exports: Sequence[Mapping[str, pl.DataFrame]], scratch: Path | None) -> Iterator[Part]:
    together: list[pl.DataFrame] = []
    for tables in exports:
        path, source_ids = file_of(tables, "messages"), frozenset(tables["sources"]["source_id"])
        if path is not None:
            yield Part(source_ids, path)
        elif scratch is not None and tables["messages"].height >= _ROWS_APART:
            yield Part(source_ids, _spill(tables["messages"], scratch))
        else:
            together.append(tables["messages"])
    rows = pl.concat(together or [schema.empty("messages")])
    if not rows.is_empty():
        yield Part(frozenset(rows["source_id"].unique()), _spill(rows, scratch) if scratch else Messages(rows))


def _spill(rows: pl.DataFrame, folder: Path) -> Path:
    path = folder / f"messages-{secrets.token_hex(8)}.parquet"
    with writing(path) as part:
        rows.write_parquet(part, compression="lz4", row_group_size=262_144)
    return path
