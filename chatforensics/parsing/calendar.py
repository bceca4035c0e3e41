"""Dates and times: the order of day and month with its verdict and evidence, eras, day periods.

The order is inferred from all dates of the file together. *certain*: every other order would need dates that do not
exist. *likely*: it has fewer dates that do not exist and fewer steps back in time. *ambiguous*: nothing in the file
decides. *declared*: the caller said so.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from chatforensics.errors import UnknownExportFormat
from chatforensics.parsing.grammar import load_grammar

ORDERS = ("dmy", "mdy", "ymd")
_FIRST_YEAR, _LAST_YEAR = 2009, 2040  # WhatsApp began in 2009
_BUDDHIST_AHEAD = 543
# Up to this share, or number, header lines that cannot be read are taken for quoted text.
_QUOTED_SHARE, _QUOTED_LINES = 0.01, 2
_FEW_LINES = 10  # in a chat as short as this, a single date may decide
_OWN_FORM_SHARE = 0.2
_RARE_STRIKES = 2


@dataclass(frozen=True)
class DateOrder:
    """The order of day, month and year in one file, how sure it is, and why."""

    order: str
    verdict: str
    evidence: str


@cache
def load_periods() -> dict[str, frozenset[str]]:
    """Load the day-period and joiner words known to the grammar."""
    return {name: frozenset(words) for name, words in load_grammar("periods").items()}


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
        headers (no such day, unknown words in the stamp, another form than the file's own) are left out: they are text.

    Raises:
        UnknownExportFormat: no order fits, or a word beside the times is unknown.
    """
    headers = _keep_own_forms(_read_times(headers, name=name))
    if headers["clock_s"].is_not_null().sum() == 0:
        raise UnknownExportFormat(f"{name}: no line holds a time that can be read.", hint="Is this an export?")
    days = _distinct_days(headers)
    order = _declare(headers, days, dates, name=name) if dates else _infer_order(headers, days, name=name)
    stamped = headers.join(days.select("date", "era", day=order.order), on=["date", "era"], how="left")
    stamped = stamped.filter(pl.col("day").is_not_null() & pl.col("clock_s").is_not_null()).sort("row")
    sent = pl.col("day").cast(pl.Datetime("us")) + pl.duration(seconds=pl.col("clock_s"))
    return stamped.with_columns(sent_local=sent).drop("day", "clock_s", "era", "has_period"), order


def _keep_own_forms(headers: pl.DataFrame) -> pl.DataFrame:
    """Leave out lines whose stamp has another form than the file's own.

    A phone writes the whole export in one form, so that a stamp with seconds among stamps without, or with another
    kind of year, was pasted. A form with a good share of the lines is the file's own too: exports are merged by hand.
    """
    form = headers.select(
        (pl.col("second").is_not_null() * 1 + pl.col("has_period") * 2).alias("clock"),
        pl.col("date").str.contains(r"^[0-9]{4}").alias("year_first"),
        pl.col("date").str.contains(r"[0-9]{4}\.?$").alias("long_year"),
    )
    shares = form.select(pl.len().over("clock", "year_first", "long_year") / form.height).to_series()
    return headers.filter(shares >= _OWN_FORM_SHARE)


def _read_times(headers: pl.DataFrame, *, name: str) -> pl.DataFrame:
    """Add `clock_s`, seconds since local midnight (null: no such time), `era` and `has_period`."""
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
    framed = framed.with_columns(word=word).drop("before", "after").sort("row")
    _refuse_unknown_words(framed, words, name=name)
    return framed.with_columns(clock_s=_clock(words), has_period=pl.col("word").is_not_null()).drop(
        "word", "joiner", "hour", "minute", "period"
    )


def _clock(words: dict[str, frozenset[str]]) -> pl.Expr:
    hour, minute = pl.col("hour").cast(pl.Int32), pl.col("minute").cast(pl.Int32)
    second = pl.col("second").cast(pl.Int32).fill_null(0)
    # 13:05 PM occurs on phones set to 24 hours in a 12-hour language: there the hour is already right.
    known = pl.col("word").is_in(words["am"] | words["pm"])
    hour24 = (
        pl.when(pl.col("word").is_null() | (known & (hour > 12)))  # noqa: PLR2004 - twelve hours
        .then(hour)
        .when(pl.col("word").is_in(words["pm"]))
        .then(hour % 12 + 12)
        .when(pl.col("word").is_in(words["am"]))
        .then(hour % 12)
    )
    return pl.when((hour < 24) & (minute < 60) & (second < 60)).then(hour24 * 3600 + minute * 60 + second)  # noqa: PLR2004


def _refuse_unknown_words(framed: pl.DataFrame, words: dict[str, frozenset[str]], *, name: str) -> None:
    """Refuse a file in which one unknown word recurs beside the time; a word that stands once is quoted text."""
    unknown = framed.filter(pl.col("word").is_not_null() & ~pl.col("word").is_in(words["am"] | words["pm"]))
    common = unknown.group_by("word").agg(pl.len(), pl.col("row").min()).sort("len", "word", descending=[True, False])
    recurs = not common.is_empty() and common["len"][0] > max(_QUOTED_SHARE * framed.height, _QUOTED_LINES)
    if recurs or (unknown.height and unknown.height == framed.height):
        word, line = common["word"][0], common["row"][0] + 1
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
    # 66 is 2566 of the Buddhist calendar, since 2066 is yet to come; 24 is 2024.
    ahead = pl.when(number + 2000 > _LAST_YEAR).then(2500).otherwise(2000)
    number = pl.when(short).then(number + ahead).otherwise(number)
    # Years from 2552 on are of the Buddhist calendar, whether or not its mark is printed.
    buddhist = pl.col("era") | number.is_between(_FIRST_YEAR + _BUDDHIST_AHEAD, _LAST_YEAR + _BUDDHIST_AHEAD)
    number = pl.when(buddhist).then(number - _BUDDHIST_AHEAD).otherwise(number)
    fits = (
        (pl.col(month).str.len_bytes() <= 2)  # noqa: PLR2004 - two digits at most
        & (pl.col(day).str.len_bytes() <= 2)  # noqa: PLR2004
        & number.is_between(_FIRST_YEAR, _LAST_YEAR)
    )
    printed = pl.format("{}-{}-{}", number, pl.col(month), pl.col(day))
    return pl.when(fits).then(printed).str.to_date("%Y-%m-%d", strict=False)


def _declare(headers: pl.DataFrame, days: pl.DataFrame, dates: str, *, name: str) -> DateOrder:
    rows = headers.join(days, on=["date", "era"], how="left")
    n_wrong = rows[dates].null_count()
    if n_wrong > max(_QUOTED_SHARE * rows.height, _QUOTED_LINES) or n_wrong == rows.height:
        wrong = rows.filter(pl.col(dates).is_null()).sort("row")["date"][0]
        raise UnknownExportFormat(
            f"{name}: {n_wrong} of {rows.height} dates are impossible as {dates} (for instance {wrong}).",
            hint="Declare another order.",
        )
    return DateOrder(dates, "declared", f"declared as {dates}; {n_wrong} of {rows.height} dates impossible")


def _infer_order(headers: pl.DataFrame, days: pl.DataFrame, *, name: str) -> DateOrder:
    """Weigh each order by its strikes: dates that do not exist, and steps back in time of a day or more.

    One strike decides nothing in a longer chat: a single pasted line makes it.
    """
    rows = headers.join(days, on=["date", "era"], how="left").sort("row")
    impossible = {order: rows[order].null_count() for order in ORDERS}
    stray = max(_QUOTED_SHARE * rows.height, _QUOTED_LINES)
    possible = [order for order in ORDERS if impossible[order] <= stray and impossible[order] < rows.height]
    if not possible:
        raise UnknownExportFormat(
            f"{name}: no order of day, month and year fits its dates (for instance {days['date'][0]}).",
            hint="Pass --dates dmy, mdy or ymd if you know the order.",
        )
    clean = [order for order in possible if impossible[order] == 0]
    counts = "impossible dates: " + ", ".join(f"{impossible[order]} as {order}" for order in ORDERS)
    if len(possible) == 1 or (len(clean) == 1 and rows.height < _FEW_LINES):
        return DateOrder(clean[0] if clean else possible[0], "certain", counts)
    # Dates that read alike under all orders (05/05) leave nothing to decide.
    if all(days[order].equals(days[possible[0]]) for order in possible):
        return DateOrder(possible[0], "certain", f"reads alike as {' and '.join(possible)}")
    back = {order: _steps_back(rows[order]) for order in possible}
    strikes = {order: impossible[order] + back[order] for order in possible}
    return _choose_order(
        rows, strikes, f"{counts}; steps back in time: " + ", ".join(f"{back[o]} as {o}" for o in back)
    )


def _steps_back(dates: pl.Series) -> int:
    moments = dates.drop_nulls().cast(pl.Int64).to_numpy()
    return int((np.diff(moments) < 0).sum())


def _choose_order(rows: pl.DataFrame, strikes: dict[str, int], evidence: str) -> DateOrder:
    # A two-digit year in front is rare: it must be clearly better than the common orders, not merely as good.
    rare = "ymd" if len(strikes) > 1 and rows["date"].str.extract(r"^([0-9]+)").str.len_bytes().max() != 4 else ""  # noqa: PLR2004
    weighed = {order: n + (_RARE_STRIKES if order == rare else 0) for order, n in strikes.items()}
    spans = {order: rows[order].cast(pl.Int64).max() - rows[order].cast(pl.Int64).min() for order in strikes}  # type: ignore[operator] # whole days
    best = min(strikes, key=lambda order: (weighed[order], order == rare, spans[order]))
    rivals = [order for order in strikes if order not in (best, rare) and weighed[order] <= weighed[best]]
    if not rivals:
        return DateOrder(best, "likely", evidence)
    return DateOrder(best, "ambiguous", f"nothing decides between {' and '.join([best, *rivals])}; {evidence}")
