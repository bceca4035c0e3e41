"""The matrix of people by people and the picture of the settings."""

import polars as pl
import pytest
from drawn import draw_matrix, draw_sensitivity
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Text

from chatforensics.figures import matrix, sensitivity
from chatforensics.figures.matrix import show_q
from chatforensics.figures.sensitivity import show_result, show_setting
from chatforensics.schema import TABLES

pytestmark = pytest.mark.usefixtures("without_bytes")


def words_of(figures: list[Figure]) -> list[str]:
    return [text.get_text() for figure in figures for text in figure.findobj(Text) if isinstance(text, Text)]


def some_pairs(*rows: tuple[str, str, int, float | None]) -> pl.DataFrame:
    """Build pairs from (one, other, families, q)."""
    columns = ("person_a", "person_b", "n_families", "q_value")
    pairs = pl.DataFrame([dict(zip(columns, row, strict=True)) for row in rows], schema=dict(TABLES["pairs"]))
    return pairs.with_columns(n_shares="n_families", p_value="q_value")


def a_cluster(number: int, *people: str) -> dict[str, object]:
    return {"cluster_id": f"cluster-{number}", "person_ids": list(people)}


PAIRS = some_pairs(("Ada", "Ben", 3, 0.0004), ("Cem", "Dua", 2, 0.03), ("Ada", "Cem", 5, 0.4), ("Ben", "Eva", 1, None))
CLUSTERS = pl.DataFrame(
    [a_cluster(1, "Cem", "Dua"), a_cluster(2, "Ada", "Ben", "Zoe")], schema=dict(TABLES["clusters"])
)


def test_people_of_one_cluster_stand_side_by_side_the_others_behind() -> None:
    groups = matrix._groups({"clusters": CLUSTERS}, PAIRS)
    assert groups == [("cluster-2", ["Ada", "Ben"]), ("cluster-1", ["Cem", "Dua"]), (None, ["Eva"])]


def test_without_clusters_everybody_stands_in_one_group() -> None:
    ((cluster, people),) = matrix._groups({}, PAIRS)
    assert cluster is None
    assert sorted(people) == ["Ada", "Ben", "Cem", "Dua", "Eva"]


def test_the_matrix_writes_families_and_q_values(without_bytes: list[Figure]) -> None:
    drawing = draw_matrix({"pairs": PAIRS, "clusters": CLUSTERS})
    assert drawing is not None
    words = words_of(without_bytes)
    assert {"3", "<.001", "5", ".40", ".030", "?"} <= set(words)
    assert "frame: people joined by pairs with a low q" in words
    assert any("not a common order" in line for line in words)
    assert "Unlikely by chance alone (q at most 0.05): 2 of the pairs in the picture, 2 of all." in drawing.alt
    assert "Frames join 2 people, 2 people." in drawing.alt


def test_pairs_with_a_low_q_come_first_where_room_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "MOST_PEOPLE", 4)
    drawing = draw_matrix({"pairs": PAIRS})
    assert drawing is not None
    assert drawing.table.filter("in the picture").select("one person", "the other").rows() == [
        ("Ada", "Ben"),
        ("Cem", "Dua"),
        ("Ada", "Cem"),
    ]
    assert drawing.table.height == 4


def test_people_are_numbered_in_the_table_as_in_the_picture(without_bytes: list[Figure]) -> None:
    drawing = draw_matrix({"pairs": PAIRS, "clusters": CLUSTERS})
    assert drawing is not None
    numbers = dict(drawing.table.select("one person", "number of the one").iter_rows())
    numbers |= dict(drawing.table.select("the other", "number of the other").iter_rows())
    assert numbers == {"Ada": 1, "Ben": 2, "Cem": 3, "Dua": 4, "Eva": 5}
    assert {"1", "5"} <= set(words_of(without_bytes))


def test_many_people_get_cells_without_numbers_of_chance(without_bytes: list[Figure]) -> None:
    many = some_pairs(*((f"p{n:02d}", f"p{n + 1:02d}", 1, 0.02) for n in range(31)))
    assert draw_matrix({"pairs": many}) is not None
    assert ".020" not in words_of(without_bytes)
    assert any("in the table as a number" in line for line in words_of(without_bytes))


def test_there_is_no_matrix_without_pairs() -> None:
    assert draw_matrix({"pairs": PAIRS.clear()}) is None


def test_q_values_are_short_and_never_nought() -> None:
    shown = [show_q(q) for q in (0.0, 0.00099, 0.001, 0.0321, 0.0999, 0.1, 0.996, 1.0, None)]
    assert shown == ["<.001", "<.001", ".001", ".032", ".100", ".10", "1.00", "1.00", "?"]


@given(st.floats(0, 1))
def test_any_q_value_fits_its_cell(q: float) -> None:
    assert len(show_q(q)) <= 5


def some_results(*rows: tuple[str, str, bool, str, float | None]) -> pl.DataFrame:
    """Build results from (setting, value, used, outcome, result)."""
    columns = list(TABLES["sensitivity"])
    return pl.DataFrame([dict(zip(columns, row, strict=True)) for row in rows], schema=dict(TABLES["sensitivity"]))


RESULTS = some_results(
    *(("window_s", "120", False, "n_pairs", 40.0), ("window_s", "60", True, "n_pairs", 31.0)),
    *(("window_s", "1800", False, "n_pairs", 2000.0), ("links", "earliest", False, "kept", 0.84)),
    *(("links", "estimated", True, "kept", 1.0), ("links", "odd", False, "kept", None)),
)


def test_values_stand_in_order_of_size_or_the_one_used_first_with_results_beside_them(
    without_bytes: list[Figure],
) -> None:
    (drawing,) = draw_sensitivity({"sensitivity": RESULTS})
    assert drawing.table.select("setting", "value").rows() == [
        *(("links", "estimated"), ("links", "earliest")),
        *(("window_s", "60"), ("window_s", "120"), ("window_s", "1800")),
    ]
    words = words_of(without_bytes)
    assert {"window in seconds", "pairs", "31", "40", "2,000", "0.84", "1.00", "the value used"} <= set(words)
    assert drawing.alt.endswith("kept 0.84 to 1, 1 as used; pairs 31 to 2,000, 31 as used.")


def test_results_name_no_messages_but_have_the_column() -> None:
    (drawing,) = draw_sensitivity({"sensitivity": RESULTS})
    assert drawing.table.columns[-1] == "message_ids"
    assert drawing.table["message_ids"].list.len().sum() == 0


def test_many_results_go_on_further_pages() -> None:
    many = some_results(*(("window_s", "60", True, f"result {n}", float(n)) for n in range(11)))
    pages = draw_sensitivity({"sensitivity": many})
    assert [page.name for page in pages] == ["sensitivity", "sensitivity-2"]
    assert [page.table.height for page in pages] == [9, 2]
    assert pages[1].title.endswith("(2 of 2)")


def test_the_value_used_is_drawn_though_others_have_no_room(
    monkeypatch: pytest.MonkeyPatch, without_bytes: list[Figure]
) -> None:
    monkeypatch.setattr(sensitivity, "MOST_VALUES", 2)
    many = some_results(*(("coverage", f"{n}", n == 9, "n_links", float(n)) for n in range(10)))
    (drawing,) = draw_sensitivity({"sensitivity": many})
    assert drawing.table.filter("in the picture")["value"].to_list() == ["0", "9"]
    assert "8 more values of the settings are in the table only." in words_of(without_bytes)


def test_settings_with_the_same_results_stand_on_one_page() -> None:
    wide = [(name, "1", True, f"result {n}", 1.0) for name in ("similarity", "coverage") for n in range(6)]
    narrow = [("window_s", "60", True, "result 9", 1.0)]
    pages = draw_sensitivity({"sensitivity": some_results(*wide, *narrow)})
    assert [sorted(set(page.table["setting"])) for page in pages] == [["window_s"], ["coverage", "similarity"]]


def test_known_results_stand_in_a_fixed_order_others_behind() -> None:
    assert sensitivity._in_order({"zest", "n_clusters", "n_shares", "apt"}) == ["n_shares", "n_clusters", "apt", "zest"]


def test_a_setting_that_was_not_varied_is_named_with_the_reason(without_bytes: list[Figure]) -> None:
    still = some_results(("window_s", "not varied", False, "more than 9 shares", None))
    draw_sensitivity({"sensitivity": pl.concat([RESULTS.filter(pl.col("setting") == "links"), still])})
    assert any("Not varied: window in seconds (more than 9 shares)." in line for line in words_of(without_bytes))


def test_there_is_no_picture_without_results() -> None:
    assert draw_sensitivity({}) == []
    assert draw_sensitivity({"sensitivity": some_results(("a", "b", True, "c", None))}) == []


def test_negative_and_zero_results_can_be_drawn() -> None:
    results = some_results(("a", "1", True, "c", 0.0), ("a", "2", False, "c", -3.0))
    (drawing,) = draw_sensitivity({"sensitivity": results})
    assert drawing.alt.endswith("c -3 to 0, 0 as used.")


def test_names_of_settings_are_put_into_words() -> None:
    assert show_setting("n_links") == "links"
    assert show_setting("n_pairs_significant") == "pairs with a low q-value"
    assert show_setting("window_s") == "window in seconds"


@given(st.floats(0, 1e12))
def test_results_are_short(result: float) -> None:
    assert len(show_result(result)) <= 7
