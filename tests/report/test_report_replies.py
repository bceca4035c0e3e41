"""Replies in the report: the warning on the first page, marks beside findings, and each reply whole."""

import json

import pytest
from report.invented import RUN, SUMMARY, Page, Tables, a_table, read_page, render, tiny_case

from chatforensics.report.pdf import lay_out
from chatforensics.report.replies import find_named, mark_replies, view_replies
from chatforensics.report.sightings import Row
from chatforensics.report.templating import make_environment
from chatforensics.report.view import build_view
from chatforensics.schema import TABLES, empty

WORDS = "It was the agreed list of our branch.\nNobody told me to send it <b>on</b>. " + "So it was. " * 900


def _row(name: str, status: str, **more: object) -> Row:
    return {"person_id": f"person-{name}", "label": name, "status": status, "entries": []} | more


def _entry(status: str, **more: object) -> Row:
    return {"status": status, "on": "2031-03-09", "how": None, "text": None} | more


REPLIES = [
    _row("Chioma", "replied", entries=[_entry("offered", how="by e-mail"), _entry("replied", text=WORDS)]),
    _row("Ifeoma", "declined", entries=[_entry("declined")], matched_by="label"),
    {"person_id": None, "label": "Somchai", "status": "replied", "entries": [_entry("replied", text="Not me at all.")]},
]


def _page(tables: Tables | None = None, **run: object) -> Page:
    """Return the first screen and the section of replies, without the rest of the page."""
    view = build_view(tables or tiny_case(), drawings=[], run={**RUN, **run}, summary=SUMMARY, pictures={})
    pages = make_environment()
    html = [pages.get_template(name).render(view) for name in ("front.html.j2", "replies.html.j2")]
    return read_page('<p id="contents">Contents</p>'.join(html))


def _view(replies: object) -> Row:
    known = {name: tiny_case().get(name, empty(name)) for name in TABLES}
    return view_replies(known, run={"replies": replies})


def test_without_a_case_the_first_page_says_that_no_offer_is_recorded_and_the_section_that_no_reply_is() -> None:
    words = _page().words
    assert "No offer of a reply is recorded to any of the 3 people named in findings" in words
    assert "This run records no reply of any person named." in words
    assert "were not offered a reply" not in words


def test_the_first_page_counts_those_who_were_not_offered_a_reply_and_names_nobody() -> None:
    page = _page(replies=[])
    front = page.words[: page.words.index("Contents")]
    assert "3 of 3 named people were not offered a reply" in front
    assert not any(name in front for name in ("Chioma", "Wiktor", "Ifeoma"))
    assert "1 of 3 named people was not offered a reply" in _page(replies=REPLIES).words


@pytest.mark.parametrize(("status", "waiting"), [("not offered", 3), ("pack made", 3), ("offered", 2), ("declined", 2)])
def test_a_pack_that_nobody_was_offered_is_no_offer(status: str, waiting: int) -> None:
    assert _view([_row("Chioma", status, entries=[_entry(status)])])["n_waiting"] == waiting


def test_nothing_is_warned_of_once_everybody_was_offered_a_reply() -> None:
    everybody = [_row(name, "offered", entries=[_entry("offered")]) for name in ("Chioma", "Ifeoma", "Wiktor")]
    assert "not offered a reply" not in _page(replies=everybody).words


def test_nobody_is_warned_of_where_no_finding_names_anybody() -> None:
    tables = tiny_case()
    tables["labels"] = tables["labels"].clear()
    assert "offer of a reply" not in _page(tables).words
    assert "No finding of this run names anybody, and no reply is recorded." in _page(tables, replies=[]).words


def test_a_reply_stands_whole_and_as_words() -> None:
    page = _page(replies=REPLIES)
    assert WORDS.strip() in "\n".join(page.texts)
    assert "<b>on</b>" in page.words
    assert "b" not in {tag for tag, _ in page.tags}
    assert "offered, 2031-03-09 ( by e-mail ); replied, 2031-03-09" in page.words


def test_a_mark_beside_each_finding_leads_to_the_reply_and_paper_has_the_whole_reply() -> None:
    tables = tiny_case()
    cluster = {"cluster_id": "c", "person_ids": ["person-Chioma", "person-Wiktor"], "n_pairs": 1, "message_ids": [101]}
    tables["clusters"] = a_table("clusters", [cluster | {"n_families": 1, "largest_q": 0.04}])
    html = render(tables, run={**RUN, "replies": REPLIES})
    page = read_page(html)
    assert page.words.count("Reply: see Chioma (replied), Wiktor (not offered).") == 2
    assert page.values("href").count("#reply-1") >= 4
    assert {value.removeprefix("#") for value in page.values("href")} <= set(page.values("id"))
    assert len(page.values("id")) == len(set(page.values("id")))
    blocks = json.dumps(json.loads(lay_out(html, tables=tables)["report.json"])["blocks"], ensure_ascii=False)
    for words in ("Nobody told me to send it <b>on</b>.", "Not me at all.", "was not offered a reply", "(replied), "):
        assert words in blocks


def test_a_reply_that_matches_nobody_is_listed_and_not_counted() -> None:
    view = _view(REPLIES)
    assert [person["name"] for person in view["unmatched"]] == ["Somchai"]
    assert (view["n_named"], view["n_waiting"], view["n_replied"]) == (3, 1, 1)
    words = _page(replies=REPLIES).words
    assert "Replies that match nobody of this run" in words
    assert "Not me at all." in words


def test_somebody_who_replied_and_is_named_no_more_keeps_their_place() -> None:
    tables = tiny_case()
    tables["labels"] = tables["labels"].clear()
    page = _page(tables, replies=REPLIES)
    assert "no finding of this run names them" in page.words
    assert "Reply of Chioma" in page.words


def test_more_people_than_a_finding_can_name_are_counted() -> None:
    view = _view([])
    view["of"] = {f"p{n}": {"place": n, "name": f"p{n}"} for n in range(20)}
    marked = mark_replies(view, [f"p{n}" for n in range(20)])
    assert (len(marked["people"]), marked["more"]) == (12, 8)


def test_a_run_record_of_another_form_does_no_harm() -> None:
    for odd in (None, "text", [1, "x"], [{"person_id": "person-Chioma"}], [_row("Chioma", "odd", entries=[{}])]):
        view = _view(odd)
        assert len(view["people"]) == view["n_named"] == 3


def test_only_decided_instructions_name_a_person() -> None:
    labels = [
        {"message_id": 103, "label": "remind", "probability": 0.9, "decision": "flag"},
        {"message_id": 102, "label": "slate_instruction", "probability": 0.3, "decision": "none"},
    ]
    assert find_named({"messages": tiny_case()["messages"], "labels": a_table("labels", labels)}) == []
