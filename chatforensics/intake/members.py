"""What is known of each file that came with an export, for the table `members`."""

from collections.abc import Iterable
from dataclasses import dataclass

from chatforensics.intake.chatnames import is_added_by_computer, is_chat_name, is_sent_file, is_text, last_part
from chatforensics.intake.directory import Directory, Member
from chatforensics.intake.exif import HEAD_BYTES, Exif, read_exif
from chatforensics.intake.oddities import Oddity, odd_names
from chatforensics.intake.zipfields import Stated

MAGIC_BYTES = 16


@dataclass(frozen=True)
class Look:
    """How a file begins, where it was read: its first bytes, whether it is a JPEG, and its Exif block if it has one."""

    magic: bytes
    jpeg: bool
    exif: Exif | None


@dataclass(frozen=True)
class MemberFacts:
    """One file that came with an export, the chat text and the zip itself among them.

    `role` is `container` (the zip), `chat` (the chat text), `text` (another text with a phone's name for an export),
    `sent` (a name that WhatsApp gives to files sent in a chat), `added` (put there by a computer), `folder` or `other`.
    `unread` says why its content could not be read. The fields of a zip are None for a file outside of one.
    """

    name: str
    role: str
    size_bytes: int
    packed_bytes: int | None = None
    crc32: int | None = None
    method: int | None = None
    stated: Stated | None = None
    look: Look | None = None
    unread: str | None = None
    oddities: tuple[Oddity, ...] = ()


def look_at(head: bytes) -> Look:
    """Keep of a file's first bytes what tells its kind and making."""
    return Look(head[:MAGIC_BYTES], head.startswith(b"\xff\xd8\xff"), read_exif(head))


def gather_head(head: bytearray, chunk: bytes) -> None:
    """Add to a file's first bytes until there are enough."""
    head += chunk[: HEAD_BYTES - len(head)]


def role_of(name: str) -> str:
    """Tell by its name what a file beside the chat text is."""
    if is_added_by_computer(name):
        return "added"
    if is_sent_file(name):
        return "sent"
    return "text" if is_text(name) and is_chat_name(name) else "other"


@dataclass(frozen=True)
class Reading:
    """What reading one file of a zip gave: how it begins, or why it could not be read."""

    look: Look | None = None
    unread: str | None = None


def describe_zip(
    directory: Directory, *, name: str, size_bytes: int, chat: Member, readings: dict[int, Reading]
) -> tuple[MemberFacts, ...]:
    """Return the zip itself, then its files and folders in the order in which they lie.

    Args:
        directory: what the zip lists.
        name: the zip's own name.
        size_bytes: the zip's size.
        chat: the chat text among the files.
        readings: what reading gave, by the file's position; the chat text is not among them.
    """
    everything = sorted((*directory.files, *directory.folders), key=lambda member: member.stated.position)
    odd = odd_names([member.name for member in everything])
    folders = {member.stated.position for member in directory.folders}
    facts = [MemberFacts(last_part(name), "container", size_bytes, oddities=directory.oddities)]
    for member, oddities in zip(everything, odd, strict=True):
        role = "chat" if member is chat else "folder" if member.stated.position in folders else role_of(member.name)
        facts.append(_describe(member, role, readings.get(member.stated.position, Reading()), oddities))
    return tuple(facts)


def _describe(member: Member, role: str, reading: Reading, oddities: Iterable[Oddity]) -> MemberFacts:
    return MemberFacts(
        name=member.name,
        role=role,
        size_bytes=member.n_bytes,
        packed_bytes=member.n_packed,
        crc32=member.crc,
        method=member.method,
        stated=member.stated,
        look=reading.look,
        unread=reading.unread,
        oddities=(*oddities, *member.stated.differing),
    )
