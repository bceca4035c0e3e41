"""Order of day and month, eras, day periods, digits."""

from datetime import datetime

import pytest

from chatforensics.errors import UnknownExportFormat
from chatforensics.intake import chat_from_bytes
from chatforensics.parsing import Parsed, parse_export


def parse(*stamps: str, **options: str) -> Parsed:
    lines = "".join(f"{stamp} - Ama: hi\n" for stamp in stamps)
    return parse_export(chat_from_bytes(lines.encode(), name="chat.txt"), **options)


def times(parsed: Parsed) -> list[datetime]:
    return parsed.messages["sent_local"].to_list()


@pytest.mark.parametrize(
    ("stamps", "order", "verdict"),
    [
        (["13/03/2024, 08:30"], "dmy", "certain"),
        (["3/13/24, 08:30"], "mdy", "certain"),
        (["2024/03/04, 08:30"], "ymd", "certain"),
        (["05/06/24, 09:00", "06/05/24, 09:30", "06/07/24, 10:00"], "mdy", "likely"),
        (["10/11/12, 09:00", "11/01/02, 09:30", "11/02/01, 10:00", "11/03/01, 10:00"], "ymd", "likely"),
        (["05/06/2024, 09:00", "06/06/2024, 09:30"], "dmy", "ambiguous"),
        (["05/05/2024, 09:00"], "dmy", "certain"),
    ],
)
def test_the_order_and_its_verdict(stamps: list[str], order: str, verdict: str) -> None:
    source = parse(*stamps).sources.row(0, named=True)
    assert (source["date_order"], source["date_order_verdict"]) == (order, verdict)
    assert source["date_order_evidence"]


def test_declaring_settles_an_ambiguous_order() -> None:
    parsed = parse("05/06/2024, 09:00", "06/06/2024, 09:30", dates="mdy")
    assert parsed.sources["date_order_verdict"][0] == "declared"
    assert times(parsed) == [datetime(2024, 5, 6, 9), datetime(2024, 6, 6, 9, 30)]


def test_an_order_that_fits_no_date_is_refused() -> None:
    with pytest.raises(UnknownExportFormat, match="no date is possible as ymd"):
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


def test_a_single_strange_word_makes_a_line_text() -> None:
    stamps = ["13/03/2024, 08:05", "13/03/2024, 10:30 lunch", "13/03/2024, 11:00"]
    assert parse(*stamps).messages["text"].to_list() == ["hi\n13/03/2024, 10:30 lunch - Ama: hi", "hi"]


def test_a_time_that_is_none_makes_a_line_text() -> None:
    parsed = parse("13/03/2024, 08:05", "13/03/2024, 25:10")
    assert (parsed.messages.height, parsed.sources["n_quoted"][0]) == (1, 1)


@pytest.mark.parametrize("stamp", ["3/13/2567 BE, 14:56", "3/13/2567, 14:56"])
def test_buddhist_years_are_read_with_or_without_their_mark(stamp: str) -> None:
    assert times(parse(stamp)) == [datetime(2024, 3, 13, 14, 56)]


def test_seconds_make_the_clock_step_one_second() -> None:
    assert parse("13/03/2024, 08:05:07").sources["clock_step_s"][0] == 1
