"""Dates without a year take it from the dates around them, or from whoever declares it."""

from datetime import date

import numpy as np
import pytest

from chatforensics.parsing.years import fill_years

Printed = date | tuple[int, int]


def fill(*printed: Printed, first_year: int | None = None) -> list[date | None]:
    days = np.array([x if isinstance(x, date) else None for x in printed], dtype="datetime64[D]")
    month_days = [None if isinstance(x, date) else x for x in printed]
    found: list[date | None] = fill_years(days, month_days, first_year=first_year).astype(object).tolist()
    return found


def test_nothing_tells_the_year() -> None:
    assert fill((3, 18), (3, 19)) == [None, None]


def test_a_declared_year_rolls_over_at_new_year() -> None:
    assert fill((12, 30), (12, 31), (1, 1), first_year=2013) == [
        date(2013, 12, 30),
        date(2013, 12, 31),
        date(2014, 1, 1),
    ]


def test_a_small_step_back_is_no_new_year() -> None:
    assert fill((3, 18), (3, 10), first_year=2013) == [date(2013, 3, 18), date(2013, 3, 10)]
    assert fill((3, 18), (1, 10), first_year=2013) == [date(2013, 3, 18), date(2014, 1, 10)]


def test_a_late_line_of_december_does_not_make_a_year_pass() -> None:
    assert fill((12, 31), (1, 1), (12, 31), (1, 1), first_year=2013) == [
        date(2013, 12, 31),
        date(2014, 1, 1),
        date(2013, 12, 31),
        date(2014, 1, 1),
    ]


def test_a_known_date_tells_the_years_before_and_behind_it() -> None:
    assert fill((11, 2), (2, 3), date(2014, 3, 1), (4, 5), (1, 2)) == [
        date(2013, 11, 2),
        date(2014, 2, 3),
        date(2014, 3, 1),
        date(2014, 4, 5),
        date(2015, 1, 2),
    ]


@pytest.mark.parametrize(("first_year", "wanted"), [(2023, date(2024, 2, 29)), (2021, None), (2024, date(2024, 2, 29))])
def test_the_leap_day_belongs_to_a_leap_year(first_year: int, wanted: date | None) -> None:
    assert fill((2, 29), first_year=first_year) == [wanted]


def test_the_leap_day_before_a_known_date() -> None:
    assert fill((2, 29), date(2014, 3, 1)) == [None, date(2014, 3, 1)]
    assert fill((2, 29), date(2012, 3, 1)) == [date(2012, 2, 29), date(2012, 3, 1)]
