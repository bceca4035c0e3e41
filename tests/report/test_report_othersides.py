"""What others did and what else the senders did, gaps by chat, and what would change under other assumptions."""

from datetime import timedelta

import polars as pl
import pytest
from report.invented import START, Tables, a_message, a_source, a_table, tiny_case

from chatforensics.report.assumed import view_assumed
from chatforensics.report.otherway import view_other_way
from chatforensics.report.otherwords import ASSUMED, STAYS
from chatforensics.report.sightings import Row, place_messages
from chatforensics.schema import TABLES, empty
from chatforensics.workflow.sensitivity import NAMES


def _full(tables: Tables) -> Tables:
    return {name: tables.get(name, empty(name)) for name in TABLES}


def _view(tables: Tables) -> Row:
    full = _full(tables)
    return view_other_way(full, placed=place_messages(full))


def test_messages_that_oppose_somebody_are_listed_with_their_decision() -> None:
    against = _view(tiny_case())["against"]
    assert [(row["message_id"], row["reason"]) for row in against["rows"]] == [(311, "review")]
    assert against["cap"]["total"] == 1


def _with_opponent() -> Tables:
    """Return the case in which the message against has a family of its own."""
    tables = tiny_case()
    other = {"message_id": 311, "family_id": "family-2", "variant_id": "variant-3", "similarity": 1.0, "tracked": True}
    tables["families"] = pl.concat([tables["families"], a_table("families", [other])])
    return tables


def test_slates_stand_side_by_side_with_counts_of_messages_senders_and_chats_and_no_sender_by_name() -> None:
    sides = _view(_with_opponent())["sides"]
    told = [
        (row["names"], row["texts"], row["n_messages"], row["n_people"], row["n_chats"], row["ids"])
        for row in sides["rows"]
    ]
    name = ["Oyelaran Brzeska"]
    assert told == [
        ({"for": name, "against": []}, [1], 2, 2, 2, [310, 101]),
        ({"for": [], "against": name}, [2], 1, 1, 1, [311]),
    ]
    assert sides["n_opposed"] == 2
    assert "Chioma" not in str(sides)


def test_texts_that_name_the_same_people_are_one_slate() -> None:
    tables = _with_opponent()
    link = {"family_a": "family-1", "family_b": "family-2", "n_shared": 2, "contradicted": 0}
    tables["same_slates"] = a_table("same_slates", [link])
    (side,) = _view(tables)["sides"]["rows"]
    assert side["texts"] == [1, 2]
    assert side["names"] == {"for": ["Oyelaran Brzeska"], "against": ["Oyelaran Brzeska"]}


def test_a_slate_that_stands_alone_is_opposed_by_none() -> None:
    sides = _view(tiny_case())["sides"]
    assert (len(sides["rows"]), sides["n_opposed"]) == (1, 0)


def test_the_same_text_without_an_instruction_is_listed_once() -> None:
    tables = tiny_case()
    tables["labels"] = tables["labels"].filter(~pl.col("message_id").is_in([310]))
    neutral = _view(tables)["neutral"]
    assert [row["message_id"] for row in neutral["rows"]] == [310]
    assert _view(tiny_case())["neutral"]["rows"] == []


def test_openness_counts_each_message_once() -> None:
    tables = tiny_case()
    hidden = {"message_id": 310, "label": "conceal", "probability": 0.7, "decision": "flag"}
    notice = {"message_id": 103, "label": "remind", "probability": 0.9, "decision": "flag"}
    tables["labels"] = pl.concat([tables["labels"], a_table("labels", [hidden, notice])])
    tables["chats"] = tables["chats"].with_columns(
        kind=pl.when(pl.col("chat_id") == "chat-2").then(pl.lit("direct")).otherwise("kind")
    )
    openness = _view(tables)["openness"]
    keys = ("n", "n_group", "n_hidden", "n_before", "n_after")
    assert [openness[key] for key in keys] == [2, 1, 1, 1, 0]


@pytest.mark.parametrize(("minutes", "expected"), [(-1, (0, 1)), (24 * 60 + 1, (0, 0)), (24 * 60, (1, 0))])
def test_only_a_notice_within_a_day_in_the_same_chat_counts(minutes: int, expected: tuple[int, int]) -> None:
    messages = [a_message(n, source=1, minute=n, text=f"words {n}", sender="Leilani") for n in (1, 2)]
    messages[1] |= {"sent_at": messages[0]["sent_at"] + timedelta(minutes=minutes)}
    labels = [
        {"message_id": 1, "label": "procedure", "probability": 0.9, "decision": "flag"},
        {"message_id": 2, "label": "slate_instruction", "probability": 0.9, "decision": "flag"},
    ]
    openness = _view({"messages": a_table("messages", messages), "labels": a_table("labels", labels)})["openness"]
    assert (openness["n_after"], openness["n_before"]) == expected


def test_an_instruction_that_another_export_shows_deleted_or_edited_is_counted() -> None:
    tables = tiny_case()
    second = pl.col("message_id") == 201
    tables["messages"] = tables["messages"].with_columns(
        kind=pl.when(second).then(pl.lit("deleted")).otherwise("kind"),
        edited=pl.col("message_id") == 310,
    )
    openness = _view(tables)["openness"]
    assert (openness["n_withdrawn"], openness["withdrawn"], openness["n_edited"]) == (1, [101, 201], 1)


def test_the_part_of_followed_messages_is_told_for_all_senders_together() -> None:
    habits = _view(tiny_case())["habits"]
    assert (habits["n_people"], habits["n_messages"], habits["n_tracked"]) == (2, 4, 2)
    assert (habits["low"], habits["middle"], habits["high"]) == ("33 %", "67 %", "100 %")
    assert not {"Chioma", "Wiktor"} & set(map(str, habits.values()))


def test_senders_whose_phone_is_not_in_the_evidence_are_counted() -> None:
    tables = tiny_case()
    owner = pl.when(pl.col("source_id") == "source-1").then(pl.lit("person-Chioma"))
    tables["sources"] = tables["sources"].with_columns(custodian_id=owner)
    assert _view(tables)["phones"] == {
        "n_people": 3,
        "n_owners": 1,
        "n_exports_unknown": 2,
        "n_senders": 3,
        "n_senders_without": 2,
    }


def test_days_that_no_export_of_a_chat_covers_are_told_by_chat() -> None:
    messages = [
        a_message(n, source=source, minute=minute, text="x", sender="Anahera")
        for n, (source, minute) in enumerate([(1, 0), (1, 1440), (2, 4320), (2, 5760), (3, 2880), (3, 10080)])
    ]
    tables = {
        "messages": a_table("messages", messages),
        "sources": a_table("sources", [a_source(n) for n in (1, 2, 3)]),
    }
    first, second = _view(tables)["windows"]
    assert [first[key] for key in ("n", "early", "between", "late")] == [2, "0.0", "2.0", "3.0"]
    assert [second[key] for key in ("n", "early", "between", "late")] == [1, "2.0", "0.0", "0.0"]
    assert second["first"] == f"{START + timedelta(days=2):%Y-%m-%d}"


def test_without_a_message_there_are_no_days_to_compare() -> None:
    assert _view({"sources": a_table("sources", [a_source(1)])})["windows"] == []


def test_files_that_are_named_but_not_there_are_counted_by_export() -> None:
    tables = tiny_case()
    lost = [
        {"source_id": "source-2", "file": f"{n}.jpg", "status": status} for n, status in enumerate(["missing", "tied"])
    ]
    tables["attachments"] = a_table("attachments", lost)
    assert [row["n_missing"] for row in _view(tables)["gaps"]] == [0, 1, 0]


def _moved(rows: list[tuple[object, ...]]) -> Row:
    table = pl.DataFrame(rows, schema=dict(TABLES["sensitivity"]), orient="row")
    return view_assumed(_full({"sensitivity": table}))


def test_a_reading_that_moves_a_result_is_told_in_full_and_the_others_by_name() -> None:
    (row,) = _moved(
        [
            ("window_s", "60", False, "n_clusters", 0.0),
            ("window_s", "300", True, "n_clusters", 2.0),
            ("window_s", "600", False, "n_clusters", 2.0),
        ]
    )["rows"]
    assert row["words"] == ASSUMED["window_s"]
    assert row["used"] == "300"
    assert row["moved"] == [{"value": "60", "changes": ["clusters of such pairs: 2 becomes 0"]}]
    assert (row["still"], row["n_still"]) == (["600"], 1)


def test_another_earliest_sender_and_other_sources_are_said_in_words() -> None:
    (row,) = _moved(
        [
            ("clock", "as assumed", True, "same_earliest", 1.0),
            ("clock", "as assumed", True, "same_parent", 1.0),
            ("clock", "mei an hour later", False, "same_earliest", 0.0),
            ("clock", "mei an hour later", False, "same_parent", 0.75),
            ("clock", "mei an hour earlier", False, "same_parent", None),
        ]
    )["rows"]
    (trial,) = row["moved"]
    assert trial["changes"] == [
        "another person is the earliest sender in the evidence of the leading text",
        "of the likely sources still in the evidence, 25 % are replaced, or in doubt",
    ]
    assert row["used"] is None
    assert row["still"] == ["mei an hour earlier"]


def test_parameters_are_named_by_what_they_are() -> None:
    (row,) = _moved(
        [
            ("link model", "as used", True, "n_links_named", 3.0),
            ("link model", "per_reader half", False, "n_links_named", 2.0),
        ]
    )["rows"]
    assert row["moved"][0]["value"] == "weight of each reader of a share, half"


def test_what_was_not_tried_is_told_with_the_reason() -> None:
    view = _moved([("date order", "not varied", False, "too large", None)])
    assert view["rows"][0]["reasons"] == ["too large"]
    assert (view["n_tried"], view["n_moved"]) == (0, 0)
    assert view["untold"] == [STAYS["clock"]]


def test_every_setting_of_the_run_has_its_words() -> None:
    assert set(NAMES) < set(ASSUMED)
