from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics import schema
from chatforensics.families import build_families
from chatforensics.families.bubbles import MOST_BUBBLES, mark_own_texts

TEXT = "VOTE NOTICE final reminder: on Saturday select Rowena Adjei and Tariq Lindqvist, delete once read please."
OTHER = "The library on Quarry Lane needs volunteers for its summer reading weeks, ring Ms Okonkwo if you can help."
MORNING = "Good morning dear friends, here is something that Yusra sent to me, I think it is interesting"
LADDER = "Also does anybody have a spare ladder that I could borrow over the weekend, mine broke"
BRIEF = "Select Rowena Adjei and Tariq Lindqvist on Saturday"
HEAD, TAIL = TEXT[:70], TEXT[70:]
ENDING = "Pass this on to everybody you know who has a vote"
WHOLE_EDITED = TEXT.replace("please", "thank you")


def own(*groups: list[str], senders: str | None = None) -> list[list[bool]]:
    """Return for each group of bubbles which of them are texts of their own; `senders` has a letter for each group."""
    rows = [
        {
            "source_id": "a",
            "unit": f"g{number}",
            "bubble": 100 * number + place,
            "text": text,
            "sender": senders[number] if senders else f"p{number}",
        }
        for number, texts in enumerate(groups)
        for place, text in enumerate(texts)
    ]
    frame = pl.DataFrame(rows)
    marks = frame.with_columns(own=mark_own_texts(frame)).group_by("unit", maintain_order=True).agg("own")
    return marks["own"].to_list()


def families_of(
    groups: list[list[str]], labels: dict[str, list[dict[str, Any]]] | None = None, *, label: str = "endorse"
) -> pl.DataFrame:
    """Return the families of these groups, each by another person; `labels` gives the spans of the first's texts."""
    rows = [
        {"message_id": 100 * number + place, "group_id": f"g{number}", "person_id": f"p{number}", "text": text}
        | {"chat_id": f"c{number}", "source_id": "a", "byte_start": 100 * number + place, "kind": "text"}
        for number, texts in enumerate(groups)
        for place, text in enumerate(texts)
    ]
    marks = [(row["message_id"], label, 0.9, "flag", (labels or {})[text], None) for row in rows
             if (text := str(row["text"])) in (labels or {}) and row["group_id"] == "g0"]  # fmt: skip
    messages = pl.DataFrame(rows, schema=dict(schema.TABLES["messages"]))
    table = build_families(
        schema.Messages(messages),
        schema.Labels(pl.DataFrame(marks, schema=dict(schema.TABLES["labels"]), orient="row")),
    )
    return table.join(messages.select("message_id", "text"), on="message_id")


@pytest.mark.parametrize(
    "around",
    [[MORNING, TEXT], [TEXT, LADDER], [MORNING, TEXT, LADDER], ["Look at this!", TEXT], ["Hello all 🙏", TEXT, "Ok?"]],
    ids=["before", "after", "both", "short", "short both"],
)
def test_chatter_around_a_forwarded_text_makes_no_other_wording(around: list[str]) -> None:
    table = families_of([[TEXT], around])
    assert table["text"].to_list() == [TEXT, TEXT]
    assert table["variant_id"].n_unique() == 1
    assert table["tracked"].all()


def test_chatter_on_both_sides_hides_no_forward() -> None:
    assert own([MORNING, TEXT], [TEXT, LADDER]) == [[False, True], [True, False]]


def test_two_texts_a_minute_apart_are_two_families() -> None:
    table = families_of([[TEXT], [OTHER], [TEXT, OTHER]])
    assert dict(table.group_by("text").agg(pl.col("family_id").n_unique()).iter_rows()) == {TEXT: 1, OTHER: 1}
    assert table.height == 4


@pytest.mark.parametrize("whole", [[], [[TEXT]], [[WHOLE_EDITED]], [[TEXT], [TEXT]]])
def test_a_text_split_into_bubbles_stays_one_text(whole: list[list[str]]) -> None:
    groups = [*whole, [HEAD, TAIL], [HEAD, TAIL]]
    assert not any(any(marks) for marks in own(*groups))
    assert families_of(groups)["family_id"].n_unique() == 1


def test_a_heading_of_several_split_texts_is_no_text_of_its_own() -> None:
    heading = "Please vote as follows on Saturday:"
    groups = [[heading, names] for names in (TEXT, OTHER) for _ in range(2)]
    assert not any(any(marks) for marks in own(*groups))


@pytest.mark.parametrize("left", [HEAD, TAIL])
def test_a_text_that_lost_a_bubble_once_stays_one_text(left: str) -> None:
    groups = [[HEAD, TAIL]] * 3
    assert not any(any(marks) for marks in own(*groups, [left]))


def test_a_text_split_by_one_sender_only_stays_one_text_where_another_lost_a_bubble() -> None:
    assert not any(any(marks) for marks in own([HEAD, TAIL], [HEAD, TAIL], [TAIL], senders="aab"))


def test_an_ending_that_two_texts_share_is_no_text_of_its_own() -> None:
    groups = [[text, ENDING] for text in (TEXT, OTHER) for _ in range(3)]
    assert not any(any(marks) for marks in own(*groups, [ENDING]))


def test_what_one_person_always_says_before_a_text_is_no_piece_of_it() -> None:
    marks = own([MORNING, TEXT], [MORNING, TEXT], [MORNING, TEXT], [TEXT], [TEXT], senders="aaabc")
    assert marks == [[False, True]] * 3 + [[False], [False]]


def test_two_texts_that_one_person_sends_together_and_others_alone_stay_two() -> None:
    marks = own([TEXT, OTHER], [TEXT, OTHER], [TEXT], [TEXT], [OTHER], [OTHER], senders="aabcbc")
    assert marks[:2] == [[True, True]] * 2


def test_a_short_bubble_is_no_text_of_its_own() -> None:
    assert own(["Vote Rowena"], [MORNING, "Vote Rowena"]) == [[False], [False, False]]


def test_a_flood_of_bubbles_is_so_many_texts() -> None:
    flood = [f"{word} {number}" for number in range(MOST_BUBBLES) for word in ("yes", "no")]
    assert own(["hello"], flood) == [[False], [True] * len(flood)]


def test_a_text_sent_twice_in_one_go_is_that_text() -> None:
    assert families_of([[TEXT], [TEXT, TEXT]])["variant_id"].n_unique() == 1


def test_all_copies_of_a_bubble_are_told_apart_alike() -> None:
    rows = [("a", "g", 1, MORNING, "p"), ("a", "g", 2, TEXT, "p"), ("b", "g", 2, TEXT, "p"), ("a", "h", 3, TEXT, "q")]
    frame = pl.DataFrame(rows, schema=["source_id", "unit", "bubble", "text", "sender"], orient="row")
    assert mark_own_texts(frame).to_list() == [False, True, True, False]


SPAN = [{"start": 0, "end": 4, "cue": "vote"}]


@pytest.mark.parametrize(
    ("label", "worded", "tracked"),
    [
        ("endorse", [BRIEF], [BRIEF]),
        ("endorse", [MORNING, BRIEF], [MORNING, BRIEF]),
        ("remind", [BRIEF], [BRIEF]),
        ("remind", [], [MORNING]),
    ],
    ids=["one bubble", "two bubbles", "words behind another label", "no words: the longest"],
)
def test_a_label_of_the_group_tracks_the_bubbles_that_hold_its_words(
    label: str, worded: list[str], tracked: list[str]
) -> None:
    spans = {text: SPAN if text in worded else [] for text in (MORNING, BRIEF)}
    table = families_of([[MORNING, BRIEF], [BRIEF, "Ok"]], spans, label=label)
    assert set(table.filter("tracked")["text"]) == {*tracked}


def copies_of(*exports: dict[int, str]) -> pl.DataFrame:
    """Return the families of one message group as several exports show it: the text of each of its messages."""
    rows = [
        {"message_id": 10 * at + number, "canonical_id": number, "source_id": f"s{at}", "text": text, "kind": "text"}
        | {"group_id": "g", "person_id": "p", "chat_id": "c", "byte_start": number}
        for at, export in enumerate(exports)
        for number, text in export.items()
    ]
    messages = pl.DataFrame(rows, schema=dict(schema.TABLES["messages"]))
    marks = [(row["message_id"], "endorse", 0.9, "flag", SPAN, None) for row in rows]
    labels = pl.DataFrame(marks, schema=dict(schema.TABLES["labels"]), orient="row")
    return build_families(schema.Messages(messages), schema.Labels(labels))


@pytest.mark.parametrize("lacking", [{1: HEAD}, {2: TAIL}])
def test_a_bubble_deleted_on_one_phone_makes_no_other_text_there(lacking: dict[int, str]) -> None:
    table = copies_of({1: HEAD, 2: TAIL}, lacking)
    assert table.height == 3
    assert table["variant_id"].n_unique() == 1


def test_what_two_exports_show_in_other_words_stays_two_wordings() -> None:
    table = copies_of({1: HEAD, 2: TAIL}, {2: TAIL.replace("please", "today")})
    assert table["variant_id"].n_unique() == 2


def test_a_higher_threshold_of_similarity_splits_a_family() -> None:
    rows = [
        {"message_id": number, "person_id": f"p{number}", "chat_id": f"c{number}", "source_id": "a", "text": text}
        | {"kind": "text", "byte_start": number}
        for number, text in enumerate([TEXT, TEXT, WHOLE_EDITED, WHOLE_EDITED])
    ]
    messages = schema.Messages(pl.DataFrame(rows, schema=dict(schema.TABLES["messages"])))
    tables = [build_families(messages, schema.Labels(schema.empty("labels")), threshold=t) for t in (0.42, 0.95)]
    assert [table["family_id"].n_unique() for table in tables] == [1, 2]


@settings(max_examples=40, deadline=None)
@given(
    groups=st.lists(st.lists(st.sampled_from([TEXT, HEAD, TAIL, MORNING, OTHER, "Ok", "🙏"]), min_size=1), max_size=6),
    data=st.data(),
)
def test_the_order_of_messages_and_groups_changes_nothing(groups: list[list[str]], data: st.DataObject) -> None:
    rows = [
        {"message_id": 100 * number + place, "group_id": f"g{number}", "person_id": "p", "text": text}
        | {"chat_id": f"c{number}", "source_id": "a", "byte_start": 100 * number + place, "kind": "text"}
        for number, texts in enumerate(groups)
        for place, text in enumerate(texts)
    ]
    messages = pl.DataFrame(rows, schema=dict(schema.TABLES["messages"]))
    mixed = messages[data.draw(st.permutations(range(len(rows))))] if rows else messages
    labels = schema.Labels(schema.empty("labels"))
    assert build_families(schema.Messages(mixed), labels).equals(build_families(schema.Messages(messages), labels))
