"""Documents: an editor that loses nothing, quotes that are looked up anew, and a page that anybody can open."""

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from report.hostile import PAYLOADS
from web.desking import Sat, sit_down

from chatforensics.casefile.desk import list_ticks
from chatforensics.casefile.papers import list_documents, read_document
from chatforensics.package.choosing import read_ids
from chatforensics.text import show_controls
from chatforensics.web import opened

QUOTED, GONE = 4711, 4712


def an_item(message_id: int = QUOTED, **other: Any) -> dict[str, Any]:
    """Return a message as every page has it."""
    return {
        "message_id": str(message_id), "chat": "Canal Street", "chat_id": "c1", "person_id": "p1",
        "sender": "Priya Nair", "sent_local": "2031-03-04 09:30", "sent_at": None, "source_id": "s1", "source": "S1",
        "path": "phone/chat.txt", "line": 12, "byte_start": 100, "byte_end": 1234, "kind": "text",
        "text": "Bring both papers.", "attachment": None,
        "edited": False, "decision": None, "probability": None, "explanation": None, "spans": [], "labels": [],
        "n_copies": 1, "status": None, **other,
    }  # fmt: skip


class AView:
    """One message in one export, as the case was last analysed."""

    def __init__(self, **other: Any) -> None:
        self.item = an_item(**other)

    def message(self, message_id: int) -> dict[str, Any] | None:
        return self.item if message_id == QUOTED else None

    def sources(self) -> list[dict[str, Any]]:
        return [
            {"source_id": "s1", "source": "S1", "path": "phone/chat.txt", "sha256": "ab" * 32},
            {"source_id": "s2", "source": "S2", "path": "never quoted", "sha256": "cd" * 32},
        ]


@pytest.fixture
def sat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sat:
    see(monkeypatch, AView())
    return sit_down(tmp_path / "case")


def see(monkeypatch: pytest.MonkeyPatch, view: AView | None) -> None:
    for module in ("chatforensics.web.opened", "chatforensics.web.pages.documents"):
        monkeypatch.setattr(f"{module}.open_view", lambda _case: view)
    assert opened.message_finder(None)(GONE) is None  # type: ignore[arg-type] # not looked at


def begin(sat: Sat, title: str = "What was sent") -> str:
    return sat.post("/documents", title=title).leads_to


def press(sat: Sat, address: str, button: str, **typed: object) -> str:
    """Press a button of the editor as a browser does without scripts, and return where it leads."""
    fields = sat.get(address).fields("editor") | {name.replace("_", "-"): value for name, value in typed.items()}
    return sat.post(address.partition("?")[0], **{**fields, "do": button}).leads_to


def stored(sat: Sat, number: int = 1) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = read_document(sat.case, number)["blocks"]
    return blocks


def test_a_document_is_written_with_buttons_alone(sat: Sat) -> None:
    address = begin(sat)
    address = press(sat, address, "heading:0")
    address = press(sat, address, "paragraph:1", text_1="What happened")
    address = press(sat, address, "quote", text_2="In my words.", quote_number=QUOTED, who="Goran Lindqvist")
    address = press(sat, address, "up:3", who="Priya Nair")
    assert address == "/documents/1?did=up&at=up:3"
    assert [(row["kind"], row["text"], row["message_id"], row["by"]) for row in stored(sat)] == [
        ("heading", "What happened", None, ["unknown"]),
        ("quote", "", str(QUOTED), []),
        ("paragraph", "In my words.", None, ["Goran Lindqvist"]),
    ]
    assert read_document(sat.case, 1)["actor"] == "Priya Nair"


def test_after_a_button_the_keyboard_goes_on_where_it_was(sat: Sat) -> None:
    address = press(sat, begin(sat), "paragraph:0")
    focused = sat.get(address).find("textarea", autofocus="")
    assert [given["name"] for given in focused] == ["text-1"]
    address = press(sat, press(sat, address, "paragraph:1", text_1="a"), "down:1", text_2="b")
    page = sat.get(address)
    assert [given["value"] for given in page.find("button", autofocus="")] == ["down:1"]
    assert "Moved down, and saved." in page.words
    assert "#" not in address  # a fragment keeps browsers from putting the focus anywhere


def test_what_was_taken_out_can_be_put_back_with_its_words(sat: Sat) -> None:
    address = press(sat, press(sat, begin(sat), "paragraph:0"), "remove:1", text_1="Precious words.")
    assert stored(sat)[0]["removed"]
    assert "Precious words." not in sat.get("/documents/1/page").text
    press(sat, address, "back:1")
    assert (stored(sat)[0]["removed"], stored(sat)[0]["text"]) == (False, "Precious words.")


def test_a_quote_shows_the_message_as_it_stands_now_and_says_where_it_is_gone(
    sat: Sat, monkeypatch: pytest.MonkeyPatch
) -> None:
    sat.post("/documents/quote", message_id=QUOTED, document="new", back="/message/4711")
    sat.post("/documents/quote", message_id=GONE, document="1", back="/message/4712")
    shown = sat.get("/documents/1")
    assert "Bring both papers." in shown.words
    assert shown.find("a", href=f"{sat.base}/message/{QUOTED}", **{"class": "cite"})
    assert f"Message {GONE} is not in the case as it was last analysed" in shown.words
    see(monkeypatch, AView(text="Bring the other paper."))
    assert "Bring the other paper." in sat.get("/documents/1/page").words
    see(monkeypatch, None)
    assert f"Message {QUOTED} is not in the case" in sat.get("/documents/1/page").words
    assert [row["message_id"] for row in stored(sat)] == [str(QUOTED), str(GONE)]


def test_where_two_people_save_the_second_sees_both_and_loses_nothing(sat: Sat) -> None:
    address = press(sat, begin(sat), "paragraph:0")
    mine = sat.get(address).fields("editor")
    press(sat, address, "save", text_1="By the first.", who="Priya Nair")
    refused = sat.post("/documents/1", **{**mine, "text-1": "By the second.", "title": "Mine", "do": "save"})
    assert refused.status == 409
    assert "Somebody else changed it meanwhile" in refused.words
    assert "By the first." in refused.words
    assert stored(sat)[0]["text"] == "By the first."
    kept = refused.fields("editor")
    assert (kept["text-1"], kept["title"]) == (["By the second."], ["Mine"])
    assert sat.post("/documents/1", **kept, do="save").leads_to == "/documents/1?did=save&at=save"
    assert stored(sat)[0]["text"] == "By the second."


def test_what_was_typed_into_a_document_that_somebody_removed_can_be_saved_as_a_new_one(sat: Sat) -> None:
    address = press(sat, begin(sat), "paragraph:0")
    mine = sat.get(address).fields("editor") | {"text-1": ["Not to be lost."]}
    sat.post("/documents/1/remove", version=read_document(sat.case, 1)["version"])
    refused = sat.post("/documents/1", **mine, do="save")
    assert refused.status == 409
    assert "Somebody removed it meanwhile" in refused.words
    assert sat.post("/documents/1", **refused.fields("editor"), do="copy").leads_to.startswith("/documents/2")
    assert stored(sat, 2)[0]["text"] == "Not to be lost."


def test_a_quote_goes_into_a_document_that_others_edit_meanwhile(sat: Sat) -> None:
    address = press(sat, begin(sat), "paragraph:0", who="Priya Nair")
    press(sat, address, "save", text_1="Typed meanwhile.")
    gone_back = sat.post("/documents/quote", message_id=QUOTED, document="1", back="/message/4711?around=20#x").leads_to
    assert gone_back == "/message/4711?around=20&did=quoted&in=1"
    assert [row["kind"] for row in stored(sat)] == ["paragraph", "quote"]


def test_the_page_to_take_away_needs_nothing_and_says_what_each_quote_can_be_checked_by(sat: Sat) -> None:
    sat.post("/documents/quote", message_id=QUOTED, document="new", back="/")
    press(sat, "/documents/1", "save", text_1="I take this as a reminder.", who="Goran Lindqvist")
    page = sat.get("/documents/1/page")
    assert page.told.headers["content-disposition"] == 'attachment; filename="document-1.html"'
    for words in (
        "Interpretation by Goran Lindqvist", "S1:12", "bytes 100 to 1,234", f"message {QUOTED}", "ab" * 32,
        "phone/chat.txt", "no redacted package", "Made with chatforensics",
    ):  # fmt: skip
        assert words in page.words
    assert "never quoted" not in page.words
    style = re.search(r"<style>(.*?)</style>", page.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = page.find("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert not [tag for tag, given in page.tags if tag in {"script", "link", "img", "iframe"} or "href" in given]


def test_the_page_to_take_away_has_the_same_bytes_each_time(sat: Sat) -> None:
    sat.post("/documents/quote", message_id=QUOTED, document="new", back="/")
    assert sat.get("/documents/1/page").text == sat.get("/documents/1/page").text


def test_the_numbers_of_what_is_quoted_are_as_bundle_takes_them_and_can_be_ticked(sat: Sat) -> None:
    sat.post("/documents/quote", message_id=QUOTED, document="new", back="/")
    sat.post("/documents/quote", message_id=GONE, document="1", back="/")
    given = sat.get("/documents/1/ids").text
    assert given == f"{QUOTED} # S1:12\n# {GONE} # not in the case any more\n"
    assert read_ids(given, where="a test") == (QUOTED,)
    assert sat.post("/documents/1/tick").leads_to == "/documents/1?did=tick&at=tick"
    assert list_ticks(sat.case) == [QUOTED]


def test_hostile_texts_are_words_and_stay_what_they_are(sat: Sat, monkeypatch: pytest.MonkeyPatch) -> None:
    see(monkeypatch, AView(text="\n".join(PAYLOADS), sender=PAYLOADS[0], chat=PAYLOADS[23], path=PAYLOADS[3]))
    press(sat, begin(sat, PAYLOADS[16]), "quote", quote_number=QUOTED)
    typed: dict[str, object] = {"title": PAYLOADS[14], "version": 2, "who": "</bdi><script>", "block": range(1, 41)}
    typed |= {f"kind-{n}": "heading" if n % 2 else "paragraph" for n in range(2, 41)}
    typed |= {"kind-1": "quote", "message-1": QUOTED} | {f"text-{n}": text for n, text in enumerate(PAYLOADS, start=1)}
    assert sat.post("/documents/1", **typed, do="save").status == 303
    texts = [row["text"] for row in stored(sat)]
    assert texts == [show_controls(payload).strip() for payload in PAYLOADS]
    for address in ("/documents", "/documents/1", "/documents/1/page"):
        page = sat.get(address)
        foreign = {tag for tag, given in page.tags if not given.get("src", "").startswith("/secret/assets/")}
        assert not {"script", "img", "svg", "iframe", "object", "base", "math"} & foreign
        assert not [given for _, given in page.tags if any(name.startswith("on") or name == "style" for name in given)]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/documents", {"title": " "}),
        ("/documents", {"title": "x" * 301}),
        ("/documents/1", {"title": "a", "version": "one"}),
        ("/documents/1", {"title": "a", "version": 1, "do": "up:9"}),
        ("/documents/1", {"title": "a", "version": 1, "do": "quote"}),
        ("/documents/1", {"title": "a", "version": 1, "who": "x" * 201}),
        ("/documents/quote", {"message_id": "../1", "document": "1"}),
        ("/documents/quote", {"message_id": "1", "document": "9"}),
        ("/documents/quote", {"message_id": "1", "document": "-1"}),
    ],
)
def test_what_no_form_of_ours_sends_is_refused_in_words_and_changes_nothing(
    sat: Sat, path: str, fields: dict[str, object]
) -> None:
    begin(sat)
    before = [read_document(sat.case, row["number"]) for row in list_documents(sat.case)]
    assert sat.post(path, **fields).status == 400
    assert [read_document(sat.case, row["number"]) for row in list_documents(sat.case)] == before


def test_a_number_beyond_all_is_no_document(sat: Sat) -> None:
    assert sat.get(f"/documents/{'9' * 30}").status == 400
    assert sat.get("/documents/7").status == 400
