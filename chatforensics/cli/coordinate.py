"""`coordinate`: a table of who shared what when to pairs of accounts that did so close in time."""

from pathlib import Path
from typing import Annotated

import typer

from chatforensics.cli.options import OUT, check_out, write_table

EXAMPLE = "Example: chatforensics coordinate shares.csv --window 60 --min-participation 2 --out pairs.csv"
COLUMNS = ("account_id", "object_id", "timestamp_share", "content_id")


def run(
    csv: Annotated[Path, typer.Argument(help="CSV with account_id, object_id, timestamp_share (seconds), content_id.")],
    window: Annotated[float, typer.Option("--window", help="Seconds between two shares, at most.")],
    min_participation: Annotated[int, typer.Option("--min-participation", help="Shares an account must have made.")],
    *,
    keep_loops: Annotated[bool, typer.Option("--keep-loops", help="Keep an account paired with itself.")] = False,
    out: Annotated[Path | None, OUT] = None,
) -> None:
    """Pair accounts that shared the same objects close in time, as CooRTweet does.

    A pair shows common timing, not a common order: two accounts that follow a third are paired as well.
    """
    check_out(out, csv)
    from chatforensics.coordination import coordinate
    from chatforensics.storage import read_csv_table

    shares = read_csv_table(csv, columns=COLUMNS)
    pairs = coordinate(shares, window_s=window, min_participation=min_participation, keep_loops=keep_loops)
    write_table(pairs, out=out)
