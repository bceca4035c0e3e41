"""Header lines and what stands below them become records: messages, and typed events for notices."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl
import regex

from chatforensics.intake import Content
from chatforensics.parsing.bodies import read_bodies
from chatforensics.parsing.grammar import MARKS
from chatforensics.parsing.headers import Rows
from chatforensics.parsing.lines import Offsets, take_slices
from chatforensics.parsing.notices import list_events, read_notices
from chatforensics.parsing.segments import Moments
from chatforensics.parsing.senders import Senders, count_typed
from chatforensics.parsing.sweeps import NO_SENDER
from chatforensics.schema import TABLES, Events, check, empty

MAX_RECORD_BYTES = 1024**2  # WhatsApp's longest message has 65,536 characters
FEW = 1_000  # rows; so few are gone through one by one, as every sweep over a column has a price of its own
_CONTINUATION = 0x80
# A title with a colon splits a notice in two: `Ama changed the subject from "A: b" to "C"`. Its quotation mark is then
# still open at the colon, as it is not in a nickname such as `Robert "Bob" Smith`.
_OPEN_QUOTE = regex.compile(r"[^\"“„«]*(?:\"[^\"]*\"[^\"“„«]*)*(?:\"[^\"]*|[“„][^”“]*|«[^»]*)")
_TITLE_EVENTS = ("created", "subject_changed")
# Notices that name nobody who acts; phones print them in the mouth of the group or of the partner.
_UNNAMED_EVENTS = ("encryption", "security_code_changed", "disappearing_changed", "blocked")
_PEOPLE_EVENTS = ("added", "removed")
_RARE = 2
_PLAIN_EVENTS = ("unknown", "call")


@dataclass(frozen=True)
class Origin:
    """Where records come from: the export, the habits of its platform, and how to name places in the bytes received.

    `marked` says that the file marks what was not typed with U+200E (iOS), `android` that an Android phone wrote it;
    `to_received` turns offsets in the text as UTF-8 into those of the bytes received.
    """

    source_id: str
    marked: bool
    android: bool
    to_received: Callable[[Offsets], Offsets]


@dataclass(frozen=True)
class Plan:
    """What is known of all records of one export before their texts are taken out.

    Columns of equal length, in file order: `text_at` is where the text begins, counted from the record, `record_end`
    the offset behind the record; `is_notice` tells the notices, which have no sender. Offsets are those of the text in
    UTF-8.
    """

    origin: Origin
    rows: Rows
    names: tuple[str, ...]
    sent_s: Moments
    text_at: npt.NDArray[np.int16]
    record_end: Offsets
    is_notice: npt.NDArray[np.bool_]

    def message_ids(self, rows: slice | Offsets) -> npt.NDArray[np.int64]:
        """Return the ids of some records, made of source and offset alone."""
        return number_messages(self.origin.source_id, self.origin.to_received(self.rows.offset[rows]))


def plan_records(
    content: Content, senders: Senders, sent_s: Moments, origin: Origin
) -> tuple[Plan, Events, pl.DataFrame]:
    """Find the notices of an export and where each record begins and ends.

    Args:
        content: the chat text.
        senders: the own header lines and the names.
        sent_s: the local time of each, in seconds.
        origin: where the records come from.

    Returns:
        The plan, the typed events, and the languages of the notices (`language`, `len`), the commonest first.
    """
    rows = senders.rows
    ends = np.append(rows.offset[1:], len(content))
    for row in np.flatnonzero(ends - rows.offset > MAX_RECORD_BYTES).tolist():
        ends[row] = _character_start(content, int(rows.offset[row]) + MAX_RECORD_BYTES)
    notices = _find_notices(content, senders, ends, marked=origin.marked)
    is_notice = np.zeros(len(rows.offset), dtype=bool)
    text_at = rows.body.copy()
    told = notices.filter("is_notice") if notices.height else notices
    if told.height:
        chosen = told["row"].to_numpy()
        is_notice[chosen] = True
        whole = chosen[~told["mouthed"].to_numpy()]
        text_at[whole] = rows.end[whole]
    plan = Plan(origin, rows, senders.names, sent_s, text_at, ends, is_notice)
    return plan, _build_events(told, plan), _count_languages(told)


def _count_languages(told: pl.DataFrame) -> pl.DataFrame:
    if told.is_empty():
        return _no_languages()
    known = told["language"].drop_nulls()
    return known.value_counts(name="len").sort("len", "language", descending=[True, False])


@cache
def _no_languages() -> pl.DataFrame:
    return pl.DataFrame(schema={"language": pl.String, "len": pl.UInt32})


def _character_start(content: Content, offset: int) -> int:
    """Return where the character at an offset begins; bytes that are no character are left as they are."""
    steps = [step for step in range(4) if content[offset - step] & 0xC0 != _CONTINUATION]
    return offset - (steps[0] if steps else 0)


def _find_notices(content: Content, senders: Senders, ends: Offsets, *, marked: bool) -> pl.DataFrame:
    """Find the records that may be notices by their structure, type them, and tell which of them are."""
    rows, names = senders.rows, senders.names
    quoted_names = [number for number, name in enumerate(names) if _OPEN_QUOTE.fullmatch(name)]
    quoted = np.isin(rows.sender, quoted_names)
    told = np.isin(rows.sender, _find_told(rows, names)) & ~quoted
    mouthed = rows.mouthed & marked & ~quoted & ~told
    chosen = np.flatnonzero((rows.sender == NO_SENDER) | quoted | told | mouthed)
    if not len(chosen):
        return _no_notices()
    starts = rows.offset[chosen] + np.where(mouthed[chosen], rows.body[chosen], rows.end[chosen])
    found = pl.DataFrame(
        {
            "row": chosen,
            "candidate": [
                _candidate(raw, whole=whole)
                for raw, whole in zip(take_slices(content, starts, ends[chosen]), mouthed[chosen].tolist(), strict=True)
            ],
            "sender": label_rows(names, rows.sender[chosen]),
            "quoted": quoted[chosen],
            "told": told[chosen],
            "mouthed": mouthed[chosen],
            "silent": _silent(rows, len(names))[rows.sender[chosen]],
        },
        schema_overrides={"candidate": pl.String},
    )
    typed = read_notices(found["candidate"]).rename({"text": "candidate"})
    found = found.join(typed, on="candidate", how="left", maintain_order="left")
    if found["sender"].null_count() == found.height:  # nobody's mouth
        return found.with_columns(is_notice=pl.lit(value=True))
    believable = _is_believable()
    if mouthed.any():
        believable &= ~_is_body(found.filter("mouthed")["candidate"])
    return found.with_columns(is_notice=pl.col("sender").is_null() | believable.fill_null(value=False))


@cache
def _no_notices() -> pl.DataFrame:
    """Return the notices of an export without any."""
    names = ("sender", "candidate")
    flags = ("quoted", "told", "mouthed", "silent", "is_notice")
    typed = read_notices(pl.Series([], dtype=pl.String)).drop("text")
    words, told = (
        pl.DataFrame(schema=dict.fromkeys(some, kind)) for some, kind in ((names, pl.String), (flags, pl.Boolean))
    )
    return pl.concat([pl.DataFrame(schema={"row": pl.Int64}), words, typed, told], how="horizontal")


def _find_told(rows: Rows, names: Sequence[str]) -> list[int]:
    """Find "names" that begin a notice about somebody whose name holds a colon: `Ama added Li` of `Ama added Li: shop`.

    They stand once or twice; somebody may bear such a name, but hardly says so little.
    """
    counts = np.bincount(rows.sender[rows.sender >= 0], minlength=len(names))
    rare = np.flatnonzero((counts > 0) & (counts <= _RARE)).tolist()
    if not rare:
        return []
    distinct = list(dict.fromkeys(names[number] for number in rare))
    told = {name for name, event in zip(distinct, list_events(distinct), strict=True) if event in _PEOPLE_EVENTS}
    return [number for number in rare if names[number] in told]


def _is_body(candidates: pl.Series) -> pl.Expr:
    """Tell media, deleted messages and the like, which stand behind the same mark as notices do."""
    bodies = read_bodies(candidates, marked_file=True)
    told = bodies.filter(~pl.col("kind").is_in(["text", "system"]))["text"]
    return pl.col("mouthed") & pl.col("candidate").is_in(told.implode())


def label_rows(names: Sequence[str], sender: npt.NDArray[np.int32]) -> pl.Series:
    """Return the names by their numbers, null for none."""
    if len(sender) <= FEW:
        some = [*names, None]
        return pl.Series([some[number] for number in sender.tolist()], dtype=pl.String)  # -1 is the last, too
    return pl.Series([*names, None], dtype=pl.String).gather(np.where(sender == NO_SENDER, len(names), sender))


def _candidate(raw: bytes, *, whole: bool) -> str:
    text = raw.decode(errors="replace").rstrip("\r\n")
    return text if whole else text.partition("\n")[0].rstrip("\r")


def _silent(rows: Rows, n_names: int) -> npt.NDArray[np.bool_]:
    """Tell of each name whether it typed nothing itself, as the group does; the last place is for no name at all."""
    return np.append(count_typed(rows, n_names) == 0, [True])


def _is_believable() -> pl.Expr:
    """Tell notices in somebody's mouth from words that somebody typed to look like one.

    U+200E can be typed. A notice stands in the mouth of the group, which types nothing itself, or of a person whom it
    names; a line with unknown words stays that person's message, so that nobody's words are hidden.
    """
    sender = pl.col("sender").str.strip_chars(MARKS + " ")
    named = (pl.col("actor") == sender).fill_null(value=False) | pl.col("targets").list.contains(sender)
    told = ~pl.col("event").is_in(_PLAIN_EVENTS)
    unnamed = pl.col("event").is_in(_UNNAMED_EVENTS)
    one_line = ~pl.col("candidate").str.contains("\n", literal=True)
    mouthed = pl.col("mouthed") & told & one_line & (pl.col("silent") | named | unnamed)
    # Here the whole line was read: a name in it holds a colon.
    about_colon = pl.col("told") & pl.col("event").is_in(_PEOPLE_EVENTS)
    return mouthed | about_colon | (pl.col("quoted") & pl.col("event").is_in(_TITLE_EVENTS))


def _build_events(told: pl.DataFrame, plan: Plan) -> Events:
    if told.is_empty():
        return Events(empty("events"))
    ids = plan.message_ids(told["row"].to_numpy())
    filled = told.with_columns(
        message_id=pl.Series(ids), targets=pl.col("targets").fill_null(pl.lit([], pl.List(pl.String)))
    )
    return Events(check(filled.select(list(TABLES["events"])), table="events"))


def number_messages(source_id: str, byte_starts: Offsets) -> npt.NDArray[np.int64]:
    """Mix source and offset into 53 bits (splitmix64's finaliser), so that ids never change and JSON can hold them."""
    mixed = byte_starts.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(int(source_id, 16))
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)).astype(np.int64)
