"""Zips made to harm: each is refused or defused, and the reason is said. Numbers are those of the threat list."""

import hashlib
import io
import tempfile
import tracemalloc
import zipfile
import zlib

import pytest
from intake.zips import CHAT, Entry, deflate, pack, widen

from chatforensics.errors import UnreadableExport
from chatforensics.intake import ChatText, archives, chat_from_bytes, content, directory

CHAT_ENTRY = Entry(b"_chat.txt")
LINK, PIPE, FOLDER = 0o120777, 0o010644, 0o040755


def read(raw: bytes, **options: str) -> ChatText:
    return chat_from_bytes(raw, name="x.zip", **options)


def refusal(raw: bytes) -> str:
    with pytest.raises(UnreadableExport) as caught:
        read(raw)
    assert str(caught.value).startswith("x.zip: ")
    assert caught.value.hint
    return str(caught.value)


def test_the_builder_writes_whole_zips() -> None:
    raw = pack(CHAT_ENTRY, Entry(b"a.jpg", method=0))
    assert zipfile.ZipFile(io.BytesIO(raw)).testzip() is None
    assert (read(raw).content, read(raw).notes) == (CHAT, ())


def test_h01_a_ratio_bomb_is_refused_without_filling_the_memory() -> None:
    bomb = pack(Entry(b"_chat.txt", content=b"0" * 200_000_000))
    assert len(bomb) < 300_000
    tracemalloc.start()
    assert "200 times its size" in refusal(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60_000_000


def test_h01_a_chat_over_the_limit_of_size_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_TEXT_BYTES", 10)
    assert "over the limit" in refusal(pack(CHAT_ENTRY))


def test_h01_a_bomb_sent_into_the_chat_does_not_keep_the_chat_from_being_read() -> None:
    chat = read(pack(Entry(b"zeros.bin", content=b"0" * 30_000_000), CHAT_ENTRY, Entry(b"a.jpg", content=b"picture")))
    assert chat.content == CHAT
    assert [(x.name, x.size_bytes, x.sha256 is None) for x in chat.attachments] == [
        ("a.jpg", 7, False),
        ("zeros.bin", 30_000_000, True),
    ]
    assert chat.notes == ("Files in the zip that were not read: 1 (it unpacks to more than 200 times its size).",)


def test_h01_all_attachments_together_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_TOTAL_BYTES", 8)
    chat = read(
        pack(CHAT_ENTRY, Entry(b"a", content=b"12345"), Entry(b"b", content=b"12345"), Entry(b"c", content=b"1234"))
    )
    assert [(x.name, x.sha256 is None) for x in chat.attachments] == [("a", False), ("b", True), ("c", True)]
    assert chat.notes == ("Files in the zip that were not read: 2 (unpacked it is over the limit of size).",)


def test_h02_a_size_that_lies_is_refused() -> None:
    assert "not what its directory states" in refusal(pack(Entry(b"_chat.txt", n_bytes=5)))
    # Python's own reader takes the first bytes for the whole file where the check sum lies too.
    first = zlib.crc32(CHAT[:5])
    raw = pack(Entry(b"_chat.txt", n_bytes=5, crc=first))
    assert zipfile.ZipFile(io.BytesIO(raw)).read("_chat.txt") == CHAT[:5]
    assert "not what its directory states" in refusal(raw)


def test_h02_bytes_behind_the_end_of_a_packed_file_are_refused() -> None:
    for hidden in (b"hidden", b"hidden" * 50_000):
        assert "hide" in refusal(pack(Entry(b"_chat.txt", packed=deflate(CHAT) + hidden)))
    assert "no end" in refusal(pack(Entry(b"_chat.txt", packed=deflate(CHAT)[:-3])))
    assert "damaged zip" in refusal(pack(Entry(b"_chat.txt", packed=b"\xff" * 20)))


def test_h03_files_that_overlap_are_refused_whole() -> None:
    inner = pack(Entry(b"b.jpg", method=0))[:-22]
    nested = Entry(b"a.jpg", content=inner, method=0)
    quoted = Entry(b"b.jpg", method=0, header_at=30 + len(b"a.jpg"))
    assert "overlap" in refusal(pack(nested, quoted, CHAT_ENTRY))


def test_h03_two_entries_for_the_same_bytes_are_refused() -> None:
    assert "overlap" in refusal(pack(CHAT_ENTRY, Entry(b"_chat.txt", header_at=0)))


def test_h03_a_file_that_reaches_into_the_directory_is_refused() -> None:
    raw = bytearray(pack(Entry(b"_chat.txt", method=0)))
    for mark, at in ((b"PK\x03\x04", 18), (b"PK\x01\x02", 20)):
        start = raw.index(mark) + at
        raw[start : start + 8] = (len(CHAT) + 9).to_bytes(4, "little") * 2
    assert "overlap" in refusal(bytes(raw))


def test_h04_a_zip_inside_stays_closed_and_is_listed_with_its_hash() -> None:
    inner = pack(Entry(b"_chat.txt", content=b"another chat"))
    chat = read(pack(CHAT_ENTRY, Entry(b"backup.zip", content=inner, method=0)))
    (attachment,) = chat.attachments
    assert (attachment.name, attachment.sha256) == ("backup.zip", hashlib.sha256(inner).hexdigest())
    assert chat.content == CHAT


@pytest.mark.parametrize("widened", [False, True])
def test_h05_too_many_files_are_refused_from_the_end_record(monkeypatch: pytest.MonkeyPatch, *, widened: bool) -> None:
    raw = widen(pack(CHAT_ENTRY), count=1_000_000) if widened else pack(CHAT_ENTRY, count=60_000)
    monkeypatch.setattr(zipfile, "ZipFile", None)  # it must not even be opened
    assert "more than 50,000 files" in refusal(raw)


def test_h05_a_directory_that_lists_more_than_it_says_is_refused() -> None:
    assert "another number" in refusal(pack(CHAT_ENTRY, Entry(b"a"), count=1))


def test_h05_a_directory_too_large_to_open_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MAX_DIRECTORY_BYTES", 20)
    assert "more than" in refusal(pack(CHAT_ENTRY))


def test_a_zip_with_large_numbers_is_read() -> None:
    assert read(widen(pack(CHAT_ENTRY), count=1)).content == CHAT


def test_a_long_end_record_out_of_its_place_is_refused() -> None:
    raw = widen(pack(CHAT_ENTRY), count=1).replace(b"PK\x06\x06", b"PK\x06\x05")
    assert "damaged zip" in refusal(raw)


@pytest.mark.parametrize(
    "name",
    [b"../../evil.jpg", b"/etc/evil.jpg", b"C:evil.jpg", b"..\\evil.jpg", b"a/../../evil.jpg", b"\\\\host\\evil"],
)
def test_h06_names_that_point_outside_are_kept_as_text_and_flagged(name: bytes) -> None:
    chat = read(pack(CHAT_ENTRY, Entry(name, content=b"x")))
    assert [x.name for x in chat.attachments] == [name.decode()]
    assert chat.notes[0] == "File names in the zip that point outside of it: 1. Nothing is extracted by name."


def test_h06_a_name_with_a_nul_is_flagged_and_kept_whole() -> None:
    chat = read(pack(CHAT_ENTRY, Entry(b"a.jpg\0.exe", content=b"x")))
    assert [x.name for x in chat.attachments] == ["a.jpg\0.exe"]
    assert chat.notes == ("File names in the zip with backslashes, controls or direction marks: 1.",)


def test_h06_a_nul_that_lets_two_names_collide_with_the_chats_is_refused() -> None:
    assert "several files named '_chat.txt'" in refusal(pack(CHAT_ENTRY, Entry(b"_chat.txt\0.jpg")))


@pytest.mark.parametrize(("mode", "what"), [(LINK, "a link"), (PIPE, "a device or pipe")])
def test_h07_links_and_pipes_in_a_zip_are_refused(mode: int, what: str) -> None:
    assert what in refusal(pack(CHAT_ENTRY, Entry(b"a.jpg", content=b"/etc/passwd", mode=mode)))


def test_h07_folders_in_a_zip_are_no_attachments_unless_they_hold_bytes() -> None:
    assert read(pack(CHAT_ENTRY, Entry(b"media/", content=b"", mode=FOLDER))).attachments == ()
    assert [x.name for x in read(pack(CHAT_ENTRY, Entry(b"media/", content=b"x"))).attachments] == ["media/"]


def test_h08_two_chat_texts_of_one_name_are_refused() -> None:
    assert "several files named '_chat.txt'" in refusal(pack(CHAT_ENTRY, Entry(b"_chat.txt", content=b"forged")))


def test_h08_attachments_of_one_name_are_both_listed_and_flagged() -> None:
    chat = read(pack(CHAT_ENTRY, Entry(b"a.jpg", content=b"1"), Entry(b"a.jpg", content=b"2")))
    assert sorted(x.sha256 or "" for x in chat.attachments) == sorted(
        hashlib.sha256(x).hexdigest() for x in (b"1", b"2")
    )
    assert chat.notes == ("File names in the zip that belong to several files each: 1.",)


@pytest.mark.parametrize(
    "lie", [{"local_name": b"\x80.exe"}, {"local_method": 0}, {"local_flags": 0}, {"local_flags": 1}]
)
def test_h09_a_file_described_in_two_ways_is_refused(lie: dict[str, object]) -> None:
    assert "two ways" in refusal(pack(CHAT_ENTRY, Entry("é.jpg".encode(), content=b"x", **lie)))  # type: ignore[arg-type]


def test_h09_sizes_that_differ_between_directory_and_file_are_refused() -> None:
    raw = bytearray(pack(CHAT_ENTRY))
    raw[22:26] = (5).to_bytes(4, "little")
    assert "two ways" in refusal(bytes(raw))


@pytest.mark.parametrize("before", [b"x" * 700, b"PK\x03\x04" + b"x" * 700, pack(Entry(b"other.txt"))])
def test_h09_bytes_before_the_zip_are_refused(before: bytes) -> None:
    assert "bytes stand before" in refusal(pack(CHAT_ENTRY, before=before))


def test_h09_bytes_before_the_first_file_are_refused() -> None:
    raw = pack(Entry(b"a.jpg", content=b"x"), CHAT_ENTRY)
    directory_at = raw.index(b"PK\x01\x02")
    second = raw.index(b"PK\x01\x02", directory_at + 4)
    end = raw.index(b"PK\x05\x06")
    shorter = bytearray(raw[:directory_at] + raw[second:])  # the first file is no longer listed
    at = len(shorter) - 22
    shorter[at + 8 : at + 12] = b"\1\0\1\0"
    shorter[at + 12 : at + 16] = (end - second).to_bytes(4, "little")
    assert "bytes stand before" in refusal(bytes(shorter))


def test_h09_two_ends_are_refused() -> None:
    one, other = pack(Entry(b"_chat.txt", content=b"other")), pack(CHAT_ENTRY)
    assert "two ends" in refusal(one[:-2] + len(other).to_bytes(2, "little") + other)


def test_h09_bytes_between_and_behind_the_files_and_a_comment_are_told() -> None:
    hidden = pack(CHAT_ENTRY, Entry(b"a.jpg", content=b"x", behind=b"h" * 30), comment=b"packed by hand")
    assert read(hidden).notes == (
        "Bytes inside the zip that belong to no file: 30.",
        "The zip carries a comment, of 14 bytes.",
    )
    assert read(pack(CHAT_ENTRY) + b"\0\0\0").notes == ("Bytes behind the end of the zip: 3.",)


def test_h10_an_encrypted_chat_is_refused_and_an_encrypted_attachment_told() -> None:
    assert "encrypted" in refusal(pack(Entry(b"_chat.txt", flags=0x0801)))
    chat = read(pack(CHAT_ENTRY, Entry(b"a.jpg", flags=0x0801)))
    assert (chat.content, chat.attachments[0].sha256) == (CHAT, None)
    assert chat.notes == ("Files in the zip that were not read: 1 (the zip is encrypted).",)


def test_h10_odd_methods_are_refused_for_the_chat_and_told_for_the_rest() -> None:
    assert "compression method 99" in refusal(pack(Entry(b"_chat.txt", method=99)))
    assert "compression method of patches" in refusal(pack(Entry(b"_chat.txt", flags=0x0820)))
    assert "(compression method 12 is not supported)" in read(pack(CHAT_ENTRY, Entry(b"a", method=12))).notes[0]


def test_a_damaged_picture_does_not_keep_the_chat_from_being_read() -> None:
    chat = read(pack(CHAT_ENTRY, Entry(b"a.jpg", content=b"picture", crc=1)))
    assert (chat.content, chat.attachments[0].sha256) == (CHAT, None)
    assert "not what its directory states" in chat.notes[0]


def test_h12_a_large_chat_is_mapped_from_an_unnamed_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "SMALL_BYTES", 10_000)
    text = CHAT * 5_000
    chat = read(pack(Entry(b"_chat.txt", content=text, method=0)))
    assert not isinstance(chat.content, bytes)
    assert (chat.content[:], chat.content.find(b"Ama", 100)) == (text, text.find(b"Ama", 100))


def test_h12_no_room_for_the_unpacked_chat_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "SMALL_BYTES", 10)

    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(UnreadableExport, match="TMPDIR"):
        read(pack(CHAT_ENTRY))


@pytest.mark.parametrize(
    "text", ["hi \ud83d".encode("utf-16", "surrogatepass"), b"\xff\xfeh\0i\0", b"caf\xe9 +2AD-", b"\0\x1b["]
)
def test_h19_bytes_that_are_no_utf8_stay_as_they_are(text: bytes) -> None:
    assert read(pack(Entry(b"_chat.txt", content=text))).content == text


def test_names_are_safe_to_print_in_errors() -> None:
    reason = refusal(pack(Entry(b"a\x1b]0;x\x07.txt"), Entry("b\u202egnp.txt".encode())))
    assert "several texts in the zip (a\ufffd]0;x\ufffd.txt, b\ufffdgnp.txt)" in reason


def test_the_names_that_macos_writes_without_saying_they_are_utf8_are_read() -> None:
    chat = read(pack(CHAT_ENTRY, Entry("añο.jpg".encode(), flags=0), Entry(b"\x80.jpg", flags=0)))
    assert [x.name for x in chat.attachments] == ["añο.jpg", "Ç.jpg"]


def test_files_that_a_computer_added_are_told() -> None:
    chat = read(pack(CHAT_ENTRY, Entry(b"__MACOSX/._chat.txt"), Entry(b".DS_Store")))
    assert chat.member == "_chat.txt"
    assert chat.notes == (
        "Files in the zip that a computer added, not the phone: 2. It was packed again after the export.",
    )


@pytest.mark.parametrize(
    "raw", [pack(CHAT_ENTRY), widen(pack(CHAT_ENTRY), count=1), pack(CHAT_ENTRY, comment=b"x" * 9)]
)
def test_a_text_that_programs_could_open_as_a_zip_is_refused(raw: bytes) -> None:
    assert "bytes stand before" in refusal(CHAT + raw)
