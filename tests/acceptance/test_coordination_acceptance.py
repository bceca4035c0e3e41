"""CooRTweet's own data and its own results, edge by edge; the window counts of the coordination network toolkit."""

from pathlib import Path
from time import perf_counter

import polars as pl
import pytest

from chatforensics.coordination import (
    coordinate,
    count_edges,
    count_messages,
    pair_shares,
    tally_accounts,
    tally_objects,
)

FOLDER = Path(__file__).parents[2].parent / "shared" / "acceptance" / "coordination"
pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f"{FOLDER} is not there: other people's data"),
]

LAYERS = {"url_id": "url_", "domain_id": "url_", "hashtag_id": "hashtag_", "phash_id": "hash_"}


@pytest.fixture(scope="module")
def russian() -> pl.DataFrame:
    return pl.read_csv(FOLDER / "russian_coord_tweets.csv.gz")


@pytest.fixture(scope="module")
def german() -> pl.DataFrame:
    return pl.read_csv(FOLDER / "german_elections.csv.gz", infer_schema=False)


def german_layer(table: pl.DataFrame, column: str) -> pl.DataFrame:
    layer = table.select(
        "account_id", content_id="post_id", object_id=column, timestamp_share=pl.col("timestamp").cast(pl.Int64)
    )
    named = pl.lit(LAYERS[column]) + pl.col("object_id")
    return layer.unique(maintain_order=True).drop_nulls("object_id").with_columns(object_id=named)


def edges_of(name: str) -> pl.DataFrame:
    """Return a reference result with its two accounts in order."""
    table = pl.read_csv(FOLDER / name, infer_schema_length=None)
    return table.select(
        account_a=pl.min_horizontal("from", "to"),
        account_b=pl.max_horizontal("from", "to"),
        weight="weight",
        avg_time_delta=pl.col("avg_time_delta").cast(pl.Float64),
        edge_symmetry_score=pl.col("edge_symmetry_score").cast(pl.Float64),
        n_content_id="n_content_id",
        n_content_id_y="n_content_id_y",
        weight_threshold=pl.col("weight_threshold").cast(pl.Int32),
    ).sort("account_a", "account_b")


def assert_same_edges(found: pl.DataFrame, wanted: pl.DataFrame) -> None:
    found = found.sort("account_a", "account_b")
    exact = ["account_a", "account_b", "weight", "n_content_id", "n_content_id_y", "weight_threshold"]
    assert found.select(exact).rows() == wanted.select(exact).rows()
    for column in ("avg_time_delta", "edge_symmetry_score"):
        # The reference prints 15 significant digits.
        assert found[column].to_list() == pytest.approx(wanted[column].to_list(), abs=1e-12)


@pytest.mark.parametrize("least", [2, 5])
def test_russian_tweets_give_the_reference_edges(russian: pl.DataFrame, least: int) -> None:
    found = coordinate(russian, window_s=10, min_participation=least, edge_weight_quantile=0.5)
    assert_same_edges(found, edges_of(f"russian_tw10_mp{least}_edges.csv"))


def test_german_hashtags_give_the_reference_edges(german: pl.DataFrame) -> None:
    table = german_layer(german, "hashtag_id")
    assert table.height == 36_005
    found = coordinate(table, window_s=30, min_participation=2, edge_weight_quantile=0.5)
    assert_same_edges(found, edges_of("german_hashtags_tw30_mp2_edges.csv"))


def test_russian_tweets_give_the_reference_pairs(russian: pl.DataFrame) -> None:
    wanted = pl.read_csv(FOLDER / "russian_tw10_mp2_pairs.csv").cast({"time_delta": pl.Float64})
    found = pair_shares(russian, window_s=10, min_participation=2)
    assert found.sort(pl.all()).equals(wanted.select(found.columns).sort(pl.all()))


def test_accounts_and_objects_have_the_reference_statistics(russian: pl.DataFrame) -> None:
    pairs = pair_shares(russian, window_s=10, min_participation=2)
    edges = count_edges(pairs)
    accounts = tally_accounts(edges, pairs)
    wanted = pl.read_csv(FOLDER / "russian_tw10_mp2_account_stats.csv", infer_schema_length=None).sort("account_id")
    exact = ["account_id", "unique_shares_count"]
    assert accounts.select(exact).rows() == wanted.select(exact).rows()
    for column in ("avg_time_delta", "avg_edge_symmetry_score"):
        assert accounts[column].to_list() == pytest.approx(wanted[column].to_list(), abs=1e-12)
    groups = pl.read_csv(FOLDER / "russian_tw10_mp2_group_stats.csv").sort("object_id")
    assert tally_objects(edges, pairs).select(groups.columns).sort("object_id").rows() == groups.rows()


def test_russian_tweets_take_less_than_a_second(russian: pl.DataFrame) -> None:
    seconds = []
    for _ in range(3):
        start = perf_counter()
        coordinate(russian, window_s=10, min_participation=2)
        seconds.append(perf_counter() - start)
    assert min(seconds) < 1


def toolkit_edges(window_s: int, least: int) -> pl.DataFrame:
    table = pl.read_csv(FOLDER / "coretweet_test_input.csv").select(
        account_id="user_id", object_id="repost_id", timestamp_share="timestamp", content_id="message_id"
    )
    return count_messages(pair_shares(table, window_s=window_s, min_participation=1, keep_loops=True), min_weight=least)


def toolkit_rows() -> list[tuple[int, ...]]:
    """Return the toolkit's own results: window, least weight, edges, those without loops, sum of weights, senders."""
    lines = [line.split("\t") for line in (FOLDER / "expected.tsv").read_text().splitlines()]
    own = [line for line in lines if line[1:3] == ["coretweet_test_input.csv", "co_retweet"]]
    return [tuple(int(line[at]) for at in (3, 4, 6, 8, 10, 12)) for line in own]


def test_the_toolkits_directed_edges_come_out_again() -> None:
    rows = toolkit_rows()
    assert len(rows) == 5
    for window_s, least, *wanted in rows:
        edges = toolkit_edges(window_s, least)
        others = edges.filter(pl.col("account_a") != pl.col("account_b"))
        # It counts the accounts that edges without loops start from.
        assert [edges.height, others.height, edges["weight"].sum(), others["account_a"].n_unique()] == wanted


@pytest.mark.parametrize(
    ("window_s", "least", "loops", "n_accounts"),
    [(1, 1, False, 2), (1, 1, True, 3), (1, 2, False, 0), (1, 2, True, 1), (60, 1, False, 6), (60, 1, True, 7)],
)
def test_the_toolkit_has_as_many_accounts(window_s: int, least: int, loops: bool, n_accounts: int) -> None:
    edges = toolkit_edges(window_s, least)
    if not loops:
        edges = edges.filter(pl.col("account_a") != pl.col("account_b"))
    assert pl.concat([edges["account_a"], edges["account_b"]]).n_unique() == n_accounts
