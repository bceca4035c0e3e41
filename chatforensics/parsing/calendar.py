"""Dates: the order of day and month, with its verdict and the evidence for it.

The order is inferred from all dates of one form together. *certain*: every other order would need dates that do not
exist. *likely*: it has fewer dates that do not exist, fewer steps back in time and fewer media files of another day,
or is the only one in which the locales of the world print this form. *ambiguous*: nothing decides. *declared*: the
caller said so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from chatforensics.errors import UnknownExportFormat
from chatforensics.parsing.distinct import find_distinct
from chatforensics.parsing.eras import Days, is_islamic, to_days
from chatforensics.parsing.stamps import QUOTED_LINES, QUOTED_SHARE, Form
from chatforensics.parsing.vocabulary import date_orders, load_cldr

ORDERS = ("dmy", "mdy", "ymd")
_FEW_LINES = 10  # in a chat as short as this, a single date may decide
_RARE_STRIKES = 2
_NUMBERS = 3
_MONTH_DAYS, _STRETCH = 31, 3
_NAT = np.datetime64("NaT", "D")
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class DateOrder:
    """The order of day, month and year in one file, how sure it is, and why."""

    order: str
    verdict: str
    evidence: str


@dataclass(frozen=True)
class PrintedDates:
    """The dates of some rows, in file order, equal ones next to each other as one run.

    `first` is the row where a run begins, `length` its rows; `days` has the run's date under each order (NaT where
    there is none), `form` the index of its form and `years` the number printed as its year, -1 where there is none.
    """

    first: Places
    length: Places
    form: Places
    days: Mapping[str, Days]
    years: Mapping[str, Places]

    def take(self, chosen: npt.NDArray[np.bool_]) -> "PrintedDates":
        """Return some of the runs."""
        return PrintedDates(
            self.first[chosen],
            self.length[chosen],
            self.form[chosen],
            {order: days[chosen] for order, days in self.days.items()},
            {order: years[chosen] for order, years in self.years.items()},
        )


def locales_of(language: str) -> tuple[str, ...]:
    """Return the groups of CLDR locales, each by its first, in which the language is spoken."""
    tag = language.replace("-", "_")
    groups = [names.split(" ") for names, *_ in load_cldr()["groups"]]
    return tuple(group[0] for group in groups if any(name == tag or name.startswith(tag + "_") for name in group))


def read_dates(dates: npt.NDArray[np.int16], form: npt.NDArray[np.int32], forms: Sequence[Form]) -> PrintedDates:
    """Read the dates of rows under every order, each run of equal ones once.

    Args:
        dates: the three numbers of each row, -1 where there is none.
        form: the index of each row's form.
        forms: the forms.
    """
    changes = form[1:] != form[:-1]
    for column in range(_NUMBERS):
        changes |= dates[1:, column] != dates[:-1, column]
    first = np.concatenate(([0], np.flatnonzero(changes) + 1))
    length = np.diff(first, append=len(form))
    parts = [form[first], *(dates[first, column] for column in range(_NUMBERS))]
    key = parts[0].astype(np.int64) << 48
    for shift, part in zip((32, 16, 0), parts[1:], strict=True):
        key |= (part.astype(np.int64) & 0xFFFF) << shift
    place, back = find_distinct(key)
    n_distinct = len(place)
    numbers, of = dates[first][place].astype(np.int64), form[first][place].astype(np.int64)
    days = {order: np.full(n_distinct, _NAT) for order in ORDERS}
    years = {order: np.full(n_distinct, -1) for order in ORDERS}
    for number in np.flatnonzero(np.bincount(of)).tolist():
        mine = of == number
        for order in ORDERS:
            days[order][mine], years[order][mine] = _read_form_dates(numbers[mine], forms[number], order)
    return PrintedDates(
        first,
        length,
        form[first].astype(np.int64),
        {order: some[back] for order, some in days.items()},
        {order: some[back] for order, some in years.items()},
    )


def _read_form_dates(numbers: Places, form: Form, order: str) -> tuple[Days, Places]:
    """Read dates of one form under one order; a year that is not printed gives NaT, as it is found later."""
    nothing = np.full(len(numbers), _NAT), np.full(len(numbers), -1)
    fields = order.replace("m", "") if form.month else order
    if form.n_dates == 1 and form.month:
        return nothing
    if form.n_dates != len(fields) or (form.year_place is not None and fields[form.year_place] != "y"):
        return nothing
    year, day = (numbers[:, fields.index(letter)] for letter in "yd")
    month = np.full(len(numbers), form.month) if form.month else numbers[:, fields.index("m")]
    return to_days(year, month, day, era=form.era, short=form.long_year is None), year


@dataclass(frozen=True)
class Hints:
    """What tells the order beside the dates.

    `declared` is the order that the caller knows; `locales` are the groups of CLDR locales that speak the language of
    the file's notices; `strangers` counts per order the media files that bear another day in their name than their
    message.
    """

    declared: str | None = None
    locales: tuple[str, ...] = ()
    strangers: Mapping[str, int] = field(default_factory=dict)


def choose_order(dates: PrintedDates, hints: Hints, *, form: str, name: str) -> DateOrder:
    """Infer the order of some dates of one kind, or hold them to the declared one.

    Args:
        dates: the dates.
        hints: what else tells the order.
        form: how the commonest of them is printed, for instance `9/9/9999`.
        name: the file, for messages.

    Raises:
        UnknownExportFormat: no order fits.
    """
    total = int(dates.length.sum())
    impossible = {order: int(dates.length[np.isnat(dates.days[order])].sum()) for order in ORDERS}
    if hints.declared:
        return _hold_to(hints.declared, impossible, total, name=name)
    stray = max(QUOTED_SHARE * total, QUOTED_LINES)
    possible = [order for order in ORDERS if impossible[order] <= stray and impossible[order] < total]
    if not possible:
        raise _no_order(dates, name=name)
    clean = [order for order in possible if impossible[order] == 0]
    counts = "impossible dates: " + ", ".join(f"{impossible[order]} as {order}" for order in ORDERS)
    if len(possible) == 1 or (len(clean) == 1 and total < _FEW_LINES):
        return _doubt(clean[0] if clean else possible[0], dates, impossible, evidence=counts)
    # Dates that read alike under all orders (05/05) leave nothing to decide.
    if all(np.array_equal(dates.days[order], dates.days[possible[0]], equal_nan=True) for order in possible):
        return DateOrder(possible[0], "certain", f"reads alike as {' and '.join(possible)}")
    back = {order: _steps_back(dates.days[order]) for order in possible}
    counts += "; steps back in time: " + ", ".join(f"{back[order]} as {order}" for order in possible)
    if any(hints.strangers.values()):
        counts += "; media files of another day: "
        counts += ", ".join(f"{hints.strangers[order]} as {order}" for order in possible)
    strikes = {order: impossible[order] + back[order] + hints.strangers.get(order, 0) for order in possible}
    return _weigh(dates, strikes, hints, form=form, evidence=counts)


def _doubt(order: str, dates: PrintedDates, impossible: Mapping[str, int], *, evidence: str) -> DateOrder:
    """Call the only possible order certain, unless some dates do not fit it or it makes long stretches step back."""
    breaks = _count_breaks(dates.days[order], dates.length)
    if breaks:
        said = (
            f"read as {order}, long stretches step back by more than a month ({breaks} times), as if two exports with"
        )
        return DateOrder(order, "ambiguous", f"{said} two orders were put together; {evidence}")
    stray = impossible[order] > QUOTED_SHARE * int(dates.length.sum())
    return DateOrder(order, "likely" if stray else "certain", evidence)


def _count_breaks(days: Days, length: Places) -> int:
    """Count the steps back of more than a month from one stretch of several lines to the next; a late line is none."""
    known = ~np.isnat(days)
    moments, sizes = days[known].astype(np.int64), length[known]
    if not len(moments):
        return 0
    first = np.concatenate(([0], np.flatnonzero(np.abs(np.diff(moments)) > _MONTH_DAYS) + 1))
    last = np.append(first[1:], len(moments)) - 1
    long = np.add.reduceat(sizes, first) >= _STRETCH
    return int((moments[first[long]][1:] - moments[last[long]][:-1] < -_MONTH_DAYS).sum())


def _hold_to(declared: str, impossible: Mapping[str, int], total: int, *, name: str) -> DateOrder:
    n_wrong = impossible[declared]
    if n_wrong > max(QUOTED_SHARE * total, QUOTED_LINES) or n_wrong == total:
        raise UnknownExportFormat(
            f"{name}: {n_wrong} of {total} dates are impossible as {declared}.", hint="Declare another order."
        )
    return DateOrder(declared, "declared", f"declared as {declared}; {n_wrong} of {total} dates impossible")


def _no_order(dates: PrintedDates, *, name: str) -> UnknownExportFormat:
    if any(is_islamic(dates.years[order]) for order in ORDERS):
        return UnknownExportFormat(
            f"{name}: the years are of the Islamic calendar, which is not read.",
            hint="Set the phone to the Gregorian calendar and export again.",
        )
    return UnknownExportFormat(
        f"{name}: no order of day, month and year fits its dates.",
        hint="Pass --dates dmy, mdy or ymd if you know the order; parse --diagnose shows how they are printed.",
    )


def _steps_back(days: Days) -> int:
    moments = days[~np.isnat(days)].astype(np.int64)
    return int((np.diff(moments) < 0).sum())


def _weigh(dates: PrintedDates, strikes: Mapping[str, int], hints: Hints, *, form: str, evidence: str) -> DateOrder:
    printed = date_orders(form, locales=hints.locales or None)
    # A two-digit year in front is rare: it must be clearly better than the common orders, not merely as good.
    rare = "ymd" if len(strikes) > 1 and "9999" not in form else ""
    weighed = {order: n + (_RARE_STRIKES if order == rare else 0) for order, n in strikes.items()}
    spans = {order: _span(dates.days[order]) for order in strikes}
    best = min(strikes, key=lambda order: (weighed[order], order not in printed, order == rare, spans[order]))
    rivals = [order for order in strikes if order not in (best, rare) and weighed[order] <= weighed[best]]
    if not rivals:
        return DateOrder(best, "likely", evidence)
    known = [order for order in strikes if order in printed]
    # Phones print slashes in both orders, more than CLDR lists: only the language of the chat settles them.
    if known == [best] and (hints.locales or "/" not in form):
        said = f"of the locales that print {form}, all {printed[best]} mean {best}"
        return DateOrder(best, "likely", f"{said}; {evidence}")
    return DateOrder(best, "ambiguous", f"nothing decides between {' and '.join([best, *rivals])}; {evidence}")


def _span(days: Days) -> int:
    moments = days[~np.isnat(days)].astype(np.int64)
    return int(moments.max() - moments.min()) if len(moments) else 0
