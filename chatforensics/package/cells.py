"""Reads what people wrote out of the files of a package: the cells of tables, and what sentences quote."""

import json
import re
from collections.abc import Iterator, Mapping

from chatforensics.package.columns import WRITTEN
from chatforensics.package.pseudonyms import CODE

_OURS = re.compile(rf"\[(?:[a-z-]+ )?P-{CODE}\]|P-{CODE}|\[postcode\]|\[withheld [0-9]+:")
_QUOTES = re.compile("“([^“”]{3,2000})”")


def blank_ours(text: str) -> str:
    """Return a text without our own stand-ins, which may hold letters that look like a short name."""
    return _OURS.sub(" \u25a0 ", text) if "P-" in text or "[" in text else text


def list_rows(content: bytes) -> Mapping[str, str]:
    """Return for each line of a file of lines of JSON, as a place names it, the message of its row."""
    found: dict[str, str] = {}
    for line, row in enumerate(content.decode("utf-8", "replace").split("\n"), 1):
        try:
            told = json.loads(row)
        except ValueError:
            continue
        number = told.get("message_id") if isinstance(told, dict) else None
        if isinstance(number, int):
            found[f"line {line}"] = f", message {number}"
    return found


def read_cells(content: bytes, *, quoted: bool = True) -> Iterator[tuple[int, str]]:
    """Give each text that people wrote, or that a sentence quotes, with its line in a file of lines of JSON."""
    for line, row in enumerate(content.decode("utf-8", "replace").split("\n"), 1):
        try:
            told = json.loads(row)
        except ValueError:
            continue
        yield from ((line, blank_ours(cell)) for cell in _walk(told, is_written=False, quoted=quoted))


def _walk(value: object, *, is_written: bool, quoted: bool) -> Iterator[str]:
    if isinstance(value, str):
        if is_written or quoted:
            yield from [value] if is_written else _QUOTES.findall(value)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _walk(one, is_written=key in WRITTEN or (is_written and isinstance(one, list)), quoted=quoted)
    elif isinstance(value, list):
        for one in value:
            yield from _walk(one, is_written=is_written, quoted=quoted)
