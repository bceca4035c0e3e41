"""Of a case too large for a page, it holds what tells something and what stands around it, and says so."""

import polars as pl
import pytest
from report.invented import tiny_case

from chatforensics.report import render_report
from chatforensics.report.explorer import choosing
from chatforensics.schema import TABLES, empty

NO_TEXTS = pl.DataFrame(schema={"family_id": pl.String, "family": pl.Int64})


def _case() -> dict[str, pl.DataFrame]:
    return {name: tiny_case().get(name, empty(name)) for name in TABLES}


def test_a_small_case_is_held_whole() -> None:
    assert choosing.choose_messages(_case(), families=NO_TEXTS, cited=()) is None


def test_a_page_that_cannot_hold_all_holds_the_cited_first_and_says_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    case = _case()
    one = case["messages"].select(pl.coalesce("canonical_id", "message_id")).to_series()
    monkeypatch.setattr(choosing, "MOST_MESSAGES", 1)
    monkeypatch.setattr(choosing, "MOST_TELLING", 1)
    cited = int(case["messages"]["message_id"][-1])
    chosen = choosing.choose_messages(case, families=NO_TEXTS, cited=[cited])
    assert chosen is not None
    copies = case["messages"].filter(one == one[-1])["message_id"]
    assert chosen.message_ids.to_list() == sorted(copies)
    assert (chosen.n_held, chosen.n_all, chosen.n_around) == (1, one.n_unique(), 0)
    page = render_report(case, drawings=[], run={}, summary={})
    assert f"This page holds 1 of {one.n_unique()} messages" in page
    assert "tables/messages.parquet" in page
