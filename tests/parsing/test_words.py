"""Months, day periods, joiners and eras: gaps of one file are read together, and never guessed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.parsing.vocabulary import date_orders, load_eras, zero_digits
from chatforensics.parsing.words import combine_ranges, fold, read_words

AM, PM = ((0, 720),), ((720, 1440),)


@pytest.mark.parametrize(
    ("printed", "folded"),
    [
        ("\u202fPM", "pm"),
        ("\u202fp.\u00a0m.", "p m"),
        (", ", ""),
        ("\u200f/", ""),
        ("، ", ""),
        (" klo ", "klo"),
        (' אחה"צ', 'אחה"צ'),
        (" אחה״צ", 'אחה"צ'),
        (" de  MARÇO\tde ", "de março de"),
        ("ق.ظ.", "قظ"),
        ("İ", "i"),
    ],
)
def test_gaps_are_folded(printed: str, folded: str) -> None:
    assert fold(printed) == folded


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("am", "pm"),
    [
        ("AM", "PM"),
        ("a.m.", "p.m."),
        ("a. m.", "p. m."),
        ("klo ap.", "klo ip."),
        ("lúc SA", "lúc CH"),
        ("de.", "du."),
        ("vorm.", "nachm."),
        ("ÖÖ", "ÖS"),
        ("上午", "下午"),
        ("오전", "오후"),
        ("午前", "午後"),
        ("ص", "م"),
        ("ق.ظ", "ب.ظ"),
        ('לפנה"צ', "אחה״צ"),
        ("पूर्वाह्न", "अपराह्न"),
        ("ч. AM", "ч. PM"),
    ],
)
def test_halves_of_the_day_are_read(am: str, pm: str) -> None:
    reading = read_words([fold(am), fold(pm)])
    assert reading.periods == {fold(am): AM, fold(pm): PM}
    assert not reading.unknown


@pytest.mark.parametrize(
    ("word", "minute", "other"),
    [
        ("in the morning", 9 * 60, 21 * 60),
        ("in the afternoon", 15 * 60, 3 * 60),
        ("in the evening", 19 * 60, 7 * 60),
        ("at night", 23 * 60, 11 * 60),
        ("at night", 60, 13 * 60),
        ("中午", 12 * 60 + 30, 30),
        ("凌晨", 3 * 60, 15 * 60),
    ],
)
def test_other_parts_of_the_day_cover_one_of_two_readings(word: str, minute: int, other: int) -> None:
    ranges = read_words([word]).periods[word]
    assert any(start <= minute < end for start, end in ranges)
    assert not any(start <= other < end for start, end in ranges)


def test_months_are_read_among_other_words() -> None:
    reading = read_words(["de março de", "de abril de", "сентября", "sep", "月", "日 下午"])
    assert reading.months == {"de março de": 3, "de abril de": 4, "сентября": 9, "sep": 9}
    assert reading.literals == {"月"}
    assert reading.periods == {"日 下午": PM}


def test_the_other_months_tell_polish_from_croatian() -> None:
    assert read_words(["lip", "sie"]).months == {"lip": 7, "sie": 8}
    assert read_words(["lip", "svi"]).months == {"lip": 6, "svi": 5}
    assert read_words(["lip", "sie"]).locales[0] == "pl"


def test_a_word_that_locales_disagree_about_is_unknown() -> None:
    assert read_words(["lip"]).unknown == {"lip"}
    assert read_words(["ip"]).unknown == {"ip"}  # the afternoon in Finnish, the morning in Inari Sámi
    assert read_words(["ip", "ap"]).periods["ip"] == PM
    assert read_words(["ip", "ep"]).periods["ip"] == AM


def test_a_month_in_one_locale_and_a_day_period_in_another_is_both() -> None:
    reading = read_words(["pm"])
    assert reading.periods == {"pm": PM}
    assert reading.months == {"pm": 7}  # in Nheengatu


def test_english_months_stand_though_rare_languages_disagree() -> None:
    assert read_words(["may"]).months == {"may": 5}


@pytest.mark.parametrize("joiner", ["", "klo", "kl.", "à", "às", "a las", "um", "at", "lúc", "h", "saat", "г.", "年"])
def test_joiners_say_nothing(joiner: str) -> None:
    reading = read_words([fold(joiner)])
    assert reading.literals == {fold(joiner)}
    assert not reading.periods


def test_words_inside_dates_need_their_month() -> None:
    assert "de" not in read_words(["de"]).literals


@pytest.mark.parametrize("gap", ["said", "pm pm", "am mar", "x" * 100, "•"])
def test_other_words_are_unknown(gap: str) -> None:
    assert read_words([gap]).unknown == {gap}


@given(st.lists(st.text(max_size=12).map(fold)))
def test_every_gap_is_accounted_for_and_periods_lie_within_a_day(gaps: list[str]) -> None:
    reading = read_words(gaps)
    assert {*reading.months, *reading.periods, *reading.literals, *reading.unknown} == set(gaps)
    assert not reading.unknown & {*reading.months, *reading.periods, *reading.literals}
    for ranges in reading.periods.values():
        assert all(0 <= start < end <= 1440 for start, end in ranges)


@pytest.mark.parametrize(
    ("mark", "calendar", "offset"),
    [
        ("BE", "buddhist", -543),
        ("พ.ศ. เวลา", "buddhist", -543),
        ("R", "japanese", 2018),
        ("令和", "japanese", 2018),
        ("Heisei", "japanese", 1988),
        ("民國", "roc", 1911),
        ("ه‍.ش.", "persian", None),
        ("هـ", "islamic", None),
        ("Saka", "indian", None),
    ],
)
def test_eras_are_known_by_their_marks(mark: str, calendar: str, offset: int | None) -> None:
    assert read_words([fold(mark)]).eras == {fold(mark): (calendar, offset)}


def test_gregorian_eras_are_harmless() -> None:
    reading = read_words([fold(mark) for mark in ("AD", "n. Chr.", "н. э.", "西暦", "м")])
    assert reading.literals == {"ad", "n chr", "н э", "西暦"}
    assert not reading.eras


def test_no_era_takes_the_morning_for_itself() -> None:
    assert "am" not in load_eras()


def test_two_locales_agree_where_neither_shifts_the_other() -> None:
    assert combine_ranges([((0, 720),), ((360, 720),)]) == ((0, 720),)
    assert combine_ranges([((720, 1440),), ((0, 720),)]) == ()
    assert combine_ranges([((0, 300), (1320, 1440)), ((0, 360),)]) == ((0, 360), (1320, 1440))


span = st.tuples(st.integers(0, 1440), st.integers(0, 1440)).filter(lambda ends: ends[0] < ends[1])


@given(st.lists(span, min_size=1, max_size=3))
def test_one_locale_alone_means_its_own_minutes(spans: list[tuple[int, int]]) -> None:
    minutes = {minute for start, end in spans for minute in range(start, end)}
    # Spans are disjoint in CLDR.
    ranges = tuple(sorted((m, m + 1) for m in minutes))
    assert {m for start, end in combine_ranges([ranges]) for m in range(start, end)} == minutes


@pytest.mark.parametrize(
    ("form", "order"),
    [
        ("9.9.9", "dmy"),
        ("9999-9-9", "ymd"),
        ("9. 9. 9.", "ymd"),
        ("9999年9月9日", "ymd"),
        ("9 M 9999", "dmy"),
        ("9 de M de 9999", "dmy"),
        ("M 9, 9999", "mdy"),
        ("M 9", "md"),
        ("9\u200f/9\u200f/9999", "dmy"),
    ],
)
def test_the_commonest_order_of_a_date_form(form: str, order: str) -> None:
    assert next(iter(date_orders(form))) == order


def test_the_orders_of_a_form_are_counted_per_locale() -> None:
    assert set(date_orders("9/9/9")) == {"dmy", "mdy", "ymd"}
    assert set(date_orders("9/9/9", locales=("en",))) == {"mdy"}
    assert date_orders("9:9:9") == {}


def test_all_digit_systems_are_known() -> None:
    zeros = zero_digits()
    assert {"0", "٠", "۰", "०", "০", "๐", "０"} <= set(zeros)
    assert all(unicodedata.digit(chr(ord(zero) + n)) == n for zero in zeros for n in range(10))
