"""What is read of many header lines in one sweep: where their stamps end, their numbers, and who stands behind them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from chatforensics.parsing.distinct import Book, number_spans
from chatforensics.parsing.lines import Bytes, Flags, Offsets
from chatforensics.parsing.shapes import Number, Shape

WIDE_WINDOW = 128  # bytes in which a stamp in any digits ends, of which some take four bytes each
NO_SENDER = -1
# What iOS puts before what was not typed; the second in languages written from right to left.
UNTYPED, UNTYPED_RTL = "\u200e".encode(), "\u200f".encode()
_OPEN, _CLOSE, _SPACE, _DASH, _COLON = b"[] -:"
_LONG_DASH = "\u2013".encode()
_LEAD_BYTES, _NO_ASCII = 16, 0x80  # marks before the bracket
_MAX_NAME = 300  # bytes
_FAR = np.iinfo(np.int64).max


def find_ends(masked: Bytes) -> Offsets:
    """Return how many bytes the stamp takes with what ends it: `] `, ` - `, or `: `; 0 where none is in sight."""
    every = np.arange(len(masked))
    bracketed = masked[every, (masked[:, :_LEAD_BYTES] < _NO_ASCII).argmax(axis=1)] == _OPEN
    if bracketed.all():
        return _find_brackets(masked)
    blank = masked == _SPACE
    stop = masked[:, 1:-1] == _DASH
    if masked.shape[1] == WIDE_WINDOW:  # the long dash, three bytes
        stop |= (masked[:, 1:-1] == _LONG_DASH[-1]) & (masked[:, :-2] == _LONG_DASH[-2])
        blank |= masked == _LONG_DASH[-2]
    stop &= blank[:, :-2]
    stop |= masked[:, 1:-1] == _COLON
    stop &= masked[:, 2:] == _SPACE
    place = stop.argmax(axis=1)
    plain: Offsets = np.where(stop[every, place], place + 3, 0)
    either: Offsets = np.where(bracketed, _find_brackets(masked), plain) if bracketed.any() else plain
    return either


def _find_brackets(masked: Bytes) -> Offsets:
    every = np.arange(len(masked))
    place = (masked[:, :-1] == _CLOSE).argmax(axis=1)  # what stands behind the bracket is to be seen too
    behind = masked[every, place + 1] == _SPACE
    found: Offsets = np.where(masked[every, place] == _CLOSE, place + 1 + behind, 0)
    return found


def read_numbers(
    begun: Bytes, shape: npt.NDArray[np.int32], shapes: Sequence[Shape]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int16], npt.NDArray[np.int32], npt.NDArray[np.int16]]:
    """Read the numbers of lines whose shapes are known: shape, dates, clock_s and end, as in `Rows`."""
    dates = np.full((len(shape), 3), -1, dtype=np.int16)
    clock_s = np.zeros(len(shape), dtype=np.int32)
    # Shapes that differ in words only have their numbers in the same places, and are read together.
    places: dict[tuple[tuple[Number, ...], ...], int] = {}
    layout_of, end_of = np.zeros(len(shapes), dtype=np.int32), np.zeros(len(shapes), dtype=np.int16)
    for number in np.flatnonzero(np.bincount(shape)).tolist():
        layout_of[number] = places.setdefault((shapes[number].dates, shapes[number].clock), len(places))
        end_of[number] = shapes[number].end
    layout = layout_of[shape]
    for (printed_dates, clock), number in places.items():
        of = np.flatnonzero(layout == number) if len(places) > 1 else slice(None)
        parts = begun[of]
        for column, printed in enumerate(printed_dates):
            dates[of, column] = _read_number(parts, printed)
        clock_s[of] = _read_clock(parts, clock)
    return shape, dates, clock_s, end_of[shape]


def _read_number(parts: Bytes, number: Number) -> npt.NDArray[np.int32]:
    value = np.zeros(len(parts), dtype=np.int32)
    for digit in range(number.n_digits):
        value = value * 10 + (parts[:, number.start + digit * number.width] - np.uint8(48))
    return value


def _read_clock(parts: Bytes, clock: Sequence[Number]) -> npt.NDArray[np.int32]:
    hour, minute, second = ([_read_number(parts, x) for x in clock] + [np.zeros(len(parts), dtype=np.int32)] * 3)[:3]
    real = (hour < 25) & (minute < 60) & (second < 60)  # noqa: PLR2004 - some phones print midnight as 24:00
    return np.where(real, hour * 3600 + minute * 60 + second, -1)


def read_senders(
    padded: Bytes, starts: Offsets, end: npt.NDArray[np.int16], line_ends: Offsets, book: Book[str]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int16], npt.NDArray[np.int16], Flags]:
    """Read who stands behind each stamp: sender, body, second and mouthed, as in `Rows`."""
    begins = starts + end
    colons = np.flatnonzero(padded[:-1] == _COLON)
    colons = np.append(colons[padded[colons + 1] == _SPACE], [_FAR, _FAR])
    at = np.searchsorted(colons, begins)
    first, second = colons[at], colons[at + 1]
    named = (first < line_ends) & (first - begins <= _MAX_NAME) & (first > begins)
    sender = np.full(len(starts), NO_SENDER, dtype=np.int32)
    sender[named] = number_spans(padded, begins[named], first[named] - begins[named], book)
    body = np.where(named, first + 2, begins)
    near = named & (second < line_ends) & (second - body <= _MAX_NAME) & (second > body)
    mouthed = named & (padded[body] == UNTYPED[0])
    third = padded[body + 2]
    mouthed &= (padded[body + 1] == UNTYPED[1]) & ((third == UNTYPED[2]) | (third == UNTYPED_RTL[2]))
    return sender, (body - starts).astype(np.int16), np.where(near, second - body, -1).astype(np.int16), mouthed
