"""The whole way of an investigator, in a browser: phones, search, views, corrections, notes, a document, replies."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from web.grounds import copy_case, demo_case, find_export
from web.hands import Hands, Keyboard, Mouse, wait_for_case
from web.knocking import wait_until
from web.serving import Served, open_page, serving
from web.visiting import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow
ACCEPTANCE = Path(__file__).resolve().parents[3] / "shared" / "acceptance" / "exports"


@dataclass(frozen=True)
class Room:
    served: Served
    base: str
    hands: Hands

    @property
    def page(self) -> "object":
        return self.hands.page

    def open(self, path: str) -> None:
        """Go to a page of the case by its link in the list of pages."""
        hands = self.hands
        link = f"nav.pages a[href='{self.served.root}{self.base}{path}']"
        if not hands.page.locator(link).first.is_visible():
            hands.press("nav.pages summary")
        hands.press(link)
        hands.page.wait_for_url(re.compile(f"{re.escape(self.base + path)}([?#].*)?$"))  # views keep their state there

    def shows(self, words: str, *, seconds: float = 15) -> None:
        """Wait until words stand on the page."""
        wait_until(lambda: words in self.hands.page.inner_text("body"), seconds=seconds)


@pytest.fixture
def served(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    case = copy_case(demo_case(tmp_path_factory), tmp_path)
    with serving("--place", tmp_path, case) as running:
        yield running


def test_the_whole_way_with_the_mouse(browser: "Browser", served: Served, tmp_path: Path) -> None:
    page, watch = open_page(browser, served)
    room = Room(served, wait_for_case(page).removeprefix(served.root), Mouse(page))
    add_another_phone(room)
    search(room)
    message = open_a_message(room)
    note(room)
    correct(room, message)
    write(room, tmp_path)
    state(room)
    room.open("/corrections")
    room.hands.press("form[action$='/analyse'] button")
    served.wait_until_current(room.base, seconds=400)
    look_at_the_views(room)
    see_the_effect(room)
    read_and_save(room, tmp_path)
    watch.check()
    page.close()


def test_the_whole_way_with_the_keyboard_alone(browser: "Browser", served: Served, tmp_path: Path) -> None:
    page, watch = open_page(browser, served)
    room = Room(served, wait_for_case(page).removeprefix(served.root), Keyboard(page))
    search(room)
    message = open_a_message(room)
    note(room)
    write(room, tmp_path)
    look_at_the_views(room)
    correct(room, message)
    state(room)
    read_and_save(room, tmp_path)
    watch.check()
    page.close()


def add_another_phone(room: Room) -> None:
    """Add an export of one more phone; how far its analysis is stands on every page."""
    page = room.hands.page
    room.hands.press("#add > summary")
    room.hands.choose("#files", find_export("Winston Clarke"))
    room.shows("Winston Clarke", seconds=120)
    wait_until(lambda: page.inner_text("#job").strip() != "", seconds=60)


def search(room: Room) -> None:
    """Search all chats, narrow it down, share the address, keep it and come back by it."""
    hands, page = room.hands, room.hands.page
    room.open("/search")
    hands.say("#words", "vote")
    hands.press("#ask button.primary")
    wait_for(page, "#count")
    everything = page.inner_text("#count")
    hands.press("#ask summary")
    hands.press("#decision") if isinstance(hands, Mouse) else None
    page.select_option("#decision", "flag") if isinstance(hands, Mouse) else choose_by_key(hands, "#decision", "l")
    hands.press("#ask details button")
    page.wait_for_url("**decision=flag**")
    assert page.inner_text("#count") != everything
    shared = page.url
    hands.say("#keep-name", "flagged votes")
    hands.press("form:has(#keep-name) button")
    page.wait_for_url("**/addresses**")
    hands.press("main li a")
    page.wait_for_url("**/search?**")
    assert page.inner_text("#count") == page.request.get(shared).text().split('id="count">')[1].split("<")[0]


def choose_by_key(hands: Hands, selector: str, letter: str) -> None:
    """Choose in a list by the first letter of what is wanted."""
    hands.say(selector, letter)


def open_a_message(room: Room) -> str:
    """Open the page of a message that was found, with its place and what stands around it."""
    hands, page = room.hands, room.hands.page
    hands.press(".msgs .msg .cite")
    page.wait_for_url("**/message/*")
    shown = page.inner_text("main")
    assert "SHA-256" in shown
    assert "bytes" in shown.lower()
    return page.url.rpartition("/")[2]


def note(room: Room) -> None:
    """Write a note on the message, under a name."""
    room.hands.say("#note-new", "Compare this with the other phone.")
    if not room.hands.page.input_value("#who-note-new"):
        room.hands.say("#who-note-new", "Ilse Marrow")
    room.hands.press("form:has(#note-new) button")
    room.shows("Compare this with the other phone.")
    room.open("/notes")
    room.shows("Ilse Marrow")


def correct(room: Room, message: str) -> None:
    """State that a label is wrong, with who says so and why; it stands in the log."""
    hands, page = room.hands, room.hands.page
    page.goto(f"{room.served.address}{room.base}/message/{message}")
    hands.press("details:has(#why-label) > summary")
    hands.say("#who-label", "Bram Oduya")
    hands.say("#why-label", "It asks what the list is, and tells nobody how to vote.")
    hands.press("form:has(#why-label) button")
    page.wait_for_url("**recorded=**")
    room.open("/corrections")
    room.shows("Bram Oduya")
    room.shows("It asks what the list is, and tells nobody how to vote.")
    room.open("/log")
    room.shows("correct")


def write(room: Room, folder: Path) -> None:
    """Begin a document, quote a ticked message in it, and download it."""
    hands, page = room.hands, room.hands.page
    room.open("/documents")
    hands.say("#title", "What was found")
    hands.press("form:has(#title) button")
    page.wait_for_url("**/documents/1*")
    hands.press("button[value^='paragraph:0']")
    wait_for(page, "textarea")
    hands.say("textarea", "Two phones hold the same words.")
    hands.press("button[value='save']")
    page.wait_for_url("**did=save**")
    with page.expect_download() as download:
        hands.press("a[href$='/page'][download]")
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    assert "Two phones hold the same words." in path.read_text(encoding="utf-8")


def state(room: Room) -> None:
    """State how an export is to be read, and that somebody was offered a reply."""
    hands, page = room.hands, room.hands.page
    room.open("/exports")
    section = page.locator("section.card").first.get_attribute("id")
    assert section is not None
    source = section.removeprefix("export-")
    hands.press(f"details:has([id='timezone-{source}']) > summary")
    hands.say(f"[id='timezone-{source}']", "Europe/London")
    hands.say(f"[id='why-{source}']", "The phone was used in London only.")
    hands.press(f"form:has([id='timezone-{source}']) button")
    page.wait_for_url("**recorded=**")
    room.open("/corrections")
    room.shows("The phone was used in London only.")
    room.open("/replies")
    person = page.locator("article.card").first.get_attribute("id")
    assert person is not None
    card = f"[id='{person}']"
    if not page.locator(f"{card} input[name='status']").first.is_visible():
        hands.press(f"{card} details > summary")
    hands.press(f"{card} input[name='status']")
    hands.say(f"{card} input[name='how']", "by post")
    hands.press(f"{card} form:has(input[name='status']) button")
    room.shows("by post")


def look_at_the_views(room: Room) -> None:
    """Open the linked views, and the messages behind a mark."""
    hands, page = room.hands, room.hands.page
    room.open("/views")
    wait_for(page, "#explorer[data-ready]")
    hands.press("#view-tabs [role=tab][aria-selected=true]")
    page.keyboard.press("ArrowRight")
    wait_for(page, "#view-panel .twin-box > summary")  # while it is drawn, what has the focus moves
    hands.press("#view-panel .twin-box > summary")
    hands.press("#view-panel .twin-box tbody button")
    wait_for(page, "#drawer .message")
    page.keyboard.press("Escape")


def see_the_effect(room: Room) -> None:
    """See what a correction changed, and take it back."""
    hands, page = room.hands, room.hands.page
    room.open("/corrections")
    room.shows("What it changed")
    hands.press("details:has(#back-why-1) > summary")
    hands.say("#back-why-1", "It was another message.")
    hands.press("form:has(#back-why-1) button")
    room.shows("It was another message.")
    assert page.locator("article").count() >= 2


def read_and_save(room: Room, folder: Path) -> None:
    """See the custody log and the report, and save the whole case in one file."""
    hands, page = room.hands, room.hands.page
    room.open("/people")
    room.open("/results")
    room.open("/log")
    assert page.locator("main li, main tr").count() > 3
    room.open("/save")
    hands.press("input[name='plain']")
    hands.press("form[action$='/save'] button.primary")
    wait_for(page, "a.primary[download]", seconds=240)
    with page.expect_download() as download:
        hands.press("a.primary[download]")
    saved = folder / download.value.suggested_filename
    download.value.save_as(saved)
    assert saved.stat().st_size > 10_000


@pytest.mark.acceptance
def test_the_way_over_exports_that_other_people_published(browser: "Browser", tmp_path: Path) -> None:
    if not ACCEPTANCE.is_dir():
        pytest.skip("other people's exports are not beside this project")
    with (ACCEPTANCE / "MANIFEST.tsv").open(encoding="utf-8") as manifest:
        names = [row["file"] for row in csv.DictReader(manifest, delimiter="\t")]
    exports = [path for name in names if (path := ACCEPTANCE / name).suffix == ".txt" and path.stat().st_size < 200_000]
    with serving("--place", tmp_path) as served:
        base = served.make_case(tmp_path, "others")
        served.add(base, *exports[:2], wait_for="analyse")
        page, watch = open_page(browser, served, f"{base}/")
        room = Room(served, base, Mouse(page))
        for name in ("search", "views", "people", "exports", "corrections", "replies", "results", "log"):
            room.open(f"/{name}")
        room.open("/views")
        wait_for(page, "#explorer[data-ready]")
        room.hands.press("#tab-reader")  # nobody passed a text on in them: the other views are empty
        wait_for(page, ".reader-list .message")
        read_and_save(room, tmp_path)
        watch.check()
        page.close()
