"""The custody questions on the page: each once, with "I don't know" as an answer, and nothing recorded twice."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from casefile.cases import BY, CHAT, a_case_with

from chatforensics.casefile import QUESTIONS, SOURCE_KINDS, UNKNOWN, Case, list_answers, log_lines, open_case
from chatforensics.errors import UsageError
from chatforensics.web.asking import ALL, CHOICES, WORDS, Asked, record_said, view_questions
from chatforensics.web.forms import Form


def _post(case: Case, fields: Mapping[str, str]) -> int:
    return record_said(case, Form({name: [value] for name, value in fields.items()}), by=BY)


def _said(case: Case, question: str) -> list[str]:
    return [row[question] for row in list_answers(case)]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Cases with one and with two exports, made once, as making them waits for the disk."""
    contents = (CHAT, CHAT + b"01/02/2031, 10:02 - Ines: Later\n")
    return {n: a_case_with(tmp_path_factory.mktemp("held"), *contents[:n]).folder for n in (1, 2)}


@pytest.fixture
def one(tmp_path: Path, held: dict[int, Path]) -> Case:
    return open_case(shutil.copytree(held[1], tmp_path / "case"))


@pytest.fixture
def two(tmp_path: Path, held: dict[int, Path]) -> Case:
    return open_case(shutil.copytree(held[2], tmp_path / "case"))


def test_every_custody_question_has_its_plain_words() -> None:
    assert list(WORDS) == list(QUESTIONS)
    assert {value for value, _ in CHOICES["source_kind"]} == set(SOURCE_KINDS) - {UNKNOWN}


def test_an_answer_for_all_is_recorded_for_each_export(two: Case) -> None:
    assert _post(two, {f"{ALL}.phone": "Pixel 7"}) == 2
    assert _said(two, "phone") == ["Pixel 7", "Pixel 7"]


def test_what_is_said_of_one_export_counts_more_than_what_is_said_of_all(two: Case) -> None:
    first = list_answers(two)[0]["source_id"]
    _post(two, {f"{ALL}.phone": "Pixel 7", f"{first}.phone": "Nokia 105"})
    assert _said(two, "phone") == ["Nokia 105", "Pixel 7"]


def test_not_knowing_is_an_answer_and_an_empty_field_is_none(one: Case) -> None:
    assert _post(one, {f"{ALL}.phone": "", f"{ALL}.phone.unknown": "yes", f"{ALL}.zone": ""}) == 1
    asked = {each.question: each for each in _common(one)}
    assert asked["phone"].is_unknown
    assert asked["zone"].said == ""
    assert view_questions(one)["n_open"] == len(QUESTIONS) - 1


def test_an_answer_that_stands_already_is_not_recorded_again(one: Case) -> None:
    _post(one, {f"{ALL}.phone": "Pixel 7"})
    before = len(log_lines(one))
    assert _post(one, {f"{ALL}.phone": "Pixel 7"}) == 0
    assert len(log_lines(one)) == before


@pytest.mark.parametrize(
    ("typed", "then"), [("Pixel 7", UNKNOWN), ("", UNKNOWN), ("Nokia 105", "Nokia 105")], ids=["kept", "cleared", "new"]
)
def test_the_box_beside_an_answer_counts_unless_something_new_was_typed(one: Case, typed: str, then: str) -> None:
    _post(one, {f"{ALL}.phone": "Pixel 7"})
    _post(one, {f"{ALL}.phone": typed, f"{ALL}.phone.unknown": "yes"})
    assert _said(one, "phone") == [then]


def test_answers_that_differ_are_shown_by_export_and_not_for_all(two: Case) -> None:
    first = list_answers(two)[0]["source_id"]
    _post(two, {f"{ALL}.zone": "London", f"{first}.phone": "Nokia 105"})
    shown = view_questions(two)
    assert {each.question: each.said for each in _common(two)}["phone"] == ""
    assert {each.question: each.said for each in _common(two)}["zone"] == "London"
    own = shown["own"]
    assert isinstance(own, list)
    assert [each.said for row in own for each in row["asked"] if each.said] == ["Nokia 105"]


def test_an_answer_that_is_none_of_the_choices_stays_to_be_seen(one: Case) -> None:
    _post(one, {f"{ALL}.media": "pictures only"})
    asked = {each.question: each for each in _common(one)}
    assert asked["media"].is_other
    assert not asked["source_kind"].is_other


def test_an_unknown_kind_of_source_is_refused_and_nothing_is_recorded(one: Case) -> None:
    with pytest.raises(UsageError, match="no kind of source"):
        _post(one, {f"{ALL}.source_kind": "a friend", f"{ALL}.phone": "Pixel 7"})
    assert _said(one, "phone") == [UNKNOWN]


def _common(case: Case) -> list[Asked]:
    shown = view_questions(case)["common"]
    assert isinstance(shown, list)
    return shown
