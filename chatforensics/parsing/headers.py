"""The lines that begin a message, found by their shape.

The digits at the beginning of each line are written as 9; what comes out is the line's *shape*. Every distinct shape
is taken apart once (`shapes`), and all lines of one shape are then read in one sweep (`sweeps`), not one by one.
Time and memory grow with the file and with nothing else, whatever the lines hold.
"""

from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from chatforensics.errors import UnknownExportFormat
from chatforensics.intake import Content, forget
from chatforensics.intake.kinds import HEAD_BYTES, say_no_text
from chatforensics.parsing.digits import has_foreign_digits, to_ascii_digits
from chatforensics.parsing.distinct import KEEP, Book, keep_first, number_rows, windows
from chatforensics.parsing.lines import Bytes, Flags, Offsets, Piece, cut_pieces, map_in_order
from chatforensics.parsing.shapes import Shape, mask_line, read_shape
from chatforensics.parsing.sweeps import NO_SENDER, WIDE_WINDOW, find_ends, read_numbers, read_senders

_WINDOW = 40  # bytes in which a stamp in ASCII digits ends
_MIN_DIGITS = 3
_SHORTEST = 10  # bytes of the shortest line that holds a stamp
_SLICE = 16_384  # lines looked at in the wide window at a time
_NINE, _OPEN = b"9["
_MOST_TRIED = 24  # shapes; a form with numbers of one and two digits has sixteen

# What a line may begin with: 1 a digit or bracket, 2 any other letter or sign that a stamp may begin with.
_LEADS = np.zeros(256, dtype=np.uint8)
_LEADS[48:58] = _LEADS[_OPEN] = 1
_LEADS[[*b" \t>*_~"]] = 2
_LEADS[65:91] = _LEADS[97:123] = _LEADS[0xC2:0xF5] = 2
_AS_NINES = np.arange(256, dtype=np.uint8)
_AS_NINES[48:58] = _NINE
_SPARE = 8  # columns grow by an eighth more than needed


@dataclass(frozen=True)
class Rows:
    """Lines that look like the start of a message, as columns of equal length.

    `offset` is the line's first byte in the chat text, `line` its number from 1, `shape` the index of its shape,
    `dates` the three numbers of its date as printed (-1: not there), `clock_s` the seconds since midnight that its
    time says, hours as printed (-1: no such time), `end` the bytes of the stamp; `sender` is the index of the name
    behind it (-1: none), `body` the bytes up to what the sender said, `second` those from there to the next colon and
    blank of the line (-1: none near), and `mouthed` tells that what is said begins with the mark for "not typed".
    """

    offset: Offsets
    line: npt.NDArray[np.uint32]
    shape: npt.NDArray[np.int32]
    dates: npt.NDArray[np.int16]
    clock_s: npt.NDArray[np.int32]
    end: npt.NDArray[np.int16]
    sender: npt.NDArray[np.int32]
    body: npt.NDArray[np.int16]
    second: npt.NDArray[np.int16]
    mouthed: Flags

    def take(self, chosen: Flags | Offsets) -> "Rows":
        """Return some of the rows: by flags, or by ascending indices."""
        if len(chosen) == len(self.offset) and (chosen.dtype != np.bool_ or chosen.all()):
            return self  # all of them: copying a million rows is felt
        return Rows(*(getattr(self, column.name)[chosen] for column in fields(self)))


class _Growing:
    """Rows that are appended to; each column grows in place, so that no row is ever in memory twice."""

    def __init__(self) -> None:
        self.columns: dict[str, npt.NDArray[Any]] = {}
        self.n = 0

    def append(self, part: Rows) -> None:
        """Add rows at the end."""
        stop = self.n + len(part.offset)
        for name, added in vars(part).items():
            column = self.columns.setdefault(name, np.zeros((0, *added.shape[1:]), dtype=added.dtype))
            if stop > len(column):
                column.resize((stop + stop // _SPARE, *added.shape[1:]), refcheck=False)
            column[self.n : stop] = added
        self.n = stop

    def finish(self) -> Rows:
        """Return all rows."""
        return Rows(**{name: column[: self.n] for name, column in self.columns.items()})


@dataclass(frozen=True)
class Headers:
    """All lines of a file that look like the start of a message, in file order, with their shapes and senders."""

    rows: Rows
    shapes: tuple[Shape, ...]
    senders: tuple[str, ...]


@dataclass(frozen=True)
class _Books:
    """The shapes and the senders' names met so far."""

    shapes: Book[Shape]
    senders: Book[str]


def find_headers(content: Content, *, name: str) -> Headers:
    """Find the lines that look like the start of a message.

    Raises:
        UnknownExportFormat: no line does.
    """
    books = _Books(Book(read_shape), Book(partial(bytes.decode, errors="replace")))
    found = _Growing()
    n_lines = 0
    for part, n_more in map_in_order(partial(_scan_and_forget, content, books), cut_pieces(content)):
        part.line[:] += np.uint32(n_lines)
        found.append(part)
        n_lines += n_more
    rows = found.finish()
    if not len(rows.offset):
        first = mask_line(content[:WIDE_WINDOW].decode(errors="replace").partition("\n")[0])
        why = say_no_text(content[:HEAD_BYTES])
        raise UnknownExportFormat(
            f"{name}: {why or f'no line looks like the start of a message (first line: {first!a})'}.",
            hint="Pass the .txt or .zip that WhatsApp's own 'Export chat' made; parse --diagnose shows what is seen.",
        )
    return _renumber(rows, books)


def _renumber(rows: Rows, books: _Books) -> Headers:
    """Number shapes and senders by where they are first, as threads may have met them in any order."""
    shapes = np.argsort(first_places(rows.shape, len(books.shapes.values)), kind="stable")
    senders = np.argsort(first_places(rows.sender, len(books.senders.values)), kind="stable")
    shape = np.argsort(shapes).astype(np.int32)[rows.shape]
    sender = np.append(np.argsort(senders), [NO_SENDER]).astype(np.int32)[rows.sender]
    return Headers(
        replace(rows, shape=shape, sender=sender),
        tuple(books.shapes.values[number] for number in shapes.tolist()),
        tuple(books.senders.values[number] for number in senders.tolist()),
    )


def first_places(numbers: npt.NDArray[np.int32], n: int) -> Offsets:
    """Return for each of `n` numbers where it is first; behind the end where it is nowhere. -1 counts as none."""
    first = np.full(n + 1, len(numbers), dtype=np.int64)
    first[numbers[::-1]] = np.arange(len(numbers) - 1, -1, -1)
    return first[:n]


def _scan_and_forget(content: Content, books: _Books, piece: Piece) -> tuple[Rows, int]:
    found = _scan_piece(piece, books=books)
    forget(content, piece.start, piece.start + piece.size)
    return found


def _scan_piece(piece: Piece, *, books: _Books) -> tuple[Rows, int]:
    leads = np.where(piece.lengths >= _SHORTEST, _LEADS[piece.padded[piece.starts]], 0)
    narrow = np.flatnonzero(leads == 1)
    stamps, found = _scan_lines(piece, narrow, window=_WINDOW, book=books.shapes)
    # What did not show its end in the narrow window, or begins with something else, gets a second, wider look.
    wide = np.concatenate((narrow[~found], np.flatnonzero(leads == 2)))  # noqa: PLR2004 - the second kind of lead
    wide = np.sort(wide)
    if len(wide):
        parts = [_scan_wide(piece, some, books.shapes) for some in np.split(wide, range(_SLICE, len(wide), _SLICE))]
        stamps = [np.concatenate(columns) for columns in zip(stamps, *parts, strict=True)]
        order = np.argsort(stamps[0], kind="stable")
        stamps = [column[order] for column in stamps]
    lines, shape, dates, clock_s, end = stamps
    starts = piece.starts[lines]
    line_ends = starts + piece.lengths[lines]
    senders = read_senders(piece.padded, starts, end, line_ends, books.senders)
    # A piece that begins inside a line has that line's break before its first line start.
    inside = int(bool(len(piece.starts)) and piece.starts[0] > 0)
    number = (lines + 1 + inside).astype(np.uint32)
    rows = Rows(piece.start + starts, number, shape, dates, clock_s, end, *senders)
    return rows, piece.n_breaks


def _scan_wide(piece: Piece, lines: Offsets, book: Book[Shape]) -> list[npt.NDArray[Any]]:
    begun = windows(piece.padded, piece.starts[lines], _WINDOW)
    keep_first(begun, np.minimum(piece.lengths[lines], _WINDOW))
    return _scan_lines(piece, lines[_may_begin_with_stamp(begun)], window=WIDE_WINDOW, book=book)[0]


def _scan_lines(
    piece: Piece, lines: Offsets, *, window: int, book: Book[Shape]
) -> tuple[list[npt.NDArray[Any]], Flags]:
    """Read the stamps of some lines: line index, shape, dates, clock_s and end as in `Rows`.

    The flags tell which of the lines have a stamp that ends within the window.
    """
    begun = windows(piece.padded, piece.starts[lines], window)
    if window == WIDE_WINDOW:
        begun = to_ascii_digits(begun)
    masked = _AS_NINES[begun]
    shape = _recognise(masked, book)
    new = np.flatnonzero(shape < 0)
    if len(new):
        shape[new] = _read_new(begun[new], masked[new], piece.lengths[lines[new]], book)
    kept = shape >= 0
    if not kept.all():
        begun, lines, shape = begun[kept], lines[kept], shape[kept]
    return [lines, *read_numbers(begun, shape, book.values)], kept


def _recognise(masked: Bytes, book: Book[Shape]) -> npt.NDArray[np.int32]:
    """Return the shapes of lines that begin as one of the first shapes met; -1 for the others."""
    shape = np.full(len(masked), -1, dtype=np.int32)
    words = masked.view(np.uint64)
    left: slice | Offsets = slice(None)
    for number, raw in enumerate(book.raws[:_MOST_TRIED]):
        n_words = -(-len(raw) // 8)
        if not book.values[number].clock or n_words > words.shape[1]:
            continue
        wanted = np.frombuffer(raw.ljust(n_words * 8, b"\0"), dtype=np.uint64)
        keep = KEEP[len(raw)]
        alike = words[left, 0] & keep[0] == wanted[0]
        for column in range(1, n_words):
            alike &= words[left, column] & keep[column] == wanted[column]
        shape[np.flatnonzero(alike) if isinstance(left, slice) else left[alike]] = number
        left = np.flatnonzero(shape < 0)
        if not len(left):
            break
    return shape


def _read_new(begun: Bytes, masked: Bytes, lengths: Offsets, book: Book[Shape]) -> npt.NDArray[np.int32]:
    """Return the shapes of lines that are not recognised at once; -1 where a line is no header, or longer than seen."""
    ends = find_ends(masked)
    shape = np.full(len(masked), -1, dtype=np.int32)
    found = np.flatnonzero((ends > 0) & (ends <= lengths))
    begun, masked, ends = begun[found], masked[found], ends[found]
    keep_first(masked, ends)
    numbers = number_rows(masked, ends, book)
    _look_further(begun, numbers, ends, book)
    shape[found] = numbers
    return shape


def _look_further(begun: Bytes, shape: npt.NDArray[np.int32], ends: Offsets, book: Book[Shape]) -> None:
    """Read stamps that seem to hold a date only up to the next end: some locales join date and time by ` - `."""
    dateless = np.array([not form.clock for form in book.values] + [False])
    again = np.flatnonzero(dateless[shape])
    if not len(again):
        return
    masked = _AS_NINES[begun[again]]
    behind = masked.copy()
    behind[np.arange(masked.shape[1]) < ends[again, None] - 1] = ord("x")
    further = find_ends(behind)
    keep_first(masked, further)
    found = number_rows(masked, further, book)
    better = (further > 0) & (found >= 0)
    better[better] = [bool(book.values[number].clock) for number in found[better].tolist()]
    shape[again[better]] = found[better]


def _may_begin_with_stamp(begun: Bytes) -> Flags:
    """Tell which lines have enough digits near their beginning."""
    n_digits = np.count_nonzero((begun - np.uint8(48)) < 10, axis=1)  # noqa: PLR2004 - bytes before "0" wrap around
    found: Flags = (n_digits >= _MIN_DIGITS) | has_foreign_digits(begun)
    return found
