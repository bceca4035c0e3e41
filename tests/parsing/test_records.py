"""Records: their spans, ids, texts, and what is too long to be one."""

from unittest.mock import patch

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.intake import chat_from_bytes
from chatforensics.parsing import Parsed, parse_export, records
from chatforensics.parsing.records import number_messages

A = b"13/03/2024, 08:30 - "


def parse(raw: bytes) -> Parsed:
    return parse_export(chat_from_bytes(raw, name="chat.txt"))


def tiles(raw: bytes, parsed: Parsed) -> bool:
    spans = pl.concat([x.select("byte_start", "byte_end") for x in (parsed.messages, parsed.rejects)])
    return b"".join(raw[a:b] for a, b in sorted(spans.rows())) == raw


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"hi", "hi"),
        (b"hi\n", "hi"),
        (b"hi\r\n", "hi"),
        (b"hi\r", "hi\r"),
        (b"hi\n\n", "hi\n"),
        (b"hi\r\n\r\n", "hi\r\n"),
        (b" hi ", " hi "),
        (b"\n", None),
        (b"\r\n", None),
        (b"", None),
        (b"\xff\n", "\ufffd"),
        (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),
        (b"a\0b\n", "a\0b"),
    ],
)
def test_one_line_break_ends_a_record_and_all_else_is_text(raw: bytes, text: str | None) -> None:
    parsed = parse(A + b"Ama: " + raw)
    assert parsed.messages["text"].to_list() == [text]
    assert parsed.messages["byte_end"].to_list() == [25 + len(raw)]


@pytest.mark.parametrize("said", ["x" * 100, "é" * 50, "😀" * 25, "\n" * 100])
@pytest.mark.parametrize("most", [40, 41, 42, 43])
def test_what_is_longer_than_any_message_is_set_aside_between_two_characters(said: str, most: int) -> None:
    raw = A + b"Ama: " + said.encode() + b"\n" + A + b"Ben: x\n"
    with patch.object(records, "MAX_RECORD_BYTES", most):
        parsed = parse(raw)
    assert tiles(raw, parsed)
    assert parsed.rejects["reason"].to_list() == ["longer than any message"]
    assert parsed.messages["sender_label"].to_list() == ["Ama", "Ben"]
    first, rest = parsed.messages["byte_end"][0], parsed.rejects["byte_end"][0]
    assert most - 4 < first <= most
    raw[first:rest].decode()
    assert parsed.rejects["line"].to_list() == [1 + raw[:first].count(b"\n")]


def test_bytes_that_are_no_characters_are_kept_up_to_the_limit() -> None:
    raw = A + b"Ama: " + b"\x80" * 100 + b"\n"
    with patch.object(records, "MAX_RECORD_BYTES", 60):
        parsed = parse(raw)
    assert tiles(raw, parsed)
    assert parsed.messages["byte_end"][0] >= 57


def test_a_stamp_cut_by_the_limit_has_no_text() -> None:
    raw = A + b"Ama: hello\n" + A + b"Ben: x\n"
    with patch.object(records, "MAX_RECORD_BYTES", 10):
        parsed = parse(raw)
    assert parsed.messages["text"].to_list() == [None, None]
    assert tiles(raw, parsed)


@given(st.lists(st.integers(0, 2**43), unique=True, max_size=50), st.text("0123456789abcdef", min_size=16, max_size=16))
def test_ids_are_of_53_bits_and_differ_within_a_file(offsets: list[int], source: str) -> None:
    found = number_messages(source, np.array(offsets, dtype=np.int64)).tolist()
    assert all(0 <= number < 2**53 for number in found)
    assert len(set(found)) == len(found)
    assert found == [mix(source, offset) for offset in offsets]


def mix(source: str, offset: int) -> int:
    """Mix as splitmix64 does, in Python's own whole numbers."""
    most = 2**64 - 1
    number = (offset * 0x9E3779B97F4A7C15 + int(source, 16)) & most
    number = ((number ^ number >> 30) * 0xBF58476D1CE4E5B9) & most
    number = ((number ^ number >> 27) * 0x94D049BB133111EB) & most
    return (number ^ number >> 31) >> 11


def test_a_file_of_notices_alone_has_no_senders() -> None:
    parsed = parse(A + b"Ama added Ben\n" + A + b"Ben left\n")
    assert parsed.messages["kind"].to_list() == ["system", "system"]
    assert parsed.messages["sender_label"].null_count() == 2
    assert parsed.events["event"].to_list() == ["added", "left"]


def test_a_file_without_notices_has_no_events() -> None:
    assert parse(A + b"Ama: x\n").events.is_empty()


def test_media_deleted_and_edited_are_told_from_typed_text() -> None:
    said = [b"<Media omitted>", b"This message was deleted", b"hi <This message was edited>", b"hi"]
    parsed = parse(b"".join(A + b"Ama: " + words + b"\n" for words in said))
    assert parsed.messages["kind"].to_list() == ["media", "deleted", "text", "text"]
    assert parsed.messages["edited"].to_list() == [False, False, True, False]
    assert parsed.messages["text"].to_list()[2:] == ["hi", "hi"]
