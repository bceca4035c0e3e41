from collections.abc import Sequence
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joining.phones import Export, Said, join, label_of, notice, talk

from chatforensics.joining import Joined
from chatforensics.joining.people import phone_number

PEOPLE = ("Siobhan", "Tadeusz", "Uchenna")


def test_labels_of_aligned_copies_are_one_person_and_the_basis_says_why() -> None:
    said = talk(12, PEOPLE)
    joined = join(Export("a", said), Export("b", said, labels={"Siobhan": "Mum", "Tadeusz": "+44 7700 900111"}))
    assert label_of(joined, "Mum") == label_of(joined, "Siobhan")
    (person,) = joined.people.filter(pl.col("labels").list.contains("+44 7700 900111")).to_dicts()
    assert person["phones"] == ["+447700900111"]
    assert person["basis"] == "2 labels in 2 phones: aligned messages (n=4)"
    assert joined.people.height == 3


def test_two_namesakes_on_two_phones_stay_two_people() -> None:
    joined = join(Export("a", talk(6, ("Ali", "Bea"))), Export("b", talk(6, ("Ali", "Bea"), topic="other")))
    assert len(label_of(joined, "Ali")) == 2
    assert joined.people["basis"].unique().to_list() == ["one label in one phone"]


def test_one_label_in_one_phone_is_one_person_in_all_its_chats() -> None:
    one = Export("a", talk(6, ("Ali", "Bea")), folder="x")
    joined = join(one, Export("b", talk(6, ("Ali", "Carys"), topic="other"), folder="x"))
    assert len(label_of(joined, "Ali")) == 1


def test_one_label_of_one_phone_stays_two_where_another_phone_shows_two_people() -> None:
    chats = {topic: talk(12, ("~ Ali", other), topic=topic) for topic, other in (("a", "Bea"), ("b", "Carys"))}
    one = [Export(topic, said, folder="x") for topic, said in chats.items()]
    numbers = {"a": "+44 7700 900666", "b": "+44 7700 900777"}
    other = [Export(f"{t}2", said, folder="y", labels={"~ Ali": numbers[t]}) for t, said in chats.items()]
    joined = join(*one, *other)
    assert len(label_of(joined, "~ Ali")) == 2
    assert label_of(joined, numbers["a"]).isdisjoint(label_of(joined, numbers["b"]))
    alone = join(*one, other[0])
    assert len(label_of(alone, "~ Ali")) == 1


def test_a_number_and_a_profile_name_of_one_phone_may_be_one_person() -> None:
    chats = {topic: talk(12, ("Ali", other), topic=topic) for topic, other in (("a", "Bea"), ("b", "Carys"))}
    shown = {"a": "~ Ali", "b": "+44 7700 900666"}
    other = [Export(f"{t}2", said, folder="y", labels={"Ali": shown[t]}) for t, said in chats.items()]
    joined = join(*(Export(t, said, folder="x") for t, said in chats.items()), *other)
    assert label_of(joined, "~ Ali") == label_of(joined, "+44 7700 900666") == label_of(joined, "Ali")


def test_the_exports_that_show_a_person_are_named() -> None:
    one = Export("a", talk(6, ("Ali", "Bea")), folder="x")
    other = Export("b", [*talk(6, ("Bea", "Carys"), topic="b"), notice(5000, "added", "Bea", "Ali")], folder="x")
    joined = join(one, other, Export("c", talk(6, ("Dov", "Carys"), topic="c"), folder="x"))
    shown = {row["labels"][0]: row["source_ids"] for row in joined.people.to_dicts()}
    assert shown["Ali"] == shown["Bea"] == sorted([one.source_id, other.source_id])
    assert len(shown["Dov"]) == 1


def test_one_full_phone_number_on_two_phones_is_one_person() -> None:
    one = Export("a", talk(4, ("+44 7700 900222", "Bea")))
    joined = join(one, Export("b", talk(4, ("\u202a+44 7700 900-222\u202c", "Carys"), topic="other")))
    (person,) = joined.people.filter(pl.col("phones").list.len() > 0).to_dicts()
    assert person["phones"] == ["+447700900222"]
    assert "same phone number" in person["basis"]


def test_a_number_without_its_country_joins_nobody() -> None:
    exports = [Export(topic, talk(4, ("07700 900222", "Bea"), topic=topic)) for topic in ("a", "b")]
    assert join(*exports).people.height == 4


NEW = "+44 7700 900333"


def changed_number(at_s: float = 5000, who: str = "Uchenna") -> Said:
    return notice(at_s, "number_changed", who, new=NEW)


def posted(at_s: float, label: str = NEW) -> Said:
    return Said(at_s, label, f"something said {at_s} seconds in, by whoever it is")


def test_a_changed_number_that_posts_afterwards_is_the_same_person() -> None:
    joined = join(Export("a", [*talk(4, PEOPLE), changed_number(), posted(6000)]))
    assert label_of(joined, NEW) == label_of(joined, "Uchenna")
    assert joined.people.height == 3
    (person,) = joined.people.filter(pl.col("phones").list.len() > 0).to_dicts()
    assert person["basis"] == "2 labels in one phone: number change notice and later use of the number"


def test_a_changed_number_that_a_notice_names_afterwards_is_the_same_person() -> None:
    joined = join(Export("a", [*talk(4, PEOPLE), changed_number(), notice(6000, "added", "Tadeusz", NEW)]))
    assert label_of(joined, NEW) == label_of(joined, "Uchenna")


@pytest.mark.parametrize("number", [NEW, None])
def test_a_changed_number_that_another_phone_tells_too_is_the_same_person(number: str | None) -> None:
    said = [*talk(9, PEOPLE), changed_number()]
    other = [*said[:9], replace(said[9], new=number)]
    joined = join(Export("a", said), Export("b", other, labels={"Uchenna": "Uche"}))
    assert label_of(joined, NEW) == label_of(joined, "Uchenna") == label_of(joined, "Uche")
    assert joined.people.filter(pl.col("basis").str.contains("number change notice in several exports")).height == 1


def test_a_changed_number_that_one_notice_alone_names_is_not_joined_and_is_no_member() -> None:
    said = [*talk(9, PEOPLE), changed_number()]
    one = Export("a", said, folder="x")
    for exports in ([one], [one, Export("b", said[1:], folder="x")], [one, Export("c", said[:9])]):
        joined = join(*exports)
        assert label_of(joined, NEW).isdisjoint(label_of(joined, "Uchenna"))
        assert joined.memberships["person_id"].n_unique() == 3


def test_two_notices_that_give_two_numbers_do_not_confirm_each_other() -> None:
    said = [*talk(9, PEOPLE), changed_number()]
    joined = join(Export("a", said), Export("b", [*said[:9], replace(said[9], new="+44 7700 900444")]))
    assert joined.people.height == 5


def test_a_number_that_posts_before_it_is_said_to_be_new_is_somebody_else() -> None:
    joined = join(Export("a", [*talk(4, PEOPLE), posted(2000), changed_number(), posted(6000)]))
    assert label_of(joined, NEW).isdisjoint(label_of(joined, "Uchenna"))


def test_a_number_that_posts_elsewhere_before_it_is_said_to_be_new_is_somebody_else() -> None:
    other = Export("b", [*talk(4, ("Wei", "Xolani"), topic="b"), posted(2000)])
    joined = join(Export("a", [*talk(4, PEOPLE), changed_number(), posted(6000)]), other)
    assert label_of(joined, NEW).isdisjoint(label_of(joined, "Uchenna"))


def test_a_new_number_may_be_used_in_another_chat_of_another_phone() -> None:
    other = Export("b", [*talk(4, ("Wei", "Xolani"), topic="b"), posted(8000)])
    joined = join(Export("a", [*talk(4, PEOPLE), changed_number()]), other)
    assert label_of(joined, NEW) == label_of(joined, "Uchenna")


def test_a_number_is_somebody_else_while_the_old_label_still_posts() -> None:
    said = [*talk(4, PEOPLE), changed_number(), posted(6000), posted(7000, "Uchenna"), posted(8000)]
    assert join(Export("a", said)).people.height == 4


def test_a_number_that_one_phone_gives_to_two_people_is_given_to_neither() -> None:
    said = [*talk(4, PEOPLE), changed_number(), changed_number(5500, "Siobhan"), posted(6000)]
    assert join(Export("a", said)).people.height == 4


def test_a_new_label_that_follows_the_old_one_is_the_same_person() -> None:
    said = talk(30, PEOPLE)
    renamed = [Said(s.at_s, "Uchenna 2" if s.label == "Uchenna" and s.at_s > 4500 else s.label, s.text) for s in said]
    joined = join(Export("a", said), Export("b", renamed))
    assert joined.people.height == 3


def test_two_people_whom_another_phone_lists_under_one_label_are_not_joined() -> None:
    said = talk(30, PEOPLE)
    joined = join(Export("a", said), Export("b", said, labels={"Siobhan": "Friend", "Tadeusz": "Friend"}))
    assert label_of(joined, "Siobhan").isdisjoint(label_of(joined, "Tadeusz"))


def test_one_copy_is_enough_where_there_is_no_other() -> None:
    said = [*talk(9, PEOPLE[:2]), Said(9000, "Uchenna", "ok")]
    joined = join(Export("a", said), Export("b", said, labels={"Uchenna": "Uche"}))
    assert label_of(joined, "Uche") == label_of(joined, "Uchenna")


def test_people_only_named_in_notices_are_people() -> None:
    joined = join(Export("a", [*talk(3, PEOPLE), notice(5000, "added", "Siobhan", "Yara", "Zheng")]))
    assert joined.people.height == 5
    assert label_of(joined, "Zheng")


def test_notices_join_labels_of_people_who_never_post() -> None:
    said = talk(9, PEOPLE)
    event = notice(5000, "added", "Siobhan", "Yara")
    joined = join(Export("a", [*said, event]), Export("b", [*said, event], labels={"Yara": "Yara gym"}))
    assert label_of(joined, "Yara gym") == label_of(joined, "Yara")


def test_an_exporter_who_never_posts_is_found_through_another_phones_notice() -> None:
    said = talk(9, PEOPLE)
    told = [*said, notice(5000, "added", "Siobhan", "Yara"), notice(6000, "left", "Yara")]
    joined = join(Export("a", told), Export("b", told, labels={"Yara": "you"}))
    (yara,) = label_of(joined, "Yara")
    assert joined.sources.sort("path")["custodian_id"].to_list() == [None, yara]


def test_an_exporter_nobody_can_name_is_no_person() -> None:
    joined = join(Export("a", [*talk(3, PEOPLE), notice(5000, "added", "Siobhan", "You")]))
    assert joined.people.height == 3


def test_labels_stand_by_how_often_they_post() -> None:
    said = talk(12, PEOPLE)
    exports = [Export(n, said, labels={"Siobhan": label}) for n, label in (("a", "Shiv"), ("b", "Zoe"), ("c", "Zoe"))]
    (person,) = join(*exports).people.filter(pl.col("labels").list.contains("Shiv")).to_dicts()
    assert person["labels"] == ["Zoe", "Shiv"]


def test_pseudonyms_are_short_and_unique() -> None:
    joined = join(Export("a", [Said(i, f"+4477009{i:05d}", "hello") for i in range(3000)]))
    assert joined.people["pseudonym"].n_unique() == 3000
    assert joined.people["pseudonym"].str.contains("^P-[A-HJ-NP-Z2-9]{5,9}$").all()


@pytest.mark.parametrize(
    ("label", "number"),
    [
        ("+44 7700 900123", "+447700900123"),
        ("\u202a+44\u00a07700\u00a0900123\u202c", "+447700900123"),
        ("0044 (7700) 900-123", "+447700900123"),
        ("07700 900123", None),
        ("+44", None),
        ("Plot +12", None),
        ("~ Wei", None),
    ],
)
def test_only_full_numbers_are_read_as_numbers(label: str, number: str | None) -> None:
    assert pl.DataFrame({"x": [label]}).select(phone_number(pl.col("x"))).item() == number


# Names of many origins and scripts, as contacts and as profile names, and numbers of several countries.
NAMES = ("Ngaio", "Omid", "Паша", "Quang", "رضا", "~ Zoë", "李雷")
NUMBERS = ("+44 7700 900888", "+1 201 555 0123", "+234 802 000 0000", "+92 300 0000000")


def town(names: Sequence[str]) -> list[Export]:
    """Three phones in three chats, each with its own labels for the people that the chats share."""
    plain = [f"label {place}" for place in range(len(names))]
    renamed = dict(zip(plain, names, strict=True))
    groups = {"a": plain[:4], "b": plain[2:7], "c": plain[5:]}
    chats = {topic: talk(20, group, topic=topic) for topic, group in groups.items()}
    shown = [("a", "x", ""), ("a", "y", " 2"), ("b", "x", ""), ("b", "z", " gym"), ("c", "y", " 2"), ("c", "z", " gym")]
    return [
        Export(
            f"{topic}-{phone}",
            chats[topic],
            folder=phone,
            labels={p: n if n.startswith("+") else n + tail for p, n in renamed.items()},
        )
        for topic, phone, tail in shown
    ]


def picture(joined: Joined) -> list[list[int]]:
    """Return which messages each person sent, whatever they are called."""
    sent = joined.messages.group_by("person_id").agg(pl.col("message_id").sort())
    return sorted(sent["message_id"].to_list())


@settings(max_examples=8, deadline=None)
@given(st.permutations(NAMES), st.permutations(NUMBERS))
def test_names_scripts_and_phone_codes_do_not_matter(names: list[str], numbers: list[str]) -> None:
    known = picture(join(*town([*NAMES, *NUMBERS[:2]])))
    assert len(known) == len(NAMES) + 2
    assert picture(join(*town([*names, *numbers[:2]]))) == known


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(6)))
def test_the_order_of_exports_does_not_matter(order: list[int]) -> None:
    exports = town([*NAMES, *NUMBERS[:2]])
    kept, other = join(*exports), join(*(exports[place] for place in order))
    assert other.people.equals(kept.people)
    assert other.joins.equals(kept.joins)


@settings(max_examples=5, deadline=None)
@given(st.permutations(["Ngaio", "Omid", "Paz", "Quang"]))
def test_names_change_only_labels(names: list[str]) -> None:
    plain = [f"label {place}" for place in range(4)]
    said, renamed = talk(24, plain), dict(zip(plain, names, strict=True))
    kept = join(Export("a", said), Export("b", said))
    other = join(Export("a", said, labels=renamed), Export("b", said, labels=renamed))
    assert other.people.height == kept.people.height
    for column in ("canonical_id", "chat_id", "sent_at"):
        assert other.messages[column].equals(kept.messages[column])
    assert other.corroboration.equals(kept.corroboration)
