"""Attacks by words: forty hostile texts in every place that people or files can fill, on every page."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from report.hostile import PAYLOADS
from web.grounds import copy_case, hostile_case
from web.serving import Served, open_page, serving
from web.visiting import CASE_PAGES, ROOT_PAGES, WIDER, go_to, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow
FOREIGN = (
    "main script:not([type='application/json']), iframe, object, embed, base, meta[http-equiv], link[href*='evil'], "
    "[src*='evil'], [action*='evil'], [href^='javascript'], [onerror], [onload], [onfocus], [ontoggle], [onmouseover], "
    "foreignObject, math"
)


@dataclass(frozen=True)
class Hostile:
    served: Served
    base: str
    message: str


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    """Serve a case made of hostile texts, in which somebody typed them into every form as well."""
    place = tmp_path_factory.mktemp("hostile")
    case = copy_case(hostile_case(tmp_path_factory), place)
    with serving("--place", place, case) as served:
        base = served.ask("GET", "/").headers["location"].removeprefix(served.root).rstrip("/")
        shown = served.ask("GET", f"{base}/search?decision=flag").text
        message = shown.partition('name="shown" value="')[2].partition('"')[0]
        served.ask("POST", f"{base}/ticks", body={"message": message, "on": "1"})
        served.ask("POST", f"{base}/questions", body={"actor": PAYLOADS[0]})
        for words in PAYLOADS:
            assert served.ask("POST", f"{base}/notes", body={"message_id": message, "text": words}).status == 303
            told = served.ask("POST", f"{base}/notes", body={"text": "a name", "who": words})
            assert told.status == (400 if "\x1b" in words else 303)
            told = served.ask(
                "POST", f"{base}/addresses", body={"name": words, "address": f"/search?words={quote(words)}"}
            )
            assert told.status in (303, 400)
            assert served.ask("POST", f"{base}/documents", body={"title": words}).status == 303
            for where in (
                "search?words",
                "people?q",
                "search?person",
                "log?page",
                "exports?page",
                "views?tab",
                "notes?did",
            ):
                assert served.ask("GET", f"{base}/{where}={quote(words)}").status in (200, 400)
        served.ask("POST", f"{base}/documents/quote", body={"message_id": message, "document": "1"})
        yield Hostile(served, base, message)


def list_pages(hostile: Hostile) -> Iterator[str]:
    yield from (f"{hostile.base}{path}" for path in CASE_PAGES)
    yield from (f"{hostile.base}/message/{hostile.message}", f"{hostile.base}/documents/1")
    yield from (f"{hostile.base}/search?words={quote(words)}&chat={quote(words)}" for words in PAYLOADS[:40:8])
    yield from ROOT_PAGES[:2]


@pytest.mark.parametrize("width", [1280, 320])
def test_forty_hostile_texts_stay_texts_on_every_page(browser: "Browser", hostile: Hostile, width: int) -> None:
    page, watch = open_page(browser, hostile.served, "/?other=yes", width=width)
    seen = ""
    for path in list_pages(hostile):
        go_to(page, hostile.served, path)
        for summary in page.query_selector_all("main summary")[:30]:
            if summary.is_visible():
                summary.click()
        assert page.query_selector(FOREIGN) is None, path
        assert page.evaluate("Object.getOwnPropertyNames(Object.prototype).length") == 12, path
        assert width > 320 or not page.evaluate(WIDER), path
        seen += page.inner_text("main")
    watch.check()
    missing = [words for words in PAYLOADS[:26] if words not in seen]
    assert missing == []
    page.close()


def test_hostile_texts_stay_texts_in_every_linked_view(browser: "Browser", hostile: Hostile) -> None:
    page, watch = open_page(browser, hostile.served, f"{hostile.base}/views")
    wait_for(page, "#explorer[data-ready]")
    for tab in page.query_selector_all("#view-tabs [role=tab]"):
        tab.click()
        page.wait_for_timeout(150)
        for twin in page.query_selector_all("#view-panel .twin-box:not([open]) > summary"):
            twin.click()
        opener = page.query_selector("#view-panel .twin-box tbody button")
        if opener:
            opener.click()
            wait_for(page, "#drawer .message")
        assert page.query_selector(FOREIGN) is None
    watch.check()
    page.close()


def test_the_report_is_cut_off_from_the_page_that_serves_it(browser: "Browser", hostile: Hostile) -> None:
    page, watch = open_page(browser, hostile.served, f"{hostile.base}/report")
    wait_for(page, "#explorer[data-ready]")
    assert page.evaluate("self.origin") == "null"
    told = page.evaluate(
        "(url) => fetch(url).then((told) => told.status, (error) => 'refused')", f"{hostile.served.address}/"
    )
    assert told == "refused"
    assert [said for said in watch.heard if "Refused to connect" not in said and "connect-src" not in said] == []
    page.close()


def test_what_is_downloaded_is_never_shown_as_a_page_of_this_address(hostile: Hostile) -> None:
    listed = hostile.served.ask("GET", f"{hostile.base}/results").text
    names = {piece.partition('"')[0] for piece in listed.split(f"{hostile.base}/results/")[1:]}
    assert names
    for name in sorted(names):
        told = hostile.served.ask("GET", f"{hostile.base}/results/{name}")
        assert told.headers["content-disposition"].startswith("attachment"), name
        assert told.headers["x-content-type-options"] == "nosniff"
