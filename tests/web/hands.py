"""Two pairs of hands on one page: one with a mouse, one with the Tab key, Enter and Space alone."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from web.visiting import press_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

_ADDRESS = re.compile(r"/c/[^/]+/")


class Hands(Protocol):
    """What a way through the pages asks of whoever goes it."""

    page: "Page"

    def press(self, selector: str) -> None:
        """Press a button or a link, open a fold, tick a box."""

    def choose(self, selector: str, *paths: Path) -> None:
        """Choose files."""

    def say(self, selector: str, words: str) -> None:
        """Type into a field, in place of what stands there."""


class Mouse:
    def __init__(self, page: "Page") -> None:
        self.page = page

    def press(self, selector: str) -> None:
        self.page.locator(selector).first.click()

    def choose(self, selector: str, *paths: Path) -> None:
        self.page.locator(selector).set_input_files(list(paths))

    def say(self, selector: str, words: str) -> None:
        self.page.locator(selector).first.fill(words)


class Keyboard:
    def __init__(self, page: "Page") -> None:
        self.page = page

    def press(self, selector: str) -> None:
        self._go_to(selector)
        kind = self.page.evaluate("document.activeElement.type ?? ''")
        self.page.keyboard.press("Space" if kind in ("checkbox", "radio") else "Enter")

    def choose(self, selector: str, *paths: Path) -> None:
        self.page.wait_for_load_state()
        self._go_to(selector)
        from playwright.sync_api import TimeoutError as Late

        for last in (False, False, True):  # now and then the driver misses the window that the key opened
            try:
                with self.page.expect_file_chooser(timeout=8_000) as chooser:
                    self.page.keyboard.press("Enter")
            except Late:
                if last:
                    raise
                continue
            chooser.value.set_files(list(paths))
            return

    def say(self, selector: str, words: str) -> None:
        self._go_to(selector)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(words)

    def _go_to(self, selector: str) -> None:
        if not self.page.evaluate("(selector) => document.activeElement?.matches(selector)", selector):
            press_until(self.page, selector)


HANDS = (Mouse, Keyboard)


def wait_for_case(page: "Page", *, seconds: float = 120) -> str:
    """Wait until the page of a case is shown, and return its address below the host."""
    page.wait_for_url(_ADDRESS, timeout=1000 * seconds)
    found = re.search(r"//[^/]+(/[^?#]*)", page.url)
    assert found is not None
    return found[1].rstrip("/")
