"""Local times and own lines of whole files: years, orders, witnesses, pasted and joined chats."""

from datetime import datetime

import polars as pl
import pytest

from chatforensics.errors import UnknownExportFormat
from chatforensics.intake import chat_from_bytes
from chatforensics.parsing import Parsed, parse_export


def parse(text: str, **options: object) -> Parsed:
    return parse_export(chat_from_bytes(text.encode(), name="chat.txt"), **options)  # type: ignore[arg-type]


def times(parsed: Parsed) -> list[datetime | None]:
    return parsed.messages["sent_local"].to_list()


def verdict(parsed: Parsed) -> tuple[str, str]:
    order, told = parsed.sources.select("date_order", "date_order_verdict").row(0)
    return order, told


def tiles(text: str, parsed: Parsed) -> bool:
    spans = pl.concat([x.select("byte_start", "byte_end") for x in (parsed.messages, parsed.rejects)])
    return b"".join(text.encode()[a:b] for a, b in sorted(spans.rows())) == text.encode()


# No year printed
YEARLESS = "30 Dec 12:14 - Ama: hi\n2 Jan 12:14 - Ama: IMG-20140102-WA0001.jpg (file attached)\n3 Feb 09:00 - Ben: x\n"


def test_without_a_year_and_without_witness_there_is_no_time_and_it_is_said() -> None:
    parsed = parse("18 Mar 12:14 - Ama: hi\n19 Mar 12:14 - Ben: x\n")
    assert times(parsed) == [None, None]
    assert verdict(parsed)[1] == "ambiguous"
    assert "declare the year" in parsed.sources["date_order_evidence"][0]


def test_a_declared_year_is_that_of_the_first_message() -> None:
    parsed = parse("30 Dec 12:14 - Ama: hi\n2 Jan 12:14 - Ben: x\n", year=2013)
    assert times(parsed) == [datetime(2013, 12, 30, 12, 14), datetime(2014, 1, 2, 12, 14)]
    assert verdict(parsed)[1] == "declared"


def test_the_name_of_a_media_file_tells_the_year() -> None:
    parsed = parse(YEARLESS)
    assert times(parsed) == [
        datetime(2013, 12, 30, 12, 14),
        datetime(2014, 1, 2, 12, 14),
        datetime(2014, 2, 3, 9, 0),
    ]
    assert verdict(parsed)[1] == "likely"


def test_a_media_file_of_another_day_tells_no_year() -> None:
    assert times(parse("18 Mar 12:14 - Ama: IMG-20140102-WA0001.jpg (file attached)\n")) == [None]


def test_a_printed_year_tells_those_left_out() -> None:
    parsed = parse("18 Dec 2013 12:14 - Ama: hi\n19 Jan 12:14 - Ben: x\n")
    assert times(parsed) == [datetime(2013, 12, 18, 12, 14), datetime(2014, 1, 19, 12, 14)]
    assert parsed.sources["header_format"][0].startswith("android: ")


def test_a_file_without_years_goes_on_with_them_after_a_new_phone() -> None:
    new = "".join(f"18/03/2014, 12:14:{second:02} - Ben: hi\n" for second in range(12))
    parsed = parse("18 Mar 12:14 - Ama: x\n" * 3 + new)
    assert parsed.messages.height == 15
    assert times(parsed)[:3] == [None] * 3


# Calendars
@pytest.mark.parametrize(
    ("stamp", "wanted"),
    [
        ("3/13/2567 BE, 14:56", datetime(2024, 3, 13, 14, 56)),
        ("13/3/67, 14:56", datetime(2024, 3, 13, 14, 56)),
        ("R4/3/18 14:56", datetime(2022, 3, 18, 14, 56)),
        ("R6/3/1 14:56", datetime(2024, 3, 1, 14, 56)),
        ("令和4年3月18日 14:56", datetime(2022, 3, 18, 14, 56)),
        ("民國113/3/13 下午2:56", datetime(2024, 3, 13, 14, 56)),
        ("۱۴۰۲/۱۲/۲۳،\u200f ۱۴:۵۶", datetime(2024, 3, 13, 14, 56)),
        ("14:56, 13 Mar 2024", datetime(2024, 3, 13, 14, 56)),
        ("14:56, 13/03/2024", datetime(2024, 3, 13, 14, 56)),
        ("13/03/2024", datetime(2024, 3, 13)),
    ],
)
def test_other_calendars_and_orders_of_stamp(stamp: str, wanted: datetime) -> None:
    assert times(parse(f"{stamp} - Ama: hi\n")) == [wanted]


def test_a_date_alone_has_a_clock_of_one_day() -> None:
    assert parse("13/03/2024 - Ama: hi\n").sources["clock_step_s"][0] == 86_400


@pytest.mark.parametrize("stamp", ["13/9/1445, 14:56", "3/9/1445 AH, 14:56"])
def test_islamic_years_are_refused_by_name(stamp: str) -> None:
    with pytest.raises(UnknownExportFormat, match="Islamic"):
        parse(f"{stamp} - Ama: hi\n")


# Order of day and month
def test_media_files_settle_an_ambiguous_order() -> None:
    android = "0{0}/06/2024, 09:00 - Ama: IMG-2024{1}-WA0001.jpg (file attached)\n"
    ios = "[0{0}/06/2024, 09:00:00] Ama: \u200e<attached: 00000001-PHOTO-2024-{1}-09-00-00.jpg>\r\n"
    assert verdict(parse("".join(android.format(*both) for both in ((5, "0605"), (7, "0607"))))) == ("dmy", "likely")
    assert verdict(parse("".join(android.format(*both) for both in ((5, "0506"), (7, "0706"))))) == ("mdy", "likely")
    assert verdict(parse("".join(ios.format(*both) for both in ((5, "05-06"), (7, "07-06"))))) == ("mdy", "likely")


@pytest.mark.parametrize(
    "names",
    [
        ("IMG-20240506-WA0001.jpg (file attached)", "yes"),
        ("IMG-20240506-WA0001.jpg", "VID-20240706-WA0001.mp4"),
    ],
)
def test_one_media_file_or_names_that_were_typed_settle_no_order(names: tuple[str, str]) -> None:
    text = "".join(f"0{day}/06/2024, 09:00 - Ama: {name}\n" for day, name in zip((5, 7), names, strict=True))
    assert verdict(parse(text)) == ("dmy", "ambiguous")


def test_many_media_files_of_one_day_count_once() -> None:
    lines = [f"05/06/2024, 09:00 - Ama: IMG-20240506-WA000{number}.jpg (file attached)\n" for number in range(9)]
    assert verdict(parse("".join([*lines, "07/06/2024, 09:00 - Ama: x\n"]))) == ("dmy", "ambiguous")


def test_the_language_of_the_notices_settles_an_ambiguous_order() -> None:
    german = "05.06.24, 09:00 - Ama hat Ben hinzugefügt.\n06.06.24, 09:00 - Ama: ja\n"
    order, told = verdict(parse(german))
    assert (order, told) == ("dmy", "likely")


@pytest.mark.parametrize(
    ("notice", "told"),
    [("Ama ha aggiunto Ben", ("dmy", "likely")), ("Ama added Ben", ("dmy", "ambiguous")), ("hm", ("dmy", "ambiguous"))],
)
def test_slashes_are_settled_by_a_language_whose_countries_all_agree(notice: str, told: tuple[str, str]) -> None:
    assert verdict(parse(f"05/06/24, 09:00 - {notice}\n05/06/24, 09:01 - {notice}\n06/06/24, 09:00 - Ama: x\n")) == told


def test_one_notice_does_not_tell_the_language_of_a_file() -> None:
    assert verdict(parse("05/06/24, 09:00 - Ama ha aggiunto Ben\n06/06/24, 09:00 - Ama: x\n"))[1] == "ambiguous"


def test_an_order_that_nothing_tells_stays_ambiguous_and_names_both() -> None:
    parsed = parse("05/06/2024, 09:00 - Ama: hi\n06/06/2024, 09:00 - Ama: x\n")
    assert verdict(parsed) == ("dmy", "ambiguous")
    assert "nothing decides between dmy and mdy" in parsed.sources["date_order_evidence"][0]


# Own lines and text
CHAT = [f"13/03/2024, 08:{minute:02} - Ama: own {minute}" for minute in range(40)]


def pasted(block: list[str]) -> tuple[str, Parsed]:
    text = "\n".join([*CHAT[:20], *block, *CHAT[20:], ""])
    return text, parse(text)


@pytest.mark.parametrize(
    "block",
    [
        [f"[01/02/2023, 10:00:{second:02}] Ben: said" for second in range(30)],
        [f"[20/03/2024, 10:00:{second:02}] Ben: agenda" for second in range(30)],
        ["20/03/2024 19.30.00: meeting: bring food", "27/03/2024 19.30.00: meeting: bring chairs"],
        ["3/14/24, 8:30 PM - Ben: said", "3/15/24, 8:30 PM - Ben: said"],
    ],
)
def test_lines_of_another_form_stay_text_and_have_their_second_reading(block: list[str]) -> None:
    text, parsed = pasted(block)
    assert parsed.messages.height == 40
    assert parsed.sources["n_quoted"][0] == len(block)
    assert parsed.readings.filter(taken_as="text")["line"].to_list() == list(range(21, 21 + len(block)))
    assert parsed.readings["sent_local"].null_count() == 0
    assert set(parsed.readings["message_id"]) == {parsed.messages["message_id"][19]}
    assert parsed.messages["text"][19] == "\n".join(["own 19", *block])
    assert tiles(text, parsed)


def test_a_paste_in_the_own_form_from_earlier_is_taken_as_messages_and_named() -> None:
    text, parsed = pasted([f"01/02/2023, 10:0{minute} - Ben: said" for minute in range(5)])
    assert parsed.messages.height == 45
    assert parsed.readings["line"].to_list() == [21, 22, 23, 24, 25]
    assert parsed.readings["taken_as"].to_list() == ["message"] * 5
    assert tiles(text, parsed)


def test_two_exports_one_behind_the_other_are_both_read() -> None:
    second = "".join(f"[14/03/2024, 09:{minute:02}:05] Ben: new phone\n" for minute in range(30))
    text = "\n".join([*CHAT, ""]) + second
    parsed = parse(text)
    assert (parsed.messages.height, parsed.sources["n_quoted"][0]) == (70, 0)
    assert parsed.readings["line"].to_list() == list(range(41, 71))
    assert set(parsed.readings["taken_as"]) == {"message"}
    assert parsed.sources["header_format"][0].startswith("android + ios: ")
    assert tiles(text, parsed)


def test_an_older_export_behind_a_newer_one_is_text_with_its_second_reading() -> None:
    second = "".join(f"[14/03/2023, 09:{minute:02}:05] Ben: old phone\n" for minute in range(30))
    text = "\n".join([*CHAT, ""]) + second
    parsed = parse(text)
    assert (parsed.messages.height, parsed.readings.height) == (40, 30)
    assert parsed.readings["sender_label"].to_list() == ["Ben"] * 30
    assert tiles(text, parsed)


def test_a_file_in_reverse_is_read_whole() -> None:
    text = "\n".join([*reversed(CHAT), ""])
    parsed = parse(text)
    assert times(parsed) == sorted(times(parsed), key=str, reverse=True)
    assert tiles(text, parsed)


def test_a_first_line_of_another_kind_loses_no_byte_and_hides_no_line() -> None:
    text = "\n".join(["Saved on 20/05/2024", *CHAT, ""])
    parsed = parse(text)
    assert (parsed.messages.height, parsed.rejects["byte_end"].to_list()) == (40, [20])
    assert tiles(text, parsed)


@pytest.mark.parametrize(
    "first",
    [
        "20/05/2024, 10:00:00 - saved by Ama",
        "20/05/2023, 10:00:00 - saved by Ama",
        "99/99/2024, 10:00:00 - saved by Ama",
        "[20/05/2024, 10:00:00] Ama: saved",
        "20/05/2024 - saved",
        "18 Mar 12:14 - Ama: saved",
    ],
)
def test_a_first_line_that_resembles_a_header_loses_no_byte_and_hides_no_line(first: str) -> None:
    text = "\n".join([first, *CHAT, ""])
    parsed = parse(text)
    assert sorted({*parsed.messages["line"], *parsed.readings["line"]}) == list(range(1, 42))
    assert tiles(text, parsed)


def test_lines_of_another_kind_before_the_first_own_line_belong_to_no_message() -> None:
    text = "13/03/2024, 99:99 - Ama: no time\n" + "\n".join([*CHAT, ""])
    parsed = parse(text)
    assert parsed.readings.select("line", "message_id", "sent_local", "taken_as").rows() == [(1, None, None, "text")]
    assert parsed.readings["reason"][0].startswith("gives no time")
    assert tiles(text, parsed)


def test_few_lines_of_another_kind_are_own_where_their_senders_wrote_before() -> None:
    for sender, height in (("Ama", 41), ("Zoë", 40)):
        text = "\n".join([*CHAT, f"[13/03/2024, 09:20:30] {sender}: new setting", ""])
        assert parse(text).messages.height == height
    block = ["[13/03/2024, 08:20:30] Ama: new setting"]
    text = "\n".join([*CHAT[:20], *block, *[line.replace("08:", "09:") for line in CHAT[20:]], ""])
    assert parse(text).messages.height == 40


def test_a_date_without_time_is_never_own_among_few() -> None:
    text = "\n".join([*CHAT, "14/03/2024 - Ama: lunch", ""])
    assert parse(text).messages.height == 40


def test_brackets_with_the_year_elsewhere_are_own_without_known_senders() -> None:
    text = "[13/03/2024, 08:30:00] Ama: a\n" * 30 + "[2024/03/14, 08:30:00] Zoë: b\n"
    assert parse(text).messages.height == 31


def test_the_least_sure_order_is_the_verdict_of_the_file() -> None:
    text = "\n".join([*CHAT, ""]) + "".join(f"[05/06/2024, 09:{minute:02}:05] Ben: x\n" for minute in range(30))
    parsed = parse(text)
    assert parsed.messages.height == 70
    assert verdict(parsed) == ("dmy", "ambiguous")
    assert "another form in the same file" in parsed.sources["date_order_evidence"][0]


def test_a_kind_whose_dates_fit_no_order_is_text() -> None:
    text = "\n".join([*CHAT, "[99/99/2024, 09:00:05] Ama: x", ""])
    parsed = parse(text)
    assert (parsed.messages.height, parsed.sources["n_quoted"][0]) == (40, 1)
