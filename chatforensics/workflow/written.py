"""Files that the user wrote for us: who is who, what is declared of exports, candidates; on the disk or remembered."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from chatforensics.storage import parse_toml, read_file
from chatforensics.storage import read_toml as read_toml_file


@dataclass(frozen=True, slots=True)
class Written:
    """Such a file as it was read once: the last part of its name, and its bytes."""

    name: str
    content: bytes

    def __str__(self) -> str:
        """Return the name."""
        return self.name


Words = Path | Written


def read_words(words: Words, *, where: str) -> bytes:
    """Return the bytes of such a file; `where` is the option that named it.

    Raises:
        UsageError: it cannot be read.
    """
    return words.content if isinstance(words, Written) else read_file(words, where=where)


def read_toml(words: Words) -> dict[str, object]:
    """Return such a file read as TOML.

    Raises:
        UsageError: it cannot be read, or is no TOML.
    """
    if isinstance(words, Path):
        return read_toml_file(words)
    return parse_toml(words.content, name=str(words))


def keep_words(words: Words | None, *, where: str) -> Written | None:
    """Read such a file once, so that whatever becomes of it, one run works on one text.

    Raises:
        UsageError: it cannot be read.
    """
    if words is None or isinstance(words, Written):
        return words
    return Written(words.name, read_words(words, where=where))


def name_words(words: Words | None, *, where: str) -> dict[str, str] | None:
    """Return the name and the SHA-256 of such a file: what a result is made of."""
    if words is None:
        return None
    return {"name": words.name, "sha256": hashlib.sha256(read_words(words, where=where)).hexdigest()}
