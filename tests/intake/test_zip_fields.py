"""What a zip states of its files is read as it stands; what is no time or no field is left out."""

import struct
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.zips import Entry, dos_date, dos_time, pack

from chatforensics.intake import MemberFacts, chat_from_bytes
from chatforensics.intake.oddities import Oddity
from chatforensics.intake.zipfields import Stated

CHAT_ENTRY = Entry(b"_chat.txt")
UNIX_TIMES = struct.pack("<HHBl", 0x5455, 5, 1, 1_746_100_000)
# Some Pythons look into 0x0001 and 0x7075 themselves.
NUMBERS = st.integers(2, 0xFFFF).filter(lambda number: number != 0x7075)
NTFS_TIMES = struct.pack("<HHLHHQQQ", 0x000A, 32, 0, 1, 24, 133_905_736_000_000_000, 0, 0)


def facts_of(*entries: Entry, **options: bytes) -> tuple[MemberFacts, ...]:
    return chat_from_bytes(pack(*entries, **options), name="folder/x.zip").members  # type: ignore[arg-type]


def stated_of(entry: Entry) -> Stated:
    stated = facts_of(entry)[1].stated
    assert stated is not None
    return stated


def test_the_zip_itself_comes_first_then_its_files_as_they_lie() -> None:
    facts = facts_of(Entry(b"z.jpg"), CHAT_ENTRY, Entry(b"a/", content=b"", mode=0o040755), comment=b"hello")
    assert [(x.name, x.role, x.stated.position if x.stated else None) for x in facts] == [
        ("x.zip", "container", None),
        ("z.jpg", "other", 1),
        ("_chat.txt", "chat", 2),
        ("a/", "folder", 3),
    ]
    assert facts[0].oddities == (Oddity("comment", 5),)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        (b"IMG-20250501-WA0012.jpg", "sent"),
        (b"00000012-PHOTO-2025-05-01-12-30-11.jpg", "sent"),
        (b"__MACOSX/._IMG-20250501-WA0012.jpg", "added"),
        (b".DS_Store", "added"),
        (b"Thumbs.db", "added"),
        (b"minutes.txt", "other"),
        (b"minutes.pdf", "other"),
    ],
)
def test_a_name_tells_what_a_file_is(name: bytes, role: str) -> None:
    assert facts_of(CHAT_ENTRY, Entry(name))[2].role == role


def test_who_packed_a_file_and_how_is_kept() -> None:
    stated = stated_of(Entry(b"_chat.txt", made_by=0x031E, extra=UNIX_TIMES + b"\x75\x78\x00\x00", flags=0x0800))
    assert (stated.create_system, stated.create_version, stated.extract_version) == (3, 30, 20)
    assert (stated.flags, stated.extra_ids) == (0x0800, (0x5455, 0x7875))


def test_the_packers_wall_clock_is_read() -> None:
    entry = Entry(b"_chat.txt", date=dos_date(2025, 5, 1), time=dos_time(12, 30, 11))
    assert stated_of(entry).modified_local == datetime(2025, 5, 1, 12, 30, 10)


@pytest.mark.parametrize("date", [0, dos_date(2025, 2, 30), dos_date(2025, 13, 1)])
def test_what_is_no_date_is_no_date(date: int) -> None:
    assert stated_of(Entry(b"_chat.txt", date=date)).modified_local is None


@pytest.mark.parametrize(
    ("extra", "moment"),
    [
        (UNIX_TIMES, datetime(2025, 5, 1, 11, 46, 40, tzinfo=UTC)),
        (struct.pack("<HHBl", 0x5455, 5, 1, -1), datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (struct.pack("<HHBl", 0x5455, 5, 2, 1_746_100_000), None),
        (struct.pack("<HHBH", 0x5455, 3, 1, 7), None),
        (NTFS_TIMES, datetime(2025, 5, 1, 11, 46, 40, tzinfo=UTC)),
        (struct.pack("<HHLHHQQQ", 0x000A, 32, 0, 1, 24, 2**64 - 1, 0, 0), None),
        (struct.pack("<HHL", 0x000A, 4, 0), None),
        (b"\x00\x00\x00\x00" + UNIX_TIMES, datetime(2025, 5, 1, 11, 46, 40, tzinfo=UTC)),
    ],
)
def test_the_time_in_utc_is_read_where_it_is_stated(extra: bytes, moment: datetime | None) -> None:
    assert stated_of(Entry(b"_chat.txt", extra=extra)).modified_at == moment


def test_another_time_before_the_file_is_an_oddity() -> None:
    entry = Entry(b"_chat.txt", date=dos_date(2025, 5, 1), time=dos_time(12, 0, 0), local_time=dos_time(13, 0, 0))
    assert facts_of(entry)[1].oddities == (Oddity("time_differs"),)
    assert facts_of(Entry(b"_chat.txt", local_flags=0x0802))[1].oddities == (Oddity("flags_differ"),)


def test_how_the_sizes_are_stated_is_no_oddity() -> None:
    assert facts_of(Entry(b"_chat.txt", flags=0x0808, local_flags=0x0800))[1].oddities == ()


def test_names_that_are_odd_are_told_per_file() -> None:
    facts = facts_of(CHAT_ENTRY, Entry(b"../a.jpg"), Entry(b"b.jpg"), Entry(b"b.jpg", content=b"2"))
    assert [[oddity.kind for oddity in x.oddities] for x in facts[2:]] == [["outside"], ["namesake"], ["namesake"]]


def test_a_file_that_cannot_be_read_says_why_and_how_others_begin_is_kept() -> None:
    facts = facts_of(CHAT_ENTRY, Entry(b"a.jpg", crc=1), Entry(b"b.png", content=b"\x89PNG\r\n\x1a\n" + b"x" * 20))
    assert facts[2].unread == "damaged zip (its content is not what its directory states)"
    assert facts[2].look is None
    assert facts[3].look is not None
    assert facts[3].look.magic == b"\x89PNG\r\n\x1a\nxxxxxxxx"
    assert facts[1].look is None, "the chat text's own words are not kept here"


# Bytes that look like a record of the zip's end, where one would stand, make the whole zip refused.
@given(st.lists(st.tuples(NUMBERS, st.binary(max_size=40).filter(lambda raw: b"PK" not in raw)), max_size=60))
def test_extra_fields_of_any_content_are_listed_up_to_a_few(fields: list[tuple[int, bytes]]) -> None:
    extra = b"".join(struct.pack("<HH", number, len(content)) + content for number, content in fields)
    stated = stated_of(Entry(b"_chat.txt", extra=extra))
    assert list(stated.extra_ids) == [number for number, _ in fields][:50]
