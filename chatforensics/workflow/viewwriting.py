"""A view as it is made: a database to read and search, and the linked views' tables and messages, compressed."""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any

from chatforensics.casefile.made import DESCRIPTION, write_whole
from chatforensics.report.explorer import view_all
from chatforensics.report.explorer.packing import compress
from chatforensics.report.explorer.rows import pack_json, write_chunks
from chatforensics.workflow import viewtables
from chatforensics.workflow.run import Outcome, Report
from chatforensics.workflow.viewrows import as_json
from chatforensics.workflow.viewsearch import FACTS, TEXT_COLUMNS, TOKENIZER
from chatforensics.workflow.viewtables import MESSAGE_COLUMNS, Rows, Shaped, shape

VIEW_DATABASE = "view.sqlite"
TABLES = "tables.json.gz"
STEPS = 6
_BATCH = 20_000
_PAGE_BYTES = 8192
_TABLES: Mapping[str, tuple[int, Callable[[Shaped], Rows]]] = {
    "rows": (7, viewtables.list_rows),
    "messages": (len(MESSAGE_COLUMNS), viewtables.list_messages),
    "days": (2, viewtables.list_days),
    "labels": (6, viewtables.list_labels),
    "slates": (2, viewtables.list_slates),
    "files": (6, viewtables.list_pictures),
    "details": (2, viewtables.list_details),
}
_INDICES = ("rows (row)", "messages (row)", "slates (message_id)", "files (message_id)", "files (sha256)")


def name_chunk(number: int) -> str:
    """Return the name of a file of messages."""
    return f"chunk-{number}.json.gz"


def write_view(folder: Path, outcome: Outcome, told: Mapping[str, object], report: Report) -> None:
    """Write a view of what a run found into an empty folder.

    Args:
        folder: where.
        outcome: what the run found.
        told: what the view is of, for `view.json`, which is written last.
        report: told of progress.
    """
    shaped = shape(outcome.tables)
    report("view", 1, STEPS)
    _write_database(folder / VIEW_DATABASE, shaped, outcome, report)
    views = view_all(shaped.tables, numbered=shaped.numbered, run=outcome.run, numbers=_number_texts(shaped))
    write_whole(folder / TABLES, compress(pack_json(views)))
    del views
    report("view", STEPS - 1, STEPS)
    n_chunks = 0
    for number, chunk in enumerate(write_chunks(shaped.numbered)):
        write_whole(folder / name_chunk(number), compress(chunk))
        n_chunks = number + 1
    write_whole(folder / DESCRIPTION, as_json({**told, "n_chunks": n_chunks}).encode() + b"\n")
    report("view", STEPS, STEPS)


def _number_texts(shaped: Shaped) -> Mapping[str, int]:
    """Return the number of each text in the written report."""
    from chatforensics.figures.numbering import number_texts

    return number_texts(dict(shaped.tables))


def _write_database(path: Path, shaped: Shaped, outcome: Outcome, report: Report) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600))
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for setting in (f"page_size = {_PAGE_BYTES}", "journal_mode = OFF", "synchronous = OFF", "temp_store = MEMORY"):
            database.execute(f"PRAGMA {setting}")
        database.execute("BEGIN")
        _lay_out(database)
        for table, (width, list_rows) in _TABLES.items():
            _insert(database, f"INSERT INTO {table} VALUES ({', '.join('?' * width)})", list_rows(shaped))  # noqa: S608 - our names
        report("view", 2, STEPS)
        _insert(database, _INTO_SEARCH, viewtables.list_search(shaped))
        report("view", 3, STEPS)
        for index in _INDICES:
            database.execute(f"CREATE INDEX {_name_index(index)} ON {index}")
        database.executemany("INSERT INTO meta VALUES (?, ?)", sorted(_list_meta(shaped, outcome).items()))
        database.execute("COMMIT")
        database.execute("INSERT INTO search (search) VALUES ('optimize')")
        report("view", 4, STEPS)


_INTO_SEARCH = f"INSERT INTO search (rowid, {', '.join(TEXT_COLUMNS)}, {FACTS}) VALUES (?, ?, ?, ?, ?)"  # noqa: S608 - our names


def _lay_out(database: sqlite3.Connection) -> None:
    script = (resources.files("chatforensics.workflow") / "view.sql").read_text(encoding="utf-8")
    for statement in script.split(";\n"):
        database.execute(statement)
    columns = ", ".join((*TEXT_COLUMNS, FACTS))
    quoted = TOKENIZER.replace("'", "''")
    # The words of a message stand in `messages`: the index keeps none.
    database.execute(f"CREATE VIRTUAL TABLE search USING fts5({columns}, content='', tokenize='{quoted}')")


def _name_index(index: str) -> str:
    return "of_" + "".join(letter if letter.isalnum() else "_" for letter in index.replace(" ", "")).strip("_")


def _insert(database: sqlite3.Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    left: Iterator[tuple[Any, ...]] = iter(rows)
    while batch := list(islice(left, _BATCH)):
        database.executemany(statement, batch)


def _list_meta(shaped: Shaped, outcome: Outcome) -> dict[str, str]:
    docs = shaped.docs
    return {
        "n": str(docs.height),
        "n_timed": str(docs["sent_at"].drop_nulls().len()),
        "summary": as_json(outcome.summary),
        **{name: as_json(rows) for name, rows in viewtables.list_entities(shaped).items()},
    }
