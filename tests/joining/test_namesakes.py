from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics import schema
from chatforensics.joining.namesakes import MOST_ALIKE, find_namesakes

Person = tuple[str, Sequence[str], Sequence[str]]  # id, labels, phones


def people_table(people: Sequence[Person]) -> schema.People:
    rows = [
        {"person_id": who, "labels": list(labels), "phones": list(phones), "source_ids": [f"of-{who}"]}
        for who, labels, phones in people
    ]
    return schema.People(pl.DataFrame(rows, schema=dict(schema.TABLES["people"])))


def stay_table(stays: Sequence[tuple[str, str]]) -> schema.Memberships:
    rows = [{"chat_id": chat, "person_id": who} for chat, who in stays]
    return schema.Memberships(pl.DataFrame(rows, schema=dict(schema.TABLES["memberships"])))


def found(people: Sequence[Person], stays: Sequence[tuple[str, str]] = ()) -> list[tuple[str, str]]:
    pairs = find_namesakes(people_table(people), stay_table(stays))
    return list(pairs.select("person_a", "person_b").iter_rows())


def two(label: str, other: str | None = None) -> list[Person]:
    return [("p1", [label], []), ("p2", [other or label], [])]


def test_equal_names_of_two_people_are_listed_with_the_exports_that_show_them() -> None:
    listed = find_namesakes(people_table(two("Amara Okafor")), stay_table([("c1", "p1"), ("c2", "p2")]))
    assert listed.to_dicts() == [
        {"person_a": "p1", "person_b": "p2", "name": "amara okafor", "n_alike": 2, "source_ids": ["of-p1", "of-p2"]}
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mei Lindqvist", "mei LINDQVIST"),
        ("Lindqvist, Mei", "Mei Lindqvist"),
        ("~ Mei Lindqvist", "Mei Lindqvist"),
        ("\u200eสมชาย ใจดี", "สมชาย  ใจดี"),
        ("~Tariq", "~tariq"),
    ],
)
def test_case_order_spaces_and_the_profile_mark_make_no_difference(one: str, other: str) -> None:
    assert found(two(one, other)) == [("p1", "p2")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mei Lindqvist", "Mei Lindquist"),
        ("Mei", "Mei"),
        ("~Mei", "Mei"),
        ("+234 555 0100", "+234 555 0100"),
        ("~", "~"),
    ],
)
def test_other_names_single_saved_words_and_phone_numbers_are_left_out(one: str, other: str) -> None:
    assert found(two(one, other)) == []


def test_people_who_were_ever_in_one_chat_are_two() -> None:
    assert found(two("Amara Okafor"), [("c1", "p1"), ("c1", "p2")]) == []
    assert found(two("Amara Okafor"), [("c1", "p1"), ("c2", "p2")]) == [("p1", "p2")]


def test_people_with_two_numbers_are_two() -> None:
    numbered: list[Person] = [("p1", ["Amara Okafor"], ["+2345550100"]), ("p2", ["Amara Okafor"], ["+2345550199"])]
    assert found(numbered) == []
    assert found([numbered[0], ("p2", ["Amara Okafor"], [])]) == [("p1", "p2")]


def test_whom_somebody_states_to_be_two_are_two() -> None:
    stated = pl.DataFrame({"person_a": ["p1"], "person_b": ["p2"]})
    three: list[Person] = [(who, ["Amara Okafor"], []) for who in ("p1", "p2", "p3")]
    listed = find_namesakes(people_table(three), stay_table([]), apart=stated)
    assert list(listed.select("person_a", "person_b").iter_rows()) == [("p1", "p3"), ("p2", "p3")]


def test_a_name_that_many_bear_tells_nobody_apart() -> None:
    many: list[Person] = [(f"p{number}", ["Amara Okafor"], []) for number in range(MOST_ALIKE + 1)]
    assert found(many) == []
    assert len(found(many[:-1])) == 3


def test_of_several_equal_names_the_longest_is_given() -> None:
    both: list[Person] = [(who, ["Mei Ito", "Mei Lindqvist"], []) for who in ("p1", "p2")]
    assert find_namesakes(people_table(both), stay_table([]))["name"].to_list() == ["lindqvist mei"]


def test_nobody_has_no_namesakes() -> None:
    assert found([]) == []
    assert found([("p1", [], [])]) == []


NAMES = ["amara okafor", "mei lindqvist", "tariq", "sina kaya", "juan de la cruz"]
OTHER = ["สมชาย ใจดี", "李 小龙", "იაგო", "ravi kumar", "anna van der berg"]
PEOPLE = st.lists(
    st.tuples(
        st.lists(st.tuples(st.integers(0, len(NAMES) - 1), st.booleans()), max_size=2),
        st.sampled_from([(), ("+1",), ("+2",)]),
    ),
    max_size=7,
)
STAYS = st.lists(st.tuples(st.sampled_from(["c1", "c2"]), st.integers(0, 6)), max_size=6)


def called(names: list[str], drawn: list[tuple[list[tuple[int, bool]], tuple[str, ...]]]) -> list[Person]:
    return [
        (f"p{number}", ["~" * profile + names[name] for name, profile in labels], phones)
        for number, (labels, phones) in enumerate(drawn)
    ]


@settings(max_examples=60, deadline=None)
@given(drawn=PEOPLE, stays=STAYS, data=st.data())
def test_other_names_one_for_one_list_the_same_people(
    drawn: list[tuple[list[tuple[int, bool]], tuple[str, ...]]],
    stays: list[tuple[str, int]],
    data: st.DataObject,
) -> None:
    where = [(chat, f"p{who}") for chat, who in stays]
    listed = find_namesakes(people_table(called(NAMES, drawn)), stay_table(where))
    assert all(one < other for one, other in listed.select("person_a", "person_b").iter_rows())
    assert found(called(OTHER, drawn), where) == list(listed.select("person_a", "person_b").iter_rows())
    shuffled = data.draw(st.permutations(called(NAMES, drawn)))
    assert find_namesakes(people_table(shuffled), stay_table(where[::-1])).equals(listed)
