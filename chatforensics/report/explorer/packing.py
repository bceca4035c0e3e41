"""Data as it lies inside the page: compressed, and written in letters that cannot end a script."""

import base64
import zlib

_GZIP = 31  # zlib's number for the gzip form, which browsers can unpack
_LEVEL = 6


def compress(content: bytes) -> bytes:
    """Return bytes compressed; equal bytes give equal bytes."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return packer.compress(content) + packer.flush()


def pack(content: bytes) -> str:
    """Return bytes compressed and in base64; equal bytes give equal text."""
    return base64.b64encode(compress(content)).decode("ascii")
