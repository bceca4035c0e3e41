"""The views of one text, in a browser: its way through the chats, and how its words changed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from report.explorer.crowd import render_page
from report.invented import a_message, a_source, a_table

from chatforensics.schema import TABLES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
Shares = list[tuple[int, int, int, str, int | None, float]]
START = datetime(2031, 3, 3, 19, 40, tzinfo=UTC)
ROOT = "Dear members,\nplease vote for Oyelaran Brzeska on Thursday"
URDU = "السلام علیکم،\nplease vote for Oyelaran Brzeska on Thursday"
BENGALI = "Dear members,\nদয়া করে ভোট দিন Oyelaran Brzeska on Thursday"
HIDDEN = "Dear members,\nplease vote for Oyelaran\u200b Brzeska on Thursday"
TEXTS = {"v1": ROOT, "v2": URDU, "v3": BENGALI, "v4": HIDDEN}
CHANGES = [("v2", "Dear members", "السلام علیکم"), ("v3", "please vote for", "দয়া করে ভোট দিন")]  # fmt: skip
PEOPLE = ["Chioma", "Wiktor", "نادیہ", "রহিমা", "Siân", "Lwazi"]
# person, chat, minutes after the start, wording, likeliest source (a share's number) and its probability
SHARES: Shares = [
    (0, 0, 0, "v1", None, 1.0),
    (1, 0, 0, "v1", None, 1.0),
    (2, 1, 30, "v2", 0, 0.7),
    (3, 1, 45, "v3", 2, 0.6),
    (4, 2, 3 * 1440, "v4", 3, 0.9),
    (0, 2, 3 * 1440 + 5, "v1", 4, 0.8),
]


def passed_on(shares: Shares = SHARES) -> dict[str, pl.DataFrame]:
    """Return the tables of one text passed on through three chats."""
    people = [{"person_id": f"person-{i}", "pseudonym": f"P-{i}", "labels": [name]} for i, name in enumerate(PEOPLE)]
    chats = [{"chat_id": f"chat-{i}", "title": f"Chat {i}", "kind": "group", "source_ids": ["s"]} for i in range(3)]
    at = [START + timedelta(minutes=share[2]) for share in shares]
    messages = [
        a_message(i, source=1, minute=i, text=TEXTS[share[3]], sender=PEOPLE[share[0]])
        | {"person_id": f"person-{share[0]}", "chat_id": f"chat-{share[1]}", "sent_at": at[i], "canonical_id": i}
        for i, share in enumerate(shares)
    ]
    rows: dict[str, list[dict[str, Any]]] = {
        "sources": [a_source(1)],
        "messages": messages,
        "people": people,
        "chats": chats,
        "families": [
            {"message_id": i, "family_id": "f", "variant_id": share[3], "tracked": True}
            for i, share in enumerate(shares)
        ],
        "variants": list_variants(shares, at),
        "variant_changes": list_changes(),
        "shares": [
            {"share_id": f"s{i:04}", "family_id": "f", "variant_id": share[3], "chat_id": f"chat-{share[1]}",
             "person_id": f"person-{share[0]}", "sent_at": at[i], "message_ids": [i]}
            for i, share in enumerate(shares)
        ],
        "links": list_links(shares),
    }  # fmt: skip
    return {name: a_table(name, rows.get(name, [])) for name in TABLES}


def list_variants(shares: Shares, at: list[datetime]) -> list[dict[str, Any]]:
    found = []
    for name, text in TEXTS.items():
        own = [i for i, share in enumerate(shares) if share[3] == name]
        found.append(
            {"family_id": "f", "variant_id": name, "n_messages": len(own), "message_ids": own, "text": text,
             "first_at": at[own[0]] if own else None, "parent_variant_id": None if name == "v1" else "v1", "n_edits": 3}
        )  # fmt: skip
    return found


def list_changes() -> list[dict[str, Any]]:
    return [
        {"family_id": "f", "variant_id": name, "parent_variant_id": "v1", "position": 1, "change": "replaced",
         "start": TEXTS[name].index(new), "end": TEXTS[name].index(new) + len(new), "text": new,
         "parent_start": ROOT.index(old), "parent_end": ROOT.index(old) + len(old), "parent_text": old}
        for name, old, new in CHANGES
    ]  # fmt: skip


def list_links(shares: Shares) -> list[dict[str, Any]]:
    links: list[dict[str, Any]] = []
    for i, (*_, parent, probability) in enumerate(shares):
        options = [(parent, probability), (None, 1 - probability)] if parent is not None else [(None, 1.0)]
        links += [
            {"share_id": f"s{i:04}", "parent_share_id": None if source is None else f"s{source:04}", "probability": p,
             "rank": rank, "burst_id": f"s{i:04}", "lag_s": 60.0}
            for rank, (source, p) in enumerate(options, 1)
        ]  # fmt: skip
    return links


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "views.html"
    path.write_text(render_page(passed_on()), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def page(browser: "Browser", address: str) -> Iterator["Page"]:
    yield from open_page(browser, address, "cascade")


def open_page(browser: "Browser", address: str, view: str, *, width: int = 1280) -> Iterator["Page"]:
    """Open a page at one view; anything that the browser complains of fails the test."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.goto(address)
    page.wait_for_selector("#explorer[data-ready]")
    page.click(f"#tab-{view}")
    yield page
    assert heard == []
    page.close()


def test_every_share_is_a_mark_and_one_whose_source_is_not_in_the_evidence_is_hollow(page: "Page") -> None:
    assert page.locator("[data-share]").count() == len(SHARES)
    hollow = page.locator("[data-share]").evaluate_all(
        "nodes => nodes.map(n => Boolean(n.querySelector('.cascade-hollow')))"
    )
    assert hollow == [True, True, False, False, False, False]


def test_arrows_come_from_the_likeliest_source_and_none_leads_to_what_somebody_sent_again(page: "Page") -> None:
    assert page.locator(".cascade-arrows > g").count() == 3
    again = page.locator("[data-share]").nth(5).get_attribute("aria-label") or ""
    assert "sent again by the same person" in again


def test_shares_of_one_minute_stand_above_each_other_and_both_are_named_as_earliest(page: "Page") -> None:
    one, other = (page.locator("[data-share]").nth(k).bounding_box() for k in (0, 1))
    assert one is not None
    assert other is not None
    assert abs(one["x"] - other["x"]) < 1
    assert abs(one["y"] - other["y"]) > 8
    notes = page.locator(".cascade-notes").inner_text()
    assert "Earliest in the evidence: Chioma, Wiktor" in notes
    assert "do not say which of them came first" in notes


def test_a_long_pause_is_cut_out_with_a_double_stroke(page: "Page") -> None:
    assert page.locator(".cascade-cut").count() == 2
    third, fifth = (page.locator("[data-share]").nth(k).bounding_box() for k in (3, 4))
    assert third is not None
    assert fifth is not None
    assert fifth["x"] - third["x"] < 500  # three days beside 45 minutes


def test_arrow_keys_walk_the_shares_and_enter_opens_the_messages(page: "Page") -> None:
    page.locator("[data-share]").first.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    assert "0.60 نادیہ in Chat 1" in page.locator(".cascade-detail").inner_text()
    assert page.locator("[data-share][tabindex='0']").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_selector("#drawer .message.cited")
    assert page.locator("#drawer .message.cited").count() == 1
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.share") == "3"


def test_a_lane_gets_the_focus_back_when_its_messages_are_closed(page: "Page") -> None:
    page.locator("[data-lane]").nth(1).focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#drawer .message.cited")
    page.wait_for_timeout(300)
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)
    assert page.evaluate("document.activeElement.dataset.lane") == "1"


def test_a_selected_person_stays_and_the_others_are_greyed(page: "Page") -> None:
    page.get_by_label("Person", exact=True).fill("Siân")
    page.keyboard.press("Enter")
    assert page.locator("[data-share]:not(.out)").count() == 1
    assert page.locator(".cascade-arrows > g:not(.out)").count() == 0


def test_names_stand_apart_from_each_other_and_from_the_marks(page: "Page") -> None:
    texts = page.locator(".cascade-names text").evaluate_all(
        "nodes => nodes.map(n => n.getBoundingClientRect().toJSON())"
    )
    marks = page.locator("[data-share] path").evaluate_all(
        "nodes => nodes.map(n => n.getBoundingClientRect().toJSON())"
    )
    assert len([text for text in texts if text["width"] > 0]) >= len(PEOPLE) - 1
    for k, one in enumerate(texts):
        for other in [*texts[:k], *marks]:
            apart = one["right"] <= other["left"] + 2 or other["right"] <= one["left"] + 2
            assert apart or one["bottom"] <= other["top"] + 4 or other["bottom"] <= one["top"] + 4


def test_five_hundred_shares_are_drawn_on_a_canvas_and_the_table_has_them(browser: "Browser", tmp_path: Path) -> None:
    many: Shares = [(i % 6, i % 3, 7 * i, "v1", i - 1 if i else None, 0.6 if i else 1.0) for i in range(500)]
    path = tmp_path / "many.html"
    path.write_text(render_page(passed_on(many)), encoding="utf-8")
    for page in open_page(browser, path.as_uri(), "cascade"):
        assert page.locator("[data-share]").count() == 0
        assert "500 shares" in (page.locator("canvas.cascade-canvas").get_attribute("aria-label") or "")
        assert "500 rows" in page.locator(".twin-box summary").inner_text()


def test_a_click_beside_a_share_on_the_canvas_opens_its_message(browser: "Browser", tmp_path: Path) -> None:
    many: Shares = [(i % 6, 0, 30 * i, "v1", None, 1.0) for i in range(401)]
    path = tmp_path / "row.html"
    path.write_text(render_page(passed_on(many)), encoding="utf-8")
    for page in open_page(browser, path.as_uri(), "cascade"):
        box = page.locator(".cascade-stage").bounding_box()
        band = page.locator(".cascade-band").first.bounding_box()
        assert box is not None
        assert band is not None
        page.mouse.click(box["x"] + box["width"] / 2, band["y"] + band["height"] / 2)
        page.wait_for_selector("#drawer .message.cited")


@pytest.mark.parametrize("width", [320, 1280])
def test_wordings_stand_below_the_nearest_with_what_was_added_and_dropped(
    browser: "Browser", address: str, width: int
) -> None:
    for page in open_page(browser, address, "wordings", width=width):
        items = page.locator(".wording")
        assert items.count() == len(TEXTS)
        assert items.nth(0).locator(".words").inner_text() == ROOT
        changed = [
            [item.locator(tag).evaluate("n => n.childNodes[1].data") for tag in ("del", "ins")]
            for item in items.all()[1:3]
        ]
        assert changed == [["Dear members", "السلام علیکم"], ["please vote for", "দয়া করে ভোট দিন"]]
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_character_that_does_not_show_is_spelled_where_it_is_the_change(browser: "Browser", address: str) -> None:
    for page in open_page(browser, address, "wordings"):
        assert "[ZWSP]" in page.locator(".wording").nth(3).locator("ins").inner_text()


def test_a_wording_reads_in_the_direction_of_its_first_letters(browser: "Browser", address: str) -> None:
    for page in open_page(browser, address, "wordings"):
        words = page.locator(".wording .words")
        directions = words.evaluate_all("nodes => nodes.map(n => getComputedStyle(n).direction)")
        assert directions == ["ltr", "rtl", "ltr", "ltr"]


def test_any_two_wordings_can_be_compared_and_the_whole_of_each_is_there(browser: "Browser", address: str) -> None:
    for page in open_page(browser, address, "wordings"):
        page.get_by_role("button", name="Show wording D beside A").click()
        columns = page.locator(".wordings-columns .words")
        assert [columns.nth(0).locator("del").count(), columns.nth(1).locator("ins").count()] == [0, 1]
        page.locator(".wordings-pair select").nth(1).select_option(value="1")
        for number, text in ((0, ROOT), (1, URDU)):
            words = "n => [...n.childNodes].map(c => c.nodeType === 3 ? c.data : c.childNodes[1].data).join('')"
            assert columns.nth(number).evaluate(words) == text
        assert page.evaluate("document.activeElement.closest('.wordings-pair') !== null")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", ["cascade", "wordings"])
def test_axe_finds_nothing_in_the_views_of_one_text(browser: "Browser", address: str, view: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for page in open_page(browser, address, view):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.wait_for_timeout(100)
        found = axe.run(page, context="#view-panel").response["violations"]
        assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in found] == []
