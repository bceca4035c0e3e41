"""The records of a package as files: every line leads back to bytes, and says what was computed and what not."""

import csv
import io
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from builders import a_case
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.package.canonical import canonical, encode_rows
from chatforensics.package.choosing import Choice, Papers, build_dossier
from chatforensics.package.dossier import Dossier
from chatforensics.package.records import bound_time, list_records, write_records
from chatforensics.schema import TABLES
from chatforensics.tablefiles import unguard

LOG = ('{"action":"new","seq":1}', '{"action":"add","seq":2}')
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(), each, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def dossier() -> Dossier:
    """Tick the first share of an invented case: a message with labels and slates that a second phone exported too."""
    case = a_case(8)
    twice = case["messages"].filter(pl.len().over("canonical_id") > 1)["message_id"]
    shares = case["shares"].filter(pl.col("message_ids").list.set_intersection(twice.to_list()).list.len() > 1)
    papers = Papers("A case", datetime(2031, 4, 1), {"version": "1"}, log=LOG)
    return build_dossier(case, choice=Choice((shares["message_ids"][0][0],), 1), papers=papers)


def read_lines(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.decode().split("\n") if line]


def read_sheet(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_every_record_says_where_it_stands_and_which_file_that_was(dossier: Dossier) -> None:
    sources = {row["source_id"]: row for row in dossier.tables["sources"].to_dicts()}
    messages = {row["message_id"]: row for row in dossier.tables["messages"].to_dicts()}
    records = read_lines(write_records(dossier)["messages.jsonl"])
    assert {record["message_id"] for record in records} == set(messages)
    for record in records:
        row, place = messages[record["message_id"]], record["place"]
        assert place["sha256"] == sources[row["source_id"]]["sha256"]
        assert [place[key] for key in ("line", "byte_start", "byte_end")] == [
            row[key] for key in ("line", "byte_start", "byte_end")
        ]
        assert record["text"] == row["text"]


def test_ticked_copies_and_context_are_told_apart(dossier: Dossier) -> None:
    roles = {record["message_id"]: record["role"] for record in list_records(dossier)}
    assert [number for number, role in roles.items() if role == "ticked"] == list(dossier.ticked)
    (copy,) = (number for number, role in roles.items() if role == "copy")
    (record,) = (record for record in list_records(dossier) if record["role"] == "ticked")
    assert record["copies"] == [copy]
    assert "context" in roles.values()


def test_a_minute_on_the_clock_is_an_interval_of_sixty_seconds() -> None:
    at = datetime(2031, 4, 1, 10, 7)
    assert bound_time(at, step_s=60) == (at, at + timedelta(seconds=59))
    assert bound_time(at + timedelta(seconds=3), step_s=1) == (at + timedelta(seconds=3),) * 2
    assert bound_time(at, step_s=86_400) == (at.replace(hour=0, minute=0), at.replace(hour=23, minute=59, second=59))


def test_utc_stands_beside_what_it_rests_on(dossier: Dossier) -> None:
    for record in list_records(dossier):
        time = record["time"]
        assert isinstance(time, dict)
        assert time["utc_basis"]
        assert "utc_uncertainty_s" in time
    bare = replace(dossier, tables={**dossier.tables, "clocks": dossier.tables["clocks"].clear()})
    assert {record["time"]["utc_basis"] for record in read_lines(write_records(bare)["messages.jsonl"])} == {
        "no stretch of the table clocks covers this time"
    }


def test_labels_keep_their_spans_and_explanation(dossier: Dossier) -> None:
    (record,) = (record for record in list_records(dossier) if record["role"] == "ticked")
    wanted = dossier.tables["labels"].filter(pl.col("message_id").is_in(dossier.ticked))
    labels = record["labels"]
    assert isinstance(labels, list)
    assert [label["label"] for label in labels] == wanted["label"].to_list()
    assert [label["spans"] for label in labels] == wanted["spans"].to_list()
    assert [label["probability"] for label in labels] == [
        float(str(each)) for each in wanted["probability"].cast(pl.String)
    ]


def test_a_redaction_is_named_at_its_message(dossier: Dossier) -> None:
    number = dossier.ticked[0]
    rows = ({"number": 4, "token": "-1", "message_ids": [number]}, {"number": 5, "token": "P-A", "message_ids": []})
    redacted = replace(dossier, redactions=rows)
    found = {record["message_id"]: record["redactions"] for record in list_records(redacted) if record["redactions"]}
    assert found == {number: [4]}
    assert read_sheet(write_records(redacted)["redactions.csv"]) == [
        {"number": "4", "token": "'-1", "message_ids": f"[{number}]"},
        {"number": "5", "token": "P-A", "message_ids": "[]"},
    ]


def test_a_reply_has_a_file_of_its_own_under_the_pseudonym_of_whoever_it_is_of(dossier: Dossier) -> None:
    person = dossier.tables["people"].row(0, named=True)
    reply = {"person_id": person["person_id"], "status": "replied", "on": "2031-04-01", "text": "I did not.\n"}
    files = write_records(replace(dossier, replies=(reply, {**reply, "text": None}, {"text": "Who?"})))
    name = f"replies/{person['pseudonym']}-1.txt"
    assert files[name].endswith(b"\n\nI did not.\n\n")
    assert [each for each in files if each.startswith("replies/")] == [name, "replies/unknown-1.txt"]


def test_every_line_is_canonical_and_the_sheet_has_the_same_records(dossier: Dossier) -> None:
    files = write_records(dossier)
    for name in files:
        if name.endswith(".jsonl") and not name.startswith("custody"):
            for line in files[name].decode().removesuffix("\n").split("\n"):
                assert canonical(json.loads(line)) == line
    sheet, lines = read_sheet(files["messages.csv"]), read_lines(files["messages.jsonl"])
    assert [int(row["message_id"]) for row in sheet] == [line["message_id"] for line in lines]
    assert [unguard(row["text"]) for row in sheet] == [line["text"] or "" for line in lines]
    assert [row["local_to"] for row in sheet] == [line["time"]["local_to"] for line in lines]


def test_a_telephone_number_as_sender_is_no_formula_in_the_sheet(dossier: Dossier) -> None:
    messages = dossier.tables["messages"].with_columns(sender_label=pl.lit("+44 7700 900123"))
    files = write_records(replace(dossier, tables={**dossier.tables, "messages": messages}))
    assert {row["sender"] for row in read_sheet(files["messages.csv"])} == {"'+44 7700 900123"}
    assert {line["sender"]["label"] for line in read_lines(files["messages.jsonl"])} == {"+44 7700 900123"}


def test_each_table_with_rows_is_there_twice_and_the_run_record_counts_all(dossier: Dossier) -> None:
    files = write_records(dossier)
    counted = json.loads(files["run.json"])["package"]["n_rows"]
    for name in TABLES:
        height = dossier.tables[name].height
        assert (f"tables/{name}.jsonl" in files) == (f"tables/{name}.csv" in files) == (height > 0)
        assert name == "people" or counted[name] == height
        if height:
            assert len(read_lines(files[f"tables/{name}.jsonl"])) == height


def test_the_head_of_the_custody_log_is_the_hash_of_its_last_line(dossier: Dossier) -> None:
    files = write_records(dossier)
    assert files["custody/log.jsonl"].decode() == "".join(f"{line}\n" for line in LOG)
    assert json.loads(files["custody/head.json"]) == {
        "entries": 2,
        "sha256": "2e495094c505cb67b2a364e00dec91f5532b7f7adc6a18d25612b76e8281477f",
    }


def test_the_order_of_rows_in_the_tables_changes_no_byte_of_the_messages(dossier: Dossier) -> None:
    turned = {name: frame.reverse() for name, frame in dossier.tables.items() if name in ("sources", "messages")}
    one, two = write_records(dossier), write_records(replace(dossier, tables={**dossier.tables, **turned}))
    assert one["messages.jsonl"] == two["messages.jsonl"]


@given(JSON)
def test_canonical_json_can_be_read_by_strict_readers_and_is_one_form(value: object) -> None:
    line = canonical(value)
    assert "\n" not in line

    def refuse(name: str) -> None:
        raise AssertionError(name)

    assert canonical(json.loads(line, parse_constant=refuse)) == line


def test_what_is_no_number_is_null_in_a_table() -> None:
    frame = pl.DataFrame({"b": [float("nan"), float("inf"), 0.1], "a": ["é", None, "\n"]})
    frame = frame.with_columns(pl.col("b").cast(pl.Float32))
    assert encode_rows(frame).decode() == '{"a":"é","b":null}\n{"a":null,"b":null}\n{"a":"\\n","b":0.1}\n'
