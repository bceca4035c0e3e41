"""A second, coarser search for names, made apart from the first: letters and digits alone, without accents."""

import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from chatforensics.package.cells import list_rows, read_cells
from chatforensics.package.hidden import Secrets
from chatforensics.package.leaks import Leak

_LEAST = 8  # letters and digits of a name of two words or more


def find_likely(files: Mapping[str, bytes | Path], secrets: Secrets) -> list[Leak]:
    """List the rows of tables that should be looked at: their letters, without all else, hold a name that was hidden.

    It cannot tell a name from words that happen to have its letters in a row, so a hit is a place to look at and no
    reason to refuse. Names of one word, or of less than eight letters, are not searched for.

    Args:
        files: Contents, or where they lie, by name; tables as lines of JSON are read.
        secrets: As `redact_dossier` returned them.
    """
    names = {secret.words: secret.number for secret in secrets.hidden if secret.kind in {"name", "words"}}
    wanted = {_squeeze(words): number for words, number in names.items() if len(words.split()) > 1}
    wanted = {word: number for word, number in wanted.items() if len(word) >= _LEAST}
    shown = [_squeeze(name) for name in secrets.shown]
    sought = [word for word in wanted if not any(word in name for name in shown)]
    return [leak for name, content in sorted(files.items()) for leak in _find(name, content, sought, wanted)]


def _find(name: str, content: bytes | Path, sought: list[str], wanted: Mapping[str, int]) -> Iterator[Leak]:
    if not sought or not name.endswith(".jsonl"):
        return
    whole = content.read_bytes() if isinstance(content, Path) else content
    cells = list(read_cells(whole))
    squeezed = pl.Series([_squeeze(cell) for _, cell in cells], dtype=pl.String)
    rows: Mapping[str, str] | None = None
    found: dict[Leak, None] = {}
    for (line, _), text, hits in zip(cells, squeezed, squeezed.str.find_many(sought, overlapping=True), strict=True):
        if len(hits):
            rows = list_rows(whole) if rows is None else rows
            place = f"line {line}"
            told = [wanted[word] for word in sought if word in text]
            found |= dict.fromkeys(Leak(name, place + rows.get(place, ""), number) for number in told)
    yield from found


def _squeeze(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in plain if letter.isalnum())
