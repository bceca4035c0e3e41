"""What phones themselves mark as taken away or changed: deleted and edited messages, disappearing messages."""

from collections import Counter
from collections.abc import Iterator, Mapping

import polars as pl

from chatforensics.integrity.evidence import INFO, Evidence, Indicator, Observation
from chatforensics.integrity.telling import YOU, first_lines, say_count, say_label

_NAMED = 5


def count_marks(evidence: Evidence) -> Iterator[Observation]:
    """Count the messages marked as deleted and as edited, by sender label and by day."""
    if "deleted" in evidence.kinds:
        deleted = evidence.messages.filter(pl.col("kind") == "deleted")
        n_admin = deleted.filter(pl.col("deleted_by") != YOU).height
        by_admin = f"; {n_admin:,} of them by an admin who is named" if n_admin else ""
        yield Observation(INFO, f"{_say_counts(deleted, 'deleted')}{by_admin}.", first_lines(deleted))
    if evidence.messages["edited"].any():
        edited = evidence.messages.filter("edited")
        yield Observation(INFO, f"{_say_counts(edited, 'edited')}.", first_lines(edited))


def _say_counts(rows: pl.DataFrame, what: str) -> str:
    """Say how many messages are marked, whose they are, and on which day most of them were sent."""
    told = f"{say_count(rows.height, 'message')} marked as {what}"
    labels = _count_values(rows["sender_label"])
    some = ", ".join(f"{n:,} of {say_label(label)}" for label, n in labels[:_NAMED])
    rest = sum(n for _, n in labels[_NAMED:])
    told += f": {some}" + (f", {rest:,} of {say_count(len(labels) - _NAMED, 'other')}" if rest else "")
    days = _count_values(rows["sent_local"].dt.strftime("%Y-%m-%d"))
    most = max(days, key=lambda day: day[1], default=None)
    return f"{told}; on {say_count(len(days), 'day')}, most on {most[0]} ({most[1]:,})" if most else told


def _count_values(values: pl.Series) -> list[tuple[str, int]]:
    """Count each value, in the order in which they first stand in the file: nobody is ranked."""
    return list(Counter(value for value in values.to_list() if value is not None).items())


def find_disappearing(evidence: Evidence) -> Iterator[Observation]:
    """Tell the notices by which disappearing messages were switched on, off or to another time."""
    if "disappearing_changed" in evidence.told:
        switched = evidence.notices.filter(pl.col("event") == "disappearing_changed")
        times = switched["sent_local"].drop_nulls().sort()
        span = f", from {times[0]:%Y-%m-%d %H:%M} to {times[-1]:%Y-%m-%d %H:%M}" if len(times) else ""
        value = f"{say_count(switched.height, 'notice')} that disappearing messages were switched{span}."
        yield Observation(INFO, value, first_lines(switched))


REMOVALS: Mapping[str, Indicator] = {
    "I-15": Indicator(
        title="Messages marked as deleted or edited",
        find=count_marks,
        why=(
            "Something else stood there once. A phone prints the mark where the sender or an admin deleted a "
            "message for everybody; one that was deleted on a single phone leaves no mark. Of an edited message "
            "only the last wording is printed. The day is that of the message, not of the deletion."
        ),
        innocent=(
            "People delete and edit all the time: misspellings, wrong chats, second thoughts. On Android the "
            "words of the mark can be typed."
        ),
        resolve="Exports made before the change, by anybody in the chat; notifications and backups of other phones.",
    ),
    "I-16": Indicator(
        title="Disappearing messages",
        find=find_disappearing,
        why=(
            "While disappearing messages are on, messages vanish from the phones after a time and leave no mark. "
            "What is missing in these periods may have vanished by itself; what stands there was sent outside "
            "them, was kept, or was exported in time."
        ),
        innocent="It is a setting that everybody in a chat may change, and a default for new chats on some phones.",
        resolve="Exports made while the messages were still there; messages that members chose to keep.",
    ),
}
