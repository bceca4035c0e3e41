"""The smaller blocks: doubtful lines, namesakes, polls, places, calls, pictures alike, groups, moved results."""

import polars as pl
import pytest
from report.invented import START, Rows, Tables, a_table, tiny_case

from chatforensics.report.clusters import view_clusters
from chatforensics.report.contents import view_contents
from chatforensics.report.doubts import view_namesakes, view_readings
from chatforensics.report.likenesses import view_likenesses
from chatforensics.report.pictures import group_figures
from chatforensics.report.sensitivity import view_sensitivity
from chatforensics.report.sightings import place_messages
from chatforensics.report.weighing import view_pairs
from chatforensics.schema import TABLES, empty


def _case(**more: Rows) -> Tables:
    tables = {name: tiny_case().get(name, empty(name)) for name in TABLES}
    return tables | {name: a_table(name, rows) for name, rows in more.items()}


def test_a_doubtful_line_keeps_both_readings() -> None:
    reading = {"source_id": "source-2", "message_id": 203, "line": 4, "byte_start": 300, "byte_end": 400}
    other = {"taken_as": "text", "sent_local": START, "sender_label": "Ifeoma", "reason": "another form"}
    view = view_readings(_case(readings=[reading | other]))
    (row,) = view["rows"]
    assert (row["source"], row["taken_as"], row["when"]) == ("S2", "text", "2031-03-03 19:40")
    assert view["cited"] == [203]


def test_namesakes_are_told_as_two_and_as_one() -> None:
    rows = [{"person_a": "person-Chioma", "person_b": "person-Wiktor", "name": "chioma", "n_alike": 3}]
    rows += [{"person_a": "person-Wiktor", "person_b": "person-Ifeoma", "name": "wiktor", "n_alike": 3}]
    view = view_namesakes(_case(namesakes=rows))
    first = view["rows"][0]
    assert (first["n_a"], first["n_b"], first["n_both"]) == (1, 1, 1)
    assert (first["a"], first["b"]) == (["S1", "S2"], ["S1", "S2", "S3"])
    assert (view["n_people"], view["n_fewer"]) == (3, 2)


def test_three_people_of_one_name_would_be_two_fewer_and_not_three() -> None:
    ends = [("Chioma", "Ifeoma"), ("Chioma", "Wiktor"), ("Ifeoma", "Wiktor")]
    rows = [{"person_a": f"person-{a}", "person_b": f"person-{b}", "name": "x", "n_alike": 3} for a, b in ends]
    assert view_namesakes(_case(namesakes=rows))["n_fewer"] == 2


def test_a_poll_in_two_exports_is_listed_once_with_its_options_in_order() -> None:
    rows = [
        {"message_id": number, "question": "When?", "position": place, "option": option, "n_votes": votes}
        for number in (103, 203)
        for place, option, votes in ((2, "Monday", None), (1, "Friday", 4))
    ]
    tables = _case(polls=rows)
    view = view_contents(tables, placed=place_messages(tables))
    (poll,) = view["polls"]
    assert [(each["option"], each["n_votes"]) for each in poll["options"]] == [("Friday", 4), ("Monday", None)]
    assert (poll["message_id"], view["polls_cap"]["total"]) == (103, 1)


def test_places_are_listed_and_calls_only_counted() -> None:
    calls = [{"message_id": number, "call": "voice", "outcome": "missed"} for number in (101, 201, 102)]
    places = [{"message_id": 310, "latitude": 1.5, "longitude": -2.5, "live": False}]
    tables = _case(calls=calls, places=places)
    view = view_contents(tables, placed=place_messages(tables))
    assert [(row["chat"], row["outcome"], row["n"]) for row in view["calls"]] == [("Ward talk", "missed", 2)]
    assert (view["n_calls"], view["places"][0]["latitude"], view["cited"]) == (2, 1.5, [310])


def test_pictures_alike_name_both_messages_the_surest_relation_first() -> None:
    rows = [
        {"message_a": 101, "message_b": 310, "relation": relation, "distance": 3}
        for relation in ("alike_unread", "same_file")
    ]
    tables = _case(picture_links=rows)
    view = view_likenesses(tables, placed=place_messages(tables))
    assert [row["relation"] for row in view["rows"]] == ["same_file", "alike_unread"]
    assert (view["rows"][0]["sender_label_a"], view["rows"][0]["sender_label_b"]) == ("Chioma", "Wiktor")


def test_a_group_is_told_in_messages_with_the_numbers_of_its_texts() -> None:
    people = ["person-Wiktor", "person-Chioma"]
    cluster = {"cluster_id": "c", "person_ids": people, "n_pairs": 1, "n_families": 1, "family_ids": ["family-1"]}
    tables = _case(clusters=[cluster | {"message_ids": [101, 201, 310], "largest_q": 0.02}])
    view = view_clusters(tables, placed=place_messages(tables), numbers={"family-1": 1})
    (row,) = view["rows"]
    assert (row["people"], row["texts"]) == (["Chioma", "Wiktor"], [1])
    assert [(each["message_id"], each["number"]) for each in row["sightings"]] == [(310, 1), (101, 1)]


def _moved(setting: str, value: str, result: float | None, *, used: bool = False, outcome: str = "n_shares") -> Rows:
    return [{"setting": setting, "value": value, "used": used, "outcome": outcome, "result": result}]


def test_a_result_is_told_as_used_and_from_where_to_where_it_goes() -> None:
    rows = _moved("window_s", "60", 3.0) + _moved("window_s", "300", 5.0, used=True) + _moved("odd thing", "x", 5.0)
    view = view_sensitivity(_case(sensitivity=rows + _moved("phone left out", "", None, outcome="too large")))
    window, odd = (row["cells"][0] for row in view["ranges"])
    assert (window["used"], window["low"], window["high"], window["moves"]) == ("5", "3", "5", True)
    assert (odd["used"], odd["moves"]) == ("-", False)
    assert [row["used"] for row in view["settings"][0]["rows"]] == [False, True]
    assert view["still"] == [("one phone left out", "", "too large")]


@pytest.mark.parametrize(("window_s", "told"), [(None, "90 s"), (300.0, "90 s (60–120)")])
def test_a_lag_is_told_with_its_range_where_the_window_is_known(window_s: float | None, told: str) -> None:
    tables = _case()
    later = pl.when(pl.col("person_id") == "person-Wiktor").then(pl.duration(seconds=60)).otherwise(pl.duration())
    first = tables["shares"].with_columns(sent_at=pl.col("sent_at") + later)
    second = tables["shares"].with_columns(family_id=pl.lit("family-2"), sent_at=pl.col("sent_at") + later * 2)
    far = tables["shares"].with_columns(family_id=pl.lit("family-3"), sent_at=pl.col("sent_at") + later * 90)
    tables["shares"] = pl.concat([first, second, far])
    assert view_pairs(tables, window_s=window_s)["rows"][0]["lag"] == told


def test_one_figure_of_a_kind_is_drawn_and_numbers_do_not_change() -> None:
    names = ["diffusion", "spread-0123456789abcdef", "spread-fedcba9876543210", "sensitivity", "sensitivity-2"]
    figures = [{"name": name, "number": place} for place, name in enumerate(names, 1)]
    kinds = group_figures(figures)
    assert [kind["first"]["number"] for kind in kinds] == [1, 2, 4]
    assert [[figure["number"] for figure in kind["more"]] for kind in kinds] == [[], [3], [5]]
