"""What can be checked of a case without analysing it: the originals against their hashes, the database, the log."""

import json
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from chatforensics.casefile.answers import check_answered
from chatforensics.casefile.corrections import check_corrected
from chatforensics.casefile.folder import DATABASE, Case, layout_of, read_layout, reading
from chatforensics.casefile.log import conceal, conceal_case, conceal_source, log_lines
from chatforensics.casefile.originals import Original, list_originals, originals_folder
from chatforensics.casefile.replies import check_replied
from chatforensics.errors import CaseError, EvidenceError, HashMismatch
from chatforensics.intake import show_path
from chatforensics.intake.content import hash_chunks, open_evidence, read_chunks

Entry = Mapping[str, Any]
_HELD = ("new", "answer", "reply", "correct", "analyse")
_LAYOUT = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name"
_RUNS = "SELECT settings FROM runs ORDER BY number"
_SOURCES = "SELECT source_id, sha256, sha512, size_bytes, added_at, minimised FROM sources ORDER BY source_id"


def hold_original(original: Original) -> None:
    """Hash an original, and the media beside it, and hold them to the hashes with which they came into the case.

    Raises:
        HashMismatch: a file is missing, cannot be read, or is not what was added.
    """
    if original.path is None:
        return
    wanted = {original.path: original.sha256}
    wanted |= {original.path.with_name(name): sha256 for name, sha256 in original.files.items()}
    for path, sha256 in wanted.items():
        if _hash(path, original) != sha256:
            raise HashMismatch(
                f"{show_path(path)}: not the file that was added to the case as {original.shown}.",
                hint="Restore it from a copy; the custody log has its hash.",
            )


def _hash(path: Path, original: Original) -> str:
    try:
        with open_evidence(path) as file:
            return hash_chunks(read_chunks(file))[0]
    except EvidenceError as error:
        raise HashMismatch(
            f"{show_path(path)}: added to the case as {original.shown}, and cannot be read now.",
            hint="Restore it from a copy; the custody log has its hash.",
        ) from error


def list_strays(case: Case) -> list[str]:
    """Return what lies among the originals and was never added, by its place in the case, in order."""
    known = {path for original in list_originals(case) for path in _paths_of(original)}
    folders = {path.parent for path in known}
    return sorted(show_path(path.relative_to(case.folder)) for path in _walk(case) if path not in known | folders)


def _paths_of(original: Original) -> Iterator[Path]:
    if original.path is not None:
        yield original.path
        yield from (original.path.with_name(name) for name in original.files)


def _walk(case: Case) -> Iterator[Path]:
    for top, folders, files in os.walk(originals_folder(case)):
        yield from (Path(top) / name for name in (*folders, *files))


def check_database(case: Case) -> str | None:
    """Return in one sentence what is wrong with the file of the database; None where SQLite finds nothing."""
    try:
        with reading(case.folder) as database:
            (first, *_), *_ = database.execute("PRAGMA integrity_check").fetchall()
    except (sqlite3.DatabaseError, CaseError) as error:
        return f"{DATABASE}: {error}."
    return None if first == "ok" else f"{DATABASE}: {first}."


def check_records(case: Case) -> list[str]:
    """Return in words what the case has on record that is not what its custody log says; empty where all agrees.

    Held to the log are the title and days of the case, its exports with the media beside them, answers, replies,
    corrections, and what was chosen for each analysis. Who may write in the folder has its key, too, and could have
    written records and log anew: against that helps a head of the log that was noted elsewhere.

    Raises:
        CaseError: the key of the case is missing, or the database is not of its form.
    """
    entries = [entry for line in log_lines(case) if isinstance(entry := json.loads(line), dict)]
    of = {action: [x for x in entries if x.get("action") == action] for action in _HELD}
    added = [x for x in entries if x.get("action") in ("add", "minimise")]
    try:
        with reading(case.folder) as database:
            return [
                *_check_layout(database),
                *_check_case(case, database, of["new"]),
                *_check_sources(case, database, added),
                *check_answered(case, database, of["answer"]),
                *check_replied(case, database, of["reply"]),
                *check_corrected(case, database, of["correct"]),
                *_check_runs(case, database, of["analyse"]),
            ]
    except sqlite3.Error as error:
        raise CaseError(f"{case.folder / DATABASE}: {error}.", hint="Restore it from a copy.") from error


def find_details(entry: Entry) -> Entry:
    """Return what a line of the log says of what was done; nothing where it is of no known form."""
    details = entry.get("details")
    return details if isinstance(details, dict) else {}


def _check_runs(case: Case, database: sqlite3.Connection, entries: Sequence[Entry]) -> Iterator[str]:
    """Hold what was chosen and declared for each analysis, and what came out, to its line."""
    said = [conceal(case, told, purpose="run") for (told,) in database.execute(_RUNS)]
    if said != [find_details(entry).get("run") for entry in entries]:
        yield "What is on record of the analyses (settings, results) is not what the custody log says."


def _check_layout(database: sqlite3.Connection) -> Iterator[str]:
    """Hold tables and triggers to those the program makes: a trigger taken out lets through what it forbids."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        fresh.executescript(read_layout(layout_of(database)))
        if _list_layout(database) != _list_layout(fresh):
            yield f"{DATABASE}: its tables or the triggers that guard them are not those that the program makes."


def _list_layout(database: sqlite3.Connection) -> list[tuple[str, ...]]:
    rows = database.execute(_LAYOUT)
    return [(*names, " ".join(re.sub("--.*", "", sql).split())) for *names, sql in rows]


def _check_case(case: Case, database: sqlite3.Connection, entries: Sequence[Entry]) -> Iterator[str]:
    if len(entries) != 1 or find_details(entries[0]).get("case") != conceal_case(case, database):
        yield "The title of the case, its beginning or its end is not what the custody log says."


def _check_sources(case: Case, database: sqlite3.Connection, entries: Sequence[Entry]) -> Iterator[str]:
    rows = database.execute(_SOURCES).fetchall()
    if len(rows) != len(entries):
        yield f"Exports on record: {len(rows):,}; exports added by the custody log: {len(entries):,}."
    logged = {find_details(entry).get("source"): entry for entry in entries}
    for source_id, sha256, sha512, size, added_at, minimised in rows:
        entry = logged.get(conceal_source(case, database, source_id))
        whole = (sha256, sha512, size, added_at)
        if entry is None or (not minimised and whole != _describe_added(entry)):
            yield (
                f"Export {source_id}: its hashes, size, path, folder or time on record, or those of the media beside "
                "it, are not what the custody log says."
            )


def _describe_added(entry: Entry) -> tuple[object, ...]:
    """Return hashes, size and time of an export as the log has them in plain words."""
    details, inputs = find_details(entry), entry.get("inputs")
    sha256 = inputs[0] if isinstance(inputs, list) and inputs else None
    return (sha256, details.get("sha512"), details.get("size_bytes"), entry.get("at"))
