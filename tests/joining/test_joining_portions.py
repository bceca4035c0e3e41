"""Joining a scan of files, a portion at a time, gives the tables that joining everything at once gives."""

import dataclasses
from pathlib import Path

import polars as pl
import pytest
from joining.phones import tables
from joining.test_join import a_case

from chatforensics.joining import complete_messages, join_exports, join_scanned
from chatforensics.joining.records import build_records, number_sources
from chatforensics.joining.sameshape import link_same_content
from chatforensics.joining.slim import cut_portions
from chatforensics.joining.windows import find_missing
from chatforensics.schema import Messages, Sources


@pytest.mark.parametrize("portion", [1, 30, 1000])
def test_neither_a_scan_nor_the_size_of_portions_changes_a_table(portion: int, tmp_path: Path) -> None:
    sources, messages, events = tables(*a_case())
    whole = join_exports(sources, messages, events, timezone="Europe/London")
    messages.sample(fraction=1.0, shuffle=True, seed=7).write_parquet(tmp_path / "messages.parquet")
    scan = pl.scan_parquet(tmp_path / "messages.parquet")
    apart = join_scanned(sources, scan, events, timezone="Europe/London", portion=portion)
    kept = [field.name for field in dataclasses.fields(apart) if field.name not in ("placed", "corroborated")]
    for name in kept:
        assert getattr(apart, name).equals(getattr(whole, name)), name
    assert apart.corroborated.height == whole.corroboration.height > portion * (portion < 1000)
    assert pl.concat(apart.corroborated.portions(portion)).equals(whole.corroboration)
    parts = [part for _, part in sorted(messages.partition_by("source_id", as_dict=True).items())]
    assert pl.concat([complete_messages(Messages(part), apart.placed) for part in parts]).equals(whole.messages)


def test_some_rows_of_an_export_are_completed_like_all() -> None:
    sources, messages, events = tables(*a_case())
    placed = join_scanned(sources, messages, events, timezone="UTC").placed
    whole = complete_messages(messages, placed)
    assert complete_messages(Messages(messages[10:20]), placed).height == 10
    assert whole.join(messages[10:20], on="message_id", how="semi").equals(
        complete_messages(Messages(messages[10:20]), placed)
    )
    assert complete_messages(Messages(messages.clear()), placed).is_empty()


def test_a_portion_holds_at_most_so_much_or_one_thing() -> None:
    sizes = pl.Series([3, 4, 5, 20, 0, 1]).to_numpy()
    assert list(cut_portions(sizes, 7)) == [(0, 2), (2, 3), (3, 4), (4, 6)]
    assert list(cut_portions(sizes[:0], 7)) == [(0, 0)]


def test_exports_with_the_same_records_are_linked_and_others_of_that_size_are_not() -> None:
    sources, messages, _ = tables(*a_case())
    twin = messages.filter(pl.col("source_id") == sources["source_id"][0])
    twins = pl.concat([messages, twin.with_columns(pl.lit("twin").alias("source_id"), pl.col("message_id") + 10**6)])
    more = pl.concat([sources, sources.head(1).with_columns(pl.lit("twin").alias("source_id"))])
    numbered = number_sources(Sources(more))
    links = link_same_content(build_records(numbered, Messages(twins))).filter(pl.col("a") != pl.col("b"))
    names = numbered["source_id"]
    assert {frozenset((names[a], names[b])) for a, b in links.rows()} == {frozenset((sources["source_id"][0], "twin"))}


def test_an_export_lacks_what_its_windows_cover_and_it_does_not_show() -> None:
    copies = pl.DataFrame(
        {"slot": [1, 1, 2, 3, 4], "src": [0, 1, 0, 0, 2], "chat": [0, 0, 0, 0, 2], "t": [0, 5, 10, 20, 7]}
    )
    windows = pl.DataFrame({"src": [0, 1, 1, 2, 3], "from_t": [0, 0, 15, 0, 0], "to_t": [20, 9, 30, 30, 9]})
    chat_of = pl.DataFrame({"src": [0, 1, 2, 3], "chat": [0, 0, 2, 0]})
    found = find_missing(copies, windows, chat_of=chat_of, margin_ms=0)
    assert sorted(found.select("slot", "src").rows()) == [(1, 3), (3, 1)]
