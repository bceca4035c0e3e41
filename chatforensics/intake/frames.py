"""What passes between the program and the process that opens zips: plain bytes and JSON, never code.

What comes back was written by a process that read a stranger's bytes, so each value is held to the type it should have.
"""

import json
import socket
import struct
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from types import UnionType
from typing import Any, BinaryIO, TypeVar, get_args, get_origin, get_type_hints

REQUEST, PIECE, WHOLE, FOUND, RESULT, REFUSED = b"q", b"p", b"w", b"f", b"r", b"e"
MOST_BYTES = 512 * 1024**2  # of one frame: the facts of 50,000 files with long names are a tenth of it
_HEAD = struct.Struct("<cL")
_Made = TypeVar("_Made")


def send(link: socket.socket, kind: bytes, payload: bytes) -> None:
    """Send one frame."""
    link.sendall(_HEAD.pack(kind, len(payload)))
    link.sendall(payload)


def receive(stream: BinaryIO) -> tuple[bytes, bytes]:
    """Return kind and content of the next frame.

    Raises:
        ValueError: the other side ended, or its frame is too large.
    """
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        raise ValueError("the other side ended")
    kind, size = _HEAD.unpack(head)
    if size > MOST_BYTES or len(payload := stream.read(size)) < size:
        raise ValueError("no whole frame")
    return kind, payload


def write_json(value: object) -> bytes:
    """Write plain values and dataclasses as JSON, bytes in hex; a name may hold what is no UTF-8."""
    return json.dumps(value, ensure_ascii=False, default=_plain).encode(errors="surrogatepass")


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, datetime) else vars(value)


def read_json(payload: bytes) -> Any:  # noqa: ANN401 - whatever the other side wrote
    """Read what `write_json` wrote."""
    return json.loads(payload.decode(errors="surrogatepass"))


def build(kind: type[_Made], value: object) -> _Made:
    """Make of plain values what they should be, dataclasses with all that they hold.

    Raises:
        TypeError, ValueError, KeyError, AttributeError: they are something else.
    """
    wanted: Any = kind
    made: _Made = _maker(wanted)(value)
    return made


@cache  # a zip of 50,000 files asks for two million values
def _maker(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401 - a type of any kind
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        parts = [(field.name, _maker(hints[field.name])) for field in fields(kind)]
        return lambda value: kind(*[make(value[name]) for name, make in parts])
    if get_origin(kind) is tuple:
        make_one = _maker(get_args(kind)[0])
        return lambda value: tuple([make_one(each) for each in value])
    if get_origin(kind) is UnionType:
        make_known = _maker(get_args(kind)[0])
        return lambda value: None if value is None else make_known(value)
    return {bytes: bytes.fromhex, datetime: datetime.fromisoformat}.get(kind) or _maker_of_plain(kind)


def _maker_of_plain(kind: type) -> Callable[[Any], Any]:
    def check(value: object) -> object:
        if type(value) is not kind:
            raise TypeError(f"{kind} expected")
        return value

    return check
