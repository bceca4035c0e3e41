"""Lines with two readings: each is listed once, with the reading that the other tables do not hold."""

from datetime import datetime

import pytest

from chatforensics.intake import chat_from_bytes
from chatforensics.parsing import Parsed, parse_export, readings


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
    assert (row["sent_local"], row["sender_label"]) == (None, "Zoë")
    assert row["reason"].startswith("gives no time")
    assert row["byte_end"] == len((chat("08:30") + "13/03/2024, 27:99 - Zoë: x").encode())


@pytest.mark.parametrize(
    "quoted",
    [
        " 13/03/2024, 08:30 - Zoë: x",
        "\t13/03/2024, 08:30 - Zoë: x",
        "> 13/03/2024, 08:30 - Zoë: x",
        "*13/03/2024, 08:30 - Zoë: x*",
        "*[13/03/2024, 08:30:05] Zoë: x*",
        "[13/03, 13:50] Zoë: x",
    ],
)
def test_a_line_that_stands_as_people_quote_it_is_text_and_listed(quoted: str) -> None:
    parsed = parse(chat("08:30") + f"{quoted}\n" + chat("08:31"))
    assert parsed.messages["text"].to_list() == [f"at 08:30\n{quoted}", "at 08:31"]
    assert parsed.readings.select("line", "taken_as", "sender_label").rows() == [(2, "text", "Zoë")]


def test_a_line_out_of_order_by_more_than_clocks_differ_is_listed() -> None:
    reason = "out of order by more than a day: may be text pasted into the message above"
    for day in ("10/03/2024", "20/03/2024"):
        parsed = parse(chat("08:30", "08:31") + f"{day}, 08:30 - Zoë: x\n" + chat("08:32"))
        row = parsed.readings.row(0, named=True)
        assert parsed.readings.height == 1
        assert (row["line"], row["taken_as"], row["sender_label"], row["sent_local"]) == (3, "message", None, None)
        assert (row["reason"], row["message_id"]) == (reason, parsed.messages["message_id"][2])
    assert parse(chat("08:30") + "12/03/2024, 08:30 - Zoë: x\n" + chat("08:31")).readings.is_empty()


def test_lines_of_another_form_at_the_end_are_messages_that_may_be_pasted_text() -> None:
    parsed = parse(chat("08:30") + "".join(f"[14/03/2024, 09:00:{second}] Zoë: x\n" for second in range(10, 22)))
    assert parsed.messages.height == 13
    assert parsed.readings["line"].to_list() == list(range(2, 14))
    assert parsed.readings["message_id"].to_list() == parsed.messages["message_id"].to_list()[1:]
    assert set(parsed.readings.select("taken_as", "reason").rows()) == {
        ("message", "another form than the export's first: may be pasted text")
    }


def test_readings_are_in_file_order() -> None:
    text = chat("08:30", "08:31") + "[01/02/2023, 10:00:05] Zoë: a\n10/03/2024, 08:30 - Zoë: b\n" + chat("08:32")
    assert parse(text).readings["line"].to_list() == [3, 4]


def test_beyond_ten_thousand_lines_a_stretch_is_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "_MOST_LISTED", 3)
    days = [*range(1, 20), 1, 2, 3, 20, 1, 2, 21]
    content = "".join(f"{day:02}/03/2024, 08:30 - Ama: x\n" for day in days).encode()
    listed = parse_export(chat_from_bytes(content, name="chat.txt")).readings
    width = len("01/03/2024, 08:30 - Ama: x\n")
    assert listed.select("line", "byte_start", "byte_end").rows() == [
        (20, 19 * width, 22 * width),
        (24, 23 * width, 25 * width),
    ]
