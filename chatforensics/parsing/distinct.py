"""Many pieces of text, few distinct ones: each distinct one is looked at once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from chatforensics.parsing.lines import Bytes, Flags, Offsets

Value = TypeVar("Value")
Numbers = npt.NDArray[np.int32]
Words = npt.NDArray[np.uint64]

_MOST_KNOWN = 20_000
_WINDOWS = (32, 128)
_WIDEST = max(_WINDOWS)
_MIX = np.random.Generator(np.random.PCG64(9)).integers(1, 2**63, _WIDEST // 8, dtype=np.uint64) * 2 + 1
# Row n keeps the first n bytes of a window and clears the others.
KEEP = np.where(np.arange(_WIDEST) < np.arange(_WIDEST + 1)[:, None], 255, 0).astype(np.uint8).view(np.uint64)


@dataclass(frozen=True)
class Known:
    """Texts met before, sorted by their keys, so that they are recognised in one sweep."""

    keys: Words
    words: Words
    sizes: Offsets
    numbers: Numbers

    def find(self, keys: Words, words: Words, sizes: Offsets) -> tuple[Numbers, Flags]:
        """Return the numbers of texts, and which of the texts are known."""
        if not len(self.keys):
            return np.zeros(len(keys), dtype=np.int32), np.zeros(len(keys), dtype=bool)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        hit = (self.keys[at] == keys) & (self.sizes[at] == sizes)
        for column in range(words.shape[1]):
            hit &= self.words[at, column] == words[:, column]
        return self.numbers[at], hit

    def extended(self, keys: Words, words: Words, sizes: Offsets, numbers: Numbers) -> "Known":
        """Return what is known with some texts more; beyond a few thousand, only the first are kept."""
        if len(self.keys) >= _MOST_KNOWN:
            return self
        order = np.argsort(np.concatenate((self.keys, keys)), kind="stable")
        return Known(
            np.concatenate((self.keys, keys))[order],
            np.concatenate((self.words, words))[order],
            np.concatenate((self.sizes, sizes))[order],
            np.concatenate((self.numbers, numbers))[order],
        )


def _nothing_known(width: int) -> Known:
    return Known(
        np.zeros(0, dtype=np.uint64),
        np.zeros((0, width), dtype=np.uint64),
        np.zeros(0, dtype=np.int64),
        np.zeros(0, dtype=np.int32),
    )


@dataclass(frozen=True)
class Book(Generic[Value]):
    """The distinct texts met so far and what each was read as; those that are nothing are remembered as such.

    `values` and `raws` are what was read and its bytes, by number; `known` serves to recognise texts met before.
    """

    read: Callable[[bytes], Value | None]
    numbers: dict[bytes, int] = field(default_factory=dict)
    values: list[Value] = field(default_factory=list)
    raws: list[bytes] = field(default_factory=list)
    known: dict[int, Known] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def number(self, raw: bytes) -> int:
        """Return the index in `values` of what a text was read as, or -1 where it is nothing."""
        with self.lock:
            if raw not in self.numbers:
                value = self.read(raw)
                self.numbers[raw] = -1 if value is None else len(self.values)
                if value is not None:
                    self.values.append(value)
                    self.raws.append(raw)
            return self.numbers[raw]


def windows(padded: Bytes, starts: Offsets, width: int) -> Bytes:
    """Return the bytes from each start on, `width` of them, as rows."""
    # The same as NumPy's `sliding_window_view`, whose checks take longer than all else where a text is short.
    view: Bytes = np.ndarray((len(padded) - width + 1, width), np.uint8, padded, strides=(1, 1))
    return view[starts]


def keep_first(rows: Bytes, sizes: Offsets) -> None:
    """Clear what stands behind the first `sizes` bytes of each row, in place; rows are a multiple of eight wide."""
    words = rows.view(np.uint64)
    words &= KEEP[sizes, : words.shape[1]]


def number_rows(rows: Bytes, sizes: Offsets, book: Book[Value]) -> Numbers:
    """Return the number of each row's text.

    Args:
        rows: equally long rows of bytes, a multiple of eight; zeros behind each text.
        sizes: the length of each text.
        book: where distinct texts are read and numbered.
    """
    words = rows.view(np.uint64)
    mixed = words * _MIX[: words.shape[1]]
    keys = (mixed ^ (mixed >> np.uint64(29))).sum(axis=1, dtype=np.uint64) + sizes.astype(np.uint64)
    known = book.known.get(rows.shape[1], _nothing_known(words.shape[1]))
    numbers, hit = known.find(keys, words, sizes)
    if not hit.all():
        missed = np.flatnonzero(~hit)
        numbers[missed], found = _number_new(keys[missed], rows[missed], sizes[missed], book)
        new = missed[found]
        book.known[rows.shape[1]] = known.extended(keys[new], words[new], sizes[new], numbers[new])
    return numbers


def find_distinct(values: npt.NDArray[Any]) -> tuple[Offsets, Offsets]:
    """Return where each distinct value is first, by ascending value, and for each value which of these it is.

    The same as NumPy's `unique` with indices, which however loads its masked arrays for that.
    """
    order = np.argsort(values, kind="stable")
    begins = np.ones(len(order), dtype=bool)
    begins[1:] = values[order[1:]] != values[order[:-1]]
    which = np.empty(len(order), dtype=np.int64)
    which[order] = np.cumsum(begins) - 1
    return order[begins], which


def _number_new(keys: Words, rows: Bytes, sizes: Offsets, book: Book[Value]) -> tuple[Numbers, Offsets]:
    """Number rows that were not met before; also return where each distinct one is first."""
    firsts, which = find_distinct(keys)
    same = (rows[firsts][which] == rows).all() and np.array_equal(sizes[firsts][which], sizes)
    if not same:  # two texts of one key: slower, never wrong
        whole = np.hstack((rows, sizes[:, None].astype(np.uint8)))
        _, firsts, which = np.unique(whole, axis=0, return_index=True, return_inverse=True)
    numbers = [book.number(rows[first, : sizes[first]].tobytes()) for first in firsts.tolist()]
    return np.array(numbers, dtype=np.int32)[which.reshape(-1)], firsts


def number_spans(padded: Bytes, starts: Offsets, lengths: Offsets, book: Book[Value]) -> Numbers:
    """Return the number of each text given by its start and length; the bytes are padded with zeros at their end."""
    numbers = np.zeros(len(starts), dtype=np.int32)
    low = -1
    for width in _WINDOWS:
        of = np.flatnonzero((lengths > low) & (lengths <= width))
        low = width
        if len(of):
            rows = windows(padded, starts[of], width)
            keep_first(rows, lengths[of])
            numbers[of] = number_rows(rows, lengths[of], book)
    for place in np.flatnonzero(lengths > low).tolist():
        numbers[place] = book.number(padded[starts[place] : starts[place] + lengths[place]].tobytes())
    return numbers
