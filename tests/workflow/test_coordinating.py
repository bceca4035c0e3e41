import polars as pl
import pytest

from chatforensics.coordination import coordinate
from chatforensics.errors import UsageError
from chatforensics.workflow.coordinating import Question, build_account_graph, coordinate_layers, name_families

TEXT = "Please pass this on before Friday: the market in Harbour Road opens at nine and closes at noon"
TABLE = pl.DataFrame(
    {
        "account_id": ["ana", "bo", "ana", "bo"],
        "object_id": ["link", "link", "song", "song"],
        "timestamp_share": [0, 3, 50, 50],
        "content_id": ["c0", "c1", "c2", "c3"],
        "words": [TEXT, TEXT.upper(), None, ""],
    }
)


def test_one_layer_gives_what_coordinate_gives() -> None:
    edges = coordinate_layers([TABLE], question=Question(window_s=5, min_participation=1))
    assert edges.equals(coordinate(TABLE, window_s=5, min_participation=1))


def test_texts_without_words_are_no_object() -> None:
    named = name_families(TABLE, column="words")
    assert named["object_id"].null_count() == 2
    assert named["object_id"].drop_nulls().n_unique() == 1
    assert named["content_id"].to_list() == TABLE["content_id"].to_list()


def test_the_graph_of_an_order_is_directed() -> None:
    question = Question(window_s=5, min_participation=1, count="order")
    graph = build_account_graph(coordinate_layers([TABLE], question=question))
    assert graph.is_directed()
    assert list(graph.edges(data="weight")) == [("ana", "bo", 1)]


def test_the_quantile_is_that_of_all_edges_whatever_is_left_out() -> None:
    more = TABLE.head(1).with_columns(account_id=pl.lit("chidi"), content_id=pl.lit("c9"))
    question = Question(window_s=5, min_participation=1, edge_weight_quantile=0.5, min_weight=2)
    edges = coordinate_layers([pl.concat([TABLE, more])], question=question)
    assert edges["account_a", "weight_threshold"].rows() == [("ana", 1)]


def test_a_count_that_has_no_part_says_so() -> None:
    question = Question(window_s=5, min_participation=1, count="messages", part="heavy")
    with pytest.raises(UsageError, match="part"):
        coordinate_layers([TABLE], question=question)
