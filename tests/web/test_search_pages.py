"""Search over all chats and the page of one message: what is asked stands in the address, and what is shown can be
checked; nothing of a picture is loaded until somebody asks for it.
"""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from report.hostile import PAYLOADS
from web.desking import BY, Sat, sit_down
from web.seen import LABEL, PICTURE, AView, a_message, hundred_and_twenty
from web.test_documents import an_item

from chatforensics.casefile.corrections import correct, withdraw
from chatforensics.casefile.desk import list_ticks, set_ticks
from chatforensics.casefile.papers import add_note
from chatforensics.web.addresses import check_address
from chatforensics.web.pages.message import mark_words, show_labels, tell_agreement
from chatforensics.web.pages.search import address_of, mark_found, read_asked


@pytest.fixture
def view(monkeypatch: pytest.MonkeyPatch) -> AView:
    seen = AView(hundred_and_twenty())
    for module in ("opened", "pages.search", "pages.message"):
        monkeypatch.setattr(f"chatforensics.web.{module}.open_view", lambda _case: seen)
    monkeypatch.setattr("chatforensics.web.pages.search._find", lambda found, asked, page: found.find(asked, page))
    return seen


@pytest.fixture
def sat(tmp_path: Path) -> Sat:
    return sit_down(tmp_path / "case")


# ---------------------------------------------------------------------------------------------------- search


def test_a_case_that_was_not_analysed_says_so_instead_of_finding_nothing(
    sat: Sat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatforensics.web.pages.search.open_view", lambda _case: None)
    page = sat.get("/search?words=ward")
    assert "Nothing was analysed yet." in page.words
    assert "No message was found" not in page.words


@pytest.mark.usefixtures("view")
def test_what_was_found_is_counted_and_shown_fifty_at_a_time(sat: Sat) -> None:
    first, last = sat.get("/search?words=papers"), sat.get("/search?words=papers&page=3")
    assert "120 messages; 1 to 50 are shown" in first.words
    assert "120 messages; 101 to 120 are shown" in last.words
    assert len(first.find("article")) == 50
    second = f"{sat.base}/search?words=papers&page=2"
    assert {given["href"] for given in first.find("a", rel="next")} == {second}
    assert {given["href"] for given in last.find("a", rel="prev")} == {second}
    assert [*first.find("a", rel="prev"), *last.find("a", rel="next")] == []
    assert first.find("a", href=f"{sat.base}/message/1000")


@pytest.mark.parametrize(
    ("words", "marked"),
    [
        ("BOTH paper", ["both", "paper"]),
        ('"both papers"', ["both papers"]),
        ('"both   papers', ["both", "papers"]),
        ("oth", []),
        ("a.*b [", ["a.*b", "["]),
        ("", []),
        ('""', []),
    ],
)
def test_the_words_that_were_asked_for_are_marked_where_they_begin_a_word(words: str, marked: list[str]) -> None:
    (item,) = mark_found([an_item(text="Bring both papers, a.*b [")], words)
    assert [item["text"][start:end] for start, end in item.get("found", [])] == marked


@pytest.mark.usefixtures("view")
def test_what_was_asked_for_is_marked_on_the_page(sat: Sat) -> None:
    assert len(sat.get("/search?words=both").find("mark")) >= 50
    assert "found" in sat.get("/search?words=both").find("mark")[0]["class"]


@pytest.mark.usefixtures("view")
def test_a_day_leads_to_the_page_on_which_it_begins(sat: Sat) -> None:
    led = sat.get("/search?words=papers&day=2031-03-08")
    assert led.leads_to == "/search?words=papers&page=2"
    assert led.told.headers["location"].endswith("#day-2031-03-08")
    assert sat.get(led.leads_to).find("h3", id="day-2031-03-08")
    assert sat.get("/search?day=2031-03-01").leads_to == "/search"


@pytest.mark.usefixtures("view")
def test_where_nothing_is_found_it_says_what_that_does_not_show(sat: Sat) -> None:
    page = sat.get("/search?words=zeppelin&kind=text")
    assert "No message was found." in page.words
    assert "Absence here shows only that no export supplied holds it." in page.words
    assert "Filters are in use" in page.words


@pytest.mark.usefixtures("view")
def test_the_form_shows_what_is_asked_and_every_choice_has_a_name(sat: Sat) -> None:
    page = sat.get("/search?words=both+papers&chat=c1&person=p502&decision=flag&since=2031-03-01&status=agree")
    chosen = {given["value"] for given in page.find("option", selected="")}
    assert chosen == {"c1", "p502", "flag", "agree"}
    assert page.find("input", id="words", value="both papers")
    assert "Narrow it down (5 in use)" in page.words
    assert "and 1 sender not: open a message of theirs" in page.words
    named = {given["for"] for given in page.find("label") if "for" in given}
    asked = [given for tag, given in page.tags if tag in ("select", "input") and given.get("type") not in _BARE]
    assert {given["id"] for given in asked} <= named


_BARE = ("hidden", "checkbox")  # a tick stands inside its own words


@pytest.mark.usefixtures("view")
def test_ticks_of_a_page_are_stored_without_a_script_and_those_of_other_pages_stay(sat: Sat) -> None:
    set_ticks(sat.case, [1000, 1100], True, at=BY.at)
    page = sat.get("/search")
    form = next(fields for fields in page.forms if len(fields.get("shown", [])) == 50)
    assert form["tick"] == ["1000"]
    assert sat.post("/ticks", **{**form, "tick": ["1001", "1002"]}).leads_to == "/search"
    assert list_ticks(sat.case) == [1001, 1002, 1100]


@pytest.mark.usefixtures("view")
def test_a_search_can_be_kept_from_its_own_page(sat: Sat) -> None:
    form = sat.get("/search?words=both+papers&page=2").forms[-2]
    sat.post("/addresses", **{**form, "name": "Papers"})
    (kept,) = [given["href"] for given in sat.get("/addresses").find("a") if "both" in given["href"]]
    assert sat.get(kept.removeprefix(sat.base)).find("input", id="words", value="both papers")


def test_an_older_result_is_called_one(sat: Sat, view: AView) -> None:
    view.current = False
    for address in ("/search", "/message/1000"):
        assert "What stands here is from before the change." in sat.get(address).words


@pytest.mark.parametrize("words", [*PAYLOADS, "a&b=c", "100%", "+", "ورقة", "#day"])
def test_whatever_is_asked_the_address_asks_it_again(words: str) -> None:
    asked = read_asked({"words": words, "chat": words})
    address = check_address(address_of(asked, page=3))
    again = {name: values[0] for name, values in parse_qs(urlsplit(address).query, strict_parsing=True).items()}
    assert again == {"words": words.strip(), "chat": words.strip(), "page": "3"}


@pytest.mark.usefixtures("view")
@pytest.mark.parametrize("query", ["page=x", "page=-1", "day=soon", "day=0001-01-01", "words=" + "x" * 501])
def test_what_cannot_be_asked_is_refused_in_words(sat: Sat, query: str) -> None:
    assert sat.get(f"/search?{query}").status == 400


# ---------------------------------------------------------------------------------------------------- one message


@pytest.mark.usefixtures("view")
def test_a_message_says_where_it_stands_and_what_can_be_checked(sat: Sat) -> None:
    page = sat.get("/message/1003")
    for words in (
        "Message S1:4", "phone/chat.txt", "100 to 1,234 of the chat text", "ab" * 32, "1003", "2 of 2 exports agree.",
        "S2:9", "The same words. Printed under another name, as phones may save it. The same printed time.",
        "probability 0.97", "Ingrid Solheim", "It was quoted.",
        "Read by machine from the picture; compare with the picture.", "WORDS IN IT",
    ):  # fmt: skip
        assert words in sat.get("/message/1003?did=quoted").words, words
    assert page.find("a", href=f"{sat.base}/search?chat=c1")
    assert page.find("a", href=f"{sat.base}/search?person=p1")


@pytest.mark.usefixtures("view")
def test_what_stands_around_a_message_grows_when_it_is_asked_for(sat: Sat) -> None:
    def near(address: str) -> int:
        return len(sat.get(address).find("article"))

    assert near("/message/1050") == 5 + 1 + 5
    assert near("/message/1050?around=20") == 20 + 1 + 20
    assert near("/message/1050?around=99999") == 120
    assert near("/message/1050?around=nonsense") == 11
    more = f"{sat.base}/message/1050?around=20#around-title"
    assert len(sat.get("/message/1050").find("a", href=more)) == 2


@pytest.mark.usefixtures("view")
def test_nothing_of_a_picture_is_on_the_page_until_it_is_asked_for(sat: Sat) -> None:
    page = sat.get("/message/1000")
    assert page.find("div", **{"data-media": f"{sat.base}/media/{PICTURE}"})
    assert not page.find("img")
    assert "it may be distressing" in page.words
    given = sat.get(f"/media/{PICTURE}")
    assert (given.status, given.told.headers["content-type"]) == (200, "image/jpeg")
    for other in ("00" * 32, "..", "%2e%2e%2fkey"):
        assert sat.get(f"/media/{other}").status == 404


@pytest.mark.usefixtures("view")
def test_notes_and_corrections_of_a_message_stand_on_its_page(sat: Sat) -> None:
    add_note(sat.case, 1000, "Ask about this.", by=BY)
    add_note(sat.case, 1001, "Of another one.", by=BY)
    what = {"message_id": 1000, "is": "not"}
    number = correct(sat.case, "label", what, who="Goran Lindqvist", why="a joke", by=BY)
    words = sat.get("/message/1000").words
    assert "Ask about this." in words
    assert "Of another one." not in words
    assert "Goran Lindqvist has read it and says that it does not tell the reader how to vote" in words
    withdraw(sat.case, number, why="read again", by=BY)
    assert "has read it and says" not in sat.get("/message/1000").words


@pytest.mark.usefixtures("view")
def test_the_form_against_a_label_says_what_corrections_take(sat: Sat) -> None:
    form = next(fields for fields in sat.get("/message/1000").forms if fields.get("kind") == ["label"])
    led = sat.post("/corrections", **{**form, "why": "it is a joke", "who": "Priya Nair"}).leads_to
    assert led.startswith("/corrections?recorded=1&back=%2Fmessage%2F1000")
    assert "Priya Nair has read it and says that it does not tell" in sat.get("/message/1000").words


def test_a_message_that_no_export_holds_is_told_as_missing(sat: Sat, view: AView) -> None:
    assert sat.get("/message/77").status == 404
    assert sat.get(f"/message/{'9' * 40}").status == 400
    view.items.clear()
    assert "has no such message" in sat.get("/message/1000").words


def test_hostile_words_names_and_titles_are_words(sat: Sat, view: AView) -> None:
    view.items[:] = [a_hostile_message(number, payload) for number, payload in enumerate(PAYLOADS)]
    for address in ("/search", *(f"/message/{number}?around=20" for number in range(0, 40, 4))):
        page = sat.get(address)
        assert page.status == 200
        foreign = {tag for tag, given in page.tags if not given.get("src", "").startswith("/secret/assets/")}
        assert not {"script", "img", "svg", "iframe", "object", "base", "math"} & foreign
        assert not [given for _, given in page.tags if any(name.startswith("on") or name == "style" for name in given)]
        links = [given["href"] for tag, given in page.tags if tag in ("a", "link") and "href" in given]
        assert all(href == "" or href.startswith(("/secret/", "#", "data:,")) for href in links), links


def a_hostile_message(number: int, payload: str) -> dict[str, Any]:
    """Return a message with such words in each place where words can be."""
    hostile = dict.fromkeys(("text", "sender", "chat", "path", "attachment", "explanation", "corroboration"), payload)
    labels = [{**LABEL, "explanation": payload, "label": payload}]
    slate = [{"name": payload, "stance": payload, "contest": payload, "step": 1, "start": 0, "end": 3}]
    copies = [{**an_item(5, **dict.fromkeys(("text", "sender", "path"), payload)), "text_differs": True}]
    known = {"label_rows": labels, "slate": slate, "copies": copies, "spans": [[0, 5, payload]]}
    return a_message(number, **hostile, **known)


def test_a_whole_text_is_marked_by_labels_and_said_in_the_words_that_carried_them() -> None:
    item = a_message(text="Bring both papers.")
    assert "".join(piece.text for piece in mark_words(item)) == "Bring both papers."
    assert [piece.text for piece in mark_words(item) if piece.cues == "asks for support"] == ["both", " papers"]
    assert show_labels(item)[0]["carried"] == ["both papers"]


SAID = "Stated by “Goran Lindqvist” on 2031-03-04: not an instruction (“a joke”)."


def test_after_a_correction_the_programs_own_reading_stays_beside_it(sat: Sat, view: AView) -> None:
    own = f"{SAID} The program's own decision was flag at 0.40. It tells the reader how to vote."
    label = {**LABEL, "label": "slate_instruction", "probability": 0.4, "decision": "none", "explanation": own}
    view.items[:] = [a_message(1000, decision="none", label_rows=[label], explanation=own, probability=0.4)]
    words = sat.get("/message/1000").words
    assert f"may say how to vote{SAID}The program's own reading, which stays beside it: probability 0.40," in words
    assert "just above its threshold: marked" in words
    assert "Not sure (0.40): It tells the reader how to vote." in words
    assert "Not sure (0.40): Stated by" not in words


def test_a_low_probability_is_told_before_the_reason(sat: Sat, view: AView) -> None:
    label = {**LABEL, "label": "mobilise", "probability": 0.2, "decision": "review", "explanation": "It asks."}
    view.items[:] = [a_message(1000, decision="review", label_rows=[label], explanation="It asks.", probability=0.2)]
    words = sat.get("/message/1000").words
    assert "may ask to take partprobability 0.20: to be read" in words
    assert "Why it is here: Not sure (0.20): It asks." in words
    view.items[0]["probability"] = 0.97
    assert "Why it is here: It asks." in sat.get("/message/1000").words


@pytest.mark.usefixtures("view")
def test_a_tick_or_a_correction_of_a_copy_is_one_of_the_message(sat: Sat) -> None:
    set_ticks(sat.case, [4713], True, at=BY.at)
    correct(sat.case, "label", {"message_id": 4713, "is": "not"}, who="Goran Lindqvist", why="a joke", by=BY)
    page = sat.get("/message/1000")
    assert page.find("input", name="tick", checked="")
    assert "Goran Lindqvist has read it and says" in page.words
    sat.post("/ticks", shown=[1000], tick=[1000])
    assert list_ticks(sat.case) == [4713]
    sat.post("/ticks", shown=[1000])
    assert list_ticks(sat.case) == []


def test_a_number_in_its_usual_marks_is_printed_plainly_and_its_raw_form_stands_with_its_place(
    sat: Sat, view: AView
) -> None:
    view.items[:] = [a_message(1000, sender="\u202a+44 7700 900151\u202c")]
    words = sat.get("/message/1000").words
    assert words.count("[LRE]+44 7700 900151[PDF]") == 1
    assert "Sender as printed" in words
    assert "[LRE]" not in sat.get("/search").words
    view.items[:] = [a_message(1000)]
    assert "Sender as printed" not in sat.get("/message/1000").words


def test_printed_times_are_compared_as_far_as_the_coarser_clock_goes() -> None:
    item = a_message(sent_local="2031-03-04 19:42")
    for printed, same in (("2031-03-04 19:42:07", True), ("2031-03-04 19:43:07", False), (None, False)):
        told = str(tell_agreement({**item, "sent_local": printed, "text_differs": False}, item)[2])
        assert told.startswith("The same printed time, as far as") is same


def test_a_copy_that_differs_is_told_without_blame() -> None:
    item = a_message()
    other = {**item, "sender": "Priya N", "sent_local": "2031-03-04 10:30", "text_differs": True}
    assert [str(words) for words in tell_agreement(other, item)] == [
        "Its words differ:",
        "Printed under another name, as phones may save it.",
        "Another printed time, as clocks and zones may differ.",
    ]
    same = {**item, "text_differs": False}
    assert [str(words) for words in tell_agreement(same, item)] == [
        "The same words.",
        "The same name.",
        "The same printed time.",
    ]
