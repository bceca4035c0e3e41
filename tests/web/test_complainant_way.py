"""The whole way of somebody who was wronged, in a browser: drop, tick, answer, download, check."""

import csv
import hashlib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from web.grounds import find_export
from web.hands import HANDS, Hands, wait_for_case
from web.knocking import wait_until
from web.serving import Served, open_page, serving
from web.visiting import WIDER, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow
ACCEPTANCE = Path(__file__).resolve().parents[3] / "shared" / "acceptance" / "exports"


def go_the_way(hands: Hands, served: Served, export: Path, folder: Path) -> Path:
    """Go from an export to a package that was checked, and return the package."""
    page = hands.page
    receive(hands, served, export)
    tick_one(hands, served)
    hands.press("#next")
    wait_for(page, "#actor")
    hands.say("#actor", "Ilse Marrow")
    for fold in ("details:has([name$='.unknown']) > summary",):
        if page.locator(fold).count() and not page.locator("input[name$='.unknown']").first.is_visible():
            hands.press(fold)
    hands.press("input[name$='.unknown']")
    hands.press("form[action$='/package'] button.primary")
    wait_for(page, "a.primary[download]", seconds=240)
    assert "Signature" in page.inner_text("main") or "signature" in page.inner_text("main")
    with page.expect_download() as download:
        hands.press("a.primary[download]")
    package = folder / download.value.suggested_filename
    download.value.save_as(package)
    assert page.locator("code.secret").nth(1).inner_text() == hashlib.sha256(package.read_bytes()).hexdigest()
    check(hands, package)
    return package


def receive(hands: Hands, served: Served, export: Path) -> None:
    """Drop an export on the first page; what was received is shown at once."""
    page = hands.page
    hands.choose("#files", export)
    base = wait_for_case(page).removeprefix(served.root)
    assert hashlib.sha256(export.read_bytes()).hexdigest() in page.inner_text("main").replace("\n", "")
    assert served.ask("GET", f"{base}/state").status == 200


def tick_one(hands: Hands, served: Served) -> None:
    """Tick a message that is offered; where none is, one that a search finds."""
    page = hands.page
    if not page.locator("input[name='tick']").count():
        base = page.url.partition(served.root)[2].partition("?")[0].rstrip("/")
        served.wait_until_current(base)
        hands.press("a.button[href$='/search']")
        wait_for(page, "input[name='tick']")
        with page.expect_response("**/ticks"):  # to leave before would be to leave before it is stored
            hands.press("input[name='tick']")
        page.goto(f"{served.address}{base}/")
    else:
        assert page.locator(".msg mark").count()
        assert page.locator(".msg .why").count()
        hands.press("input[name='tick']")
    wait_until(lambda: "1 message is ticked" in page.inner_text("#dock"))


def check(hands: Hands, package: Path) -> None:
    """Check the package as its receiver does."""
    page = hands.page
    hands.press("footer a[href$='/verify']")
    wait_for(page, "#file")
    hands.choose("#file", package)
    hands.press("#drop-one button.primary")
    wait_for(page, "table.checks", seconds=120)
    assert "agrees with its own lists" in page.inner_text("h1")
    assert "✗" not in page.inner_text("main")


@pytest.mark.parametrize("kind", HANDS)
def test_from_the_phones_file_to_a_signed_package_that_is_checked(
    browser: "Browser", tmp_path: Path, kind: type[Hands]
) -> None:
    export = find_export("bronagh-keane/WhatsApp Chat with Lockside Ward Members.txt")
    with serving("--place", tmp_path / "cases") as served:
        page, watch = open_page(browser, served)
        package = go_the_way(kind(page), served, export, tmp_path)  # type: ignore[call-arg] # both take a page
        watch.check()
        page.close()
    with zipfile.ZipFile(package) as opened:
        packed = {name: opened.read(name) for name in opened.namelist()}
    assert any(name.endswith((".minisig", "signature", ".sig")) for name in packed)
    assert not any(b"+44 7700" in content for content in packed.values())


def test_on_a_small_screen_the_way_fits_from_end_to_end(browser: "Browser", tmp_path: Path) -> None:
    with serving("--place", tmp_path / "cases") as served:
        page, watch = open_page(browser, served, width=320)
        assert not page.evaluate(WIDER)
        hands = HANDS[0](page)
        receive(hands, served, find_export("Winston Clarke"))
        assert not page.evaluate(WIDER)
        watch.check()
        page.close()


def test_a_file_that_is_no_export_is_told_in_words_and_the_next_one_is_taken(
    browser: "Browser", tmp_path: Path
) -> None:
    wrong = tmp_path / "holiday.txt"
    wrong.write_text("Dear Ilse,\nthe weather is fine.\n")
    empty = tmp_path / "empty.zip"
    empty.touch()
    with serving("--place", tmp_path / "cases") as served:
        page, _ = open_page(browser, served)
        for path, words in ((empty, "empty"), (wrong, "holiday.txt")):
            page.set_input_files("#files", path)
            wait_until(lambda words=words: words in page.inner_text("#drop-said"))  # type: ignore[misc] # no argument
        page.goto(f"{served.address}/")
        page.set_input_files("#files", find_export("Winston Clarke"))
        wait_for_case(page)
        wait_for(page, "input[name='tick'], #more")
        page.close()


@pytest.mark.acceptance
@pytest.mark.parametrize("kind", HANDS)
def test_the_way_of_an_export_that_other_people_published(
    browser: "Browser", tmp_path: Path, kind: type[Hands]
) -> None:
    if not ACCEPTANCE.is_dir():
        pytest.skip("other people's exports are not beside this project")
    with (ACCEPTANCE / "MANIFEST.tsv").open(encoding="utf-8") as manifest:
        names = [row["file"] for row in csv.DictReader(manifest, delimiter="\t")]
    export = next(
        path for name in names if (path := ACCEPTANCE / name).suffix == ".txt" and path.stat().st_size < 200_000
    )
    with serving("--place", tmp_path / "cases") as served:
        page, watch = open_page(browser, served)
        go_the_way(kind(page), served, export, tmp_path)  # type: ignore[call-arg] # both take a page
        watch.check()
        page.close()
