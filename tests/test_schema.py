"""Tables are held to the contract."""

import polars as pl
import pytest

from chatforensics.errors import SchemaError
from chatforensics.schema import TABLES, check, empty


@pytest.mark.parametrize("table", sorted(TABLES))
def test_an_empty_table_passes_its_own_check(table: str) -> None:
    assert check(empty(table), table=table).columns == list(TABLES[table])


def test_columns_are_put_in_order_and_further_ones_kept() -> None:
    frame = empty("rejects").select(pl.lit(1).alias("mine"), *sorted(TABLES["rejects"]))
    assert check(frame, table="rejects").columns == [*TABLES["rejects"], "mine"]


def test_a_missing_column_and_a_wrong_type_are_named() -> None:
    with pytest.raises(SchemaError, match=r"rejects\.line is missing"):
        check(empty("rejects").drop("line"), table="rejects")
    with pytest.raises(SchemaError, match=r"rejects\.line should be Int64, is String"):
        check(empty("rejects").with_columns(pl.col("line").cast(pl.String)), table="rejects")
