"""Message groups as texts, with the words read in their pictures."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.labelling.units import (
    Place,
    carry_back,
    carry_names,
    distinct_texts,
    gather_units,
    picture_texts,
    places,
)
from chatforensics.schema import TABLES, Messages, Pictures


def messages(*rows: tuple[int, str | None, dict[str, Any]]) -> Messages:
    frame = [
        dict.fromkeys(TABLES["messages"])
        | {
            "message_id": number,
            "canonical_id": number,
            "group_id": "g",
            "source_id": "a",
            "line": number,
            "kind": "media" if text is None else "text",
            "text": text,
            "sent_at": datetime(2026, 5, 1, 12, tzinfo=UTC) + timedelta(seconds=number),
        }
        | changes
        for number, text, changes in rows
    ]
    return Messages(pl.DataFrame(frame, schema=dict(TABLES["messages"])))


def pictures(texts: Mapping[int, str | None]) -> Pictures:
    rows = [dict.fromkeys(TABLES["pictures"]) | {"message_id": number, "text": text} for number, text in texts.items()]
    return Pictures(pl.DataFrame(rows, schema=dict(TABLES["pictures"])))


def of_units(frame: Messages, found: Pictures | None = None) -> dict[int, tuple[str, Place]]:
    return {place.message_id: (text, place) for text, place in places(gather_units(frame, found))}


def test_words_of_a_picture_follow_the_words_of_its_message() -> None:
    units = gather_units(messages((1, "see this", {}), (2, "thanks", {})), pictures({1: "Vote for\nAmara"}))
    assert distinct_texts(units) == ["see this\nVote for\nAmara\nthanks"]


def test_a_picture_without_caption_is_part_of_its_group() -> None:
    frame = messages((1, "for tomorrow", {}), (2, None, {}))
    assert list(of_units(frame)) == [1]
    assert {text for text, _ in of_units(frame, pictures({2: "Vote for Amara"})).values()} == {
        "for tomorrow\nVote for Amara"
    }
    assert list(of_units(frame, pictures({2: "Vote for Amara"}))) == [1, 2]


def test_pictures_without_words_change_nothing() -> None:
    frame = messages((1, "hello", {}), (2, None, {}))
    assert gather_units(frame, pictures({2: None})).equals(gather_units(frame))
    assert gather_units(frame, pictures({})).equals(gather_units(frame))


def test_a_span_in_a_picture_is_carried_back_to_no_message() -> None:
    frame = messages((1, "ballot", {}), (2, None, {}), (3, "pass it on", {}))
    found = of_units(frame, pictures({2: "Vote for Amara"}))
    text = found[2][0]
    spans = [{"start": text.index(words), "end": text.index(words) + len(words)} for words in ("Vote", "pass")]
    assert [carry_back(spans, place=place) for _, place in found.values()] == [[], [], [{"start": 0, "end": 4}]]


def test_a_span_over_a_caption_and_its_picture_is_carried_back_to_none() -> None:
    ((text, place),) = of_units(messages((1, "Vote for", {})), pictures({1: "Amara"})).values()
    assert carry_back([{"start": 0, "end": len(text)}], place=place) == []


def test_a_name_in_a_picture_belongs_to_its_message_and_has_no_place() -> None:
    found = of_units(messages((1, "Vote for Lena", {}), (2, None, {})), pictures({2: "Vote for Amara"}))
    text = found[1][0]
    names = [
        {"name": name, "start": text.index(name), "end": text.index(name) + len(name)} for name in ("Lena", "Amara")
    ]
    assert carry_names(names, place=found[1][1]) == [{"name": "Lena", "start": 9, "end": 13}]
    assert carry_names(names, place=found[2][1]) == [{"name": "Amara", "start": None, "end": None}]


def test_a_copy_without_the_picture_has_the_words_read_in_another_copy() -> None:
    frame = messages((1, None, {"source_id": "a"}), (2, None, {"source_id": "b", "canonical_id": 1}))
    assert picture_texts(frame, pictures({2: "Vote"})).rows() == [(1, "Vote"), (2, "Vote")]
    assert distinct_texts(gather_units(frame, pictures({2: "Vote"}))) == ["Vote"]


def test_copies_whose_pictures_differ_in_words_are_read_apart() -> None:
    frame = messages((1, None, {"source_id": "a"}), (2, None, {"source_id": "b", "canonical_id": 1}))
    found = of_units(frame, pictures({1: "Vote for Amara", 2: "Vote for Lena"}))
    assert {number: text for number, (text, _) in found.items()} == {1: "Vote for Amara", 2: "Vote for Lena"}


WORDS = st.text(st.sampled_from("ab \n😀ਪੰ"), max_size=8)


@given(st.lists(st.tuples(st.none() | WORDS, st.none() | WORDS.filter(bool)), min_size=1, max_size=6))
def test_each_message_s_words_and_each_picture_s_stand_where_their_places_say(
    rows: list[tuple[str | None, str | None]],
) -> None:
    frame = messages(*((number, text, {}) for number, (text, _) in enumerate(rows)))
    read = {number: words for number, (_, words) in enumerate(rows) if words is not None}
    found = of_units(frame, pictures(read))
    assert set(found) == {number for number, (text, words) in enumerate(rows) if (text, words) != (None, None)}
    for number, (unit_text, place) in found.items():
        own = rows[number][0] or ""
        assert unit_text[place.offset : place.offset + len(own)] == own == place.text
        assert unit_text[place.picture_at : place.picture_end] == read.get(number, "")
