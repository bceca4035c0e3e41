"""Which file belongs to which message: the names that the text prints against the files that came with it."""

import polars as pl

from chatforensics.intake import Attachment, ChatText
from chatforensics.schema import TABLES, Attachments, check, empty

# Marks that phones print around a name and that no file's name keeps.
_MARKS = "[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"


def build_attachments(messages: pl.DataFrame, chat: ChatText) -> Attachments:
    """Tie each file name printed in a message to the file of that name, and list what is left on both sides.

    That a file is what was sent in the chat, nobody can tell from the export: names and files can be changed. A file
    may be missing because the text was passed on alone, the phone no longer had it, or it could be viewed once only.

    Names are compared exactly first; what is left then in one Unicode form (NFC) and without direction marks. The
    folders before a file's own name do not count, and no name is ever used as a path.

    Args:
        messages: the export's messages, with `message_id` and `attachment`.
        chat: the export as `intake` read it.

    Returns:
        One row per message that prints a name, in their order, then the files that are tied to no message, by name.
        `status` is
        `tied`: one message prints the name, one file bears it;
        `ambiguous`: several messages print it or several files bear it (these follow, without a message; the message
        has size and hash if all files agree);
        `missing`: no such file came with the text;
        `orphan`: no message prints the file's name.
        `file` is the name as stored, else as printed. A null `sha256` beside a file: it was not read.
    """
    if not chat.attachments and messages["attachment"].null_count() == messages.height:
        return Attachments(empty("attachments"))
    files, printed = _list_files(chat.attachments), _list_printed(messages)
    files, printed = _add_key(files, other=printed), _add_key(printed, other=files)
    by_message = _describe_printed(printed, files)
    by_file = _describe_files(files, printed)
    table = pl.concat([by_message, by_file]).with_columns(source_id=pl.lit(chat.source_id))
    return Attachments(check(table.select(list(TABLES["attachments"])), table="attachments"))


def _list_files(attachments: tuple[Attachment, ...]) -> pl.DataFrame:
    rows = [(x.name, x.size_bytes, x.sha256) for x in attachments]
    schema = {name: TABLES["attachments"][name] for name in ("file", "size_bytes", "sha256")}
    files = pl.DataFrame(rows, schema=schema, orient="row").sort("file", "sha256", "size_bytes")
    return files.with_columns(own=pl.col("file").str.extract(r"([^/\\]*)$", 1))


def _list_printed(messages: pl.DataFrame) -> pl.DataFrame:
    return messages.filter(pl.col("attachment").is_not_null()).select("message_id", own="attachment")


def _add_key(frame: pl.DataFrame, *, other: pl.DataFrame) -> pl.DataFrame:
    """Add what the name is compared by: itself where the other side has it exactly so, else its folded form."""
    folded = pl.col("own").str.normalize("NFC").str.replace_all(_MARKS, "").str.strip_chars(" ")
    exact = pl.col("own").is_in(other["own"].unique().implode())
    return frame.with_columns(key=pl.when(exact).then(pl.lit("=") + pl.col("own")).otherwise(pl.lit("~") + folded))


def _describe_printed(printed: pl.DataFrame, files: pl.DataFrame) -> pl.DataFrame:
    # Counted per name first: a join of messages with files would grow with the product of namesakes.
    agreed = (pl.col("sha256").n_unique() == 1) & pl.col("sha256").is_not_null().all()
    known = (pl.len() == 1) | agreed
    found = files.group_by("key").agg(
        n_files=pl.len(),
        file=pl.when(pl.len() == 1).then(pl.col("file").first()),
        size_bytes=pl.when(known).then(pl.col("size_bytes").first()),
        sha256=pl.when(known).then(pl.col("sha256").first()),
    )
    counted = printed.with_columns(n_messages=pl.len().over("key"))
    rows = counted.join(found, on="key", how="left", maintain_order="left")
    one_to_one = (pl.col("n_files") == 1) & (pl.col("n_messages") == 1)
    status = pl.when(pl.col("n_files").is_null()).then(pl.lit("missing")).when(one_to_one).then(pl.lit("tied"))
    return rows.select(
        "message_id",
        "size_bytes",
        "sha256",
        file=pl.coalesce("file", "own"),
        status=status.otherwise(pl.lit("ambiguous")),
    )


def _describe_files(files: pl.DataFrame, printed: pl.DataFrame) -> pl.DataFrame:
    named = pl.col("key").is_in(printed["key"].unique().implode())
    left = files.filter(~named | (pl.len().over("key") > 1))
    return left.select(
        "size_bytes",
        "sha256",
        "file",
        message_id=pl.lit(None, pl.Int64),
        status=pl.when(named).then(pl.lit("ambiguous")).otherwise(pl.lit("orphan")),
    ).select("message_id", "size_bytes", "sha256", "file", "status")
