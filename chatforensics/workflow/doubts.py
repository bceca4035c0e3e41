"""What of hidden names stayed, and which lines of a list found nothing, with the words: for the maker's eyes alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatforensics.package.hidden import Secrets, Stayed

_MOST = 10  # people, and lines of a list, that are named


@dataclass(frozen=True, slots=True)
class Way:
    """In what words the maker of a package is told where words are taken out by hand.

    Attributes:
        by_hand: What takes words out.
        how: How to use it.
    """

    by_hand: str
    how: str


TERMINAL = Way(
    by_hand="--redact",
    how="To take words out, write them into a CSV file, a row each such as Rose,,name of a bystander below the line "
    "words,message_id,reason, and give it with --redact.",
)


def list_doubts(left: "Secrets", package: Path, *, way: Way = TERMINAL) -> Iterator[str]:
    """Say what a person should look at before a package goes anywhere.

    These lines name what is hidden: they are for whoever made the package, and go into no file.

    Args:
        left: What was taken out, and what stayed.
        package: The folder of the package.
        way: How words are taken out by hand, where the maker sits.
    """
    yield from tell_stayed(left, way=way)
    yield from tell_unused(left, way=way)
    yield from tell_likely(left, package)
    if left.elsewhere:
        yield f"Words of withheld messages stand in others, too, and stay there: {', '.join(map(str, left.elsewhere))}."


def tell_stayed(left: "Secrets", *, way: Way = TERMINAL) -> Iterator[str]:
    """Name the hidden people whose names, or parts of them, can still be read: these lines go into no file."""
    if not left.stayed:
        return
    on_slates = [one for one in left.stayed if one.on_slate]
    in_texts = [one for one in left.stayed if not one.on_slate]
    if on_slates:
        yield (
            f"names on slates stay, as they are what the message is about; {way.by_hand} takes them out. "
            f"Of hidden people: {len(on_slates):,}."
        )
        yield from _list_people(on_slates)
    if in_texts:
        yield (
            "parts of the names of hidden people stayed in texts, as they may be ordinary words. "
            f"People: {len(in_texts):,}."
        )
        yield from _list_people(in_texts)
    yield f"{way.how} These names are printed here only, not in the package."


def tell_unused(left: "Secrets", *, way: Way = TERMINAL) -> Iterator[str]:
    """Name the lines of the list that found nothing, with what they say."""
    for rule in left.unused[:_MOST]:
        told = f"“{rule.words}”" if rule.words else f"message {rule.message_id}"
        yield f"{way.by_hand}, line {rule.line}: {told} found nothing."
    if len(left.unused) > _MOST:
        lines = ", ".join(str(rule.line) for rule in left.unused[_MOST:])
        yield f"{way.by_hand}: these lines found nothing either: {lines}."


def tell_likely(left: "Secrets", package: Path) -> Iterator[str]:
    """Name the rows of a package whose letters, without all else, hold a hidden name: perhaps in another spelling."""
    from chatforensics.package.likely import find_likely

    files = {path.relative_to(package).as_posix(): path for path in sorted((package / "data").rglob("*.jsonl"))}
    found = find_likely(files, left) if left.hidden else []
    for leak in found[:_MOST]:
        yield f"{leak.file} ({leak.place}): perhaps redaction {leak.number} in another spelling."
    if len(found) > _MOST:
        yield f"and in {len(found) - _MOST:,} more places."


def _list_people(stayed: "list[Stayed]") -> Iterator[str]:
    for one in stayed[:_MOST]:
        words = ", ".join(f"{word} {n:,}" for word, n in one.words)
        yield f"  {one.token} “{one.name}”: {words}"
    if len(stayed) > _MOST:
        yield f"  and {len(stayed) - _MOST:,} more with fewer places."
