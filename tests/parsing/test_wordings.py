"""The compiled wordings, and the quick search for bodies that are more than typed text."""

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.parsing.bodies import read_body
from chatforensics.parsing.grammar import load_compiled, load_languages
from chatforensics.parsing.quicksearch import find_in_sweeps, find_one_by_one, find_untyped
from chatforensics.parsing.wordings import cut_pattern

LRM = "\u200e"
SCRIPT = runpy.run_path(str(Path(__file__).resolve().parents[2] / "scripts" / "make_wordings.py"))
LANGUAGES = load_languages()
compile_wordings: Callable[[Any], dict[str, Any]] = SCRIPT["compile_wordings"]
LISTS = ("omitted", "contact_omitted", "attached", "deleted", "deleted_by_admin", "view_once", "live_location", "call")
BODIES = sorted(
    {wording for words in LANGUAGES.values() for name in LISTS for wording in words.get("bodies", {}).get(name, ())}
)


def write(compiled: dict[str, Any]) -> str:
    return json.dumps(compiled, ensure_ascii=False, separators=(",", ":"))


def fill(wording: str, *, rest: str) -> str:
    filled = wording.replace("{file}", "a b.pdf").replace("{name}", "Ann Obi").replace("{rest}", rest)
    return regex.sub(r"\{\w+=?([^}]*)\}", r"\1", filled)


def is_found(*texts: str) -> list[bool]:
    return find_untyped(pl.Series(texts, dtype=pl.String)).to_list()


def test_the_compiled_wordings_are_those_of_the_language_files() -> None:
    assert write(load_compiled()) == write(compile_wordings(LANGUAGES)), "run scripts/make_wordings.py"


def test_a_notice_is_filed_under_its_longest_words() -> None:
    words = {"notices": {"left": ["{actor} has gone"]}, "you": ["Thou"], "and": [" & "]}
    compiled = compile_wordings({"xx": words})
    assert compiled["notices"] == {" has gone": "0 xx left {actor} has gone"}
    assert compiled["languages"] == {"xx": {"and": [" & "], "you": ["thou"]}}


def test_a_wording_is_of_the_kind_of_the_first_list_that_has_it() -> None:
    bodies = {"call": ["It is gone"], "deleted": ["it is gone."]}
    assert compile_wordings({"xx": {"bodies": bodies}})["bodies"]["exact"]["it is gone"] == "deleted"


def test_a_wording_with_both_ends_free_is_refused() -> None:
    with pytest.raises(ValueError, match="longer beginning or end"):
        compile_wordings({"xx": {"bodies": {"call": ["{rest}called you{rest}"]}}})


def test_nothing_is_free_in_the_words_for_what_was_omitted() -> None:
    names = ("omitted", "contact_omitted")
    free = [one for words in LANGUAGES.values() for name in names for one in words.get("bodies", {}).get(name, ())]
    assert [wording for wording in free if "{" in wording] == []


def test_a_written_pattern_is_cut_into_words_and_fields() -> None:
    pattern = cut_pattern("deleted admin {name} took this back")
    assert (pattern.kind, pattern.fixed, pattern.fields) == ("deleted", ("admin ", " took this back"), ("name",))
    assert pattern.needle == " took this back"


@settings(deadline=None)  # the first example loads the wordings
@given(
    st.sampled_from(BODIES),
    st.sampled_from(["", " 10:30 ", " 5 min"]),
    st.sampled_from([str, str.upper, str.capitalize, str.title]),
    st.sampled_from(["{}", "{}.", " {}", "{}\n", "{}\ncaption", "minutes.docx {}", "our float {}", LRM + "{}"]),
)
def test_every_wording_is_found_however_it_is_printed(
    wording: str, rest: str, letters: Callable[[str], str], around: str
) -> None:
    text = around.format(letters(fill(wording, rest=rest)))
    captioned_file = around.endswith("caption") and "{file}" in wording and not regex.search("[(<（]", wording)
    for marked_file in (False, True):
        body = read_body(text, marked_file=marked_file)
        untyped = body.kind != "text" or body.edited
        assert not untyped or captioned_file or is_found(text) == [True], body


@pytest.mark.parametrize(
    "text",
    [
        "minutes.docx document omitted",
        "minutes.docx document omitted. ",
        "  Missed voice call",
        "Missed\u00a0voice call at 10:30",
        "image omitted\nour caption",
        "null",
        f"our float {LRM}words of no known language",
        "Location: https://maps.google.com/?q=51.5,-0.1",
        "IMG-20240101-WA0001.jpg (words of no known language)",
    ],
)
def test_an_untyped_body_is_found(text: str) -> None:
    assert is_found(text) == [True]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ok",
        "nil",
        "nullify",
        "It was omitted.",
        "1/2 of it",
        "(so what)",
        "https://example.org",
        " spaces ",
        "Messy",
    ],
)
def test_typed_text_need_not_be_read(text: str) -> None:
    assert is_found(text) == [False]


def test_what_is_no_text_is_not_found_and_no_bodies_give_none() -> None:
    assert find_untyped(pl.Series([None, "<Media omitted>"])).to_list() == [False, True]
    assert find_untyped(pl.Series([], dtype=pl.String)).is_empty()


_AROUND_BODIES = st.text(alphabet=".\u200e\u202f\u00a0 \n\r:<>()/•aİKſ\u2019。", max_size=4)
_NEAR_WORDINGS = st.tuples(_AROUND_BODIES, st.sampled_from([*BODIES, "a.jpg", "hi", ""]), _AROUND_BODIES).map("".join)


@settings(deadline=None)  # the first example loads the wordings
@given(st.lists(st.one_of(st.none(), _NEAR_WORDINGS, _NEAR_WORDINGS.map(str.upper)), max_size=20))
def test_few_texts_are_found_as_many_are(texts: list[str | None]) -> None:
    column = pl.Series(texts, dtype=pl.String)
    assert find_one_by_one(column).to_list() == find_in_sweeps(column).to_list()


def test_every_wording_is_found_in_sweeps_as_one_by_one() -> None:
    column = pl.Series([fill(wording, rest=" 10:30 ") for wording in BODIES], dtype=pl.String)
    assert find_in_sweeps(column).equals(find_one_by_one(column))
