"""Exports read and looked at by themselves, some at a time, here or in a process of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import cast

import polars as pl

from chatforensics.casefile import Fresh, Kept, Store
from chatforensics.errors import EvidenceError, UnknownExportFormat
from chatforensics.intake import ChatText, ExportFile
from chatforensics.integrity.members import build_members
from chatforensics.parsing import Parsed
from chatforensics.schema import Sources
from chatforensics.workflow.checks import observe
from chatforensics.workflow.corrected import ExportCorrections
from chatforensics.workflow.gathered import Gathered, gather
from chatforensics.workflow.single import Declared, parse_received

EXPORT = "export"  # the stage that keeps the tables of one export


@dataclass(frozen=True)
class Given:
    """One export before it is read for its messages: what identifies it, where it lies, and how to read it.

    `path` is the one under which it was received, `beside` the SHA-256 of media beside a text, by name, where known;
    `dates` is the order of day and month where the whole export, of which this is a part, showed it.
    """

    path: str
    sha256: str
    export: ExportFile
    read: Callable[[], ChatText]
    beside: Mapping[str, str] = field(default_factory=dict)
    dates: str | None = None

    @property
    def source_id(self) -> str:
        """First 16 hex digits of the file's SHA-256."""
        return self.sha256[:16]


@dataclass(frozen=True)
class Input:
    """Something to be read: its path, and what gives the export there; both can be sent to another process."""

    path: str
    give: Callable[[], Given]


@dataclass(frozen=True)
class How:
    """How all exports of a run are read: what is declared and corrected of single ones, the zone of the others' clocks.

    Where `observing`, each is looked at by itself, too, which takes about half of the time of a small one.
    """

    declared: Mapping[str, Declared]
    corrected: ExportCorrections
    timezone: str
    observing: bool

    def key(self, given: Given, read_as: Declared) -> dict[str, object]:
        """Return what the tables of an export are made of, as a store names it."""
        return {
            "sha256": given.sha256,
            "beside": dict(given.beside),
            "path": given.path,
            "folder": given.export.folder,
            "declared": asdict(read_as),
            "timezone": read_as.timezone or self.timezone,
            "observing": self.observing,
        }


@dataclass
class One:
    """What reading one export gave: `stated` is what was declared of it, under the names `used`, none if nothing was.

    `read_as` is that with what is corrected, as far as the export can be read so, and `assumed` says it. `key` says
    what its tables are made of, and `kept` has them, unless they were put together with those of others.
    """

    path: str
    sha256: str
    export: ExportFile
    stated: Declared
    used: list[str]
    read_as: Declared
    warnings: list[str] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)
    key: Mapping[str, object] = field(default_factory=dict)
    kept: Kept = field(default_factory=Kept)

    @property
    def is_declared(self) -> bool:
        """Was anything declared of it?"""
        return self.stated != Declared() or bool(self.used)


@dataclass(frozen=True)
class Unread:
    """An input that could not be read, with the reason; `used` as for one that could."""

    path: str
    reason: str
    used: Sequence[str] = ()


Read = One | Unread


@dataclass(frozen=True)
class Batch:
    """What reading some inputs gave, each in its place; `gathered` has their tables where these were put together."""

    read: Sequence[Read]
    gathered: Gathered | None = None


def read_batch(inputs: Sequence[Input], *, how: How, scratch: Path | None, apart: bool) -> Batch:
    """Read some inputs.

    Args:
        inputs: what to read.
        how: how to read it.
        scratch: a folder for the messages; without it they stay in memory.
        apart: keep the tables of each export apart, for a store that keeps them.
    """
    read = [read_input(each, how, Fresh()) for each in inputs]
    return Batch(read) if apart else put_in_one(read, scratch=scratch)


def put_in_one(read: Sequence[Read], *, scratch: Path | None) -> Batch:
    """Put the tables of exports together; one that is there twice, byte for byte, counts once."""
    first: dict[str, Mapping[str, pl.DataFrame]] = {}
    for one in read:
        if isinstance(one, One):
            first.setdefault(one.sha256, one.kept.tables)
    gathered = gather(list(first.values()), scratch=scratch) if first else None
    bare = [replace(one, kept=replace(one.kept, tables={})) if isinstance(one, One) else one for one in read]
    return Batch(bare, gathered)


def read_input(one: Input, how: How, store: Store) -> Read:
    """Read one input, or say why it cannot be read."""
    used: Sequence[str] = ()
    try:
        given = one.give()
        used = introduce(given, how).used
        return read_given(given, how, store)
    except EvidenceError as error:
        return Unread(one.path, str(error), used)


def read_given(given: Given, how: How, store: Store) -> One:
    """Read one export as declared, and as corrected where it can be read so; what the store has is not read again.

    Raises:
        EvidenceError: it cannot be read.
    """
    one = introduce(given, how)
    try:
        return _keep(one, given, how, store)
    except EvidenceError as error:
        if one.read_as == one.stated:
            raise
        one.warnings.append(f"{given.path}: cannot be read as it was corrected, and was read without that: {error}")
    one.read_as, one.assumed = one.stated, []
    return _keep(one, given, how, store)


def _keep(one: One, given: Given, how: How, store: Store) -> One:
    one.key = how.key(given, one.read_as)
    one.kept = store.keep(EXPORT, one.key, partial(_look_at, given, one.read_as, how))
    one.warnings.extend(str(note) for note in cast("Sequence[str]", one.kept.facts["notes"]))
    return one


def introduce(given: Given, how: How) -> One:
    """Return what is known of an export before it is read."""
    used = [key for key in (given.source_id, given.path) if key in how.declared]
    stated, notes = how.declared[used[0]] if used else Declared(), []
    if given.dates and stated.dates is None:
        stated = replace(stated, dates=given.dates)
        notes.append(
            f"{given.path}: only a part of it is kept; its dates are read as {given.dates}, which the whole showed."
        )
    assumed = list(how.corrected.describe(given.source_id, given.path, stated))
    read_as = how.corrected.apply(given.source_id, stated)
    return One(given.path, given.sha256, given.export, stated, used, read_as, notes, assumed)


def _look_at(given: Given, read_as: Declared, how: How) -> Kept:
    """Parse one export and look at it by itself.

    Raises:
        EvidenceError: it cannot be read.
    """
    chat = given.read()
    parsed = _keep_stated(parse_received(chat, read_as), read_as)
    _check_dated(parsed)
    tables: dict[str, pl.DataFrame] = dict(vars(parsed))
    if how.observing:
        members = build_members(chat)
        observed = observe(chat, parsed, members, timezone=read_as.timezone or how.timezone)
        tables |= {"members": members, "indicators": observed}
    return Kept(tables, {"notes": [f"{chat.path}: {note}" for note in chat.notes]})


def _keep_stated(parsed: Parsed, stated: Declared) -> Parsed:
    """Add what is declared of whom and which chat the export is from, for joining."""
    columns = {"declared_custodian": stated.custodian, "declared_chat": stated.chat}
    told = [pl.Series(name, [value], dtype=pl.String) for name, value in columns.items()]
    return replace(parsed, sources=Sources(parsed.sources.hstack(told)))


def _check_dated(parsed: Parsed) -> None:
    """Refuse an export of which some times are not known: they cannot be put in order with others.

    Raises:
        UnknownExportFormat: no year is printed and nothing tells it.
    """
    undated = parsed.messages["sent_local"].null_count()
    if undated:
        path = parsed.sources["path"][0]
        raise UnknownExportFormat(
            f"{path}: records print no year, and nothing tells it: {undated:,}.",
            hint=f"Declare the year of the first message: a file for --declare with ['{path}'] and year = 2014.",
        )
