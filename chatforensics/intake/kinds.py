"""What a file can be, told by its first bytes and its size: no chat text, or a picture that is whole.

Sources: ITU T.81 annex B (JPEG), the PNG specification 1.2, the WebP container specification, GIF89a.
"""

from dataclasses import dataclass

HEAD_BYTES = 4_096
_OTHERS = (
    ("a PDF", (b"%PDF-",)),
    ("a picture", (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")),
    ("a packed file of a kind that is not read", (b"\x1f\x8b", b"Rar!\x1a", b"7z\xbc\xaf\x27\x1c")),
)
_MARKED = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")  # UTF-16 and UTF-32: their letters hold bytes of zero
_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\v\f\r\x1a\x1b"))
_MOST_CONTROLS = 100  # one in so many bytes; a text may hold a few, binary files hold many


def say_no_text(head: bytes) -> str | None:
    """Say what a file is that cannot be a text, told by its first bytes; None where it may be one.

    Args:
        head: the first bytes of the file, `HEAD_BYTES` or all there are.
    """
    head = head[:HEAD_BYTES]
    if (kind := next((name for name, marks in _OTHERS if head.startswith(marks)), None)) is not None:
        return f"no chat text: it is {kind}"
    n_controls = len(head) - len(head.translate(None, _CONTROLS))
    if not head.startswith(_MARKED) and n_controls * _MOST_CONTROLS > len(head):
        return "no chat text: it holds bytes that no text has"
    return None


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of picture: how its names end, the fewest bytes of a whole one, and marks of which it has one of each."""

    endings: tuple[str, ...]
    least_bytes: int
    marks: tuple[tuple[bytes, ...], ...]


_FRAMES = tuple(bytes((0xFF, mark)) for mark in sorted({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}))
# The fewest bytes: the parts that no picture of the kind can do without, with nothing but one dot in it.
_JPEG = _Kind((".jpg", ".jpeg"), 90, (_FRAMES, (b"\xff\xda",)))
_PNG = _Kind((".png",), 45, ((b"IHDR",), (b"IDAT",)))
_WEBP = _Kind((".webp",), 24, ((b"VP8 ", b"VP8L"),))
_GIF = _Kind((".gif",), 24, ((b",",),))
_KINDS = {b"\xff\xd8\xff": _JPEG, b"\x89PNG\r\n\x1a\n": _PNG, b"GIF87a": _GIF, b"GIF89a": _GIF}


def is_picture(head: bytes) -> bool:
    """Tell by its first 12 bytes whether a file begins like a picture of a kind that is read."""
    return _kind_of(head) is not None


def is_stump(raw: bytes) -> bool:
    """Tell whether what begins like a picture cannot be a whole one: too small, or without a part it must have."""
    kind = _kind_of(raw)
    if kind is None:
        return False
    return len(raw) < kind.least_bytes or not all(any(mark in raw for mark in marks) for marks in kind.marks)


def may_be_picture(name: str, n_bytes: int) -> bool:
    """Tell whether a file, by its name and size alone, may be a whole picture of a kind that is read."""
    kinds = (kind for kind in (*_KINDS.values(), _WEBP) if name.lower().endswith(kind.endings))
    return any(n_bytes >= kind.least_bytes for kind in kinds)


def _kind_of(head: bytes) -> _Kind | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _WEBP
    return next((kind for mark, kind in _KINDS.items() if head.startswith(mark)), None)
