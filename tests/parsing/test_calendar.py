"""Order of day and month, eras, day periods, digits."""

from datetime import datetime

import pytest

from chatforensics.errors import UnknownExportFormat
from chatforensics.intake import chat_from_bytes
from chatforensics.parsing import Parsed, parse_export


def parse(*stamps: str, dates: str | None = None) -> Parsed:
    lines = "".join(f"{stamp} - Ama: hi\n" for stamp in stamps)
    return parse_export(chat_from_bytes(lines.encode(), name="chat.txt"), dates=dates)


def times(parsed: Parsed) -> list[datetime]:
    return parsed.messages["sent_local"].to_list()


@pytest.mark.parametrize(
    ("stamps", "order", "verdict"),
    [
        (["13/03/2024, 08:30"], "dmy", "certain"),
        (["3/13/24, 08:30"], "mdy", "certain"),
        (["2024/03/04, 08:30"], "ymd", "certain"),
        (["05/06/24, 09:00", "06/05/24, 09:30", "06/07/24, 10:00"], "mdy", "likely"),
        (
            ["10/11/12, 09:00", "11/01/12, 09:00", "11/02/11, 09:00", "12/03/10, 09:00", "12/04/09, 09:00"],
            "ymd",
            "likely",
        ),
        (["05/06/2024, 09:00", "06/06/2024, 09:30"], "dmy", "ambiguous"),
        (["05/05/2024, 09:00"], "dmy", "certain"),
    ],
)
def test_the_order_and_its_verdict(stamps: list[str], order: str, verdict: str) -> None:
    source = parse(*stamps).sources.row(0, named=True)
    assert (source["date_order"], source["date_order_verdict"]) == (order, verdict)
    assert source["date_order_evidence"]


def test_one_pasted_line_does_not_turn_the_dates_of_a_chat() -> None:
    day_first = [f"{day}/3/23, 09:00" for day in range(1, 13)]
    source = parse(*day_first, "1/30/22, 09:00").sources.row(0, named=True)
    assert (source["date_order"], source["date_order_verdict"]) == ("dmy", "ambiguous")
    month_first = [f"{month}/{day}/23, 09:00" for month in (1, 2, 3) for day in range(1, 13)]
    parsed = parse(*month_first, "25/12/22, 09:00")
    assert (parsed.sources["date_order"][0], parsed.sources["date_order_verdict"][0]) == ("mdy", "likely")
    assert (parsed.messages.height, parsed.sources["n_quoted"][0]) == (36, 1)


@pytest.mark.parametrize(("n_lines", "verdict"), [(200, "certain"), (199, "likely")])
def test_the_only_possible_order_is_certain_only_if_few_dates_do_not_fit_it(n_lines: int, verdict: str) -> None:
    own = [f"{day}/3/23, 09:00" for day in range(1, 29) for _ in range(8)]
    parsed = parse(*own[26 : n_lines + 24], "3/30/23, 09:00", "3/31/23, 09:00")
    assert (parsed.sources["date_order"][0], parsed.sources["date_order_verdict"][0]) == ("dmy", verdict)
    assert parsed.sources["date_order_evidence"][0].startswith("impossible dates: 2 as dmy")


def test_stretches_that_step_back_by_months_are_two_orders_put_together() -> None:
    day_first = [f"{day}/3/23, 09:0{minute}" for day in range(1, 29) for minute in range(4)]
    month_first = [f"4/{day}/23, 09:0{minute}" for day in range(1, 13) for minute in range(4)]
    source = parse(*day_first, *month_first).sources.row(0, named=True)
    assert (source["date_order"], source["date_order_verdict"]) == ("dmy", "ambiguous")
    assert "two orders were put together" in source["date_order_evidence"]


def test_a_late_line_parts_no_stretches() -> None:
    stamps = [f"{day}/3/23, 09:0{minute}" for day in range(1, 29) for minute in range(4)]
    stamps.insert(60, "1/1/23, 09:00")
    assert parse(*stamps).sources["date_order_verdict"][0] == "certain"


def test_a_declared_order_that_would_swallow_messages_is_refused() -> None:
    stamps = [f"{day}/3/23, 09:00" for day in range(1, 29)]
    with pytest.raises(UnknownExportFormat, match="16 of 28 dates are impossible as mdy"):
        parse(*stamps, dates="mdy")


def test_a_stamp_in_another_form_than_the_files_own_is_text() -> None:
    stamps = ["13/03/2024, 08:05"] * 10
    stamps.insert(5, "13/03/2024, 08:05:59")
    parsed = parse(*stamps)
    assert (parsed.messages.height, parsed.sources["n_quoted"][0], parsed.sources["clock_step_s"][0]) == (10, 1, 60)


def test_a_file_without_any_time_that_can_be_read_is_refused() -> None:
    with pytest.raises(UnknownExportFormat, match="qq"):
        parse("13/3/23, 10:05 qq")
    with pytest.raises(UnknownExportFormat, match="no line holds a time"):
        parse("13/3/23, 27:05")


def test_declaring_settles_an_ambiguous_order() -> None:
    parsed = parse("05/06/2024, 09:00", "06/06/2024, 09:30", dates="mdy")
    assert parsed.sources["date_order_verdict"][0] == "declared"
    assert times(parsed) == [datetime(2024, 5, 6, 9), datetime(2024, 6, 6, 9, 30)]


def test_an_order_that_fits_no_date_is_refused() -> None:
    with pytest.raises(UnknownExportFormat, match="1 of 1 dates are impossible as ymd"):
        parse("13/03/2024, 08:30", dates="ymd")
    with pytest.raises(UnknownExportFormat, match="no order"):
        parse("31/31/2024, 08:30", "32/31/2024, 08:30")


@pytest.mark.parametrize(
    ("stamp", "hour"),
    [
        ("13/03/2024, 12:05 AM", 0),
        ("13/03/2024, 12:05\u202fpm", 12),
        ("13/03/2024, 8:05 p. m.", 20),
        ("13/03/2024, 8:05 a.m.", 8),
        ("13/03/2024, 13:05 PM", 13),
        ("13/03/2024, 오후 8:05", 20),
        ("13/03/2024, 8:05 nachm.", 20),
        ("13/03/2024 klo 8.05", 8),
        ("١٣/٠٣/٢٠٢٤، ٨:٠٥ م", 20),
    ],
)
def test_day_periods_and_digits(stamp: str, hour: int) -> None:
    assert times(parse(stamp)) == [datetime(2024, 3, 13, hour, 5)]


def test_an_unknown_day_period_is_refused_not_shifted() -> None:
    with pytest.raises(UnknownExportFormat, match="line 1: 'qq'"):
        parse("13/03/2024, 8:05 qq", "13/03/2024, 8:06 qq")
    with pytest.raises(UnknownExportFormat, match="line 4: 'qq'"):
        parse(*["13/03/2024, 8:05 pm"] * 3, *["13/03/2024, 8:06 qq"] * 3)


def test_a_single_strange_word_makes_a_line_text() -> None:
    stamps = ["13/03/2024, 08:05", "13/03/2024, 10:30 lunch", "13/03/2024, 11:00"]
    assert parse(*stamps).messages["text"].to_list() == ["hi\n13/03/2024, 10:30 lunch - Ama: hi", "hi"]


def test_a_time_that_is_none_makes_a_line_text() -> None:
    parsed = parse("13/03/2024, 08:05", "13/03/2024, 25:10")
    assert (parsed.messages.height, parsed.sources["n_quoted"][0]) == (1, 1)


@pytest.mark.parametrize("stamp", ["3/13/2567 BE, 14:56", "3/13/2567, 14:56", "13/3/67, 14:56"])
def test_buddhist_years_are_read_with_or_without_their_mark(stamp: str) -> None:
    assert times(parse(stamp)) == [datetime(2024, 3, 13, 14, 56)]


def test_seconds_make_the_clock_step_one_second() -> None:
    assert parse("13/03/2024, 08:05:07").sources["clock_step_s"][0] == 1
