"""Names that a notice lists, put together again where a name of the phone's address book holds a comma or an "and"."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from chatforensics.joining.records import plain_label
from chatforensics.schema import Events
from chatforensics.text import INVISIBLE

_MARKS = dict.fromkeys(map(ord, INVISIBLE))


def rejoin_targets(events: Events, texts: pl.DataFrame, phones: pl.DataFrame, known: pl.DataFrame) -> Events:
    """Return the notices with targets that are one label of that phone made one again.

    "Hartley, Farida" in a list of names may be one person or two. It is one where the phone shows just this as the name
    of somebody who posts or acts, or of a chat, and not both parts as well; otherwise nothing tells, and two they stay.

    Args:
        events: Typed notices.
        texts: `message_id`, `text` of the notices of `list_several`.
        phones: The phone of each notice: `message_id`, `phone`.
        known: What each phone shows as the name of somebody who posts, or of a chat: `phone`, `label`.
    """
    several = events.filter(_has_several())
    if several.is_empty():
        return events
    names = _list_known(events, phones, known)
    listed = several.join(phones, on="message_id").join(texts, on="message_id")
    found = {
        message: _rejoin(targets, text or "", names.get(phone, frozenset()))
        for message, targets, phone, text in listed.select("message_id", "targets", "phone", "text").iter_rows()
    }
    told = pl.DataFrame(
        {"message_id": list(found), "found": list(found.values())},
        schema={"message_id": pl.Int64, "found": pl.List(pl.String)},
    )
    joined = events.join(told, on="message_id", how="left", maintain_order="left")
    return Events(joined.with_columns(targets=pl.coalesce("found", "targets")).drop("found"))


def list_several(events: Events) -> pl.Series:
    """Return the `message_id` of the notices with several targets."""
    return events.filter(_has_several())["message_id"]


def _has_several() -> pl.Expr:
    return pl.col("targets").list.len() > 1


def _list_known(events: Events, phones: pl.DataFrame, known: pl.DataFrame) -> Mapping[str, frozenset[str]]:
    """Return the labels of each phone that post or act in a notice, and what its chats are called."""
    actors = events.select("message_id", label="actor").drop_nulls().join(phones, on="message_id")
    called = pl.concat([known.select("phone", "label").drop_nulls(), actors.select("phone", "label").unique()])
    kept = called.with_columns(plain_label(pl.col("label"))).unique().group_by("phone").agg("label")
    return {phone: frozenset(names) for phone, names in kept.iter_rows()}


def _rejoin(targets: Sequence[str], text: str, known: frozenset[str]) -> list[str]:
    """Put together the longest runs of targets that stand in the text as one known label."""
    words, out, place = text.translate(_MARKS), list[str](), 0
    plain = [target.translate(_MARKS).strip() for target in targets]
    while place < len(targets):
        ends = [end for end in range(len(targets) - 1, place, -1) if not known.issuperset(plain[place : end + 1])]
        runs = ((end, run) for end in ends for run in _cut(words, plain[place], plain[end]) if run in known)
        end, label = next(runs, (place, targets[place]))
        out.append(label)
        place = end + 1
    return out


def _cut(words: str, first: str, last: str) -> Iterator[str]:
    """Yield what stands in the text from each place of the first name to the end of the last name after it."""
    start = words.find(first)
    while start >= 0:
        end = words.find(last, start + len(first))
        if end >= 0:
            yield words[start : end + len(last)]
        start = words.find(first, start + 1)
