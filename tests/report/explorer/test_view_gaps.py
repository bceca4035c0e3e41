"""The views of one text where something is missing: a time, a sender, or room."""

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from report.explorer.crowd import render_page
from report.explorer.test_view_cascade import SHARES, open_page, passed_on

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow


def test_a_source_without_a_time_is_counted_and_its_share_does_not_pass_for_one_from_outside(
    browser: "Browser", tmp_path: Path
) -> None:
    tables = passed_on()
    untimed = pl.when(pl.col("share_id") == "s0002").then(None).otherwise("sent_at").alias("sent_at")
    tables["shares"] = tables["shares"].with_columns(untimed)
    path = tmp_path / "untimed.html"
    path.write_text(render_page(tables), encoding="utf-8")
    for page in open_page(browser, path.as_uri(), "cascade"):
        assert page.locator("[data-share]").count() == len(SHARES) - 1
        assert "1 arrow is not drawn" in page.locator(".cascade-notes").inner_text()
        assert page.locator("[data-share] .cascade-hollow").count() == 2
        page.click("#tab-graph")
        about = page.locator(".graph-about").inner_text()
        assert "1 share has no time and is not drawn. 1 possible source is a share that is not drawn" in about


def test_a_text_whose_senders_are_not_known_is_said_to_be_so(browser: "Browser", tmp_path: Path) -> None:
    tables = passed_on()
    tables["shares"] = tables["shares"].with_columns(person_id=pl.lit(None, pl.String))
    path = tmp_path / "nobody.html"
    path.write_text(render_page(tables), encoding="utf-8")
    for page in open_page(browser, path.as_uri(), "graph"):
        assert "6 shares are of senders who are not known and are not drawn." in page.inner_text(".graph-about")


def test_on_a_narrow_page_the_picture_keeps_its_width_and_scrolls_in_its_own_box(
    browser: "Browser", tmp_path: Path
) -> None:
    path = tmp_path / "narrow.html"
    path.write_text(render_page(passed_on()), encoding="utf-8")
    for page in open_page(browser, path.as_uri(), "cascade", width=320):
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        wide, seen = page.locator(".cascade-stage").evaluate("n => [n.scrollWidth, n.clientWidth]")
        assert wide == 640 > seen
        ends = page.locator(".cascade-stage .axis text").evaluate_all(
            "nodes => nodes.map(n => n.getBBox()).map(box => [box.x, box.x + box.width])"
        )
        assert min(start for start, _ in ends) >= 0
        assert max(end for _, end in ends) <= 640
