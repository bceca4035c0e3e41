"""The files that came with an export, as a table."""

import polars as pl

from chatforensics.intake import ChatText, MemberFacts
from chatforensics.schema import TABLES, Members, check


def build_members(chat: ChatText) -> Members:
    """List the files of an export: of a zip itself and all it holds, else the text and the media found beside it.

    What a zip states of its files (who packed them, how and when) shows the last packing only, and anybody can write
    it.

    Args:
        chat: the export as `intake` read it.

    Returns:
        One row per file, a zip and its folders included, in the order in which they lie; `position` counts from 1, and
        the zip itself has 0. `role` is container, chat, text (another text with a phone's name for an export), sent (a
        name that WhatsApp gives to files sent in a chat), added (by a computer), folder or other. From `packed_bytes`
        to `modified_at` stands what the zip states; null outside of a zip. `modified_local` is the packer's wall clock
        in steps of two seconds, `modified_at` the same moment in UTC. `magic` has the first bytes in hex; with `exif`
        (whether there is such a block; null if it is no JPEG), `software` and `taken_local` it is null where the file
        was not read, and for the chat text. `unread` says why a file could not be read. `oddities` are of the kinds
        that `chatforensics.intake.oddities.Oddity` lists.
    """
    first = 0 if any(facts.role == "container" for facts in chat.members) else 1
    rows = [
        {"source_id": chat.source_id, "position": position, **_describe(facts)}
        for position, facts in enumerate(chat.members, start=first)
    ]
    return Members(check(pl.DataFrame(rows, schema=dict(TABLES["members"])), table="members"))


def _describe(facts: MemberFacts) -> dict[str, object]:
    row: dict[str, object] = {
        name: getattr(facts, name)
        for name in ("name", "role", "size_bytes", "packed_bytes", "crc32", "method", "unread")
    }
    row["oddities"] = [{"kind": oddity.kind, "n": oddity.n} for oddity in facts.oddities]
    if (stated := facts.stated) is not None:
        names = ("flags", "create_system", "create_version", "extract_version", "modified_local", "modified_at")
        row |= {name: getattr(stated, name) for name in names}
        row["extra_ids"] = list(stated.extra_ids)
    if (look := facts.look) is not None:
        row |= {"magic": look.magic.hex(), "exif": look.exif is not None if look.jpeg else None}
        row |= {"software": look.exif.software, "taken_local": look.exif.taken_local} if look.exif else {}
    return row
