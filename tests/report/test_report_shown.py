from typing import Any

import polars as pl
from report.invented import Tables, a_table, tiny_case

from chatforensics.report import render_report
from chatforensics.report.shown import PICTURE_LIMIT, view_pictures
from chatforensics.schema import TABLES


def a_picture(message_id: int, **changes: Any) -> dict[str, Any]:
    known = {
        "message_id": message_id,
        "file": "IMG-20260301-WA0001.jpg",
        "sha256": f"{message_id}",
        "width": 100,
        "height": 50,
        "text": "Vote for\nAmara Osei",
        "languages": ["eng"],
        "mean_confidence": 90.0,
        "status": "read",
    }
    return dict.fromkeys(TABLES["pictures"]) | known | changes


def pictures(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict(TABLES["pictures"]))


def test_names_are_marked_in_the_words_even_over_the_end_of_a_line() -> None:
    (shown,) = view_pictures(pictures(a_picture(1)), images={}, names=["amara osei", "for Amara", " "])["shown"]
    assert [(piece.text, piece.is_name) for piece in shown["pieces"]] == [
        ("Vote ", False), ("for\n", True), ("Amara", True), (" Osei", True),
    ]  # fmt: skip


def test_a_picture_sent_several_times_is_shown_once_and_many_are_capped() -> None:
    rows = [a_picture(number, sha256=str(number // 2)) for number in range(2 * PICTURE_LIMIT + 4)]
    view = view_pictures(pictures(*rows), images={"0": b"small"}, names=[])
    assert [row["message_id"] for row in view["shown"]] == [0, 2, 4]
    assert (view["cap"]["shown"], view["cap"]["total"]) == (PICTURE_LIMIT, PICTURE_LIMIT + 2)
    assert [row["image"] for row in view["shown"]] == ["c21hbGw=", None, None]


def with_pictures(*rows: dict[str, Any]) -> Tables:
    tables = tiny_case()
    (flagged,) = tables["labels"].filter(pl.col("label") == "slate_instruction")["message_id"].head(1)
    return {**tables, "pictures": pictures(*({**row, "message_id": flagged} for row in rows))}


def test_the_page_shows_a_picture_with_hostile_words_as_plain_words() -> None:
    tables = with_pictures(a_picture(1, text="<script>alert(1)</script>", file='"><img src=x>.jpg'))
    page = render_report(tables, drawings=[], run={}, summary={}, pictures={"1": b"\xff\xd8small"})
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'src="data:image/jpeg;base64,/9hzbWFsbA=="' in page


def test_the_page_says_why_a_picture_was_not_read_and_that_one_has_no_words() -> None:
    unread = a_picture(
        1, text=None, languages=None, mean_confidence=None, status="not_read", reason="the file is empty"
    )
    silent = a_picture(2, text=None, languages=None, mean_confidence=None, status="no_text", sha256="2")
    page = render_report(with_pictures(unread, silent), drawings=[], run={}, summary={})
    assert "Not read: the file is empty." in page
    assert "No words were found in it." in page
    assert "not shown here" in page


def test_a_name_read_in_a_picture_says_so() -> None:
    tables = with_pictures(a_picture(1))
    (message_id,) = tables["pictures"]["message_id"]
    row = {"message_id": message_id, "name": "Amara Osei", "stance": "for"}
    page = render_report({**tables, "slates": a_table("slates", [row])}, drawings=[], run={}, summary={})
    assert "read in a picture" in page
    assert "a word such as WOTE may be its slip for VOTE" in page


def test_a_name_that_stands_in_the_words_themselves_needs_no_such_warning() -> None:
    assert "WOTE" not in render_report(tiny_case(), drawings=[], run={}, summary={})
