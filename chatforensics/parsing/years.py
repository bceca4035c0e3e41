"""Dates printed without a year, as old Android versions print those of the current year."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from chatforensics.parsing.eras import Days

_SLACK = timedelta(days=31)  # exports are not quite in order; a step back beyond this is a new year


def fill_years(days: Days, month_days: Sequence[tuple[int, int] | None], *, first_year: int | None) -> Days:
    """Give dates without a year the year that follows from the dates around them.

    Args:
        days: dates in file order; NaT where no year is printed.
        month_days: month and day where no year is printed, else None.
        first_year: the year of the first date, where somebody declared it.

    Returns:
        The dates; those stay NaT whose year nothing tells.
    """
    found = days.astype(object)
    last = None
    for place, printed in enumerate(month_days):
        if printed:
            year = last.year if last else first_year
            found[place] = _not_before(last, year, *printed) if year else None
        last = found[place] or last
    following = None
    for place in range(len(found) - 1, -1, -1):
        printed = month_days[place]
        if printed and found[place] is None and following:
            found[place] = _not_after(following, *printed)
        following = found[place] or following
    return np.array(found, dtype="datetime64[D]")


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _not_before(last: date | None, year: int, month: int, day: int) -> date | None:
    before = _date(year - 1, month, day) if last else None
    if last and before and before >= last - _SLACK:
        return before  # a line out of order at the turn of the year
    found = _date(year, month, day)
    late = found is None or (last is not None and found < last - _SLACK)
    return _date(year + 1, month, day) if late else found


def _not_after(following: date, month: int, day: int) -> date | None:
    found = _date(following.year, month, day)
    early = found is None or found > following + _SLACK
    return _date(following.year - 1, month, day) if early else found
