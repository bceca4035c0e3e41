"""Values and tables as JSON in the one form that is hashed and compared."""

import json
import math
from collections.abc import Mapping
from datetime import datetime

import polars as pl

from chatforensics.tablefiles.cells import sort_fields


def canonical(value: object) -> str:
    """Return a value as JSON in one form: names in order, no spaces, letters as they are, times in ISO 8601.

    What is no number, such as infinity, is null.
    """
    return json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def encode_rows(frame: pl.DataFrame) -> bytes:
    """Return a table as lines of canonical JSON."""
    return "".join(f"{canonical(row)}\n" for row in sort_fields(frame).iter_rows(named=True)).encode()


def plain(value: object) -> object:
    """Return a value in what JSON has: times as texts, what is no number as null."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.isoformat() if isinstance(value, datetime) else value
