"""Lines with two readings: each is listed once, with the reading that the other tables do not hold."""

from datetime import datetime

from chatforensics.intake import chat_from_bytes
from chatforensics.parsing import Parsed, parse_export


def parse(text: str, encoding: str = "utf-8") -> Parsed:
    return parse_export(chat_from_bytes(text.encode(encoding), name="chat.txt"))


def chat(*clocks: str) -> str:
    return "".join(f"13/03/2024, {clock} - Ama: at {clock}\n" for clock in clocks)


def test_a_file_that_reads_in_one_way_has_no_second_readings() -> None:
    assert parse(chat("08:30", "08:31", "08:29")).readings.is_empty()


def test_a_pasted_line_is_listed_with_its_place_time_and_sender() -> None:
    text = chat("08:30") + "[01/02/2023, 10:00:05] Zoë: said\n" + chat("08:31")
    for encoding in ("utf-8", "utf-16"):
        parsed = parse(text, encoding)
        row = parsed.readings.row(0, named=True)
        raw = text.encode(encoding)
        assert raw[row["byte_start"] : row["byte_end"]].decode(encoding.replace("16", "16-le")) == (
            "[01/02/2023, 10:00:05] Zoë: said\n"
        )
        assert (row["line"], row["taken_as"], row["sender_label"]) == (2, "text", "Zoë")
        assert row["sent_local"] == datetime(2023, 2, 1, 10, 0, 5)
        assert row["message_id"] == parsed.messages["message_id"][0]
        assert row["reason"] == "another form than the export's own"


def test_a_line_that_gives_no_time_is_listed_without_one() -> None:
    row = parse(chat("08:30") + "13/03/2024, 27:99 - Zoë: x").readings.row(0, named=True)
    assert (row["sent_local"], row["sender_label"], row["reason"]) == (None, "Zoë", "gives no time")
    assert row["byte_end"] == len((chat("08:30") + "13/03/2024, 27:99 - Zoë: x").encode())


def test_a_step_back_of_more_than_clocks_differ_is_listed_if_time_comes_back() -> None:
    back = "10/03/2024, 08:30 - Zoë: old\n"
    parsed = parse(chat("08:30") + back + chat("08:31"))
    row = parsed.readings.row(0, named=True)
    assert (row["line"], row["taken_as"], row["sender_label"], row["sent_local"]) == (2, "message", None, None)
    assert parse(chat("08:30") + back).readings.is_empty()
    assert parse(chat("08:30") + "12/03/2024, 08:30 - Zoë: old\n" + chat("08:31")).readings.is_empty()


def test_readings_are_in_file_order() -> None:
    text = chat("08:30") + "[01/02/2023, 10:00:05] Zoë: a\n10/03/2024, 08:30 - Zoë: b\n" + chat("08:31")
    assert parse(text).readings["line"].to_list() == [2, 3]
