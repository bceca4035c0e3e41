"""Exports joined with what people state of who is who: of statements that exclude each other, corrections count more.

Files that were given are held to the exports: a slip in one is an error. A correction lies in the case, and exports
may have come or gone since; where it cannot be applied it is left out, with a warning.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

import polars as pl

from chatforensics.casefile import Correction
from chatforensics.errors import UsageError
from chatforensics.joining import Corrections, Statement
from chatforensics.workflow.corrected import Effect, list_statements, name_correction
from chatforensics.workflow.gathered import Gathered
from chatforensics.workflow.run import Settings
from chatforensics.workflow.statements import describe_corrections, read_corrections

Made = TypeVar("Made")
Join = Callable[[Gathered, Corrections | None], Made]


@dataclass
class _Stated:
    """The statements that still stand; `released` are the exports of which the declared maker does not count."""

    filed: list[Statement]
    corrected: list[tuple[Correction, Statement]]
    released: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def all(self) -> Corrections | None:
        every = (*self.filed, *(statement for _, statement in self.corrected))
        return Corrections(every) if every else None


def join_as_stated(exports: Gathered, settings: Settings, join: Join[Made]) -> tuple[Made, Effect]:
    """Join exports with the statements of the settings; a correction that cannot be applied is left out and told.

    Args:
        exports: the exports.
        settings: with the file of statements, and the corrections of the case.
        join: joins exports, given the statements.

    Returns:
        The tables, and what came of the corrections.

    Raises:
        UsageError: a statement of the file cannot be applied, whatever the corrections.
    """
    filed = read_corrections(settings.people)
    corrected, notes = list_statements(settings.corrections)
    stated = _Stated(list(filed.statements) if filed else [], corrected, notes=notes)
    sources = exports.tables["sources"]
    _leave_out_unread(stated, sources)
    while True:
        try:
            joined = join(_release(exports, stated), stated.all())
        except UsageError as error:
            if not _leave_out(stated, str(error.args[0]), sources):
                raise
            continue
        paths = {each["source_id"]: each["path"] for each in _list_places(sources)}
        named = tuple(replace(one, source=paths.get(one.source or "", one.source)) for _, one in stated.corrected)
        return joined, Effect(stated.notes, describe_corrections(Corrections(named)))


def _list_places(sources: pl.DataFrame) -> Iterator[dict[str, str]]:
    """Yield by which names statements may mean each export."""
    for row in sources.select("source_id", "path", "folder").iter_rows(named=True):
        yield {key: str(name).rstrip("/\\") for key, name in row.items() if name is not None}


def _leave_out_unread(stated: _Stated, sources: pl.DataFrame) -> None:
    """Leave out corrections that name an export which was not read: this shows before anything is joined."""
    known = {place for each in _list_places(sources) for place in each.values()}
    kept = []
    for correction, statement in stated.corrected:
        named = {statement.source, *(label.source for label in statement.labels)} - {None}
        missing = sorted(str(name) for name in named if str(name).rstrip("/\\") not in known)
        if missing:
            stated.notes.append(f"{statement.where} has no effect: export {missing[0]} was not read.")
        else:
            kept.append((correction, statement))
    stated.corrected = kept


def _release(exports: Gathered, stated: _Stated) -> Gathered:
    """Take back who was declared to have made an export where a correction says it otherwise."""
    sources = exports.tables["sources"]
    if "declared_custodian" not in sources.columns:
        return exports
    named = {str(statement.source).rstrip("/\\") for _, statement in stated.corrected if statement.source is not None}
    named |= stated.released
    freed = pl.Series([bool(named & set(each.values())) for each in _list_places(sources)], dtype=pl.Boolean)
    released = sources.with_columns(declared_custodian=pl.when(~freed).then("declared_custodian"))
    return replace(exports, tables={**exports.tables, "sources": released})


def _leave_out(stated: _Stated, said: str, sources: pl.DataFrame) -> bool:
    """Leave out one statement for which an error says that it cannot be applied; tell whether one was."""
    concerned = [pair for pair in stated.corrected if _is_concerned(pair[1], said)]
    if not concerned:
        return False
    others = [statement for statement in stated.filed if _is_concerned(statement, said)]
    declared = [path for path in sources["path"] if f"--declare: ['{path}']" in said]
    (last, statement) = concerned[-1]
    if others:
        stated.filed.remove(others[0])
        stated.notes.append(f"{others[0].where} has no effect: {name_correction(last)} says otherwise.")
    elif set(declared) - stated.released:
        stated.released.update(declared)
        stated.notes.append(f"--declare: ['{declared[0]}']: {name_correction(last)} names another custodian.")
    else:
        first, statement = concerned[0]
        stated.corrected.remove(concerned[0])
        later = f"{name_correction(last)} says otherwise, and is later." if last is not first else None
        stated.notes.append(f"{statement.where} has no effect: {later or said.removeprefix(f'{statement.where}: ')}")
    return True


def _is_concerned(statement: Statement, said: str) -> bool:
    """Tell whether an error speaks of a statement: as the one that cannot be applied, or as what it contradicts."""
    begins = said.startswith((f"{statement.where}:", f"{statement.where} "))
    return begins or f", but {statement.where} names " in said or f"contradicts what is {statement.said}." in said
