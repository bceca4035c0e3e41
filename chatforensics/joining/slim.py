"""The messages of all exports as rows of numbers, about fifty bytes each, and how to go through them in portions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from chatforensics.schema import LOCAL, MESSAGE_KINDS

LONG_TEXT = 20  # characters of the normal form: such a text rarely occurs twice by chance
PORTION = 500_000  # messages that one step works on at a time
KIND = pl.Enum(MESSAGE_KINDS)
_SCHEMA: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "message_id": pl.Int64,
    "src": pl.Int32,
    "line": pl.Int32,
    "sent_local": LOCAL,
    "kind": KIND,
    "edited": pl.Boolean,
    "by_owner": pl.Boolean,
    "code": pl.Int64,
    "length": pl.UInt8,
    "long": pl.Boolean,
    "worded": pl.Boolean,
    "printed": pl.UInt64,
    "label": pl.Int32,
}


@dataclass(frozen=True)
class Records:
    """Messages and notices as numbers, in the order of export and line.

    `rows` has `message_id`, `src` (the export's number), `line`, `sent_local`, `kind`, `edited`, `by_owner` (deleted by
    the owner of the phone, who is called "You"), `code` (equal texts, equal codes), `length` of the normal form (20
    at most), `long` (20 characters or more), `worded` (a person typed the text: elsewhere phones in two languages write
    different words for one thing), `printed` (a hash of time, label, kind and text as printed) and `label`, a place in
    `labels`, which are sorted and without invisible marks. `printed_labels` has each `src` and `sender_label` as
    printed; `starts` says where each export begins, and where the last ends; `step_ms` are the steps of the clocks,
    `portion` is how many messages to work on at one time.
    """

    rows: pl.DataFrame
    labels: pl.Series
    printed_labels: pl.DataFrame
    starts: np.ndarray
    step_ms: pl.Series
    portion: int

    def widen(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Add `step_ms` and `local_ms` (the middle of the clock's step); make numbers wide enough to reckon with."""
        step_ms = self.step_ms.gather(rows["src"])
        local_ms = pl.col("sent_local").dt.epoch("ms") + step_ms // 2
        return rows.with_columns(pl.col("src", "line").cast(pl.Int64), step_ms=step_ms, local_ms=local_ms)

    def drop_printed(self) -> "Records":
        """Return the records without what is needed only to find exports that are a part of another."""
        return replace(self, rows=self.rows.drop("printed"))

    def portions(self) -> Iterator[pl.DataFrame]:
        """Yield the records of some exports at a time, widened: whole exports, as many as make a portion."""
        for first, last in cut_portions(np.diff(self.starts), self.portion):
            begin, end = int(self.starts[first]), int(self.starts[last])
            yield self.widen(self.rows[begin:end])

    def places(self, sources: Sequence[int]) -> np.ndarray:
        """Return the places in `rows` of the records of some exports, in their order."""
        parts = [np.arange(self.starts[src], self.starts[src + 1], dtype=np.uint32) for src in sources]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.uint32)


def cut_portions(sizes: np.ndarray, most: int) -> Iterator[tuple[int, int]]:
    """Yield from where to before where each part goes; it holds `most` at most, or one larger thing."""
    first, held = 0, 0
    for place, size in enumerate(sizes.tolist()):
        if place > first and held + size > most:
            yield first, place
            first, held = place, 0
        held += size
    if first < len(sizes) or not len(sizes):
        yield first, len(sizes)


def find_bounds(numbers: pl.Series) -> dict[int, tuple[int, int]]:
    """Return from where to before where each number stands in a series that is sorted."""
    found, starts = np.unique(numbers.to_numpy(), return_index=True)
    ends = np.append(starts, len(numbers))[1:]
    return dict(zip(found.tolist(), zip(starts.tolist(), ends.tolist(), strict=True), strict=True))


def part_arrays(rows: pl.DataFrame, *columns: str) -> dict[int, tuple[np.ndarray, ...]]:
    """Return some columns of each export as arrays; the rows are sorted by `src`."""
    arrays = [rows[column].to_numpy() for column in columns]
    return {src: tuple(array[begin:end] for array in arrays) for src, (begin, end) in find_bounds(rows["src"]).items()}


def make_records(numbered: pl.DataFrame, portions: Iterable[pl.DataFrame], *, portion: int) -> Records:
    """Gather portions of records, with `label` and `sender_label` as words, in the order of export and line."""
    kept: list[pl.DataFrame] = []
    printed: list[pl.DataFrame] = []
    known = pl.Series("label", [], dtype=pl.String)
    for rows in portions:
        printed.append(rows.select("src", "sender_label").drop_nulls().unique())
        fresh = rows["label"].drop_nulls().unique()
        known = pl.concat([known, fresh.filter(~fresh.is_in(known.implode()))])
        numbers = pl.DataFrame({"label": known, "number": np.arange(len(known), dtype=np.int32)})
        numbered_rows = rows.join(numbers, on="label", how="left", maintain_order="left")
        kept.append(numbered_rows.with_columns(label="number").select(list(_SCHEMA)))
    labels = known.sort()
    rows = pl.concat(kept)
    kept.clear()
    rank = labels.search_sorted(known).cast(pl.Int32)
    rows = _put_in_order(rows.with_columns(label=rank.gather(rows["label"])))
    starts = np.searchsorted(rows["src"].to_numpy(), np.arange(len(numbered) + 1))
    told = pl.concat(printed).unique().with_columns(pl.col("src").cast(pl.Int64))
    return Records(rows, labels, told, starts, numbered["step_ms"], portion)


def _put_in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Sort by export, line and message; rows that are in order stay where they are."""
    place = rows["src"].to_numpy().astype(np.int64) << 32 | rows["line"].to_numpy()
    if (np.diff(place) > 0).all():
        return rows.rechunk()
    if len(np.unique(place)) < len(place):
        return rows.sort("src", "line", "message_id")
    return rows[np.argsort(place, kind="stable").astype(np.uint32)]
