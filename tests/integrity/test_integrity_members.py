"""The files of an export as a table: what the zip states of them, or the text and the media beside it."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from intake.test_exif import a_block, a_jpeg
from intake.test_zip_fields import UNIX_TIMES
from intake.zips import CHAT, Entry, dos_date, dos_time, pack

from chatforensics.intake import ChatText, ExportFile, chat_from_bytes, read_export
from chatforensics.integrity.members import build_members
from chatforensics.schema import TABLES

PACKED = ("packed_bytes", "crc32", "method", "flags", "create_system", "create_version", "extract_version", "extra_ids")


def test_a_plain_text_has_one_row_and_no_fields_of_a_zip() -> None:
    members = build_members(chat_from_bytes(CHAT, name="folder/chat.txt"))
    (row,) = members.to_dicts()
    assert (row["position"], row["name"], row["role"], row["size_bytes"]) == (1, "chat.txt", "chat", len(CHAT))
    assert [row[column] for column in (*PACKED, "modified_local", "modified_at", "magic", "unread")] == [None] * 12


def test_a_zip_has_a_row_for_itself_and_for_each_file_with_what_it_states() -> None:
    raw = pack(
        Entry(b"_chat.txt", date=dos_date(2025, 5, 1), time=dos_time(13, 46, 40), extra=UNIX_TIMES, made_by=0x031E),
        Entry(b"IMG-20250501-WA0001.jpg", content=a_jpeg(a_block()), method=0),
        Entry(b"../x", content=b"x"),
    )
    chat = chat_from_bytes(raw, name="x.zip")
    members = build_members(chat)
    assert members["position"].to_list() == [0, 1, 2, 3]
    assert members["role"].to_list() == ["container", "chat", "sent", "other"]
    assert members["size_bytes"][0] == len(raw)
    text, picture, other = members.rows(named=True)[1:]
    assert (text["create_system"], text["create_version"], text["method"]) == (3, 30, 8)
    assert (text["modified_local"], text["modified_at"]) == (
        datetime(2025, 5, 1, 13, 46, 40),
        datetime(2025, 5, 1, 11, 46, 40, tzinfo=UTC),
    )
    assert (text["extra_ids"], text["magic"]) == ([0x5455], None)
    assert picture["magic"].startswith("ffd8ff")
    assert (picture["exif"], picture["software"]) == (True, "Darkroom 3")
    assert picture["taken_local"] == datetime(2025, 5, 1, 12, 30, 11)
    assert (other["exif"], other["oddities"]) == (None, [{"kind": "outside", "n": 1}])
    assert members["source_id"].unique().to_list() == [chat.source_id]


def test_media_beside_an_unzipped_text_are_rows_with_their_first_bytes(tmp_path: Path) -> None:
    text = tmp_path / "WhatsApp Chat with Choir.txt"
    text.write_bytes(CHAT)
    (tmp_path / "IMG-20240313-WA0001.jpg").write_bytes(a_jpeg(b"no such block"))
    (tmp_path / "shopping list.pdf").write_bytes(b"%PDF-1.4")
    members = build_members(read_export(ExportFile(text, None)))
    assert members.select("name", "role", "exif").rows() == [
        (text.name, "chat", None),
        ("IMG-20240313-WA0001.jpg", "sent", False),
    ]
    unread = build_members(read_export(ExportFile(text, None), hash_attachments=False))
    assert unread["magic"].null_count() == 2


def test_media_that_may_not_be_read_say_so(tmp_path: Path) -> None:
    text = tmp_path / "WhatsApp Chat with Choir.txt"
    text.write_bytes(CHAT)
    (tmp_path / "IMG-20240313-WA0001.jpg").write_bytes(b"x")
    chat = read_export(ExportFile(text, None))
    (tmp_path / "IMG-20240313-WA0001.jpg").unlink()
    (tmp_path / "IMG-20240313-WA0001.jpg").mkdir()
    assert build_members(chat)["unread"].to_list() == [None, None]
    assert build_members(read_export(ExportFile(text, None)))["name"].to_list() == [text.name]


def test_an_export_made_by_hand_has_no_files_and_the_same_columns() -> None:
    members = build_members(ChatText("x", "0" * 64, 1, None, CHAT))
    assert members.height == 0
    assert members.schema == pl.Schema(dict(TABLES["members"]))
