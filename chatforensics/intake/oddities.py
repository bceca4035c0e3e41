"""What is odd about a zip: of each file and of the zip itself, by kind and number, and in plain sentences."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatforensics.intake.chatnames import is_added_by_computer

_OUTSIDE = re.compile(r"[/\\]|[A-Za-z]:|(?:.*[/\\])?\.\.(?:[/\\]|$)", re.DOTALL)


@dataclass(frozen=True)
class Oddity:
    """One thing that is odd about a file or a zip; `n` counts bytes where the kind is one of bytes, else it is 1.

    Of a file: `outside` (its name points outside of the zip), `strange_name` (backslashes, controls or direction
    marks), `namesake` (another file bears the same name), `time_differs`, `version_differs`, `flags_differ` (before the
    file stands another value than in the directory). Of a zip, in bytes: `comment`, `stray` (between the files),
    `behind` (after its end).
    """

    kind: str
    n: int = 1


def as_seen(name: str) -> str:
    """Return the name as other programs may see it: cut at a NUL, with slashes."""
    return name.partition("\0")[0].replace("\\", "/")


def odd_names(names: Sequence[str]) -> list[tuple[Oddity, ...]]:
    """Return for each name of a zip what is odd about it among the others."""
    seen = Counter(map(as_seen, names))
    return [tuple(map(Oddity, _odd_in(name, n_namesakes=seen[as_seen(name)]))) for name in names]


def _odd_in(name: str, *, n_namesakes: int) -> Iterator[str]:
    if _OUTSIDE.match(name) is not None:
        yield "outside"
    if not name.isprintable() or "\\" in name:
        yield "strange_name"
    if n_namesakes > 1:
        yield "namesake"


def note_names(names: Sequence[str]) -> Iterator[str]:
    """Say in plain sentences what is odd about the names of a zip's files."""
    odd = Counter(oddity.kind for found in odd_names(names) for oddity in found)
    if odd["outside"]:
        yield f"File names in the zip that point outside of it: {odd['outside']:,}. Nothing is extracted by name."
    if odd["strange_name"]:
        yield f"File names in the zip with backslashes, controls or direction marks: {odd['strange_name']:,}."
    if twice := sum(number > 1 for number in Counter(map(as_seen, names)).values()):
        yield f"File names in the zip that belong to several files each: {twice:,}."
    if added := sum(map(is_added_by_computer, names)):
        yield f"Files in the zip that a computer added, not the phone: {added:,}. It was packed again after the export."


def note_structure(oddities: Sequence[Oddity]) -> Iterator[str]:
    """Say in plain sentences what is odd about the zip itself."""
    n_bytes = {oddity.kind: oddity.n for oddity in oddities}
    if "stray" in n_bytes:
        yield f"Bytes inside the zip that belong to no file: {n_bytes['stray']:,}."
    if "behind" in n_bytes:
        yield f"Bytes behind the end of the zip: {n_bytes['behind']:,}."
    if "comment" in n_bytes:
        yield f"The zip carries a comment, of {n_bytes['comment']:,} bytes."
