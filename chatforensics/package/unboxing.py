"""What a stranger's zip or tar may put on this disk: names judged before a byte is written, sizes counted, no links.

A name that leads out of the folder, that two files share, or that some system takes for a device refuses the whole.
"""

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from unicodedata import normalize

from chatforensics.errors import UnreadableExport, UsageError
from chatforensics.intake import show_name
from chatforensics.intake.archives import Listed

MOST_FILES = 50_000
MOST_BYTES = 8 * 1024**3
DEEPEST = 40
_SPARE = 64 * 1024**2  # bytes that stay free on the disk
_LONGEST_PART, _LONGEST = 255, 3_000  # bytes
_STRANGE = re.compile(r"[\x00-\x1f\x7f-\x9f:\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]|[. ]\Z")
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])\s*(\.|\Z)")
_ASIDE = "__MACOSX"
_AGAIN = "Ask whoever made it for a fresh copy."


def place_names(names: Sequence[str], *, box: str) -> list[str | None]:
    """Return for each name the place of its file below a folder, or None where a computer added it beside the rest.

    Args:
        names: As a zip or tar lists them; backslashes count as slashes, as some programs write them.
        box: The name of the zip, for errors.

    Raises:
        UnreadableExport: a name leads elsewhere, is a device's on some system, or stands for two files.
    """
    places: list[str | None] = []
    taken: set[str] = set()
    for name in names:
        place = normalize("NFC", name.replace("\\", "/"))
        parts = place.split("/")
        if wrong := _find_fault(place, parts):
            raise UnreadableExport(f"{box}: '{show_name(name)}' in it {wrong}.", hint=_AGAIN)
        if place.casefold() in taken:
            raise UnreadableExport(f"{box}: two files in it are named '{show_name(name)}'.", hint=_AGAIN)
        taken.add(place.casefold())
        places.append(None if parts[0] == _ASIDE else place)
    for place in taken:
        if any(place[:at] in taken for at in _find_slashes(place)):
            raise UnreadableExport(f"{box}: '{show_name(place)}' in it lies in what is a file.", hint=_AGAIN)
    return places


def _find_fault(place: str, parts: Sequence[str]) -> str | None:
    if place.startswith("/") or {"", ".", ".."} & set(parts):
        return "leads out of the folder"
    if len(parts) > DEEPEST or len(place.encode("utf-8", "replace")) > _LONGEST:
        return "lies too deep"
    for part in parts:
        if _STRANGE.search(part) or len(part.encode("utf-8", "replace")) > _LONGEST_PART:
            return "has a name that not every system can hold"
        if _DEVICE.match(part):
            return "has the name of a device"
    return None


def _find_slashes(place: str) -> Iterator[int]:
    return (found.start() for found in re.finditer("/", place))


def check_sizes(listed: Iterable[Listed], *, folder: Path, box: str, most: int = MOST_BYTES) -> None:
    """Refuse what would be too large, or more than there is room for; sizes that are no truth are found on reading.

    Raises:
        UnreadableExport: it is.
    """
    total = sum(each.size_bytes for each in listed)
    if total > most:
        raise UnreadableExport(f"{box}: unpacked it would be {total:,} bytes, and at most {most:,} are.", hint=_AGAIN)
    free = shutil.disk_usage(folder).free - _SPARE
    if total > free:
        raise UnreadableExport(
            f"{box}: unpacked it needs {total:,} bytes, and {max(free, 0):,} are free on the disk.",
            hint="Make room, and try again.",
        )


def write_file(folder: Path, place: str, pieces: Iterable[bytes]) -> None:
    """Write a file at its place below a folder, in folders that only their owner can read; nothing is written over.

    Raises:
        UsageError: there is no room, or something is there already.
    """
    path = folder / place
    try:
        for parent in reversed([path.parent, *path.parent.parents]):  # with parents=True, others could read some
            if parent.is_relative_to(folder):
                parent.mkdir(mode=0o700, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            file.writelines(pieces)
    except UnreadableExport:  # an OSError too, but of what is read
        raise
    except OSError as error:
        told = error.strerror or str(error)
        raise UsageError(f"'{show_name(place)}' cannot be written ({told}).", hint="Is there room?") from error
