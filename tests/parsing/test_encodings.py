"""UTF-16 and UTF-32 are read, and every offset is one of the bytes received."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.intake import chat_from_bytes
from chatforensics.parsing import Parsed, parse_export
from chatforensics.parsing.encodings import to_utf8

ENCODINGS = {"utf-16-le": "\ufeff", "utf-16-be": "\ufeff", "utf-32-le": "\ufeff", "utf-32-be": "\ufeff"}
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r"), max_size=20)


def parse(raw: bytes) -> Parsed:
    return parse_export(chat_from_bytes(raw, name="chat.txt"))


def tiles(raw: bytes, parsed: Parsed) -> bool:
    spans = pl.concat([x.select("byte_start", "byte_end") for x in (parsed.messages, parsed.rejects)])
    return b"".join(raw[a:b] for a, b in sorted(spans.rows())) == raw


def test_utf8_is_left_as_it_is() -> None:
    text = "\ufeffé".encode()
    assert to_utf8(text) == (text, None)
    assert to_utf8(b"") == (b"", None)


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=15, deadline=None)
@given(st.lists(texts, min_size=1, max_size=4), st.sampled_from(["", "junk\n"]))
def test_each_span_gives_its_own_record_back(encoding: str, said: list[str], junk: str) -> None:
    lines = [f"13/03/2024, 08:30 - Zoë 😀: x{text}\n" for text in said]
    raw = (ENCODINGS[encoding] + junk + "".join(lines)).encode(encoding)
    parsed = parse(raw)
    assert tiles(raw, parsed)
    spans = parsed.messages.select("byte_start", "byte_end").rows()
    assert [raw[a:b].decode(encoding).removeprefix("\ufeff") for a, b in spans] == lines
    assert parsed.rejects.height == bool(junk)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("tail", [b"x", b"\x00", b"\xd8\x3d", b"\x3d\xd8", b"\x3d\xd8x"])
def test_odd_bytes_and_half_characters_at_the_end_belong_to_the_last_record(encoding: str, tail: bytes) -> None:
    raw = "\ufeff13/03/2024, 08:30 - Ama: hi".encode(encoding) + tail
    parsed = parse(raw)
    assert tiles(raw, parsed)
    assert str(parsed.messages["text"][0]).startswith("hi")


@pytest.mark.parametrize(("encoding", "half"), [("utf-16-le", b"\x3d\xd8"), ("utf-16-be", b"\xd8\x3d")])
def test_a_lone_surrogate_shows_as_replacement_and_moves_nothing(encoding: str, half: bytes) -> None:
    first = "\ufeff13/03/2024, 08:30 - Ama: a".encode(encoding) + half + "b\n".encode(encoding)
    raw = first + "13/03/2024, 08:31 - Ben: ok\n".encode(encoding)
    parsed = parse(raw)
    assert parsed.messages["text"].to_list() == ["a\ufffdb", "ok"]
    assert parsed.messages["byte_start"].to_list() == [0, len(first)]


def test_offsets_of_utf32_count_four_bytes_a_character() -> None:
    text, to_received = to_utf8("\ufeffé😀a".encode("utf-32-le"))
    assert text == "é😀a".encode()
    assert to_received
    assert to_received(np.array([0, 2, 6, 7])).tolist() == [0, 8, 12, 16]
