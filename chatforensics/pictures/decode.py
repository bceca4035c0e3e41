"""A stranger's bytes to plain pixels: by content, not by name; under limits; a bad file is a reason, not an error."""

import io
from dataclasses import dataclass

from chatforensics.intake.kinds import is_picture, is_stump
from chatforensics.pictures.limits import Limits, NotDone, decode_in_child

MAX_BYTES = 32 * 1024**2
GREY = Limits(cpu_s=20, megabytes=1024, answer_bytes=16 * 1024**2)
SHOWN = Limits(cpu_s=20, megabytes=1024, answer_bytes=2 * 1024**2)
QUALITY = 70
NO_PICTURE = "not a picture of a kind that is read (JPEG, PNG, WebP, GIF)"
EMPTY = "the file is empty"
OVER_BYTES = f"over the limit of {MAX_BYTES:,} bytes"
DAMAGED = "damaged: it cannot be decoded"
_REASONS = {
    b"pixels": "over the limit of pixels; it may be a decompression bomb",
    b"memory": "decoding it takes more memory than allowed; it may be a decompression bomb",
    b"damaged": DAMAGED,
}


@dataclass(frozen=True)
class Pixels:
    """Decoded pixels, upright: the picture's own width and height, and those of the pixels, row by row."""

    width: int
    height: int
    shown_width: int
    shown_height: int
    pixels: bytes


def decode_grey(raw: bytes) -> Pixels | NotDone:
    """Decode a picture to grey pixels of a size that its letters are read well in.

    Of a moving picture only the first frame is decoded: words that come later in it are not seen.

    Args:
        raw: the file's bytes.

    Returns:
        The pixels, a byte each; or why not: no picture, damaged, or over a limit of bytes, pixels, memory or time.
    """
    if why := _refuse(raw):
        return NotDone(why)
    return _unpack(decode_in_child(raw, task="grey", limits=GREY), n_channels=1)


def shrink_picture(raw: bytes) -> bytes | NotDone:
    """Make a small JPEG of a picture, at most 600 pixels wide and high, drawn anew from its pixels alone.

    Nothing else of the file comes through: no metadata, no comment, nothing behind its end.
    """
    from PIL import Image

    if why := _refuse(raw):
        return NotDone(why)
    found = _unpack(decode_in_child(raw, task="shown", limits=SHOWN), n_channels=3)
    if isinstance(found, NotDone):
        return found
    made = io.BytesIO()
    picture = Image.frombytes("RGB", (found.shown_width, found.shown_height), found.pixels)
    picture.save(made, "JPEG", quality=QUALITY, optimize=False)
    return made.getvalue()


def _refuse(raw: bytes) -> str | None:
    if not raw:
        return EMPTY
    if len(raw) > MAX_BYTES:
        return OVER_BYTES
    if not is_picture(raw[:12]):
        return NO_PICTURE
    return DAMAGED if is_stump(raw) else None  # starting a process takes a thousand times as long as this


def _unpack(answer: bytes | NotDone, *, n_channels: int) -> Pixels | NotDone:
    """Read the child's answer with suspicion: what decoded a hostile file is hostile itself."""
    if isinstance(answer, NotDone):
        return answer
    line, _, pixels = answer.partition(b"\n")
    word, *numbers = line.split(b" ")
    if word == b"no":
        return NotDone(_REASONS.get(b" ".join(numbers), DAMAGED))
    if len(numbers) != 4 or not all(number.isdigit() and len(number) < 10 for number in numbers):  # noqa: PLR2004
        return NotDone(DAMAGED)
    width, height, shown_width, shown_height = map(int, numbers)
    if not pixels or shown_width * shown_height * n_channels != len(pixels):
        return NotDone(DAMAGED)
    return Pixels(width, height, shown_width, shown_height, pixels)
