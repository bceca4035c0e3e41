"""Texts that are not UTF-8, as some programs save them, read all the same; offsets stay those of the bytes received."""

from collections.abc import Callable

import numpy as np

from chatforensics.intake import Content
from chatforensics.parsing.lines import Offsets

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UTF32 = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")


def to_utf8(content: Content) -> tuple[Content, Callable[[Offsets], Offsets] | None]:
    """Return the text in UTF-8 and, where it was rewritten, what turns offsets in it into those of the bytes received.

    Only a mark at the file's beginning (UTF-16, UTF-32) is believed: guessing an encoding from the words would be a
    guess about evidence.
    """
    head = content[:4]
    if head in _UTF32:
        return _rewrite(content, "utf-32", unit=4)
    if head[:2] in _UTF16:
        return _rewrite(content, "utf-16", unit=2)
    return content, None


def _rewrite(content: Content, encoding: str, *, unit: int) -> tuple[bytes, Callable[[Offsets], Offsets]]:
    rewritten = content[:].decode(encoding, errors="replace").encode(errors="replace")
    size = len(content)
    raw = np.frombuffer(rewritten, dtype=np.uint8)
    leads = (raw & 0xC0) != 0x80  # noqa: PLR2004 - not a continuation byte
    sizes = np.where(raw >= 0xF0, 4, np.where(leads, unit, 0))  # noqa: PLR2004 - four bytes in all three encodings
    ends = np.concatenate(([0], np.cumsum(sizes)))

    def to_received(offsets: Offsets) -> Offsets:
        found = np.minimum(ends[offsets] + unit, size)  # behind the mark at the beginning
        # The mark belongs to the first record, and odd bytes at the end to the last.
        return np.where(offsets == 0, 0, np.where(offsets == len(rewritten), size, found))

    return rewritten, to_received
