"""Years of other calendars become dates; days that are none become nothing."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.parsing.eras import BUDDHIST, FIRST_YEAR, LAST_YEAR, is_islamic, to_days
from chatforensics.parsing.words import Era

JAPANESE = Era("japanese", 2018)
ROC = Era("roc", 1911)


def day_of(year: int, month: int, day: int, *, era: Era | None = None) -> date | None:
    numbers = (np.array([number]) for number in (year, month, day))
    found: date | None = to_days(*numbers, era=era, short=year < 100)[0].astype(object)
    return found


@given(st.integers(2009, 2040), st.integers(-1, 14), st.integers(-1, 33))
def test_gregorian_dates_are_those_of_the_calendar(year: int, month: int, day: int) -> None:
    try:
        wanted = date(year, month, day)
    except ValueError:
        wanted = None
    assert day_of(year, month, day) == wanted
    assert day_of(year - 2000, month, day) == wanted


@pytest.mark.parametrize(
    ("printed", "era", "wanted"),
    [
        ((2567, 3, 13), None, date(2024, 3, 13)),
        ((67, 3, 13), None, date(2024, 3, 13)),
        ((67, 3, 13), BUDDHIST, date(2024, 3, 13)),
        ((6, 3, 13), JAPANESE, date(2024, 3, 13)),
        ((113, 2, 29), ROC, date(2024, 2, 29)),
        ((1403, 1, 1), None, date(2024, 3, 20)),
        ((1402, 12, 29), None, date(2024, 3, 19)),
        ((1403, 12, 30), None, date(2025, 3, 20)),
        ((1404, 1, 1), None, date(2025, 3, 21)),
        ((1403, 7, 30), None, date(2024, 10, 21)),
        ((1402, 12, 30), None, None),
        ((1403, 7, 31), None, None),
        ((1403, 13, 1), None, None),
        ((FIRST_YEAR - 1, 12, 31), None, None),
        ((LAST_YEAR + 1, 1, 1), None, None),
        ((6, 3, 13), Era("unread", None), None),
        ((9999, 1, 1), ROC, None),
    ],
)
def test_years_of_other_eras(printed: tuple[int, int, int], era: Era | None, wanted: date | None) -> None:
    assert day_of(*printed, era=era) == wanted


def test_most_years_must_be_islamic_to_call_them_so() -> None:
    assert is_islamic(np.array([1445, 1446, 2024]))
    assert not is_islamic(np.array([1445, 2024]))
    assert not is_islamic(np.array([], dtype=np.int64))
