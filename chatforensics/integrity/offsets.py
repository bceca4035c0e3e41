"""Offsets between two clocks that show different zones: multiples of a quarter of an hour."""

from datetime import timedelta

import polars as pl

_QUARTER_US = 15 * 60 * 1_000_000


def nearest_quarter(apart: pl.Expr) -> pl.Expr:
    """Return a duration rounded to the quarter of an hour, in which all zones differ."""
    return ((apart.dt.total_microseconds() + _QUARTER_US // 2) // _QUARTER_US * _QUARTER_US).cast(pl.Duration("us"))


def say_offset(offset: timedelta) -> str:
    """Return an offset with its sign, as `+05:30`."""
    minutes = offset // timedelta(minutes=1)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
