"""Feed changed zips to the container reader for some minutes: it must read or refuse each, and agree with Python's own.

Needs atheris, which is no dependency of this project: install it into an environment of its own.

Example: PYTHONPATH=. /tmp/fuzz/bin/python benchmarks/fuzz_containers.py 600
"""

import contextlib
import hashlib
import importlib
import io
import sys
import tempfile
import zipfile
import zlib
from collections import Counter
from pathlib import Path

atheris = importlib.import_module("atheris")
with atheris.instrument_imports(include=["chatforensics.intake"]):
    from chatforensics.errors import EvidenceError
    from chatforensics.intake import ChatText, chat_from_bytes

CHAT = b"13/03/2024, 08:30 - Ama: hi\n"
SECONDS = 600
LIMITS = ("-max_len=4096", "-timeout=10", "-rss_limit_mb=1024", "-verbosity=0", "-print_final_stats=1")


def main() -> None:
    """Fuzz for the given seconds, from a handful of whole zips."""
    seconds = sys.argv[1] if len(sys.argv) > 1 else str(SECONDS)
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(make_seeds()):
            (Path(corpus) / str(number)).write_bytes(seed)
        atheris.Setup([sys.argv[0], *LIMITS, f"-max_total_time={seconds}", corpus], check_one)
        atheris.Fuzz()


def make_seeds() -> list[bytes]:
    """Write small zips of every accepted kind."""
    nested = make_zip({"_chat.txt": CHAT}, method=zipfile.ZIP_STORED)
    return [
        nested,
        make_zip({"WhatsApp Chat with Choir.txt": CHAT, "IMG-20240313-WA0001.jpg": b"x" * 40}),
        make_zip({"_chat.txt": CHAT, "00000002-backup.zip": nested, "media/": b""}, comment=b"PK"),
        make_zip({"_chat.txt": CHAT, "__MACOSX/._chat.txt": b"", "../évil.jpg": b"x"}, method=zipfile.ZIP_STORED),
        make_zip({"_chat.txt": CHAT, "a.jpg": b"x"}, streamed=True),
    ]


def make_zip(
    members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"", streamed: bool = False
) -> bytes:
    """Write one zip; `streamed` puts the sizes behind each file, as phones do."""
    buffer = io.BytesIO()
    if streamed:
        buffer.seekable = lambda: False  # type: ignore[method-assign]
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.comment = comment
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def check_one(raw: bytes) -> None:
    """Hold one input to the rules: read or refused; hashed; the same text as Python's own reader sees."""
    try:
        chat = chat_from_bytes(raw, name="x.zip")
    except EvidenceError:
        return
    if (chat.sha256, chat.size_bytes) != (hashlib.sha256(raw).hexdigest(), len(raw)):
        raise AssertionError("hash or size is not that of the input")
    if chat.member is None:
        if chat.content != raw:
            raise AssertionError("a text is not as it came")
    else:
        check_against_python(raw, chat)


def check_against_python(raw: bytes, chat: ChatText) -> None:
    """Require that Python's zipfile reads every file that was read, and reads the same."""
    theirs: Counter[str] = Counter()
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for info in archive.infolist():
            with contextlib.suppress(zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error):
                theirs[hashlib.sha256(archive.read(info)).hexdigest()] += 1
    ours = Counter([hashlib.sha256(chat.content).hexdigest(), *(x.sha256 for x in chat.attachments if x.sha256)])
    if ours - theirs:
        raise AssertionError("two readers see different files")


if __name__ == "__main__":
    main()
