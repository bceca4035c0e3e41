from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.joining import copies
from chatforensics.joining.copies import match_copies

SCHEMA = {
    "message_id": pl.Int64,
    "src": pl.Int64,
    "line": pl.Int64,
    "t": pl.Int64,
    "step_ms": pl.Int64,
    "key": pl.Int64,
}
Row = tuple[int, int, int]  # src, key, minute


def frame(rows: list[Row], *, step_s: int = 60) -> pl.DataFrame:
    """Make rows of exports, keys and minutes; message ids count through in order."""
    made = [(i, src, i, minute * 60_000, step_s * 1000, key) for i, (src, key, minute) in enumerate(rows)]
    return pl.DataFrame(made, schema=SCHEMA, orient="row")


def slots(rows: list[Row]) -> list[int]:
    return match_copies(frame(rows), by=["key"]).sort("message_id")["slot"].to_list()


def test_copies_share_the_smallest_message_id() -> None:
    assert slots([(0, 7, 10), (1, 7, 10), (2, 7, 11)]) == [0, 0, 0]


def test_rows_that_differ_in_the_key_or_are_far_apart_do_not_meet() -> None:
    assert slots([(0, 7, 10), (1, 8, 10), (2, 7, 20)]) == [0, 1, 2]


def test_a_run_of_equal_texts_is_paired_in_order() -> None:
    assert slots([(0, 7, 10), (0, 7, 10), (0, 7, 11), (1, 7, 10), (1, 7, 10), (1, 7, 11)]) == [0, 1, 2, 0, 1, 2]


def test_in_a_run_with_gaps_as_many_as_possible_are_paired_then_the_nearest() -> None:
    assert slots([(0, 7, 10), (0, 7, 11), (0, 7, 12), (1, 7, 12)]) == [0, 1, 2, 2]
    assert slots([(0, 7, 10), (0, 7, 10), (1, 7, 10), (1, 7, 11), (1, 7, 11)]) == [0, 1, 0, 1, 4]


def test_a_row_is_alone_when_no_export_repeats_it_in_its_run() -> None:
    rows = frame([(0, 7, 10), (1, 7, 10), (0, 8, 10), (0, 8, 10), (1, 8, 10)])
    found = match_copies(rows, by=["key"]).sort("message_id")
    assert found["alone"].to_list() == [True, True, False, False, False]


def test_seconds_are_compared_more_finely_than_minutes() -> None:
    rows = frame([(0, 7, 10), (1, 7, 11)], step_s=1)
    assert match_copies(rows, by=["key"])["slot"].n_unique() == 2


def test_a_very_long_run_is_paired_by_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "LONGEST_RUN", 3)
    assert slots([(0, 7, 10), (0, 7, 11), (0, 7, 12), (1, 7, 12)]) == [0, 1, 2, 0]


ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1), st.integers(0, 12)), max_size=24)


def best_pairing(mine: tuple[int, ...], theirs: tuple[int, ...]) -> tuple[int, int]:
    """Try every pairing in order of two lists of minutes at most one apart: most pairs, then least distance."""
    if not mine or not theirs:
        return 0, 0
    apart = abs(mine[0] - theirs[0])
    rest = best_pairing(mine[1:], theirs[1:])
    paired = (rest[0] + 1, rest[1] - apart) if apart <= 1 else (0, -99)
    return max(paired, best_pairing(mine[1:], theirs), best_pairing(mine, theirs[1:]))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 8)), max_size=10))
def test_two_exports_are_paired_as_well_as_any_pairing_in_order(rows: list[tuple[int, int]]) -> None:
    found = match_copies(frame([(src, 0, minute) for src, minute in rows]), by=["key"])
    pairs = found.group_by("slot").agg(n=pl.len(), apart=pl.col("t").max() - pl.col("t").min()).filter(pl.col("n") > 1)
    mine, theirs = (tuple(sorted(minute for src, minute in rows if src == one)) for one in (0, 1))
    assert (pairs.height, -pairs["apart"].sum() // 60_000) == best_pairing(mine, theirs)


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_a_slot_never_holds_two_rows_of_one_export(rows: list[Row]) -> None:
    found = match_copies(frame(rows), by=["key"])
    assert found.filter(pl.struct("slot", "src").is_duplicated()).is_empty()


@settings(max_examples=50, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows: list[Row], random: Random) -> None:
    whole = frame(rows)
    order = list(range(len(rows)))
    random.shuffle(order)
    assert match_copies(whole[order], by=["key"]).equals(match_copies(whole, by=["key"]))
