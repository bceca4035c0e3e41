"""A dossier as RSMF 2.0.0, the short message format of Relativity, which programs for e-disclosure read.

An e-mail with headers of its own, the words as text for searches, and one attachment, `rsmf.zip`, with the manifest.
"""

import base64
import binascii
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from chatforensics.package.dossier import Dossier
from chatforensics.package.exchanged import APPLICATION
from chatforensics.package.rsmfmanifest import VERSION, Manifest, make_manifest
from chatforensics.text import show_on_one_line

_FROM = "chatforensics <no-reply@chatforensics.invalid>"
_STAMP = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold
_MODE = 0o644 << 16
_UNIX = 3
_LINE = 76  # characters of a header line with encoded words, and of base64 (RFC 2047, RFC 2045)
_ENCODED = "=?utf-8?b?{}?="
_ABOUT = (
    "Messages chosen from exports of WhatsApp chats; others may lie between them. Times are UTC and rest on phones' "
    "clocks. A name is what a phone printed. rsmf.zip says of each message where it stands and on what its time rests."
)


def write_rsmf(dossier: Dossier) -> dict[str, bytes]:
    """Return the dossier as one RSMF file, for programs in which lawyers review messages.

    Each record of each export is one event, so that a message in two exports stands there twice and names its copy. A
    program that reads RSMF shows a time as if it were exact: what was printed, and how it was put into UTC, stands in
    the properties of the event. No media are in the file. A name is what a phone printed, not who wrote. Relativity
    recommends at most 10,000 events in a file.

    Returns:
        `messages.rsmf` and its bytes; equal dossiers give equal bytes. Sources of the format: Relativity's
        documentation and the published schema of the manifest.
    """
    manifest = make_manifest(dossier)
    packed = _pack(manifest)
    # Neither quoted-printable nor base64 has "=_", so that no text can end a part.
    boundary = f"=_{hashlib.sha256(packed).hexdigest()[:32]}"
    headers = [
        *(_fold(name, value) for name, value in _list_headers(dossier, manifest)),
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
    ]
    parts = [_encode_text(_say_all(dossier, manifest)), _encode_attachment(packed)]
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    mail = "\r\n".join([*headers, "", body]) + f"--{boundary}--\r\n"
    return {"messages.rsmf": mail.encode("ascii")}


def _list_headers(dossier: Dossier, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Yield the headers; the date is the first event's, as Relativity takes it for the time of sending."""
    content = manifest.content
    times = sorted(event["timestamp"] for event in content["events"] if "timestamp" in event)
    first = datetime.fromisoformat(times[0]) if times else dossier.made_at
    yield "From", _FROM
    yield "Subject", dossier.title
    yield "Date", format_datetime(first)
    yield "Message-ID", f"<{content['eventcollectionid']}@chatforensics.invalid>"
    yield "X-RSMF-Version", VERSION
    yield "X-RSMF-Generator", f"chatforensics {dossier.run.get('version', '')}".strip()
    if times:
        yield "X-RSMF-BeginDate", times[0]
        yield "X-RSMF-EndDate", times[-1]
    yield "X-RSMF-EventCount", str(len(content["events"]))
    yield "X-RSMF-Application", APPLICATION
    yield "X-RSMF-Custodian", ", ".join(manifest.custodians) or "unknown"
    yield "X-RSMF-Participants", ", ".join(person["display"] for person in content["participants"])
    yield "X-RSMF-AttachmentCount", "0"
    yield "X-RSMF-EventCollectionID", content["eventcollectionid"]
    yield "X-RSMF-MadeAt", dossier.made_at.isoformat(timespec="seconds")


def _fold(name: str, value: str) -> str:
    """Return a header; what is long or not ASCII becomes encoded words (RFC 2047), which end no header early."""
    shown = show_on_one_line(value)
    plain = f"{name}: {shown}"
    if shown.isascii() and shown.isprintable() and shown == shown.strip() and "=?" not in shown and len(plain) <= _LINE:
        return plain
    lines, start = [f"{name}: "], 0
    while start < len(shown):
        room = (_LINE - len(lines[-1]) - len(_ENCODED.format(""))) // 4 * 3
        piece = shown[start : start + room].encode()
        # Cut between characters: one that does not fit whole begins the next word.
        piece = piece[:room].decode(errors="ignore").encode()
        lines[-1] += _ENCODED.format(base64.b64encode(piece).decode())
        lines.append(" ")
        start += len(piece.decode())
    return "\r\n".join(lines[:-1]) if start else plain.rstrip()


def _say_all(dossier: Dossier, manifest: Manifest) -> str:
    """Return the events as text in the order of time: this is what programs search."""
    names = {person["id"]: person["display"] for person in manifest.content["participants"]}
    chats = {chat["id"]: chat.get("display", "") for chat in manifest.content["conversations"]}
    said = [show_on_one_line(dossier.title), _ABOUT]
    for event in manifest.content["events"]:
        who = names.get(
            event.get("participant", ""), "Notice of the app" if event["type"] != "message" else "not named"
        )
        told = {each["name"]: each["value"] for each in event["custom"]}
        head = [who, event.get("timestamp", "no time"), chats[event["conversation"]], told["Chosen"]]
        body = event.get("body") or f"({told['Kind']}: no words)"
        said.append(f"{' | '.join(show_on_one_line(each) for each in head if each)}\n{body}")
    return "\n\n".join(said) + "\n"


def _encode_text(text: str) -> str:
    """Return a part with text that can be read as it is where it is ASCII."""
    encoded = binascii.b2a_qp(text.encode(), istext=True).decode("ascii").replace("\n", "\r\n")
    return f'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{encoded}'


def _encode_attachment(packed: bytes) -> str:
    """Return a part with the zip, named as the specification has it."""
    whole = base64.b64encode(packed).decode("ascii")
    lines = "\r\n".join(whole[start : start + _LINE] for start in range(0, len(whole), _LINE))
    return (
        'Content-Type: application/octet-stream; name="rsmf.zip"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: attachment; filename="rsmf.zip"\r\n\r\n{lines}'
    )


def _pack(manifest: Manifest) -> bytes:
    """Return the zip with the manifest, stored: what compresses differs from one machine to the next."""
    member = zipfile.ZipInfo("rsmf_manifest.json", date_time=_STAMP)
    member.external_attr, member.create_system = _MODE, _UNIX
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(member, _encode(manifest.content))
    return packed.getvalue()


def _encode(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
