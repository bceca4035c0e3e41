"""Tables from the first few values of each row; what the rows leave out is null."""

from collections.abc import Iterable, Sequence

import polars as pl

from chatforensics import schema


def fill(table: str, rows: Iterable[Sequence[object]]) -> pl.DataFrame:
    """Return the named table from rows that give its first columns."""
    columns = list(schema.TABLES[table])
    listed = [dict(zip(columns, row, strict=False)) for row in rows]
    return pl.DataFrame(listed, schema=dict(schema.TABLES[table]))
