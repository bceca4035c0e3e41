"""What somebody states of a message stands in place of the decision, and what the program found stays beside it."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.labelling import (
    StatedLabel,
    decide_as_stated,
    extract_slates,
    label_messages,
    state_labels,
)
from chatforensics.labelling.odds import decide_at
from chatforensics.labelling.stated import is_stated
from chatforensics.schema import SLATE_LABEL, TABLES, Labels, Messages, Pictures

SLATE = "In the ward selection ballot vote for Ngozi Hartmann, and do not vote for Rhys Feng."
SAID = "Stated by Kofi on 2031-04-01: not an instruction (a joke)."
HALF = "please support our ward ballot"
Row = dict[str, Any]


def a_message(message_id: int, text: str | None, **changes: Any) -> Row:
    row: Row = dict.fromkeys(TABLES["messages"]) | {
        "message_id": message_id,
        "canonical_id": message_id,
        "group_id": f"g{message_id}",
        "source_id": "a",
        "line": message_id,
        "kind": "text",
        "text": text,
        "sent_at": datetime(2026, 5, 1, 12, tzinfo=UTC) + timedelta(minutes=message_id),
    }
    return row | changes


def messages(*rows: Row) -> Messages:
    return Messages(pl.DataFrame(list(rows), schema=dict(TABLES["messages"])))


def stated(message_id: int, decision: Literal["flag", "none"] = "none", said: str = SAID) -> StatedLabel:
    return StatedLabel(message_id, decision, said)


def slate_rows(labels: Labels) -> dict[int, Row]:
    return {row["message_id"]: row for row in labels.filter(pl.col("label") == SLATE_LABEL).iter_rows(named=True)}


MANY = messages(
    a_message(1, SLATE),
    a_message(2, "The choir meets at seven."),
    a_message(3, None, kind="media", attachment="a.jpg"),
    a_message(4, "Ward selection ballot: final reminder.", group_id="g4"),
    a_message(5, SLATE, group_id="g4"),
    a_message(11, SLATE, canonical_id=1, group_id="g1", source_id="b"),
    a_message(13, None, kind="media", canonical_id=3, group_id="g3", source_id="b"),
    a_message(14, "Ward selection ballot: final reminder.", canonical_id=4, group_id="g4", source_id="b"),
    a_message(15, "Vote for Rhys Feng, nobody else.", canonical_id=5, group_id="g4", source_id="b"),
    a_message(20, None, kind="system", group_id=None),
)
OWN = label_messages(MANY)


def test_the_decision_is_what_was_stated_and_the_program_s_own_stays_in_words_with_its_probability() -> None:
    done = state_labels(OWN, MANY, [stated(1)])
    before, after = slate_rows(OWN)[1], slate_rows(done.labels)[1]
    assert (before["decision"], after["decision"], after["probability"]) == ("flag", "none", before["probability"])
    assert after["spans"] == before["spans"]
    own = "The program's own decision was flag at over 0.99."
    assert after["explanation"] == f"{SAID} {own} {before['explanation']}"


def test_a_statement_goes_for_copies_with_the_same_words_and_for_nothing_else() -> None:
    done = state_labels(OWN, MANY, [stated(11)])
    assert dict(done.decided) == {0: (1, 11)}
    rest = pl.col("message_id").is_in([1, 11]).not_() | (pl.col("label") != SLATE_LABEL)
    assert done.labels.filter(rest).equals(OWN.filter(rest))


def test_a_statement_goes_for_the_whole_group_and_not_for_an_export_in_which_the_group_reads_otherwise() -> None:
    assert dict(state_labels(OWN, MANY, [stated(5)]).decided) == {0: (4, 5)}
    assert dict(state_labels(OWN, MANY, [stated(15)]).decided) == {0: (14, 15)}


def test_a_message_without_a_row_gets_one_with_the_probability_that_the_program_gives_it() -> None:
    done = state_labels(OWN, MANY, [stated(2, "flag", "Stated by Ama.")])
    row = slate_rows(done.labels)[2]
    assert 2 not in slate_rows(OWN)
    assert (row["decision"], row["spans"]) == ("flag", [])
    assert row["probability"] < 0.2
    assert row["explanation"].startswith("Stated by Ama. The program's own decision was none at ")
    assert done.labels.schema == OWN.schema


def test_a_picture_without_words_can_be_stated_with_its_copies() -> None:
    done = state_labels(OWN, MANY, [stated(3, "flag")])
    assert dict(done.decided) == {0: (3, 13)}
    row = slate_rows(done.labels)[13]
    assert (row["probability"], row["decision"]) == (0.0, "flag")
    assert row["explanation"] == f"{SAID} The program found no words in it to read."


def test_words_read_in_a_picture_are_words_of_its_message() -> None:
    rows: list[Row] = [dict.fromkeys(TABLES["pictures"]) | {"message_id": 3, "text": SLATE, "status": "read"}]
    pictures = Pictures(pl.DataFrame(rows, schema=dict(TABLES["pictures"])))
    own = label_messages(MANY, pictures)
    done = state_labels(own, MANY, [stated(3)], pictures)
    assert slate_rows(own)[3]["decision"] == "flag"
    assert dict(done.decided) == {0: (3, 13)}
    assert "own decision was flag" in slate_rows(done.labels)[13]["explanation"]


def test_what_is_not_there_or_a_notice_is_missing_and_changes_nothing() -> None:
    done = state_labels(OWN, MANY, [stated(99), stated(20, "flag")])
    assert (done.missing, dict(done.decided)) == ((0, 1), {})
    assert done.labels.equals(OWN)
    assert state_labels(OWN, MANY, []).labels.equals(OWN)


def test_the_later_of_two_statements_counts_also_where_it_is_about_another_message_of_the_group() -> None:
    done = state_labels(OWN, MANY, [stated(4), stated(1), stated(5, "flag", "Stated by Ama.")])
    assert dict(done.decided) == {1: (1, 11), 2: (4, 5)}
    assert slate_rows(done.labels)[4]["explanation"].startswith("Stated by Ama. The program's own decision was flag")


def test_names_are_read_where_an_instruction_was_stated_and_nowhere_else() -> None:
    found = state_labels(OWN, MANY, [stated(1), stated(2, "flag")])
    slates = extract_slates(MANY, found.labels)
    assert not set(slates["message_id"]) & {1, 2, 11}
    assert 5 in set(slates["message_id"])


@pytest.mark.parametrize("factor", [0.01, 0.5, 2.0, 100.0])
def test_other_thresholds_do_not_move_what_was_stated(factor: float) -> None:
    done = state_labels(OWN, MANY, [stated(1), stated(2, "flag")]).labels
    moved = slate_rows(decide_at(done, factor=factor))
    assert [moved[number]["decision"] for number in (1, 2, 11)] == ["none", "flag", "none"]
    assert slate_rows(Labels(done.filter(is_stated()))).keys() == {1, 2, 11}
    assert OWN.filter(is_stated()).is_empty()


def test_decisions_alone_can_be_put_back_for_a_part_of_the_messages() -> None:
    pictures = Pictures(pl.DataFrame(schema=dict(TABLES["pictures"])))
    done = decide_as_stated(OWN, MANY, {1: "none", 2: "flag", 99: "flag"}, pictures)
    rows = slate_rows(done)
    assert [rows[number]["decision"] for number in (1, 2, 11)] == ["none", "flag", "flag"]
    assert rows[1]["explanation"].startswith("The program's own decision was flag")


@pytest.mark.parametrize(("text", "said"), [("hello", "under 0.01"), (SLATE, "over 0.99"), (HALF, "0.")])
def test_a_probability_is_told_with_two_digits_and_never_as_none_or_all(text: str, said: str) -> None:
    frame = messages(a_message(1, text))
    row = slate_rows(state_labels(label_messages(frame), frame, [stated(1)]).labels)[1]
    assert f" at {said}" in row["explanation"]
    assert not any(f" at {sure}" in row["explanation"] for sure in ("0.00", "1.00"))


@settings(max_examples=15, deadline=None)
@given(ids=st.lists(st.sampled_from([1, 2, 3, 4, 5, 11, 13, 14, 15, 20, 99]), max_size=6), data=st.data())
def test_whatever_is_stated_the_rest_stays_and_the_rows_keep_their_order(ids: list[int], data: st.DataObject) -> None:
    told = [stated(number, data.draw(st.sampled_from(["flag", "none"]))) for number in ids]
    done = state_labels(OWN, MANY, told)
    concerned = [number for each in done.decided.values() for number in each]
    assert len(concerned) == len(set(concerned))
    assert done.labels.filter(pl.col("label") != SLATE_LABEL).equals(OWN.filter(pl.col("label") != SLATE_LABEL))
    assert done.labels["message_id"].is_sorted()
    rows = slate_rows(done.labels)
    for place, numbers in done.decided.items():
        assert {rows[number]["decision"] for number in numbers} == {told[place].decision}
    assert {n: row for n, row in rows.items() if n not in concerned} == {
        n: row for n, row in slate_rows(OWN).items() if n not in concerned
    }
