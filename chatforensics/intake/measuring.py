"""How much an export holds, told by the file system and by the directory of its zip: no message is read."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from chatforensics.errors import EvidenceError
from chatforensics.intake import archives
from chatforensics.intake.content import check_size, open_regular, show_path
from chatforensics.intake.directory import Member, is_zip, read_directory
from chatforensics.intake.folders import ExportFile
from chatforensics.intake.kinds import HEAD_BYTES, may_be_picture, say_no_text


@dataclass(frozen=True, slots=True)
class Measured:
    """One export by its size: `text_bytes` of chat text, `other_bytes` of the other files in its zip, both unpacked.

    `n_pictures` counts the pictures among the latter; what lies beside the text of an unzipped export is in neither,
    nor what a run would not read. `kind` is `zip` or `text`, and `none` of what cannot be read: `unread` says why,
    where that shows already; what else may be wrong with it only reading shows.
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
    name, n_bytes = show_path(export.path), 0
    try:
        with open_regular(export.path) as file:
            n_bytes = file.seek(0, os.SEEK_END)
            check_size(export.path, n_bytes)
            return _measure_zip(file, name, n_bytes) if is_zip(file) else _measure_text(file, name, n_bytes)
    except EvidenceError as error:
        return Measured(name, "none", n_bytes, unread=str(error))


def _measure_text(file: BinaryIO, name: str, n_bytes: int) -> Measured:
    file.seek(0)
    head = file.read(HEAD_BYTES)
    why = say_no_text(head) if head else "the file is empty"
    return (
        Measured(name, "none", n_bytes, unread=f"{name}: {why}.") if why else Measured(name, "text", n_bytes, n_bytes)
    )


def _measure_zip(file: BinaryIO, name: str, n_bytes: int) -> Measured:
    """Add up what a run would read of a zip, under the limits that hold for a run.

    Raises:
        UnreadableExport: no readable zip, or no chat text in it.
    """
    members = read_directory(file, name=name).files
    chat = archives.choose_member(members, name=name)
    if refused := archives.refuse_stated(chat, most=archives.MAX_TEXT_BYTES):
        return Measured(name, "none", n_bytes, unread=f"{name}: {refused.args[0]}. {refused.hint}")
    others = _readable([member for member in members if member is not chat])
    n_pictures = sum(may_be_picture(member.name, member.n_bytes) for member in others)
    return Measured(name, "zip", n_bytes, chat.n_bytes, sum(member.n_bytes for member in others), n_pictures)


def _readable(members: Sequence[Member]) -> list[Member]:
    """Return the files that may be read: what goes over the limit of all together is not."""
    readable: list[Member] = []
    left = archives.MAX_TOTAL_BYTES
    for member in sorted(members, key=lambda member: (member.name, member.data_at)):
        if archives.refuse_stated(member, most=left) is None:
            readable.append(member)
            left -= member.n_bytes
    return readable
