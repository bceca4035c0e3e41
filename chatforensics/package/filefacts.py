"""Takes out of the table `members` what would let somebody try out guesses of what was redacted."""

from collections.abc import Mapping

import polars as pl

from chatforensics.package.dossier import Tables
from chatforensics.package.withholding import Withheld

# A checksum or a packed size tells of each guess whether it is right; size and moments of a chat text are what it
# takes to make its zip anew and compare that with the hash of the export.
_OF_ANY = ("crc32", "packed_bytes")
_OF_CHATS = ("size_bytes", "modified_local", "modified_at")
_STAYING = frozenset({"source_id", "position", "role"})
_CHAT_ROLES = ("chat", "text")


def empty_members(members: pl.DataFrame, *, tables: Tables, withheld: Withheld) -> pl.DataFrame:
    """Return the redacted table `members` without checksums, and without what a withheld message's files are.

    The hash and size of a whole export stay, as they name what was received.

    Args:
        members: After redaction, its rows in their places.
        tables: Of the dossier before redaction.
        withheld: The messages that are withheld.
    """
    of_chat = pl.col("role").is_in(_CHAT_ROLES).fill_null(value=False)
    members = members.with_columns(pl.lit(None, members.schema[name]).alias(name) for name in _OF_ANY)
    members = members.with_columns(pl.when(~of_chat).then(pl.col(name)).alias(name) for name in _OF_CHATS)
    hidden = _list_hidden(tables, withheld)
    if not hidden:
        return members
    tokens = [hidden.get(key) for key in tables["members"].select("source_id", "name").iter_rows()]
    token = pl.Series("token", tokens, dtype=pl.String)
    gone = [name for name in members.columns if name not in _STAYING and name != "name"]
    members = members.with_columns(token).with_columns(pl.coalesce("token", "name").alias("name"))
    emptied = (pl.when(pl.col("token").is_null()).then(pl.col(name)).alias(name) for name in gone)
    return members.with_columns(emptied).drop("token")


def _list_hidden(tables: Tables, withheld: Withheld) -> Mapping[tuple[str, str], str]:
    """Return what stands in for each file of a withheld message, by export and name."""
    found: dict[tuple[str, str], str] = {}
    for table, column in (("messages", "attachment"), ("attachments", "file"), ("pictures", "file")):
        if table in tables and (here := withheld.in_frame(tables[table])):
            rows = tables[table].select("message_id", "source_id", column).drop_nulls().iter_rows()
            found |= {(source, name): here[number].token for number, source, name in rows if number in here}
    return found
