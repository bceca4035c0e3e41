"""Any tables of who shared what when to pairs of accounts: what the command `coordinate` does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import polars as pl

from chatforensics.coordination import coordinate
from chatforensics.coordination.coshare import count_edges, flag_fast, pair_shares
from chatforensics.coordination.networks import Part, count_followings, count_messages, keep_part
from chatforensics.coordination.tallies import tally_accounts, tally_objects
from chatforensics.errors import UsageError

if TYPE_CHECKING:
    import networkx as nx

Count: TypeAlias = Literal["pairs", "order", "messages"]


@dataclass(frozen=True)
class Question:
    """What is asked of the tables: windows in seconds, participation in rows, weights in what `count` counts.

    `count` is `pairs` of shares (CooRTweet), those in the `order` of time (who after whom), or `messages` (the
    coordination-network-toolkit). `fast_window_s`, `edge_weight_quantile` and `part` belong to `pairs`.
    """

    window_s: float
    min_participation: int
    keep_loops: bool = False
    fast_window_s: float | None = None
    edge_weight_quantile: float | None = None
    part: Part | None = None
    count: Count = "pairs"
    min_weight: int = 1


def coordinate_layers(layers: Sequence[pl.DataFrame], *, question: Question) -> pl.DataFrame:
    """Count for every two accounts how often they shared the same things close in time, over all layers together.

    Each layer (links, hashtags, images, …) is paired by itself, with its own minimum participation; then the pairs are
    counted together, as in CooRTweet's multi-modal networks. A count shows common timing, not agreement.

    Raises:
        SchemaError: a column is missing, or a time is neither a number nor a datetime.
        UsageError: a setting that cannot be, or settings that do not belong together.
    """
    _check(question)
    if len(layers) == 1 and question.count == "pairs" and question.fast_window_s is None:
        edges = coordinate(
            layers[0],
            window_s=question.window_s,
            min_participation=question.min_participation,
            keep_loops=question.keep_loops,
            edge_weight_quantile=question.edge_weight_quantile,
        )
    else:
        edges = _count(_pair_layers(layers, question), question)
    edges = edges.filter(pl.col("weight") >= question.min_weight)
    return edges if question.part is None else keep_part(edges, part=question.part)


def summarise_layers(layers: Sequence[pl.DataFrame], *, question: Question) -> dict[str, pl.DataFrame]:
    """List the pairs of shares, and sum up each account and each object: `pairs`, `accounts`, `objects`.

    The summaries are over all edges, whatever the question leaves out of the network itself.
    """
    pairs = _pair_layers(layers, question)
    edges = count_edges(pairs, edge_weight_quantile=question.edge_weight_quantile)
    return {"pairs": pairs, "accounts": tally_accounts(edges, pairs), "objects": tally_objects(edges, pairs)}


def _pair_layers(layers: Sequence[pl.DataFrame], question: Question) -> pl.DataFrame:
    return pl.concat([_pair(layer, question) for layer in layers])


def _pair(layer: pl.DataFrame, question: Question) -> pl.DataFrame:
    least = question.min_participation
    pairs = pair_shares(layer, window_s=question.window_s, min_participation=least, keep_loops=question.keep_loops)
    if question.fast_window_s is None:
        return pairs
    return flag_fast(layer, pairs, window_s=question.fast_window_s, min_participation=least)


def _count(pairs: pl.DataFrame, question: Question) -> pl.DataFrame:
    if question.count == "order":
        return count_followings(pairs)
    if question.count == "messages":
        return count_messages(pairs)
    return count_edges(pairs, edge_weight_quantile=question.edge_weight_quantile)


def name_families(table: pl.DataFrame, *, column: str) -> pl.DataFrame:
    """Make near-duplicate texts one object: `object_id` becomes the family of the text in the column.

    Similar wording does not show a common source: greetings and set phrases resemble each other too. Empty texts
    are in no family, and their rows have no object.
    """
    from chatforensics.families import find_families

    distinct = table.select(text=column).drop_nulls().unique().sort("text").with_row_index("id")
    families = find_families(distinct).join(distinct, on="id").select("text", object_id="family_id")
    return table.drop("object_id", strict=False).join(
        families, left_on=column, right_on="text", how="left", maintain_order="left"
    )


def build_account_graph(edges: pl.DataFrame) -> "nx.Graph[str]":
    """Build the network of accounts from what `coordinate_layers` counted; directed where the count has a direction."""
    import networkx as nx

    directed = "n_content_id" not in edges.columns
    graph: nx.Graph[str] = nx.DiGraph() if directed else nx.Graph()
    for row in edges.iter_rows(named=True):
        graph.add_edge(row.pop("account_a"), row.pop("account_b"), **row)
    return graph


def _check(question: Question) -> None:
    """Refuse settings that cannot be, or that do not belong together."""
    if question.min_weight < 0:
        raise UsageError(f"The minimum weight must not be below 0, is {question.min_weight}.")
    if question.count == "pairs":
        return
    own = {"fast window": question.fast_window_s, "edge weight quantile": question.edge_weight_quantile}
    for name, value in {**own, "part": question.part}.items():
        if value is not None:
            raise UsageError(f"A count by {question.count} has no {name}.", hint="Leave one of the two out.")
