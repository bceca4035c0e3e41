import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from report.invented import a_drawing, render, tiny_case

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow
HOSTILE = "<script>alert(1)</script><img src=//evil.test/x onerror=alert(1)>'\"><svg onload=alert(1)>"


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=program, args=options)
        yield browser
        browser.close()


def _write_hostile_page(folder: Path) -> str:
    tables = tiny_case()
    columns = ("text", "sender_label", "attachment")
    tables["messages"] = tables["messages"].with_columns(pl.lit(HOSTILE).alias(name) for name in columns)
    tables["chats"] = tables["chats"].with_columns(title=pl.lit(HOSTILE))
    tables["sources"] = tables["sources"].with_columns(path=pl.lit(HOSTILE), member=pl.lit(HOSTILE))
    path = folder / "report.html"
    drawing = a_drawing(title=HOSTILE, alt=HOSTILE, svg=b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    path.write_text(render(tables, drawings=[drawing]), encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize("width", [320, 1280])
def test_a_page_full_of_hostile_words_opens_in_silence_and_fits(browser: "Browser", tmp_path: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    heard: list[str] = []
    page.on("dialog", lambda dialog: heard.append(dialog.message))
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    address = _write_hostile_page(tmp_path)
    page.goto(address)
    assert heard == []
    assert [url for url in asked if not url.startswith("data:")] == [address]
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.evaluate("getComputedStyle(document.body).lineHeight") != "normal"
    page.close()
