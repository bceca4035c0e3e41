import polars as pl
from report.invented import RUN, SUMMARY, Tables, a_source, a_table, read_page, tiny_case

from chatforensics.report.sightings import Row
from chatforensics.report.templating import make_environment
from chatforensics.report.view import build_view


def _view(tables: Tables, **more: object) -> Row:
    run = {**RUN, **more}
    return build_view(tables, drawings=[], run=run, summary=SUMMARY, pictures={})


def _page(tables: Tables) -> str:
    return read_page(make_environment().get_template("front.html.j2").render(_view(tables))).words


def test_the_first_screen_counts_what_was_received_and_what_failed() -> None:
    words = _page(tiny_case())
    assert "3 exports from 3 phones. Who made the exports of 3 phones is not shown." in words
    assert "2 chats : Allotments , Ward talk ." in words
    assert "10 records , which are 6 distinct messages" in words
    assert "1 file could not be read" in words
    assert "1 chat of 2 stands in one export only" in words


def test_an_export_is_from_whom_somebody_declared_else_from_whom_the_files_show() -> None:
    tables = tiny_case()
    sources = [a_source(number, custodian_id="person-Chioma") for number in (1, 2, 3)]
    declared = a_table("sources", sources).with_columns(declared_custodian=pl.Series([None, None, "Ifeoma O"]))
    tables["sources"] = declared.with_columns(folder=pl.Series(["one", "one", None], dtype=pl.String))
    received = _view(tables)["front"]["received"]
    assert received["owners"] == [{"name": "Chioma", "n": 2}, {"name": "Ifeoma O", "n": 1}]
    assert (received["n_phones"], received["n_unknown"]) == (2, 0)


def test_flagged_messages_are_counted_once_and_beside_what_the_probabilities_expect() -> None:
    labels = _view(tiny_case())["front"]["labels"]
    assert labels == {"n_flag": 2, "n_review": 1, "expected_flag": 2, "expected_review": 1}
    assert "2 messages are flagged" in _page(tiny_case())


def test_the_leading_text_is_told_with_the_range_of_what_is_not_known() -> None:
    tables = tiny_case()
    rows = [("reach", 3.0, 3.0, 3.0), ("n_shares", 2.0, 2.0, 2.0), ("n_trees", 1.0, 2.0, 2.0)]
    tables["cascades"] = a_table(
        "cascades",
        [
            {"family_id": "family-1", "measure": key, "value": low, "low": low, "middle": middle, "high": high}
            for key, low, middle, high in rows
        ],
    )
    words = _page(tables)
    assert "Text 1 , the text with most flagged messages" in words
    assert "Of its 2 shares, 2 (1–2) have no source in the evidence." in words


def test_what_it_cannot_show_is_said_in_both_directions() -> None:
    words = _page(tiny_case())
    assert words.count("does not show") == words.count(", nor that") == 5


def test_nothing_found_is_not_said_to_be_nothing_there() -> None:
    tables = tiny_case()
    for name in ("labels", "pairs", "shares", "links"):
        tables[name] = tables[name].clear()
    assert "No message was flagged or left open. This does not show that there was none." in _page(tables)


def test_an_interpretation_bears_a_name_and_one_without_is_left_out() -> None:
    given = [{"who": "Ngozi Lindqvist", "words": "I take it for a joke.", "message_ids": [101]}, {"words": "So it is."}]
    view = _view(tiny_case(), interpretations=given)
    words = read_page(make_environment().get_template("interpretations.html.j2").render(view)).words
    assert "Interpretation by Ngozi Lindqvist" in words
    assert "So it is." not in words
    assert "no words stand with them: 1." in words
    assert 101 in view["appendix"]["printed"]


def test_without_an_interpretation_there_is_no_such_section() -> None:
    assert "interpretations" not in _view(tiny_case())["sec"]


def _read_otherwise(*rows: tuple[str, str, float | None]) -> Tables:
    tables = tiny_case()
    columns = ("setting", "value", "result")
    more = {"outcome": "n_pairs_significant", "used": False}
    tables["sensitivity"] = a_table("sensitivity", [dict(zip(columns, row, strict=True)) | more for row in rows])
    return tables


def test_where_another_reading_gives_pairs_the_first_screen_says_so_and_leads_there() -> None:
    tables = _read_otherwise(("window_s", "120", 1.0), ("window_s", "60", 0.0), ("clock", "an hour later", 2.0))
    tables["pairs"] = tables["pairs"].with_columns(q_value=pl.lit(0.9))
    words = _page(tables)
    assert (
        "In 2 of 3 other readings there is at least one (changed: window of closeness; reading of the clocks)" in words
    )


def test_where_another_reading_takes_the_pairs_away_the_first_screen_says_so() -> None:
    tables = _read_otherwise(("window_s", "120", 1.0), ("similarity", "0.5", 0.0), ("phone left out", "S1", 0.0))
    tables["pairs"] = tables["pairs"].with_columns(q_value=pl.lit(0.01))
    assert "In 1 of 2 other readings there is none (changed: likeness of texts)" in _page(tables)


def test_where_no_other_reading_moves_the_pairs_nothing_is_said() -> None:
    tables = _read_otherwise(("window_s", "120", 0.0))
    tables["pairs"] = tables["pairs"].with_columns(q_value=pl.lit(0.9))
    assert "other readings" not in _page(tables)
