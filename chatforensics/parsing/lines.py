"""The byte-true line table: every line of the chat text with the bytes it came from."""

import io

import numpy as np
import polars as pl

from chatforensics.errors import UnknownExportFormat

_LF, _CR = 10, 13
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_lines(content: bytes, *, name: str) -> pl.DataFrame:
    r"""Split the chat text at `\n` and `\r\n` only, as other line separators occur inside messages.

    Bytes that are no UTF-8 show as U+FFFD in `text`; the offsets are always those of the original bytes.

    Returns:
        `text`, `byte_start`, `byte_end` (of the next line's start) and `cr` (the line ended in `\r\n`).

    Raises:
        UnknownExportFormat: the file is empty, or UTF-16.
    """
    if not content or content.isspace():
        raise UnknownExportFormat(f"{name}: the file is empty.", hint="Export the chat again.")
    if content.startswith(_UTF16_MARKS):
        raise UnknownExportFormat(f"{name}: the text is UTF-16.", hint="Pass the file as the phone made it (UTF-8).")
    raw = np.frombuffer(content, dtype=np.uint8)
    breaks = np.flatnonzero(raw == _LF)
    ends = breaks + 1 if raw[-1] == _LF else np.append(breaks + 1, raw.size)
    starts = np.concatenate(([0], ends[:-1]))
    cr = np.zeros(len(ends), dtype=bool)
    cr[: len(breaks)] = (raw[breaks - 1] == _CR) & (breaks > starts[: len(breaks)])
    return pl.DataFrame({"text": _decode_lines(content), "byte_start": starts, "byte_end": ends, "cr": cr})


def _decode_lines(content: bytes) -> pl.Series:
    try:
        return pl.read_lines(io.BytesIO(content), name="text")["text"]
    except pl.exceptions.ComputeError:  # the one thing it refuses: bytes that are no UTF-8
        return pl.read_lines(io.BytesIO(content.decode(errors="replace").encode()), name="text")["text"]
