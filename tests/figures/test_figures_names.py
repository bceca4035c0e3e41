import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.figures.fonts import covered, measure, shorten, wrap
from chatforensics.figures.names import chat_names, drawable, person_names, plain
from chatforensics.schema import TABLES

ISOLATED = "\u200e\u2068{}\u2069"


def people(*rows: tuple[str, list[str], str | None]) -> dict[str, pl.DataFrame]:
    columns = ("person_id", "labels", "pseudonym")
    found = [dict.fromkeys(TABLES["people"]) | dict(zip(columns, row, strict=True)) for row in rows]
    return {"people": pl.DataFrame(found, schema=dict(TABLES["people"]))}


def test_a_person_is_called_by_the_first_label_else_the_pseudonym_else_the_id() -> None:
    tables = people(("a", ["Amina", "Amina Y"], "P-1"), ("b", [], "P-2"), ("c", [], None))
    assert person_names(tables, ["a", "b", "c", "d"]) == {"a": "Amina", "b": "P-2", "c": "c", "d": "d"}


def test_namesakes_are_told_apart_by_their_pseudonyms() -> None:
    tables = people(("a", ["Sam"], "P-1"), ("b", ["Sam"], "P-2"), ("c", ["Sol"], "P-3"))
    assert person_names(tables, ["a", "b", "c"]) == {"a": "Sam (P-1)", "b": "Sam (P-2)", "c": "Sol"}


def test_a_name_is_told_apart_only_from_names_in_the_same_chart() -> None:
    tables = people(("a", ["Sam"], "P-1"), ("b", ["Sam"], "P-2"))
    assert person_names(tables, ["b"]) == {"b": "Sam"}


def test_a_chat_is_called_by_its_title_else_by_kind_and_id() -> None:
    rows = [("x", "Choir", "group"), ("y", None, "direct"), ("z", "Choir", "group")]
    table = pl.DataFrame(rows, schema=["chat_id", "title", "kind"], orient="row")
    names = chat_names({"chats": table}, ["x", "y", "z", "w"])
    assert names == {"x": "Choir (x)", "y": "direct chat y", "z": "Choir (z)", "w": "chat w"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zoë  van\nder\tMerwe ", "Zoë van der Merwe"),
        ("bell\x07\x08!", "bell⟨U+0007 U+0008⟩!"),
        ("\u202egnp.exe", "⟨U+202E⟩gnp.exe"),
        ("\u200eAda\u2069", "Ada"),
        ("明", "明"),
    ],
)
def test_control_characters_are_shown_as_code_points(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_letters_that_no_font_has_are_shown_as_code_points() -> None:
    assert 0xE123 not in covered()
    assert drawable("a\ue123\ue124b", width_mm=90) == ISOLATED.format("a⟨U+E123 U+E124⟩b")


def test_a_name_in_ascii_is_drawn_as_it_is() -> None:
    assert drawable(r"$\frac{", width_mm=90) == r"$\frac{"


def test_a_name_in_other_letters_keeps_its_direction_to_itself() -> None:
    assert drawable("علی", width_mm=90) == ISOLATED.format("علی")


def test_a_mark_of_another_script_is_spelled_where_no_font_draws_both() -> None:
    assert drawable("@\u0abc", width_mm=90) == ISOLATED.format("@⟨U+0ABC⟩")


def test_piled_up_marks_are_cut_to_three() -> None:
    assert drawable("e" + "\u0301" * 40, width_mm=90) == ISOLATED.format("e" + "\u0301" * 3)


@settings(deadline=None)  # the first letters of a font take long on a busy machine
@given(st.text(st.characters(codec="utf-8"), max_size=80), st.floats(5, 60))
def test_a_drawable_name_fits_and_holds_only_letters_that_can_be_drawn(text: str, width_mm: float) -> None:
    shown = drawable(text, width_mm=width_mm)
    assert measure(shown, size=8)[0] <= width_mm
    assert {ord(letter) for letter in shown} <= covered() | {0x200E, 0x2068, 0x2069}
    assert "\n" not in shown


@given(st.text("abc W\u0301", max_size=60), st.floats(4, 40))
def test_a_shortened_text_is_the_longest_beginning_that_fits(text: str, width_mm: float) -> None:
    short = shorten(text, width_mm=width_mm, size=8)
    assert measure(short, size=8)[0] <= width_mm
    if short != text:
        kept = short.removesuffix("…")
        assert text.startswith(kept)


@settings(deadline=None)  # the first example loads the font
@given(st.lists(st.text("abcdefgh", min_size=1, max_size=9), min_size=1, max_size=30), st.floats(20, 80))
def test_wrapping_keeps_every_word_and_the_width(words: list[str], width_mm: float) -> None:
    lines = wrap(" ".join(words), width_mm=width_mm, size=8)
    assert " ".join(lines).split() == words
    assert all(measure(line, size=8)[0] <= width_mm for line in lines)
