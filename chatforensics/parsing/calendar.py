"""Dates and times: the order of day and month with its verdict and evidence, eras, day periods.

The order is inferred from all dates of the file together. *certain*: every other order would need dates that do not
exist. *likely*: it gives fewer steps back in time. *ambiguous*: nothing in the file decides. *declared*: the caller
said so.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import polars as pl

from chatforensics.errors import UnknownExportFormat

ORDERS = ("dmy", "mdy", "ymd")
_DAY_US = 86_400_000_000
_FIRST_YEAR, _LAST_YEAR = 1990, 2099
_BUDDHIST_AHEAD = 543
_UNKNOWN_WORD_SHARE = 0.05  # more header lines than this with an unknown word are no quoted text but a format
_QUOTED_SHARE = 0.01  # up to this share, header lines that cannot be read are taken for quoted text


@dataclass(frozen=True)
class DateOrder:
    """The order of day, month and year in one file, how sure it is, and why."""

    order: str
    verdict: str
    evidence: str


@cache
def load_periods() -> dict[str, frozenset[str]]:
    """Load the day-period and joiner words known to the grammar."""
    source = resources.files("chatforensics.parsing") / "grammar" / "periods.toml"
    return {name: frozenset(words) for name, words in tomllib.loads(source.read_text(encoding="utf-8")).items()}


def _fold(column: str) -> pl.Expr:
    """Fold a printed word: lower case, without marks, dots, commas and spaces."""
    return pl.col(column).str.to_lowercase().str.replace_all(r"[\s\u200e\u200f\u202a-\u202e,،.]", "")


def read_stamps(headers: pl.DataFrame, *, dates: str | None, name: str) -> tuple[pl.DataFrame, DateOrder]:
    """Turn the printed fields of header lines into local times.

    Args:
        headers: `find_headers(...).lines`.
        dates: the declared order (dmy, mdy, ymd), or None to infer it.
        name: the file, for messages.

    Returns:
        The header lines whose stamp is a time, with `sent_local`, and the date order. Lines that only look like
        headers (no such day, unknown words in the stamp) are left out: they are text.

    Raises:
        UnknownExportFormat: no order fits, or a day-period word is unknown throughout.
    """
    headers = _read_times(headers, name=name)
    days = _distinct_days(headers)
    order = _declare(days, dates, name=name) if dates else _infer_order(headers, days, name=name)
    stamped = headers.join(days.select("date", "era", day=order.order), on=["date", "era"], how="left")
    stamped = stamped.filter(pl.col("day").is_not_null() & pl.col("clock_s").is_not_null()).sort("row")
    sent = pl.col("day").cast(pl.Datetime("us")) + pl.duration(seconds=pl.col("clock_s"))
    return stamped.with_columns(sent_local=sent).drop("day", "clock_s", "era"), order


def _read_times(headers: pl.DataFrame, *, name: str) -> pl.DataFrame:
    """Add `clock_s`, seconds since local midnight (null: no such time), and `era`."""
    words = load_periods()
    # Words are few and rows are many: fold each distinct one once.
    joiners = headers.select("joiner").unique().with_columns(folded=_fold("joiner"))
    joiners = joiners.with_columns(
        era=pl.col("folded").is_in(words["buddhist"]),
        # A day period may stand before the time (오후 3:05); otherwise the joiner must be a known one.
        before=pl.when(~pl.col("folded").is_in(words["joiner"] | words["buddhist"])).then("folded"),
    ).drop("folded")
    periods = headers.select("period").unique().with_columns(after=_fold("period"))
    framed = headers.join(joiners, on="joiner", how="left").join(periods, on="period", how="left")
    word = pl.coalesce("before", pl.col("after").replace("", None))
    framed = framed.with_columns(word=word).drop("before", "after")
    _refuse_unknown_words(framed, words, name=name)
    hour, minute = pl.col("hour").cast(pl.Int32), pl.col("minute").cast(pl.Int32)
    second = pl.col("second").cast(pl.Int32).fill_null(0)
    # 13:05 PM occurs on phones set to 24 hours in a 12-hour language: there the hour is already right.
    hour24 = (
        pl.when(pl.col("word").is_null() | (hour > 12))  # noqa: PLR2004 - twelve hours
        .then(hour)
        .when(pl.col("word").is_in(words["pm"]))
        .then(hour % 12 + 12)
        .when(pl.col("word").is_in(words["am"]))
        .then(hour % 12)
    )
    clock = pl.when((hour < 24) & (minute < 60) & (second < 60)).then(hour24 * 3600 + minute * 60 + second)  # noqa: PLR2004
    return framed.with_columns(clock_s=clock).drop("word", "joiner", "hour", "minute", "second", "period")


def _refuse_unknown_words(framed: pl.DataFrame, words: dict[str, frozenset[str]], *, name: str) -> None:
    unknown = framed.filter(pl.col("word").is_not_null() & ~pl.col("word").is_in(words["am"] | words["pm"]))
    if unknown.height > max(_UNKNOWN_WORD_SHARE * framed.height, 1):
        word, line = unknown["word"][0], unknown["row"][0] + 1
        raise UnknownExportFormat(
            f"{name}: line {line}: '{word}' beside the time is not known, so hours may be wrong by twelve.",
            hint="Please report this format (the header line, without the words of the message).",
        )


def _distinct_days(headers: pl.DataFrame) -> pl.DataFrame:
    """Read each distinct printed date once, under every order: columns dmy, mdy, ymd (dates, null if impossible)."""
    days = headers.select("date", "era").unique().sort("date", "era")
    parts = days["date"].str.extract_all(r"[0-9]+")
    days = days.with_columns(a=parts.list.get(0), b=parts.list.get(1), c=parts.list.get(2))
    for order in ORDERS:
        fields = dict(zip(order, "abc", strict=True))
        days = days.with_columns(_day(fields["y"], fields["m"], fields["d"]).alias(order))
    return days


def _day(year: str, month: str, day: str) -> pl.Expr:
    """Build a date of three printed numbers; null where that is no date of our time."""
    short = pl.col(year).str.len_bytes() <= 2  # noqa: PLR2004 - a two-digit year
    number = pl.col(year).cast(pl.Int32)
    number = pl.when(short).then(number + 2000).otherwise(number)
    # Years from 2533 on are of the Buddhist calendar, whether or not its mark is printed.
    buddhist = pl.col("era") | number.is_between(_FIRST_YEAR + _BUDDHIST_AHEAD, _LAST_YEAR + _BUDDHIST_AHEAD)
    number = pl.when(buddhist).then(number - _BUDDHIST_AHEAD).otherwise(number)
    fits = (
        (pl.col(month).str.len_bytes() <= 2)  # noqa: PLR2004 - two digits at most
        & (pl.col(day).str.len_bytes() <= 2)  # noqa: PLR2004
        & number.is_between(_FIRST_YEAR, _LAST_YEAR)
    )
    printed = pl.format("{}-{}-{}", number, pl.col(month), pl.col(day))
    return pl.when(fits).then(printed).str.to_date("%Y-%m-%d", strict=False)


def _declare(days: pl.DataFrame, dates: str, *, name: str) -> DateOrder:
    impossible = days.filter(pl.col(dates).is_null())
    if impossible.height == days.height:
        raise UnknownExportFormat(
            f"{name}: no date is possible as {dates} (for instance {days['date'][0]}).", hint="Declare another order."
        )
    return DateOrder(dates, "declared", f"declared as {dates}; {impossible.height} of {days.height} dates impossible")


def _infer_order(headers: pl.DataFrame, days: pl.DataFrame, *, name: str) -> DateOrder:
    rows = headers.join(days, on=["date", "era"], how="left").sort("row")
    impossible = {order: rows[order].null_count() for order in ORDERS}
    fewest = min(impossible.values())
    if fewest > max(1, _QUOTED_SHARE * rows.height) or fewest == rows.height:
        raise UnknownExportFormat(
            f"{name}: no order of day, month and year fits its dates (for instance {days['date'][0]}).",
            hint="Pass --dates dmy, mdy or ymd if you know the order.",
        )
    possible = [order for order in ORDERS if impossible[order] == fewest]
    if len(possible) == 1:
        others = ", ".join(f"{impossible[o]} as {o}" for o in ORDERS if o != possible[0])
        return DateOrder(possible[0], "certain", f"impossible dates: {others}, {fewest} as {possible[0]}")
    return _order_by_time(rows, days, possible)


def _order_by_time(rows: pl.DataFrame, days: pl.DataFrame, possible: list[str]) -> DateOrder:
    """Choose among possible orders by steps back in time of a day or more, then by the shorter span."""
    # Dates that read alike under two orders (05/05, or every date of the file) leave nothing to decide.
    if all((days[order] == days[possible[0]]).all() for order in possible):
        return DateOrder(possible[0], "certain", f"reads alike as {' and '.join(possible)}")
    back, span = {}, {}
    for order in possible:
        moments = rows[order].drop_nulls().cast(pl.Int64).to_numpy()
        back[order] = int((np.diff(moments) < 0).sum())
        span[order] = int(moments.max() - moments.min())
    # A two-digit year in front is rare: it must be clearly better than the common orders, not merely as good.
    rare = {"ymd"} if len(possible) > 1 and days["a"].str.len_bytes().max() != 4 else set()  # noqa: PLR2004
    best = min(possible, key=lambda order: (back[order] + (order in rare), order in rare, span[order]))
    rivals = [order for order in possible if order != best and back[order] <= back[best] and order not in rare]
    counts = ", ".join(f"{back[order]} as {order}" for order in possible)
    if not rivals:
        return DateOrder(best, "likely", f"steps back in time: {counts}")
    return DateOrder(
        best, "ambiguous", f"every date fits {' and '.join([best, *rivals])}; steps back in time: {counts}"
    )
