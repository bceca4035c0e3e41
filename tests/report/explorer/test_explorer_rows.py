import base64
import gzip
import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report.invented import START, a_message, tiny_case

from chatforensics.report.explorer import build_islands, entities, marks
from chatforensics.report.explorer.packing import pack
from chatforensics.report.explorer.rows import CHUNK_ROWS, STATUSES, number_rows, write_chunks
from chatforensics.schema import TABLES, empty


def known(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    return {name: tables.get(name, empty(name)) for name in TABLES}


def unpack(packed: str) -> Any:
    return json.loads(gzip.decompress(base64.b64decode(packed)))


def list_places(chunks: list[dict[str, Any]]) -> list[tuple[int, int, int]]:
    """Return line and bytes of every record that the chunks hold, shown or as a copy."""
    shown = [place for chunk in chunks for place in zip(chunk["line"], chunk["start"], chunk["end"], strict=True)]
    copies = [place for chunk in chunks for place in zip(*chunk["copies"][2:5], strict=True)]
    return sorted([*shown, *copies])


def test_every_record_of_every_export_stands_in_the_reader_once_with_its_line_and_bytes() -> None:
    tables = known(tiny_case())
    chunks = [json.loads(chunk) for chunk in write_chunks(number_rows(tables))]
    records = tables["messages"].select("line", "byte_start", "byte_end").sort(pl.all()).rows()
    assert list_places(chunks) == records


def test_copies_of_one_message_are_one_row_and_other_words_are_kept() -> None:
    (chunk,) = (json.loads(chunk) for chunk in write_chunks(number_rows(known(tiny_case()))))
    assert len(chunk["id"]) == 6
    texts = dict(zip(chunk["copies"][5], chunk["copies"][7], strict=True))
    assert [text for text in texts.values() if text is not None] == ["See you at nine"]


def test_rows_are_in_the_order_of_chats_and_times() -> None:
    numbered = number_rows(known(tiny_case())).filter("is_shown")
    assert numbered["chat_id"].to_list() == ["chat-2"] * 2 + ["chat-1"] * 4  # Allotments stands before Ward talk
    assert numbered.filter(pl.col("chat_id") == "chat-1")["sent_at"].is_sorted()


def test_a_message_without_a_time_stays_beside_its_neighbour() -> None:
    tables = known(tiny_case())
    undated = pl.when(pl.col("message_id").is_in([102, 202])).then(None).otherwise("sent_at")
    tables["messages"] = tables["messages"].with_columns(sent_at=undated)
    shown = number_rows(tables).filter(pl.col("is_shown"), pl.col("chat_id") == "chat-1")
    assert [number % 100 for number in shown["message_id"]] == [0, 1, 2, 3]


def test_chunks_hold_two_thousand_rows_and_lose_none() -> None:
    tables = known(tiny_case())
    many = [
        {**a_message(k, source=3, minute=k, text=str(k), sender="Ifeoma"), "canonical_id": k}
        for k in range(CHUNK_ROWS + 1)
    ]
    tables["messages"] = pl.DataFrame(many, schema=dict(TABLES["messages"]))
    chunks = [json.loads(chunk) for chunk in write_chunks(number_rows(tables))]
    assert [len(chunk["id"]) for chunk in chunks] == [CHUNK_ROWS, 1]
    assert [text for chunk in chunks for text in chunk["text"]] == [str(k) for k in range(CHUNK_ROWS + 1)]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_packed_text_comes_back_and_cannot_end_a_script(text: str) -> None:
    packed = pack(json.dumps(text).encode())
    assert unpack(packed) == text
    assert "<" not in packed


def test_marks_lead_to_the_rows_of_their_messages_and_equal_tables_give_equal_islands() -> None:
    tables = known(tiny_case())
    islands = build_islands(tables, run={}, numbers={"family-1": 1})
    views = unpack(islands.tables)
    (chunk,) = (unpack(chunk) for chunk in islands.chunks)
    behind = [[chunk["text"][row] for row in rows] for rows in views["shares"]["rows"]]
    assert all("Oyelaran Brzeska" in text for texts in behind for text in texts)
    assert [len(rows) for rows in views["shares"]["rows"]] == [1, 1]
    assert views["families"]["name"] == ["Text 1"]
    assert build_islands(known(tiny_case()), run={}, numbers={"family-1": 1}) == islands


def test_a_source_outside_the_evidence_is_minus_one_and_a_source_not_drawn_is_left_out() -> None:
    tables = known(tiny_case())
    links: list[dict[str, Any]] = [
        {"share_id": "share-1", "parent_share_id": None, "probability": 0.7, "rank": 1},
        {"share_id": "share-1", "parent_share_id": "share-of-another-family", "probability": 0.3, "rank": 2},
        {"share_id": "share-2", "parent_share_id": "share-1", "probability": 0.9, "rank": 1},
    ]
    tables["links"] = pl.DataFrame(
        [{**dict.fromkeys(TABLES["links"]), **link} for link in links], schema=dict(TABLES["links"])
    )
    found = unpack(build_islands(tables, run={}, numbers={}).tables)["links"]
    assert (found["share"], found["parent"]) == ([0, 1], [-1, 0])


def test_what_the_views_leave_out_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entities, "SHARE_LIMIT", 1)
    monkeypatch.setattr(marks, "SHARE_LIMIT", 1)
    monkeypatch.setattr(marks, "LABELLED_LIMIT", 1)
    views = unpack(build_islands(known(tiny_case()), run={}, numbers={}).tables)
    assert (views["shares"]["n"], views["shares"]["n_all"]) == (1, 2)
    assert (views["labelled"]["n"], views["labelled"]["n_all"]) == (1, 3)


def test_the_dates_that_the_user_passed_begin_at_midnight_in_the_zone_of_the_case() -> None:
    run = {"parameters": {"timezone": "Asia/Karachi", "events": [{"date": "2031-03-03", "label": "Ballot opens"}]}}
    events = unpack(build_islands(known(tiny_case()), run=run, numbers={}).tables)["events"]
    midnight = START.replace(hour=0, minute=0)
    assert events["at"] == [
        (midnight - START.replace(year=1970, month=1, day=1, hour=0, minute=0)).total_seconds() - 5 * 3600
    ]


def test_a_day_on_which_clocks_change_has_its_own_length() -> None:
    run = {"parameters": {"timezone": "Europe/London", "events": [{"date": "2031-03-30", "label": "Ballot opens"}]}}
    events = unpack(build_islands(known(tiny_case()), run=run, numbers={}).tables)["events"]
    assert events["to"][0] - events["at"][0] == 23 * 3600


def test_a_message_without_a_time_at_the_beginning_stays_at_the_beginning() -> None:
    tables = known(tiny_case())
    undated = pl.when(pl.col("message_id").is_in([100, 200])).then(None).otherwise("sent_at")
    tables["messages"] = tables["messages"].with_columns(sent_at=undated)
    shown = number_rows(tables).filter(pl.col("is_shown"), pl.col("chat_id") == "chat-1")
    assert [number % 100 for number in shown["message_id"]] == [0, 1, 2, 3]


def test_records_of_no_listed_chat_stand_in_a_chat_of_their_own_at_the_end() -> None:
    tables = known(tiny_case())
    tables["chats"] = tables["chats"].filter(pl.col("chat_id") == "chat-2")
    orphan = pl.when(pl.col("message_id") == 103).then(None).otherwise("chat_id")
    tables["messages"] = tables["messages"].with_columns(chat_id=orphan)
    chats = unpack(build_islands(tables, run={}, numbers={}).tables)["chats"]
    assert chats["id"] == ["chat-2", "", "chat-1"]
    assert (chats["from"], chats["to"]) == ([0, 2, 3], [2, 3, 6])


def test_chats_of_one_title_are_told_apart() -> None:
    tables = known(tiny_case())
    tables["chats"] = tables["chats"].with_columns(title=pl.lit("Ward talk"))
    chats = unpack(build_islands(tables, run={}, numbers={}).tables)["chats"]
    assert chats["title"] == ["Ward talk (chat-1)", "Ward talk (chat-2)"]


def test_chats_without_a_title_are_called_by_their_kind_and_id() -> None:
    tables = known(tiny_case())
    tables["chats"] = tables["chats"].with_columns(title=pl.lit(None, pl.String))
    chats = unpack(build_islands(tables, run={}, numbers={}).tables)["chats"]
    assert chats["title"] == ["group chat chat-1", "group chat chat-2"]


def test_a_copy_with_another_sender_says_so() -> None:
    tables = known(tiny_case())
    other = pl.when(pl.col("message_id") == 202).then(pl.lit("Ifeoma")).otherwise("sender_label")
    tables["messages"] = tables["messages"].with_columns(sender_label=other)
    (chunk,) = (json.loads(chunk) for chunk in write_chunks(number_rows(tables)))
    assert dict(zip(chunk["copies"][5], chunk["copies"][8], strict=True)) == {
        200: None,
        201: None,
        202: "Ifeoma",
        203: None,
    }


def test_every_row_tells_what_other_exports_say_of_it() -> None:
    (chunk,) = (json.loads(chunk) for chunk in write_chunks(number_rows(known(tiny_case()))))
    statuses = {
        number % 100: STATUSES[place] if place >= 0 else None
        for number, place in zip(chunk["id"], chunk["status"], strict=True)
    }
    assert (statuses[3], statuses[1], statuses[2]) == ("text_conflict", "agree", None)
