"""The complainant's way in a real browser: with the keyboard alone, from an export on the disk to a checked package."""

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from web.hands import Keyboard
from web.serving import open_page, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
CHAT = (
    "13/02/2031, 10:00 - Oksana: Good morning all\n"
    "13/02/2031, 10:05 - Ines: Members, please vote for Wiktor Nowak on Thursday and pass this on\n"
    "13/02/2031, 10:06 - Kofi: I decide that for myself\n"
    "13/02/2031, 10:07 - زینب: براہ کرم خود پڑھ لیں\n"
)
_MOST_STEPS = 200


def _tab_to(page: "Page", selector: str) -> None:
    """Press Tab until the focus is on an element; fail if it cannot be reached, or is not seen there."""
    for _ in range(_MOST_STEPS):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            seen = page.evaluate("getComputedStyle(document.activeElement).outlineStyle !== 'none'")
            assert seen, selector
            return
    raise AssertionError(selector)


def _check(page: "Page") -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    assert [found["id"] for found in axe.run(page).response["violations"]] == []


def test_the_whole_way_with_the_keyboard_alone(tmp_path: Path, browser: "Browser") -> None:
    export = tmp_path / "WhatsApp Chat with Choir.txt"
    export.write_text(CHAT, encoding="utf-8")
    with serving("--place", tmp_path / "cases") as served:
        page, watch = open_page(browser, served)
        _check(page)
        Keyboard(page).choose("#files", export)
        page.wait_for_selector("#received-title", timeout=90_000)
        _check(page)
        _tab_to(page, "input[name=tick]")
        page.keyboard.press("Space")
        page.wait_for_selector("#next:not([hidden])")
        assert page.inner_text("#n-ticked") == "1 message is ticked."
        _tab_to(page, "#next")
        page.keyboard.press("Enter")
        page.wait_for_selector("#actor")
        _check(page)
        _tab_to(page, "#actor")
        page.keyboard.type("Ama Boateng")
        _tab_to(page, "input[name='all.phone.unknown']")
        page.keyboard.press("Space")
        _tab_to(page, ".dock button.primary")
        page.keyboard.press("Enter")
        page.wait_for_selector("a[download]", timeout=180_000)
        _check(page)
        with page.expect_download() as download:
            _tab_to(page, "a[download]")
            page.keyboard.press("Enter")
        download.value.save_as(tmp_path / "got.zip")
        fingerprint = page.inner_text("main")
        watch.check()
        page.close()
    with zipfile.ZipFile(tmp_path / "got.zip") as packed:
        assert any(name.endswith("READ-ME-FIRST.txt") for name in packed.namelist())
        words = b"".join(packed.read(name) for name in packed.namelist())
    assert "Ines" in words.decode("utf-8", "replace")
    assert "Checked: every file in it is as it was when it was signed with the key of this case." in fingerprint


def test_a_wrong_file_and_a_lost_tick_are_told_in_words_and_nothing_else_is_lost(
    tmp_path: Path, browser: "Browser"
) -> None:
    files = {"empty.txt": b"", "picture.txt": b"\x89PNG" * 50, "chat.txt": CHAT.encode()}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with serving("--place", tmp_path / "cases") as served:
        page, watch = open_page(browser, served, width=320)
        for name, words in (("empty.txt", "The file is empty"), ("picture.txt", "picture.txt")):
            page.set_input_files("#files", tmp_path / name)
            page.wait_for_selector("#drop-said:not(:empty)", timeout=90_000)
            assert words in page.inner_text("#drop-said")
        page.set_input_files("#files", tmp_path / "chat.txt")
        page.wait_for_selector("#received-title", timeout=90_000)
        assert page.query_selector("input[name=tick]")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert [said for said in watch.heard if "400" not in said] == []  # the refusal of the empty file
        page.route("**/ticks", lambda route: route.abort())
        page.click("input[name=tick] + span")
        page.wait_for_selector("[data-ticks-failed]:not(:empty)")
        assert not page.is_checked("input[name=tick]")
        assert page.inner_text("#n-ticked") == "No message is ticked yet."
        page.close()
