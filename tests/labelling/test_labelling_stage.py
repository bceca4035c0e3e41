"""Messages tables to labels and slates."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from chatforensics.errors import SchemaError
from chatforensics.labelling import extract_slates, label_messages, stage, units
from chatforensics.labelling.model import estimate, load_model
from chatforensics.labelling.stage import decide_messages
from chatforensics.schema import TABLES, Messages

SLATE = "In the ward selection ballot vote for Ngozi Hartmann, and do not vote for Rhys Feng."


def a_message(message_id: int, text: str | None, **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(TABLES["messages"]) | {
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


def messages(*rows: dict[str, Any]) -> Messages:
    return Messages(pl.DataFrame(list(rows), schema=dict(TABLES["messages"])))


def labelled(frame: Messages) -> set[tuple[int, str]]:
    return set(label_messages(frame).select("message_id", "label").iter_rows())


def test_a_slate_is_flagged_with_spans_in_its_own_text() -> None:
    found = label_messages(messages(a_message(1, SLATE)))
    (row,) = found.filter(pl.col("label") == "slate_instruction").to_dicts()
    assert row["decision"] == "flag"
    assert SLATE[row["spans"][0]["start"] : row["spans"][0]["end"]].startswith("vote for")


def test_what_is_decided_without_why_is_what_is_decided_with_it() -> None:
    texts = (SLATE, "If you have not voted yet, I would go for Ngozi Hartmann myself", "ballot on Friday", "bread")
    frame = messages(*(a_message(number, text) for number, text in enumerate(texts, start=1)))
    told = label_messages(frame).filter(pl.col("label") == "slate_instruction", pl.col("decision") != "none")
    decided = decide_messages(frame)
    assert decided.rows() == told.sort("message_id").select("message_id", "decision").rows()
    assert set(decided["decision"]) == {"flag", "review"}


def test_a_group_is_read_as_one_text_and_labels_all_its_messages() -> None:
    parts = messages(
        a_message(1, "Ward selection ballot, final reminder.", group_id="g"),
        a_message(2, "Vote for Ngozi Hartmann, do not vote for Rhys Feng", group_id="g"),
    )
    found = label_messages(parts).filter(pl.col("label") == "slate_instruction").sort("message_id")
    assert found["message_id"].to_list() == [1, 2]
    assert found["spans"].list.len().to_list()[0] == 0
    assert found["spans"].list.len().to_list()[1] > 0


def test_every_copy_of_a_message_is_labelled_and_the_group_read_once() -> None:
    one = messages(a_message(1, SLATE))
    copies = messages(a_message(1, SLATE), a_message(2, SLATE, canonical_id=1, group_id="g1"))
    once, twice = label_messages(one), label_messages(copies)
    assert twice.filter(pl.col("message_id") == 1).equals(once)
    assert twice.filter(pl.col("message_id") == 2).drop("message_id").equals(once.drop("message_id"))


def test_where_copies_differ_each_reading_is_labelled_by_its_own_words() -> None:
    altered = "Nothing to see here, see you on Sunday at the usual place and time."
    copy = {"canonical_id": 1, "group_id": "g1"}
    for first, second, flagged in ((SLATE, altered, 1), (altered, SLATE, 2)):
        both = messages(a_message(1, first, source_id="a", **copy), a_message(2, second, source_id="b", **copy))
        found = label_messages(both).filter(pl.col("decision") == "flag")
        assert set(found["message_id"]) == {flagged}
        assert set(extract_slates(both, label_messages(both))["message_id"]) == {flagged}


def test_the_order_of_rows_changes_nothing() -> None:
    rows = [a_message(n, f"{SLATE} {n % 3}", group_id=f"g{n // 2}") for n in range(1, 9)]
    shuffled = rows.copy()
    random.Random(7).shuffle(shuffled)  # noqa: S311 - a test's order
    first, second = messages(*rows), messages(*shuffled)
    assert label_messages(first).equals(label_messages(second))
    assert extract_slates(first, label_messages(first)).equals(extract_slates(second, label_messages(second)))


def test_messages_of_a_group_are_read_in_the_order_of_time() -> None:
    late, early = (
        a_message(1, "and Tomasz Silva", group_id="g"),
        a_message(2, "Ballot: vote for Ada Osei", group_id="g"),
    )
    frame = messages(late | {"sent_at": early["sent_at"] + timedelta(minutes=1)}, early)
    probabilities, _ = estimate(["Ballot: vote for Ada Osei\nand Tomasz Silva"])
    found = label_messages(frame).filter(pl.col("label") == "slate_instruction")
    assert found["probability"].to_list() == pytest.approx([probabilities["slate_instruction"][0]] * 2, rel=1e-6)


def test_without_a_group_each_message_stands_alone() -> None:
    frame = messages(a_message(1, SLATE, group_id=None, canonical_id=None), a_message(2, "ok", group_id=None))
    assert {message_id for message_id, _ in labelled(frame)} == {1}


def test_notices_and_empty_messages_are_not_labelled() -> None:
    frame = messages(a_message(1, SLATE, kind="system"), a_message(2, None, kind="media"))
    assert label_messages(frame).is_empty()


def test_a_caption_of_a_picture_is_labelled() -> None:
    assert (1, "slate_instruction") in labelled(messages(a_message(1, SLATE, kind="media")))


def test_an_empty_table_gives_empty_tables() -> None:
    frame = messages()
    assert label_messages(frame).schema == pl.Schema(TABLES["labels"])
    assert extract_slates(frame, label_messages(frame)).schema == pl.Schema(TABLES["slates"])


def test_only_rows_worth_reading_are_kept() -> None:
    found = label_messages(messages(a_message(1, SLATE), a_message(2, "hello, are you coming on Sunday?")))
    assert found.filter((pl.col("decision") == "none") & (pl.col("probability") < 0.2)).is_empty()
    for label, probability, decision in found.select("label", "probability", "decision").iter_rows():
        review, flag = load_model().thresholds[label]
        assert decision == ("flag" if probability >= flag else "review" if probability >= review else "none")


def test_a_table_without_its_columns_is_refused() -> None:
    with pytest.raises(SchemaError, match="messages"):
        label_messages(Messages(pl.DataFrame({"text": [SLATE]})))


def test_the_sender_and_the_chat_change_nothing() -> None:
    one = messages(a_message(1, SLATE, sender_label="Ines", chat_id="a"))
    other = messages(a_message(1, SLATE, sender_label="+44 7700 900123", chat_id="b"))
    assert label_messages(one).equals(label_messages(other))


def test_slates_name_whom_to_support_and_oppose_where_they_stand() -> None:
    frame = messages(a_message(1, SLATE), a_message(2, "hello Ngozi Hartmann"))
    found = extract_slates(frame, label_messages(frame))
    assert found.select("message_id", "name", "stance").rows() == [
        (1, "Ngozi Hartmann", "for"),
        (1, "Rhys Feng", "against"),
    ]
    assert [SLATE[start:end] for start, end in found.select("start", "end").iter_rows()] == [
        "Ngozi Hartmann",
        "Rhys Feng",
    ]


def test_slates_of_a_group_stand_in_the_message_that_holds_the_name() -> None:
    frame = messages(
        a_message(1, "Ward selection ballot: vote for", group_id="g"),
        a_message(2, "Ngozi Hartmann and do not vote for Rhys Feng in the ballot", group_id="g"),
    )
    found = extract_slates(frame, label_messages(frame))
    assert set(found["message_id"]) == {2}
    assert "Rhys Feng" in found["name"].to_list()


def test_messages_that_instruct_nobody_have_no_slates() -> None:
    frame = messages(a_message(1, "Ada Osei was elected treasurer of the choir, minutes attached"))
    assert extract_slates(frame, label_messages(frame)).is_empty()


def test_portions_of_texts_and_a_scan_of_the_messages_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = messages(a_message(1, SLATE), a_message(2, "Reminder: the ballot closes on Friday"), a_message(3, "hello"))
    labels = label_messages(frame)
    slates = extract_slates(frame, labels)
    monkeypatch.setattr(stage, "TEXTS_TOGETHER", 1)
    portions: list[int] = []

    def backwards(function: Callable[[Sequence[str]], Any], texts: Sequence[Sequence[str]]) -> list[Any]:
        portions.extend(map(len, texts))
        return [function(each) for each in reversed(texts)]

    assert label_messages(frame.lazy(), map_texts=backwards).equals(labels)
    assert portions == [1, 1, 1]
    assert extract_slates(frame.lazy(), labels).equals(slates)
    assert decide_messages(frame.lazy()).equals(decide_messages(frame))
    assert not slates.is_empty()


def test_chats_taken_in_portions_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = messages(
        a_message(1, "Ward selection ballot, final reminder.", group_id="g", chat_id="c1"),
        a_message(2, "Vote for Ngozi Hartmann, do not vote for Rhys Feng", group_id="g", chat_id="c1"),
        a_message(3, SLATE, chat_id="c2"),
        a_message(4, SLATE, canonical_id=3, group_id="g3", chat_id="c2"),
        a_message(5, "bread", chat_id="c3"),
        a_message(6, SLATE),
    )
    labels = label_messages(frame).sort("message_id", "label")
    slates = extract_slates(frame, label_messages(frame)).sort("message_id", "start")
    assert labels["message_id"].unique().to_list() == [1, 2, 3, 4, 6]
    monkeypatch.setattr(units, "PORTION", 2)
    assert len(units.part_by_chats(frame)) == 4
    assert label_messages(frame).sort("message_id", "label").equals(labels)
    assert extract_slates(frame, label_messages(frame)).sort("message_id", "start").equals(slates)
