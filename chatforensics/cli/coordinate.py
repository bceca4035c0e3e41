"""`coordinate`: a table of who shared what when to pairs of accounts that did so close in time."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from chatforensics.cli.options import OUT, check_out, write_output, write_table
from chatforensics.cli.sharetable import ShareColumns, read_shares
from chatforensics.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

EXAMPLE = "Example: chatforensics coordinate shares.csv --window 60 --min-participation 2 --out pairs.csv"
GRAPH_ENDINGS = (".graphml", ".gexf", ".json")


def run(
    csv: Annotated[
        list[Path],
        typer.Argument(
            help="CSV with account_id, object_id, timestamp_share and content_id; '-' reads standard input. "
            "Several are layers of one network."
        ),
    ],
    window: Annotated[float, typer.Option("--window", help="Seconds between two shares, at most.")],
    min_participation: Annotated[int, typer.Option("--min-participation", help="Shares an account must have made.")],
    *,
    keep_loops: Annotated[bool, typer.Option("--keep-loops", help="Keep an account paired with itself.")] = False,
    directed: Annotated[bool, typer.Option("--directed", help="Count who shared after whom.")] = False,
    messages: Annotated[
        bool, typer.Option("--messages", help="Count distinct messages, as the coordination-network-toolkit does.")
    ] = False,
    min_weight: Annotated[int, typer.Option("--min-weight", help="Leave out edges of less weight.")] = 1,
    fast_window: Annotated[
        float | None, typer.Option("--fast-window", help="Count once more inside this narrower window, in seconds.")
    ] = None,
    edge_weight: Annotated[
        float | None, typer.Option("--edge-weight", help="Mark weights above this quantile of all weights, 0 to 1.")
    ] = None,
    part: Annotated[
        Literal["heavy", "fast", "context"] | None,
        typer.Option(
            "--part",
            help="Only edges above the quantile: heavy, fast, or fast with all among those and their neighbours.",
        ),
    ] = None,
    account: Annotated[str, typer.Option("--account", help="Column of the account.")] = "account_id",
    objects: Annotated[
        list[str] | None,
        typer.Option("--object", help="Column of the object; given again, each is a layer.", show_default="object_id"),
    ] = None,
    time: Annotated[
        str, typer.Option("--time", help="Column of the time: seconds, or dates such as 2026-05-04T09:00:00Z.")
    ] = "timestamp_share",
    content: Annotated[str, typer.Option("--content", help="Column of the post or message.")] = "content_id",
    similar_text: Annotated[
        str | None, typer.Option("--similar-text", help="Column of texts; near-duplicates of one text are one object.")
    ] = None,
    distinct: Annotated[bool, typer.Option("--distinct", help="Count repeated rows once.")] = False,
    pairs_to: Annotated[Path | None, typer.Option("--pairs", help="Where to write the pairs of shares.")] = None,
    accounts_to: Annotated[
        Path | None, typer.Option("--accounts", help="Where to write a summary of accounts.")
    ] = None,
    objects_to: Annotated[Path | None, typer.Option("--objects", help="Where to write a summary of objects.")] = None,
    network_to: Annotated[
        Path | None, typer.Option("--network", help="Where to write a graph: .graphml, .gexf or .json.")
    ] = None,
    out: Annotated[Path | None, OUT] = None,
) -> None:
    """Pair accounts that shared the same objects close in time, as CooRTweet does.

    A pair shows common timing, not a common order: two accounts that follow a third are paired as well.
    """
    summaries = {"pairs": pairs_to, "accounts": accounts_to, "objects": objects_to}
    for place in (out, network_to, *summaries.values()):
        check_out(place, *csv)
    if directed and messages:
        raise UsageError("--directed and --messages are two ways to count.", hint="Choose one.")
    if network_to and network_to.suffix.lower() not in GRAPH_ENDINGS:
        raise UsageError(f"--network: {network_to} is no known kind.", hint=f"End it in {', '.join(GRAPH_ENDINGS)}.")
    columns = ShareColumns(account, tuple(objects or ["object_id"]), time, content, similar_text)
    from chatforensics.workflow.coordinating import Question, coordinate_layers, summarise_layers

    question = Question(
        window_s=window,
        min_participation=min_participation,
        keep_loops=keep_loops,
        fast_window_s=fast_window,
        edge_weight_quantile=edge_weight,
        part=part,
        count="order" if directed else "messages" if messages else "pairs",
        min_weight=min_weight,
    )
    layers = [layer for path in csv for layer in _layers(path, columns, distinct=distinct)]
    edges = coordinate_layers(layers, question=question)
    write_table(edges, out=out)
    if network_to:
        _write_network(edges, network_to)
    if any(summaries.values()):
        tables = summarise_layers(layers, question=question)
        for name, place in summaries.items():
            if place:
                write_table(tables[name], out=place)


def _layers(path: Path, columns: ShareColumns, *, distinct: bool) -> "list[pl.DataFrame]":
    """Read a file into one table per column of objects, with CooRTweet's names.

    Where several columns are asked for, a row stands for several things at once: repeated rows are then counted once,
    and objects carry the name of their column.
    """
    import polars as pl

    from chatforensics.workflow.coordinating import name_families

    table = read_shares(path, columns=columns)
    names = {"account_id": columns.account, "timestamp_share": columns.time, "content_id": columns.content}
    if columns.text is not None:
        layers = [name_families(table.select(**names, text=columns.text), column="text").drop("text")]
    elif len(columns.objects) == 1:
        layers = [table.select(**names, object_id=columns.objects[0])]
    else:
        distinct = True
        layers = [table.select(**names, object_id=pl.lit(f"{name}:") + pl.col(name)) for name in columns.objects]
    return [layer.unique(maintain_order=True) for layer in layers] if distinct else layers


def _write_network(edges: "pl.DataFrame", place: Path) -> None:
    from chatforensics.graphfiles import gexf_bytes, graphml_bytes, json_bytes
    from chatforensics.workflow.coordinating import build_account_graph

    encoders = dict(zip(GRAPH_ENDINGS, (graphml_bytes, gexf_bytes, json_bytes), strict=True))
    write_output(encoders[place.suffix.lower()](build_account_graph(edges)), out=place)
