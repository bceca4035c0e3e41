"""Words and times of stamps: known ones are read, unknown ones never guessed."""

import numpy as np
import pytest

from chatforensics.errors import UnknownExportFormat
from chatforensics.intake import chat_from_bytes
from chatforensics.parsing import parse_export
from chatforensics.parsing.headers import find_headers
from chatforensics.parsing.stamps import NO_TIME, Form, read_clock, read_forms


def read(*stamps: str) -> tuple[list[Form], list[int]]:
    text = "".join(f"{stamp} - Ama: hi\n" for stamp in stamps)
    headers = find_headers(text.encode(), name="chat.txt")
    forms = read_forms(headers, name="chat.txt")
    return [forms[number] for number in headers.rows.shape.tolist()], read_clock(headers, forms).tolist()


@pytest.mark.parametrize(
    ("printed", "hour"),
    [
        ("12:00 AM", 0),
        ("12:00 PM", 12),
        ("0:00 PM", 12),
        ("11:00 PM", 23),
        ("24:00", 0),
        ("23:00", 23),
        ("23:00 PM", 23),
        ("1:00 午後", 13),
        ("午前1:00", 1),
    ],
)
def test_hours_of_the_day(printed: str, hour: int) -> None:
    assert read(f"13/03/2024, {printed}")[1] == [hour * 3600]


def test_stamps_of_one_setting_are_of_one_kind() -> None:
    forms, _ = read(
        "13/03/2024, 8:30 AM", "3/3/2024, 10:30 PM", "13/03/2024,\u202f8:30 pm", "\u200f13/03/2024, 8:30 PM"
    )
    assert len({form.kind for form in forms}) == 1
    forms, _ = read("13/03/2024, 8:30 AM", "13/03/2024, 8:30", "13/03/24, 8:30", "2024/03/13, 8:30", "8:30, 13/03/2024")
    assert len({form.kind for form in forms}) == 5


def test_the_signs_of_a_date_tell_kinds_apart() -> None:
    forms, _ = read("13/03/2024, 8:30", "13.03.2024, 8:30", "13-03-2024, 8:30", "13/03/2024 8:30", "13/3-2024, 8:30")
    assert len({form.kind for form in forms}) == 5


def test_words_beside_a_date_tell_no_kinds_apart() -> None:
    forms, _ = read("13/03/2024 8:30", "13/03/2024 klo 8:30")
    assert len({form.kind for form in forms}) == 1


def test_neither_brackets_nor_names_of_months_have_signs_that_matter() -> None:
    forms, _ = read("18 Mar 2013, 12:14", "18. Mar 2013 12:14")
    assert len({form.kind for form in forms}) == 1
    text = "[13/03/2024, 8:30:05] Ama: a\n[13.03.2024 8:30:05] Ama: b\n"
    headers = find_headers(text.encode(), name="chat.txt")
    assert len({form.kind for form in read_forms(headers, name="chat.txt")}) == 1


def test_a_year_left_out_makes_no_other_kind_where_the_month_has_a_name() -> None:
    forms, _ = read("18 Mar 12:14", "18 Mar 2013 12:14")
    assert forms[0].kind == forms[1].kind
    assert [(form.n_dates, form.month) for form in forms] == [(1, 3), (2, 3)]
    assert [form.form for form in forms] == ["9 M", "9 M 9999"]


@pytest.mark.parametrize(
    ("stamp", "place"),
    [
        ("13/03/2024, 8:30", 2),
        ("13/03/24, 8:30", None),
        ("R6/3/13, 8:30", 0),
        ("令和6年3月13日 8:30", 0),
        ("24. 3. 13. 8:30", None),
        ("24년 3월 13일 8:30", 0),
    ],
)
def test_the_place_of_the_year_where_something_tells_it(stamp: str, place: int | None) -> None:
    forms, _ = read(stamp)
    assert forms[0].year_place == place


def test_a_month_in_front_of_the_day_is_written_in_front() -> None:
    forms, _ = read("Mar 18, 2013, 12:14")
    assert (forms[0].month, forms[0].form) == (3, "M 9, 9999")


def test_a_recurring_unknown_word_is_refused_with_its_line() -> None:
    with pytest.raises(UnknownExportFormat, match="line 2: 'qq'"):
        read("13/03/2024, 8:05", *["13/03/2024, 8:05 qq"] * 3)


def test_an_unknown_word_beside_late_hours_needs_no_meaning() -> None:
    _, clock = read(*[f"13/03/2024, {hour}:05 qq" for hour in (8, 14, 15, 16)])
    assert clock == [hour * 3600 + 300 for hour in (8, 14, 15, 16)]


def test_a_rare_unknown_word_gives_no_time() -> None:
    assert read("13/03/2024, 8:05", "13/03/2024, 8:05 qq")[1] == [8 * 3600 + 300, NO_TIME]


def test_a_name_that_is_no_month_gives_no_time() -> None:
    assert read("13/03/2024, 8:05", "18 Foo 12:14")[1] == [8 * 3600 + 300, NO_TIME]


def test_a_date_with_neither_month_nor_unknown_word_gives_no_time() -> None:
    assert read("13/03/2024, 8:05", "18 klo 2013, 12:14")[1] == [8 * 3600 + 300, NO_TIME]


def test_words_of_thousands_of_shapes_are_never_taken_for_known() -> None:
    letters = "abcdefghijklmnop"
    strange = [f"13/03/2024, 8:05 q{a}{b}{c}" for a in letters for b in letters for c in letters[:9]]
    _, clock = read("13/03/2024, 8:05", *strange)
    assert np.count_nonzero(np.array(clock) != NO_TIME) == 1


def test_the_dots_of_a_day_period_are_no_punctuation_of_the_date() -> None:
    morning, evening = (f"2023-11-{day}, {word} 09.04 - Ama: x\n" for day, word in (("03", "පෙ.ව."), ("04", "ප.ව.")))
    parsed = parse_export(chat_from_bytes((morning * 3 + evening * 3).encode(), name="chat.txt"))
    assert parsed.messages["sent_local"].dt.hour().to_list() == [9] * 3 + [21] * 3
