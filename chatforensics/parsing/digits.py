"""Digits of all scripts written in ASCII, in place, so that every other byte keeps its position."""

from functools import cache

import numpy as np

from chatforensics.parsing.lines import Bytes, Flags
from chatforensics.parsing.shapes import FILLER
from chatforensics.parsing.vocabulary import zero_digits

_NONE = 255
_TOP = 0x20000
_LEAD_2, _LEAD_3, _LEAD_4 = 0xC2, 0xE0, 0xF0
_HIGH_BITS = np.uint64(0x8080808080808080)


@cache
def _digit_values() -> Bytes:
    """Return for each code point the digit that it is, 255 for none."""
    values = np.full(_TOP, _NONE, dtype=np.uint8)
    for zero in map(ord, zero_digits()):
        if 0x80 <= zero < _TOP:  # noqa: PLR2004 - not ASCII
            values[zero : zero + 10] = np.arange(10)
    return values


@cache
def _pairs() -> Flags:
    """Tell of each two bytes whether they may begin a digit that is no ASCII."""
    found = np.zeros((256, 256), dtype=bool)
    for point in np.flatnonzero(_digit_values() != _NONE).tolist():
        raw = chr(point).encode()
        found[raw[0], raw[1]] = True
    return found


def has_foreign_digits(rows: Bytes) -> Flags:
    """Tell of rows of UTF-8 bytes, a multiple of eight wide, which of them may hold digits of other scripts."""
    high: Flags = ((rows.view(np.uint64) & _HIGH_BITS) != 0).any(axis=1)
    some = rows[high]
    high[high] = _pairs()[some[:, :-1], some[:, 1:]].any(axis=1)
    return high


def to_ascii_digits(rows: Bytes) -> Bytes:
    """Write digits of other scripts in ASCII, their further bytes as `FILLER`.

    Args:
        rows: lines as equally long rows of UTF-8 bytes; a copy is returned.
    """
    rows = rows.copy()
    foreign = has_foreign_digits(rows)
    if foreign.any():
        rows[foreign] = _rewrite(rows[foreign])
    return rows


def _rewrite(rows: Bytes) -> Bytes:
    values = _digit_values()
    padded = np.pad(rows, ((0, 0), (0, 3)))
    low = (padded & 0x3F).astype(np.int32)
    first, second, third, fourth = padded[:, :-3], low[:, 1:-2], low[:, 2:-1], low[:, 3:]
    for size, lead, last, point in (
        (2, _LEAD_2, _LEAD_3, (first & 0x1F).astype(np.int32) << 6 | second),
        (3, _LEAD_3, _LEAD_4, (first & 0x0F).astype(np.int32) << 12 | second << 6 | third),
        (4, _LEAD_4, 0xF8, (first & 0x07).astype(np.int32) << 18 | second << 12 | third << 6 | fourth),
    ):
        leads = (first >= lead) & (first < last)
        digit = np.where(leads & (point < _TOP), values[np.minimum(point, _TOP - 1)], _NONE)
        row, column = np.nonzero(digit != _NONE)
        for further in range(1, size):
            inside = column + further < rows.shape[1]
            rows[row[inside], column[inside] + further] = ord(FILLER)
        rows[row, column] = digit[row, column] + ord("0")
    return rows
