"""The finished page in a browser: nothing runs but its own script, everything is reached by the keyboard alone."""

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from report.hostile import PAYLOADS, write_exports
from report.invented import render, tiny_case

from chatforensics.workflow import Settings, analyse

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
TELL_VIOLATIONS = (
    "addEventListener('securitypolicyviolation', e => console.error('CSP', e.violatedDirective, e.blockedURI))"
)


@dataclass
class Watch:
    """What a page said, asked for and complained of while it was open."""

    address: str
    heard: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Fail if anything was said, or asked for beside the page itself and what lies inside it."""
        assert self.heard == []
        assert [url for url in self.asked if not url.startswith(("data:", "blob:", self.address))] == []


def open_page(browser: "Browser", path: Path, *, width: int = 1280) -> "tuple[Page, Watch]":
    page = browser.new_page(viewport={"width": width, "height": 900})
    watch = Watch(path.resolve().as_uri())
    page.on("dialog", lambda dialog: watch.heard.append(dialog.message))
    page.on("console", lambda message: watch.heard.append(message.text))
    page.on("pageerror", lambda error: watch.heard.append(str(error)))
    page.on("request", lambda request: watch.asked.append(request.url))
    page.add_init_script(TELL_VIOLATIONS)
    page.goto(watch.address)
    page.wait_for_selector("#explorer[data-ready]")
    return page, watch


def list_views(page: "Page") -> list[str]:
    keys = [tab.get_attribute("data-view") for tab in page.query_selector_all("#view-tabs [role=tab]")]
    return [key for key in keys if key]


@pytest.fixture(scope="module")
def demo(demo_result: Path) -> Path:
    return demo_result / "report.html"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    out = folder / "out"
    analyse([write_exports(folder / "exports")], out=out, settings=Settings(events=_events()))
    return out / "report.html"


def _events() -> tuple[tuple[date, str], ...]:
    return ((date(2031, 3, 3), PAYLOADS[0]), (date(2031, 3, 4), PAYLOADS[34]))


@pytest.fixture(scope="module")
def demo_result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from chatforensics.workflow import copy_demo

    out = tmp_path_factory.mktemp("demo") / "demo-report"
    analyse([copy_demo(out)], out=out, settings=Settings(timezone="Europe/London"))
    return out


@pytest.mark.parametrize("width", [320, 1280])
def test_forty_hostile_payloads_are_shown_in_all_views_and_nothing_runs(
    browser: "Browser", hostile: Path, width: int
) -> None:
    page, watch = open_page(browser, hostile, width=width)
    for view in list_views(page):
        page.click(f"#tab-{view}")
        page.wait_for_timeout(150)
        for twin in page.query_selector_all("#view-panel .twin-box:not([open]) > summary"):
            twin.click()
        opener = page.query_selector("#view-panel .twin-box tbody button")
        if opener:
            opener.click()
            page.wait_for_selector("#drawer .message")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), view
    page.click("#tab-reader")
    page.wait_for_selector(".reader-list .message")
    shown = page.inner_text("body")
    assert "<script>alert(1)</script>" in shown
    assert page.query_selector("#explorer iframe, #explorer object, #explorer img[src*=evil], main script") is None
    watch.check()
    page.close()


def test_the_words_of_every_payload_can_be_read_in_the_reader(browser: "Browser", hostile: Path) -> None:
    page, watch = open_page(browser, hostile)
    page.click("#tab-reader")
    for payload in PAYLOADS[:34]:
        _search(page, payload, re.compile(r"found"))
        texts = [item.inner_text() for item in page.query_selector_all(".reader-list .message .words")]
        assert any(payload in text for text in texts), payload
    watch.check()
    page.close()


def _search(page: "Page", words: str, told: re.Pattern[str]) -> None:
    page.eval_on_selector(".reader-status", "line => line.replaceChildren()")  # what was told before is no answer
    page.fill("#view-panel input[type=search]", words)
    _wait_for_status(page, told)


def _wait_for_status(page: "Page", words: re.Pattern[str]) -> None:
    for _ in range(200):
        if words.search(page.inner_text(".reader-status")):
            page.wait_for_selector(".reader-list[aria-busy=false]", state="attached")
            return
        page.wait_for_timeout(50)
    raise AssertionError(page.inner_text(".reader-status"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_view(browser: "Browser", demo: Path, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    page, watch = open_page(browser, demo)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # one of two words
    for view in list_views(page):
        page.click(f"#tab-{view}")
        page.wait_for_timeout(200)
        for twin in page.query_selector_all("#view-panel .twin-box:not([open]) > summary"):
            twin.click()
        found = axe.run(page)
        assert found.violations_count == 0, f"{view}: {found.generate_report()}"
    watch.check()
    page.close()


def test_all_views_are_operated_by_the_keyboard_alone(browser: "Browser", demo: Path) -> None:
    page, watch = open_page(browser, demo)
    page.focus("#view-tabs [role=tab]")
    seen = []
    for view in list_views(page):
        seen.append(page.get_attribute("#view-tabs [aria-selected=true]", "data-view"))
        _open_by_keyboard(page, view)
        page.focus(f"#tab-{view}")
        page.keyboard.press("ArrowRight")
    assert seen == list_views(page)
    watch.check()
    page.close()


def _open_by_keyboard(page: "Page", view: str) -> None:
    """Walk from the tab into the view until something opens messages, open it, tick one, and come back."""
    if view == "reader":
        page.wait_for_selector(".reader-list .message")
        page.focus(".reader-scroll")
        page.keyboard.press("End")
        page.wait_for_timeout(300)
        assert page.get_attribute(".reader-list .message:last-child", "aria-posinset") == page.get_attribute(
            ".reader-list .message:last-child", "aria-setsize"
        )
        return
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('#view-panel [role=button], #view-panel tbody button')"):
            break
        if page.evaluate("document.activeElement.matches('#view-panel .twin-box:not([open]) > summary')"):
            page.keyboard.press("Enter")
            page.wait_for_selector("#view-panel .twin tbody")
    else:
        raise AssertionError(f"{view}: nothing opens the messages behind it")
    opener = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Enter")
    if view == "timeline":  # a day of all messages opens in the reader
        page.wait_for_selector(".reader-list .message")
        page.wait_for_timeout(300)
        assert page.evaluate("document.activeElement.matches('.reader-scroll')")
        page.go_back()
        page.wait_for_timeout(300)
        return
    page.wait_for_selector("#drawer .message.cited")
    page.wait_for_timeout(300)  # a chart that makes room for the drawer is drawn anew
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('#drawer *')")
    page.keyboard.press("Escape")
    assert page.is_hidden("#drawer")
    page.wait_for_timeout(300)
    assert page.evaluate("document.activeElement.matches('#view-panel *')")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == opener


def test_ticked_messages_are_saved_as_their_ids(browser: "Browser", demo: Path) -> None:
    page, watch = open_page(browser, demo)
    page.click("#tab-reader")
    page.wait_for_selector(".reader-list .message")
    boxes = page.query_selector_all(".reader-list .tick input")
    for box in boxes[:3]:
        box.check()
    with page.expect_download() as waiting:
        page.click("#ticks button")
    saved = [int(line) for line in Path(waiting.value.path()).read_text(encoding="utf-8").split()]
    known = pl.read_parquet(demo.parent / "tables" / "messages.parquet")
    one = known.filter(pl.col("message_id").is_in(saved))["canonical_id"].n_unique()
    assert one == 3
    assert len(saved) == known.filter(pl.col("message_id").is_in(saved)).height >= 3
    watch.check()
    page.close()


def test_an_address_brings_back_view_and_selection_and_a_permalink_its_message(browser: "Browser", demo: Path) -> None:
    page, watch = open_page(browser, demo)
    page.click("#tab-timeline")
    chat = page.eval_on_selector("#known-chat", "list => list.options[1].value")
    page.fill("[list=known-chat]", chat)
    page.keyboard.press("Enter")
    address = page.evaluate("location.href")
    assert "view=timeline" in address
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("#explorer[data-ready]")
    assert page.get_attribute("#view-tabs [aria-selected=true]", "data-view") == "timeline"
    assert chat in page.inner_text("#selection .chip")
    page.click("#tab-reader")
    page.go_back()
    page.wait_for_timeout(100)
    assert page.get_attribute("#view-tabs [aria-selected=true]", "data-view") == "timeline"
    cited = {int(found) for found in re.findall(r'id="m(\d+)"', demo.read_text(encoding="utf-8"))}
    messages = pl.read_parquet(demo.parent / "tables" / "messages.parquet")["message_id"].to_list()
    other = next(number for number in messages if number not in cited)
    page.goto("about:blank")
    page.goto(f"{demo.resolve().as_uri()}#m{other}")
    page.wait_for_selector("#drawer .message.cited")
    assert str(other) in page.inner_text("#drawer-title")
    page.goto("about:blank")
    page.goto(f"{demo.resolve().as_uri()}#m999")
    page.wait_for_selector("#explorer[data-ready]")
    assert "999" in page.inner_text("#notice")
    watch.check()
    page.close()


def test_a_day_and_a_name_can_be_typed_without_losing_the_place(browser: "Browser", demo: Path) -> None:
    page, watch = open_page(browser, demo)
    page.focus("#selection input[data-end=from]")
    page.keyboard.type("03102025")
    page.keyboard.press("Tab")
    assert "from=2025-03-10" in page.evaluate("location.hash")
    name = page.eval_on_selector("#known-person", "list => list.options[0].value")
    page.focus("[list=known-person]")
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.matches('[list=known-person]')")
    assert name in page.inner_text("#selection .chips")
    page.click("#tab-reader")
    _wait_for_status(page, re.compile(r"found among what is chosen"))
    watch.check()
    page.close()


def test_fast_jumps_in_the_reader_leave_one_whole_stretch(browser: "Browser", demo: Path) -> None:
    page, watch = open_page(browser, demo)
    page.click("#tab-reader")
    page.wait_for_selector(".reader-list .message")
    for _ in range(5):
        page.evaluate("document.querySelector('.reader-scroll').scrollTop = 1e6")
        page.click(".reader-place button:last-of-type")
        page.evaluate("document.querySelector('.reader-scroll').scrollTop = 0")
        page.click(".reader-place button:first-of-type")
    page.wait_for_timeout(500)
    page.wait_for_selector(".reader-list[aria-busy=false]", state="attached")
    shown = page.eval_on_selector_all(".reader-list .message", "items => items.map(item => Number(item.dataset.row))")
    assert shown == list(range(shown[0], shown[0] + len(shown)))
    assert shown[0] == 0
    watch.check()
    page.close()


def test_words_hidden_by_invisible_characters_and_words_of_one_copy_are_found(
    browser: "Browser", tmp_path: Path
) -> None:
    tables = tiny_case()
    split = pl.when(pl.col("message_id") == 311).then(pl.lit("sug\u00adges\u2063tion")).otherwise("text")
    tables["messages"] = tables["messages"].with_columns(text=split)
    path = tmp_path / "report.html"
    path.write_text(render(tables), encoding="utf-8")
    page, watch = open_page(browser, path)
    page.click("#tab-reader")
    for words in ("suggestion", "See you at nine", "see you at EIGHT"):
        _search(page, words, re.compile(r"^1 message found in all chats"))
    assert "has other words" in page.inner_text(".reader-list")
    watch.check()
    page.close()
