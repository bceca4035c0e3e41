"""The times that a zip states of its files: against the messages, against each other, and against UTC."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from chatforensics.integrity.evidence import INFO, UNEXPLAINED, Evidence, Indicator, Observation
from chatforensics.integrity.offsets import nearest_quarter, say_offset
from chatforensics.integrity.telling import say_count, say_labels

_FIRST_YEAR = 1981  # what has no time is dated to the first days of 1980
_ZONES_APART = timedelta(hours=26)  # no two zones differ by more
_SAME_PACKING = timedelta(hours=1)
_STEP = timedelta(seconds=2)  # in which a zip states local times
_FARTHEST_ZONE = timedelta(hours=14)
_FEW = 2


def _states_times(evidence: Evidence) -> bool:
    return evidence.members["modified_local"].null_count() < evidence.members.height


def _dated(evidence: Evidence) -> pl.DataFrame:
    """Return the files of the zip that state a time."""
    return evidence.members.filter((pl.col("modified_local").dt.year() >= _FIRST_YEAR) & (pl.col("role") != "folder"))


def compare_times(evidence: Evidence) -> Iterator[Observation]:
    """Compare the chat text's time in the zip with the last message and with the other files (I-31)."""
    if not _states_times(evidence):
        return
    dated = _dated(evidence)
    texts = dated.filter(pl.col("role") == "chat")["modified_local"].to_list()
    last = evidence.messages["sent_local"].max()
    if not texts or not isinstance(last, datetime):
        return
    written: datetime = texts[0]
    yield _compare_with_last(written, last, sure=evidence.source["date_order_verdict"] != "ambiguous")
    sent = dated.filter(pl.col("role").is_in(["sent", "other"]))
    late = sent.filter(pl.col("modified_local") > written + _SAME_PACKING)
    if late.height:
        names = say_labels(late["name"].to_list(), most=3)
        yield Observation(
            UNEXPLAINED,
            f"{say_count(late.height, 'file is', 'files are')} dated more than an hour after the chat text, the latest "
            f"by {_say_span(_latest(late) - written)}: {names}.",
        )
    elif sent.height >= _FEW and _stamped_together(sent, last) and written - _latest(sent) > _SAME_PACKING:
        yield Observation(
            UNEXPLAINED,
            f"The chat text is dated {_say_span(written - _latest(sent))} after the {sent.height:,} other files, which "
            "bear times within an hour of each other, after the last message.",
        )


def _compare_with_last(written: datetime, last: datetime, *, sure: bool) -> Observation:
    after = written - last
    level = UNEXPLAINED if sure and after < -_ZONES_APART else INFO
    side = "after" if after >= timedelta(0) else "before"
    return Observation(level, f"The chat text is dated {written}, {_say_span(abs(after))} {side} the last time in it.")


def _latest(files: pl.DataFrame) -> datetime:
    times: Sequence[datetime] = files["modified_local"].to_list()
    return max(times)


def _stamped_together(files: pl.DataFrame, last: datetime) -> bool:
    """Tell whether the files bear the time of packing, not their own: close together and after the last message."""
    times: Sequence[datetime] = files["modified_local"].to_list()
    return max(times) - min(times) <= _SAME_PACKING and min(times) >= last - _ZONES_APART


def _say_span(span: timedelta) -> str:
    if span >= timedelta(days=2):
        return say_count(round(span / timedelta(days=1)), "day")
    if span >= timedelta(hours=2):
        return f"{span / timedelta(hours=1):.1f} hours"
    return say_count(round(span / timedelta(minutes=1)), "minute")


def tell_packers_clock(evidence: Evidence) -> Iterator[Observation]:
    """Tell how far the packer's wall clock stood from UTC, where the zip states both (I-32)."""
    if not _states_times(evidence):
        return
    both = _dated(evidence).filter(pl.col("modified_at").is_not_null())
    rows = both.with_columns(apart=pl.col("modified_local") - pl.col("modified_at").dt.replace_time_zone(None))
    offsets = rows.with_columns(offset=nearest_quarter(pl.col("apart")))
    clean = offsets.filter(
        (pl.col("apart") - pl.col("offset")).abs() <= _STEP, pl.col("offset").abs() <= _FARTHEST_ZONE
    )
    if n_odd := rows.height - clean.height:
        yield Observation(
            UNEXPLAINED,
            f"{say_count(n_odd, 'file states', 'files state')} a local time and a time in UTC that no zone explains.",
        )
    counts = clean.group_by("offset").agg(pl.len(), pl.col("modified_at").max()).sort("len", "offset", descending=True)
    if counts.height:
        told = ", ".join(f"{say_offset(offset)} ({n:,})" for offset, n, _ in counts.iter_rows())
        span = max(counts["offset"].to_list()) - min(counts["offset"].to_list())
        level = UNEXPLAINED if span > timedelta(hours=1) else INFO
        yield Observation(
            level, f"UTC offset of the packer's clock, by number of files: {told}.{_say_zone(counts, evidence)}"
        )


def _say_zone(counts: pl.DataFrame, evidence: Evidence) -> str:
    """Say what the zone of the export's clock had at the same moment, where that zone is known."""
    if evidence.timezone is None:
        return ""
    moment: datetime = counts["modified_at"][0]
    theirs = moment.astimezone(UTC).astimezone(ZoneInfo(evidence.timezone)).utcoffset()
    return (
        "" if theirs is None else f" {evidence.timezone}, taken for the export's clock, had {say_offset(theirs)} then."
    )


ZIP_TIMES: Mapping[str, Indicator] = {
    "I-31": Indicator(
        "Times of the files in the zip",
        compare_times,
        "A phone writes the chat text when it exports, after the last message, and packs it with the other files. A "
        "text or file saved later, or a text older than its last message, was put in at another time.",
        "Unpacking, saving and packing again renews times without changing a word; clocks are set wrong, and some "
        "programs write a fixed time. Zips state local times without a zone, in steps of two seconds.",
        "Ask when the export was made and who handled it since; compare with a new export from the same phone.",
    ),
    "I-32": Indicator(
        "The clock of whoever packed the zip",
        tell_packers_clock,
        "Some packing programs write the time both as a wall clock and in UTC. The difference is the UTC offset of the "
        "device that packed the zip last. It tells nothing about a person: not where anybody comes from or lives.",
        "Devices stand on other zones while travelling or by their settings, servers mostly on UTC; summer time "
        "changes the offset by an hour from one file to the next.",
        "Ask which device packed the zip, and what its clock was set to.",
    ),
}
