from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any, TypeAlias

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.coordination.coshare import coordinate, count_edges, flag_fast, pair_shares
from chatforensics.errors import SchemaError, UsageError

Row: TypeAlias = tuple[str, str, int, str]
Two: TypeAlias = tuple[Row, Row]

COLUMNS = ["account_id", "object_id", "timestamp_share", "content_id"]
NUMBERS = ["account_a", "account_b", "weight", "avg_time_delta"]  # the others know which of two rows comes first
SCHEMA = {"account_id": pl.String, "object_id": pl.String, "timestamp_share": pl.Int64, "content_id": pl.String}

# Few accounts, objects and seconds, so that ties, loops and repeated contents are common.
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["ana", "bo", "chidi", "devi"]),
        st.sampled_from(["link", "hashtag", "c3"]),
        st.integers(0, 40),
        st.sampled_from([f"c{n}" for n in range(12)]),
    ),
    max_size=30,
)


def a_table(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def slow_pairs(rows: list[Row], window_s: int, least: int, *, keep_loops: bool) -> list[Two]:
    """Follow the definition literally: every two rows, one after the other."""
    order = {account: at for at, (account, *_) in reversed(list(enumerate(rows)))}
    number: dict[str, int] = defaultdict(int)
    for account, *_ in rows:
        number[account] += 1
    active = [row for row in rows if number[row[0]] >= least]
    pairs = []
    for (_, one), (_, two) in combinations(sorted(enumerate(active), key=lambda e: (e[1][2], order[e[1][0]], e[0])), 2):
        if one[1] != two[1] or two[2] - one[2] > window_s:
            continue
        loop = one[0] == two[0] or one[3] == two[3] or one[1] in (one[3], two[3])
        if keep_loops or not loop:
            pairs.append((one, two))
    paired = {row[3] for pair in pairs for row in pair}
    number = defaultdict(int)
    for row in active:
        number[row[0]] += row[3] in paired
    strong = {row[3] for row in active if row[3] in paired and number[row[0]] >= least}
    return [(one, two) for one, two in pairs if one[3] in strong or two[3] in strong]


def slow_edges(pairs: list[Two]) -> dict[tuple[str, ...], Any]:
    edges: dict[tuple[str, ...], list[Two]] = defaultdict(list)
    for one, two in pairs:
        edges[tuple(sorted((one[0], two[0])))].append((one, two))
    found: dict[tuple[str, ...], Any] = {}
    for people, between in edges.items():
        earlier, later = ({pair[side][3] for pair in between} for side in (0, 1))
        mean = sum(two[2] - one[2] for one, two in between) / len(between)
        symmetry = min(len(earlier), len(later)) / max(len(earlier), len(later))
        found[people] = (len(between), pytest.approx(mean), pytest.approx(symmetry), len(earlier), len(later))
    return found


def slow_fast(rows: list[Row], pairs: list[Two], window_s: int, least: int) -> list[Two]:
    """Follow the definition of fast pairs literally: the narrower window, then the participation inside it."""
    near = [pair for pair in pairs if pair[1][2] - pair[0][2] <= window_s]
    paired = {row[3] for pair in near for row in pair}
    number: dict[str, int] = defaultdict(int)
    for account, _, _, content in rows:
        number[account] += content in paired
    strong = {row[3] for row in rows if row[3] in paired and number[row[0]] >= least}
    fast = {(one[3], two[3]) for one, two in near if one[3] in strong or two[3] in strong}
    return [(one, two) for one, two in pairs if (one[3], two[3]) in fast]


def slow_quantile(weights: list[int], quantile: float) -> float:
    ordered = sorted(weights)
    place = (len(ordered) - 1) * quantile
    low = min(int(place + 1e-9), len(ordered) - 1)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


@settings(max_examples=150, deadline=None)
@given(rows=ROWS, window_s=st.integers(0, 15), least=st.integers(0, 4), keep_loops=st.booleans())
def test_edges_equal_those_of_the_definition_followed_row_by_row(
    rows: list[Row], window_s: int, least: int, keep_loops: bool
) -> None:
    edges = coordinate(a_table(rows), window_s=window_s, min_participation=least, keep_loops=keep_loops)
    found = {(a, b): tuple(numbers) for a, b, *numbers in edges.iter_rows()}
    assert found == slow_edges(slow_pairs(rows, window_s, least, keep_loops=keep_loops))


@settings(max_examples=50, deadline=None)
@given(rows=ROWS, data=st.data())
def test_the_order_of_rows_changes_neither_weights_nor_times(rows: list[Row], data: st.DataObject) -> None:
    mixed = data.draw(st.permutations(rows))
    one, two = (coordinate(a_table(r), window_s=9, min_participation=2).select(NUMBERS) for r in (rows, mixed))
    assert one.equals(two)


@settings(max_examples=50, deadline=None)
@given(rows=ROWS, other=ROWS)
def test_unrelated_rows_never_remove_an_edge_or_change_it(rows: list[Row], other: list[Row]) -> None:
    apart = [(f"x-{account}", f"x-{thing}", time, f"x-{content}") for account, thing, time, content in other]
    alone = coordinate(a_table(rows), window_s=9, min_participation=2)
    beside = coordinate(a_table(rows + apart), window_s=9, min_participation=2)
    assert beside.filter(~pl.col("account_a").str.starts_with("x-")).equals(alone)


def test_a_share_at_the_very_end_of_the_window_counts() -> None:
    rows = [("ana", "link", 0, "c0"), ("bo", "link", 10, "c1"), ("chidi", "link", 21, "c2")]
    edges = coordinate(a_table(rows), window_s=10, min_participation=1)
    assert edges.rows() == [("ana", "bo", 1, 10.0, 1.0, 1, 1)]


def test_a_pair_stays_when_one_of_the_two_reaches_the_minimum() -> None:
    rows = [
        ("ana", "link", 0, "c0"),
        ("bo", "link", 1, "c1"),
        ("ana", "hashtag", 50, "c2"),
        ("chidi", "hashtag", 52, "c3"),
    ]
    rows += [("bo", "elsewhere", 70, "c4"), ("chidi", "alone", 80, "c5")]
    rows += [("devi", "once", 90, "c6"), ("edem", "once", 90, "c7")]
    edges = coordinate(a_table(rows), window_s=5, min_participation=2)
    assert edges["account_a", "account_b"].rows() == [("ana", "bo"), ("ana", "chidi")]


def test_a_window_of_zero_seconds_asks_for_equal_times() -> None:
    rows = [("ana", "link", 0, "c0"), ("bo", "link", 0, "c1"), ("chidi", "link", 1, "c2")]
    edges = coordinate(a_table(rows), window_s=0, min_participation=0)
    assert edges["account_a", "account_b", "avg_time_delta"].rows() == [("ana", "bo", 0.0)]


def test_tenths_of_a_second_reach_the_end_of_a_window_as_written() -> None:
    # As floating-point numbers 0.4 - 0.1 is more than 0.3, and so large a time as today's holds no tenth exactly.
    for start in ("0.1", "1777885200.1"):
        times = [start, start[:-1] + "4"]
        table = a_table([("ana", "link", 0, "c0"), ("bo", "link", 0, "c1")]).with_columns(
            timestamp_share=pl.Series(times)
        )
        assert coordinate(table, window_s=0.3, min_participation=1)["avg_time_delta"].to_list() == [0.3]
        assert coordinate(table, window_s=0.299999, min_participation=1).is_empty()


@settings(max_examples=150, deadline=None)
@given(
    rows=ROWS, window_s=st.integers(0, 15), narrow=st.integers(0, 15), least=st.integers(0, 4), keep_loops=st.booleans()
)
def test_fast_edges_equal_those_of_the_definition_followed_pair_by_pair(
    rows: list[Row], window_s: int, narrow: int, least: int, keep_loops: bool
) -> None:
    table = a_table(rows)
    pairs = pair_shares(table, window_s=window_s, min_participation=least, keep_loops=keep_loops)
    edges = count_edges(flag_fast(table, pairs, window_s=narrow, min_participation=least))
    slow = slow_pairs(rows, window_s, least, keep_loops=keep_loops)
    columns = ["weight", "avg_time_delta", "edge_symmetry_score", "n_content_id", "n_content_id_y"]
    full = {(a, b): tuple(numbers) for a, b, *numbers in edges.select("account_a", "account_b", *columns).iter_rows()}
    fast = edges.select("account_a", "account_b", *(f"{name}_fast" for name in columns)).drop_nulls()
    assert full == slow_edges(slow)
    assert {(a, b): tuple(numbers) for a, b, *numbers in fast.iter_rows()} == slow_edges(
        slow_fast(rows, slow, narrow, least)
    )


@settings(max_examples=100, deadline=None)
@given(rows=ROWS, quantile=st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0]))
def test_thresholds_are_quantiles_of_all_weights(rows: list[Row], quantile: float) -> None:
    edges = coordinate(a_table(rows), window_s=15, min_participation=1, edge_weight_quantile=quantile)
    threshold = slow_quantile(edges["weight"].to_list() or [0], quantile)
    assert edges["weight_threshold"].to_list() == [int(weight > threshold + 1e-9) for weight in edges["weight"]]


@settings(max_examples=50, deadline=None)
@given(rows=ROWS, keep_loops=st.booleans())
def test_pairs_counted_by_themselves_give_the_edges_of_one_go(rows: list[Row], keep_loops: bool) -> None:
    table = a_table(rows)
    pairs = pair_shares(table, window_s=9, min_participation=2, keep_loops=keep_loops)
    at_once = coordinate(table, window_s=9, min_participation=2, keep_loops=keep_loops, edge_weight_quantile=0.5)
    assert count_edges(pairs, edge_weight_quantile=0.5).equals(at_once)


def test_a_fast_pair_needs_the_participation_inside_the_narrower_window_too() -> None:
    rows = [
        ("ana", "link", 0, "a0"),
        ("bo", "link", 1, "b0"),
        ("ana", "hashtag", 50, "a1"),
        ("bo", "hashtag", 58, "b1"),
    ]
    table = a_table(rows)
    pairs = pair_shares(table, window_s=10, min_participation=2)
    once = flag_fast(table, pairs, window_s=5, min_participation=1)
    twice = flag_fast(table, pairs, window_s=5, min_participation=2)
    assert once["fast"].to_list() == [False, True]  # the hashtag, then the link
    assert twice["fast"].to_list() == [False, False]
    edges = count_edges(twice, edge_weight_quantile=0.5)
    assert edges["weight", "weight_fast", "weight_threshold_fast"].rows() == [(2, None, None)]


def test_layers_below_each_other_are_counted_together() -> None:
    links = a_table([("ana", "link", 0, "c0"), ("bo", "link", 1, "c1")])
    tags = a_table([("ana", "hashtag", 0, "c0"), ("bo", "hashtag", 1, "c1")])
    layers = pl.concat([pair_shares(table, window_s=5, min_participation=1) for table in (links, tags)])
    edges = count_edges(layers)
    assert edges["account_a", "account_b", "weight", "n_content_id"].rows() == [("ana", "bo", 2, 1)]


def test_blocks_of_pairs_leave_none_out(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(account, "link", time, f"{account}{time}") for time in range(9) for account in ("ana", "bo", "chidi")]
    whole = pair_shares(a_table(rows), window_s=4, min_participation=2)
    for size in (1, 2, 7):
        monkeypatch.setattr("chatforensics.coordination.windows.BLOCK_PAIRS", size)
        assert pair_shares(a_table(rows), window_s=4, min_participation=2).equals(whole)


def test_loops_are_left_out_unless_they_are_asked_for() -> None:
    rows = [("ana", "link", 0, "c0"), ("ana", "link", 3, "c1")]
    assert coordinate(a_table(rows), window_s=5, min_participation=2).is_empty()
    kept = coordinate(a_table(rows), window_s=5, min_participation=2, keep_loops=True)
    assert kept.rows() == [("ana", "ana", 1, 3.0, 1.0, 1, 1)]


def test_the_threshold_marks_weights_above_the_quantile() -> None:
    rows = [("ana", "link", time, f"a{time}") for time in (0, 100, 200)]
    rows += [("bo", "link", time + 1, f"b{time}") for time in (0, 100, 200)]
    rows += [("chidi", "link", 203, "d0"), ("chidi", "hashtag", 500, "d1")]
    edges = coordinate(a_table(rows), window_s=3, min_participation=2, edge_weight_quantile=0.5)
    assert edges["weight", "weight_threshold"].rows() == [(3, 1), (1, 0), (1, 0)]


@pytest.mark.parametrize("rows", [[], [("ana", "link", 5, "c0")]])
def test_nothing_to_pair_gives_no_edges(rows: list[Row]) -> None:
    edges = coordinate(a_table(rows), window_s=5, min_participation=1, edge_weight_quantile=0.5)
    assert edges.is_empty()
    assert edges.columns[:5] == ["account_a", "account_b", "weight", "avg_time_delta", "edge_symmetry_score"]


@pytest.mark.parametrize("gap", COLUMNS)
def test_rows_with_an_empty_cell_are_left_out(gap: str) -> None:
    rows = a_table([("ana", "link", 0, "c0"), ("bo", "link", 1, "c1")])
    holed = pl.concat(
        [rows, rows.head(1).with_columns(pl.lit(None).alias(gap)).select(COLUMNS)], how="vertical_relaxed"
    )
    wanted = coordinate(rows, window_s=5, min_participation=1)
    assert coordinate(holed, window_s=5, min_participation=1).equals(wanted)


def test_repeated_rows_count_again_as_in_the_reference() -> None:
    rows = [("ana", "link", 0, "c0"), ("ana", "link", 0, "c0"), ("bo", "link", 1, "c1"), ("bo", "link", 90, "c2")]
    edges = coordinate(a_table(rows), window_s=5, min_participation=2)
    assert edges["weight"].to_list() == [2]


def test_seconds_may_be_text_fractions_or_datetimes() -> None:
    rows = [("ana", "link", 0, "c0"), ("bo", "link", 2, "c1")]
    table = a_table(rows)
    wanted = coordinate(table, window_s=2, min_participation=1)
    epoch = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
    moments = pl.Series([epoch, epoch + timedelta(seconds=2)], dtype=pl.Datetime("us", "UTC"))
    for times in (pl.Series(["0", "2"]), pl.Series([0.25, 2.25]), moments):
        other = table.with_columns(timestamp_share=times)
        assert coordinate(other, window_s=2, min_participation=1).equals(wanted)


def test_pairs_name_the_earlier_share_first() -> None:
    pairs = pair_shares(a_table([("zoya", "link", 0, "c0"), ("ana", "link", 4, "c1")]), window_s=5, min_participation=1)
    assert pairs.rows() == [("link", "c0", "c1", 4.0, "zoya", "ana")]


def test_a_crowded_object_needs_memory_for_its_pairs_only() -> None:
    # 200,000 shares of one object: 40,000,000,000 pairs of rows, of which the window holds 199,999.
    n = 200_000
    table = pl.select(
        account_id=pl.format("a{}", pl.int_range(n)),
        object_id=pl.lit("link"),
        timestamp_share=pl.int_range(n) * 10,
        content_id=pl.format("c{}", pl.int_range(n)),
    )
    assert pair_shares(table, window_s=10, min_participation=1).height == n - 1


@pytest.mark.parametrize("column", COLUMNS)
def test_a_missing_column_is_named(column: str) -> None:
    with pytest.raises(SchemaError, match=column):
        coordinate(a_table([]).drop(column), window_s=5, min_participation=1)


@pytest.mark.parametrize("time", ["yesterday", "nan", "inf", "-1e300", "99999999999999999999"])
def test_a_time_that_is_no_number_is_shown(time: str) -> None:
    table = a_table([("ana", "link", 0, "c0")]).with_columns(timestamp_share=pl.lit(time))
    with pytest.raises(SchemaError, match=time):
        coordinate(table, window_s=5, min_participation=1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"window_s": -1}, {"window_s": float("inf")}, {"window_s": float("nan")}, {"min_participation": -1},
        {"edge_weight_quantile": 1.5}, {"edge_weight_quantile": -0.1},
    ],
)  # fmt: skip
def test_impossible_parameters_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        coordinate(a_table([]), **{"window_s": 5, "min_participation": 1, **wrong})


@pytest.mark.parametrize("window_s", [-1, float("nan")])
def test_an_impossible_narrower_window_is_refused(window_s: float) -> None:
    pairs = pair_shares(a_table([]), window_s=5, min_participation=1)
    with pytest.raises(UsageError):
        flag_fast(a_table([]), pairs, window_s=window_s, min_participation=1)
