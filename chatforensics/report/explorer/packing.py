"""Data as it lies inside the page: compressed, and written in letters that cannot end a script."""

import base64
import zlib

_GZIP = 31  # zlib's number for the gzip form, which browsers can unpack
_LEVEL = 6


def pack(content: bytes) -> str:
    """Return bytes compressed and in base64; equal bytes give equal text."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return base64.b64encode(packer.compress(content) + packer.flush()).decode("ascii")
