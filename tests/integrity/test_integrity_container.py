"""Indicators of the zip: who packed it, what else lies in it, oddities and damage."""

import struct

import pytest
from intake.test_zip_fields import UNIX_TIMES
from intake.zips import CHAT, Entry, pack
from integrity.received import evidence_from, observe

from chatforensics.integrity import Observation
from chatforensics.integrity.container import CONTAINER

CHAT_ENTRY = Entry(b"_chat.txt")
PICTURE = Entry(b"IMG-20240313-WA0001.jpg", content=b"\xff\xd8\xff\xe0picture")
OWNER = struct.pack("<HH", 0x7875, 0)
ZIP64, JAR = struct.pack("<HH", 0x0001, 0), struct.pack("<HH", 0xCAFE, 0)


def seen(number: str, *entries: Entry, behind: bytes = b"", comment: bytes = b"") -> list[Observation]:
    return observe(CONTAINER, number, evidence_from(pack(*entries, comment=comment) + behind, name="x.zip"))


@pytest.mark.parametrize("number", sorted(CONTAINER))
def test_a_plain_text_shows_nothing(number: str) -> None:
    assert observe(CONTAINER, number, evidence_from(CHAT)) == []


@pytest.mark.parametrize("number", ["I-30", "I-33", "I-34"])
def test_a_plain_zip_shows_nothing_odd(number: str) -> None:
    assert seen(number, CHAT_ENTRY, PICTURE) == []


def test_i29_tells_the_fields_of_the_packer() -> None:
    (told,) = seen("I-29", CHAT_ENTRY, PICTURE)
    assert (told.level, told.value) == (
        "info",
        "2 files by system 3, version 20 (to unpack 20), deflate, flags 0x0800, extra fields none.",
    )


def test_i29_a_file_packed_by_another_system_or_program_is_unexplained() -> None:
    for other in (Entry(b"_chat.txt", made_by=0x0014), Entry(b"_chat.txt", extra=UNIX_TIMES + OWNER)):
        (told,) = seen("I-29", other, PICTURE, Entry(b"IMG-20240313-WA0002.jpg"))
        assert told.level == "unexplained"
        assert told.value.endswith("These are 2 ways of packing in one zip; the rarest was used for “_chat.txt”.")


def test_i29_what_one_program_varies_from_file_to_file_is_no_second_packing() -> None:
    stored = Entry(b"IMG-20240313-WA0002.jpg", method=0, extra=ZIP64)
    versions = Entry(b"IMG-20240313-WA0003.jpg", made_by=0x032D, extra=JAR)
    ours = Entry(b".DS_Store", extra=UNIX_TIMES)
    (told,) = seen("I-29", CHAT_ENTRY, PICTURE, stored, versions, ours)
    assert told.level == "info"
    assert told.value.startswith("2 files by system 3, version 20")


def test_i29_names_the_commonest_ways_and_how_many_more() -> None:
    entries = [Entry(f"{at}.jpg".encode(), made_by=0x0300 + at) for at in range(20, 27)]
    assert seen("I-29", CHAT_ENTRY, *entries)[0].value.endswith("; and 2 more.")


def test_i30_files_of_a_computer_and_folders_are_told() -> None:
    folder = Entry(b"Choir/", content=b"", mode=0o040755)
    added = Entry(b"__MACOSX/._a.jpg", content=b"x")
    levels = [(x.level, x.value) for x in seen("I-30", CHAT_ENTRY, added, folder)]
    assert levels == [
        ("info", "1 file was added by a computer: “__MACOSX/._a.jpg”."),
        ("info", "1 folder lies in the zip: “Choir/”."),
    ]


@pytest.mark.parametrize("named", [False, True])
def test_i30_a_second_chat_text_is_unexplained_unless_a_message_names_it(*, named: bool) -> None:
    line = b"13/03/2024, 08:31 - Ama: WhatsApp Chat with Drummers.txt (file attached)\n"
    chosen = Entry(b"WhatsApp Chat with Choir.txt", content=CHAT + line * named)
    raw = pack(chosen, Entry(b"WhatsApp Chat with Drummers.txt"))
    found = observe(CONTAINER, "I-30", evidence_from(raw, name="WhatsApp Chat with Choir.zip"))
    assert [x.level for x in found] == ([] if named else ["unexplained"])


def test_i33_bytes_outside_of_files_are_counted() -> None:
    hidden = Entry(b"a.jpg", content=b"x", behind=b"h" * 30)
    assert [(x.level, x.value) for x in seen("I-33", CHAT_ENTRY, hidden, behind=b"more")] == [
        ("unexplained", "Between the files of the zip lie 30 bytes that belong to none of them."),
        ("unexplained", "Behind the end of the zip stand 4 bytes."),
    ]
    assert [(x.level, x.value) for x in seen("I-33", CHAT_ENTRY, comment=b"hello")] == [
        ("info", "The zip carries a comment of 5 bytes.")
    ]


@pytest.mark.parametrize(
    ("entry", "level", "words"),
    [
        (Entry(b"../a.jpg"), "unexplained", "points outside of the zip: 1."),
        (Entry("\u202ea.jpg".encode()), "info", "direction marks: 1."),
        (Entry(b"a.jpg", time=0x6000, local_time=0x6800), "unexplained", "another time stands"),
        (Entry(b"a.jpg", flags=0x0802), None, ""),
        (Entry(b"a.jpg", flags=0x0800, local_flags=0x0802), "info", "other flags stand"),
    ],
)
def test_i33_oddities_of_files_have_their_level(entry: Entry, level: str | None, words: str) -> None:
    found = seen("I-33", CHAT_ENTRY, entry)
    assert [x.level for x in found] == ([] if level is None else [level])
    assert all(words in x.value for x in found)


def test_i34_a_damaged_file_is_unexplained_and_leads_to_the_message_that_names_it() -> None:
    text = CHAT + b"13/03/2024, 08:31 - Ama: IMG-20240313-WA0001.jpg (file attached)\n"
    raw = pack(Entry(b"_chat.txt", content=text), Entry(PICTURE.name, content=b"picture", crc=1))
    (told,) = observe(CONTAINER, "I-34", evidence_from(raw, name="x.zip"))
    assert (told.level, told.lines) == ("unexplained", [2])
    assert told.value == ("1 file is damaged or cut short: damaged zip (its content is not what its directory states).")


def test_i34_an_encrypted_or_empty_file_is_told() -> None:
    locked = Entry(b"a.jpg", flags=0x0801, content=b"locked away")
    assert [(x.level, x.value) for x in seen("I-34", CHAT_ENTRY, locked, Entry(b"b.jpg", content=b""))] == [
        ("info", "1 file was not read: the zip is encrypted."),
        ("info", "1 file is empty."),
    ]
