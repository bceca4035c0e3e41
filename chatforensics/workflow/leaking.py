"""What is refused because something that was taken out could still be read; and who must be shown, as they act."""

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from chatforensics.errors import ChatForensicsError

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from chatforensics.package.hidden import Secrets
    from chatforensics.package.leaks import Leak

_NAMED = 5  # leaks that an error names
_LONGEST = 60  # characters of hidden words that are repeated to whoever makes the package


class StillReadable(ChatForensicsError):
    """Something that was taken out could still be read; its text says in which files, and never what."""

    def __init__(self, leaks: "list[Leak]", secrets: "Secrets") -> None:
        """Keep where it stands, and what was taken out, for whoever makes the package."""
        told = "; ".join(map(_tell_leak, leaks[:_NAMED])) + ("; …" if len(leaks) > _NAMED else "")
        super().__init__(
            f"Nothing was written: words that are to be hidden would be readable. {told}.",
            hint="Take them out with --redact, or show that person by --name.",
        )
        self._leaks, self._secrets = leaks, secrets

    def for_maker(self) -> ChatForensicsError:
        """Return the same for the person at the page, with the words: for their eyes alone, and for no file."""
        words: dict[int, list[str]] = {}
        for secret in self._secrets.hidden:
            if secret.number:
                words.setdefault(secret.number, []).append(f"“{_shorten(secret.words)}”")
        told = list(dict.fromkeys(_tell_maker(leak, words.get(leak.number, [])) for leak in self._leaks))
        more = f" And in {len(told) - _NAMED:,} more places." if len(told) > _NAMED else ""
        return ChatForensicsError(
            f"No package was made: what is to be hidden could still be read in it. {' '.join(told[:_NAMED])}{more}",
            hint="Show that person by name, or add the word to the list of words to take out, "
            "or leave your own name out. These words are shown here only, not in the package.",
        )


def hold_back(files: "Mapping[str, bytes | Path]", secrets: "Secrets") -> None:
    """Refuse to write anything where something that was taken out can still be read.

    Raises:
        StillReadable: it can; the message says in which files, and never what.
    """
    from chatforensics.package.leaks import find_leaks

    if leaks := find_leaks(files, secrets) if secrets.hidden else []:
        raise StillReadable(leaks, secrets)


def find_bearers(tables: "Mapping[str, pl.DataFrame]", names: Iterable[str]) -> dict[str, set[str]]:
    """Return by each name, as somebody typed it, the people whose printed name is in it and would be found there.

    It is the search that refuses a package, so that nobody is shown whom hiding would not have stopped. That a name is
    the same does not show that it is the same person.

    Args:
        tables: `people`, before anything is taken out.
        names: As typed; `unknown` is nobody.
    """
    from chatforensics.package.hidden import Secret, Secrets
    from chatforensics.package.leaks import find_leaks

    typed = sorted({name for name in names if name.strip() and name != "unknown"})
    rows = tables["people"].select("person_id", "labels").rows() if typed else []
    printed = [(person, label) for person, labels in rows for label in labels or ()]
    secrets = Secrets(hidden=tuple(Secret(n, "name", label) for n, (_, label) in enumerate(printed, 1)))
    found: dict[str, set[str]] = {}
    for name in typed:
        line = json.dumps({"actor": name}, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        met = {printed[leak.number - 1][0] for leak in find_leaks({"log.jsonl": line}, secrets) if leak.number}
        if met:
            found[name] = met
    return found


def _tell_leak(leak: "Leak") -> str:
    """Return where something can be read, and under which number it was taken out."""
    return f"{leak.file} ({leak.place}): redaction {leak.number}" if leak.number else f"{leak.file} ({leak.place})"


def _tell_maker(leak: "Leak", words: list[str]) -> str:
    if not leak.number:
        return f"{leak.file} ({leak.place}) could not be searched, or has words that must not be in it."
    said = f", {' or '.join(sorted(set(words))[:3])}," if words else ""
    return f"Hidden words number {leak.number}{said} stand in {leak.file} ({leak.place})."


def _shorten(words: str) -> str:
    line = " ".join(words.split())
    return f"{line[:_LONGEST]}…" if len(line) > _LONGEST else line
