"""Indicators of the files sent in the chat: present, of their kind, edited, sent twice."""

import pytest
from intake.test_exif import a_block, a_jpeg
from intake.zips import CHAT, Entry, pack
from integrity.received import evidence_from, observe

from chatforensics.integrity import Evidence, Observation
from chatforensics.integrity.media import MEDIA

JPEG, PDF = b"\xff\xd8\xff\xe0picture", b"%PDF-1.4 letter"


def a_chat(*names: str, day: int = 13) -> bytes:
    """Return a chat in which each name stands in a message of its own, from line 2 on."""
    return CHAT + b"".join(f"{day}/03/2024, 08:31 - Tunde: {name} (file attached)\n".encode() for name in names)


def a_case(named: list[str], files: dict[str, bytes]) -> Evidence:
    entries = [Entry(name.encode(), content=content) for name, content in files.items()]
    return evidence_from(pack(Entry(b"_chat.txt", content=a_chat(*named)), *entries), name="x.zip")


def seen(number: str, named: list[str], files: dict[str, bytes]) -> list[tuple[str, str, list[int]]]:
    return [(x.level, x.value, list(x.lines)) for x in observe(MEDIA, number, a_case(named, files))]


@pytest.mark.parametrize("number", sorted(MEDIA))
def test_a_chat_with_its_files_shows_nothing(number: str) -> None:
    assert observe(MEDIA, number, evidence_from(CHAT)) == []
    name = "IMG-20240313-WA0001.jpg"
    assert seen(number, [name], {name: JPEG}) == []


def test_i35_tells_what_is_missing_and_what_no_message_names() -> None:
    named = ["IMG-20240313-WA0001.jpg", "IMG-20240313-WA0002.jpg"]
    assert seen("I-35", named, {named[0]: JPEG, "IMG-20240313-WA0003.jpg": JPEG}) == [
        ("info", "1 of 2 files that messages name did not come with the text.", [3]),
        ("info", "1 file came that no message names (“IMG-20240313-WA0003.jpg”).", []),
    ]


def test_i35_a_name_that_two_messages_print_is_told() -> None:
    name = "IMG-20240313-WA0001.jpg"
    ((level, value, lines),) = seen("I-35", [name, name], {name: JPEG})
    assert (level, lines) == ("info", [2, 3])
    assert value == "2 messages name files that several messages name or several files could be."


def test_i35_lists_a_thousand_lines_and_counts_all() -> None:
    ((_, value, lines),) = seen("I-35", [f"IMG-20240313-WA{at:04d}.jpg" for at in range(1200)], {})
    assert value.startswith("1,200 of 1,200 files")
    assert lines == list(range(2, 1002))


def test_i38_another_kind_under_a_name_that_the_phone_gives_is_unexplained() -> None:
    name = "IMG-20240313-WA0001.jpg"
    assert seen("I-38", [name], {name: PDF}) == [
        ("unexplained", "1 file of another kind than the ending says: jpg that begins as PDF (1).", [2])
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("IMG-20240313-WA0001.jpg", b"\x89PNG\r\n\x1a\n"),  # pictures are converted
        ("DOC-20240313-WA0001.docx", PDF),  # senders name documents
        ("holiday.jpg", PDF),
    ],
)
def test_i38_another_kind_that_comes_about_by_itself_is_told(name: str, content: bytes) -> None:
    ((level, _, lines),) = seen("I-38", [name], {name: content})
    assert (level, lines) == ("info", [2])


def test_i38_bytes_of_no_known_kind_are_told() -> None:
    name = "IMG-20240313-WA0001.jpg"
    assert seen("I-38", [name], {name: b"hello"}) == [
        ("info", "1 file begins as no kind that the ending allows and is known here.", [2])
    ]
    assert seen("I-38", ["a.xyz"], {"a.xyz": b"hello"}) == []
    assert seen("I-38", [name], {name: b""}) == []


def test_i39_tells_pictures_that_name_software() -> None:
    names = [f"IMG-20240313-WA000{at}.jpg" for at in range(3)]
    taken = b"2024:03:01 10:00:00\0"
    edited, plain = a_jpeg(a_block(taken=taken)), a_jpeg(b"JFIF\0")
    found = seen("I-39", names, {names[0]: plain, names[1]: edited, names[2]: edited})
    assert found == [("info", "2 of 3 JPEG pictures carry an Exif block; 2 name software: “Darkroom 3” (2).", [3, 4])]


def test_i39_tells_pictures_dated_after_their_message() -> None:
    name = "IMG-20240313-WA0001.jpg"
    found = seen("I-39", [name], {name: a_jpeg(a_block(taken=b"2024:03:15 10:00:00\0"))})
    assert found[1:] == [("info", "1 picture is dated more than 26 hours after the message.", [2])]
    near = seen("I-39", [name], {name: a_jpeg(a_block(taken=b"2024:03:14 10:00:00\0"))})
    assert len(near) == 1


def test_i40_tells_files_that_came_several_times() -> None:
    names = [f"STK-20240313-WA000{at}.webp" for at in range(4)]
    files = dict(zip(names, (b"one", b"two", b"one", b"one"), strict=True))
    assert seen("I-40", names, files) == [
        ("info", "1 file is held by several messages, byte for byte: 3 messages, up to 3 for one file.", [2, 4, 5])
    ]


def test_i40_empty_files_and_files_of_no_message_do_not_count() -> None:
    names = ["STK-20240313-WA0001.webp", "STK-20240313-WA0002.webp"]
    assert seen("I-40", names, dict.fromkeys(names, b"")) == []
    assert seen("I-40", names[:1], dict.fromkeys(names, b"one")) == []


@pytest.mark.parametrize("number", sorted(MEDIA))
def test_each_indicator_is_described(number: str) -> None:
    indicator = MEDIA[number]
    texts = (indicator.title, indicator.why, indicator.innocent, indicator.resolve)
    assert all(texts)
    assert isinstance(Observation("info", "x"), Observation)
