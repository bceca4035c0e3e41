"""Seconds that `coordinate` takes on CooRTweet's Russian set, the least of three runs, and on many made-up shares.

CooRTweet itself took 53 to 86 s on a loaded two-core machine. Needs the reference data, which is not part of this
repository. A number after the file asks for as many made-up shares too, with a few very active accounts and a few very
popular objects, and prints the seconds and the most memory that the program has held.

Example: python benchmarks/coordinate_russian.py ../shared/acceptance/coordination/russian_coord_tweets.csv.gz
"""

import resource
import sys
from pathlib import Path
from time import perf_counter

import numpy as np
import polars as pl

from chatforensics.coordination import coordinate

DATA = Path(__file__).parents[1].parent / "shared" / "acceptance" / "coordination" / "russian_coord_tweets.csv.gz"
SETTINGS = ((10, 2), (10, 5), (60, 2))
RUNS = 3


def main() -> None:
    """Print one line per setting."""
    table = pl.read_csv(sys.argv[1] if len(sys.argv) > 1 else DATA)
    for window_s, least in SETTINGS:
        seconds = []
        for _ in range(RUNS):
            start = perf_counter()
            edges = coordinate(table, window_s=window_s, min_participation=least)
            seconds.append(perf_counter() - start)
        print(f"window {window_s} s, participation {least}: {min(seconds):.3f} s, {edges.height} edges")
    if len(sys.argv) > 2:  # noqa: PLR2004
        _time_many(int(sys.argv[2]))


def _time_many(n: int) -> None:
    """Print seconds and memory for so many made-up shares within 30 days."""
    random = np.random.default_rng(1)
    spread = random.integers(0, n // 3 + 1, n) * random.integers(0, 2, n)
    table = pl.DataFrame(
        {
            "account_id": random.zipf(1.3, n) % (n // 10 + 1),
            "object_id": random.zipf(1.2, n) % (n // 3 + 1) + spread,
            "timestamp_share": 1_600_000_000 + random.integers(0, 30 * 86_400, n),
            "content_id": np.arange(n),
        }
    ).cast(dict.fromkeys(("account_id", "object_id", "content_id"), pl.String))
    start = perf_counter()
    edges = coordinate(table, window_s=10, min_participation=2)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{n:,} shares: {perf_counter() - start:.1f} s, {memory:,.0f} MB, {edges.height} edges")


if __name__ == "__main__":
    main()
