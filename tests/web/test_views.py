"""The linked views with their data from the running page, in a browser."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from report.hostile import PAYLOADS, write_exports
from report.invented import render, tiny_case
from web.serving import Served, Watch, open_page, serving

from chatforensics.casefile import By, Kept, new_case
from chatforensics.schema import empty
from chatforensics.workflow import presenting, stages
from chatforensics.workflow.adding import add_exports
from chatforensics.workflow.casework import analyse_case
from chatforensics.workflow.clock import now
from chatforensics.workflow.run import Settings
from chatforensics.workflow.viewing import build_view

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
PHONES = Path(__file__).parents[2] / "exports" / "phones"


def make_case(folder: Path, exports: Path) -> Path:
    """Make an analysed case with a view, without figures, other assumptions and a long report, which take long."""
    by = By("Asha", now())
    case = new_case(folder, title="Ward", by=by, key=bytes(32))
    add_exports(case, [exports], by=by)
    report = Kept(files={"report.html": render(tiny_case()).encode(), "report.pdf": b"%PDF"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stages, "_vary", lambda *_: Kept({"sensitivity": empty("sensitivity")}))
        patch.setattr(presenting, "_draw_figures", lambda *_: Kept({}, {"drawings": []}, {}))
        patch.setattr(presenting, "_write_report", lambda *_: report)
        outcome = analyse_case(case, settings=Settings(timezone="Europe/London"), by=by)
    build_view(case, outcome)
    return folder


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str]]:
    folder = make_case(tmp_path_factory.mktemp("demo") / "case", PHONES)
    with serving(folder, "--place", folder.parent / "cases") as served:
        yield served, base_of(served)


def base_of(served: Served) -> str:
    return served.ask("GET", "/").headers["location"].removeprefix(served.root).rstrip("/")


def open_views(
    browser: "Browser", demo: tuple[Served, str], after: str = "", *, width: int = 1280
) -> "tuple[Page, Watch]":
    served, base = demo
    page, watch = open_page(browser, served, f"{base}/views{after}", width=width)
    page.wait_for_selector("#explorer[data-ready]")
    return page, watch


def list_views(page: "Page") -> list[str]:
    keys = [tab.get_attribute("data-view") for tab in page.query_selector_all("#view-tabs [role=tab]")]
    return [key for key in keys if key]


def wait_for(page: "Page", selector: str, words: str) -> str:
    for _ in range(100):
        page.wait_for_timeout(50)
        if re.search(words, page.inner_text(selector)):
            return page.inner_text(selector)
    raise AssertionError(page.inner_text(selector))


def search(page: "Page", words: str, told: str = "found") -> str:
    page.eval_on_selector(".reader-status", "line => line.replaceChildren()")  # what was told before is no answer
    page.fill("#view-panel input[type=search]", words)
    return wait_until_drawn(page, told)


def wait_until_drawn(page: "Page", told: str = "found") -> str:
    line = wait_for(page, ".reader-status", told)
    page.wait_for_selector(".reader-list[aria-busy=false]", state="attached")
    return line


@pytest.mark.parametrize("width", [320, 1280])
def test_all_views_draw_without_a_fault_that_axe_finds(
    browser: "Browser", demo: tuple[Served, str], width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    page, watch = open_views(browser, demo, width=width)
    assert len(list_views(page)) == 8
    for view in list_views(page):
        page.click(f"#tab-{view}")
        page.wait_for_timeout(150)
        assert page.inner_text("#view-panel .chart").strip(), view
        found = axe.run(page)
        assert found.violations_count == 0, f"{view}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), view
    watch.check()
    page.close()


def test_what_is_searched_and_chosen_is_found_by_the_server_as_the_report_finds_it(
    browser: "Browser", demo: tuple[Served, str]
) -> None:
    page, watch = open_views(browser, demo, "#view=reader&from=2025-03-10&to=2025-03-20")
    assert "found among what is chosen" in wait_until_drawn(page)
    days = page.eval_on_selector_all(".reader-list .who .time", "all => all.map(each => each.innerText.slice(0, 10))")
    assert days
    assert all("2025-03-09" <= day <= "2025-03-20" for day in days)
    page.click("#selection >> text=Show everything")
    many = int(search(page, "ballot").split()[0])
    some = int(search(page, "secret ballot").split()[0])
    assert many > some > 0
    assert search(page, '"secret ballot"').startswith("0 ")
    assert search(page, '"ballot is secret"').startswith(f"{some} ")
    assert set(page.eval_on_selector_all("mark.hit", "all => all.map(each => each.innerText)")) == {"ballot is secret"}
    page.check("#reader-flagged")
    wait_until_drawn(page, "among what is chosen")
    assert search(page, "lockside", "among what is chosen")
    assert len(page.query_selector_all(".reader-list .decision")) == len(page.query_selector_all(".reader-list li"))
    watch.check()
    page.close()


def test_ticks_are_the_cases_own_in_every_tab_and_browser(browser: "Browser", demo: tuple[Served, str]) -> None:
    page, watch = open_views(browser, demo, "#view=reader")
    page.wait_for_selector(".reader-list .message")
    box = page.locator(".reader-list .tick input").nth(2)
    row = page.locator(".reader-list .message").nth(2).get_attribute("data-row")
    box.check()
    assert wait_for(page, "#ticks", "1 message ticked")
    served, base = demo
    page.wait_for_timeout(200)
    (ticked,) = served.ask("GET", f"{base}/data/ticks").value["ticked"]
    other, other_watch = open_views(browser, demo, f"#m{ticked}")  # a context of its own, as another browser is
    other.wait_for_selector("#drawer .message.cited")
    assert other.is_checked("#drawer .message.cited .tick input")
    other.uncheck("#drawer .message.cited .tick input")
    assert wait_for(other, "#ticks", "No message ticked")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    assert wait_for(page, "#ticks", "No message ticked")
    assert not page.is_checked(f".reader-list [data-row='{row}'] .tick input")
    page.reload()
    page.wait_for_selector("#explorer[data-ready]")
    assert "No message ticked" in page.inner_text("#ticks")
    watch.check()
    other_watch.check()
    other.close()
    page.close()


def test_a_view_is_kept_with_what_is_chosen_in_it(browser: "Browser", demo: tuple[Served, str]) -> None:
    served, base = demo
    page, watch = open_views(browser, demo, "#view=timeline&from=2025-03-10")
    page.fill("#keep-name", "The ballot's days")
    page.click("#keep-view button")
    page.wait_for_load_state()
    page.click("text=The ballot's days")
    page.wait_for_selector("#explorer[data-ready]")
    assert page.url == f"{served.address}{base}/views#view=timeline&from=2025-03-10"
    assert page.get_attribute("#view-tabs [aria-selected=true]", "data-view") == "timeline"
    watch.check()
    page.close()


def test_data_of_an_earlier_view_are_not_mixed_with_those_of_a_later_one(demo: tuple[Served, str]) -> None:
    served, base = demo
    accept = {"accept": "application/json"}
    for path in ("tables", "chunk/0", "rows", "row/1"):
        told = served.ask("GET", f"{base}/data/{path}?view=another", headers=accept)
        assert (told.status, "analysed again" in told.value["error"]) == (409, True), path


def test_the_report_opens_cut_off_from_the_page(browser: "Browser", demo: tuple[Served, str]) -> None:
    served, base = demo
    page, watch = open_page(browser, served, f"{base}/results")
    with page.expect_popup() as opened:
        page.click("text=Open the report in a new tab")
    report = opened.value
    report.wait_for_selector("#explorer[data-ready]")
    report.click("#tab-reader")
    report.wait_for_selector(".reader-list .message")
    assert report.evaluate("origin") == "null"
    assert report.evaluate("opener") is None
    assert "view=reader" in report.evaluate("location.hash")
    with page.expect_download() as saved:
        page.click("text=report.pdf")
    assert Path(saved.value.path()).read_bytes().startswith(b"%PDF")
    watch.check()
    report.close()
    page.close()


def test_hostile_names_and_texts_stay_texts(browser: "Browser", tmp_path: Path) -> None:
    folder = make_case(tmp_path / "case", write_exports(tmp_path / "exports"))
    with serving(folder, "--place", tmp_path / "cases") as served:
        page, watch = open_views(browser, (served, base_of(served)))
        for view in list_views(page):
            page.click(f"#tab-{view}")
            page.wait_for_timeout(100)
        page.wait_for_selector(".reader-list .message")
        for payload in (PAYLOADS[0], PAYLOADS[4], PAYLOADS[27]):
            search(page, payload)
            texts = [item.inner_text() for item in page.query_selector_all(".reader-list .message .words")]
            assert any(payload in text for text in texts), payload
        assert page.query_selector("main iframe, main object, main img[src*=evil]") is None
        watch.check()
        page.close()
