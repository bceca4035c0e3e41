"""Years counted otherwise than from AD 1, turned into Gregorian dates."""

import numpy as np
import numpy.typing as npt

from chatforensics.parsing.words import Era

Numbers = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]

# WhatsApp began in 2009. A year in four digits may lie far ahead, as in invented chats; what could also be a year of
# another era is taken for one up to 2040.
FIRST_YEAR, LAST_YEAR = 2009, 2199
_LAST_SHARED_YEAR = 2040
NO_DAY = np.datetime64("NaT", "D")
GREGORIAN, BUDDHIST, PERSIAN = Era("gregorian", 0), Era("buddhist", -543), Era("persian", 621)
_ISLAMIC_YEARS = (1430, 1465)
# Leap years within the 33-year cycle of the Persian calendar, which holds for AD 1799 to 2256.
_PERSIAN_LEAP = np.isin(np.arange(33), [1, 5, 9, 13, 17, 22, 26, 30])
_PERSIAN_START = (1388, np.datetime64("2009-03-21", "D"))


def is_islamic(years: Numbers) -> bool:
    """Tell whether most of the printed years can only be of the Islamic calendar, which is not read."""
    return bool(((years >= _ISLAMIC_YEARS[0]) & (years <= _ISLAMIC_YEARS[1])).mean() > 0.5) if len(years) else False  # noqa: PLR2004


def to_days(years: Numbers, months: Numbers, days: Numbers, *, era: Era | None, short: bool) -> Days:
    """Return the dates; NaT where there is no such day between 2009 and 2199.

    A year without the mark of its era is taken for the one that gives a date in these years: 2567 is Buddhist, 1403
    Persian; of years with two digits, 67 is Buddhist, as 2067 is yet to come.

    Args:
        years: as printed.
        months: from 1.
        days: from 1.
        era: how the years are counted, where a mark says so.
        short: the years have two digits.
    """
    if era is not None:
        return _in_era(years + _century(era, short=short), months, days, era=era)
    buddhist = years + 2000 > _LAST_SHARED_YEAR if short else years >= FIRST_YEAR - (BUDDHIST.offset or 0)
    persian = (years <= _LAST_SHARED_YEAR - (PERSIAN.offset or 0)) & (not short)
    found = _in_era(years + _century(GREGORIAN, short=short), months, days, era=GREGORIAN)
    if buddhist.any():
        found[buddhist] = _in_era(years + _century(BUDDHIST, short=short), months, days, era=BUDDHIST)[buddhist]
    if persian.any():
        found[persian] = _in_era(years, months, days, era=PERSIAN)[persian]
    return found


def _century(era: Era, *, short: bool) -> int:
    return {"gregorian": 2000, "buddhist": 2500, "persian": 1400}.get(era.calendar, 0) if short else 0


def _in_era(years: Numbers, months: Numbers, days: Numbers, *, era: Era) -> Days:
    if era.offset is None:
        return np.full(len(years), NO_DAY)
    found = _persian(years, months, days) if era.calendar == "persian" else _solar(years + era.offset, months, days)
    year = found.astype("datetime64[Y]").astype(np.int64) + 1970
    return np.where((year >= FIRST_YEAR) & (year <= LAST_YEAR), found, NO_DAY)


def _solar(years: Numbers, months: Numbers, days: Numbers) -> Days:
    real = (months >= 1) & (months <= 12) & (days >= 1) & (years > 0) & (years < 10_000)  # noqa: PLR2004
    month = np.where(real, (years - 1970) * 12 + months - 1, 0).astype("datetime64[M]")
    day = month.astype("datetime64[D]") + np.where(real, days - 1, 0)
    return np.where(real & (day.astype("datetime64[M]") == month), day, NO_DAY)


def _persian(years: Numbers, months: Numbers, days: Numbers) -> Days:
    first, start = _PERSIAN_START
    span = np.arange(first, first + 64)
    leap = _PERSIAN_LEAP[span % 33]
    starts = start + np.concatenate(([0], np.cumsum(365 + leap)))
    real = (months >= 1) & (months <= 12) & (days >= 1) & (years >= first) & (years < first + 64)  # noqa: PLR2004
    year = np.where(real, years - first, 0)
    # Six months of 31 days, five of 30, the last of 29 or 30.
    length = np.where(months <= 6, 31, np.where(months < 12, 30, 29 + leap[year]))  # noqa: PLR2004
    before = np.where(months <= 7, (months - 1) * 31, 186 + (months - 7) * 30)  # noqa: PLR2004
    real &= days <= length
    return np.where(real, starts[year] + np.where(real, before + days - 1, 0), NO_DAY)
