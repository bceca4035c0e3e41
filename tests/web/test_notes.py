"""Notes and kept addresses: who typed them, what two people do at once, and where their forms may lead."""

from pathlib import Path
from typing import Any

import pytest
from report.hostile import PAYLOADS
from web.desking import Sat, sit_down

from chatforensics.casefile.desk import list_saved_views, read_setting
from chatforensics.casefile.papers import list_notes
from chatforensics.text import show_controls


@pytest.fixture
def sat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sat:
    monkeypatch.setattr("chatforensics.web.opened.open_view", lambda _case: None)
    return sit_down(tmp_path / "case")


def notes_of(sat: Sat) -> list[tuple[Any, ...]]:
    return [(row["message_id"], row["text"], row["actor"], row["version"]) for row in list_notes(sat.case)]


def test_a_note_says_who_typed_it_and_the_form_goes_back_to_where_it_stood(sat: Sat) -> None:
    led = sat.post(
        "/notes", text="Ask about this.", message_id=4711, who="Priya Nair", back="/message/4711?around=20#n"
    )
    assert led.leads_to == "/message/4711?around=20&did=noted"
    assert notes_of(sat) == [(4711, "Ask about this.", "Priya Nair", 1)]
    page = sat.get("/notes?did=noted")
    assert "The note was added." in page.words
    assert "Note 1, Priya Nair, " in page.words
    assert read_setting(sat.case, "actor") == "Priya Nair"


def test_a_note_on_a_message_that_is_gone_is_kept_and_says_so(sat: Sat) -> None:
    sat.post("/notes", text="Words.", message_id=4711)
    assert "On message 4711, which is not in the case as it was last analysed" in sat.get("/notes").words


def test_where_two_people_change_a_note_the_second_sees_both_texts_and_loses_nothing(sat: Sat) -> None:
    sat.post("/notes", text="First.", who="Priya Nair")
    sat.post("/notes/1", text="Second.", version=1, who="Goran Lindqvist")
    refused = sat.post("/notes/1", text="Third.", version=1, who="Ama Boateng", back="/notes")
    assert refused.status == 409
    assert "Somebody else changed this note meanwhile" in refused.words
    assert notes_of(sat) == [(None, "Second.", "Goran Lindqvist", 2)]
    (kept,) = [fields for fields in refused.forms if fields.get("text") == ["Third."]]
    assert sat.post("/notes/1", **kept).leads_to == "/notes?did=changed"
    assert notes_of(sat) == [(None, "Third.", "Ama Boateng", 3)]


def test_what_was_typed_into_a_note_that_was_removed_can_be_kept_as_a_new_one(sat: Sat) -> None:
    sat.post("/notes", text="First.", message_id=4711)
    sat.post("/notes/1/remove", version=1)
    assert notes_of(sat) == []
    refused = sat.post("/notes/1", text="Typed meanwhile.", version=1, message_id=4711, back="/message/4711")
    assert (refused.status, "It was removed." in refused.words) == (409, True)
    (kept,) = [fields for fields in refused.forms if fields.get("text") == ["Typed meanwhile."]]
    sat.post("/notes", **kept)
    assert [row[:2] for row in notes_of(sat)] == [(4711, "Typed meanwhile.")]


def test_a_note_that_somebody_changed_meanwhile_is_not_removed(sat: Sat) -> None:
    sat.post("/notes", text="First.")
    sat.post("/notes/1", text="Second.", version=1)
    assert sat.post("/notes/1/remove", version=1).status == 400
    assert [row[1] for row in notes_of(sat)] == ["Second."]


@pytest.mark.parametrize("back", ["https://evil.test/", "//evil.test", "/../../x", "/nowhere", *PAYLOADS[:4]])
def test_no_form_goes_back_to_another_place(sat: Sat, back: str) -> None:
    assert sat.post("/notes", text="x", back=back).leads_to == "/notes?did=noted"


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/notes", {"text": "  "}),
        ("/notes", {"text": "x" * 20_001}),
        ("/notes", {"text": "x", "message_id": "one"}),
        ("/notes", {"text": "x", "who": "two\nlines"}),
        ("/notes/1", {"text": "x", "version": ""}),
        ("/addresses", {"name": "", "address": "/search"}),
        ("/addresses", {"name": "x", "address": "//evil.test"}),
        ("/addresses", {"name": "x", "address": "javascript:alert(1)"}),
    ],
)
def test_what_no_form_of_ours_sends_is_refused_in_words_and_changes_nothing(
    sat: Sat, path: str, fields: dict[str, object]
) -> None:
    assert sat.post(path, **fields).status == 400
    assert (notes_of(sat), list_saved_views(sat.case)) == ([], [])


def test_hostile_notes_and_names_are_words(sat: Sat) -> None:
    for start in range(0, len(PAYLOADS), 8):
        some = PAYLOADS[start : start + 8]
        sat.post("/notes", text="\n".join(some), who=show_controls(some[0]))
        sat.post("/addresses", name=" ".join(some)[:200], address="/search?words=a")
    for address in ("/notes", "/addresses"):
        page = sat.get(address)
        foreign = {tag for tag, given in page.tags if not given.get("src", "").startswith("/secret/assets/")}
        assert not {"script", "img", "svg", "iframe", "object", "base", "math"} & foreign
        assert not [given for _, given in page.tags if any(name.startswith("on") or name == "style" for name in given)]
        assert "alert(1)" in page.words


def test_a_search_is_kept_under_a_name_found_again_and_removed(sat: Sat) -> None:
    assert (
        sat.post("/addresses", name="Reminders", address="/search?words=reminder&page=2").leads_to
        == "/addresses?did=kept"
    )
    page = sat.get("/addresses")
    assert page.find("a", href=f"{sat.base}/search?words=reminder&page=2")
    sat.post("/addresses/remove", name="Reminders")
    assert list_saved_views(sat.case) == []
