import polars as pl
import pytest
from report.invented import SLATE, SUMMARY, Tables, a_message, a_table, tiny_case

from chatforensics.figures.numbering import number_texts
from chatforensics.report import found
from chatforensics.report.found import instruct, view_headlines, view_instructions
from chatforensics.report.sightings import Row, place_messages
from chatforensics.schema import TABLES, empty


def _view(tables: Tables) -> Row:
    full = {name: tables.get(name, empty(name)) for name in TABLES}
    return view_instructions(full, placed=place_messages(full))


def test_counts_by_level_stay_apart() -> None:
    cards = {card["key"]: card["number"] for card in view_headlines(SUMMARY, bases={})}
    assert cards["n_messages"] == 10
    assert cards["n_indicators-contradiction"] == 1
    assert cards["n_indicators-unexplained"] == 0
    assert "n_indicators" not in cards


def test_a_level_that_is_not_known_is_still_shown() -> None:
    cards = view_headlines({"n_indicators": {"odd": 7}}, bases={})
    assert [(card["key"], card["number"]) for card in cards][-1] == ("n_indicators-odd", 7)


def test_only_flagged_and_unsure_slate_labels_instruct() -> None:
    assert instruct(tiny_case()["labels"])["message_id"].to_list() == [101, 201, 310, 311]


def test_flagged_texts_come_before_unsure_ones_and_copies_count_once() -> None:
    first, second = _view(tiny_case())["texts"]
    assert (first["text_id"], first["decision"], first["n_messages"], first["n_records"]) == ("family-1", "flag", 2, 3)
    assert (first["n_people"], first["n_chats"]) == (2, 2)
    assert (second["decision"], second["n_messages"], second["text_id"]) == ("review", 1, "message 11")


def test_marked_words_are_those_of_the_spans_and_of_the_slate() -> None:
    wording = _view(tiny_case())["texts"][0]["wordings"][1]
    marked = [(piece.text, piece.cues) for piece in wording["pieces"] if piece.cues]
    assert marked == [("select", "endorse: select a name"), ("Oyelaran Brzeska", "name: support")]
    assert "".join(piece.text for piece in wording["pieces"]) == SLATE
    assert [row["label"] for row in wording["labels"]] == ["slate_instruction", "endorse"]
    assert wording["labels"][1]["words"] == ["select"]


def test_words_inside_longer_words_of_the_same_label_are_not_named_twice() -> None:
    tables = tiny_case()
    end = SLATE.index("select") + 6
    inner, outer = ({"start": start, "end": end, "cue": "c"} for start in (2, 0))
    tables["labels"] = tables["labels"].with_columns(
        spans=pl.lit(pl.Series([[inner, outer]], dtype=TABLES["labels"]["spans"])).first()
    )
    words = _view(tables)["texts"][0]["wordings"][1]["labels"][1]["words"]
    assert words == [" ".join(SLATE[:end].split())]


def test_spans_of_a_label_that_was_turned_down_are_not_marked() -> None:
    tables = tiny_case()
    is_endorse = pl.col("label") == "endorse"
    tables["labels"] = tables["labels"].with_columns(
        decision=pl.when(is_endorse).then(pl.lit("none")).otherwise("decision")
    )
    wording = _view(tables)["texts"][0]["wordings"][0]
    assert {piece.cues for piece in wording["pieces"]} == {"", "name: support"}


def test_each_sighting_tells_its_wording_decision_and_what_other_exports_say() -> None:
    rows = _view(tiny_case())["texts"][0]["sightings"]
    assert [(row["message_id"], row["wording"], row["decision"], row["status"]) for row in rows] == [
        (310, "1A", "flag", "single_source"),
        (101, "1B", "flag", "agree"),
        (201, "1B", "flag", "agree"),
    ]


def test_a_member_of_the_family_without_the_label_is_listed_as_none() -> None:
    tables = tiny_case()
    tables["labels"] = tables["labels"].filter(pl.col("message_id") != 310)
    rows = _view(tables)["texts"][0]["sightings"]
    assert {row["message_id"]: row["decision"] for row in rows} == {310: "none", 101: "flag", 201: "flag"}


def test_a_wording_is_quoted_from_a_message_that_has_words() -> None:
    tables = tiny_case()
    tables["messages"] = tables["messages"].with_columns(
        text=pl.when(pl.col("message_id") == 101).then(None).otherwise("text")
    )
    assert [wording["message_id"] for wording in _view(tables)["texts"][0]["wordings"]] == [310, 201]


def test_limits_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, limit in {"TEXT_LIMIT": 1, "WORDING_LIMIT": 1, "SIGHTING_LIMIT": 2, "CHARACTER_LIMIT": 5}.items():
        monkeypatch.setattr(found, name, limit)
    view = _view(tiny_case())
    assert (view["cap"]["shown"], view["cap"]["total"]) == (1, 2)
    text = view["texts"][0]
    assert (text["wordings_cap"]["shown"], text["wordings_cap"]["total"]) == (1, 2)
    assert (text["sightings_cap"]["shown"], text["sightings_cap"]["total"]) == (2, 3)
    assert text["wordings"][0]["left_out"] > 0


def test_wordings_beyond_z_go_on_with_two_letters() -> None:
    messages = [a_message(n, source=1, minute=n, text=f"select {n}", sender="Zofia") for n in range(28)]
    rows = [{"message_id": n, "family_id": "f", "variant_id": f"v{n:02}"} for n in range(28)]
    flag = {"message_id": 0, "label": "slate_instruction", "probability": 0.9, "decision": "flag"}
    tables = {
        "messages": a_table("messages", messages),
        "families": a_table("families", rows),
        "labels": a_table("labels", [flag]),
    }
    names = [row["wording"] for row in _view(tables)["texts"][0]["sightings"]]
    assert (names[0], names[25], names[26], names[27]) == ("1A", "1Z", "1AA", "1AB")


def test_the_order_of_rows_changes_nothing() -> None:
    tables = tiny_case()
    assert _view({name: table.reverse() for name, table in tables.items()}) == _view(tables)


def test_the_numbers_of_the_texts_are_those_that_the_figures_write() -> None:
    tables = {name: tiny_case().get(name, empty(name)) for name in TABLES}
    view = view_instructions(tables, placed=place_messages(tables))
    assert view["numbers"] == number_texts(tables)
    assert [view["numbers"][text["text_id"]] for text in view["texts"]] == [text["number"] for text in view["texts"]]
