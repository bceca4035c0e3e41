"""Scores of names found against names that a reader marked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.labelling.targets import same_target, score_targets


def row(name: str, stance: str = "for") -> dict[str, str]:
    return {"name": name, "stance": stance}


def test_a_right_name_with_a_wrong_stance_counts_for_the_name_alone() -> None:
    scores = score_targets([[row("Ada Osei", "against")]], [[row("Ada Osei")]])
    assert scores["name"].f1 == 1.0
    assert scores["name_and_stance"].f1 == 0.0


def test_precision_and_recall_are_over_all_texts() -> None:
    found = [[row("Ada Osei"), row("Jan Roe")], []]
    wanted = [[row("Ada Osei")], [row("Ewa Mbeki")]]
    score = score_targets(found, wanted)["name_and_stance"]
    assert (score.n_found, score.n_wanted, score.n_right) == (2, 2, 1)
    assert (score.precision, score.recall, score.f1) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Cllr Osei", "OSEI"), ("Osei", "Ada Osei"), ("the Orange list", "Orange"), ("4️⃣0️⃣", "40"), ("20.120", "20120"),
     ("P. Kowalczyk", "Kowalczyk"), ("question 2", "2")],
)  # fmt: skip
def test_names_agree_without_titles_capitals_and_marks_and_by_their_words(one: str, other: str) -> None:
    assert same_target(one, other)
    assert same_target(other, one)


@pytest.mark.parametrize(("one", "other"), [("Al", "Al Mansur"), ("Ada Osei", "Ada Roe"), ("2", "12"), ("", "Ada")])
def test_names_do_not_agree_by_short_words_or_in_part(one: str, other: str) -> None:
    assert not same_target(one, other)


def test_each_wanted_name_is_found_once_and_a_repetition_is_no_error() -> None:
    score = score_targets([[row("Ada Osei"), row("Osei"), row("ada osei")]], [[row("Ada Osei")]])["name"]
    assert (score.n_found, score.n_right) == (1, 1)


def test_two_people_of_one_surname_are_two() -> None:
    wanted = [[row("Ada Osei"), row("Kofi Osei")]]
    score = score_targets([[row("Kofi Osei"), row("Ada Osei")]], wanted)["name"]
    assert (score.n_found, score.n_right) == (2, 2)


def test_nothing_found_and_nothing_wanted_is_no_division() -> None:
    score = score_targets([[]], [[]])["name"]
    assert (score.precision, score.recall, score.f1) == (0.0, 0.0, 0.0)
    assert score_targets([], [])["name"].n_found == 0


def test_texts_that_do_not_pair_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shorter|longer"):
        score_targets([[]], [])


names = st.lists(st.sampled_from(["Ada Osei", "Osei", "Jan Roe", "17", "Dr Lind"]), max_size=4)


@given(names, names)
def test_right_ones_are_never_more_than_found_or_wanted(found: list[str], wanted: list[str]) -> None:
    score = score_targets([[row(name) for name in found]], [[row(name) for name in wanted]])["name"]
    assert 0 <= score.n_right <= min(score.n_found, score.n_wanted)


@given(names)
def test_what_is_wanted_is_found_whole(wanted: list[str]) -> None:
    rows = [[row(name) for name in wanted]]
    score = score_targets(rows, rows)["name_and_stance"]
    assert score.n_right == score.n_found
