from datetime import timedelta

import polars as pl
import pytest
from report.invented import START, Tables, a_message, a_source, a_table, tiny_case

from chatforensics.report import gaps, othersides, otherway
from chatforensics.report.otherway import count_receivers, count_unknown_sources, view_other_way
from chatforensics.report.sightings import Row, place_messages
from chatforensics.schema import TABLES, empty


def _view(tables: Tables) -> Row:
    full = {name: tables.get(name, empty(name)) for name in TABLES}
    return view_other_way(full, placed=place_messages(full))


def test_a_refusal_is_listed_once_with_the_rule_that_found_it() -> None:
    rows = _view(tiny_case())["replies"]
    assert [(row["message_id"], row["reason"]) for row in rows] == [
        (102, "read as no instruction (probability 0.31)"),
        (103, "among the next three after an instruction in the same chat, within a day"),
    ]


def test_a_message_that_names_somebody_on_a_slate_is_listed() -> None:
    tables = tiny_case()
    tables["labels"] = tables["labels"].filter(pl.col("decision") != "none")
    row = _view(tables)["replies"][0]
    assert (row["message_id"], row["reason"]) == (102, "names somebody who is on a slate")


def test_only_the_next_three_messages_of_the_export_count_as_soon_after() -> None:
    messages = [a_message(n, source=1, minute=n, text=f"words {n}", sender="Anahera") for n in range(8)]
    messages[4] |= {"text": None, "kind": "media"}
    messages += [a_message(20, source=2, minute=0, text="elsewhere", sender="Anahera")]
    flag = {"message_id": 2, "label": "slate_instruction", "probability": 0.9, "decision": "flag"}
    rows = _view({"messages": a_table("messages", messages), "labels": a_table("labels", [flag])})["replies"]
    assert [row["message_id"] for row in rows] == [3, 5]


@pytest.mark.parametrize(("hours", "decision", "listed"), [(24, "flag", [3]), (25, "flag", []), (1, "review", [])])
def test_only_what_follows_a_flagged_message_within_a_day_is_listed(
    hours: int, decision: str, listed: list[int]
) -> None:
    messages = [a_message(n, source=1, minute=n, text=f"words {n}", sender="Anahera") for n in (2, 3)]
    messages[1] |= {"sent_local": messages[0]["sent_local"] + timedelta(hours=hours)}
    label = {"message_id": 2, "label": "slate_instruction", "probability": 0.7, "decision": decision}
    rows = _view({"messages": a_table("messages", messages), "labels": a_table("labels", [label])})["replies"]
    assert [row["message_id"] for row in rows] == listed


def test_notices_are_no_answers() -> None:
    tables = tiny_case()
    tables["messages"] = tables["messages"].with_columns(
        kind=pl.when(pl.col("line") == 4).then(pl.lit("system")).otherwise("kind")
    )
    assert [row["message_id"] for row in _view(tables)["replies"]] == [102]


def test_a_notice_about_the_ballot_is_listed() -> None:
    tables = tiny_case()
    notice = {"message_id": 103, "label": "mobilise", "probability": 0.9, "decision": "flag"}
    tables["labels"] = pl.concat([tables["labels"], a_table("labels", [notice])])
    rows = {row["message_id"]: row["reason"] for row in _view(tables)["replies"]}
    assert rows[103] == "about a ballot, without saying how to vote"


def test_everyday_messages_that_the_model_hardly_considered_are_not_listed() -> None:
    label = {"message_id": 103, "label": "slate_instruction", "probability": 0.05, "decision": "none"}
    tables = {"messages": tiny_case()["messages"], "labels": a_table("labels", [label])}
    assert _view(tables)["replies"] == []


def test_the_instructing_texts_themselves_are_not_listed_as_replies() -> None:
    listed = {row["message_id"] for row in _view(tiny_case())["replies"]}
    assert listed.isdisjoint({101, 201, 310, 311})


def test_a_name_that_points_both_ways_is_listed_with_messages_of_both_kinds() -> None:
    (row,) = _view(tiny_case())["contrary"]
    assert (row["name"], row["n_for"], row["n_against"]) == ("Oyelaran Brzeska", 2, 1)
    assert (row["ids_for"], row["ids_against"]) == ([101, 201, 310], [311])


def test_a_name_that_points_one_way_is_not_listed() -> None:
    tables = tiny_case()
    tables["slates"] = tables["slates"].filter(pl.col("stance") == "for")
    assert _view(tables)["contrary"] == []


def test_receivers_without_a_share_are_counted() -> None:
    tables = {name: tiny_case().get(name, empty(name)) for name in TABLES}
    assert count_receivers(tables) == {"n_received": 2, "n_silent": 1, "n_sent": 2}


def test_texts_without_an_instruction_count_no_receivers() -> None:
    tables = {name: tiny_case().get(name, empty(name)) for name in TABLES} | {"labels": empty("labels")}
    assert count_receivers(tables) == {"n_received": 0, "n_silent": 0, "n_sent": 0}


def test_only_the_most_probable_source_counts_as_unknown() -> None:
    links = [
        {"share_id": "share-1", "rank": 1},
        {"share_id": "share-2", "rank": 1, "parent_share_id": "share-1"},
        {"share_id": "share-2", "rank": 2},
    ]
    tables = tiny_case() | {"links": a_table("links", links)}
    assert count_unknown_sources(tables) == {"n_unknown": 1, "n_shares": 2}


def test_the_longest_quiet_stretch_and_what_is_missing_are_given_for_each_export() -> None:
    messages = [a_message(n, source=1, minute=n, text="x", sender="Leilani") for n in range(3)]
    messages[2] |= {"sent_local": START + timedelta(days=3), "kind": "deleted"}
    messages[1] |= {"kind": "media"}
    sources = a_table("sources", [a_source(1), a_source(2)])
    first, second = _view({"sources": sources, "messages": a_table("messages", messages)})["gaps"]
    assert (first["before"], first["after"]) == ("2031-03-03 19:41", "2031-03-06 19:40")
    assert (round(first["days"], 1), first["n_deleted"], first["n_without_media"]) == (3.0, 1, 1)
    assert (second["days"], second["before"], second["n_deleted"]) == (None, None, 0)


def test_a_chat_in_one_export_is_named() -> None:
    assert _view(tiny_case())["single"] == ["Allotments"]


def test_limits_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LIST_LIMIT", "NAME_LIMIT"):
        monkeypatch.setattr(otherway, name, 0)
    for name in ("SIDE_LIMIT", "NEUTRAL_LIMIT"):
        monkeypatch.setattr(othersides, name, 0)
    monkeypatch.setattr(gaps, "GAP_LIMIT", 0)
    view = _view(tiny_case())
    caps = [view[name] for name in ("replies_cap", "contrary_cap", "gaps_cap")]
    assert [(cap["shown"], cap["total"]) for cap in caps] == [(0, 2), (0, 1), (0, 3)]
    assert view["cited"] == []
