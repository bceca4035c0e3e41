"""The bytes of the chat text, looked at in many places at once and without keeping a mapped file in memory."""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics.intake import Content, forget

Bytes: TypeAlias = npt.NDArray[np.uint8]
Offsets: TypeAlias = npt.NDArray[np.int64]

_ROWS = 65_536
_CHUNK = 4 * 1024**2
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


def is_wide(content: Content) -> bool:
    """Tell whether the text is in UTF-16 or UTF-32, where no byte stands for a letter."""
    return bytes(content[:4]).startswith(_WIDE)


def cut_windows(content: Content, starts: Offsets, *, size: int) -> Iterator[tuple[int, Bytes]]:
    """Yield the bytes that begin at ascending offsets, `size` in each row, some thousand rows at a time.

    With them comes the number of the first row; behind the end of the text there are zeros.
    """
    raw = np.frombuffer(content, dtype=np.uint8)
    tail_at = max(0, len(raw) - size)
    tail = np.concatenate((raw[tail_at:], np.zeros(size, dtype=np.uint8)))
    for first in range(0, len(starts), _ROWS):
        some = starts[first : first + _ROWS]
        n_within = int(np.searchsorted(some, tail_at))
        parts = [_view(raw, size)[some[:n_within]]] if n_within else []
        parts += [_view(tail, size)[some[n_within:] - tail_at]] if n_within < len(some) else []
        yield first, parts[0] if len(parts) == 1 else np.concatenate(parts)
        forget(content, int(some[0]), int(some[-1]))


def _view(raw: Bytes, size: int) -> Bytes:
    """Return all windows of a size, as NumPy's `sliding_window_view`, whose checks take longest in a short text."""
    return np.ndarray((len(raw) - size + 1, size), np.uint8, raw, strides=(1, 1))


def read_bytes(content: Content, offsets: Offsets) -> Bytes:
    """Return the single bytes at ascending offsets; zero for what is before the text."""
    raw = np.frombuffer(content, dtype=np.uint8)
    found = np.zeros(len(offsets), dtype=np.uint8)
    for first in range(0, len(offsets), _ROWS):
        some = offsets[first : first + _ROWS]
        found[first : first + _ROWS] = np.where(some >= 0, raw[np.maximum(some, 0)], 0)
        forget(content, max(0, int(some[0])), max(0, int(some[-1])))
    return found


def read_spans(content: Content, starts: Offsets, ends: Offsets) -> Iterator[pl.Series]:
    """Yield the bytes between ascending offsets, some thousand spans at a time."""
    first = 0
    while first < len(starts):
        base = int(starts[first])
        reach = int(np.searchsorted(ends, base + _CHUNK, side="right"))
        last = min(max(reach, first + 1), len(starts))
        spans = pl.DataFrame({"start": starts[first:last] - base, "size": (ends - starts)[first:last]})
        chunk = bytes(content[base : int(ends[last - 1])])
        forget(content, base, int(ends[last - 1]))
        yield spans.select(span=pl.lit(chunk, dtype=pl.Binary).bin.slice("start", "size"))["span"]
        first = last


def read_chunks(content: Content) -> Iterator[bytes]:
    """Yield the whole text, some megabytes at a time."""
    for start in range(0, len(content), _CHUNK):
        yield bytes(content[start : start + _CHUNK])
        forget(content, start, start + _CHUNK)
