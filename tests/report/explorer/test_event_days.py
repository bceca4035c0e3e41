"""The days that the user passes, in the views with a time axis: shaded whole, named without overlaps."""

from typing import TYPE_CHECKING

import polars as pl
import pytest
from report.explorer.crowd import render_page
from report.explorer.test_view_cascade import SHARES, Shares, open_page, passed_on

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow
EVENTS = [
    ("2031-03-03", "Ballot opens"),
    ("2031-03-06", "Ballot closes"),
    ("2031-03-07", "Count"),
    ("2031-04-20", "Far"),
]
RUN = {"parameters": {"timezone": "UTC", "events": [{"date": date, "label": label} for date, label in EVENTS]}}
BOXES = """selector => [...document.querySelectorAll(selector)].map(n => n.getBoundingClientRect())
  .map(box => [box.left, box.top, box.right, box.bottom])"""
LAST: Shares = [*SHARES, (5, 0, 4 * 1440, "v1", None, 1.0)]  # 7 March, so that three of the days lie on the axis


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("days") / "days.html"
    tables = passed_on(LAST)
    tables["messages"] = tables["messages"].with_columns(sent_local=pl.col("sent_at").dt.replace_time_zone(None))
    path.write_text(render_page(tables, run=RUN), encoding="utf-8")
    return path.as_uri()


def test_a_share_of_the_day_lies_inside_its_shade(browser: "Browser", address: str) -> None:
    for page in open_page(browser, address, "cascade"):
        days = page.evaluate(BOXES, ".event-day")
        marks = page.evaluate(BOXES, "[data-share] .cascade-target")
        assert len(days) == 3
        held = [[left <= (mark[0] + mark[2]) / 2 <= right for left, _, right, _ in days].index(True) for mark in marks]
        assert held == [0, 0, 0, 0, 1, 1, 2]  # 3 March, 6 March, 7 March


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("view", ["cascade", "timeline", "graph"])
def test_names_of_days_meet_neither_each_other_nor_the_line_of_another_day(
    browser: "Browser", address: str, view: str, width: int
) -> None:
    for page in open_page(browser, address, view, width=width):
        names = page.evaluate(BOXES, "#view-panel .event-label")
        lines = page.evaluate(BOXES, "#view-panel .event, #view-panel .event-leader")
        edge = page.evaluate(BOXES, "#view-panel .chart svg:has(.event-label)")[0]
        assert names
        for i, (left, top, right, bottom) in enumerate(names):
            assert edge[0] <= left
            assert right <= edge[2]
            met = [
                box
                for box in names[:i]
                if left < box[2] and box[0] < right and top + 3 < box[3] and box[1] + 3 < bottom
            ]
            met += [box for box in lines if left < box[0] < right and box[1] < bottom - 3 and top + 3 < box[3]]
            assert met == []
        assert "outside the times drawn: (4) 2031-04-20 Far" in page.inner_text("#view-panel") or view == "cascade"
