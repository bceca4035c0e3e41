"""The custody log as it is printed: in words, with hashes cut short, and a head also where the log is elsewhere."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from package.dossiers import FIRST, a_log

from chatforensics.package.logrows import view_log

VALUES = st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=5)


def _entry(**more: object) -> str:
    return json.dumps({"action": "analyse", "at": "2031-04-01T09:00:00Z", "actor": "Ime Otero"} | more)


def _details(**details: object) -> str:
    return str(view_log([_entry(details=details)])["rows"][0]["details"])


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"expires": None, "n_damaged": 0, "window_s": 300.0}, "close in time: within 300 s"),
        ({"sha512": "0f" * 64, "size_bytes": 23942}, "SHA-512 0f0f0f0f0f0f0f0f…; 23,942 bytes"),
        ({"uco": True, "rsmf": False}, "with CASE/UCO"),
        ({"questions": ["exported_by", "phone"]}, "answered: Who made the export, On which phone and system"),
        ({"events": ["a", "b", "c", "d", "e"]}, "days named by the user: a, b, c and 2 more"),
        ({"n_new_things": 2}, "n new things: 2"),
    ],
)
def test_details_stand_in_words_and_what_is_nothing_is_left_out(details: dict[str, object], words: str) -> None:
    assert _details(**details) == words


def test_at_most_three_hashes_of_an_entry_are_printed_cut_short_and_the_others_counted() -> None:
    (row,) = view_log([_entry(inputs=[], outputs=[FIRST * 4] * 40)])["rows"]
    assert row["outputs"] == {"shown": [FIRST[:16]] * 3, "more": 37}
    assert row["inputs"] == {"shown": [], "more": 0}


def test_a_log_that_was_left_out_has_the_head_it_was_given_and_no_rows() -> None:
    view = view_log([], head=(7, "ab" * 32))
    assert (view["n"], view["head"], view["is_left_out"], view["rows"]) == (7, "ab" * 32, True, [])


def test_a_log_that_came_along_is_believed_before_what_is_said_of_it() -> None:
    view = view_log(a_log(), head=(7, "ab" * 32), case={"log_head": "cd" * 32})
    assert (view["n"], view["is_left_out"], view["earlier"], view["broken"]) == (3, False, None, [])


@given(st.dictionaries(st.text(max_size=9), VALUES, max_size=4))
def test_details_of_any_form_are_told(details: dict[str, object]) -> None:
    assert isinstance(_details(**details), str)
