"""What runs in a process of its own: limits first, then a picture is decoded, or another program takes over.

Run as a script, never imported by the package: `child.py CPU_SECONDS MEGABYTES TASK ...` with the picture on standard
input. Decoders are large programs in C and the pictures are strangers'; whatever one makes of a picture ends with this
process. It writes plain pixels, so that nobody has to decode its answer.
"""

import io
import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MAX_PIXELS = 64_000_000
READ_PIXELS = 3_000_000  # a larger picture is made smaller before it is read
SMALL_SIDE = 1_200  # a picture whose longer side is shorter is made twice as large
SHOWN_SIDE = 600
BLACK, WHITE, MIDDLE = 0, 255, 128


def main(arguments: Sequence[str]) -> int:
    """Set the limits, then do the task: `grey` or `shown` pixels of the picture, or `run` a program in this place."""
    seconds, megabytes, task, *rest = arguments
    set_limits(seconds=int(seconds), megabytes=int(megabytes))
    if task == "run":
        os.execv(rest[0], rest)  # noqa: S606 - no shell; the program was found by the caller
    sys.stdout.buffer.write(answer(sys.stdin.buffer.read(), task=task))
    return 0


def set_limits(*, seconds: int, megabytes: int) -> None:
    """Limit what this process may use: processor time and memory, no files written, no memory image left behind."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    wanted = {
        resource.RLIMIT_AS: megabytes * 1024**2,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for limit, value in wanted.items():
        with suppress(ValueError, OSError):  # a system that does not know the limit
            resource.setrlimit(limit, (value, value))


def answer(raw: bytes, *, task: str) -> bytes:
    """Return `ok`, the picture's width and height, those of the pixels, and the pixels; or `no` and why not."""
    try:
        return _answer(raw, task=task)
    except MemoryError:
        return b"no memory\n"
    except Exception:  # noqa: BLE001 - a decoder may raise anything on bytes made to break it
        return b"no damaged\n"


def _answer(raw: bytes, *, task: str) -> bytes:
    from PIL import Image, ImageOps

    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None  # held to our own limit below, before a pixel is decoded
    picture = Image.open(io.BytesIO(raw), formats=FORMATS)
    if picture.width * picture.height > MAX_PIXELS:
        return b"no pixels\n"
    if task == "shown":
        picture.draft("RGB", (2 * SHOWN_SIDE, 2 * SHOWN_SIDE))
    size = (picture.width, picture.height) if task == "grey" else (0, 0)
    upright = ImageOps.exif_transpose(flatten(picture))
    size = upright.size if task == "grey" else size
    made = _for_reading(upright) if task == "grey" else _for_showing(upright)
    return b"ok %d %d %d %d\n" % (*size, *made.size) + made.tobytes()


def flatten(picture: "Image.Image") -> "Image.Image":
    """Return the first frame in colours, on a ground from which what is drawn on a transparent one stands out."""
    from PIL import Image, ImageStat

    if picture.mode.startswith(("I", "F")):  # more than 8 bits: brought to the range between darkest and brightest
        deep = picture.convert("F")
        low, high = cast("tuple[float, float]", deep.getextrema())
        scale = WHITE / max(high - low, 1e-9)
        return deep.point(lambda value: value * scale - low * scale).convert("RGB")
    exif = picture.getexif()
    if "transparency" not in picture.info and "A" not in picture.getbands():
        plain = picture.convert("RGB")
    else:
        drawn = picture.convert("RGBA")
        mask = drawn.getchannel("A")
        bright = ImageStat.Stat(drawn.convert("L"), mask).mean[0] if mask.getextrema()[1] else BLACK
        plain = Image.new("RGB", drawn.size, "black" if bright > MIDDLE else "white")
        plain.paste(drawn, mask=mask)
    plain.info["exif"] = exif.tobytes()
    return plain


def _for_reading(picture: "Image.Image") -> "Image.Image":
    """Return grey pixels of a size that letters are read well in."""
    from PIL import Image

    grey = picture.convert("L")
    n_pixels = grey.width * grey.height
    scale = 2.0 if max(grey.size) < SMALL_SIDE else min(1.0, (READ_PIXELS / n_pixels) ** 0.5)
    size = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
    # Not Lanczos: its ringing around letters is taken for strokes.
    return grey if size == grey.size else grey.resize(size, Image.Resampling.BICUBIC)


def _for_showing(picture: "Image.Image") -> "Image.Image":
    picture.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    return picture


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
