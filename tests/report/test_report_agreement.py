"""Which exports confirm which: pairs by chat, with the reason where two do not count as independent."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from report.invented import Tables, a_table, render, tiny_case

from chatforensics.report import agreement
from chatforensics.report.agreement import view_confirmations
from chatforensics.schema import TABLES, empty

PAIR: dict[str, Any] = {
    "chat_id": "chat-1", "source_a": "source-1", "source_b": "source-2", "independent": True, "n_anchors": 9,
    "n_at_offset": 9, "offset_s": 3661, "uncertainty_s": 4, "from_at": datetime(2031, 3, 3, 19, 40, tzinfo=UTC),
    "to_at": datetime(2031, 3, 3, 19, 43, tzinfo=UTC), "n_a": 5, "n_b": 4, "n_agree": 2, "n_only_a": 2, "n_only_b": 1,
    "n_text": 1, "n_sender": 0, "n_time": 0, "n_order": 0,
}  # fmt: skip


def case(**changed: object) -> Tables:
    tables = {name: tiny_case().get(name, empty(name)) for name in TABLES}
    return tables | {"comparisons": a_table("comparisons", [PAIR | changed])}


def test_a_pair_has_its_counts_and_its_clocks() -> None:
    (chat,) = view_confirmations(case())["chats"]
    (row,) = chat["rows"]
    assert chat["title"] == "Ward talk"
    assert [row[name] for name in ("first", "second", "n_differ", "differ")] == ["S1", "S2", 1, "1 in text"]
    assert row["clock"] == "1 h 1 min 1 s ahead, give or take 4 s"


def test_the_export_with_the_lower_number_stands_first() -> None:
    (chat,) = view_confirmations(case(source_a="source-2", source_b="source-1"))["chats"]
    (row,) = chat["rows"]
    assert [row[name] for name in ("first", "second", "n_only_a", "n_only_b")] == ["S1", "S2", 1, 2]
    assert row["clock"] == "1 h 1 min 1 s behind, give or take 4 s"


@pytest.mark.parametrize(("offset_s", "words"), [(None, "not measured"), (0, "0 s ahead, give or take 4 s")])
def test_a_clock_may_be_the_same_or_unknown(offset_s: int | None, words: str) -> None:
    assert view_confirmations(case(offset_s=offset_s))["chats"][0]["rows"][0]["clock"] == words


def test_pairs_beyond_the_limit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement, "PAIR_LIMIT", 0)
    view = view_confirmations(case())
    assert (view["chats"], view["cap"]["shown"], view["cap"]["total"]) == ([], 0, 1)


def test_a_pair_of_exports_that_are_not_there_is_left_out() -> None:
    assert view_confirmations(case(source_b="source-9"))["chats"] == []


def test_the_page_says_why_a_pair_does_not_count_as_independent() -> None:
    page = render(case(independent=False, dependence="One person <made> both."))
    assert "Which exports confirm which" in page
    assert "<strong>no:</strong> One person &lt;made&gt; both." in page
    assert "2031-03-03 19:40" in page


def test_the_page_says_where_two_exports_cover_no_time_in_common() -> None:
    assert ">no time</td>" in render(case(from_at=None, to_at=None))


def test_without_a_second_export_nothing_confirms_anything() -> None:
    tables = case()
    tables["comparisons"] = tables["comparisons"].filter(pl.lit(value=False))
    assert "nothing here confirms or contradicts anything else" in render(tables)
