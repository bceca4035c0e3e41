"""A small folder of evidence with invented contents, and keys that are the same on every run."""

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from chatforensics.package.bag import write_bag
from chatforensics.package.signing import Signer, load_signer

ACTIONS = ("new", "add", "answer", "analyse", "bundle")


def log_of(actions: tuple[str, ...] = ACTIONS, *, actor: str = "Ngozi Petrov") -> bytes:
    """Return a custody log with one entry for each action."""
    lines: list[bytes] = []
    for seq, action in enumerate(actions, start=1):
        prev = hashlib.sha256(lines[-1]).hexdigest() if lines else "0" * 64
        entry = {
            "action": action, "actor": actor, "at": f"2026-04-01T10:00:0{seq % 10}Z", "details": {"n": seq},
            "inputs": [], "outputs": [], "prev": prev, "seq": seq, "version": "0.7.0",
        }  # fmt: skip
        lines.append(json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())
    return b"".join(line + b"\n" for line in lines)


def head_of(log: bytes) -> bytes:
    """Return the head of a log."""
    lines = log.splitlines()
    return f'{{"entries":{len(lines)},"sha256":"{hashlib.sha256(lines[-1]).hexdigest()}"}}\n'.encode()


def payload() -> dict[str, bytes | Path]:
    """Return a small payload."""
    log = log_of()
    return {
        "messages.jsonl": b'{"message_id":1,"text":"At six?"}\n{"message_id":2,"text":"\xe0\xa6\xb9\xe0\xa7\x8d"}\n',
        "messages.csv": b"message_id,text\r\n1,Meet at six?\r\n",
        "exhibit.html": b"<!doctype html><title>Exhibit</title><p>Meet at six?\n",
        "tables/people.jsonl": b'{"label":"Siobh\xc3\xa1n Kaur"}\n',
        "originals/0123456789abcdef/Chat with Zo\u00eb \u0634.txt": b"01/04/2026, 10:00 - Amina Novak: Meet at six?\n",
        "custody/log.jsonl": log,
        "custody/head.json": head_of(log),
    }


TAGS = {"READ-ME-FIRST.txt": b"What this folder is.\n"}
INFO = {
    "Bag-Software-Agent": "chatforensics 0.7.0",
    "Bagging-Date": "2026-04-01",
    "External-Description": "An invented case",
}


def key_file(folder: Path, seed: int = 1) -> Path:
    """Write a secret key that depends on the seed alone, in minisign's form, without a password."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    raw = bytes([seed]) * 32
    public = Ed25519PrivateKey.from_private_bytes(raw).public_key()
    spelt = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    body = bytes([seed]) * 8 + raw + spelt
    checksum = hashlib.blake2b(b"Ed" + body, digest_size=32).digest()
    path = folder / f"key-{seed}"
    line = base64.b64encode(b"Ed" + bytes(2) + b"B2" + bytes(48) + body + checksum)
    path.write_bytes(b"untrusted comment: minisign secret key\n" + line + b"\n")
    return path


def signer(folder: Path, seed: int = 1) -> Signer:
    """Return a signer whose key depends on the seed alone."""
    return load_signer(key_file(folder, seed))


def make_bag(out: Path, *, sign: Signer | None = None, extra: Mapping[str, bytes] | None = None) -> Path:
    """Write the small folder of evidence."""
    write_bag(out, payload={**payload(), **(extra or {})}, tags=TAGS, info=INFO, sign=sign)
    return out
