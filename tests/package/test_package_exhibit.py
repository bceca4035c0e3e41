"""The exhibit: what a panel, a lawyer or a court finds on the page and on paper, and what can never get out of it."""

import hashlib
import json
import re
from functools import cache
from typing import Any

import polars as pl
import pytest
from package.dossiers import (
    ADEYEMI,
    FIRST,
    REPLY,
    SECOND,
    SLATE,
    TITLE,
    a_dossier,
    a_log,
    a_reply,
    a_run,
    a_table,
    some_tables,
    tables_saying,
)
from pypdfium2 import PdfDocument
from report.hostile import PAYLOADS
from report.invented import Page, read_page

from chatforensics.package import exhibitrows
from chatforensics.package.exhibit import render_exhibit, write_exhibit
from chatforensics.package.exhibitrows import number_exhibits
from chatforensics.package.measured import describe_measured_model
from chatforensics.report import pdf

FACTS = {
    "the first line": "An export cannot by itself show that a message was sent. Keep the phone. Ask another",
    "the title": TITLE,
    "how many exhibits": "Exhibits E1 to E2",
    "the hash of an export": FIRST * 4,
    "the hash of the other": SECOND * 4,
    "who exported": "Who made the export Piotr Zielony",
    "the lawful source": "source: exported by somebody in the chat",
    "an unknown source": "exported by: unknown ; source: unknown",
    "unknown answers, each named": "unknown Who made the export; on which phone and system;",
    "how much of an export is here": "7 of 240",
    "how much of the other is here": "7 of 251",
    "sender, as one phone showed it": "Nkechi Adeyemi as the phone that made the export showed it",
    "the time as an interval": "by that phone's clock it lies between 2031-03-03 19:42:00 and 19:42:59",
    "the time in UTC with its doubt": "2031-03-03 19:42:00 to 19:42:59, give or take 60 s zone of the case, assumed",
    "line, bytes and id": "S2, line 102, bytes 12400 to 12600, message 1002",
    "the mark of an edit": "edited: only the last wording is printed",
    "a label with probability and thresholds": "flag , probability 0.93 (flag from 0.39, review from 0.12)",
    "a label that is unsure": "review , probability 0.41",
    "why": "It asks for support of a person, list or option, by the words “vote for Oyelaran Brzeska”.",
    "how often that is right": "67 of 100 such flags were right on public texts",
    "that no model measured it": "These figures belong to another model.",
    "whom the words speak of": "support Oyelaran Brzeska",
    "what other exports hold": "Agree. Exports of the chat agree on it. Held by S1 , S2 , 2 of them",
    "a copy with its own clock": "S1, line 102: Nkechi Adeyemi , 2031-03-03 19:42:19 ; the same words",
    "where exports differ": "Text conflict. Exports of the chat give different words.",
    "the other wording": "other words: No. I will not vote as told. I live at",
    "an observation": "J-05, unexplained Different words : 1 message with different words: line 104 here.",
    "its innocent causes": "Innocent causes: The message was edited after one of the exports was made.",
    "what would settle it": "What would settle it: The message's details on either phone",
    "a reply": REPLY,
    "a missing offer of one": "Not offered. We, who keep the case, have asked Piotr Zielony for no reply",
    "the warning of it": "a reply to 1 person whose words are exhibits here. That is an omission of ours",
    "what was read as no instruction": "E2 : read as no instruction (probability 0.31)",
    "that this is a choice": "This is a choice.",
    "what was near the subject": "among the next three after an instruction in the same chat, within a day",
    "what was taken out": "words home address 1 2",
    "who reviewed it": "Reviewed by S. Mbeki-Larsen",
    "the head of the log": hashlib.sha256(a_log()[-1].encode()).hexdigest(),
    "that the log hangs together": "Each line names the hash of the line before it",
    "how to look up a message": "tail -c +12401 CHAT.txt | head -c 200",
    "how to check": "python3 -I verify.py --key PUBLIC_KEY",
    "that no person interpreted": "None. The program makes none, and no named person added one.",
    "that no code was followed": "was not carried out under the Forensic Science Regulator's Code",
}


@cache
def _calm() -> Page:
    return read_page(render_exhibit(a_dossier()))


@cache
def _files() -> dict[str, bytes]:
    return write_exhibit(a_dossier())


def _words(**more: Any) -> str:
    return read_page(render_exhibit(a_dossier(**more))).words


@pytest.mark.parametrize("fact", FACTS.values(), ids=FACTS)
def test_the_page_says(fact: str) -> None:
    assert fact in _calm().words


def test_the_words_that_carried_a_label_are_marked_and_names_and_redactions_apart() -> None:
    html = render_exhibit(a_dossier())
    assert '<mark title="endorse: en.vote_name; slate_instruction: en.vote_name">vote for </mark>' in html
    assert re.search(r'<mark class="name" title="[^"]*name: support[^"]*">Oyelaran Brzeska</mark>', html)
    assert '<span class="redaction mark-used">[phone P-7QK2ABCDEF]</span>' in html
    assert '<span class="redaction mark-used">[withheld 1: home address]</span>' in html


def test_a_ticked_message_stands_between_its_neighbours_in_the_order_of_the_file() -> None:
    kinds = [(attrs["class"], attrs["data-exhibit"]) for tag, attrs in _calm().tags if "data-exhibit" in attrs]
    assert [int(number or 0) for _, number in kinds] == [*range(1000, 1007)]
    assert [int(number or 0) for kind, number in kinds if kind != "context"] == [1002, 1004]


def test_copies_in_another_export_are_counted_and_not_printed_as_context() -> None:
    assert "Printed: 2 exhibits and 5 records of context. 7 further records in this package are not printed" in (
        _calm().words
    )


def test_exhibits_are_numbered_by_their_place_and_not_by_the_order_of_ticking() -> None:
    assert number_exhibits(a_dossier(ticked=(1004, 2004, 1002))) == {2004: "E1", 1002: "E2", 1004: "E3"}


def test_a_ticked_copy_is_said_to_be_the_same_message() -> None:
    assert "( E1 , the same message)" in _words(ticked=(1002, 2002))


def test_an_id_that_is_in_no_table_is_said_to_be_missing() -> None:
    assert "1 chosen message is not in the tables of this package" in _words(ticked=(1002, 77))


def test_more_exhibits_than_are_printed_are_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exhibitrows, "EXHIBIT_LIMIT", 1)
    assert "Printed here: the first 1 of 2 chosen messages." in _words()


def test_a_file_that_was_sent_is_named_with_its_hash_and_not_shown() -> None:
    tables = some_tables()
    found = tables["attachments"].with_columns(
        status=pl.lit("tied"), sha256=pl.lit("d4" * 32), size_bytes=pl.lit(512, pl.Int64)
    )
    words = _words(ticked=(1005,), tables={**tables, "attachments": found})
    assert f"IMG-20310303-WA0001.jpg : {'d4' * 32} , 512 bytes (tied); not shown here" in words
    assert "IMG-20310303-WA0001.jpg : missing, so that there is no hash" in _words(ticked=(1005,))


def test_a_deleted_message_is_an_exhibit_without_words() -> None:
    words = _words(ticked=(1006,))
    assert "deleted by Piotr Zielony : its words are in no file" in words
    assert "deleted, no words in the export" in words


def test_words_read_in_a_picture_stand_with_their_doubt() -> None:
    picture = {"message_id": 1005, "text": "WOTE for nobody", "status": "read"}
    words = _words(ticked=(1005,), tables={**some_tables(), "pictures": a_table("pictures", [picture])})
    assert "Words in the picture, as a machine read them WOTE for nobody Such a reading has mistakes" in words


def test_a_package_of_nothing_is_a_page_that_says_so() -> None:
    words = _words(tables={}, ticked=(), run={}, answers=(), log=(), replies=(), redactions=())
    assert "No export is named." in words
    assert "No message was chosen." in words
    assert "No custody log came with these files." in words


def test_a_broken_chain_is_said_where_it_breaks() -> None:
    lines = a_log()
    edited = lines[1].replace("Okafor", "Okoye")
    assert "Does not hold at line 3:" in _words(log=(lines[0], edited, lines[2]))
    assert "Does not hold at line 2:" in _words(log=(lines[0], "no json"))


def test_a_reply_pack_that_nobody_offered_counts_as_not_offered() -> None:
    words = _words(replies=(a_reply() | {"status": "pack made", "text": ""},))
    assert "We, who made this package, have not yet offered a reply to 2 people" in words


def test_one_person_stands_once_with_the_status_reached_last_and_the_steps_before_it() -> None:
    entries = [
        {"status": "pack made", "recorded_on": "2031-03-29"},
        {"status": "offered", "on": "2031-03-30"},
        {"status": "replied", "text": "I disagree.", "on": "2031-03-31", "how": "by post"},
        {"status": "pack made", "recorded_on": "2031-04-01"},
    ]
    words = _words(replies=({"person_id": ADEYEMI, "label": "Nkechi Adeyemi", "entries": entries},))
    reached = "replied, 2031-03-31 ( by post )"
    steps = "reply pack made, recorded on 2031-03-29 ; offered, 2031-03-30 ; reply pack made, recorded on 2031-04-01"
    assert f"Nkechi Adeyemi {reached} {steps} Piotr Zielony not offered" in words
    assert words.count("no reply recorded") == 0
    assert "I disagree." in words


def test_a_reply_is_said_to_be_redacted_like_everything_else_in_the_package() -> None:
    assert "names and words that are taken out elsewhere are taken out of it, too: redactions.csv" in _words()
    assert "taken out of it, too" not in _words(replies=())


def test_names_on_a_slate_are_said_to_stay_where_their_number_is_known() -> None:
    words = _words(run=a_run() | {"package": {"n_slate_names_shown": 3}})
    assert "Among them are the whole names of 3 people who are otherwise under pseudonyms here." in words
    assert "Names on a slate stay" not in _words()
    assert "Names on a slate stay" not in _words(run=a_run() | {"package": {"n_slate_names_shown": "<b>"}})


def test_a_log_that_stays_in_the_case_is_named_by_its_head() -> None:
    words = _words(log=(), head=(7, "ab" * 32))
    assert "The log is kept in the case; its head is here, and in custody/head.json . Entries 7 Head of" in words
    assert "ab" * 32 in words
    older = _words(log=(), run=a_run() | {"case": {"log_entries": 5, "log_head": "cd" * 32}})
    assert f"The log is kept in the case; its head is {'cd' * 32} , of 5 entries" in older


def test_a_reply_stands_in_full_once_beside_the_exhibits_and_once_in_its_section() -> None:
    tables = some_tables()
    same = tables["messages"].with_columns(person_id=pl.lit(ADEYEMI))
    assert _words(ticked=(1002, 1004), tables={**tables, "messages": same}).count(REPLY) == 2


def test_an_interpretation_needs_a_name() -> None:
    given = [{"who": "T. Okonjo", "words": "I read this as a joke."}, {"who": " ", "words": "It was planned."}]
    words = _words(run=a_run() | {"interpretations": given})
    assert "Interpretation by T. Okonjo" in words
    assert "It was planned." not in words


def test_the_figures_stand_without_a_warning_where_the_model_is_the_one_that_was_measured() -> None:
    run = a_run()
    run["model"] |= {"sha256": describe_measured_model()}
    assert "another model" not in _words(run=run)


# ---- on paper


def _read_pdf(document: bytes) -> list[str]:
    return [" ".join(page.get_textpage().get_text_range().split()) for page in PdfDocument(document)]


def test_paper_holds_the_exhibits_with_their_places_and_the_lawful_source_on_its_first_page() -> None:
    pages = _read_pdf(_files()["exhibit.pdf"])
    whole = " ".join(pages)
    assert "source: exported by somebody in the chat" in pages[0]
    assert "An export cannot by itself show that a message was sent." in pages[0]
    assert "We have offered no reply to 1 person" in pages[0]
    for words in (
        "E1 Nkechi Adeyemi 2031-03-03 19:42",
        "E2 Piotr Zielony",
        "bytes 12400 to 12600, message 1002",
        REPLY,
    ):
        assert words in whole


def test_the_words_of_exhibits_and_context_are_attached_to_the_paper() -> None:
    attached = bytes(PdfDocument(_files()["exhibit.pdf"]).get_attachment(0).get_data()).decode()
    rows = [json.loads(line) for line in attached.splitlines()]
    assert [row["message_id"] for row in rows] == [*range(1000, 1007)]
    assert rows[2]["text"] == SLATE


@pytest.mark.slow
def test_what_a_message_says_is_printed_and_no_file_is_read_for_it() -> None:
    orders = (
        '#read("/etc/passwd")',
        '#image("/etc/hostname")',
        "file:///etc/hostname",
        '<img src="file:///etc/hostname">',
    )
    document = write_exhibit(a_dossier(tables=tables_saying("\n".join((*orders, *PAYLOADS)))))["exhibit.pdf"]
    printed = "".join(_read_pdf(document)).replace(" ", "").replace("\u200b", "").replace("\ufffe", "")
    for order in orders:
        assert order.replace(" ", "") in printed
    assert "root:x:0:0" not in printed


@pytest.mark.parametrize(
    "order", ['#read("/etc/passwd")', '#read("/../../../../../../etc/passwd")', '#read("../../x")']
)
def test_the_printer_itself_has_no_file_of_the_disk_in_reach(order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "lay_out", lambda _page, **_tables: {"main.typ": order.encode()})
    with pytest.raises(Exception, match=r"file not found|access|escape|outside"):
        pdf.render_pdf("", tables=some_tables())


@pytest.mark.slow
def test_equal_dossiers_give_equal_bytes_whatever_the_order_of_their_tables() -> None:
    tables = some_tables()
    turned = {name: tables[name].reverse() for name in sorted(tables, reverse=True)}
    assert write_exhibit(a_dossier(tables=turned)) == _files()
