from collections import defaultdict
from typing import TypeAlias

import networkx as nx
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.coordination.coshare import count_edges, flag_fast, pair_shares
from chatforensics.coordination.networks import count_followings, count_messages, keep_part
from chatforensics.errors import UsageError

Row: TypeAlias = tuple[str, str, int, str]

SCHEMA = {"account_id": pl.String, "object_id": pl.String, "timestamp_share": pl.Int64, "content_id": pl.String}
ROWS = st.lists(
    st.tuples(st.sampled_from(["ana", "bo", "chidi", "devi", "edem"]), st.sampled_from(["l", "h"]), st.integers(0, 40)),
    max_size=25,
).map(lambda rows: [(*row, f"c{number}") for number, row in enumerate(rows)])


def a_table(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def pairs_of(rows: list[Row], *, keep_loops: bool = False) -> pl.DataFrame:
    return pair_shares(a_table(rows), window_s=10, min_participation=1, keep_loops=keep_loops)


@settings(max_examples=100, deadline=None)
@given(rows=ROWS)
def test_followings_equal_a_count_row_by_row(rows: list[Row]) -> None:
    waits: dict[tuple[str, str], list[int]] = defaultdict(list)
    for one in rows:
        for two in rows:
            if one[0] != two[0] and one[1] == two[1] and 0 < two[2] - one[2] <= 10:
                waits[one[0], two[0]].append(two[2] - one[2])
    found = count_followings(pairs_of(rows))
    counted = {(a, b): (weight, mean) for a, b, weight, mean, *_ in found.iter_rows()}
    assert counted == {way: (len(times), pytest.approx(sum(times) / len(times))) for way, times in waits.items()}


def test_equal_times_have_no_direction_but_are_told() -> None:
    rows = [("ana", "l", 0, "c0"), ("bo", "l", 0, "c1"), ("ana", "h", 50, "c2"), ("bo", "h", 53, "c3")]
    assert count_followings(pairs_of(rows)).rows() == [("ana", "bo", 1, 3.0, 1, 1)]
    assert count_followings(pairs_of(rows[:2])).is_empty()


@settings(max_examples=100, deadline=None)
@given(rows=ROWS, keep_loops=st.booleans(), least=st.integers(1, 3))
def test_messages_equal_a_count_row_by_row(rows: list[Row], keep_loops: bool, least: int) -> None:
    met: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in rows:
        for two in rows:
            near = one[1] == two[1] and abs(one[2] - two[2]) <= 10 and one[3] != two[3]
            if near and (keep_loops or one[0] != two[0]):
                met[one[0], two[0]].add(one[3])
    found = count_messages(pairs_of(rows, keep_loops=keep_loops), min_weight=least)
    wanted = {way: len(messages) for way, messages in met.items() if len(messages) >= least}
    assert {(a, b): weight for a, b, weight in found.iter_rows()} == wanted


def edges_of(rows: list[Row], quantile: float) -> pl.DataFrame:
    pairs = flag_fast(a_table(rows), pairs_of(rows), window_s=3, min_participation=1)
    return count_edges(pairs, edge_weight_quantile=quantile)


@settings(max_examples=100, deadline=None)
@given(rows=ROWS, quantile=st.sampled_from([0.0, 0.5, 0.9]))
def test_the_context_is_whatever_touches_a_fast_account_and_what_joins_those(rows: list[Row], quantile: float) -> None:
    edges = edges_of(rows, quantile)
    graph: nx.Graph[str] = nx.Graph(list(edges["account_a", "account_b"].iter_rows()))
    core = {account for edge in keep_part(edges, part="fast")["account_a", "account_b"].iter_rows() for account in edge}
    around = {near for account in core for near in graph.neighbors(account)} | core
    wanted = {frozenset(edge) for edge in graph.subgraph(around).edges}
    found = keep_part(edges, part="context")
    assert {frozenset(edge) for edge in found["account_a", "account_b"].iter_rows()} == wanted
    for account, is_fast in [
        *found["account_a", "is_fast_a"].iter_rows(),
        *found["account_b", "is_fast_b"].iter_rows(),
    ]:
        assert is_fast == (account in core)


def test_the_heavy_part_has_the_edges_above_the_quantile() -> None:
    rows = [(account, "l", time, f"{account}{time}") for time in (0, 100) for account in ("ana", "bo")]
    edges = edges_of([*rows, ("chidi", "l", 109, "c")], 0.5)
    assert keep_part(edges, part="heavy")["account_a", "account_b"].rows() == [("ana", "bo")]


@pytest.mark.parametrize("part", ["heavy", "fast", "context"])
def test_a_part_without_its_threshold_is_refused(part: str) -> None:
    with pytest.raises(UsageError, match="quantile"):
        keep_part(count_edges(pairs_of([])), part=part)  # type: ignore[arg-type]
