"""A table of who shared what when, as people have it: any delimiter, any column names, numbers or dates."""

import csv
import gzip
import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chatforensics.cli.options import read_input, tell
from chatforensics.errors import UnreadableExport

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

DELIMITERS = ",;\t|"
LOOKS_LIKE_MILLISECONDS = 100_000_000_000  # as seconds, the year 5138
TIME_HINT = "Give seconds, for example since 1970, or dates like 2026-05-04T09:00:00Z."


@dataclass(frozen=True)
class ShareColumns:
    """The names of the columns in the user's table; with `text`, objects come from that column."""

    account: str = "account_id"
    objects: tuple[str, ...] = ("object_id",)
    time: str = "timestamp_share"
    content: str = "content_id"
    text: str | None = None

    def names(self) -> list[str]:
        """List the columns that are needed, each once."""
        objects = self.objects if self.text is None else (self.text,)
        return list(dict.fromkeys([self.account, *objects, self.time, self.content]))


def read_shares(path: Path, *, columns: ShareColumns) -> "pl.DataFrame":
    """Read the needed columns of a CSV file, gzipped or not, as text under their own names; the times as times.

    Raises:
        UnreadableExport: it cannot be read, lacks a column, has a line of too many cells, or a time that is none.
    """
    import polars as pl

    raw = _decode(read_input(path))
    delimiter = _find_delimiter(raw, names=columns.names())
    _check_header(path, _header(raw, delimiter=delimiter), columns)
    try:
        frame = pl.read_csv(raw, infer_schema=False, encoding="utf8-lossy", separator=delimiter)
    except pl.exceptions.PolarsError as error:
        raise UnreadableExport(f"{path}: {_find_fault(raw, delimiter=delimiter, error=error)}") from error
    cells = pl.col(columns.names())
    frame = frame.select(pl.when(cells.str.strip_chars() != "").then(cells))  # blanks alone are no value
    times = _read_times(frame[columns.time])
    bad = frame[columns.time].filter(frame[columns.time].is_not_null() & times.is_null())
    if not bad.is_empty():
        line = _find_line(raw, delimiter=delimiter, column=columns.time, cell=bad[0])
        raise UnreadableExport(f"{path}: line {line}: '{columns.time}' holds '{bad[0]}', no time.", hint=TIME_HINT)
    _warn(path, frame, times)
    return frame.with_columns(times.alias(columns.time))


def _check_header(path: Path, header: list[str], columns: ShareColumns) -> None:
    """Refuse a table that lacks a column that is needed, or has two of one name."""
    wrong = [name for name in columns.names() if header.count(name) != 1]
    if wrong:
        said = (
            f"names the column '{wrong[0]}' more than once" if wrong[0] in header else f"names no column '{wrong[0]}'"
        )
        hint = f"It needs {', '.join(columns.names())}; --account, --object, --time and --content give other names."
        raise UnreadableExport(f"{path}: line 1 {said}.", hint=hint)


def _decode(raw: bytes) -> bytes:
    """Return the bytes as UTF-8: unpacked, and from UTF-16 where a mark at the start says that it is that."""
    if raw.startswith(b"\x1f\x8b"):
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error) as error:
            raise UnreadableExport(f"The table is no whole gzip file ({error}).", hint="Copy it again.") from error
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raw = raw.decode("utf-16", errors="replace").encode()
    return raw.removeprefix(b"\xef\xbb\xbf")


def _rows(raw: bytes, *, delimiter: str) -> "Iterator[tuple[int, list[str]]]":
    """Yield the line on which each row ends, counted from 1, and its cells; slow, for the first row and for errors."""
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(raw), "utf-8", errors="replace", newline=""), delimiter=delimiter)
    try:
        yield from ((reader.line_num, row) for row in reader)
    except csv.Error:
        return


def _header(raw: bytes, *, delimiter: str) -> list[str]:
    return next((row for _, row in _rows(raw, delimiter=delimiter)), [])


def _find_delimiter(raw: bytes, *, names: list[str]) -> str:
    """Return the delimiter with which the first line names the most columns that are needed, then the most columns."""
    first_line = raw[: raw.find(b"\n") + 1 or len(raw)]

    def weigh(delimiter: str) -> tuple[int, int]:
        header = _header(first_line, delimiter=delimiter)
        return sum(name in header for name in names), len(header)

    return max(DELIMITERS, key=weigh)


def _find_fault(raw: bytes, *, delimiter: str, error: Exception) -> str:
    """Say on which line the table breaks its own form."""
    n_columns = len(_header(raw, delimiter=delimiter))
    for line, row in _rows(raw, delimiter=delimiter):
        if len(row) > n_columns:
            return f"line {line} has {len(row)} cells, the first line {n_columns}. Quote cells that hold '{delimiter}'."
    return f"no readable CSV ({str(error).splitlines()[0]})."


def _find_line(raw: bytes, *, delimiter: str, column: str, cell: str) -> int:
    """Return the line of the first row that holds the cell in the column."""
    at = _header(raw, delimiter=delimiter).index(column)
    rows = _rows(raw, delimiter=delimiter)
    return next((line for line, row in rows if len(row) > at and row[at] == cell), 1)


def _read_times(cells: "pl.Series") -> "pl.Series":
    """Return times as seconds or, where the first cell is no number, as datetimes; null where a cell is neither."""
    import polars as pl

    stripped = cells.str.strip_chars()
    present = stripped.drop_nulls()
    seconds = stripped.cast(pl.Float64, strict=False)
    if present.is_empty() or present.head(1).cast(pl.Float64, strict=False).null_count() == 0:
        whole = stripped.cast(pl.Int64, strict=False)
        return whole if whole.null_count() == cells.null_count() else seconds.set(~seconds.is_finite(), None)
    moments = stripped.str.replace("T", " ").str.replace("Z$", "+00:00")
    zoned = moments.str.to_datetime("%Y-%m-%d %H:%M:%S%.f%#z", time_unit="us", time_zone="UTC", strict=False)
    plain = [moments.str.to_datetime(f"%Y-%m-%d %H:%M{end}", time_unit="us", strict=False) for end in (":%S%.f", "")]
    frame = pl.DataFrame(
        [zoned.alias("zoned"), *(one.dt.replace_time_zone("UTC").alias(f"p{n}") for n, one in enumerate(plain))]
    )
    return frame.select(pl.coalesce(pl.all())).to_series()


def _warn(path: Path, frame: "pl.DataFrame", times: "pl.Series") -> None:
    """Say what a reader of the result should know of the table."""
    import polars as pl

    n_gaps = frame.select(pl.any_horizontal(pl.all().is_null()).sum()).item()
    said = [f"{path}: {n_gaps:,} of {frame.height:,} rows have an empty cell and may be left out."] if n_gaps else []
    largest = times.abs().max() if times.dtype.is_numeric() else 0
    if isinstance(largest, int | float) and largest > LOOKS_LIKE_MILLISECONDS:
        said.append(f"{path}: the times look like milliseconds; they are read as seconds, and so is --window.")
    tell("Warning", said)
