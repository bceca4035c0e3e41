import polars as pl
import pytest
from report.invented import Rows, Tables, a_table, tiny_case

from chatforensics.report import weighing
from chatforensics.report.sightings import place_messages
from chatforensics.report.weighing import view_agreement, view_pairs
from chatforensics.report.words import STATUS_MEANINGS
from chatforensics.schema import TABLES, empty


def _full(tables: Tables) -> Tables:
    return {name: tables.get(name, empty(name)) for name in TABLES}


def test_a_pair_is_named_and_leads_to_the_messages_of_the_texts_both_sent() -> None:
    view = view_pairs(_full(tiny_case()))
    (row,) = view["rows"]
    assert (row["name_a"], row["name_b"], row["ids"], row["more"]) == ("Chioma", "Wiktor", [101, 310], 0)
    assert (view["n_significant"], view["cited"]) == (1, [101, 310])


def test_a_text_that_only_one_of_a_pair_sent_is_not_behind_it() -> None:
    tables = tiny_case()
    lone = {"share_id": "share-3", "family_id": "family-2", "person_id": "person-Chioma", "message_ids": [103]}
    tables["shares"] = pl.concat([tables["shares"], a_table("shares", [lone])])
    assert view_pairs(_full(tables))["rows"][0]["ids"] == [101, 310]


def test_an_unknown_person_of_a_pair_keeps_the_id() -> None:
    row = view_pairs(_full({"pairs": tiny_case()["pairs"]}))["rows"][0]
    assert (row["name_a"], row["ids"]) == ("person-Chioma", [])


def test_pairs_and_conflicts_beyond_the_limit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PAIR_LIMIT", "CONFLICT_LIMIT"):
        monkeypatch.setattr(weighing, name, 0)
    tables = _full(tiny_case())
    placed = place_messages(tables)
    views = [view_pairs(tables), view_agreement(tables, placed=placed)]
    assert [(view["cap"]["shown"], view["cap"]["total"]) for view in views] == [(0, 1), (0, 1)]


def test_each_status_is_counted_even_where_there_is_none() -> None:
    tables = _full(tiny_case())
    odd = a_table("corroboration", [{"canonical_id": 77, "status": "new_status"}])
    tables["corroboration"] = pl.concat([tables["corroboration"], odd])
    counts = {row["status"]: row["n"] for row in view_agreement(tables, placed=place_messages(tables))["statuses"]}
    assert counts == dict.fromkeys(STATUS_MEANINGS, 0) | {
        "agree": 1,
        "single_source": 1,
        "text_conflict": 1,
        "new_status": 1,
    }


def test_a_conflict_shows_its_copies_side_by_side() -> None:
    tables = _full(tiny_case())
    (row,) = view_agreement(tables, placed=place_messages(tables))["rows"]
    assert [(copy["source"], copy["text"]) for copy in row["copies"]] == [
        ("S1", "See you at eight"),
        ("S2", "See you at nine"),
    ]
    assert (row["detail"], row["others"], row["more"]) == ("Two exports give other words.", ["one_sided"], 0)


def test_a_conflict_without_a_message_is_still_listed_the_gravest_first() -> None:
    rows: Rows = [{"canonical_id": 7, "status": "time_conflict"}, {"canonical_id": 8, "status": "text_conflict"}]
    tables = _full({"corroboration": a_table("corroboration", rows)})
    shown = view_agreement(tables, placed=place_messages(tables))["rows"]
    assert [(row["canonical_id"], row["copies"]) for row in shown] == [(8, []), (7, [])]
