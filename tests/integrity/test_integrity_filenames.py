"""Indicators of the names that phones give to files: their time and their number against the messages."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from integrity.received import evidence_from, observe

from chatforensics.integrity.filenames import FILE_NAMES

START = datetime(2025, 5, 20, 12, 30, 11)
HOUR = timedelta(hours=1)


def ios_name(moment: datetime, number: int) -> str:
    return f"{number:08d}-PHOTO-{moment:%Y-%m-%d-%H-%M-%S}.jpg"


def ios_line(moment: datetime, body: str) -> str:
    return f"\u200e[{moment:%d/%m/%Y, %H:%M:%S}] Aroha: {body}"


def attach(moment: datetime, name: str) -> str:
    return ios_line(moment, f"\u200e<attached: {name}>")


def android_line(moment: datetime, name: str) -> str:
    return f"{moment:%d/%m/%Y, %H:%M} - Aroha: {name} (file attached)"


def seen(number: str, lines: list[str]) -> list[tuple[str, str, list[int]]]:
    evidence = evidence_from("".join(line + "\n" for line in lines).encode())
    return [(x.level, x.value, list(x.lines)) for x in observe(FILE_NAMES, number, evidence)]


def ios_chat(n: int, *, apart: timedelta = timedelta(0)) -> list[str]:
    moments = [START + at * HOUR for at in range(n)]
    return [attach(moment, ios_name(moment + apart, at)) for at, moment in enumerate(moments, start=1)]


@pytest.mark.parametrize("number", sorted(FILE_NAMES))
def test_a_chat_without_such_names_shows_nothing(number: str) -> None:
    line = android_line(START, "minutes.pdf")
    assert (
        seen(number, [line, line.replace("minutes.pdf (file attached)", "I sent IMG-20250501-WA0001.jpg to you")]) == []
    )


def test_i36_names_that_agree_to_the_second_are_told() -> None:
    assert seen("I-36", ios_chat(3)) == [
        ("info", "3 file names state a time; name minus message is +00:00 (3); 0 names differ from that.", [])
    ]


@settings(max_examples=25, deadline=None)
@given(st.integers(-12 * 4, 14 * 4), st.integers(1, 4), st.integers(-3, 5))
def test_i36_one_offset_of_all_names_is_a_zone_and_no_oddity(quarters: int, n: int, seconds: int) -> None:
    apart = quarters * timedelta(minutes=15) + timedelta(seconds=seconds)
    ((level, value, lines),) = seen("I-36", ios_chat(n, apart=apart))
    assert (level, lines) == ("info", [])
    assert f"({n}); 0 names differ" in value


def test_i36_a_message_with_another_time_than_its_file_is_unexplained() -> None:
    lines = ios_chat(4)
    lines[2] = attach(START + 2 * HOUR + timedelta(minutes=20), ios_name(START + 2 * HOUR, 3))
    assert seen("I-36", lines) == [
        ("unexplained", "4 file names state a time; name minus message is +00:00 (3); 1 name differs from that.", [3])
    ]


def test_i36_a_move_by_whole_hours_shows_unless_many_names_share_it() -> None:
    lines = ios_chat(20)
    lines[4] = attach(START + 5 * HOUR, ios_name(START + 4 * HOUR, 5))
    assert seen("I-36", lines)[0][2] == [5]
    journey = [
        *ios_chat(20),
        *(attach(START + at * HOUR, ios_name(START + (at + 2) * HOUR, at)) for at in range(21, 27)),
    ]
    ((level, value, _),) = seen("I-36", journey)
    assert (level, "+00:00 (20), +02:00 (6); 0 names differ" in value) == ("info", True)


def test_i36_days_in_names_are_compared_with_those_of_the_messages() -> None:
    day = timedelta(days=1)
    lines = [android_line(START + at * day, f"IMG-{START + at * day:%Y%m%d}-WA0001.jpg") for at in range(4)]
    lines += [
        android_line(START + 5 * day, f"IMG-{START:%Y%m%d}-WA0002.jpg"),
        android_line(START + 6 * day, f"IMG-{START + 9 * day:%Y%m%d}-WA0002.jpg"),
        android_line(START + 7 * day, f"IMG-{START + 8 * day:%Y%m%d}-WA0002.jpg"),
        android_line(START + 8 * day, "IMG-20251399-WA0002.jpg"),
    ]
    ((level, value, found),) = seen("I-36", lines)
    assert (level, found) == ("info", [5, 6])
    assert value.startswith("7 file names state a day; more than a day after the message 1, before it 1; the commonest")
    assert value.endswith("difference is +0 days (4).")


def test_i36_messages_moved_together_against_their_files_are_unexplained() -> None:
    day = timedelta(days=1)
    lines = [android_line(START + at * day, f"IMG-{START + (at - 3) * day:%Y%m%d}-WA0001.jpg") for at in range(6)]
    ((level, value, found),) = seen("I-36", lines)
    assert (level, found) == ("unexplained", [1, 2, 3, 4, 5, 6])
    assert value.endswith("the commonest difference is -3 days (6).")


def test_i37_a_number_that_counts_records_shows_where_it_skips() -> None:
    chat = [attach(START, ios_name(START, 7))]
    chat += [ios_line(START + HOUR, "hello"), attach(START + 2 * HOUR, ios_name(START + 2 * HOUR, 9))]
    chat += [attach(START + 3 * HOUR, ios_name(START + 3 * HOUR, 10))]
    chat += [ios_line(START + 4 * HOUR, "what"), attach(START + 5 * HOUR, ios_name(START + 5 * HOUR, 14))]
    ((level, value, lines),) = seen("I-37", chat)
    assert (level, lines) == ("info", [6])
    assert value.startswith(
        "4 numbered file names, from 7 to 14: from one to the next the number grows by one a record in"
    )
    assert value.endswith("in 2 of 3 steps; it falls in 0 and stays in 0.")


def test_i37_a_number_that_counts_files_shows_where_it_falls_or_stays() -> None:
    numbers = [1, 2, 3, 3, 4, 2, 3, 4]
    chat = []
    for at, number in enumerate(numbers):
        moment = START + at * HOUR
        chat += [attach(moment, ios_name(moment, number)), ios_line(moment + HOUR / 2, "hello")]
    ((level, value, lines),) = seen("I-37", chat)
    assert (level, lines) == ("info", [7, 11])
    assert value.endswith("the number grows by one a named file in 5 of 7 steps; it falls in 1 and stays in 1.")


def test_i37_counts_which_numbers_of_a_day_the_chat_has() -> None:
    names = [
        "IMG-20250520-WA0000.jpg",
        "IMG-20250520-WA0004.jpg",
        "PTT-20250520-WA0004.opus",
        "IMG-20250521-WA0001.jpg",
    ]
    assert seen("I-37", [android_line(START, name) for name in names]) == [
        (
            "info",
            "4 numbered file names on 2 days; of the 7 numbers up to the highest of each day the chat has 3.",
            [],
        )
    ]
    assert seen("I-37", [android_line(START, names[0])]) == []
