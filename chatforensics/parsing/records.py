"""Header lines and the lines below them become records: messages, and typed events for notices."""

import numpy as np
import polars as pl

from chatforensics.parsing.bodies import UNTYPED_START, load_wordings, read_body
from chatforensics.parsing.grammar import MARKS
from chatforensics.parsing.notices import read_notice
from chatforensics.schema import TABLES, Events, Messages, check, empty

# A title with a colon splits a notice in two: `Ama changed the subject from "A: b" to "C"`. Its quotation mark is then
# still open at the colon, as it is not in a nickname such as `Robert "Bob" Smith`.
_OPEN_QUOTE = r"^[^\"“„]*(?:\"[^\"]*\"[^\"“„]*)*(?:\"[^\"]*|[“„][^”]*)$"
_TITLE_EVENTS = ("created", "subject_changed")
# Notices that name nobody who acts; phones print them in the mouth of the group or of the partner.
_UNNAMED_EVENTS = ("encryption", "security_code_changed", "disappearing_changed", "blocked")


def build_records(
    lines: pl.DataFrame, stamped: pl.DataFrame, *, source_id: str, marked_file: bool
) -> tuple[Messages, Events]:
    """Build the messages and events of one export from its lines and stamped header lines.

    Args:
        lines: `read_lines(...)`.
        stamped: header lines with `row`, `rest` and `sent_local`, in file order.
        source_id: the export.
        marked_file: the file marks what was not typed with U+200E (iOS).
    """
    records = _split_sender(stamped)
    records = _add_text(records, lines)
    records = _add_spans(records, lines, source_id=source_id)
    records, events = _type_notices(records, marked_file=marked_file)
    records = _type_bodies(records, marked_file=marked_file)
    missing = [
        pl.lit(None, kind).alias(name) for name, kind in TABLES["messages"].items() if name not in records.columns
    ]
    records = records.with_columns(missing).select(list(TABLES["messages"]))
    return Messages(check(records, table="messages")), events


def _split_sender(stamped: pl.DataFrame) -> pl.DataFrame:
    """Split what stands behind the stamp into sender and first line of the text; no sender means a notice."""
    halves = stamped["rest"].str.splitn(": ", 2).struct.unnest()
    senders = halves["field_0"].to_frame("sender").with_columns(first=halves["field_1"])
    records = stamped.select("row", "rest", "sent_local").hstack(senders)
    known = records.filter(pl.col("first").is_not_null())["sender"].unique()
    records = records.with_columns(
        # A colon that ends the line, or stands right behind a sender seen elsewhere, also divides.
        bare_sender=pl.when(pl.col("first").is_null() & pl.col("rest").str.contains(":", literal=True)).then(
            pl.col("rest").str.extract(r"^([^:]{1,120}):", 1)
        )
    )
    bare = pl.col("bare_sender").is_in(known.implode()) | pl.col("rest").str.ends_with(":")
    use_bare = pl.col("bare_sender").is_not_null() & bare
    return records.with_columns(
        first=pl.when(use_bare)
        .then(pl.col("rest").str.slice(pl.col("bare_sender").str.len_chars() + 1))
        .otherwise("first"),
        sender_label=pl.when(use_bare).then("bare_sender").when(pl.col("first").is_not_null()).then("sender"),
    ).drop("bare_sender", "sender")


def _add_text(records: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Add the text: the rest of the header line and all lines below it, their line breaks as they were."""
    rows = records["row"].to_numpy().astype(np.int64)
    records = records.with_columns(text=pl.coalesce("first", "rest")).drop("first")
    below = np.ones(lines.height, dtype=bool)
    below[rows] = False
    below[: rows[0]] = False
    if not below.any():
        return records
    owners = np.searchsorted(rows, np.flatnonzero(below), side="right") - 1
    # Every line break inside a body is the one that ends the line before.
    breaks = np.where(lines["cr"].to_numpy()[np.flatnonzero(below) - 1], "\r\n", "\n")
    tails = (
        lines.select("text")
        .filter(pl.Series(below))
        .select(record=pl.Series(owners.astype(np.uint32)), tail=pl.Series(breaks) + pl.col("text"))
        .group_by("record", maintain_order=True)
        .agg(pl.col("tail").str.join(""))
    )
    joined = records.with_row_index("record").join(tails, on="record", how="left", maintain_order="left")
    text = pl.when(pl.col("tail").is_not_null()).then(pl.col("text") + pl.col("tail")).otherwise("text")
    return joined.with_columns(text=text).drop("record", "tail")


def _add_spans(records: pl.DataFrame, lines: pl.DataFrame, *, source_id: str) -> pl.DataFrame:
    rows = records["row"].to_numpy()
    starts = lines["byte_start"].to_numpy()[rows]
    ends = np.append(starts[1:], lines["byte_end"][-1])
    return records.with_columns(
        line=pl.col("row").cast(pl.Int64) + 1,
        byte_start=pl.Series(starts),
        byte_end=pl.Series(ends),
        source_id=pl.lit(source_id),
        message_id=pl.Series(_message_ids(source_id, starts)),
    ).drop("row")


def _message_ids(source_id: str, byte_starts: np.ndarray) -> np.ndarray:
    """Mix source and offset into 53 bits (splitmix64's finaliser), so that ids never change and JSON can hold them."""
    mixed = byte_starts.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(int(source_id, 16))
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)).astype(np.int64)


def _type_notices(records: pl.DataFrame, *, marked_file: bool) -> tuple[pl.DataFrame, Events]:
    """Find notices by structure, then type each distinct one."""
    sender = pl.col("sender_label")
    quoted = sender.is_not_null() & sender.str.contains(_OPEN_QUOTE)
    mouthed = pl.lit(marked_file) & sender.is_not_null() & pl.col("text").str.starts_with("\u200e")
    # The whole line is the notice where the "sender" is only the part of it before a colon in a quoted title.
    records = records.with_columns(
        quoted=quoted.fill_null(value=False),
        candidate=pl.when(sender.is_null() | quoted).then("rest").when(mouthed).then("text"),
        certain=sender.is_null(),
    )
    texts = records.filter(pl.col("candidate").is_not_null())["candidate"].unique().sort()
    records = records.join(_type_distinct(texts), on="candidate", how="left", maintain_order="left")
    is_notice = pl.col("certain") | _is_believable(records).fill_null(value=False)
    records = records.with_columns(is_notice=is_notice)
    events = _build_events(records.filter("is_notice"))
    records = records.with_columns(
        kind=pl.when("is_notice").then(pl.lit("system")),
        text=pl.when(pl.col("is_notice") & pl.col("quoted")).then("rest").otherwise("text"),
        sender_label=pl.when(~pl.col("is_notice")).then("sender_label"),
    )
    used = ("candidate", "certain", "quoted", "event", "actor", "targets", "old", "new", "is_notice", "rest")
    return records.drop(used), events


def _is_believable(records: pl.DataFrame) -> pl.Expr:
    """Tell notices in somebody's mouth from words that somebody typed to look like one.

    U+200E can be typed. A notice stands in the mouth of the group, which types nothing itself, or of a person whom it
    names; a line with unknown words stays that person's message, so that nobody's words are hidden.
    """
    typed = records.filter(pl.col("sender_label").is_not_null() & ~pl.col("text").str.starts_with("\u200e"))
    silent = ~pl.col("sender_label").is_in(typed["sender_label"].unique().implode())
    sender = pl.col("sender_label").str.strip_chars(MARKS + " ")
    named = (pl.col("actor") == sender).fill_null(value=False) | pl.col("targets").list.contains(sender)
    told = ~pl.col("event").is_in(["unknown", "call"])
    unnamed = pl.col("event").is_in(_UNNAMED_EVENTS)
    one_line = ~pl.col("text").str.contains("\n", literal=True)
    mouthed = ~pl.col("quoted") & told & one_line & (silent | named | unnamed)
    return mouthed | (pl.col("quoted") & pl.col("event").is_in(_TITLE_EVENTS))


def _type_distinct(texts: pl.Series) -> pl.DataFrame:
    """Type each distinct candidate once."""
    notices = [read_notice(text) for text in texts]
    rows = [(text, n.event, n.actor, list(n.targets), n.old, n.new) for text, n in zip(texts, notices, strict=True)]
    events = TABLES["events"]
    schema = {"candidate": pl.String, **{name: events[name] for name in ("event", "actor", "targets", "old", "new")}}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _build_events(notices: pl.DataFrame) -> Events:
    if notices.is_empty():
        return Events(empty("events"))
    filled = notices.with_columns(targets=pl.col("targets").fill_null(pl.lit([], pl.List(pl.String))))
    return Events(check(filled.select(list(TABLES["events"])), table="events"))


def _type_bodies(records: pl.DataFrame, *, marked_file: bool) -> pl.DataFrame:
    """Tell media, deleted and other untyped bodies from typed text: read each distinct candidate once."""
    needles = list(load_wordings().needles)
    open_body = pl.col("kind").is_null()
    suspect = pl.col("text").str.contains_any(needles, ascii_case_insensitive=True)
    suspect |= pl.col("text").str.contains(UNTYPED_START)
    records = records.with_columns(candidate=pl.when(open_body & suspect).then("text"))
    texts = records["candidate"].drop_nulls().unique().sort()
    bodies = [read_body(text, marked_file=marked_file) for text in texts]
    rows = [(text, x.kind, x.text, x.attachment, x.edited) for text, x in zip(texts, bodies, strict=True)]
    names = ("candidate", "body_kind", "body_text", "attachment", "edited")
    kinds = (pl.String, pl.String, pl.String, pl.String, pl.Boolean)
    typed = pl.DataFrame(rows, schema=dict(zip(names, kinds, strict=True)), orient="row")
    records = records.join(typed, on="candidate", how="left", maintain_order="left")
    plain = pl.when(pl.col("text") != "").then("text")
    return records.with_columns(
        kind=pl.coalesce("kind", "body_kind", pl.lit("text")),
        text=pl.when(pl.col("body_kind").is_not_null()).then("body_text").otherwise(plain),
        edited=pl.col("edited").fill_null(value=False),
    ).drop("candidate", "body_kind", "body_text")
