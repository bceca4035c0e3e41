import base64
from datetime import UTC, datetime

import polars as pl
import pytest
from report.invented import a_drawing, tiny_case

from chatforensics.report.pictures import ID_LIMIT, ROW_LIMIT, print_cell, view_figures


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "-"),
        (0.123456, "0.1235"),
        (12, "12"),
        (True, "yes"),
        (False, "no"),
        ("text", "text"),
        (["a", None, 2.5], "a, -, 2.5"),
        (datetime(2031, 3, 3, 19, 40, tzinfo=UTC), "2031-03-03 19:40 UTC"),
        (datetime(2031, 3, 3, 19, 40, 7), "2031-03-03 19:40:07"),
    ],
)
def test_a_cell_is_printed_plainly(value: object, shown: str) -> None:
    assert print_cell(value) == shown


def test_a_figure_keeps_its_picture_and_counts_what_is_not_shown() -> None:
    n = ROW_LIMIT + 5
    table = pl.DataFrame({"n": range(n), "message_ids": [list(range(ID_LIMIT + 3))] * n})
    (figure,) = view_figures([a_drawing(table=table)], tables=tiny_case(), foremost=())
    assert base64.b64decode(figure["image"]) == a_drawing().svg
    assert (figure["cap"]["shown"], figure["cap"]["total"]) == (ROW_LIMIT, n)
    assert (len(figure["rows"][0]["ids"]), figure["rows"][0]["more"]) == (ID_LIMIT, 3)
    assert [(column["name"], column["is_number"]) for column in figure["columns"]] == [("n", True)]


def test_a_row_without_messages_points_nowhere() -> None:
    table = pl.DataFrame({"n": [1], "message_ids": [None]}, schema={"n": pl.Int64, "message_ids": pl.List(pl.Int64)})
    (figure,) = view_figures([a_drawing(table=table)], tables=tiny_case(), foremost=())
    assert (figure["rows"][0]["ids"], figure["rows"][0]["more"], figure["cited"]) == ([], 0, [])


def test_messages_cited_elsewhere_are_shown_before_bystanders() -> None:
    table = pl.DataFrame({"n": [1], "message_ids": [list(range(20))]})
    (figure,) = view_figures([a_drawing(table=table)], tables=tiny_case(), foremost={17, 9})
    assert figure["rows"][0]["ids"] == [9, 17, 0, 1]
