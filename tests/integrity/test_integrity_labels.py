"""Two sender labels that look like one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from integrity.chats import Said, evidence_of_records, found

from chatforensics.integrity.labels import LABELS
from chatforensics.integrity.lookalikes import draw

MANY_SCRIPTS = [
    "Ali علي", "Ọlá Adébáyọ̀", "ਗੁਰਪ੍ਰੀਤ Singh", "Γιώργος K", "Łukasz Nowak", "Zoë", "Сара", "Sara", "José", "Jose",
    "王小明", "Nguyễn Ánh", "Anh Nguyen", "👩‍🌾 Mary", "O'Neil", "Ama 2", "Ama", "~ Ama",
]  # fmt: skip


def level(*labels: str) -> list[str]:
    return [level for level, _ in found(LABELS, "I-20", [Said(label, "hi") for label in labels])]


@pytest.mark.parametrize("label", [*MANY_SCRIPTS, "Sаm", "\u202eSam", "Ѕcоре", "Sam\u200b"])
def test_a_single_label_is_never_odd_whatever_its_letters(label: str) -> None:
    assert level(label) == []


def test_different_names_in_many_scripts_do_not_collide() -> None:
    assert level(*MANY_SCRIPTS) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sam", "Sаm"),  # Cyrillic a
        ("Omar", "Оmаr"),
        ("Nikos", "Νikοs"),  # Greek
        ("Al", "AI"),
        ("Bo 10", "Bo lO"),
        ("Sam", "Sam\u200b"),
        ("Sam Hill", "Sam\u00a0Hill"),
        ("Sam", "\u202eSam"),
        ("+44 7700 900123", "+447700900123"),
        ("+44 7700 900123", "0044 (7700) 900-123"),
        ("+44 7700 900123", "\u202a+44\u00a07700\u00a0900123\u202c"),
    ],
)
def test_two_labels_that_a_reader_takes_for_one_are_unexplained(one: str, other: str) -> None:
    assert level(one, other) == ["unexplained"]
    assert level(other, one) == ["unexplained"]


@pytest.mark.parametrize(("one", "other"), [("Sam", "sam"), ("Zoë", "Zoe\u0308"), ("Ｓam", "sam")])
def test_capitals_and_forms_of_letters_are_information(one: str, other: str) -> None:
    assert level(one, other) in (["info"], ["unexplained"])
    assert level("Sam", "sam") == ["info"]


@pytest.mark.parametrize(("one", "other"), [("Sam", "Pam"), ("+44 7700 900123", "+44 7700 900124"), ("José", "Jose")])
def test_labels_that_a_reader_can_tell_apart_are_nothing_odd(one: str, other: str) -> None:
    assert level(one, other) == []


def test_the_letters_that_differ_are_spelled_out() -> None:
    said = [Said("Sam", "hi"), Said("Sаm", "hello"), Said("Sаm", "bye")]
    (told,) = LABELS["I-20"].find(evidence_of_records(said))
    assert told.value == (
        "“Sam” (1 message) and “Sаm” (2 messages): alike to the eye, in different letters; the first difference: "
        "a (U+0061 LATIN SMALL LETTER A) and а (U+0430 CYRILLIC SMALL LETTER A)."
    )
    assert told.lines == [1, 2]


def test_a_direction_mark_is_shown_and_not_obeyed() -> None:
    (told,) = LABELS["I-20"].find(evidence_of_records([Said("Sam", "hi"), Said("\u202eSam", "hi")]))
    assert "\u202e" not in told.value
    assert "[RLO]Sam" in told.value


def test_a_pair_is_named_once() -> None:
    assert level("Sam", "Sam\u200b") == ["unexplained"]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=12))
def test_the_picture_of_a_label_is_the_picture_of_its_picture(label: str) -> None:
    assert draw(draw(label)) == draw(label)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("0123456789", min_size=10, max_size=12), unique=True, max_size=8))
def test_different_numbers_never_collide(digits: list[str]) -> None:
    numbers = [f"+{number}" for number in digits if not number.startswith("00")]
    assert level(*numbers) == []
