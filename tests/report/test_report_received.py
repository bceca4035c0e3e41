import pytest
from hypothesis import given
from hypothesis import strategies as st
from report.invented import RUN, SUMMARY, Tables, a_source, a_table, render, tiny_case

from chatforensics.report import received
from chatforensics.report.received import measure_spans, view_received
from chatforensics.schema import TABLES, empty


def _full(tables: Tables) -> Tables:
    return {name: tables.get(name, empty(name)) for name in TABLES}


def _spans(spans: list[tuple[int, int]]) -> Tables:
    rows = [{"source_id": "s", "byte_start": start, "byte_end": end} for start, end in spans]
    return {"messages": a_table("messages", rows[::2]), "rejects": a_table("rejects", rows[1::2])}


@pytest.mark.parametrize(
    ("spans", "n_gaps", "n_overlaps"),
    [
        ([(0, 4), (4, 9)], 0, 0),
        ([(4, 9), (0, 4)], 0, 0),
        ([(1, 4)], 1, 0),
        ([(0, 4), (5, 9)], 1, 0),
        ([(0, 4), (3, 9)], 0, 1),
        ([(0, 4), (0, 4)], 0, 1),
    ],
)
def test_gaps_and_overlaps_of_spans_are_counted(spans: list[tuple[int, int]], n_gaps: int, n_overlaps: int) -> None:
    row = measure_spans(_spans(spans)).row(0, named=True)
    assert (row["n_gaps"], row["n_overlaps"]) == (n_gaps, n_overlaps)
    assert row["last_byte"] == max(end for _, end in spans)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 9)), min_size=1, max_size=8))
def test_no_gap_and_no_overlap_means_each_byte_is_in_one_span(sizes: list[tuple[int, int]]) -> None:
    spans = [(start, start + size + 1) for start, size in sizes]
    row = measure_spans(_spans(spans)).row(0, named=True)
    covered = sorted(byte for start, end in spans for byte in range(start, end))
    is_tiled = covered == list(range(max(end for _, end in spans)))
    assert is_tiled == (row["n_gaps"] + row["n_overlaps"] == 0)


def test_a_source_is_described_with_its_local_span_clock_and_tiling() -> None:
    view = view_received(_full(tiny_case()), run=RUN, summary=SUMMARY)
    first, _, third = view["sources"]
    assert (first["first"], first["last"]) == ("2031-03-03 19:40", "2031-03-03 19:43")
    assert (first["chat"], first["basis"], third["basis"]) == ("Ward talk", ["the zone of the case"], None)
    assert (first["n_gaps"], first["n_overlaps"], first["last_byte"]) == (0, 0, 400)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "+00:00"), (19800, "+05:30"), (-12600, "-03:30"), (3601, "+01:00:01"), (None, None)]
)
def test_an_offset_is_printed_with_its_sign_and_its_seconds_if_any(seconds: int | None, shown: str | None) -> None:
    tables = _full({"sources": a_table("sources", [a_source(1, utc_offset_s=seconds)])})
    assert view_received(tables, run={}, summary={})["sources"][0]["offset"] == shown


def test_an_ambiguous_date_order_is_named() -> None:
    sources = a_table("sources", [a_source(1), a_source(2, date_order_verdict="ambiguous")])
    assert view_received(_full({"sources": sources}), run={}, summary={})["ambiguous"] == ["S2"]


def test_a_failure_has_its_reason_and_its_hash() -> None:
    (failure,) = view_received(_full({}), run=RUN, summary={})["failures"]
    assert failure == {
        "path": "broken.txt",
        "reason": "No line looks like the start of a message.",
        "sha256": "f" * 64,
    }


def test_a_warning_said_twice_is_printed_once() -> None:
    assert view_received(_full({}), run=RUN, summary=SUMMARY)["warnings"] == ["One file could not be read."]


def test_rejects_beyond_the_limit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(received, "REJECT_LIMIT", 2)
    rows = [
        {"source_id": "source-1", "line": n, "byte_start": n, "byte_end": n + 1, "reason": "odd"}
        for n in range(5, 0, -1)
    ]
    tables = tiny_case() | {"rejects": a_table("rejects", rows)}
    view = view_received(_full(tables), run={}, summary={})
    assert [row["line"] for row in view["rejects"]] == [1, 2]
    assert view["rejects_cap"] == {"shown": 2, "total": 5, "where": "tables/rejects.parquet"}
    assert [row["source"] for row in view["rejects"]] == ["S1", "S1"]


def test_the_order_of_rows_changes_nothing() -> None:
    tables = _full(tiny_case())
    turned = {name: table.reverse() for name, table in tables.items()}
    assert view_received(turned, run=RUN, summary=SUMMARY) == view_received(tables, run=RUN, summary=SUMMARY)
    assert measure_spans(turned).equals(measure_spans(tables))


def test_an_ambiguous_order_stands_with_its_evidence_under_what_cannot_be_shown() -> None:
    sources = [a_source(1), a_source(2, date_order_verdict="ambiguous", date_order_evidence="as mdy, 9 of 12 differ")]
    page = render({"sources": a_table("sources", sources)})
    limits = page.partition('id="limits"')[2]
    assert "as mdy, 9 of 12 differ" in limits
    assert limits.count("Dates of ") == 1
