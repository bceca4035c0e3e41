"""What is told of one export as received: its facts in plain JSON, and in words what it cannot show."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from chatforensics.casefile import Original
from chatforensics.report.language import Phrase, say, say_count
from chatforensics.report.sightings import print_times
from chatforensics.workflow.viewrows import MINUTE_S

if TYPE_CHECKING:
    from chatforensics.joining import Joined
    from chatforensics.parsing import Parsed

MOST_REJECTS = 100
_ORDERS = {
    "dmy": say("day, month, year"),
    "mdy": say("month, day, year"),
    "ymd": say("year, month, day"),
}
_AS_READ = (
    "platform", "header_format", "date_order", "date_order_verdict", "date_order_evidence", "clock_step_s", "timezone",
    "n_messages", "n_rejects", "n_quoted", "n_doubtful",
)  # fmt: skip


def describe_received(
    original: Original, parsed: "Parsed", joined: "Joined", *, notes: Sequence[str], seen: pl.DataFrame
) -> dict[str, Any]:
    """Return what is known of one export as received, in plain JSON.

    Times are those of the export's own clock, no finer than it.

    Args:
        original: the file in the case.
        parsed: the export as parsed.
        joined: the export joined with nothing.
        notes: what reading it told besides.
        seen: what looking at it by itself showed: the table `indicators`.
    """
    source, chat = parsed.sources.row(0, named=True), joined.chats.row(0, named=True)
    media = _count_media(parsed)
    first, last = _print_ends(parsed)
    levels = {str(level): int(n) for level, n in sorted(seen.group_by("level").len().iter_rows())}
    return {
        **{key: source[key] for key in _AS_READ},
        "source_id": original.source_id,
        "source": "S1",
        "name": original.shown,
        "path": original.shown,
        "folder": original.folder,
        "size": original.size_bytes,
        "sha256": original.sha256,
        "added_at": original.added_at,
        "minimised": original.minimised is not None,
        "chat": source["chat_title"] or original.shown,
        "chat_title": source["chat_title"],
        "chat_kind": chat["kind"],
        "first": first,
        "last": last,
        "n_people": joined.people.height,
        "n_notices": parsed.messages.filter(pl.col("kind") == "system").height,
        "n_by_level": levels,
        "media": media,
        "dates": tell_dates(source["date_order"], source["date_order_verdict"]),
        "rejects": parsed.rejects.select("line", "byte_start", "byte_end", "reason").head(MOST_REJECTS).to_dicts(),
        "notes": list(notes),
        "doubts": [str(words) for words in _list_doubts(source, media, notes)],
        "cannot": [str(words) for words in _list_cannot(source, media)],
    }


def tell_dates(order: str | None, verdict: str | None) -> str:
    """Say in words how the dates of an export are read, and how surely."""
    read = _ORDERS.get(order or "", say("unknown"))
    if verdict == "ambiguous":
        return say(
            "Its dates are read as {order}, but nothing in it decides between this and another order. Look at the chat "
            "on the phone, and declare the right one.",
            order=read,
        )
    if verdict == "declared":
        return say("Its dates are read as {order}, as was declared.", order=read)
    if verdict == "likely":
        return say("Its dates are likely {order}; another order can be declared.", order=read)
    return say("Its dates are {order}: no other order fits all of them.", order=read)


def _print_ends(parsed: "Parsed") -> tuple[str | None, str | None]:
    times = parsed.messages.select(first=pl.col("sent_local").min(), last=pl.col("sent_local").max())
    step = parsed.sources["clock_step_s"][0]
    shown = times.with_columns(clock_step_s=pl.lit(step, pl.Int32)).select(
        first=print_times("first"), last=print_times("last")
    )
    first, last = shown.row(0)
    return first, last


def _count_media(parsed: "Parsed") -> dict[str, Any]:
    """Count the messages with media, and of the files that the export names those that came with it and those lost."""
    kept = parsed.attachments.filter(pl.col("message_id").is_not_null())
    counts = dict(kept.group_by("status").len().iter_rows())
    missing = int(counts.get("missing", 0))
    n = parsed.messages.filter(pl.col("kind").is_in(["media", "view_once"])).height
    there = kept.height - missing
    return {"n": n, "n_files": there, "n_missing": missing, "present": there > 0}


def _list_doubts(source: dict[str, Any], media: dict[str, Any], notes: Sequence[str]) -> Iterator[str]:
    if source["n_rejects"]:
        yield _count(
            source["n_rejects"],
            "{n} stretch of the file belongs to no message; it is kept and listed.",
            "{n} stretches of the file belong to no message; they are kept and listed.",
        )
    if source["n_doubtful"]:
        yield _count(
            source["n_doubtful"],
            "{n} line can be read in two ways; it is listed with both.",
            "{n} lines can be read in two ways; they are listed with both.",
        )
    if media["n_missing"]:
        yield _count(
            media["n_missing"],
            "{n} file that the chat names did not come with it.",
            "{n} files that the chat names did not come with it.",
        )
    yield from notes


def _count(n: int, one: str, many: str) -> Phrase:
    return say_count(n, one, many)


def _list_cannot(source: dict[str, Any], media: dict[str, Any]) -> Iterator[str]:
    """Yield what one export cannot show, the general first, then what this one lacks."""
    yield say("It does not show that a message was sent, delivered or read: an export is a text that anyone can edit.")
    yield say("It does not show who held the phone: names are those in the address book of whoever made it.")
    yield say(
        "It does not hold words that were deleted or edited away before it was made, and may begin later than the chat "
        "did."
    )
    yield say("It alone does not show that other phones have the same messages: ask another member for their export.")
    if source["timezone"] is None:
        yield say("It does not say in which time zone its clock was, nor that the clock was right.")
    if source["clock_step_s"] is None or source["clock_step_s"] >= MINUTE_S:
        yield say("It prints no seconds: no time here is finer than a minute.")
    if media["n"] and not media["present"]:
        yield say("It came without media: what pictures, voice notes and videos say is not in it.")
    if media["present"]:
        yield say("Words in its pictures are not read at this first look; voice notes and videos are never opened.")
