"""Indicators of the times in a zip: against the last message, against each other, against UTC."""

import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from intake.zips import CHAT, Entry, dos_date, dos_time, pack
from integrity.received import evidence_from, observe

from chatforensics.integrity.ziptimes import ZIP_TIMES

LAST = datetime(2024, 3, 13, 8, 30)  # of the chat text


def dated(name: str, moment: datetime, *, utc: datetime | None = None, content: bytes = CHAT) -> Entry:
    extra = b"" if utc is None else struct.pack("<HHBl", 0x5455, 5, 1, int(utc.replace(tzinfo=UTC).timestamp()))
    time = dos_time(moment.hour, moment.minute, moment.second)
    date = dos_date(moment.year, moment.month, moment.day)
    return Entry(name.encode(), time=time, date=date, extra=extra, content=content)


def seen(number: str, entries: Sequence[Entry], *, zone: str | None = None) -> list[tuple[str, str]]:
    evidence = evidence_from(pack(*entries), name="x.zip", zone=zone)
    return [(x.level, x.value) for x in observe(ZIP_TIMES, number, evidence)]


def media(*moments: datetime) -> list[Entry]:
    return [dated(f"IMG-20240313-WA{at:04d}.jpg", moment, content=b"x") for at, moment in enumerate(moments)]


@pytest.mark.parametrize("number", sorted(ZIP_TIMES))
def test_a_plain_text_and_a_zip_without_times_show_nothing(number: str) -> None:
    assert observe(ZIP_TIMES, number, evidence_from(CHAT)) == []
    assert seen(number, [Entry(b"_chat.txt")]) == []


@pytest.mark.parametrize(
    ("after", "level", "words"),
    [
        (timedelta(minutes=10), "info", "2024-03-13 08:40:00, 10 minutes after the last time in it."),
        (timedelta(hours=9), "info", "9.0 hours after"),
        (timedelta(days=40), "info", "40 days after"),
        (timedelta(hours=-26), "info", "26.0 hours before"),
        (timedelta(hours=-27), "unexplained", "27.0 hours before"),
    ],
)
def test_i31_a_text_older_than_its_last_message_is_unexplained_beyond_all_zones(
    after: timedelta, level: str, words: str
) -> None:
    ((found, value),) = seen("I-31", [dated("_chat.txt", LAST + after)])
    assert (found, words in value) == (level, True)


def test_i31_where_day_and_month_may_be_swapped_the_text_is_not_called_older() -> None:
    text = b"05/03/2024, 08:30 - Ama: hi\n"
    raw = [dated("_chat.txt", datetime(2024, 1, 1), content=text)]
    assert seen("I-31", raw)[0][0] == "info"
    assert seen("I-31", [dated("_chat.txt", datetime(2024, 1, 1))])[0][0] == "unexplained"


def test_i31_a_file_put_in_long_after_the_text_is_unexplained() -> None:
    written = LAST + timedelta(hours=1)
    entries = [dated("_chat.txt", written), *media(written + timedelta(hours=1), written + timedelta(hours=5))]
    assert seen("I-31", entries)[1] == (
        "unexplained",
        "1 file is dated more than an hour after the chat text, the latest by 5.0 hours: “IMG-20240313-WA0001.jpg”.",
    )


def test_i31_a_text_saved_after_files_that_were_packed_together_is_unexplained() -> None:
    packed = LAST + timedelta(hours=1)
    entries = [dated("_chat.txt", packed + timedelta(days=3)), *media(packed, packed + timedelta(minutes=2))]
    level, value = seen("I-31", entries)[1]
    assert level == "unexplained"
    assert value.startswith("The chat text is dated 3 days after the 2 other files, which bear times within an hour")


@pytest.mark.parametrize(
    "moments", [[LAST - timedelta(days=90), LAST - timedelta(days=2)], [LAST - timedelta(days=9)] * 2]
)
def test_i31_files_that_bear_their_own_times_say_nothing_of_the_text(moments: list[datetime]) -> None:
    assert len(seen("I-31", [dated("_chat.txt", LAST + timedelta(hours=1)), *media(*moments)])) == 1


@settings(max_examples=40, deadline=None)
@given(st.integers(-14 * 4, 14 * 4), st.integers(0, 59))
def test_i32_every_zone_shows_as_its_offset(quarters: int, second: int) -> None:
    utc = datetime(2024, 3, 13, 9, 0, second)
    offset = quarters * timedelta(minutes=15)
    hours = f"{'-' if quarters < 0 else '+'}{abs(quarters) // 4:02d}:{abs(quarters) % 4 * 15:02d}"
    assert seen("I-32", [dated("_chat.txt", utc + offset, utc=utc)]) == [
        ("info", f"UTC offset of the packer's clock, by number of files: {hours} (1).")
    ]


def test_i32_the_export_s_own_zone_is_set_beside_it() -> None:
    utc = datetime(2024, 7, 1, 9)
    entries = [dated("_chat.txt", utc + timedelta(hours=5), utc=utc)]
    assert seen("I-32", entries, zone="Europe/London")[0][1].endswith(
        "+05:00 (1). Europe/London, taken for the export's clock, had +01:00 then."
    )


def test_i32_summer_time_is_one_clock_and_two_zones_are_two() -> None:
    utc = datetime(2024, 3, 13, 9)
    entries = [
        dated(f"{at}.txt" if at else "_chat.txt", utc + timedelta(hours=hours), utc=utc)
        for at, hours in enumerate((1, 1, 2))
    ]
    for at in (1, 2):
        entries[at] = dated(f"{at}.jpg", utc + timedelta(hours=at), utc=utc, content=b"x")
    assert seen("I-32", entries) == [
        ("info", "UTC offset of the packer's clock, by number of files: +01:00 (2), +02:00 (1).")
    ]
    entries.append(dated("3.jpg", utc - timedelta(hours=5), utc=utc, content=b"x"))
    assert seen("I-32", entries)[0][0] == "unexplained"


@pytest.mark.parametrize("apart", [timedelta(minutes=7), timedelta(hours=15), timedelta(seconds=8)])
def test_i32_two_times_that_no_zone_explains_are_unexplained(apart: timedelta) -> None:
    utc = datetime(2024, 3, 13, 9)
    assert seen("I-32", [dated("_chat.txt", utc + apart, utc=utc)]) == [
        ("unexplained", "1 file states a local time and a time in UTC that no zone explains.")
    ]
