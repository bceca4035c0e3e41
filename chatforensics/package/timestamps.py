"""A third party's word for the time, RFC 3161: a request to be sent by a person, and the reply attached.

Nothing here speaks to a network.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from chatforensics.errors import EvidenceError, MissingDependency, UsageError
from chatforensics.package.checker import REPLY, REQUEST, TAGS

if TYPE_CHECKING:
    from types import ModuleType

    from rfc3161_client import TimeStampRequest, TimeStampResponse

_LARGEST = 1 << 20
_SHA256 = "2.16.840.1.101.3.4.2.1"


@dataclass(frozen=True, slots=True)
class Timestamp:
    """What an authority states.

    Attributes:
        at: Its time, in UTC: the list of hashes, and so all it names, was there then.
        serial: The authority's number of the statement.
        checked: Whether its signature was checked against a given certificate. If not, anybody may have written it.
    """

    at: datetime
    serial: int
    checked: bool


def write_request(bag: Path) -> Path:
    """Write the request for a timestamp beside the list that stands for the whole folder, and return its path.

    It holds the hash of the list and a random number, nothing else: who answers it learns nothing of the evidence. A
    request that is there already for the same list is kept: its reply may be on the way.

    Raises:
        UsageError: this is no package, or it has a reply already.
        MissingDependency: the extra `timestamp` is not installed.
    """
    client = _client()
    listed = _read(bag / TAGS, "Name the folder of a package.")
    if (bag / REPLY).exists():
        raise UsageError(f"{bag / REPLY}: a reply is attached already.", hint="Check it with --ca.")
    path = bag / REQUEST
    if path.exists() and _imprint(_parse_request(path).message_imprint) == hashlib.sha256(listed).digest():
        return path
    algorithm = client.HashAlgorithm.SHA256
    request = client.TimestampRequestBuilder().data(listed).hash_algorithm(algorithm).nonce(nonce=True)
    _write(path, request.cert_request(cert_request=True).build().as_bytes())
    return path


def attach_reply(bag: Path, reply: Path, *, ca: Path | None = None) -> Timestamp:
    """Check that a reply answers this folder's request, attach it, and return what it states.

    Without `ca` the authority's signature is not checked. With it, the reply shows that the holder of a certificate
    under that authority saw the hash at that time, if its clock was right; not who made the folder.

    Args:
        bag: The folder.
        reply: The file that the authority sent; the one that is attached may be named to check it again.
        ca: Certificates of the authority, in PEM.

    Raises:
        UsageError: there is no request, or a file cannot be read.
        EvidenceError: the reply is refused, broken, or for another request.
        MissingDependency: the extra `timestamp` is not installed.
    """
    _client()
    listed = _read(bag / TAGS, "Name the folder of a package.")
    request = _parse_request(bag / REQUEST)
    content = _read(reply, "Name the file that the authority sent.")
    response = _parse_reply(content, reply)
    _compare(request, response, listed, reply)
    if ca:
        _check_signature(response, request, ca, hashlib.sha256(listed).digest(), reply)
    if not (bag / REPLY).exists():
        _write(bag / REPLY, content)
    elif (bag / REPLY).read_bytes() != content:
        raise UsageError(f"{bag / REPLY}: another reply is attached already.", hint="Take it away first.")
    return Timestamp(response.tst_info.gen_time, response.tst_info.serial_number, checked=ca is not None)


def _client() -> "ModuleType":
    try:
        import rfc3161_client
    except ImportError as error:
        hint = "Run: pip install 'chatforensics[timestamp]'"
        raise MissingDependency("Timestamps need the package rfc3161-client.", hint=hint) from error
    return rfc3161_client


def _parse_request(path: Path) -> "TimeStampRequest":
    from rfc3161_client._rust import parse_timestamp_request

    content = _read(path, "Write it first: chatforensics timestamp FOLDER.")
    try:
        return parse_timestamp_request(content)
    except ValueError as error:
        raise UsageError(f"{path}: no timestamp request.", hint="Take it away and write it again.") from error


def _parse_reply(content: bytes, path: Path) -> "TimeStampResponse":
    """Return a reply that grants a timestamp."""
    from rfc3161_client import PKIStatus, decode_timestamp_response

    try:
        response = decode_timestamp_response(sort_certificates(content))
        status = PKIStatus(response.status)
    except ValueError as error:
        hint = "It should be the file as the authority sent it, not a page or a text."
        raise EvidenceError(f"{path}: no timestamp reply.", hint=hint) from error
    if status not in (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS):
        why = "; ".join(response.status_string) or "no reason given"
        raise EvidenceError(f"{path}: refused by the authority ({status.name.lower()}: {why}).", hint="Ask it again.")
    return response


def sort_certificates(content: bytes) -> bytes:
    """Return a reply with the certificates in it in the order that DER wants; OpenSSL writes them as they come.

    The library refuses any other order. No signature covers the order, and what is attached is what was received.
    """
    start, end = 0, len(content)
    for tags in (b"\x30", b"\x30\x30", b"\x06\xa0", b"\x30", b"\x02\x31\x30\xa0"):  # down to SignedData.certificates
        fields = _fields(content, start, end)
        if bytes(content[field[0]] for field in fields[: len(tags)]) != tags:
            return content
        _, start, end = fields[len(tags) - 1]
    inside = sorted(content[first:last] for first, _, last in _fields(content, start, end))
    return content[:start] + b"".join(inside) + content[end:]


def _fields(content: bytes, start: int, end: int) -> list[tuple[int, int, int]]:
    """Return where each field of a stretch of DER starts, where its value does, and where it ends."""
    fields = []
    while start + 2 <= end:
        length, value = content[start + 1], start + 2
        if length >= 0x80:  # noqa: PLR2004 - then the low bits say how many bytes spell the length
            value += length & 0x7F
            length = int.from_bytes(content[start + 2 : value], "big")
        if value + length > end:
            return []
        fields.append((start, value, value + length))
        start = value + length
    return fields if start == end else []


def _imprint(imprint: object) -> bytes:
    """Return the hash that a request or reply is about, if it is SHA-256."""
    algorithm = imprint.hash_algorithm.dotted_string  # type: ignore[attr-defined]
    return bytes(imprint.message) if algorithm == _SHA256 else b""  # type: ignore[attr-defined]


def _compare(request: "TimeStampRequest", response: "TimeStampResponse", listed: bytes, path: Path) -> None:
    try:
        stated, nonce = _imprint(response.tst_info.message_imprint), response.tst_info.nonce
    except ValueError as error:
        raise EvidenceError(f"{path}: a reply without a readable timestamp.", hint="Ask again.") from error
    sha256 = hashlib.sha256(listed).digest()
    if _imprint(request.message_imprint) != sha256:
        raise EvidenceError(f"{REQUEST}: for another list than the one here.", hint="Write it again.")
    if stated != sha256:
        raise EvidenceError(f"{path}: a timestamp of something else.", hint="Send this folder's request.")
    if nonce != request.nonce:
        raise EvidenceError(f"{path}: answers another request.", hint=f"Send {REQUEST} as it is here.")


def _check_signature(
    response: "TimeStampResponse", request: "TimeStampRequest", ca: Path, sha256: bytes, path: Path
) -> None:
    """Check the authority's signature and its certificate at the time stated."""
    from cryptography.x509 import load_pem_x509_certificates
    from rfc3161_client import VerificationError, VerifierBuilder

    held = _read(ca, "Name the authority's certificates, in PEM.")
    try:
        certificates = load_pem_x509_certificates(held)
    except ValueError as error:
        raise UsageError(f"{ca}: no certificates in PEM.", hint="Name the authority's certificates.") from error
    builder = VerifierBuilder.from_request(request)
    for certificate in certificates:
        builder = builder.add_root_certificate(certificate)
    try:
        builder.build().verify(response, sha256)
    except (VerificationError, ValueError) as error:
        hint = "Check that the certificates are those of the authority that was asked."
        raise EvidenceError(f"{path}: the authority's signature does not hold ({error}).", hint=hint) from error


def _read(path: Path, hint: str) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}.", hint=hint) from error
    if len(content) > _LARGEST:
        raise UsageError(f"{path}: too large to be one.", hint=hint)
    return content


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}).", hint="Check the folder.") from error
