"""Names that phones give to files: the time and the number in them against the messages that print them."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache

import polars as pl

from chatforensics.integrity.evidence import INFO, UNEXPLAINED, Evidence, Indicator, Observation
from chatforensics.integrity.offsets import nearest_quarter, say_offset
from chatforensics.integrity.telling import first_lines, say_count
from chatforensics.schema import LOCAL

# `IMG-20250501-WA0012.jpg`, and `00000012-PHOTO-2025-05-01-12-30-11.jpg`.
_DAY_NAME = r"^[^A-Za-z0-9]*[A-Z]{3}-(?<day>[0-9]{8})-WA(?<number>[0-9]{4,6})(?:[^0-9]|$)"
_TIME_NAME = (
    r"^[^A-Za-z0-9]*(?<number>[0-9]{8})-[A-Z]+-"
    r"(?<time>[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{2}-[0-9]{2}-[0-9]{2})(?:[^0-9]|$)"
)
_SLACK = timedelta(seconds=5)  # between sending and storing
_ZONE_SHARE, _ZONE_NAMES = 0.1, 5  # so many names with one offset are another zone of the phone, not another time
_FEW, _MANY = 2, 5
_STATED: Mapping[str, type[pl.DataType] | pl.DataType] = {
    "row": pl.UInt32,
    "line": pl.Int64,
    "sent_local": LOCAL,
    "number": pl.String,
}


def _read_names(evidence: Evidence, pattern: str) -> pl.DataFrame:
    """Return the messages that print such a name, in file order, with their row and what the name states."""
    if evidence.messages["attachment"].null_count() == evidence.messages.height:
        return _no_names()
    numbered = evidence.messages.with_row_index("row").filter(pl.col("attachment").str.contains(pattern))
    stated = numbered.with_columns(stated=pl.col("attachment").str.extract_groups(pattern)).unnest("stated")
    return stated.select("row", "line", "sent_local", "number", *(c for c in ("day", "time") if c in stated.columns))


@cache
def _no_names() -> pl.DataFrame:
    return pl.DataFrame(schema=dict(_STATED))


def compare_named_times(evidence: Evidence) -> Iterator[Observation]:
    """Compare the time in a file's name, to the second, with that of its message (I-36, as iOS names files)."""
    read = _read_names(evidence, _TIME_NAME)
    if not read.height:
        return
    stated = pl.col("time").str.to_datetime("%Y-%m-%d-%H-%M-%S", strict=False, time_unit="us")
    names = read.with_columns(apart=stated - pl.col("sent_local")).drop_nulls("apart")
    names = names.with_columns(offset=nearest_quarter(pl.col("apart")))
    counts = names.group_by("offset").len().sort("len", "offset", descending=True)
    if not counts.height:
        return
    zones = counts.filter((pl.col("len") >= _ZONE_NAMES) & (pl.col("len") >= _ZONE_SHARE * names.height))
    kept = zones if zones.height else counts.head(1)
    slack = _SLACK + timedelta(seconds=float(str(evidence.source["clock_step_s"])))
    near = pl.col("offset").is_in(kept["offset"].to_list())
    odd = names.filter(~near | ((pl.col("apart") - pl.col("offset")).abs() > slack))
    offsets = ", ".join(f"{say_offset(offset)} ({n:,})" for offset, n in kept.iter_rows())
    value = (
        f"{say_count(names.height, 'file name states a time', 'file names state a time')}; name minus message is "
        f"{offsets}; {say_count(odd.height, 'name differs', 'names differ')} from that."
    )
    yield Observation(UNEXPLAINED if odd.height else INFO, value, first_lines(odd))


def compare_named_days(evidence: Evidence) -> Iterator[Observation]:
    """Compare the day in a file's name with that of its message (I-36, as Android names files)."""
    read = _read_names(evidence, _DAY_NAME)
    if not read.height:
        return
    stated = pl.col("day").str.to_date("%Y%m%d", strict=False)
    names = read.with_columns(apart=(stated - pl.col("sent_local").dt.date()).dt.total_days()).drop_nulls("apart")
    if not names.height:
        return
    later, earlier = names.filter(pl.col("apart") > 1), names.filter(pl.col("apart") < -1)
    commonest, n = names.group_by("apart").len().sort("len", "apart", descending=True).row(0)
    shifted = n >= _MANY and abs(commonest) > 1 and 2 * n > names.height
    told = say_count(names.height, "file name states a day", "file names state a day")
    value = (
        f"{told}; more than a day after the message {later.height:,}, before it {earlier.height:,}; the commonest "
        f"difference is {commonest:+d} days ({n:,})."
    )
    yield Observation(UNEXPLAINED if shifted else INFO, value, first_lines(pl.concat([later, earlier])))


def _compare_names(evidence: Evidence) -> Iterator[Observation]:
    """Compare the time or day in a file's name with that of its message."""
    yield from compare_named_times(evidence)
    yield from compare_named_days(evidence)


def follow_counter(evidence: Evidence) -> Iterator[Observation]:
    """Follow the number at the beginning of file names from one message to the next (I-37, as iOS names files)."""
    read = _read_names(evidence, _TIME_NAME)
    if not read.height:
        return
    names = read.with_columns(pl.col("number").cast(pl.Int64))
    steps = names.with_columns(
        grown=pl.col("number").diff(),
        n_records=pl.col("row").cast(pl.Int64).diff(),
    ).drop_nulls("grown")
    if not steps.height:
        return
    by_record, by_file = pl.col("grown") == pl.col("n_records"), pl.col("grown") == 1
    fits = [(steps.filter(rule).height, unit, rule) for unit, rule in (("record", by_record), ("named file", by_file))]
    n, unit, rule = max(fits, key=lambda fit: fit[0])
    others = steps.filter(~rule)
    first, last = int(names["number"].to_numpy().min()), int(names["number"].to_numpy().max())
    n_back, n_same = steps.filter(pl.col("grown") < 0).height, steps.filter(pl.col("grown") == 0).height
    value = (
        f"{names.height:,} numbered file names, from {first:,} to {last:,}: from one to the next the number grows by "
        f"one a {unit} in {n:,} of {steps.height:,} steps; it falls in {n_back:,} and stays in {n_same:,}."
    )
    yield Observation(INFO, value, first_lines(others))


def count_day_numbers(evidence: Evidence) -> Iterator[Observation]:
    """Count which of the day's numbers in file names the chat has (I-37, as Android names files)."""
    read = _read_names(evidence, _DAY_NAME)
    if read.height < _FEW:
        return
    names = read.with_columns(pl.col("number").cast(pl.Int64))
    days = names.group_by("day").agg(n=pl.col("number").n_unique(), highest=pl.col("number").max())
    value = (
        f"{say_count(names.height, 'numbered file name')} on {say_count(days.height, 'day')}; of the "
        f"{int(days['highest'].sum()) + days.height:,} numbers up to the highest of each day the chat has "
        f"{int(days['n'].sum()):,}."
    )
    yield Observation(INFO, value)


def _follow_numbers(evidence: Evidence) -> Iterator[Observation]:
    """Follow the numbers in file names from one message to the next, and within a day."""
    yield from follow_counter(evidence)
    yield from count_day_numbers(evidence)


FILE_NAMES: Mapping[str, Indicator] = {
    "I-36": Indicator(
        "Times in file names against the messages",
        _compare_names,
        "The phone writes the time into the name of a file by itself. Where a message bears another time than the file "
        "that it names, one of the two may have been changed.",
        "A constant difference is the zone in which names are written. A file that was sent again keeps its first "
        "name, and one that was downloaded late may bear a later day; the clock may have been set meanwhile.",
        "Compare the same messages in the export of another member, and the file on the phone.",
    ),
    "I-37": Indicator(
        "Gaps in the numbers of file names",
        _follow_numbers,
        "Phones number the files. Where a number is skipped, something may have stood there: a file or a message that "
        "is not in this export.",
        "Numbers count all chats of the phone, or notices and messages that exports leave out; deleting a message for "
        "oneself, clearing a chat and exports without the oldest part leave gaps.",
        "Compare with the export of another member around the lines given.",
    ),
}
