"""CooRTweet's own data and its own results, edge by edge; the window counts of the coordination network toolkit."""

from pathlib import Path
from time import perf_counter

import polars as pl
import pytest

from chatforensics.coordination import coordinate, pair_shares

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
        weight_threshold=pl.col("weight_threshold").cast(pl.Int32),
    ).sort("account_a", "account_b")


def assert_same_edges(found: pl.DataFrame, wanted: pl.DataFrame) -> None:
    found = found.sort("account_a", "account_b")
    exact = ["account_a", "account_b", "weight", "weight_threshold"]
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


def test_pairs_give_the_reference_statistics_of_accounts_and_objects(russian: pl.DataFrame) -> None:
    pairs = pair_shares(russian, window_s=10, min_participation=2)
    sides = pl.concat(
        [
            pairs.select("object_id", "account_id", "content_id"),
            pairs.select("object_id", account_id="account_id_y", content_id="content_id_y"),
        ]
    )
    shared = sides.group_by("account_id").agg(n=pl.col("content_id").n_unique().cast(pl.Int64)).sort("account_id")
    wanted = pl.read_csv(FOLDER / "russian_tw10_mp2_account_stats.csv", infer_schema_length=None).sort("account_id")
    assert shared.rows() == wanted.select("account_id", "unique_shares_count").rows()
    groups = pl.read_csv(FOLDER / "russian_tw10_mp2_group_stats.csv")
    assert sorted(pairs["object_id"].unique()) == sorted(groups["object_id"])


def test_russian_tweets_take_less_than_a_second(russian: pl.DataFrame) -> None:
    seconds = []
    for _ in range(3):
        start = perf_counter()
        coordinate(russian, window_s=10, min_participation=2)
        seconds.append(perf_counter() - start)
    assert min(seconds) < 1


@pytest.mark.parametrize(("window_s", "n_accounts"), [(1, 2), (60, 6), (600, 8)])
def test_the_toolkit_pairs_as_many_accounts(window_s: int, n_accounts: int) -> None:
    table = pl.read_csv(FOLDER / "coretweet_test_input.csv").select(
        account_id="user_id", object_id="repost_id", timestamp_share="timestamp", content_id="message_id"
    )
    edges = coordinate(table, window_s=window_s, min_participation=1)
    assert pl.concat([edges["account_a"], edges["account_b"]]).n_unique() == n_accounts
