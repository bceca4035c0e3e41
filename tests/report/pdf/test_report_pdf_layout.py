"""What the printer is told: nothing of the page is lost, directions are kept apart, tables fit on paper."""

import json
from typing import Any

import pytest
from report.invented import tiny_case

from chatforensics.report.pdf import lay_out
from chatforensics.report.pdf.glyphs import spell_missing
from chatforensics.report.pdf.page import read_page
from chatforensics.report.pdf.runs import find_direction, print_paragraph, read_runs
from chatforensics.report.pdf.tables import share_widths

TABLES = tiny_case()


def blocks_of(body: str) -> list[dict[str, Any]]:
    files = lay_out(f"<html><body>{body}</body></html>", tables=TABLES)
    blocks: list[dict[str, Any]] = json.loads(files["report.json"])["blocks"]
    return blocks


def runs_of(line: str) -> list[tuple[str, str, str]]:
    return [tuple(run) for run in read_runs(read_page(f"<body>{line}</body>").children)]  # type: ignore[misc]


def rows(n: int, *cells: str) -> str:
    return "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>" for _ in range(n))


def test_what_only_a_screen_can_use_is_left_out_and_what_is_folded_is_printed() -> None:
    screen = (
        '<button>a</button><script>b</script><p hidden>c</p><p data-print="no">d</p><section id="explorer">e</section>'
    )
    blocks = blocks_of(f"{screen}<details><summary>More</summary><p>folded</p></details>")
    assert [block["r"] for block in blocks] == [[{"t": "More", "s": "b"}], ["folded"]]


def test_names_and_dates_are_kept_apart_from_what_stands_beside_them() -> None:
    line = '<bdi dir="auto">ناصر</bdi>, <span class="time">2031-03-03</span>'
    assert runs_of(line) == [("\u2068ناصر\u2069, \u20662031-03-03\u2069", "", "")]


def test_spaces_are_folded_as_a_browser_does_and_ends_of_lines_in_messages_stay() -> None:
    assert runs_of("  one\n  <b> two</b> three ") == [("one ", "", ""), ("two", "b", ""), (" three", "", "")]
    (quote,) = blocks_of('<blockquote class="words" dir="auto">one\n  two</blockquote>')
    assert quote["b"][0]["r"] == ["one\n  two"]


@pytest.mark.parametrize(
    ("text", "direction"),
    [("12: سلام hello", "rtl"), ("hello سلام", "ltr"), ("1234", ""), ("👍 שלום", "rtl"), ("", "")],
)
def test_the_first_letter_with_a_direction_decides(text: str, direction: str) -> None:
    assert find_direction(text) == direction


def test_a_message_runs_in_its_own_direction_and_its_sender_in_that_of_the_page() -> None:
    sender, words = blocks_of('<p><b>Wiktor</b> <span class="words" dir="auto">ووٹ دیں</span></p>')
    assert "d" not in sender
    assert (words["d"], words["f"], words["s"]) == ("rtl", "nastaliq", "words")


def test_arabic_that_is_not_urdu_keeps_its_own_letters() -> None:
    paragraph = print_paragraph(read_runs(["السلام عليكم"]), own_direction=True, is_evidence=True)
    assert "f" not in paragraph


def test_a_link_to_a_message_that_is_not_printed_is_plain_text() -> None:
    blocks = blocks_of('<p id="m1"><a href="#m1">S1:1</a> <a href="#m2">S1:2</a></p><p id="m1">again</p>')
    assert blocks[0]["r"] == [{"t": "S1:1", "l": "m1"}, " ", {"t": "S1:2"}]
    assert "id" not in blocks[1]


def test_a_long_table_says_what_is_not_printed() -> None:
    said, table = blocks_of(f"<table><tr><th>a</th><th>b</th></tr>{rows(130, '1', '2')}</table>")
    assert said["r"] == ["Printed here: the first 100 of 130 rows; the page report.html has the others."]
    assert len(table["b"]) == 100


def test_numbers_behind_a_figure_are_printed_in_part() -> None:
    blocks = blocks_of(f"<figure><img src='x' alt=''><table><tr><th>a</th></tr>{rows(30, '1')}</table></figure>")
    assert [block["k"] for block in blocks] == ["p", "table"]
    assert len(blocks[1]["b"]) == 20


def test_a_table_wider_than_paper_becomes_cards_with_each_heading_beside_its_cell() -> None:
    head = "".join(f"<th scope='col'>heading-{number}</th>" for number in range(12))
    (cards,) = blocks_of(f"<table><tr>{head}</tr><tr>{'<td>internationally</td>' * 12}</tr></table>")
    assert cards["k"] == "cards"
    assert [pair[0][0]["r"][0]["t"] for pair in cards["b"][0]] == [f"heading-{number}" for number in range(12)]


def test_a_cell_over_two_columns_reaches_over_two_columns() -> None:
    (table,) = blocks_of("<table><tr><th colspan='2'>both</th></tr><tr><td>a</td><td>b</td></tr></table>")
    assert table["h"][0][0]["x"] == 2
    assert len(table["w"]) == 2


def test_columns_share_the_paper_by_what_they_need() -> None:
    narrow, wide = share_widths([["1", "2"], ["a long explanation of what this is about " * 3]], letters=100)
    assert wide > 5 * narrow
    assert share_widths([["x" * 20]] * 6, letters=100) == []


def test_a_hidden_tag_is_spelled_and_a_flag_of_tags_is_not() -> None:
    flag = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
    assert spell_missing(f"{flag} a\U000e0061") == f"{flag} a⟨U+E0061⟩"


def test_joiners_and_marks_stay_as_they_are() -> None:
    assert spell_missing("ক\u200dখ \u2068a\u2069 ❤\ufe0f → ≥") == "ক\u200dখ \u2068a\u2069 ❤\ufe0f → ≥"


def test_the_print_has_the_language_and_direction_of_the_page() -> None:
    page = '<html lang="en" dir="rtl"><body><p>words</p></body></html>'
    told = json.loads(lay_out(page, tables=TABLES)["report.json"])
    assert (told["lang"], told["dir"], told["words"]["contents"]) == ("en", "rtl", "Contents")
