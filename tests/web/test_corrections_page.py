"""Corrections at the page: recorded with who and why, taken back, and what each changed when the case was analysed."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from report.hostile import PAYLOADS
from web.desking import BY, Sat, sit_at
from web.peopled import an_outcome, facts_of, sit_with_people, write_facts
from workflow.case_runs import analyse

from chatforensics.casefile import check_database, list_originals, log_lines, open_case
from chatforensics.casefile.corrections import correct, list_corrections, withdraw
from chatforensics.casefile.desk import read_setting
from chatforensics.workflow.effects import BEFORE, compare_summaries, find_effects, read_effects, remember_summary
from chatforensics.workflow.facts import Facts

WHY = {"who": "Nia Pugh", "why": "she knows both"}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Sat:
    """Return a case that is only copied."""
    return sit_with_people(tmp_path_factory.mktemp("seen"))


@pytest.fixture
def sat(seen: Sat, tmp_path: Path) -> Sat:
    return sit_at(open_case(Path(shutil.copytree(seen.case.folder, tmp_path / "case"))), tmp_path)


def ids(sat: Sat) -> list[str]:
    return [each.source_id for each in list_originals(sat.case)]


def a_place(label: str, source: str | None = None) -> str:
    return json.dumps({"label": label, "source": source})


def state_all(sat: Sat) -> list[dict[str, Any]]:
    """Return one correction of each kind as a form sends it."""
    first, second, third = ids(sat)
    return [
        {"kind": "same", "place": [a_place("Wiktor", third), a_place("Ifeoma")]},
        {"kind": "different", "place": [a_place("Chioma", first), a_place("Auntie C", second)]},
        {"kind": "custodian", "source": third, "label": "Ifeoma"},
        {"kind": "label", "message_id": "101", "is": "not"},
        {"kind": "export", "source_id": first, "dates": "mdy", "timezone": "", "year": "2031"},
    ]


# ---------------------------------------------------------------------------------------------------------- recording


def test_corrections_of_all_kinds_are_recorded_with_who_why_and_who_typed_them(sat: Sat) -> None:
    for number, fields in enumerate(state_all(sat), start=1):
        page = sat.post("/corrections", actor="Ama Boateng", **WHY, **fields)
        assert page.leads_to == f"/corrections?recorded={number}"
    told = list_corrections(sat.case)
    assert [each.kind for each in told] == [fields["kind"] for fields in state_all(sat)]
    assert {(each.who, each.why, each.actor) for each in told} == {("Nia Pugh", "she knows both", "Ama Boateng")}
    assert dict(told[4].what) == {"source_id": ids(sat)[0], "dates": "mdy", "year": 2031}
    assert check_database(sat.case) is None
    assert "5 changes are not in the results yet" in sat.get("/corrections").words


def test_who_states_it_is_whoever_sits_at_the_page_unless_somebody_else_is_named(sat: Sat) -> None:
    sat.post("/corrections", actor="Ama Boateng", why="I read it", **state_all(sat)[3])
    assert [each.who for each in list_corrections(sat.case)] == ["Ama Boateng"]
    assert read_setting(sat.case, "actor") == "Ama Boateng"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "export", "timezone": "Europe/Londn"}, "'Europe/Londn' is no time zone"),
        ({"kind": "export", "year": "31"}, "'31' is no year of a message"),
        ({"kind": "export", "year": "last"}, "no whole number"),
        ({"kind": "export"}, "does not say what is otherwise"),
        ({"kind": "export", "dates": "mdy", "why": " "}, "Say why"),
        ({"kind": "label", "message_id": "101", "is": "not", "who": ""}, "Say who states it"),
        ({"kind": "label", "message_id": "101", "is": "fine"}, "A message is no 'fine'"),
        ({"kind": "custodian", "label": ""}, "does not say"),
        ({"kind": "same", "place": [a_place("Chioma")]}, "two labels or more"),
        ({"kind": "same", "place": ["[", "7"]}, "did not come as this page sends it"),
        ({"kind": "different", "place": [a_place("A"), a_place("B"), a_place("C")]}, "Two labels are told apart"),
        ({"kind": "verdict"}, "'verdict' is no kind of correction"),
        ({}, "'' is no kind of correction"),
    ],
)
def test_a_correction_that_is_not_in_order_comes_back_with_all_that_was_typed(
    sat: Sat, fields: dict[str, Any], said: str
) -> None:
    n_lines = len(log_lines(sat.case))
    page = sat.post("/corrections", **{"why": "a slip", "who": "Nia Pugh", "source_id": ids(sat)[0], **fields})
    assert page.status == 400
    assert said in page.words
    assert len(log_lines(sat.case)) == n_lines
    if fields.get("kind") in ("export", "label", "custodian", "same", "different"):
        typed = next(form for form in page.forms if "who" in form)
        assert typed["who"] == [fields.get("who", "Nia Pugh")]
        assert typed["why"] == [fields.get("why", "a slip").strip()]
        assert typed.get("place", []) == fields.get("place", [])


def test_after_a_correction_one_can_go_back_to_where_one_was_and_nowhere_else(sat: Sat) -> None:
    for back, wanted in (("/people?q=a", "/people?q=a"), ("https://evil.test/", None), ("//evil.test", None)):
        page = sat.post("/corrections", back=back, **WHY, **state_all(sat)[3])
        shown = sat.get(page.leads_to)
        assert bool(shown.find("a", href=f"{sat.base}{wanted}")) == (wanted is not None)
        assert "evil" not in shown.text


def test_hostile_words_of_corrections_stand_as_text(sat: Sat) -> None:
    for payload in PAYLOADS[::4]:
        correct(sat.case, "same", {"labels": [{"label": payload}, {"label": "b"}]}, who=payload, why=payload, by=BY)
    page = sat.get("/corrections")
    assert page.status == 200
    assert not page.find("img")
    assert all(tag.get("src", "").startswith("/secret/assets/") for tag in page.find("script"))
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on") or name == "style"]


# -------------------------------------------------------------------------------------------------------- taking back


def test_a_correction_that_is_taken_back_stays_with_why(sat: Sat) -> None:
    correct(sat.case, "label", {"message_id": 101, "is": "not"}, who="Nia Pugh", why="I read it", by=BY)
    assert sat.post("/corrections/1/withdraw", why="read again").leads_to == "/corrections?taken_back=1"
    words = sat.get("/corrections").words
    assert "read again" in words
    assert "I read it" in words
    assert check_database(sat.case) is None


@pytest.mark.parametrize(("number", "why", "said"), [(1, "", "Say why"), (7, "x", "No correction 7"), (1, "again", "")])
def test_what_cannot_be_taken_back_is_said_in_words(sat: Sat, number: int, why: str, said: str) -> None:
    correct(sat.case, "label", {"message_id": 101, "is": "not"}, who="Nia Pugh", why="I read it", by=BY)
    if not said:
        withdraw(sat.case, 1, why="once", by=BY)
    page = sat.post(f"/corrections/{number}/withdraw", why=why)
    assert page.status == 400
    assert (said or "was withdrawn before") in page.words
    assert len(list_corrections(sat.case)) == 1


# ------------------------------------------------------------------------------------------------------------- effects


def told_apart(facts: Facts) -> Facts:
    """Return the facts of an analysis in which correction 1 had told Chioma and Auntie C apart, and 2 a label wrong."""
    later: Facts = json.loads(json.dumps(facts))
    chioma = next(each for each in later["people"] if each["person_id"] == "person-Chioma")
    other = {**chioma, "person_id": "person-C", "labels": ["Auntie C"], "n_messages": 1}
    other["places"] = [place for place in chioma["places"] if place[0] == "Auntie C"]
    chioma["places"] = [place for place in chioma["places"] if place[0] == "Chioma"]
    later["people"].append(other)
    later |= {"used": [1, 2], "summary": {**later["summary"], "n_people": 4, "n_flagged": 2}}
    del later["decisions"]["101"]
    return later


def test_what_a_correction_changed_is_shown_beside_it_and_in_the_counts(sat: Sat) -> None:
    sat.post("/corrections", **WHY, **state_all(sat)[1])
    sat.post("/corrections", **WHY, **state_all(sat)[3])
    before = facts_of(sat)
    after = told_apart(before)
    write_facts(sat, after)
    write_facts(sat, before, BEFORE)
    write_facts(sat, find_effects(before, after, list_corrections(sat.case)), "effects.json")
    words = sat.get("/corrections").words
    assert "Before: 1 person" in words
    assert "After: 2 people" in words
    assert "looks like an instruction how to vote" in words
    assert "people34" in words
    assert "messages flagged32" in words
    assert words.count("Other corrections or exports came in with the same analysis") == 2
    assert words.count("used by the last analysis") == 2


def test_an_effect_counts_as_alone_only_where_nothing_else_changed(sat: Sat) -> None:
    correct(sat.case, "label", {"message_id": 101, "is": "not"}, who="Nia Pugh", why="I read it", by=BY)
    before = facts_of(sat)
    after = {**before, "used": [1], "decisions": {}}
    other = {**after, "sources": {}}
    (effect,) = find_effects(before, after, list_corrections(sat.case)).values()
    assert (effect["alone"], effect["before"], effect["after"]) == (True, {"decision": "flag"}, {"decision": "none"})
    assert not find_effects(before, other, list_corrections(sat.case))["1"]["alone"]
    assert find_effects(after, before, list_corrections(sat.case))["1"]["taken_back"]


def test_an_analysis_that_gives_the_same_again_keeps_what_was_different_before_it(sat: Sat) -> None:
    for counts in ({}, {"n_flagged": 2}, {"n_flagged": 2}):
        remember_summary(sat.case, an_outcome(**counts))
    compared = compare_summaries(sat.case)
    assert compared is not None
    changed = [(each.name, each.before, each.after) for each in compared.changes if not each.is_same]
    assert changed == [("n_flagged", 3, 2)]


def test_papers_that_a_crash_left_half_written_are_made_again(sat: Sat) -> None:
    (sat.case.folder / "desk" / "facts.json").write_bytes(b'{"people": [')
    assert sat.get("/people").status == 200
    remember_summary(sat.case, an_outcome())
    assert len(facts_of(sat)["people"]) == 3


def test_an_analysis_that_did_not_end_is_told_beside_the_corrections(sat: Sat, monkeypatch: pytest.MonkeyPatch) -> None:
    job = type("Failed", (), {"kind": "analyse", "state": "failed", "error": "Correction 1 cannot be."})()
    monkeypatch.setattr(sat.app.state.desk, "latest_job", lambda _slug: job)
    assert "The last analysis did not end: Correction 1 cannot be." in sat.get("/corrections").words


@pytest.mark.slow
def test_real_analyses_before_with_and_after_a_correction_show_what_it_did(sat: Sat) -> None:
    remember_summary(sat.case, analyse(sat.case))
    (message_id,) = (int(key) for key in list(facts_of(sat)["decisions"])[:1])
    sat.post(
        "/corrections", kind="label", message_id=message_id, **{"is": "not", "who": "Nia Pugh", "why": "a quotation"}
    )
    remember_summary(sat.case, analyse(sat.case))
    assert facts_of(sat)["used"] == [1]
    assert read_effects(sat.case)["1"]["after"] == {"decision": "none"}
    assert "The results rest on the corrections as they stand below." in sat.get("/corrections").words
    sat.post("/corrections/1/withdraw", why="it is none")
    assert "taken back, but the last analysis still used it" in sat.get("/corrections").words
    remember_summary(sat.case, analyse(sat.case))
    assert read_effects(sat.case)["1"]["taken_back"]
    assert "What taking it back changed" in sat.get("/corrections").words
