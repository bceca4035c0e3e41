"""The views that count, in a browser: by day, by hour of the day, and one export beside another."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from report.explorer.crowd import render_page
from report.invented import a_source, a_table, tiny_case

from chatforensics.report.explorer import marks
from chatforensics.schema import TABLES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
FOCUSED = "document.activeElement.getAttribute('aria-label') ?? ''"
TELL_VIOLATIONS = "addEventListener('securitypolicyviolation', e => console.error('CSP', e.violatedDirective))"
COMPARED = {
    "chat_id": "chat-1", "source_a": "source-1", "source_b": "source-2", "independent": True, "n_a": 4, "n_b": 4,
    "n_agree": 3, "n_text": 1, "n_sender": 0, "n_time": 0, "n_only_a": 0, "n_only_b": 0, "n_order": 0,
    "offset_s": 3605, "uncertainty_s": 4,
}  # fmt: skip


def counted_case(**more: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return the tiny case with its last message five days later, and its two exports of one chat compared."""
    tables = {name: a_table(name, []) for name in TABLES} | tiny_case() | more
    late = pl.col("message_id") == 311
    tables["messages"] = tables["messages"].with_columns(
        pl.when(late).then(pl.col(name) + timedelta(days=5)).otherwise(name).alias(name)
        for name in ("sent_local", "sent_at")
    )
    if not more:
        tables["comparisons"] = a_table("comparisons", [COMPARED])
    return tables


def crowded_chat(n: int) -> dict[str, pl.DataFrame]:
    """Return the case with so many exports of one chat, each compared with the one before it."""
    ids = [f"source-{i}" for i in range(1, n + 1)]
    sources = [a_source(i, source_id=name, path=f"phone-{i:03}/chat.txt") for i, name in enumerate(ids, 1)]
    pairs: list[dict[str, Any]] = [COMPARED | {"source_a": a, "source_b": b} for a, b in pairwise(ids)]
    chats = [{"chat_id": "chat-1", "title": "Ward talk", "kind": "group", "source_ids": ids}]
    return counted_case(
        sources=a_table("sources", sources), comparisons=a_table("comparisons", pairs), chats=a_table("chats", chats)
    )


def open_view(browser: "Browser", path: Path, html: str, view: str) -> "tuple[Page, list[str]]":
    path.write_text(html, encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(10_000)
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.add_init_script(TELL_VIOLATIONS)
    page.goto(path.as_uri())
    page.wait_for_selector("#explorer[data-ready]")
    page.click(f"#tab-{view}")
    return page, heard


def choose(page: "Page", place: int, name: str) -> None:
    """Type a name into one of the boxes above the views, and finish it."""
    box = page.locator("#selection input[type=text]").nth(place)
    box.fill(name)
    box.press("Tab")


def test_a_day_opens_its_labelled_messages_and_gets_the_focus_back(browser: "Browser", tmp_path: Path) -> None:
    page, heard = open_view(browser, tmp_path / "a.html", render_page(counted_case()), "timeline")
    page.focus("[data-panel=labelled] [tabindex='0']")
    title = page.evaluate(FOCUSED)
    assert title == "2031-03-03: 2 flagged: the words tell how to vote"
    page.keyboard.press("Enter")
    page.wait_for_selector("#drawer .message.cited")
    assert page.locator("#drawer .message.cited").count() == 2
    page.wait_for_timeout(300)
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)
    assert page.evaluate(FOCUSED) == title
    assert heard == []
    page.close()


def test_shift_and_an_arrow_choose_a_stretch_of_days_for_all_views(browser: "Browser", tmp_path: Path) -> None:
    page, heard = open_view(browser, tmp_path / "b.html", render_page(counted_case()), "timeline")
    page.focus("[data-panel=all] [tabindex='0']")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    assert "2031-03-03 00:00 to 2031-03-09 00:00 UTC" in page.inner_text("#selection")
    assert page.evaluate(FOCUSED).startswith("2031-03-08")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    assert page.inner_text("[role=tab][aria-selected=true]") == "Messages"  # nothing is held any more: the day opens
    assert heard == []
    page.close()


def test_days_on_which_a_chosen_chat_has_ended_are_shaded_and_others_grey(browser: "Browser", tmp_path: Path) -> None:
    page, _ = open_view(browser, tmp_path / "c.html", render_page(counted_case()), "timeline")
    shaded = page.locator(".timeline > g rect[fill='url(#timeline-gap)']")
    assert shaded.count() == 0
    choose(page, 2, "Ward talk")
    assert shaded.count() == 2 * 5  # five days after the last message of that chat, in both rows of bars
    assert page.locator("[data-panel=labelled] [data-bin='5'] rect.out").count() == 1
    page.close()


def test_a_ballot_date_stands_at_the_edge_of_its_own_day_in_any_zone(browser: "Browser", tmp_path: Path) -> None:
    events = [{"date": "2031-03-08", "label": "Ballot <b>closes</b>"}]
    run = {"parameters": {"timezone": "Asia/Karachi", "events": events}}
    page, heard = open_view(browser, tmp_path / "d.html", render_page(counted_case(), run=run), "timeline")
    line = float(page.get_attribute("svg.timeline line.event", "x1") or "nan")
    bar = float(page.get_attribute("[data-panel=all] [data-bin='5'] rect.timeline-touch", "x") or "nan")
    assert line == pytest.approx(bar)
    assert "Ballot <b>closes</b>" in page.inner_text("#view-panel .chart")
    assert heard == []
    page.close()


def test_an_hour_opens_as_many_messages_as_it_prints(browser: "Browser", tmp_path: Path) -> None:
    page, heard = open_view(browser, tmp_path / "e.html", render_page(counted_case()), "hours")
    names = page.locator("table.hours tbody th").all_inner_texts()
    assert names == ["Chioma", "Ifeoma", "Wiktor"]  # by name, not by number
    page.focus("table.hours button[tabindex='0']")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(FOCUSED) == "\u2068Ifeoma\u2069: 19:00 to 19:59, messages: 1"
    page.keyboard.press("Enter")
    page.wait_for_selector("#drawer .message.cited")
    assert page.locator("#drawer .message.cited").count() == 1
    assert heard == []
    page.close()


def test_senders_outside_the_choice_are_greyed_and_counted_nowhere(browser: "Browser", tmp_path: Path) -> None:
    page, _ = open_view(browser, tmp_path / "f.html", render_page(counted_case()), "hours")
    choose(page, 1, "Wiktor")
    assert page.locator("table.hours tbody th").all_inner_texts()[0] == "Wiktor"
    assert page.locator("table.hours tr.out td:last-child").all_inner_texts() == ["0", "0"]
    page.close()


def test_two_exports_say_of_each_other_what_differs_and_open_both_wordings(browser: "Browser", tmp_path: Path) -> None:
    page, heard = open_view(browser, tmp_path / "g.html", render_page(counted_case()), "corroboration")
    first, second = page.locator(".confirm-pair").all_inner_texts()
    assert first.split("\n") == ["3 of 4 alike", "1 in other words", "clock there +1 h 0 min 5 s ± 4 s", "independent"]
    assert "clock there −1 h 0 min 5 s ± 4 s" in second
    page.locator(".confirm-pair").first.click()
    page.wait_for_selector("#drawer .message.cited")
    drawer = page.inner_text("#drawer")
    assert "See you at eight" in drawer
    assert "See you at nine" in drawer
    assert page.inner_text(".confirm-alone summary") == "1 chat that one export holds: nothing to compare with"
    assert heard == []
    page.close()


def test_a_chat_of_forty_exports_is_drawn_and_every_pair_can_be_chosen_by_keyboard(
    browser: "Browser", tmp_path: Path
) -> None:
    page, heard = open_view(browser, tmp_path / "h.html", render_page(crowded_chat(40)), "corroboration")
    assert page.locator("canvas.confirm-canvas").count() == 1
    page.get_by_role("combobox", name="beside").select_option(index=1)
    page.get_by_role("button", name="Say what they show of each other").press("Enter")
    assert "S1 beside S2" in page.inner_text(".confirm-detail")
    page.locator(".twin-box summary").press("Enter")
    assert page.inner_text(".twin .pager [role=status]") == "Rows 1 to 25 of 39"
    assert heard == []
    page.close()


def test_a_status_opens_as_many_messages_as_it_counts_though_the_list_is_cut(
    browser: "Browser", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks, "CONFLICT_LIMIT", 0)
    page, heard = open_view(browser, tmp_path / "i.html", render_page(counted_case()), "corroboration")
    panel = page.inner_text("#view-panel")
    assert "No message on which two exports differ" not in panel
    assert "0 of 1 messages that differ or are missing are listed here" in panel
    for status in page.locator(".confirm-status").all():
        status.click()
        page.wait_for_selector("#drawer .message.cited")
        assert str(page.locator("#drawer .message.cited").count()) == status.locator("strong").inner_text()
    assert heard == []
    page.close()


def test_what_both_hold_alike_leaves_out_what_they_give_differently(browser: "Browser", tmp_path: Path) -> None:
    page, heard = open_view(browser, tmp_path / "j.html", render_page(counted_case()), "corroboration")
    page.locator(".confirm-pair").first.click()
    page.get_by_role("button", name="Open what both hold alike").click()
    page.wait_for_selector("#drawer-title:has-text('what both hold alike')")
    assert "See you at nine" not in page.inner_text("#drawer .messages .cited >> nth=-1")
    assert page.locator("#drawer .message.cited").count() > 0
    assert heard == []
    page.close()


def test_a_wide_table_says_on_a_narrow_screen_that_it_goes_on_to_the_side(browser: "Browser", tmp_path: Path) -> None:
    page, heard = open_view(browser, tmp_path / "k.html", render_page(counted_case()), "corroboration")
    assert not page.locator(".sideways").first.is_visible()
    page.set_viewport_size({"width": 320, "height": 900})
    assert page.locator(".sideways").first.is_visible()
    assert heard == []
    page.close()
