r"""The chat text cut into pieces at line breaks, so that a file of any size is read in bounded memory.

Only `\n` (and the `\r` before it) ends a line: other separators occur inside messages.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from chatforensics.errors import UnknownExportFormat
from chatforensics.intake import Content, forget

Item = TypeVar("Item")
Result = TypeVar("Result")
Bytes: TypeAlias = npt.NDArray[np.uint8]
Offsets: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]

PIECE_BYTES = 4 * 1024**2  # small enough for a processor's cache, where each sweep over it is several times faster
PADDING = 512  # bytes behind a piece, so that a window may reach over its end
_LF = 10
_PROBE_BYTES = 64 * 1024


@dataclass(frozen=True)
class Piece:
    """Some whole lines of the chat text: `start` is the offset of the first byte, `size` the number of bytes.

    `padded` goes on behind them, so that a window may reach over the end. `starts` are the offsets of the lines within
    the piece, `n_breaks` counts its line breaks. Where a single line is longer than a piece, it is cut, and a piece
    that begins inside a line has no line start of its own there.
    """

    start: int
    size: int
    padded: Bytes
    starts: Offsets
    n_breaks: int

    @cached_property
    def lengths(self) -> Offsets:
        """The bytes of each line, its break included."""
        return np.diff(self.starts, append=self.size)


def check_text(content: Content, *, name: str) -> None:
    """Refuse a file without any text.

    Raises:
        UnknownExportFormat: the file is empty.
    """
    if not len(content) or (len(content) < _PROBE_BYTES and not content[:].strip()):
        raise UnknownExportFormat(f"{name}: the file is empty.", hint="Export the chat again.")


def cut_pieces(content: Content, *, piece_bytes: int = PIECE_BYTES) -> Iterator[Piece]:
    """Cut the chat text into pieces of about `piece_bytes` bytes, at line breaks where there are any."""
    at, fresh = 0, True
    while at < len(content):
        end = min(at + piece_bytes, len(content))
        if end < len(content):
            # A line longer than a piece is cut anywhere: its further parts hold no line start.
            end = content.rfind(b"\n", at, end) + 1 or end
        yield _make_piece(content, at, end, fresh=fresh)
        fresh = content[end - 1] == _LF
        at = end


def _make_piece(content: Content, start: int, end: int, *, fresh: bool) -> Piece:
    reach = min(end + PADDING, len(content)) - start
    padded = np.frombuffer(content, dtype=np.uint8, count=reach, offset=start)
    if reach < end - start + PADDING:
        padded = np.append(padded, np.zeros(end - start + PADDING - reach, dtype=np.uint8))
    breaks = np.flatnonzero(padded[: end - start] == _LF)
    follow = breaks[breaks < end - start - 1] + 1
    return Piece(start, end - start, padded, np.concatenate(([0], follow)) if fresh else follow, len(breaks))


def take_slices(content: Content, starts: Offsets, ends: Offsets) -> Iterator[bytes]:
    """Yield the bytes between the given offsets, which ascend, without keeping a mapped file in memory."""
    behind = 0
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        yield content[start:end]
        if end - behind > PIECE_BYTES:
            forget(content, behind, end)
            behind = end


def map_in_order(function: Callable[[Item], Result], items: Iterable[Item], *, n_threads: int = 2) -> Iterator[Result]:
    """Call the function on each item in a few threads and yield the results in order, with few items waiting.

    One item alone, as in most exports, is not worth a thread.
    """
    left = iter(items)
    first = list(islice(left, 2))
    if len(first) < 2:  # noqa: PLR2004 - none or one
        yield from map(function, first)
        return
    with ThreadPoolExecutor(n_threads) as pool:
        waiting: deque[Future[Result]] = deque()
        for item in chain(first, left):
            waiting.append(pool.submit(function, item))
            if len(waiting) > n_threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
