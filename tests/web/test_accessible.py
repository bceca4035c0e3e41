"""Every page: nothing for axe to find, all by keyboard, on a small screen, without motion, in scripts of both ways."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from web.grounds import copy_case, demo_case
from web.serving import Served, open_page, serving
from web.visiting import CASE_PAGES, MOVING, REACHABLE, ROOT_PAGES, SMALL, find_faults, go_to, walk_through

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow
URDU = "یہ پیغام دو بار آیا ہے، ward 7 میں بھی۔"


@dataclass(frozen=True)
class Filled:
    served: Served
    base: str
    message: str
    document: str

    def path(self, name: str) -> str:
        """Return the address of a page; one message and one document stand for all."""
        if name in ROOT_PAGES:
            return name
        return self.base + name.replace("MESSAGE", self.message).replace("DOCUMENT", self.document)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """Serve an analysed case with ticks, notes, a document, a kept search and a reply, some of them in Urdu."""
    place = tmp_path_factory.mktemp("filled")
    case = copy_case(demo_case(tmp_path_factory), place)
    with serving("--place", place, case) as served:
        base = served.ask("GET", "/").headers["location"].removeprefix(served.root).rstrip("/")
        shown = served.ask("GET", f"{base}/search?decision=flag").text
        message = shown.partition('name="shown" value="')[2].partition('"')[0]
        served.ask("POST", f"{base}/ticks", body={"message": message, "on": "1"})
        served.ask("POST", f"{base}/notes", body={"message_id": message, "text": URDU})
        served.ask("POST", f"{base}/addresses", body={"name": URDU, "address": "/search?words=ward"})
        begun = served.ask("POST", f"{base}/documents", body={"title": URDU}).headers["location"]
        served.ask("POST", f"{base}/documents/quote", body={"message_id": message, "document": "1"})
        yield Filled(served, base, message, begun.partition("/documents/")[2].partition("?")[0])


PAGES = (*ROOT_PAGES, *CASE_PAGES, "/message/MESSAGE", "/documents/DOCUMENT", "/message/1")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_faults_of_access(browser: "Browser", filled: Filled, name: str) -> None:
    page, watch = open_page(browser, filled.served, filled.path(name))
    go_to(page, filled.served, filled.path(name))
    assert find_faults(page) == []
    assert page.evaluate(SMALL) == []
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(MOVING) == 0
    page.set_viewport_size({"width": 1280, "height": 900})
    n_reachable = page.evaluate(REACHABLE)
    assert len(list(walk_through(page))) >= n_reachable
    if name not in ("/nothing-of-this-name", "/message/1"):  # browsers complain of pages that are not there
        watch.check()
    page.close()


def test_writing_from_right_to_left_stands_so_and_turns_nothing_around_it(browser: "Browser", filled: Filled) -> None:
    page, watch = open_page(browser, filled.served, filled.path("/notes"))
    note = page.locator(".note .words").first
    assert note.evaluate("(e) => [e.innerText, getComputedStyle(e).direction]") == [URDU, "rtl"]
    assert page.locator(".note .quiet").first.evaluate("(e) => getComputedStyle(e).direction") == "ltr"
    go_to(page, filled.served, filled.path("/documents/DOCUMENT"))
    assert page.locator("h1").evaluate("(e) => getComputedStyle(e).direction") == "rtl"
    assert page.locator("#title").evaluate("(e) => getComputedStyle(e).direction") == "rtl"
    go_to(page, filled.served, filled.path("/addresses"))
    assert page.get_by_text(URDU).first.evaluate("(e) => getComputedStyle(e).direction") == "rtl"
    assert page.evaluate("getComputedStyle(document.body).direction") == "ltr"
    name = "علی\u200cرضا"  # with a mark of no width, as such names are written
    assert filled.served.ask("POST", f"{filled.base}/notes", body={"text": "x", "who": name}).status == 303
    go_to(page, filled.served, filled.path("/notes"))
    assert page.locator(".note bdi", has_text=name).first.evaluate("(e) => getComputedStyle(e).direction") == "rtl"
    watch.check()
    page.close()


def test_text_can_be_spaced_wider_without_anything_being_cut_off(browser: "Browser", filled: Filled) -> None:
    page, _ = open_page(browser, filled.served, filled.path("/"), width=320)
    page.evaluate(
        "for (const e of document.querySelectorAll('*')) { e.style.setProperty('line-height', '1.5', 'important');"
        "e.style.setProperty('letter-spacing', '0.12em', 'important');"
        "e.style.setProperty('word-spacing', '0.16em', 'important'); }"
    )
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    page.close()


def test_pages_can_be_read_without_scripts(browser: "Browser", filled: Filled, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for name in ("/", "/search?words=vote", "/message/MESSAGE", "/notes", "/documents/DOCUMENT", "/people", "/package"):
        page.goto(f"{filled.served.address}{filled.path(name)}")
        assert page.inner_text("h1")
        assert page.locator("main").inner_text().strip()
    context.close()
    assert tmp_path.is_dir()
