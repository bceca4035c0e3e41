"""Feed changed exports to the parser for some minutes: it must read each whole or refuse it, however it is cut.

Needs atheris, which is no dependency of this project: install it into an environment of its own.

Example: PYTHONPATH=. /tmp/fuzz/bin/python benchmarks/fuzz_parser.py 600
"""

import importlib
import sys
import tempfile
from dataclasses import fields
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np

atheris = importlib.import_module("atheris")
with atheris.instrument_imports(include=["chatforensics.parsing"]):
    from chatforensics.errors import EvidenceError
    from chatforensics.intake import ChatText, chat_from_bytes
    from chatforensics.parsing import Parsed, headers, lines, parse_export

SECONDS = 600
LIMITS = ("-max_len=2048", "-timeout=20", "-rss_limit_mb=2048", "-verbosity=0", "-print_final_stats=1")
SMALL_PIECE = 256
SEEDS = (
    "13/03/2024, 08:30 - Ama: hi\n13/03/2024, 08:31 - Ben: two\nlines\n13/03/2024, 08:31 - Ama added Ben\n",
    "[13/03/2024, 08:30:05] Ama: hi\r\n\u200e[13/03/2024, 08:30:06] Choir: \u200eAma added Ben\r\n",
    "3/13/24, 8:30\u202fPM - Ama: hi\n3/14/24, 8:30\u202fAM - Ama: a: b\n",
    "١٣/٠٣/٢٠٢٤، ٨:٠٥ م - Ama: hi\n[05.06.2024 klo 8.05.09] Ben: hi\n",
    "18 Mar 12:14 - Ama: hi\n19 Mar 2014 12:14 - Ama: IMG-20140319-WA0001.jpg (file attached)\n",
    "19:23, 28 Aug 2013 - Ama: hi\n令和6年3月13日 14:56 - Ben: hi\n3/13/2567 BE, 14:56 - Ben: hi\n",
    "13.03.2024 21.25.15: Ben: hi\n13/03/2024 - Ama: hi\n2024-03-13 08:30 - Ama: <Media omitted>\n",
)


def main() -> None:
    """Fuzz for the given seconds, from a handful of exports."""
    seconds = sys.argv[1] if len(sys.argv) > 1 else str(SECONDS)
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(SEEDS):
            (Path(corpus) / str(number)).write_bytes(seed.encode())
            (Path(corpus) / f"{number}-wide").write_bytes(seed.encode("utf-16"))
        found = f"-artifact_prefix={tempfile.gettempdir()}/"  # a failing input is also printed
        atheris.Setup([sys.argv[0], *LIMITS, found, f"-max_total_time={seconds}", corpus], check_one)
        atheris.Fuzz()


def check_one(raw: bytes) -> None:
    """Hold one input to the rules: lines as Python splits them; read whole or refused; pieces do not matter."""
    check_lines(raw)
    try:
        chat = chat_from_bytes(raw, name="x.txt")
        parsed = parse_export(chat, year=2014)
    except EvidenceError:
        return
    check_spans(chat, parsed)
    longest = max(map(len, raw.split(b"\n")))
    with patch.object(headers, "cut_pieces", partial(lines.cut_pieces, piece_bytes=max(longest + 1, SMALL_PIECE))):
        again = parse_export(chat, year=2014)
    for table in fields(Parsed):
        if not getattr(parsed, table.name).equals(getattr(again, table.name)):
            raise AssertionError(f"{table.name}: other rows from smaller pieces")


def check_lines(raw: bytes) -> None:
    """Require that the line reader sees the line starts that Python's own split gives, for several piece sizes."""
    sizes = np.array([len(line) + 1 for line in raw.split(b"\n")])
    wanted = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    for piece_bytes in (1, 7, 64, 4096):
        pieces = list(lines.cut_pieces(raw, piece_bytes=piece_bytes))
        found = np.concatenate([piece.start + piece.starts for piece in pieces]) if pieces else wanted[:0]
        if not np.array_equal(found, wanted[wanted < len(raw)]):
            raise AssertionError(f"other lines in pieces of {piece_bytes}")


def check_spans(chat: ChatText, parsed: Parsed) -> None:
    """Require that the spans of messages and rejects, put together, are the text as received."""
    spans = [
        *parsed.messages.select("byte_start", "byte_end").rows(),
        *parsed.rejects.select("byte_start", "byte_end").rows(),
    ]
    if b"".join(chat.content[start:end] for start, end in sorted(spans)) != chat.content:
        raise AssertionError("the spans do not tile the text")


if __name__ == "__main__":
    main()
