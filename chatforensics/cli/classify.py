"""`classify`: texts to labels, probabilities, the words that say so, and the slate."""

from pathlib import Path
from typing import Annotated

import typer

from chatforensics.cli.options import CANDIDATES, DATES, OUT, check_out, read_input, write_output
from chatforensics.errors import UsageError

EXAMPLE = 'Example: echo \'{"text": "Vote for Ann Obi on Friday"}\' | chatforensics classify -'


def run(
    file: Annotated[Path, typer.Argument(help="An export, or JSON lines with a field 'text'; '-' reads such lines.")],
    file_format: Annotated[str, typer.Option("--format", help="jsonl.")] = "jsonl",
    out: Annotated[Path | None, OUT] = None,
    dates: Annotated[str | None, DATES] = None,
    candidates: Annotated[Path | None, CANDIDATES] = None,
) -> None:
    """Label messages that tell people how to vote: one JSON line per line or message group, in order."""
    check_out(out, file)
    if file_format != "jsonl":
        raise UsageError(f"--format: '{file_format}' is not offered here.", hint="Use jsonl.")
    from chatforensics.storage import json_lines, read_jsonl
    from chatforensics.workflow import classify_export, classify_rows

    raw = read_input(file)
    if _looks_like_jsonl(raw):
        results = classify_rows(read_jsonl(raw, name=str(file), fields=("text",)), candidates=candidates)
    else:
        results = classify_export(raw, name=str(file), dates=dates, candidates=candidates)
    write_output("".join(f"{line}\n" for line in json_lines(results)).encode(), out=out)


def _looks_like_jsonl(raw: bytes) -> bool:
    return raw.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{" or not raw.strip()
