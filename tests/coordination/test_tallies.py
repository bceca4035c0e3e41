import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.coordination.coshare import count_edges, flag_fast, pair_shares
from chatforensics.coordination.tallies import tally_accounts, tally_objects
from chatforensics.errors import UsageError

SCHEMA = {"account_id": pl.String, "object_id": pl.String, "timestamp_share": pl.Int64, "content_id": pl.String}
# ana and bo share twice, once quickly; chidi comes late once.
TABLE = pl.DataFrame(
    [
        ("ana", "link", 0, "c0"),
        ("bo", "link", 1, "c1"),
        ("chidi", "link", 9, "c2"),
        ("ana", "song", 50, "c3"),
        ("bo", "song", 58, "c4"),
    ],
    schema=SCHEMA,
    orient="row",
)
ROWS = st.lists(
    st.tuples(st.sampled_from(["ana", "bo", "chidi", "devi"]), st.sampled_from(["l", "h"]), st.integers(0, 40)),
    max_size=20,
).map(lambda rows: [(*row, f"c{number}") for number, row in enumerate(rows)])


def pairs_of(table: pl.DataFrame) -> pl.DataFrame:
    pairs = pair_shares(table, window_s=10, min_participation=1)
    return flag_fast(table, pairs, window_s=3, min_participation=1)


def test_accounts_have_the_means_of_their_edges_and_the_number_of_their_shares() -> None:
    pairs = pairs_of(TABLE)
    found = tally_accounts(count_edges(pairs), pairs)
    assert found["account_id", "avg_time_delta", "avg_time_delta_fast", "unique_shares_count"].rows() == [
        ("ana", (4.5 + 9) / 2, 1.0, 2),
        ("bo", (4.5 + 8) / 2, 1.0, 2),
        ("chidi", 8.5, None, 1),
    ]


def test_edges_alike_in_time_and_symmetry_enter_an_account_once_as_in_the_reference() -> None:
    table = pl.DataFrame(
        [("ana", "l", 0, "c0"), ("bo", "l", 2, "c1"), ("chidi", "l", 2, "c2"), ("devi", "l", 5, "c3")],
        schema=SCHEMA,
        orient="row",
    )
    pairs = pair_shares(table, window_s=10, min_participation=1)
    found = tally_accounts(count_edges(pairs), pairs).filter(pl.col("account_id") == "ana")
    assert found["avg_time_delta"].to_list() == [(2 + 5) / 2]  # not (2 + 2 + 5) / 3


def test_a_threshold_leaves_only_accounts_of_heavy_edges() -> None:
    pairs = pairs_of(TABLE)
    edges = count_edges(pairs, edge_weight_quantile=0.5)
    full = tally_accounts(edges, pairs, threshold="full")
    assert full["account_id", "avg_time_delta"].rows() == [("ana", 4.5), ("bo", 4.5)]
    assert tally_accounts(edges, pairs, threshold="fast").is_empty()  # one fast weight exceeds no quantile of itself
    assert tally_objects(edges, pairs, threshold="full")["object_id", "n_pairs"].rows() == [("link", 1), ("song", 1)]


def test_fast_shares_count_only_those_in_fast_pairs() -> None:
    more = pl.DataFrame(
        [("edem", "link", 200, "e0"), ("ana", "link", 201, "e1"), ("bo", "link", 202, "e2")],
        schema=SCHEMA,
        orient="row",
    )
    table = pl.concat([TABLE, more])
    pairs = pairs_of(table)
    edges = count_edges(pairs, edge_weight_quantile=0.5)
    found = tally_accounts(edges, pairs, threshold="fast")
    assert found["account_id", "unique_shares_count"].rows() == [("ana", 2), ("bo", 2)]


@settings(max_examples=100, deadline=None)
@given(rows=ROWS)
def test_objects_count_every_account_in_their_pairs(rows: list[tuple[str, str, int, str]]) -> None:
    pairs = pairs_of(pl.DataFrame(rows, schema=SCHEMA, orient="row"))
    found = tally_objects(count_edges(pairs), pairs)
    for thing, n_accounts, n_pairs, num_accounts in found.iter_rows():
        own = pairs.filter(pl.col("object_id") == thing)
        assert n_accounts == len({*own["account_id"], *own["account_id_y"]})
        assert n_pairs == own.height
        assert 1 <= num_accounts < n_accounts  # the reference counts one end of each edge
    assert set(found["object_id"]) == set(pairs["object_id"])


def test_a_threshold_that_was_not_counted_is_refused() -> None:
    pairs = pair_shares(TABLE, window_s=10, min_participation=1)
    for tally in (tally_accounts, tally_objects):
        with pytest.raises(UsageError, match="weight_threshold"):
            tally(count_edges(pairs), pairs, threshold="full")
