"""Exports, people, replies and the custody log: what is known, on what it rests, and what a person may add to it.

Nobody is put in an order that says more than a name does, and nothing that was typed is lost by a slip.
"""

import json
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report.hostile import PAYLOADS
from web.desking import BY, Sat, sit_at, sit_down
from web.peopled import facts_of, sit_with_people, write_facts

from chatforensics.casefile import (
    By,
    check_database,
    list_answers,
    list_originals,
    list_replies,
    log_lines,
    open_case,
    record_reply,
)
from chatforensics.casefile.desk import read_setting
from chatforensics.web.logwords import read_line
from chatforensics.web.pages import custodylog
from chatforensics.web.pages.people import find_people, list_places, sort_people
from chatforensics.web.paging import cut_page

SAID = {"exported_by": "Chioma", "source_kind": "participant"}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Sat:
    """Return a case that is only looked at."""
    return sit_with_people(tmp_path_factory.mktemp("seen"))


@pytest.fixture
def sat(seen: Sat, tmp_path: Path) -> Sat:
    """Return a copy of it, to be changed."""
    return sit_at(open_case(Path(shutil.copytree(seen.case.folder, tmp_path / "case"))), tmp_path)


@pytest.fixture
def empty(tmp_path: Path) -> Sat:
    return sit_down(tmp_path / "case")


def ids(sat: Sat) -> list[str]:
    return [each.source_id for each in list_originals(sat.case)]


# -------------------------------------------------------------------------------------------------------- all of them


@pytest.mark.parametrize("path", ["/exports", "/people", "/replies", "/corrections", "/log"])
def test_a_case_without_an_export_has_every_page(empty: Sat, path: str) -> None:
    assert empty.get(path).status == 200


@pytest.mark.parametrize("path", ["/exports", "/people", "/replies", "/corrections", "/log"])
def test_hostile_names_stand_as_text_on_every_page(sat: Sat, path: str) -> None:
    facts = json.loads(json.dumps(facts_of(sat)))
    for person, payload in zip(facts["people"] * 20, PAYLOADS, strict=False):
        person["labels"].append(payload)
        person["places"].append([payload, ids(sat)[0]])
    for source in facts["sources"].values():
        source |= {"chat": PAYLOADS[0], "custodian_basis": [PAYLOADS[1]], "clock": [PAYLOADS[2]]}
    write_facts(sat, facts)
    record_reply(
        sat.case,
        person=("person-Wiktor", PAYLOADS[5]),
        status="replied",
        by=By(PAYLOADS[23], BY.at),
        more={"text": PAYLOADS[3]},
    )
    page = sat.get(path)
    own = [
        tag
        for tag, attributes in page.tags
        if tag == "script" and attributes.get("src", "").startswith("/secret/assets/")
    ]
    assert page.status == 200
    assert not page.find("img")
    assert not page.find("iframe")
    assert len(page.find("script")) == len(own)
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on") or name == "style"]


# ------------------------------------------------------------------------------------------------------------ exports


def test_the_list_of_exports_tells_what_each_is_and_how_it_is_read(seen: Sat) -> None:
    words = seen.get("/exports").words
    assert all(sha256 in words for sha256 in (each.sha256 for each in list_originals(seen.case)))
    assert "day, month, year: certain" in words
    assert "1 stretch unread" in words
    assert "line 9, bytes 800 to 900: no header" in words
    assert "made the export: the only one who posts" in words
    assert words.count("9 custody questions are open") == 3


def test_an_export_that_was_not_analysed_yet_is_told_as_new(sat: Sat) -> None:
    facts = json.loads(json.dumps(facts_of(sat)))
    del facts["sources"][ids(sat)[2]]
    write_facts(sat, facts)
    words = sat.get("/exports").words
    assert "new: " in words
    assert "It is being read, or no chat was found in it." in words


def test_answers_are_recorded_for_one_export_and_only_what_changed(sat: Sat) -> None:
    first = ids(sat)[0]
    for _ in range(2):
        page = sat.post("/exports/answers", source_id=first, actor="Nia Pugh", **{f"q-{k}": v for k, v in SAID.items()})
    assert page.status == 400
    assert "No answer was filled in that is not on record" in page.words
    told = {row["source_id"]: row for row in list_answers(sat.case)}
    assert {key: told[first][key] for key in SAID} == SAID
    assert told[ids(sat)[1]]["exported_by"] == "unknown"
    assert sum(json.loads(line)["action"] == "answer" for line in log_lines(sat.case)) == 1
    assert json.loads(log_lines(sat.case)[-1])["actor"] == read_setting(sat.case, "actor") == "Nia Pugh"


def test_what_is_left_empty_may_be_said_to_be_unknown(sat: Sat) -> None:
    page = sat.post("/exports/answers", source_id=ids(sat)[0], unknown="yes", **{"q-basis": "consent"})
    assert page.leads_to == f"/exports?answered={ids(sat)[0]}"
    assert "Custody questions: all answered" in sat.get("/exports").words


def test_a_wrong_answer_comes_back_with_all_that_was_typed(sat: Sat) -> None:
    page = sat.post("/exports/answers", source_id=ids(sat)[0], **{"q-source_kind": "rumour", "q-phone": "a Pixel 8"})
    assert page.status == 400
    assert "'rumour' is no kind of source" in page.words
    assert page.find("input", name="q-phone", value="a Pixel 8")
    assert json.loads(log_lines(sat.case)[-1])["action"] == "add"


# ------------------------------------------------------------------------------------------------------------- people


def test_people_stand_in_the_order_of_their_printed_names_with_what_joined_them(seen: Sat) -> None:
    page = seen.get("/people")
    shown = [attributes["id"] for tag, attributes in page.tags if tag == "li" and "card" in attributes.get("class", "")]
    assert shown == ["person-Chioma", "person-Ifeoma", "person-Wiktor"]
    assert "Chioma in S1 and Auntie C in S2: aligned messages (5 for it, 1 against)" in page.words
    assert "May be the same person as Ifeoma (P-Ifeoma): the files do not show it." in page.words


def test_the_order_of_people_does_not_change_with_how_much_they_wrote(seen: Sat) -> None:
    people = facts_of(seen)["people"]
    other = [{**each, "n_messages": 1000 - each["n_messages"], "is_named": not each["is_named"]} for each in people]
    assert [x["person_id"] for x in sort_people(other[::-1])] == [x["person_id"] for x in sort_people(people)]


@pytest.mark.parametrize(("words", "found"), [("wikt", ["person-Wiktor"]), ("p-chioma", ["person-Chioma"]), ("zz", [])])
def test_people_are_found_by_a_part_of_a_printed_name(seen: Sat, words: str, found: list[str]) -> None:
    assert [each["person_id"] for each in find_people(facts_of(seen)["people"], words)] == found


def test_a_number_is_found_however_its_digits_are_parted() -> None:
    person = {"labels": ["+44 7700 900151"], "pseudonym": "P-1"}
    assert find_people([person], "07700-900") == []
    assert find_people([person], "7700-900 15") == [person]


def test_how_many_are_chosen_stands_with_the_button_that_states_it(seen: Sat) -> None:
    assert "Nobody is chosen yet. State who is who of those chosen" in seen.get("/people").words
    page = seen.get("/people?chosen=person-Chioma&chosen=person-Ifeoma")
    assert "2 people are chosen. State who is who of those chosen" in page.words
    assert page.find("button", formaction=f"{seen.base}/people#chosen")
    assert page.find("section", id="chosen")


def test_those_chosen_stay_chosen_on_other_pages_and_give_a_form(seen: Sat) -> None:
    page = seen.get("/people?q=ifeoma&chosen=person-Chioma&chosen=person-Ifeoma")
    chosen = page.find("input", name="chosen", value="person-Chioma")
    places = [json.loads(field["value"]) for field in page.find("input", name="place")]
    assert [field["type"] for field in chosen] == ["hidden"]
    assert {"label": "Auntie C", "source": ids(seen)[1]} in places
    assert [field["value"] for field in page.find("input", name="kind") if "checked" in field] == ["same"]


def test_you_is_offered_only_where_a_phone_prints_its_owner_by_no_other_name(seen: Sat) -> None:
    facts = facts_of(seen)
    wiktor = next(each for each in facts["people"] if each["person_id"] == "person-Wiktor")
    assert "You" in {label for label, _ in wiktor["places"]}
    assert "You" not in {label for label, *_ in list_places(wiktor, facts)}
    alone = {**wiktor, "places": [place for place in wiktor["places"] if place[0] == "You"]}
    assert [label for label, *_ in list_places(alone, facts)] == ["You"]


@given(
    st.lists(st.integers(), max_size=120),
    st.one_of(st.none(), st.text(max_size=5), st.integers().map(str)),
    st.integers(1, 60),
    st.booleans(),
)
def test_any_page_that_is_asked_for_is_one_of_the_list(
    rows: list[int], asked: str | None, size: int, last: bool
) -> None:
    paged = cut_page(rows, asked, size=size, last=last)
    assert 1 <= paged.page <= paged.n
    assert paged.rows == rows[paged.first - 1 : paged.first - 1 + size]
    assert bool(paged.rows) == bool(rows)


# ------------------------------------------------------------------------------------------------------------ replies


def test_everybody_named_is_listed_by_name_with_how_many_were_not_offered(seen: Sat) -> None:
    page = seen.get("/replies")
    shown = [attributes["id"] for tag, attributes in page.tags if tag == "article"]
    assert shown == ["reply-person-Chioma", "reply-person-Ifeoma", "reply-person-Wiktor"]
    assert "3 people are named. Not offered a reply yet: 3. Replied: 0." in page.words


def test_an_offer_is_recorded_with_its_day_and_stands_in_the_log(sat: Sat) -> None:
    page = sat.post("/replies", person_id="person-Wiktor", status="offered", happened_on="2031-04-01", how="by post")
    assert page.leads_to == "/replies?page=1&recorded=person-Wiktor"
    (reply,) = list_replies(sat.case)
    assert (reply["label"], reply["status"], reply["happened_on"]) == (
        "Wiktor",
        "offered",
        date(2031, 4, 1).isoformat(),
    )
    assert json.loads(log_lines(sat.case)[-1])["action"] == "reply"
    assert "offered, 2031-04-01" in sat.get("/replies").words
    assert check_database(sat.case) is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"status": "replied"}, "The reply has no words"),
        ({"status": "declined", "text": "I sent it"}, "There are words of a reply"),
        ({"status": "pack made"}, "Nothing was chosen"),
        ({"status": "offered", "happened_on": "1 May"}, "'1 May' is no day"),
        ({"status": "offered", "person_id": "person-Nobody"}, "Nobody in this case bears that number"),
    ],
)
def test_a_reply_that_is_not_in_order_changes_nothing_and_loses_nothing(
    sat: Sat, fields: dict[str, str], said: str
) -> None:
    page = sat.post("/replies", **{"person_id": "person-Wiktor", "how": "by hand", **fields})
    assert page.status == 400
    assert said in page.words
    assert list_replies(sat.case) == []
    assert fields.get("person_id") or page.find("input", name="how", value="by hand")


def test_a_reply_recorded_of_somebody_who_is_no_longer_found_is_still_shown(sat: Sat) -> None:
    record_reply(sat.case, person=("person-gone", "Old Name"), status="replied", by=BY, more={"text": "my words"})
    words = sat.get("/replies").words
    assert "Recorded of people who are not found now" in words
    assert "Old Name" in words
    assert "my words" in words


def test_a_reply_pack_is_ordered_for_one_person(sat: Sat, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, object]] = []

    def submit(kind: str, _slug: str, args: Mapping[str, object]) -> object:
        asked.append((kind, args.get("order")))
        return type("Made", (), {"id": "17"})()

    monkeypatch.setattr(sat.app.state.desk, "submit", submit)
    assert sat.post("/replies/pack", person_id="person-Wiktor").leads_to == "/package/made/17"
    assert ("pack", {"reply_for": "person-Wiktor", "sign": True}) in asked


# ---------------------------------------------------------------------------------------------------------- custody log


def test_the_log_tells_in_words_what_was_done_and_its_head(seen: Sat) -> None:
    words = seen.get("/log").words
    assert "The case was made." in words
    assert words.count("An export was taken in whole: a txt file") == 3
    assert "each holds the hash of the line before it" in words
    assert read_line(log_lines(seen.case)[-1], number=4).sha256 in words


def test_without_a_page_in_the_address_the_newest_lines_are_shown(seen: Sat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(custodylog, "_SHOWN", 3)
    last, first = seen.get("/log").words, seen.get("/log?page=1").words
    assert "Line 4 as it is stored" in last
    assert "Line 3 as it is stored" not in last
    assert "The case was made." in first


def test_a_broken_chain_is_said_at_once(seen: Sat, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = log_lines(seen.case)
    monkeypatch.setattr("chatforensics.web.pages.custodylog.log_lines", lambda _case: [lines[0], *lines[2:]])
    assert "does not follow from the one before" in seen.get("/log").words


@given(st.text(max_size=60))
def test_any_line_of_a_log_can_be_shown(raw: str) -> None:
    assert read_line(raw, number=1).words == ()


@given(
    st.dictionaries(st.text(max_size=8), st.one_of(st.none(), st.integers(), st.text(max_size=8)), max_size=3),
    st.text(max_size=8),
)
def test_a_line_of_the_right_form_with_odd_details_is_shown_as_it_is(details: dict[str, object], action: str) -> None:
    entry = {"action": action, "actor": "A", "at": "2031", "details": details, "inputs": [], "outputs": []}
    line = read_line(json.dumps(entry), number=1)
    assert line.actor in ("A", "")
    assert line.raw == json.dumps(entry)
