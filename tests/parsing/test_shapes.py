"""Which numbers of a stamp are the date and which the time."""

import pytest

from chatforensics.parsing.shapes import FILLER, Shape, mask_line, read_shape


def read(text: str) -> Shape | None:
    return read_shape("".join("9" if char in "0123456789" else char for char in text).encode())


def wanted(text: str) -> Shape:
    shape = read(text)
    assert shape
    return shape


@pytest.mark.parametrize(
    ("text", "layout", "n_dates", "n_clock", "time_first"),
    [
        ("13/03/2024, 08:30 - ", "dash", 3, 2, False),
        ("[13/03/2024, 08:30:05] ", "bracket", 3, 3, False),
        ("\u200e[13.03.24 klo 8.30.05] ", "bracket", 3, 3, False),
        ("13.03.2024 21.25.15: ", "colon", 3, 3, False),
        ("13/03/2024 08:30 \u2013 ", "dash", 3, 2, False),
        ("08:30, 13/03/2024 - ", "dash", 3, 2, True),
        ("19:23, 28 Aug 2013 - ", "dash", 2, 2, True),
        ("18 Mar 12:14 - ", "dash", 1, 2, False),
        ("2024/3/13 오후 8:30 - ", "dash", 3, 2, False),
        ("13/03/2024 - ", "dash", 3, 0, False),
        ("13/3/24, 14 h 56 min - ", "dash", 3, 2, False),
        ("\u06f1\u06f1, 99/99/9999, 9:99 - ", None, 0, 0, False),
        ("13.03.2024 - 08:30 - ", "dash", 3, 2, False),
    ],
)
def test_date_and_time_are_told_apart(
    text: str, layout: str | None, n_dates: int, n_clock: int, time_first: bool
) -> None:
    shape = read(text)
    if layout is None:
        assert shape is None or "\u06f1" in shape.date_gaps[0]
        return
    assert shape
    assert (shape.layout, len(shape.dates), len(shape.clock), shape.time_first) == (
        layout,
        n_dates,
        n_clock,
        time_first,
    )
    assert shape.end == len(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "12:30 - ",
        "1/2/3/4, 8:30 - ",
        "12345/12/12, 08:30 - ",
        "2024/2024/12, 08:30 - ",
        "13:03:2024, 08:30 - ",
        "13/03/2024.08:30 - ",
        "13/03/2024, 100:30 - ",
        "13/03/2024, 08:30 - ".replace("/", "/" + "x" * 50),
        "13/03/2024, 08:30 " + "x" * 60 + " - ",
        "[13/03/2024, 08:30 - ",
        "",
        "hello: ",
        "1 2 3 4 5 6 7 - ",
    ],
)
def test_what_is_no_stamp_has_no_shape(text: str) -> None:
    assert read(text) is None


def test_gaps_hold_the_words_around_the_numbers() -> None:
    shape = wanted("ngày 13 tháng 3, 2024 lúc 8:30 CH - ")
    assert shape.date_gaps == ("ngày ", " tháng ", ", ", " lúc ")
    assert shape.clock_gaps == (" lúc ", " CH")
    assert wanted("8:30 CH, 13/3/2024 - ").date_gaps == (" CH, ", "/", "/", "")


def test_a_byte_that_is_no_utf8_keeps_its_width_and_shows_as_replacement() -> None:
    shape = read_shape(b"99/99/9999 \xe0 99:99\xff - ")
    assert shape
    assert (shape.end, shape.clock[0].start) == (22, 13)
    assert shape.clock_gaps == (" \ufffd ", "\ufffd")
    assert shape.text == "99/99/9999 \ufffd 99:99\ufffd - "


def test_digits_of_several_bytes_are_counted_once() -> None:
    one = "9" + FILLER
    shape = read_shape(f"{one * 2}/{one * 2}/{one * 4}, {one}:{one * 2} - ".encode())
    assert shape
    assert [(x.start, x.n_digits, x.width) for x in shape.dates] == [(0, 2, 2), (5, 2, 2), (10, 4, 2)]


def test_digits_of_two_scripts_in_one_number_are_none() -> None:
    assert read_shape(f"9{FILLER}9/99/9999, 9:99 - ".encode()) is None


def test_a_mark_of_direction_before_the_stamp_is_noticed() -> None:
    assert wanted("\u200e[13/03/2024, 08:30] ").marked
    assert not wanted("\ufeff[13/03/2024, 08:30] ").marked


def test_a_masked_line_shows_no_word_and_no_number() -> None:
    assert mask_line("Ama, 13.٣: é!") == "xxx, 99.9: x!"
