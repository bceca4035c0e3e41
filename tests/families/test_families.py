from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics import schema
from chatforensics.errors import UsageError
from chatforensics.families import build_families, find_families, reduce_texts, similar
from chatforensics.text import normalise

SLATE = (
    "Final reminder to all members: select Rowena Adjei at step 1 and Tariq Lindqvist at step 2, then press submit. "
    "Delete once read."
)
FORWARD = "Lost near the canal this morning: a small brown dog called Biscuit, very shy, please ring if you see him."
WORDS = ["ballot", "canal", "garden", "meeting", "orange", "parcel", "quarry", "ribbon", "sunday", "teapot", "umbrella"]
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join), max_size=14)


def a_table(texts: Sequence[str | None]) -> pl.DataFrame:
    return pl.DataFrame({"id": range(len(texts)), "text": texts}, schema={"id": pl.Int64, "text": pl.String})


def grouped(texts: Sequence[str | None]) -> list[set[int]]:
    """Return the families as sets of row numbers."""
    found = find_families(a_table(texts)).drop_nulls("family_id")
    return [set(ids) for ids in found.group_by("family_id", maintain_order=True).agg("id")["id"]]


def pieces(text: str) -> set[str]:
    return {text[at : at + 4] for at in range(len(text) - 3)}


def likeness(one: str, two: str) -> float:
    return len(pieces(one) & pieces(two)) / len(pieces(one) | pieces(two))


def some_messages(rows: list[dict[str, Any]]) -> schema.Messages:
    full = [
        {
            "message_id": number,
            "source_id": "source-a",
            "chat_id": "chat-1",
            "line": number,
            "byte_start": number,
            "sent_at": datetime(2026, 5, 4, 9, 0, tzinfo=UTC),
            "person_id": "nadia",
            "kind": "text",
            "edited": False,
            "deleted_by": None,
            "dst": None,
        }
        | row
        for number, row in enumerate(rows, start=1)
    ]
    return schema.Messages(pl.DataFrame(full, schema=dict(schema.TABLES["messages"])))


def some_labels(rows: list[tuple[int, str, str]]) -> schema.Labels:
    none: list[object] = []
    full = [(message, label, 0.9, decision, none, None) for message, label, decision in rows]
    return schema.Labels(pl.DataFrame(full, schema=dict(schema.TABLES["labels"]), orient="row"))


NO_LABELS = some_labels([])


def test_emphasis_emoji_capitals_and_punctuation_make_no_other_variant() -> None:
    decorated = (
        "❗❗ *FINAL reminder* to all members - select Rowena Adjei at step 1️⃣ and Tariq Lindqvist at step 2️⃣, "
        "then press SUBMIT 🙏🏾 _delete once read_"
    )
    found = find_families(a_table([SLATE, decorated]))
    assert found["variant_id"].n_unique() == 1
    assert found["similarity"].to_list() == [1.0, 1.0]


def test_a_changed_name_makes_another_variant_of_the_same_family() -> None:
    found = find_families(a_table([SLATE, SLATE.replace("Tariq Lindqvist", "Mei Okonkwo"), FORWARD]))
    assert found["variant_id"].n_unique() == 3
    assert found["family_id"][0] == found["family_id"][1] != found["family_id"][2]


def test_short_texts_match_only_by_equal_form() -> None:
    assert grouped(["See you at seven", "see you at seven!", "See you at eleven"]) == [{0, 1}, {2}]


def test_texts_without_words_match_only_when_they_are_equal() -> None:
    assert grouped(["👍", "👍", "🙏", "..."]) == [{0, 1}, {2}, {3}]


def test_empty_texts_are_in_no_family() -> None:
    found = find_families(a_table(["", None, " \u200e", "hello"]))
    assert found["family_id"].is_null().to_list() == [True, True, True, False]


def test_no_texts_give_no_rows() -> None:
    found = find_families(a_table([]))
    assert found.is_empty()
    assert found.columns == ["id", "family_id", "variant_id", "similarity"]


def test_a_chain_of_small_edits_does_not_join_its_ends() -> None:
    words = [f"{word}{number}" for number in range(4) for word in WORDS]
    chain = [" ".join(words[start : start + 12]) for start in range(0, 30, 2)]
    assert likeness(chain[0], chain[1]) > similar.THRESHOLD > likeness(chain[0], chain[-1])
    found = find_families(a_table(chain))
    assert found["family_id"][0] != found["family_id"][-1]
    assert found["family_id"].n_unique() < len(chain)


def test_a_crowd_of_variants_is_one_family() -> None:
    variants = [f"{SLATE} Passed on to you by group number {number}" for number in range(60)]
    assert grouped(variants) == [set(range(60))]


def test_marks_of_other_scripts_are_part_of_the_words() -> None:
    # Without the vowel sign these two would be one form.
    assert reduce_texts(pl.Series(["কি খবর!", "ক খবর"])).to_list() == ["কি খবর", "ক খবর"]


@settings(max_examples=60, deadline=None)
@given(texts=TEXTS)
def test_every_member_is_as_similar_to_its_leader_as_stated(texts: list[str]) -> None:
    found = find_families(a_table(texts)).with_columns(form=reduce_texts(pl.Series(texts, dtype=pl.String)))
    leaders = dict(found.filter(pl.col("variant_id") == pl.col("family_id")).select("family_id", "form").iter_rows())
    for family, form, similarity in found.select("family_id", "form", "similarity").iter_rows():
        wanted = 1.0 if form == leaders[family] else likeness(form, leaders[family])
        assert similarity == pytest.approx(wanted)
        assert form == leaders[family] or (wanted >= similar.THRESHOLD and len(form) >= similar.MIN_CHARACTERS)


@settings(max_examples=60, deadline=None)
@given(texts=TEXTS)
def test_no_two_leaders_of_a_few_texts_could_have_been_one_family(texts: list[str]) -> None:
    # So few texts share no crowded band, and close pairs (0.7 or more) are all but certain to be proposed.
    found = find_families(a_table(texts)).with_columns(form=reduce_texts(pl.Series(texts, dtype=pl.String)))
    leaders = found.filter(pl.col("variant_id") == pl.col("family_id"))["form"].unique().to_list()
    long = [form for form in leaders if len(form) >= similar.MIN_CHARACTERS]
    assert all(likeness(one, two) < 0.7 for one in long for two in long if one != two)


@settings(max_examples=40, deadline=None)
@given(texts=TEXTS, data=st.data())
def test_the_order_of_texts_changes_nothing(texts: list[str], data: st.DataObject) -> None:
    table = a_table(texts)
    mixed = table[data.draw(st.permutations(range(len(texts))))] if texts else table
    assert find_families(mixed).sort("id").equals(find_families(table))


@settings(max_examples=40, deadline=None)
@given(texts=TEXTS)
def test_unrelated_texts_change_no_family(texts: list[str]) -> None:
    alone = find_families(a_table(texts))
    beside = find_families(a_table([*texts, "1234567890 " * 4, "zyxwvu 98765 " * 3]))
    assert beside.head(len(texts)).equals(alone)


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=40))
def test_the_reduced_form_is_a_fixed_point(text: str) -> None:
    once = reduce_texts(pl.Series([text], dtype=pl.String))
    assert reduce_texts(once).to_list() == once.to_list()
    assert once[0] == normalise(once[0])


@pytest.mark.parametrize("threshold", [0, -0.1, 1.1])
def test_an_impossible_threshold_is_refused(threshold: float) -> None:
    with pytest.raises(UsageError, match="threshold"):
        find_families(a_table([]), threshold=threshold)


def test_messages_of_a_family_of_two_are_listed_and_lonely_ones_are_not() -> None:
    messages = some_messages([{"text": SLATE}, {"text": SLATE.upper()}, {"text": FORWARD}])
    table = build_families(messages, NO_LABELS)
    assert table["message_id"].to_list() == [1, 2]
    assert table["tracked"].to_list() == [False, False]


def test_a_flagged_message_is_listed_and_tracked_even_alone() -> None:
    messages = some_messages([{"text": "Vote Rowena"}, {"text": "Nice weather"}])
    table = build_families(messages, some_labels([(1, "endorse", "review"), (2, "endorse", "none")]))
    assert table.select("message_id", "similarity", "tracked").rows() == [(1, 1.0, True)]


def test_copies_of_one_message_are_not_a_family() -> None:
    copies = [{"text": FORWARD, "canonical_id": 1, "source_id": source} for source in ("source-a", "source-b")]
    assert build_families(some_messages(copies), NO_LABELS).is_empty()


def test_copies_of_one_group_are_not_a_family_even_where_one_lacks_a_bubble() -> None:
    whole = [
        {"text": FORWARD[:50], "canonical_id": 1, "group_id": "g"},
        {"text": FORWARD[50:], "canonical_id": 2, "group_id": "g"},
    ]
    part = [{"text": FORWARD[50:], "canonical_id": 2, "group_id": "g", "source_id": "source-b"}]
    assert build_families(some_messages(whole + part), NO_LABELS).is_empty()


def test_a_long_text_by_two_people_in_two_chats_is_tracked() -> None:
    rows = [{"text": FORWARD}, {"text": FORWARD, "person_id": "kofi", "chat_id": "chat-2"}]
    assert build_families(some_messages(rows), NO_LABELS)["tracked"].to_list() == [True, True]


@pytest.mark.parametrize(
    "change",
    [{"person_id": "nadia"}, {"chat_id": "chat-1"}, {"text": "Happy birthday dear Ines"}],
    ids=["one person", "one chat", "short"],
)
def test_other_recurring_texts_are_not_tracked_unless_asked(change: dict[str, str]) -> None:
    second = {"text": FORWARD, "person_id": "kofi", "chat_id": "chat-2"} | change
    messages = some_messages([second | {"person_id": "nadia", "chat_id": "chat-1"}, second])
    table = build_families(messages, NO_LABELS)
    assert table["tracked"].to_list() == [False, False]
    asked = build_families(messages, NO_LABELS, track=frozenset(table["family_id"]))
    assert asked["tracked"].to_list() == [True, True]


def test_bubbles_of_one_group_are_one_text() -> None:
    head, tail = SLATE[:60], SLATE[60:]
    rows = [{"text": head, "group_id": "g1"}, {"text": tail, "group_id": "g1"}, {"text": SLATE, "group_id": "g2"}]
    table = build_families(some_messages(rows), NO_LABELS)
    assert table["message_id"].to_list() == [1, 2, 3]
    assert table["family_id"].n_unique() == 1


def test_notices_and_deleted_messages_are_in_no_family() -> None:
    rows = [{"text": FORWARD, "kind": kind} for kind in ("system", "deleted", "system")] + [{"text": None}]
    assert build_families(some_messages(rows), NO_LABELS).is_empty()
    assert build_families(some_messages([]), NO_LABELS).is_empty()


def test_the_table_keeps_to_the_schema() -> None:
    table = build_families(some_messages([{"text": SLATE}] * 2), NO_LABELS)
    assert schema.check(table, table="families").columns == list(schema.TABLES["families"])
