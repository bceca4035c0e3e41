"""The forms: filled with what the case knows, and empty where only a person can know."""

from functools import cache

import pytest
from package.dossiers import FIRST, RECORDS, SECOND, a_dossier
from pypdfium2 import PdfDocument
from report.invented import Page, read_page

from chatforensics.package.forms import CUSTODY, STATEMENT, render_forms, write_forms


@cache
def _page(name: str) -> Page:
    return read_page(render_forms(a_dossier())[name])


@cache
def _files() -> dict[str, bytes]:
    return write_forms(a_dossier())


def test_each_form_is_written_as_a_page_and_on_paper() -> None:
    assert sorted(_files()) == [
        "forms/chain-of-custody.html",
        "forms/chain-of-custody.pdf",
        "forms/statement.html",
        "forms/statement.pdf",
    ]


@pytest.mark.parametrize(
    "fact",
    [
        FIRST * 4,
        SECOND * 4,
        "Who made the export Piotr Zielony",
        "Who made the export unknown",
        "Kind of source exported by somebody in the chat",
        "How it came to us by memory stick, from his hand, 2031-03-31",
        "On what lawful basis it is used unknown",
        "2031-04-01 09:02:00 R. Okafor-Lindqvist export added and copied",
        "Hand-over 6",
        "Received by: name and signature",
        "Purpose",
    ],
)
def test_the_chain_of_custody_says(fact: str) -> None:
    assert fact in _page(CUSTODY).words


def test_the_statement_holds_the_hashes_and_nothing_that_only_the_person_can_know() -> None:
    words = _page(STATEMENT).words
    assert FIRST * 4 in words
    assert SECOND * 4 in words
    known = ("Fairphone", "2031-03-30", "memory stick", "Okafor", *{said.sender for said in RECORDS if said.sender})
    assert [each for each in known if each in words] == []


@pytest.mark.parametrize(
    "words",
    ["This is no legal advice.", "other jurisdictions want other words", "The words above are mine.", "Signature"],
)
def test_the_statement_says(words: str) -> None:
    assert words in _page(STATEMENT).words


@pytest.mark.parametrize("name", [CUSTODY, STATEMENT])
def test_each_place_to_write_in_is_empty_and_has_a_name_of_its_own(name: str) -> None:
    fields = [attrs for _, attrs in _page(name).tags if attrs.get("role") == "textbox"]
    labels = [attrs["aria-label"] for attrs in fields]
    assert len(labels) > 10
    assert len(set(labels)) == len(labels)
    assert "></div>" in render_forms(a_dossier())[name]


@pytest.mark.parametrize("name", [CUSTODY, STATEMENT])
def test_paper_has_lines_to_write_on_and_nothing_attached(name: str) -> None:
    document = PdfDocument(_files()[f"{name}.pdf"])
    text = "".join(page.get_textpage().get_text_range() for page in document)
    assert text.count("_" * 20) > 20
    assert document.count_attachments() == 0


def test_equal_dossiers_give_equal_forms() -> None:
    assert write_forms(a_dossier()) == _files()


def test_a_case_of_which_nothing_is_known_has_forms_that_say_so() -> None:
    pages = render_forms(a_dossier(tables={}, answers=(), log=()))
    assert all("No export is named." in read_page(page).words for page in pages.values())
