"""Columns in forms that every program reads: times in ISO 8601, lists as JSON, numbers in their shortest form."""

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from polars.datatypes import DataTypeClass

_AS_IT_IS = (pl.String, pl.Boolean, pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.Float64)


def flatten(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with nothing in it but texts, whole numbers up to 64 bits, numbers, and true or false.

    Times are texts such as 2026-05-04T09:00:00+00:00, those named `_local` without the zone; lists are JSON texts.
    """
    return frame.with_columns(
        _encode_nested(name) if dtype.is_nested() else _flatten(name, dtype) for name, dtype in frame.schema.items()
    )


def sort_fields(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame as `flatten` does, lists kept, with all names in the order of the alphabet."""
    return frame.select(
        _sort_nested(pl.col(name), dtype).alias(name) if dtype.is_nested() else _flatten(name, dtype)
        for name, dtype in sorted(frame.schema.items())
    )


def _flatten(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if dtype in _AS_IT_IS:
        return column
    if isinstance(dtype, pl.Datetime):
        return column.dt.to_string("%Y-%m-%dT%H:%M:%S%.f" + ("%:z" if dtype.time_zone else ""))
    if dtype == pl.Float32:  # as it would be printed, and not with the digits that a wider number shows of it
        return column.cast(pl.String).cast(pl.Float64)
    return column.bin.encode("hex") if dtype == pl.Binary else column.cast(pl.String)


def _encode_nested(name: str) -> pl.Expr:
    encoded = pl.struct(pl.col(name).alias("v")).struct.json_encode()
    encoded = encoded.str.strip_prefix('{"v":').str.strip_suffix("}")
    return pl.when(pl.col(name).is_not_null()).then(encoded).alias(name)


def _sort_nested(value: pl.Expr, dtype: "pl.DataType | DataTypeClass") -> pl.Expr:
    """Return lists and structs with the fields of every struct in the order of their names."""
    if isinstance(dtype, pl.List) and dtype.inner.is_nested():
        return value.list.eval(_sort_nested(pl.element(), dtype.inner))
    if isinstance(dtype, pl.Struct):
        fields = sorted(dtype.fields, key=lambda field: field.name)
        sorted_fields = (_sort_nested(value.struct.field(one.name), one.dtype).alias(one.name) for one in fields)
        return pl.when(value.is_not_null()).then(pl.struct(*sorted_fields))
    return value
