"""Search, messages, notes and documents on real exports, in a browser, by keyboard alone, and with hostile chats."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from report.hostile import write_exports
from web.desking import BY, Sat, sit_at
from web.serving import Served, open_page, serving
from workflow.case_runs import in_short

from chatforensics.casefile import new_case, open_case
from chatforensics.casefile.papers import list_notes, read_document
from chatforensics.web.tasks import analyse
from chatforensics.workflow.adding import add_exports

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
PHONES = Path(__file__).parents[2] / "exports" / "phones"


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a case of four phones, two of them hostile, analysed."""
    place = tmp_path_factory.mktemp("ward")
    exports = write_exports(place / "exports")
    for name in ("lucia-ferrer", "tendai-moyo"):
        shutil.copytree(PHONES / name, exports / name)
    case = new_case(place / "case", title="<b>Ward</b>", by=BY, key=bytes(32))
    add_exports(case, [exports], by=BY)
    with in_short():
        analyse({"case": str(case.folder), "actor": "Ama Boateng"}, lambda *_: None)
    return case.folder


@pytest.fixture
def sat(ward: Path, tmp_path: Path) -> Sat:
    """Return a copy of the case, open at a desk."""
    shutil.copytree(ward, tmp_path / "case")
    return sit_at(open_case(tmp_path / "case"), tmp_path)


@pytest.fixture
def served(ward: Path, tmp_path: Path) -> Iterator[Served]:
    """Return the page with a copy of the case open."""
    shutil.copytree(ward, tmp_path / "case")
    with serving(tmp_path / "case", "--place", tmp_path / "place") as running:
        yield running


def message_of(sat: Sat, words: str) -> str:
    """Return the address of the first message that is found."""
    links = [given["href"] for given in sat.get(f"/search?words={words}").find("a", **{"class": "cite"})]
    return links[0].removeprefix(sat.base)


def test_real_messages_are_found_and_lead_to_their_place_and_copies(sat: Sat) -> None:
    found = sat.get("/search?words=press+the+green")
    assert found.status == 200
    assert "No message was found." not in found.words
    page = sat.get(message_of(sat, "press+the+green"))
    for words in ("says how to vote", "words that carried it", "SHA-256 of the export", "In other exports", "trigger"):
        assert words in page.words, words
    assert "Absence here shows only" in sat.get("/search?words=zeppelin").words


def test_every_day_of_a_search_can_be_gone_to(sat: Sat) -> None:
    page = sat.get("/search?kind=text")
    days = [given["id"] for given in page.find("h3") if given.get("id", "").startswith("day-2")]
    assert len(days) > 1
    for day in days[:3]:
        led = sat.get(f"/search?kind=text&day={day.removeprefix('day-')}")
        assert led.told.headers["location"].endswith(f"#{day}")
        assert sat.get(led.leads_to).find("h3", id=day)


def test_pages_of_a_search_hold_each_message_once_in_the_order_of_time(sat: Sat) -> None:
    seen, address = list[str](), "/search"
    while address:
        page = sat.get(address)
        seen += [given["data-message"] for given in page.find("article")]
        after = page.find("a", rel="next")
        address = after[0]["href"].removeprefix(sat.base) if after else ""
    assert len(seen) == len(set(seen)) > 100


def test_a_picture_is_given_small_and_drawn_anew_never_as_it_was_received(sat: Sat) -> None:
    address = message_of(sat, "Got+this+from+a+friend")
    (veiled,) = sat.get(address).find("div", **{"class": "veiled"})
    given = sat.get(veiled["data-media"].removeprefix(sat.base))
    assert given.told.headers["content-type"] == "image/jpeg"
    picture = Image.open(io.BytesIO(given.told.body))
    assert (picture.format, max(picture.size) <= 1200) == ("JPEG", True)
    assert b"PNG" not in given.told.body[:8]


def test_a_quoted_message_is_shown_from_the_case_and_can_be_checked(sat: Sat) -> None:
    address = message_of(sat, "press+the+green")
    number = address.removeprefix("/message/")
    sat.post("/documents/quote", message_id=number, document="new", back=address)
    page = sat.get("/documents/1/page")
    assert "press the green button" in page.words
    assert number in page.words
    assert len(page.find("code")) >= 2


def list_faults(page: "Page") -> list[str]:
    """Return what breaks a rule of access, by axe."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    found = axe.run(page).response["violations"]
    return [f"{each['id']}: {[node['target'] for node in each['nodes']][:3]}" for each in found]


def test_no_page_of_a_hostile_case_runs_anything_or_breaks_a_rule_of_access(browser: "Browser", served: Served) -> None:
    base = f"/c/{_slug(served)}"
    page, watch = open_page(browser, served, f"{base}/search?words=final+reminder", width=320)
    seen = [
        "/search?words=final+reminder&decision=flag",
        "/search?words=zeppelin",
        "/notes",
        "/documents",
        "/addresses",
    ]
    message = page.locator("article a.cite").first.get_attribute("href") or ""
    assert message
    served.ask(
        "POST", f"{base}/notes", body={"text": "<img src=x onerror=alert(1)>", "message_id": message.rpartition("/")[2]}
    )
    served.ask("POST", f"{base}/documents/quote", body={"message_id": message.rpartition("/")[2], "document": "new"})
    served.ask(
        "POST", f"{base}/addresses", body={"name": "</a><script>alert(1)</script>", "address": "/search?words=a"}
    )
    for address in (*seen, f"/message/{message.rpartition('/')[2]}", "/documents/1"):
        page.goto(f"{served.address}{base}{address}")
        assert list_faults(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
    watch.check()
    page.close()


def _slug(served: Served) -> str:
    location = served.ask("GET", "/").headers["location"]
    return location.rstrip("/").rpartition("/")[2]


def tab_to(page: "Page", wanted: str) -> None:
    """Press Tab until what is wanted has the focus, and see that the focus shows."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", wanted
            return
    raise AssertionError(wanted)


def press(page: "Page", wanted: str, key: str = "Enter") -> None:
    tab_to(page, wanted)
    with page.expect_navigation():
        page.keyboard.press(key)


def test_an_investigator_searches_notes_quotes_and_writes_by_keyboard_alone(
    browser: "Browser", served: Served, tmp_path: Path
) -> None:
    base = f"/c/{_slug(served)}"
    page, watch = open_page(browser, served, f"{base}/search")
    tab_to(page, "#words")
    page.keyboard.type("press the green")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, "input[name=tick]")
    page.keyboard.press("Space")
    press(page, "article a.cite")
    tab_to(page, "#note-new")
    page.keyboard.type("Ask about this.")
    tab_to(page, "#who-note-new")
    page.keyboard.type("Priya Nair")
    press(page, "form[action$='/notes'] button")
    press(page, "form[action$='/documents/quote'] button")
    page.goto(f"{served.address}{base}/documents/1")
    press(page, "button[value='paragraph:1']")
    _wait_for_focus(page, "textarea[name='text-2']")
    page.keyboard.type("What the group was told.")
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    press(page, "button[value='up:2']")
    _wait_for_focus(page, "button[value='up:2']")
    watch.check()
    page.close()
    case = open_case(tmp_path / "case")
    assert [(row["text"], row["actor"]) for row in list_notes(case)] == [("Ask about this.", "Priya Nair")]
    blocks = read_document(case, 1)["blocks"]
    assert [(row["kind"], row["text"], row["by"]) for row in blocks] == [
        ("paragraph", "What the group was told.", ["Priya Nair"]),
        ("quote", "", []),
    ]


def _wait_for_focus(page: "Page", wanted: str) -> None:
    """Wait until what is wanted has the focus; asked again and again, as the policy refuses watching scripts."""
    for _ in range(100):
        if page.evaluate("wanted => document.activeElement?.matches(wanted) ?? false", wanted):
            return
        page.wait_for_timeout(20)
    raise AssertionError(wanted)


def test_a_picture_is_loaded_only_when_its_button_is_pressed(browser: "Browser", served: Served) -> None:
    base = f"/c/{_slug(served)}"
    page, watch = open_page(browser, served, f"{base}/search?words=got+this+from+a+friend")
    page.goto(f"http://{served.host}{page.locator('article a.cite').first.get_attribute('href')}")
    assert not [url for url in watch.asked if "/media/" in url]
    tab_to(page, "[data-show]")
    page.keyboard.press("Enter")
    page.locator(".veil img").wait_for()
    _wait_for_focus(page, "[data-hide]")
    assert len([url for url in watch.asked if "/media/" in url]) == 1
    page.keyboard.press("Enter")
    _wait_for_focus(page, "[data-show]")
    assert page.locator(".veil img").count() == 0
    watch.check()
    page.close()
