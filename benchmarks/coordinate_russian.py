"""Seconds that `coordinate` takes on CooRTweet's Russian set, the least of three runs.

CooRTweet itself took 53 to 86 s on a loaded two-core machine. Needs the reference data, which is not part of this
repository.

Example: python benchmarks/coordinate_russian.py ../shared/acceptance/coordination/russian_coord_tweets.csv.gz
"""

import sys
from pathlib import Path
from time import perf_counter

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


if __name__ == "__main__":
    main()
