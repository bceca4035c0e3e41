"""The printed report: what a reader of the file finds in it."""

import json
from functools import cache

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import escape
from pypdfium2 import PdfDocument
from report.invented import tiny_case

from chatforensics.report.pdf import render_pdf
from chatforensics.text import show_controls

NO_TABLES = {name: tiny_case()[name].clear() for name in ("messages", "sources")}
HOSTILE = (
    '#panic("stop")',
    '#read("/etc/passwd")',
    '#import "@preview/nothing:1.0.0"',
    r"$\frac{1}{$ *bold* _under_ = heading <label> @nobody",
    "#set page(width: 1pt)] #{ let x = 1",
    "<script>alert(1)</script> &lt; ]]> <!-- -->",
    "\\u{41} \\n // comment /* open",
    "```` ` raw",
)
PAGE = """<html><head><title>no</title></head><body><header><h1>What these chat exports show</h1></header>
<nav class="contents"><h2>Contents</h2><ol><li>not printed twice</li></ol></nav>
<main><section id="figures"><h2><span class="n">1</span> Figures</h2><p>See <a href="#m101">S1:2</a>.</p>
<figure><h3 id="figure-1">Figure 1. Messages per day</h3><img alt="Four on one day." src="data:image/svg+xml;base64,
PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSI5MHB0IiBoZWlnaHQ9IjMwcHQiPjwvc3ZnPg=="></figure>
</section><section id="appendix"><h2><span class="n">2</span> Cited messages</h2><div class="excerpt"><h3>S1</h3><ol>
<li data-exhibit="101" id="m101" class="cited"><p class="place">line 2</p><p class="said"><b>Chioma</b> words</p></li>
<li data-exhibit="102" class="context"><p class="place">line 3</p><p class="said"><b>Wiktor</b> words</p></li>
</ol></div></section></main></body></html>""".replace("base64,\n", "base64,")


def as_page(*texts: str) -> str:
    """Return a page that quotes each text, as our templates do."""
    quotes = "".join(
        f'<blockquote class="words" dir="auto">{escape(show_controls(text))}</blockquote>' for text in texts
    )
    return f"<html><body><h1>Title</h1><main>{quotes}</main></body></html>"


def words_of(document: bytes) -> str:
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in PdfDocument(document)).split())


def words_of_texts(*texts: str) -> str:
    return words_of(render_pdf(as_page(*texts), tables=NO_TABLES))


@cache
def a_document() -> bytes:
    return render_pdf(PAGE, tables=tiny_case())


def test_words_in_english_bengali_and_arabic_come_back_from_the_file() -> None:
    words = words_of_texts("Vote on Thursday", "ভোট দিন বৃহস্পতিবার", "السلام عليكم")
    for text in ("Vote on Thursday", "ভোট দিন বৃহস্পতিবার", "السلام عليكم"):
        assert text in words


def test_whatever_a_message_says_is_printed_and_never_obeyed() -> None:
    printed = words_of_texts(*HOSTILE).replace(" ", "")
    for text in HOSTILE:
        assert text.replace(" ", "") in printed


def test_a_text_that_turns_the_direction_is_printed_with_its_mark() -> None:
    assert "[RLO]gpj.exe" in words_of_texts("\u202egpj.exe")


def test_a_character_without_a_letter_of_ours_is_printed_by_its_number() -> None:
    assert "⟨U+4E2D⟩ and" in words_of_texts("中 and")


def test_a_word_wider_than_paper_is_broken_not_cut() -> None:
    document = PdfDocument(render_pdf(as_page("w" * 900), tables=NO_TABLES))
    page = document[0].get_textpage()
    places = [page.get_charbox(index) for index in range(page.count_chars()) if page.get_text_range(index, 1) == "w"]
    assert len(places) == 900
    assert max(right for _, _, right, _ in places) < document[0].get_width()


def test_the_messages_of_the_exhibits_are_attached_as_exported_with_their_places() -> None:
    attachment = PdfDocument(a_document()).get_attachment(0)
    rows = [json.loads(line) for line in bytes(attachment.get_data()).decode().splitlines()]
    columns = ["message_id", "sha256", "line", "byte_start", "byte_end", "sender_label", "text"]
    case = tiny_case()
    known = case["messages"].join(case["sources"].select("source_id", "sha256"), on="source_id")
    expected = known.filter(pl.col("message_id").is_in([101, 102])).sort("message_id")
    assert attachment.get_name() == "messages.jsonl"
    assert pl.DataFrame(rows).select(columns).rows() == expected.select(columns).rows()
    assert rows[0]["sent_local"] == "2031-03-03T19:41:00.000000"
    assert rows[0]["sent_at"] == "2031-03-03T19:41:00Z"


def test_the_file_is_tagged_and_names_its_language_and_title_and_no_date() -> None:
    told = PdfDocument(a_document()).get_metadata_dict()
    assert PdfDocument(a_document()).is_tagged()
    assert b"/Lang(en)" in a_document().replace(b" ", b"")
    assert told["Title"] == "What these chat exports show"
    assert told["CreationDate"] == told["ModDate"] == ""


def test_the_contents_list_sections_and_figures_with_their_pages() -> None:
    titles = [entry.get_title() for entry in PdfDocument(a_document()).get_toc()]
    assert [title for title in titles if title[0].isdigit()] == ["1 Figures", "2 Cited messages"]
    assert words_of(a_document()).count("Figure 1. Messages per day") == 2
    assert "not printed twice" not in words_of(a_document())


def test_a_picture_brings_its_description() -> None:
    assert "Four on one day.".encode("utf-16-be") in a_document() or b"Four on one day." in a_document()


def test_pages_are_numbered() -> None:
    pages = PdfDocument(a_document())
    last = pages[len(pages) - 1].get_textpage().get_text_range()
    assert f"page {len(pages)} of {len(pages)}" in last


def test_the_same_report_gives_the_same_bytes() -> None:
    assert render_pdf(PAGE, tables=tiny_case()) == render_pdf(PAGE, tables=tiny_case())


def test_no_standard_for_archives_or_access_is_claimed() -> None:
    assert b"pdfaid" not in a_document()
    assert b"pdfuaid" not in a_document()


@settings(max_examples=10, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=30))
def test_any_texts_can_be_printed(texts: list[str]) -> None:
    assert len(PdfDocument(render_pdf(as_page(*texts), tables=NO_TABLES))) > 0


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(max_size=400), min_size=1, max_size=60))
def test_any_long_texts_can_be_printed(texts: list[str]) -> None:
    assert len(PdfDocument(render_pdf(as_page(*texts), tables=NO_TABLES))) > 0


def test_the_list_of_figures_has_those_told_in_words_in_the_order_of_their_numbers() -> None:
    told = '<details><summary>more</summary><div class="told"><h3 id="figure-2">Figure 2. Told</h3></div></details>'
    third = PAGE[PAGE.index("<figure>") : PAGE.index("</figure>") + 9].replace("figure-1", "figure-3")
    third = third.replace("Figure 1. Messages per day", "Figure 3. Drawn")
    words = words_of(render_pdf(PAGE.replace("</figure>", f"</figure>{told}{third}"), tables=NO_TABLES))
    assert words.index("Figure 1. Messages") < words.index("Figure 2. Told") < words.index("Figure 3. Drawn")
    assert words.index("Figure 3. Drawn") < words.index("See S1:2")
    assert words.count("Figure 2. Told") == 2
