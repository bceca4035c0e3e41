"""A database holds every value, joins its tables, finds words in every script, and explains itself."""

import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from tablefiles.hostile import LONG, plain_rows, read_moment, rows, stored

from chatforensics.errors import SchemaError, UsageError
from chatforensics.tablefiles import StoredTable, write_database
from chatforensics.tablefiles.views import VIEWS


def ask(path: Path, query: str) -> list[dict[str, object]]:
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(query)]


@pytest.fixture
def case(tmp_path: Path) -> list[StoredTable]:
    """A small case: two messages in a chat, one of them labelled, a share with a source and one without."""
    told = {"chat_id": "c", "source_id": "s", "person_id": "p"}
    tables: dict[str, list[dict[str, object]]] = {
        "sources": [{"source_id": "s", "path": "a.txt"}],
        "messages": [
            {"message_id": 9, "canonical_id": 9, "byte_start": 0, "text": "প্রার্থীকে ভোট দিন", **told},
            {"message_id": 5, "canonical_id": 5, "byte_start": 90, "text": "Café ووٹ\x00", **told},
        ],
        "chats": [{"chat_id": "c", "title": "Choir", "source_ids": ["s"]}],
        "people": [
            {"person_id": "p", "pseudonym": "P1", "labels": ["Ama"]},
            {"person_id": "q", "labels": ['"Kofi"']},
        ],
        "labels": [
            {"message_id": 9, "label": "endorse", "probability": 0.9, "decision": "flag"},
            {"message_id": 5, "label": "endorse", "probability": 0.1, "decision": "none"},
        ],
        "shares": [
            {"share_id": "1", "person_id": "p", "chat_id": "c"},
            {"share_id": "2", "person_id": "q", "chat_id": "c"},
        ],
        "links": [
            {"share_id": "2", "parent_share_id": "1", "probability": 0.75, "rank": 1},
            {"share_id": "2", "parent_share_id": None, "probability": 0.25, "rank": 2},
        ],
        "pairs": [{"person_a": "p", "person_b": "q", "n_occasions": 3, "n_expected": 1.5, "q_value": 0.2}],
    }
    return [stored(tmp_path, listed, table=name) for name, listed in tables.items()]


@settings(max_examples=25, deadline=None)
@given(rows)
def test_every_value_comes_back(listed: list[dict[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        table = stored(Path(folder), listed)
        write_database([table], Path(folder) / "a.sqlite")
        read = ask(Path(folder) / "a.sqlite", "SELECT * FROM variants ORDER BY rowid")
        for row in read:
            row["message_ids"] = row["message_ids"] and json.loads(str(row["message_ids"]))
            row["first_at"] = row["first_at"] and str(read_moment(row["first_at"]))
        assert read == plain_rows(table)


def test_long_texts_with_null_characters_are_whole(tmp_path: Path) -> None:
    write_database([stored(tmp_path, [{"text": LONG}])], tmp_path / "a.sqlite")
    assert ask(tmp_path / "a.sqlite", "SELECT text FROM variants") == [{"text": LONG}]


def test_keys_lead_from_table_to_table(case: list[StoredTable], tmp_path: Path) -> None:
    out = tmp_path / "a.sqlite"
    write_database(case, out)
    keys = {row["from"]: row["table"] for row in ask(out, "PRAGMA foreign_key_list(messages)")}
    assert keys == {"source_id": "sources", "chat_id": "chats", "person_id": "people", "canonical_id": "messages"}
    assert ask(out, "PRAGMA foreign_key_check") == []
    assert ask(out, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    assert [row["name"] for row in ask(out, "PRAGMA table_info(messages)") if row["pk"]] == ["message_id"]


def test_a_table_that_is_left_out_is_not_referred_to(case: list[StoredTable], tmp_path: Path) -> None:
    out = tmp_path / "a.sqlite"
    write_database([table for table in case if table.name == "labels"], out)
    assert ask(out, "PRAGMA foreign_key_list(labels)") == []
    assert ask(out, "SELECT name FROM sqlite_master WHERE type = 'view'") == []


@pytest.mark.parametrize(("word", "found"), [("ভোট", [9]), ("প্রার্থীকে", [9]), ("ووٹ", [5]), ("cafe", [5]), ("ভ", [])])
def test_whole_words_are_found_in_every_script(
    case: list[StoredTable], tmp_path: Path, word: str, found: list[int]
) -> None:
    out = tmp_path / "a.sqlite"
    write_database(case, out)
    query = f"SELECT message_id FROM messages WHERE rowid IN (SELECT rowid FROM messages_fts WHERE text MATCH '{word}')"  # noqa: S608
    assert [row["message_id"] for row in ask(out, query)] == found


def test_views_put_together_what_belongs_together_with_its_probability(case: list[StoredTable], tmp_path: Path) -> None:
    out = tmp_path / "a.sqlite"
    write_database(case, out)
    read = {name: ask(out, f"SELECT * FROM {name}") for name in VIEWS}  # noqa: S608
    assert [(row["message_id"], row["chat"], row["path"]) for row in read["readable_messages"]] == [
        (9, "Choir", "a.txt"),
        (5, "Choir", "a.txt"),
    ]
    assert [(row["message_id"], row["probability"]) for row in read["labelled_messages"]] == [(9, 0.9)]
    assert [(row["source_person_id"], row["probability"]) for row in read["possible_sources"]] == [
        ("p", 0.75),
        (None, 0.25),
    ]
    assert [(row["labels_a"], row["n_expected"]) for row in read["pairs_by_chance"]] == [('["Ama"]', 1.5)]


def test_the_database_says_what_it_holds_also_to_datasette(case: list[StoredTable], tmp_path: Path) -> None:
    out = tmp_path / "choir.sqlite"
    write_database(case, out)
    about = {row["table_name"]: row for row in ask(out, "SELECT * FROM about_tables")}
    assert set(about) == {table.name for table in case} | set(VIEWS)
    assert about["messages"]["n_rows"] == 2
    assert about["messages"]["parquet_sha256"] == next(t for t in case if t.name == "messages").sha256()
    metadata = {row["key"]: str(row["value"]) for row in ask(out, "SELECT * FROM metadata")}
    described = json.loads(metadata["datasette_metadata_json"])["databases"]["choir"]["tables"]
    assert described["chats"]["description"].startswith("One row is one conversation")
    assert "null where nothing is left" in described["messages"]["columns"]["text"]


def test_what_the_run_assumed_and_warned_of_goes_with_it(case: list[StoredTable], tmp_path: Path) -> None:
    run = {"version": "9.9", "assumptions": ["The zone was assumed."], "warnings": ["One clock jumps."]}
    for content in (None, "[1]", "{", json.dumps(run)):
        if content:
            (tmp_path / "run.json").write_text(content)
        write_database(case, tmp_path / "a.sqlite")
        told = [tuple(row.values()) for row in ask(tmp_path / "a.sqlite", "SELECT * FROM about_run")]
        assert bool(told) == (content == json.dumps(run))
    assert told == [
        ("version", "Made by chatforensics 9.9."),
        ("assumption", "The zone was assumed."),
        ("warning", "One clock jumps."),
    ]


def test_the_same_tables_give_the_same_bytes(case: list[StoredTable], tmp_path: Path) -> None:
    for folder in ("a", "b"):
        write_database(case, tmp_path / folder / "case.sqlite")
    assert (tmp_path / "a" / "case.sqlite").read_bytes() == (tmp_path / "b" / "case.sqlite").read_bytes()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["case.sqlite"]


def test_two_rows_of_one_id_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    table = stored(tmp_path / "result", [{"source_id": "s"}, {"source_id": "s"}], table="sources")
    with pytest.raises(SchemaError, match=r"Two rows have one id.*sources\.source_id"):
        write_database([table], tmp_path / "out" / "a.sqlite")
    assert [*(tmp_path / "out").iterdir()] == []


def test_a_place_that_cannot_be_written_is_a_wrong_option(case: list[StoredTable], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="cannot be written"):
        write_database(case, tmp_path / "file" / "a.sqlite")
    (tmp_path / "folder" / "a.sqlite.part").mkdir(parents=True)
    with pytest.raises(UsageError, match="cannot be written"):
        write_database(case, tmp_path / "folder" / "a.sqlite")
