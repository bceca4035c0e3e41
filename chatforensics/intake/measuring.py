"""How much an export holds, told by the file system and by the directory of its zip: no message is read."""

import os
from dataclasses import dataclass

from chatforensics.errors import EvidenceError
from chatforensics.intake.chatnames import choose_chat
from chatforensics.intake.content import open_regular, show_path
from chatforensics.intake.directory import is_zip, read_directory
from chatforensics.intake.folders import ExportFile

_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif")
_LEAST_BYTES = 1_000  # of a picture with words in it


@dataclass(frozen=True, slots=True)
class Measured:
    """One export by its size: `text_bytes` of chat text, `other_bytes` of the other files in its zip, both unpacked.

    `n_pictures` counts the pictures among the latter; what lies beside the text of an unzipped export is in neither.
    `kind` is `zip` or `text`. `unread` says why it cannot be an export that is read, where that shows already; what
    else may be wrong with it only reading shows.
    """

    path: str
    kind: str
    size_bytes: int
    text_bytes: int = 0
    other_bytes: int = 0
    n_pictures: int = 0
    unread: str | None = None


def measure_export(export: ExportFile) -> Measured:
    """Return how large an export is, from its size and, of a zip, from the sizes that its directory states."""
    name = show_path(export.path)
    try:
        with open_regular(export.path) as file:
            n_bytes = file.seek(0, os.SEEK_END)
            if not is_zip(file):
                unread = None if n_bytes else f"{name}: the file is empty."
                return Measured(name, "text", n_bytes, n_bytes, unread=unread)
            sizes = {x.name: x.n_bytes for x in read_directory(file, name=name).files}
    except EvidenceError as error:
        return Measured(name, "none", 0, unread=str(error))
    names = list(sizes)
    texts = [sizes[names[at]] for at in choose_chat(names, container=name)]
    if not texts:
        return Measured(name, "zip", n_bytes, unread=f"{name}: no chat text (.txt) in the zip.")
    n_pictures = sum(own.lower().endswith(_PICTURES) and size >= _LEAST_BYTES for own, size in sizes.items())
    return Measured(name, "zip", n_bytes, max(texts), sum(sizes.values()) - max(texts), n_pictures)
