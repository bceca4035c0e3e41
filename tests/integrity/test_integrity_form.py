"""Indicators of the headers' form: second forms, two readings, date order, and headers printed otherwise."""

from dataclasses import replace

import polars as pl
import pytest
from integrity.received import evidence_from, observe

from chatforensics.integrity.form import FORM
from chatforensics.schema import Messages


def seen(number: str, lines: list[str], *, dates: str | None = None) -> list[tuple[str, str, list[int]]]:
    evidence = evidence_from("".join(f"{line}\n" for line in lines).encode(), dates=dates)
    return [(x.level, x.value, list(x.lines)) for x in observe(FORM, number, evidence)]


def chat(n: int = 9) -> list[str]:
    return [f"{13 + at}/03/2024, 12:1{at} - Ama: hello {at}" for at in range(n)]


@pytest.mark.parametrize("number", FORM)
def test_an_export_in_one_form_with_certain_dates_shows_nothing(number: str) -> None:
    assert seen(number, chat()) == []


def test_records_in_a_second_form_behind_the_first_are_unexplained_and_listed() -> None:
    second = [f"[{at}/04/24, 09:00:0{at}] Ama: again {at}" for at in range(1, 7)]
    ((level, value, lines),) = seen("I-01", chat() + second)
    assert level == "unexplained"
    assert value.startswith("6 of 15 records begin in another form than the first record")
    assert lines == [10, 11, 12, 13, 14, 15]


def test_a_pasted_line_is_told_with_what_the_other_reading_changes() -> None:
    lines = [*chat(4), "[12/03/24, 09:00:01] Bilal: see you", *chat(9)[4:]]
    ((level, value, told),) = seen("I-02", lines)
    assert (level, told) == ("info", [5])
    assert "1 line inside messages looks like the start of a message and was read as text" in value
    assert "10 records instead of 9, 1 sender not seen otherwise (“Bilal”)" in value


def test_a_record_days_out_of_order_is_told_with_its_second_reading() -> None:
    lines = [*chat(6), "01/02/2023, 10:00 - Bilal: old", *chat(9)[6:]]
    ((level, value, told),) = seen("I-02", lines)
    assert (level, told) == ("info", [7])
    assert value.endswith("Read so, the export has 1 fewer.")


def test_opening_notices_out_of_order_are_no_pasted_text() -> None:
    opening = ["20/02/2025, 10:00 - Messages and calls are end-to-end encrypted. Tap to learn more."]
    assert seen("I-02", [*opening, *chat()]) == []


def test_a_name_that_may_be_longer_does_not_make_the_export_shorter() -> None:
    lines = [f"{13 + at}/03/2024, 12:1{at} - Ama: shop: hello" for at in range(9)]
    told = [value for _, value, _ in seen("I-02", lines)]
    assert told
    assert "fewer" not in told[0]


def test_dates_that_fit_two_orders_are_told_with_what_speaks_for_them() -> None:
    ((level, value, lines),) = seen("I-05", ["05/03/2024, 12:10 - Ama: hi", "06/03/2024, 12:10 - Ama: hi"])
    assert (level, lines) == ("info", [])
    assert value.startswith("The dates were read as dmy, which is ")


def test_a_declared_order_is_not_questioned() -> None:
    assert seen("I-05", ["05/03/2024, 12:10 - Ama: hi"], dates="dmy") == []


@pytest.mark.parametrize(
    ("odd", "printed"),
    [
        ("[20.03.2024, 12:14:01] Ama: hi", "“[9.9.9999, 9:9:9]”"),
        ("[20/03/2024,\u202f12:14:01] Ama: hi", "“[9/9/9999,[U+202F]9:9:9]”"),
        ("[٢٠/٠٣/٢٠٢٤, ١٢:١٤:٠١] Ama: hi", "“[٩/٩/٩٩٩٩, ٩:٩:٩]”"),
    ],
)
def test_a_header_printed_otherwise_is_unexplained(odd: str, printed: str) -> None:
    lines = [f"[{13 + at}/03/2024, 12:1{at}:00] Ama: hello {at}" for at in range(7)]
    ((level, value, told),) = seen("I-06", [*lines, odd, "[22/03/2024, 12:20:00] Ama: bye"])
    assert (level, told) == ("unexplained", [8])
    assert f"1 header printed as {printed}, 8 as “[9/9/9999, 9:9:9]”" in value


@pytest.mark.parametrize(
    "odd", ["16/03/2024 18:14 - Ama: hi", "16/03/24, 18:14 - Ama: hi", "[16/03/24, 18:14:00] Ama: hi"]
)
def test_a_line_of_another_form_that_fits_between_the_records_around_is_unexplained(odd: str) -> None:
    lines = chat()
    ((level, value, told),) = seen("I-06", [*lines[:4], odd, *lines[4:]])
    assert (level, told) == ("unexplained", [5])
    assert value.startswith("1 line of another form, read as text")


@pytest.mark.parametrize(
    "pasted", ["16/03/24, 09:00 - Ama: hi", "16/03/24, 18:14 - Somebody: hi", "18/06/24, 18:14 - Ama: hi"]
)
def test_a_line_that_may_have_been_pasted_where_it_stands_is_not(pasted: str) -> None:
    lines = chat()
    assert seen("I-06", [*lines[:4], pasted, *lines[4:]]) == []


def test_a_zero_before_some_hours_only_is_unexplained() -> None:
    lines = [f"{13 + at}/03/2024, {at}:15 - Ama: hello" for at in range(9)]
    lines[4] = lines[4].replace(", 4:", ", 04:")
    ((level, value, told),) = seen("I-06", lines)
    assert (level, told) == ("unexplained", [5])
    assert "number 4 is printed with a zero before it in 1 header and without one in 8" in value


def test_two_digits_without_a_zero_decide_nothing() -> None:
    assert seen("I-06", ["13/3/24, 9:05 - Ama: hi", "14/10/24, 10:10 - Ama: hi", "15/11/24, 0:00 - Ama: hi"]) == []


def test_a_day_period_spelled_otherwise_than_in_the_rest_is_unexplained() -> None:
    lines = [f"[{at + 10}/05/2024, 9:0{at}:00 {'PM' if at % 2 else 'AM'}] Ama: hi" for at in range(9)]
    lines[3] = lines[3].replace("PM", "pm")
    assert seen("I-06", lines) == [("unexplained", "1 header with “pm”, 3 with “PM”.", [4])]


@pytest.mark.parametrize(
    "words", [("Luma lwa K", "luma lwa p"), ("Kiroko", "Hwaĩ-inĩ"), ("a/p", "pm"), ("පෙ.ව.", "ප.ව.")]
)
def test_day_periods_may_differ_in_their_case_and_signs(words: tuple[str, str]) -> None:
    evidence = evidence_from("".join(f"1{at}/03/2024, 9:1{at} - Ama: hi\n" for at in range(3, 5)).encode())
    raw = "".join(f"1{at}/03/2024, 9:1{at} {word} - Ama: hi\n" for at, word in enumerate(words, start=3)).encode()
    starts = [0, raw.index(b"\n") + 1]
    messages = Messages(evidence.messages.with_columns(byte_start=pl.Series(starts, dtype=pl.Int64)))
    assert observe(FORM, "I-06", replace(evidence, content=raw, messages=messages)) == []


def test_more_than_twenty_forms_are_told_together() -> None:
    signs = [
        f"[{at + 1}/05/2024, 10:{at:02d}:11{'' if at < 5 else chr(0x200E) * (at - 4)}] Ama: hi" for at in range(28)
    ]
    got = seen("I-06", signs, dates="dmy")
    assert len(got) == 20
    assert all(level == "unexplained" for level, _, _ in got)
