"""An SQLite database: tables with keys, a search over the words, and what everything means, ready for Datasette."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import polars as pl

from chatforensics.errors import SchemaError, UsageError
from chatforensics.storage import writing
from chatforensics.tablefiles.cells import flatten
from chatforensics.tablefiles.meanings import NOT_DESCRIBED, describe_type, read_meanings
from chatforensics.tablefiles.stored import StoredTable, read_notes
from chatforensics.tablefiles.views import VIEWS

# The column that names one row, of each table that has such a column.
KEYS: Mapping[str, str] = {
    "sources": "source_id", "messages": "message_id", "chats": "chat_id", "people": "person_id", "shares": "share_id",
    "exposures": "share_id", "clusters": "cluster_id", "corroboration": "canonical_id",
}  # fmt: skip
# The table whose rows a column names.
HOMES: Mapping[str, str] = {
    "source_id": "sources", "source_a": "sources", "source_b": "sources",
    "message_id": "messages", "message_a": "messages", "message_b": "messages",
    "chat_id": "chats",
    "person_id": "people", "person_a": "people", "person_b": "people", "sender_id": "people", "recipient_id": "people",
    "custodian_id": "people", "added_by": "people", "removed_by": "people",
    "share_id": "shares", "parent_share_id": "shares",
    "canonical_id": "messages",
}  # fmt: skip
IN_TIME = ("sent_at", "source_id", "byte_start")  # the order in which messages are read
FURTHER_INDEXES = ("sent_at", "group_id", "family_id", "variant_id", "burst_id", "family_a", "family_b")
SEARCH = "messages_fts"
# Vowel signs belong to the word in the scripts of India: by default they would end it.
TOKENS = "unicode61 remove_diacritics 2 categories 'L* M* N* Co'"
CACHE_KB = 65_536
TITLE = "Tables of chatforensics"
SAYS = (
    "What stands in the files received, and what was computed from it. It does not say that what was written is true, "
    "who held a phone, or what was not received. Times in UTC are texts such as 2026-05-04T09:00:00+00:00; columns "
    "ending in _local show the phone's own clock. Columns ending in _s are seconds. Lists are JSON. True is 1, false 0."
)


def write_database(tables: Sequence[StoredTable], out: Path) -> None:
    """Write tables to one SQLite database, with keys, indexes, a search over the words and some views.

    Only some thousand rows are in memory at a time. The same tables give the same bytes, by one version of SQLite.

    Raises:
        SchemaError: two rows have one id.
        UsageError: the file cannot be written to.
    """
    with writing(out) as part:
        try:
            with closing(sqlite3.connect(part, isolation_level=None)) as database:
                _fill(database, tables, name=out.stem)
        except sqlite3.IntegrityError as error:
            raise SchemaError(f"Two rows have one id, or one has none ({error}).", hint="Run analyse again.") from error
        except sqlite3.Error as error:
            raise UsageError(f"{out}: cannot be written ({error}).", hint="Name another place.") from error


def _fill(database: sqlite3.Connection, tables: Sequence[StoredTable], *, name: str) -> None:
    """Write everything; the file is another's only when it is whole, so that no journal is needed."""
    for setting in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{CACHE_KB}"):
        database.execute(f"PRAGMA {setting}")
    database.execute("BEGIN")
    there = {table.name: table for table in tables}
    for table in tables:
        _write_table(database, table, there)
    for table in tables:
        _write_indexes(database, table)
    if "text" in there.get("messages", NO_TABLE).columns:
        _write_search(database)
    _write_meanings(database, tables, views=_write_views(database, there), name=name)
    database.execute("COMMIT")


NO_TABLE = StoredTable("", Path(), {}, 0)


def quote(name: str) -> str:
    """Return a name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def _write_table(database: sqlite3.Connection, table: StoredTable, there: Mapping[str, StoredTable]) -> None:
    columns = ", ".join(_declare(table, name, there) for name in table.columns)
    database.execute(f"CREATE TABLE {quote(table.name)} ({columns})")
    marks = ", ".join("?" * len(table.columns))
    insert = f"INSERT INTO {quote(table.name)} VALUES ({marks})"  # noqa: S608 - names of ours, in quotation marks
    for frame in table.batches():
        database.executemany(insert, flatten(frame).iter_rows())


def _declare(table: StoredTable, name: str, there: Mapping[str, StoredTable]) -> str:
    """Return the declaration of a column: its type, and which row of which table it names."""
    dtype = table.columns[name]
    kind = "INTEGER" if dtype.is_integer() or dtype == pl.Boolean else "REAL" if dtype.is_float() else "TEXT"
    declared = f"{quote(name)} {kind}"
    if KEYS.get(table.name) == name:
        return f"{declared} NOT NULL PRIMARY KEY"
    home = HOMES.get(name, "")
    if home in there and KEYS[home] in there[home].columns:
        return f"{declared} REFERENCES {quote(home)} ({quote(KEYS[home])})"
    return declared


def _write_indexes(database: sqlite3.Connection, table: StoredTable) -> None:
    """Write an index of each column by which tables are joined or sorted, once the rows are in."""
    for name in table.columns:
        if (name in HOMES or name in FURTHER_INDEXES) and KEYS.get(table.name) != name:
            by = IN_TIME if name == "sent_at" and set(IN_TIME) <= set(table.columns) else (name,)
            index = f"{quote(f'{table.name}_{name}')} ON {quote(table.name)}"
            database.execute(f"CREATE INDEX {index} ({', '.join(map(quote, by))})")


def _write_search(database: sqlite3.Connection) -> None:
    """Write a search over the words of messages that Datasette finds by itself."""
    tokens = TOKENS.replace("'", "''")
    form = f'text, content="messages", content_rowid="message_id", tokenize=\'{tokens}\''
    database.execute(f"CREATE VIRTUAL TABLE {SEARCH} USING FTS5 ({form})")
    database.execute(f"INSERT INTO {SEARCH} ({SEARCH}) VALUES ('rebuild')")  # noqa: S608 - a name of ours


def _write_views(database: sqlite3.Connection, there: Mapping[str, StoredTable]) -> dict[str, str]:
    """Write the views whose tables are there; return what one row of each is."""
    written = {}
    for name, view in VIEWS.items():
        if set(view.tables) <= set(there):
            query = " ".join(view.query.split())
            database.execute(f"CREATE VIEW {quote(name)} AS {query}")
            written[name] = view.row
    return written


def _write_meanings(
    database: sqlite3.Connection, tables: Sequence[StoredTable], *, views: Mapping[str, str], name: str
) -> None:
    """Write what tables and columns mean, as tables and as Datasette's metadata, and what the run says of itself."""
    database.execute("CREATE TABLE about_run (kind TEXT, said TEXT)")
    database.executemany("INSERT INTO about_run VALUES (?, ?)", read_notes(tables))
    database.execute(
        "CREATE TABLE about_tables (table_name TEXT NOT NULL PRIMARY KEY, one_row_is TEXT, note TEXT, n_rows INTEGER, "
        "parquet_sha256 TEXT)"
    )
    database.executemany("INSERT INTO about_tables VALUES (?, ?, ?, ?, ?)", _about_tables(tables, views))
    database.execute(
        "CREATE TABLE about_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, type TEXT, meaning TEXT, "
        "PRIMARY KEY (table_name, column_name))"
    )
    database.executemany("INSERT INTO about_columns VALUES (?, ?, ?, ?)", _about_columns(tables))
    database.execute("CREATE TABLE metadata (key TEXT NOT NULL PRIMARY KEY, value TEXT)")
    said = {
        "title": TITLE,
        "description": SAYS,
        "datasette_metadata_json": json.dumps(
            _describe_for_datasette(tables, views, name=name), ensure_ascii=False, sort_keys=True
        ),
    }
    database.executemany("INSERT INTO metadata VALUES (?, ?)", said.items())


def _about_tables(tables: Sequence[StoredTable], views: Mapping[str, str]) -> Iterator[tuple[str | int | None, ...]]:
    for table in tables:
        meaning = read_meanings().get(table.name, NOT_DESCRIBED)
        yield table.name, meaning.row, meaning.note, table.n_rows, table.sha256()
    for name, row in views.items():
        yield name, row, "A view: put together from other tables.", None, None


def _about_columns(tables: Sequence[StoredTable]) -> Iterator[tuple[str, str, str, str]]:
    for table in tables:
        said = read_meanings().get(table.name, NOT_DESCRIBED).by_column
        for name, dtype in table.columns.items():
            yield table.name, name, describe_type(dtype), said.get(name, "")


def _describe_for_datasette(tables: Sequence[StoredTable], views: Mapping[str, str], *, name: str) -> dict[str, object]:
    """Return the descriptions in the form that Datasette reads with --metadata."""
    columns: dict[str, dict[str, str]] = {}
    for table, column, _type, meaning in _about_columns(tables):
        if meaning:
            columns.setdefault(table, {})[column] = meaning
    described: dict[str, object] = {
        str(table): {"description": f"One row is {row}. {note}".strip(), "columns": columns.get(str(table), {})}
        for table, row, note, *_ in _about_tables(tables, views)
    }
    return {"title": TITLE, "description": SAYS, "databases": {name: {"tables": described}}}
