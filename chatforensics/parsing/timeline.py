"""From lines that look like headers to the file's own records with their local times."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from chatforensics.errors import UnknownExportFormat
from chatforensics.intake import Content
from chatforensics.parsing.calendar import DateOrder, Hints, PrintedDates, choose_order, read_dates
from chatforensics.parsing.eras import Days
from chatforensics.parsing.headers import Headers, Rows
from chatforensics.parsing.lines import Flags
from chatforensics.parsing.segments import Block, Moments, find_own
from chatforensics.parsing.stamps import NO_CLOCK, NO_TIME, Clock, Form, read_clock, read_forms
from chatforensics.parsing.witnesses import count_strangers, find_witnesses, runs_of
from chatforensics.parsing.years import fill_years

NO_MOMENT = np.iinfo(np.int64).min  # a time whose year nothing tells
_DAY_S = 86_400
_SENDER_BYTES = 200
_PROBED_ROWS = 2000
_ENOUGH_WITNESSES = 2  # days on which media files bear another day: a single one may have been sent again
_SURE = ("declared", "certain", "likely", "ambiguous")  # the surest first


@dataclass(frozen=True)
class Declared:
    """What the caller knows of one file: the order of dates, the year of the first message, the notices' locales."""

    dates: str | None = None
    year: int | None = None
    locales: tuple[str, ...] = ()


@dataclass(frozen=True)
class Timeline:
    """The own header lines of one file and the others that look like headers, each with local times.

    Times are seconds since 1970 as the clock on the wall showed them; `NO_MOMENT` where no year is printed and
    nothing tells it, or where the line gives no time. `appended` tells which of the own lines have another form than
    the file's first.
    """

    rows: Rows
    sent_s: Moments
    appended: Flags
    alike: Rows
    alike_s: Moments
    forms: tuple[Form, ...]
    order: DateOrder
    step_s: int


@dataclass(frozen=True)
class _File:
    """What all steps know of the file: its forms, its bytes, what was declared, its name."""

    forms: Sequence[Form]
    content: Content
    declared: Declared
    name: str


def read_timeline(headers: Headers, content: Content, *, declared: Declared, name: str) -> Timeline:
    """Read the times of all header lines and tell the file's own from quoted ones.

    Args:
        headers: the lines that look like headers.
        content: the chat text, asked for senders and names of media files where the dates alone do not decide.
        declared: what the caller knows of the file.
        name: the file, for messages.

    Raises:
        UnknownExportFormat: no order fits, or a word beside the times is unknown.
    """
    forms = read_forms(headers, name=name)
    file = _File(forms, content, declared, name)
    clock = read_clock(headers, forms)
    rows = headers.rows
    timed = np.flatnonzero(clock != NO_TIME)
    if not len(timed):
        raise UnknownExportFormat(f"{name}: no line holds a time that can be read.", hint="Is this an export?")
    kinds, kind_names = _number_kinds(rows.shape[timed], forms)
    sent_s = np.full(len(rows.offset), NO_MOMENT)
    sent_s[timed], orders = _read_kinds(rows.take(timed), clock[timed], kinds, file)
    if len(orders) < len(kind_names):
        readable = np.isin(kinds, list(orders))
        timed, kinds = timed[readable], kinds[readable]
    first = int(kinds[0])
    # Where nothing tells the year of the file itself, its lines are its own all the same.
    known = (sent_s[timed] != NO_MOMENT) | (kinds == first) & (sent_s[timed[kinds == first]] == NO_MOMENT).all()
    timed, kinds = timed[known], kinds[known]
    if not len(timed):
        raise UnknownExportFormat(f"{name}: no line holds a date that can be read.", hint="Is this an export?")
    own = np.zeros(len(rows.offset), dtype=bool)
    credible = _Credibility(rows.take(timed), kinds, kind_names, content)
    own[timed] = find_own(kinds, sent_s[timed], kin=_kin_of(kind_names, int(kinds[0])), is_credible=credible.check)
    own_kinds = np.flatnonzero(np.bincount(kinds[own[timed]])).tolist()
    return Timeline(
        rows=rows.take(own),
        sent_s=sent_s[own],
        appended=kinds[own[timed]] != kinds[0],
        alike=rows.take(~own),
        alike_s=sent_s[~own],
        forms=tuple(forms),
        order=_combine([orders[kind] for kind in own_kinds], orders[int(kinds[0])]),
        step_s=_clock_step(rows.shape[own], forms),
    )


def _number_kinds(shape: npt.NDArray[np.int32], forms: Sequence[Form]) -> tuple[npt.NDArray[np.int32], list[str]]:
    names = sorted({forms[number].kind for number in np.flatnonzero(np.bincount(shape)).tolist()})
    number_of = np.array([names.index(form.kind) if form.kind in names else -1 for form in forms], dtype=np.int32)
    return number_of[shape], names


def _kin_of(names: Sequence[str], first: int) -> frozenset[int]:
    bracketed = names[first].startswith("bracket")
    return frozenset(
        kind for kind, name in enumerate(names) if name.startswith("bracket") == bracketed and NO_CLOCK not in name
    )


def _read_kinds(
    rows: Rows, clock: Clock, kinds: npt.NDArray[np.int32], file: _File
) -> tuple[Moments, dict[int, DateOrder]]:
    """Read the times of all rows and the order of each kind that can be read; where none can, say why the first not."""
    first = int(kinds[0])
    sent_s = np.full(len(rows.offset), NO_MOMENT)
    orders: dict[int, DateOrder] = {}
    refusals: list[tuple[bool, UnknownExportFormat]] = []
    for kind in np.flatnonzero(np.bincount(kinds)).tolist():
        of = np.flatnonzero(kinds == kind)
        try:
            sent_s[of], orders[kind] = _read_kind(rows.take(of), clock[of], file)
        except UnknownExportFormat as error:
            refusals.append((kind != first, error))
    if not orders:
        raise min(refusals, key=lambda refusal: refusal[0])[1]
    return sent_s, orders


def _read_kind(rows: Rows, clock: Clock, file: _File) -> tuple[Moments, DateOrder]:
    """Read the times of all rows of one kind under the order that fits them best."""
    dates = read_dates(rows.dates, rows.shape, file.forms)
    yearless = np.array([form.n_dates == 1 for form in file.forms])[dates.form]
    if yearless.all():
        order = DateOrder("dmy", "likely" if file.declared.year is None else "declared", "no year is printed")
    else:
        order = _order_of(dates.take(~yearless), rows, file)
    days = dates.days[order.order]
    if yearless.any():
        days = _fill(dates, days, rows, file)
        if np.isnat(days[yearless]).any():
            said = "no year is printed and nothing tells it: declare the year of the first message"
            order = DateOrder(order.order, "ambiguous", said)
    starts = np.where(np.isnat(days), NO_MOMENT, days.astype("datetime64[s]").astype(np.int64))
    moments = np.repeat(starts, dates.length)
    moments += np.where(moments == NO_MOMENT, 0, clock)
    return moments, order


def _order_of(dates: PrintedDates, rows: Rows, file: _File) -> DateOrder:
    form = file.forms[int(np.bincount(rows.shape).argmax())].form
    hints = Hints(file.declared.dates, file.declared.locales)
    order = choose_order(dates, hints, form=form, name=file.name)
    if order.verdict in ("likely", "ambiguous"):  # the names of media files cost a look at the whole file
        strangers = count_strangers(find_witnesses(file.content), rows.offset, dates)
        if max(strangers.values()) >= _ENOUGH_WITNESSES:
            order = choose_order(dates, replace(hints, strangers=strangers), form=form, name=file.name)
    return order


def _fill(dates: PrintedDates, days: Days, rows: Rows, file: _File) -> Days:
    """Fill in the years that are not printed, from media files, from the dates around them, or from the caller."""
    month_days: list[tuple[int, int] | None] = [
        (file.forms[number].month, day) if file.forms[number].n_dates == 1 else None
        for number, day in zip(dates.form.tolist(), rows.dates[dates.first, 0].tolist(), strict=True)
    ]
    days = days.copy()
    witnesses = find_witnesses(file.content)
    for run, witness in zip(runs_of(witnesses, rows.offset, dates).tolist(), witnesses.day.tolist(), strict=True):
        if run >= 0 and month_days[run] == (witness.month, witness.day):
            days[run], month_days[run] = witness, None
    return fill_years(days, month_days, first_year=file.declared.year)


@dataclass(frozen=True)
class _Credibility:
    """Tells whether a few lines of another kind may be the file's own: by their senders, or their layout."""

    rows: Rows
    kinds: npt.NDArray[np.int32]
    names: Sequence[str]
    content: Content

    def check(self, block: Block) -> bool:
        own, other = (self.names[int(kind)].split("; ") for kind in (self.kinds[0], block.kind))
        if NO_CLOCK in other:
            return False
        # Nobody types brackets by hand, and the time is printed alike: only the date's form differs.
        if own[:2] == other[:2] and own[0] == "bracket" and len(own) == len(other):
            return True
        theirs = np.arange(block.first, block.last)[:_PROBED_ROWS]
        return bool(self._own_senders & self._senders(theirs))

    @cached_property
    def _own_senders(self) -> set[bytes]:
        return self._senders(np.flatnonzero(self.kinds == self.kinds[0])[:_PROBED_ROWS])

    def _senders(self, places: npt.NDArray[np.int64]) -> set[bytes]:
        starts = self.rows.offset[places] + self.rows.end[places]
        lines = (self.content[start : start + _SENDER_BYTES].partition(b"\n")[0] for start in starts.tolist())
        return {line.partition(b": ")[0] for line in lines if b": " in line}


def _combine(orders: Sequence[DateOrder], first: DateOrder) -> DateOrder:
    """Return the order of the first kind with the least sure of all verdicts."""
    if len(orders) == 1:
        return first
    worst = max(orders, key=lambda order: _SURE.index(order.verdict))
    others = "; another form in the same file: ".join(order.evidence for order in orders)
    return DateOrder(first.order, worst.verdict, others)


def _clock_step(shape: npt.NDArray[np.int32], forms: Sequence[Form]) -> int:
    """Return what the clock tells apart: a second, a minute, or where no time is printed a day."""
    numbers = np.array([form.n_clock for form in forms])[shape]
    if not numbers.any():
        return _DAY_S
    return 1 if 2 * np.count_nonzero(numbers == 3) >= len(shape) else 60  # noqa: PLR2004 - hour, minute, second
