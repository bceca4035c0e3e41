"""The reply pack: every excerpt that findings rest on, what speaks the other way, and how to contest it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from package.dossiers import ADEYEMI, REPLY, a_dossier
from pypdfium2 import PdfDocument
from report.invented import RUN, Tables, a_message, a_table, read_page, tiny_case

from chatforensics.errors import UsageError
from chatforensics.package.choosing import Choice, Papers, build_dossier
from chatforensics.package.dossier import Dossier
from chatforensics.package.frontsheet import write_front_sheet
from chatforensics.package.replychoice import count_chosen
from chatforensics.package.replypack import choose_for, describe_person, find_person, write_form, write_reply_pack
from chatforensics.package.replyview import view_pack
from chatforensics.package.sheets import fill_tables, render_sheet
from chatforensics.schema import check

MADE_AT = datetime(2031, 4, 1, 10, 0, tzinfo=UTC)
PAYLOAD = '<script>alert(1)</script>\u202e{{ 7 * 7 }}" onmouseover="x'


def _case(**more: pl.DataFrame) -> Tables:
    return fill_tables({**tiny_case(), **more})


def _with_people(*rows: tuple[str, str, list[str]]) -> Tables:
    people = [{"person_id": key, "pseudonym": short, "labels": labels} for key, short, labels in rows]
    return _case(people=a_table("people", people))


def _dossier(tables: Tables, person_id: str, **more: Any) -> Dossier:
    facts = describe_person(tables, person_id=person_id)
    choice = Choice(tuple(choose_for(tables, person_id=person_id)), reply_for=person_id)
    dossier = build_dossier(tables, choice=choice, papers=Papers("Ward case", MADE_AT, {**RUN, "reply_for": facts}))
    return replace(dossier, **more)


def _page(dossier: Dossier) -> str:
    return render_sheet("reply.html.j2", view_pack(dossier))


def _words(dossier: Dossier) -> str:
    return read_page(_page(dossier)).words


def test_a_person_is_found_by_id_pseudonym_and_printed_name_whatever_its_capitals_and_marks() -> None:
    tables = _with_people(
        ("person-1", "P-ABCDE", ["Tomasz Nguyễn", "+44 7700 900123"]), ("person-2", "P-FGHIJ", ["Ime"])
    )
    for wanted in (
        "person-1",
        "P-ABCDE",
        "p-abcde",
        "tomasz  NGUYỄN",
        "~ Tomasz Nguyễn",
        "\u202a+44 7700 900123\u202c",
    ):
        assert find_person(tables, wanted) == "person-1"


def test_a_name_of_two_people_is_refused_with_both() -> None:
    tables = _with_people(("person-1", "P-ABCDE", ["Ime Otero"]), ("person-2", "P-FGHIJ", ["ime otero", "Ime O"]))
    with pytest.raises(UsageError, match=r"2 people.*P-ABCDE, person-1.*P-FGHIJ, person-2"):
        find_person(tables, "Ime Otero")


def test_a_name_of_nobody_is_refused_with_the_names_that_hold_it() -> None:
    tables = _with_people(("person-1", "P-ABCDE", ["Ime Otero\u202e"]))
    with pytest.raises(UsageError, match=r"Names that hold it: Ime Otero\[RLO\] \(P-ABCDE, person-1\)"):
        find_person(tables, "otero")
    with pytest.raises(UsageError, match="Nobody in these exports is 'Solveig'"):
        find_person(tables, "Solveig")
    with pytest.raises(UsageError):
        find_person(tables, "  ")


def test_flagged_messages_shares_conflicts_and_refusals_are_chosen_with_every_copy_and_no_message_of_others() -> None:
    tables = _case()
    assert choose_for(tables, person_id="person-Chioma") == [101, 201]
    assert choose_for(tables, person_id="person-Wiktor") == [102, 103, 202, 203, 310]
    assert choose_for(tables, person_id="person-Ifeoma") == [311]
    assert choose_for(tables, person_id="nobody") == []


def test_everyday_messages_without_a_finding_are_not_chosen() -> None:
    more = [a_message(450 + n, source=3, minute=2000 + n, text="Tea?", sender="Ifeoma") for n in range(3)]
    tables = _case(messages=pl.concat([tiny_case()["messages"], a_table("messages", more)]))
    assert choose_for(tables, person_id="person-Ifeoma") == [311]
    facts = describe_person(tables, person_id="person-Ifeoma")
    assert (facts["n_messages"], facts["n_with_findings"], facts["n_instructions"]) == (4, 1, 1)


@pytest.mark.parametrize(
    ("level", "chosen"), [("info", [311]), ("unexplained", [311, 400]), ("contradiction", [311, 400])]
)
def test_the_line_of_an_observation_without_an_ordinary_cause_is_chosen(level: str, chosen: list[int]) -> None:
    more = a_table("messages", [a_message(400, source=3, minute=2000, text="Tea?", sender="Ifeoma")])
    seen = a_table("indicators", [{"source_ids": ["source-3"], "indicator": "I-03", "level": level, "lines": [2001]}])
    tables = _case(messages=pl.concat([tiny_case()["messages"], more]), indicators=seen)
    assert choose_for(tables, person_id="person-Ifeoma") == chosen


def test_the_messages_of_a_cluster_are_chosen() -> None:
    more = a_table("messages", [a_message(400, source=3, minute=2000, text="Tea?", sender="Ifeoma")])
    cluster = {"cluster_id": "c", "person_ids": ["person-Ifeoma", "person-Wiktor"], "message_ids": [400, 310]}
    tables = _case(messages=pl.concat([tiny_case()["messages"], more]), clusters=a_table("clusters", [cluster]))
    assert choose_for(tables, person_id="person-Ifeoma") == [311, 400]
    words = _words(_dossier(tables, "person-Ifeoma"))
    assert "you and Wiktor" in words
    assert "A group has no leader here" in words


def test_counts_are_of_the_whole_case_with_copies_counted_once() -> None:
    facts = describe_person(_case(), person_id="person-Wiktor")
    assert (facts["n_messages"], facts["n_chats"], facts["n_instructions"]) == (3, 2, 1)
    assert (facts["n_texts_received"], facts["n_texts_passed_on"]) == (1, 1)
    assert facts["other_way"] == [
        {"message_id": 102, "reason": "read as no instruction (probability 0.31)"},
        {"message_id": 103, "reason": "among the next three after an instruction in the same chat, within a day"},
    ]


def test_the_page_says_that_it_is_no_verdict_and_why_the_name_may_be_wrong() -> None:
    words = _words(_dossier(_case(), "person-Wiktor"))
    assert "This is no accusation and no verdict." in words
    assert "The contact name may be wrong" in words
    assert "Several people may use one phone" in words
    assert "does not show who held the phone" in words
    assert "You need not answer." in words


def test_each_excerpt_stands_with_its_places_and_with_what_stands_around_it() -> None:
    page = read_page(_page(_dossier(_case(), "person-Wiktor")))
    assert "S3, line 1, bytes 0 to 100" in page.words
    assert "Vote against Oyelaran Brzeska please" in page.words
    shown = {int(value) for value in page.values("data-exhibit")}
    assert {102, 103, 310, 311} <= shown


def test_a_gap_between_records_is_not_bridged_by_context() -> None:
    far = a_table("messages", [a_message(400, source=3, minute=9, text="Much later", sender="Ifeoma")])
    tables = _case(messages=pl.concat([tiny_case()["messages"], far]))
    page = read_page(_page(_dossier(tables, "person-Wiktor")))
    assert "400" not in page.values("data-exhibit")
    assert "311" in page.values("data-exhibit")


def test_words_and_senders_that_another_export_gives_stand_beside_the_message() -> None:
    tables = _case()
    tables["messages"] = tables["messages"].with_columns(
        person_id=pl.when(pl.col("message_id") == 201).then(pl.lit("person-Ifeoma")).otherwise("person_id")
    )
    words = _words(_dossier(tables, "person-Chioma"))
    assert "This export gives another sender." in words
    differing = _words(_dossier(_case(), "person-Wiktor"))
    assert "Other words here: See you at nine" in differing


def test_sources_and_pairs_stand_with_their_probabilities_and_ordinary_reasons() -> None:
    rows: list[dict[str, Any]] = [
        {"share_id": "share-2", "parent_share_id": "share-1", "probability": 0.7, "rank": 1, "lag_s": 300.0},
        {"share_id": "share-2", "parent_share_id": None, "probability": 0.3, "rank": 2},
    ]
    words = _words(_dossier(_case(links=a_table("links", rows)), "person-Wiktor"))
    assert "Chioma in Ward talk , 5 min before: probability 0.70" in words
    assert "not in the evidence: another chat, another app, or your own words: probability 0.30" in words
    assert "0.04 closer than chance" in words
    assert "working together is lawful" in words


def test_what_speaks_the_other_way_is_counted_and_listed() -> None:
    words = _words(_dossier(_case(), "person-Wiktor"))
    assert "2 of the 3 messages attributed to you in the evidence (67 in 100)" in words
    assert "Why it stands here: read as no instruction (probability 0.31)." in words
    bare = _dossier(_case(), "person-Wiktor")
    without = replace(bare, run={key: value for key, value in bare.run.items() if key != "reply_for"})
    assert "was not counted for this pack" in _words(without)


def test_what_was_recorded_of_the_person_before_is_printed_whole() -> None:
    page = read_page(_page(a_dossier(reply_for=ADEYEMI)))
    assert REPLY in page.words
    assert any("redaction" in value for value in page.values("class"))


def test_hostile_words_stay_words_and_nothing_points_outside() -> None:
    tables = _case()
    tables["messages"] = tables["messages"].with_columns(
        text=pl.lit(PAYLOAD), sender_label=pl.when(pl.col("sender_label").is_not_null()).then(pl.lit(PAYLOAD))
    )
    tables["people"] = tables["people"].with_columns(labels=pl.lit([PAYLOAD]))
    dossier = _dossier(tables, "person-Wiktor", title=PAYLOAD)
    view = view_pack(dossier)
    for name in ("reply.html.j2", "reply-form.html.j2"):
        html = render_sheet(name, view)
        page = read_page(html)
        assert {tag for tag, _ in page.tags}.isdisjoint({"script", "img", "iframe", "form", "input", "link", "a href"})
        assert all(value.startswith("#") for value in page.values("href"))
        assert not [key for _, attrs in page.tags for key in attrs if key.startswith("on") or key in {"style", "src"}]
        assert "\u202e" not in html
        assert "49" not in page.words.replace("149", "")
    assert "\u202e" not in write_form(view)


def test_links_on_the_page_lead_to_places_on_it() -> None:
    page = read_page(_page(_dossier(_case(), "person-Wiktor")))
    assert {value.removeprefix("#") for value in page.values("href")} <= set(page.values("id"))
    assert len(page.values("id")) == len(set(page.values("id")))


def test_the_page_both_forms_and_the_front_sheet_count_alike() -> None:
    dossier = _dossier(_case(), "person-Wiktor")
    view = view_pack(dossier)
    counts = view["counts"]
    assert (counts["n"], counts["n_found"], counts["n_others"]) == (3, 2, 1)
    assert counts["n_found"] == counts["n_flagged"] + counts["n_review"] + counts["n_rest"]
    assert count_chosen(dossier.tables, person_id="person-Wiktor", ticked=dossier.ticked) == (3, 2)
    words = _words(dossier)
    assert "3 messages attributed to you are in this pack" in words
    assert "2 on which findings rest" in words
    assert "1 that speaks the other way. It is shown too, in section 4 , and needs no answer." in words
    sheet = " ".join(write_front_sheet(dossier, files={}, public_key=None).decode().split())
    assert "holds 3 messages from exports of WhatsApp chats: 2 on which findings rest, and 1 that speak" in sheet
    assert "2 messages on which findings rest." in write_form(view)


def test_a_form_asks_of_messages_close_in_time_only_where_there_are_some() -> None:
    dossier = _dossier(_case(), "person-Wiktor")
    alone = replace(dossier, tables={**dossier.tables, "pairs": dossier.tables["pairs"].clear()})
    for one, is_asked in ((dossier, True), (alone, False)):
        view = view_pack(one)
        assert ("Sent close in time" in write_form(view)) is is_asked
        assert ("Sent close in time" in render_sheet("reply-form.html.j2", view)) is is_asked


def test_the_page_says_that_a_reply_is_redacted_in_packages_and_whole_in_reports() -> None:
    words = _words(_dossier(_case(), "person-Wiktor"))
    assert "Every later report of this case prints it whole" in words
    assert "names and words that are taken out elsewhere are taken out of your reply as well" in words


def test_a_message_at_the_edge_of_the_threshold_is_said_to_be_there() -> None:
    tables = _case()
    label = {"message_id": 101, "label": "slate_instruction", "probability": 0.4, "decision": "flag"}
    tables["labels"] = a_table("labels", [label])
    dossier = _dossier(tables, "person-Chioma")
    run = {**dossier.run, "model": {"thresholds": {"slate_instruction": [0.12, 0.39]}}}
    assert "probability 0.40, just above the threshold; read it" in _words(replace(dossier, run=run))


def test_both_forms_ask_for_each_message_that_findings_rest_on_and_whether_to_print_the_reply() -> None:
    view = view_pack(_dossier(_case(), "person-Wiktor"))
    typed = write_form(view)
    printed = read_page(render_sheet("reply-form.html.j2", view)).words
    found = [item["number"] for item in view["found"]]
    assert [number for number in (1, 2, 3) if f"Message {number} (" in typed] == found
    for words in ("THIS IS ME", "NOT AS I SENT IT", "CONTEXT IS MISSING", "WHAT WAS COMPUTED", "DOCUMENTS", "PRINTED?"):
        assert words in typed
        assert words.casefold() in printed.casefold()


def test_the_files_of_a_pack_are_the_same_each_time_and_the_paper_says_what_the_page_says() -> None:
    dossier = _dossier(_case(), "person-Chioma")
    files = write_reply_pack(dossier)
    assert sorted(files) == ["reply-form.html", "reply-form.txt", "reply.html", "reply.pdf"]
    assert write_reply_pack(dossier) == files
    paper = "".join(page.get_textpage().get_text_bounded() for page in PdfDocument(files["reply.pdf"]))
    assert "no accusation and no verdict" in " ".join(paper.split())
    assert "select Oyelaran Brzeska" in paper


def test_the_package_of_nobody_has_no_reply_pack() -> None:
    with pytest.raises(UsageError, match="of no person"):
        write_reply_pack(a_dossier())


def test_a_person_of_whom_nothing_is_in_the_package_gets_a_page_that_says_so() -> None:
    empty = {name: frame.clear() for name, frame in _case().items()}
    words = _words(
        a_dossier(tables={name: check(frame, table=name) for name, frame in empty.items()}, reply_for="gone")
    )
    assert "No finding rests on a message attributed to you." in words
