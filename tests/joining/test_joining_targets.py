from dataclasses import replace

import polars as pl
import pytest
from joining.phones import Export, Said, join, label_of, notice, tables, talk

from chatforensics.joining.targets import rejoin_targets

PEOPLE = ("Kaveh", "Adeyemi, Farida", "Ana")


def targets(*said: Said, title: str | None = None) -> list[list[str]]:
    """Return the targets of the notices of one export, put together again."""
    sources, messages, events = tables(Export("a", said, title=title))
    phones = messages.select("message_id", phone="source_id")
    posted = messages.select(phone="source_id", label="sender_label")
    known = pl.concat([posted, sources.select(phone="source_id", label="chat_title")])
    told = rejoin_targets(events, messages.select("message_id", "text"), phones, known)
    return told["targets"].to_list()


def added(text: str, *names: str) -> Said:
    return replace(notice(9000, "added", "Kaveh", *names), text=text)


def test_a_name_with_a_comma_that_posts_on_the_phone_is_one_person() -> None:
    said = added("Kaveh added Ana, Adeyemi, Farida and Zoltan", "Ana", "Adeyemi", "Farida", "Zoltan")
    assert targets(*talk(6, PEOPLE), said) == [["Ana", "Adeyemi, Farida", "Zoltan"]]


def test_a_name_with_a_comma_that_a_one_to_one_chat_is_called_after_is_one_person() -> None:
    said = added("Kaveh added Adeyemi, Farida", "Adeyemi", "Farida")
    assert targets(said, title="Adeyemi, Farida") == [["Adeyemi, Farida"]]


def test_a_name_with_an_and_that_acts_in_a_notice_is_one_person() -> None:
    said = added("Kaveh added \u200eNuala and Bram", "Nuala", "Bram")
    left = replace(notice(9900, "left", "Nuala and Bram"), text="Nuala and Bram left")
    assert targets(said, left)[0] == ["Nuala and Bram"]


def test_the_name_of_the_actor_may_begin_like_that_of_a_target() -> None:
    said = added("Farida Adeyemi added Adeyemi, Farida", "Adeyemi", "Farida")
    assert targets(*talk(6, PEOPLE), said) == [["Adeyemi, Farida"]]


def test_names_that_the_phone_does_not_show_as_one_stay_apart() -> None:
    said = added("Kaveh added Adeyemi, Farida", "Adeyemi", "Farida")
    assert targets(*talk(6, ("Kaveh", "Ana")), said) == [["Adeyemi", "Farida"]]


def test_two_people_who_are_both_known_stay_two_even_if_a_third_is_called_like_both() -> None:
    said = added("Kaveh added Adeyemi, Farida", "Adeyemi", "Farida")
    assert targets(*talk(8, (*PEOPLE, "Adeyemi", "Farida")), said) == [["Adeyemi", "Farida"]]


@pytest.mark.parametrize("text", ["Kaveh added 2 people", "Farida added Adeyemi", ""])
def test_a_notice_whose_text_does_not_hold_the_name_is_left_as_it_is(text: str) -> None:
    assert targets(*talk(6, PEOPLE), added(text, "Adeyemi", "Farida")) == [["Adeyemi", "Farida"]]


def test_notices_with_one_target_or_none_are_left_as_they_are() -> None:
    assert targets(notice(0, "created", "Kaveh"), added("Kaveh added Ana", "Ana")) == [[], ["Ana"]]


def test_one_person_comes_of_it_when_exports_are_joined() -> None:
    said = added("Kaveh added Adeyemi, Farida", "Adeyemi", "Farida")
    joined = join(Export("a", [notice(0, "created", "Kaveh"), *talk(9, PEOPLE, start_s=60), said]))
    assert label_of(joined, "Farida") == set()
    assert joined.people.height == 3
