"""Opens what a file holds inside: packed members and streams, encoded bodies, escaped letters, the text of PDF pages.

For searching only. What is packed is unpacked up to a limit; beyond it, and beyond a depth of wrappings, a file counts
as not searched, and that is said.
"""

import base64
import binascii
import gzip
import html
import io
import quopri
import re
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterator
from typing import NamedTuple

MOST_BYTES = 2**28  # of one stream, unpacked
MOST_DEPTH = 6
_ZLIB = re.compile(rb"x[\x01\x5e\x9c\xda]")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{16,}(?:\r?\n[A-Za-z0-9+/]+)*={0,2}")
_SHORT_BASE64 = 1_024
_HASH = re.compile(rb"[0-9a-f]+|[0-9A-F]+")
_HEX = re.compile(rb"<([0-9A-Fa-f\s]{8,})>")
_SLASHED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-7]{3})|([nrtbf/\"'\\()]))")
_PAIRS = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_PLUS = re.compile(r"(?<=\S)\+(?=\S)")
_ENTITY, _PERCENT, _QUOTED = (
    re.compile("&[#A-Za-z]"),
    re.compile("%[0-9A-Fa-f]{2}"),
    re.compile(rb"=(?:[0-9A-F]{2}|\r?\n)"),
)


class Layer(NamedTuple):
    """Bytes inside of a file: where they lie, and the bytes; none of them where they could not be opened in full."""

    place: str
    content: bytes
    is_whole: bool = True


def unwrap(content: bytes, *, place: str = "", depth: int = 0) -> Iterator[Layer]:
    """Give the content itself and all that is packed or encoded in it, at any depth up to a limit."""
    yield Layer(place, content)
    if depth >= MOST_DEPTH:
        yield Layer(f"{place} deeper than {MOST_DEPTH} wrappings", b"", is_whole=False)
        return
    for inner in _open(content):
        told = f"{place}, {inner.place}" if place else inner.place
        if inner.is_whole:
            yield from unwrap(inner.content, place=told, depth=depth + 1)
        else:
            yield inner._replace(place=told)


def _open(content: bytes) -> Iterator[Layer]:
    if b"PK\x03\x04" in content:
        yield from _open_zip(content)
    if content.startswith(b"\x1f\x8b"):
        yield from _open_gzip(content)
    if not content.startswith(b"PK\x03\x04"):
        yield from _open_streams(content)
    if content.lstrip()[:5] == b"%PDF-":
        yield from _read_pages(content)
        yield from _read_hex(content)
    yield from _open_base64(content)
    if _QUOTED.search(content) and b"\0" not in content:
        decoded = quopri.decodestring(content)
        if decoded != content and len(decoded) < len(content):
            yield Layer("quoted-printable", decoded)


def _open_zip(content: bytes) -> Iterator[Layer]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield Layer("comment of the zip", archive.comment)
            for number, member in enumerate(archive.infolist(), 1):
                yield Layer(
                    f"name of member {number}", f"{member.filename}\n".encode("utf-8", "replace") + member.comment
                )
                with archive.open(member) as opened:
                    unpacked = opened.read(MOST_BYTES + 1)
                yield Layer(f"member {number}", unpacked[:MOST_BYTES], is_whole=len(unpacked) <= MOST_BYTES)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error, EOFError, OSError):
        yield Layer("a zip that cannot be read", b"", is_whole=False)


def _open_gzip(content: bytes) -> Iterator[Layer]:
    try:
        with gzip.open(io.BytesIO(content)) as opened:
            unpacked = opened.read(MOST_BYTES + 1)
        yield Layer("unpacked", unpacked[:MOST_BYTES], is_whole=len(unpacked) <= MOST_BYTES)
    except (OSError, EOFError, zlib.error):
        yield Layer("a gzip that cannot be read", b"", is_whole=False)


def _open_streams(content: bytes) -> Iterator[Layer]:
    """Give every stream packed with zlib: those of a PDF, of pictures and of their texts."""
    at, view = 0, memoryview(content)
    while (found := _ZLIB.search(content, at)) is not None:
        opener = zlib.decompressobj()
        at = found.start() + 2
        try:
            unpacked = opener.decompress(view[found.start() :], MOST_BYTES)
        except zlib.error:
            continue
        if len(unpacked) > 0:
            yield Layer(f"stream at byte {found.start()}", unpacked, is_whole=not opener.unconsumed_tail)
            at = max(at, len(content) - len(opener.unused_data)) if opener.eof else at


def _read_pages(content: bytes) -> Iterator[Layer]:
    """Give the text of each page of a PDF as a reader would copy it, also without spaces at the ends of lines."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError:
        yield Layer("a PDF that cannot be read", b"", is_whole=False)
        return
    with document:
        for number, page in enumerate(document, 1):
            text = page.get_textpage().get_text_range()
            yield Layer(f"page {number}", text.encode("utf-8", "replace"))


def _read_hex(content: bytes) -> Iterator[Layer]:
    """Give the texts that a PDF writes in hexadecimal: titles, bookmarks, notes."""
    found = [
        binascii.unhexlify(digits[: len(digits) // 2 * 2])
        for digits in (b"".join(run[1].split()) for run in _HEX.finditer(content))
    ]
    if found:
        yield Layer("texts in hexadecimal", b"\n".join(found))
        yield Layer(
            "texts in hexadecimal",
            "\n".join(one.decode("utf-16", "replace") for one in found).encode("utf-8", "replace"),
        )


def _open_base64(content: bytes) -> Iterator[Layer]:
    """Give what is written in base64: long bodies one by one, the short ones together, as they are many."""
    short: list[bytes] = []
    for run in _BASE64.finditer(content):
        letters = b"".join(run[0].split()).rstrip(b"=")
        if _HASH.fullmatch(letters):
            continue
        if len(letters) >= _SHORT_BASE64:
            yield Layer(f"base64 at byte {run.start()}", _decode(letters))
        else:
            short += [_decode(letters[skipped:]) for skipped in range(4)]
    if short:
        yield Layer("base64", b"\n".join(short))


def _decode(letters: bytes) -> bytes:
    part = letters[:-1] if len(letters) % 4 == 1 else letters
    return base64.b64decode(part + b"=" * (-len(part) % 4))


def unescape(text: str) -> Iterator[tuple[str, str]]:
    """Give the text with its escapes read: of JSON, scripts and HTML, then of links; and both once more."""
    seen = text
    for _ in range(2):
        before = seen
        for name, one in (("escaped", _read_letters), ("percent", _read_percents)):
            after = one(seen)
            if after != seen:
                seen = after
                yield name, seen
        if seen == before:
            return


def _read_letters(text: str) -> str:
    return _read_entities(_read_slashes(text))


def _read_slashes(text: str) -> str:
    if "\\" not in text:
        return text
    read = _SLASHED.sub(_read_slash, text)
    return _PAIRS.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), read)


def _read_slash(found: "re.Match[str]") -> str:
    wide, narrow, octal, letter = found.groups()
    if letter is not None:
        return _CONTROLS.get(letter, letter)
    return chr(int(wide or narrow, 16) if octal is None else int(octal, 8))


def _read_entities(text: str) -> str:
    return html.unescape(text) if _ENTITY.search(text) else text


def _read_percents(text: str) -> str:
    """Return a text as the address of a page writes it; a plus between letters is a space there."""
    plain = urllib.parse.unquote(text, errors="replace") if _PERCENT.search(text) else text
    return _PLUS.sub(" ", plain) if "+" in plain else plain
