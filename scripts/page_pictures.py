"""Take the pictures of the local page that the guide shows: each step of both ways, over the invented exports.

python scripts/page_pictures.py

Part of `make docs`. It needs Chromium (Debian: apt-get install chromium); without it the pictures stay as they are.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from playwright.sync_api import Page

TOP = Path(__file__).resolve().parents[1]
IMAGES = TOP / "docs" / "images"
PHONES = TOP / "exports" / "phones"
FIRST = PHONES / "bronagh-keane" / "WhatsApp Chat with Lockside Ward Members.txt"
SIZE = {"width": 1200, "height": 820}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars"]
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\?token=\S+")
_CASE = re.compile(r"/c/[^/]+/")


@dataclass
class Camera:
    """A browser window on the page, and where its pictures go."""

    page: "Page"
    images: Path

    @property
    def base(self) -> str:
        """Return the address of the case that is shown."""
        return re.sub(r"(/c/[^/]+).*", r"\1", self.page.url)

    def take(self, name: str, *, at: str | None = None) -> None:
        """Take a picture of what is on the screen, scrolled to something."""
        if at is not None:
            self.page.locator(at).first.evaluate("(e) => e.scrollIntoView({ block: 'start' })")
        self.page.wait_for_timeout(400)
        self.page.screenshot(path=self.images / f"page-{name}.png")

    def show(self, name: str, path: str, *, at: str | None = None) -> None:
        """Go to a page of the case and take its picture."""
        self.page.goto(f"{self.base}{path}")
        if path == "/views":
            self.page.wait_for_selector("#explorer[data-ready]")
        self.take(name, at=at)


def take_page_pictures(images: Path) -> None:
    """Go both ways and take a picture of each step; without a browser say so and leave the pictures as they are."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("no Chromium here: the pictures of the page stay as they are", file=sys.stderr)
        return
    from playwright.sync_api import sync_playwright

    images.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, _serving(Path(home)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type] # width and height
        page.goto(address)
        camera = Camera(page, images)
        _take_complainants_way(camera)
        _take_investigators_way(camera)
        browser.close()


@contextmanager
def _serving(home: Path) -> Iterator[str]:
    """Run the page for somebody whose own folder this is, and give the address that opens it."""
    command = [sys.executable, "-m", "chatforensics", "serve", "--no-browser"]
    environment = {**os.environ, "HOME": str(home), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        found = _ADDRESS.search(process.stdout.readline() if process.stdout else "")
        if found is None:
            raise SystemExit("the page did not start")
        yield found[0]
    finally:
        process.terminate()
        process.wait()


def _take_complainants_way(camera: Camera) -> None:
    page = camera.page
    camera.take("start")
    page.set_input_files("#files", FIRST)
    page.wait_for_url(_CASE, timeout=120_000)
    camera.take("received")
    page.locator("input[name='tick']").nth(1).check()
    camera.take("choose", at=".in-context:has(.msg-ticked), .in-context:has(input:checked)")
    _wait_until_analysed(camera)
    page.goto(f"{camera.base}/package")
    camera.take("package")
    page.fill("#actor", "Bronagh Keane")
    page.locator("input[name$='.unknown']").first.check()
    camera.take("visible", at="#shown")
    page.locator("form[action$='/package'] button.primary").click()
    page.wait_for_selector("a.primary[download]", timeout=240_000)
    camera.take("made")
    with tempfile.TemporaryDirectory() as received:
        with page.expect_download() as download:
            page.click("a.primary[download]")
        package = Path(received) / download.value.suggested_filename
        download.value.save_as(package)
        page.click("footer a[href$='/verify']")
        page.set_input_files("#file", package)
        page.locator("#drop-one button.primary").click()
        page.wait_for_selector("table.checks", state="attached", timeout=120_000)
    camera.take("verify")
    page.go_back()
    page.go_back()


def _take_investigators_way(camera: Camera) -> None:
    page = camera.page
    _add_phones(camera)
    page.goto(f"{camera.base}/")
    camera.take("progress")
    _wait_until_analysed(camera)
    camera.show("search", "/search?words=vote&decision=flag")
    page.locator(".msgs .cite").first.click()
    page.wait_for_url("**/message/*")
    camera.take("message")
    camera.take("message-place", at="#place-title")
    page.click("details:has(#why-label) > summary")
    camera.take("correct", at="#why-title")
    page.locator("form[action$='/documents/quote'] button").click()
    page.wait_for_url("**did=quoted**")
    camera.show("document", "/documents/1")
    for name in ("views", "people", "exports", "corrections", "replies", "results", "notes", "log", "save"):
        camera.show(name, f"/{name}")


def _add_phones(camera: Camera) -> None:
    """Add the exports of the other phones, each under the name of its phone, as dropping them does."""
    ids = []
    for path in sorted(PHONES.glob("*/*")):
        if path != FIRST:
            asked = f"name={quote(path.name)}&phone={quote(path.parent.name)}"
            ids.append(str(_send(camera, "PUT", f"/uploads?{asked}", path.read_bytes())["upload"]))
    _send(camera, "POST", "/receive", "&".join(f"uploads={each}" for each in ids).encode())


def _wait_until_analysed(camera: Camera) -> None:
    while not _send(camera, "GET", "/state", None)["current"]:
        time.sleep(0.5)


def _send(camera: Camera, method: str, path: str, body: bytes | None) -> dict[str, object]:
    host = camera.base.split("/")[2]
    headers = {"Origin": f"http://{host}", "Accept": "application/json"}
    request = urllib.request.Request(f"{camera.base}{path}", data=body, method=method, headers=headers)  # noqa: S310
    with urllib.request.urlopen(request) as answered:  # noqa: S310 - this machine
        told: dict[str, object] = json.loads(answered.read())
    return told


if __name__ == "__main__":
    take_page_pictures(IMAGES)
