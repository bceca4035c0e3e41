"""Every table and column is documented where programs and people read it."""

import pytest

from chatforensics.schema import TABLES, empty
from chatforensics.tablefiles.meanings import describe_type, read_meanings


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_table_and_each_of_its_columns_is_documented(table: str) -> None:
    meaning = read_meanings()[table]
    assert meaning.row
    assert [name for name in TABLES[table] if name not in meaning.by_column] == []


def test_what_is_said_of_a_column_is_said_of_no_other() -> None:
    meanings = read_meanings()
    assert meanings["references"].by_column == {
        "message_id": "",
        "reference": "mention|phone|link",
        "start": "",
        "end": "code points of text, end not included",
    }
    events = meanings["events"].by_column
    assert events["actor"] == events["targets"]
    assert events["actor"].startswith("labels as printed; You is whoever")
    assert events["event"] == "see the note on the table"
    assert meanings["events"].note.startswith("created, joined")
    members = meanings["members"].by_column
    assert (members["size_bytes"], members["extract_version"]) == ("", "")
    assert members["oddities"] == "list of {kind, n}"


def test_no_markup_is_left_in_what_is_said() -> None:
    said = [text for one in read_meanings().values() for text in (one.row, one.note, *one.by_column.values())]
    assert [text for text in said if "`" in text or "**" in text or "\\|" in text] == []


def test_types_are_told_in_words() -> None:
    told = {name: describe_type(dtype) for name, dtype in empty("variants").schema.items()}
    assert (told["text"], told["n_messages"], told["first_at"], told["message_ids"], told["similarity"]) == (
        "text",
        "whole number",
        "time in UTC",
        "list",
        "number",
    )
    assert describe_type(empty("clocks").schema["from_local"]) == "time as the clock showed it"
