from typing import Any

import polars as pl
from report.invented import Page, Rows, Tables, a_source, a_table, read_page, render, tiny_case

from chatforensics.report.observations import LINE_LIMIT, ROW_LIMIT, SOURCE_LIMIT, view_indicators
from chatforensics.report.sightings import place_messages
from chatforensics.report.words import LEVEL_MEANINGS
from chatforensics.schema import TABLES, empty

TEXTS = {
    "title": "Times that step back",
    "explanation": "Lines put in later rarely fit.",
    "innocent": "Messages arrive late.",
    "resolve": "Another phone's export.",
}


def _view(tables: Tables) -> dict[str, list[Any]]:
    """Return the blocks of each level."""
    full = {name: tables.get(name, empty(name)) for name in TABLES}
    view = view_indicators(full, placed=place_messages(full))
    return {level["level"]: level["blocks"] for level in view["levels"]}


def _observed(*rows: dict[str, Any]) -> pl.DataFrame:
    return a_table("indicators", [TEXTS | row for row in rows])


def _seen(number: str, level: str, source: int, **more: object) -> dict[str, Any]:
    return {"indicator": number, "level": level, "source_ids": [f"source-{source}"], "lines": []} | more


def _page(*rows: dict[str, Any]) -> Page:
    return read_page(render(tiny_case() | {"indicators": _observed(*rows)}))


def test_an_observation_leads_to_the_messages_at_its_lines() -> None:
    (block,) = _view(tiny_case())["contradiction"]
    (row,) = block["rows"]
    assert row["sources"] == ["S1", "S2"]
    assert row["places"] == [{"line": 4, "id": 103}, {"line": 99, "id": None}]
    assert row["ids"] == [103]


def test_a_line_is_looked_up_in_the_first_export_of_its_own_observation_only() -> None:
    rows = [_seen("I-03", "unexplained", 1, lines=[2]), _seen("I-03", "unexplained", 3, lines=[2])]
    (block,) = _view(tiny_case() | {"indicators": _observed(*rows)})["unexplained"]
    assert [row["ids"] for row in block["rows"]] == [[101], [311]]


def test_the_levels_stand_in_their_order_and_observations_without_export_or_lines_are_shown_too() -> None:
    rows: Rows = [
        {"indicator": "I-12", "level": "info"},
        {"indicator": "I-03", "level": "unexplained", "source_ids": ["gone"], "lines": list(range(LINE_LIMIT + 3))},
        {"indicator": "J-05", "level": "contradiction"},
    ]
    levels = _view({"indicators": a_table("indicators", rows)})
    assert {level: [block["indicator"] for block in blocks] for level, blocks in levels.items()} == {
        "contradiction": ["J-05"],
        "unexplained": ["I-03"],
        "info": ["I-12"],
    }
    (row,) = levels["unexplained"][0]["rows"]
    assert (row["sources"], row["more"]) == (["gone"], 3)


def test_the_texts_of_a_kind_are_printed_once_above_all_its_exports() -> None:
    page = _page(*(_seen("I-03", "unexplained", number, value=f"seen {number}") for number in (1, 2)))
    assert all(page.words.count(text) == 1 for text in TEXTS.values())
    assert all(f"seen {number}" in page.words for number in (1, 2))


def test_observations_of_a_kind_beyond_the_limit_are_counted() -> None:
    page = _page(*(_seen("I-03", "unexplained", 1, value=f"v{n:02}") for n in range(ROW_LIMIT + 5)))
    assert f"Showing {ROW_LIMIT} of {ROW_LIMIT + 5} observations" in page.words
    assert f"v{ROW_LIMIT - 1:02}" in page.words
    assert f"v{ROW_LIMIT:02}" not in page.words


def test_information_gives_its_exports_and_one_example_and_cites_nothing() -> None:
    n = SOURCE_LIMIT + 2
    sources = a_table("sources", [a_source(number) for number in range(1, n + 1)])
    rows = [_seen("I-12", "info", number, lines=[1], value=f"v{number:02}") for number in range(1, n + 1)]
    rows.append(_seen("I-12", "info", 1, value="w"))
    tables = {"sources": sources, "indicators": _observed(*rows)}
    (block,) = _view(tables)["info"]
    assert (block["n_sources"], len(block["sources"]), block["more"]) == (n, SOURCE_LIMIT, 2)
    assert [row["value"] for row in block["rows"]] == ["v01"]
    full = {name: tables.get(name, empty(name)) for name in TABLES}
    assert view_indicators(full, placed=place_messages(full))["cited"] == []


def test_each_level_has_a_heading_with_its_meaning_also_where_nothing_was_seen() -> None:
    page = _page(_seen("I-12", "info", 1, value="v"))
    for level, meaning in LEVEL_MEANINGS.items():
        assert f"{level.capitalize()} {meaning}" in page.words
    assert page.words.count(f"{LEVEL_MEANINGS['contradiction']} None.") == 1


def test_the_page_says_that_observations_are_not_added_up_also_where_there_is_none() -> None:
    for page in (_page(), _page(_seen("I-03", "unexplained", 1))):
        assert "They are never added up" in page.words
        assert "None of them shows that an export was altered." in page.words
