"""Many texts tried with many patterns: Polars' linear-time engine passes most texts over, `regex` has the last word."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import compress

import polars as pl

from chatforensics.labelling.patterns import loosen

# Sifting pays once the patterns' preparation is shared by this many texts.
_WORTH_SIFTING = 150


def sift(texts: pl.Series, asked: Sequence[tuple[str, list[int]]]) -> list[list[int]]:
    """Return for each pattern those of the rows beside it whose text it may match; it matches none of the others."""
    many = [place for place, (_, rows) in enumerate(asked) if len(rows) >= _WORTH_SIFTING]
    text = pl.col("text").str
    tried = [
        texts.gather(rows).to_frame("text").lazy().select(text.contains(_loosened(pattern)))
        for pattern, rows in (asked[place] for place in many)
    ]
    left = [rows for _, rows in asked]
    for place, found in zip(many, pl.collect_all(tried), strict=True):
        left[place] = list(compress(left[place], found["text"]))
    return left


@lru_cache(maxsize=10_000)
def _loosened(pattern: str) -> str:
    return loosen(pattern)
