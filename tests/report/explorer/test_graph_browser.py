"""The graphs in a browser: by keyboard alone, with everything that a mark stands for, few marks or many."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from report.explorer.crowd import build_tables, render_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
TELL_VIOLATIONS = "addEventListener('securitypolicyviolation', e => console.error('CSP', e.violatedDirective))"
FOCUSED = "document.activeElement.getAttribute('aria-label') ?? ''"
OVERLAPS = """() => {
  const boxes = [...document.querySelectorAll('.plane-labels text')].map((text) => text.getBBox());
  return boxes.flatMap((a, i) => boxes.slice(0, i).filter((b) =>
    a.x + 1 < b.x + b.width && b.x + 1 < a.x + a.width && a.y + 2 < b.y + b.height && b.y + 2 < a.y + a.height)).length;
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graphs")
    for people, shares, pairs in ((10, 30, 14), (900, 3_000, 2_500)):
        (folder / f"{people}.html").write_text(render_page(build_tables(people, shares, pairs)), "utf-8")
    return folder


@pytest.fixture(params=["graph", "cosending"])
def view(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def open_view(browser: "Browser", path: Path, view: str, *, width: int = 1280) -> "tuple[Page, list[str]]":
    page = browser.new_page(viewport={"width": width, "height": 900})
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.add_init_script(TELL_VIOLATIONS)
    page.goto(path.as_uri())
    page.wait_for_selector("#explorer[data-ready]")
    page.click(f"#tab-{view}")
    page.focus(".plane")
    return page, heard


def test_the_keyboard_alone_walks_the_marks_and_opens_the_messages_behind_one(
    browser: "Browser", folder: Path, view: str
) -> None:
    page, heard = open_view(browser, folder / "10.html", view)
    page.keyboard.press("Enter")
    seen = [page.evaluate(FOCUSED)]
    for _ in range(6):
        page.keyboard.press("PageDown")
        seen.append(page.evaluate(FOCUSED))
    assert len(set(seen)) == 7
    page.keyboard.press("Home")
    assert page.evaluate(FOCUSED) == seen[0]
    assert page.inner_text(".plane-note") == seen[0]
    page.keyboard.press("Enter")
    page.wait_for_selector("#drawer .message.cited")
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUSED) == seen[0]
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.className").startswith("plane")
    assert heard == []
    page.close()


def test_arrows_lead_to_the_nearest_mark_and_shift_enter_selects_it(browser: "Browser", folder: Path) -> None:
    page, heard = open_view(browser, folder / "10.html", "graph")
    page.keyboard.press("Enter")
    first = page.evaluate(FOCUSED)
    page.keyboard.press("ArrowRight")
    name = page.evaluate(FOCUSED).partition(":")[0]
    assert name != first.partition(":")[0]
    page.keyboard.press("Shift+Enter")
    assert name in page.inner_text("#selection .chip")
    assert page.query_selector_all(".plane-node.out")
    assert len(page.query_selector_all(".plane-node:not(.out)")) == 1
    assert heard == []
    page.close()


def test_keys_zoom_move_and_show_everything_again(browser: "Browser", folder: Path, view: str) -> None:
    page, heard = open_view(browser, folder / "10.html", view)
    where = "document.querySelector('[data-mark=\"node 0\"]')?.getAttribute('transform') ?? 'out of sight'"
    start = page.evaluate(where)
    for key in ("+", "ArrowLeft", "ArrowUp", "-"):
        page.keyboard.press(key)
        page.wait_for_timeout(60)
    assert page.evaluate(where) != start
    page.keyboard.press("0")
    page.wait_for_timeout(60)
    assert page.evaluate(where) == start
    assert heard == []
    page.close()


def test_the_picture_fits_beside_the_drawer_until_the_reader_zooms(browser: "Browser", folder: Path, view: str) -> None:
    page, heard = open_view(browser, folder / "10.html", view)
    beyond = """() => [...document.querySelectorAll('.plane-node')].filter((node) =>
      node.getBoundingClientRect().right > document.querySelector('.plane').getBoundingClientRect().right).length"""
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_selector("#drawer .message.cited")
    page.wait_for_timeout(300)
    assert page.evaluate(beyond) == 0
    page.get_by_role("button", name="Zoom in").click()
    where = "document.querySelector('.plane-node').getAttribute('transform')"
    page.wait_for_timeout(100)
    zoomed = page.evaluate(where)
    page.click("#drawer .close")
    page.wait_for_timeout(300)
    assert page.evaluate(where) == zoomed
    assert heard == []
    page.close()


def test_names_do_not_lie_on_each_other(browser: "Browser", folder: Path, view: str) -> None:
    for name in ("10.html", "900.html"):
        page, _ = open_view(browser, folder / name, view)
        assert page.evaluate(OVERLAPS) == 0
        page.close()


def test_a_search_finds_one_of_many_and_brings_it_close_enough_to_focus(
    browser: "Browser", folder: Path, view: str
) -> None:
    page, heard = open_view(browser, folder / "900.html", view)
    if view == "graph":
        page.select_option("[data-graph=texts] select", "all")
    assert page.get_attribute(".plane", "data-painted") == "canvas"
    name = page.evaluate("document.querySelector('.plane-labels text').textContent").strip("\u2068\u2069")
    page.fill(".tools input[type=search]", name.upper())
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED).startswith(name)
    assert page.get_attribute(".plane", "data-painted") == "svg"
    page.keyboard.press("Enter")
    page.wait_for_selector("#drawer .message.cited")
    assert heard == []
    page.close()


def test_folding_by_chat_draws_each_chat_once(browser: "Browser", folder: Path) -> None:
    page, heard = open_view(browser, folder / "900.html", "graph")
    page.select_option("[data-graph=texts] select", "all")
    page.select_option("[data-graph=marks] select", "chat")
    page.wait_for_timeout(100)
    names = [node.get_attribute("aria-label") or "" for node in page.query_selector_all(".plane-node")]
    assert len(names) == 46
    assert all(name.startswith("Chat ") for name in names)
    assert page.evaluate("document.activeElement.closest('[data-graph]').dataset.graph") == "marks"
    assert heard == []
    page.close()


def test_the_table_has_a_row_for_every_line_and_opens_its_messages(browser: "Browser", folder: Path, view: str) -> None:
    page, heard = open_view(browser, folder / "10.html", view)
    n_lines = len(page.query_selector_all(".plane-line"))
    assert f"({n_lines} rows)" in page.inner_text("#view-panel .twin-box > summary")
    page.click("#view-panel .twin-box > summary")
    page.click("#view-panel .twin-box tbody button")
    page.wait_for_selector("#drawer .message.cited")
    assert heard == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["10", "900"])
def test_axe_finds_nothing_in_the_graphs(browser: "Browser", folder: Path, view: str, size: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    page, _ = open_view(browser, folder / f"{size}.html", view)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    found = axe.run(page, context="#view-panel").response["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"][:2]]) for one in found] == []
    page.close()


def test_the_graphs_fit_a_narrow_window(browser: "Browser", folder: Path, view: str) -> None:
    page, heard = open_view(browser, folder / "10.html", view, width=320)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.evaluate("document.querySelectorAll('.plane-node').length") > 5
    assert heard == []
    page.close()
