"""Zips changed anywhere, by chance: each is read or refused, and none raises anything else or takes long."""

import hashlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from intake.zips import CHAT, Entry, pack, widen

from chatforensics.errors import EvidenceError
from chatforensics.intake import ChatText, chat_from_bytes

CHAT_ENTRY = Entry(b"_chat.txt")


def read(raw: bytes) -> ChatText:
    return chat_from_bytes(raw, name="x.zip")


def _mutate(raw: bytes, places: list[tuple[float, int]], cut: float) -> bytes:
    changed = bytearray(raw)
    for place, value in places:
        changed[int(place * (len(changed) - 1))] = value
    return bytes(changed[: len(changed) - int(cut * len(changed))])


BASES: tuple[Callable[[], bytes], ...] = (
    lambda: pack(CHAT_ENTRY, Entry(b"IMG.jpg", content=b"picture", method=0)),
    lambda: widen(pack(CHAT_ENTRY, Entry(b"notes.txt"), comment=b"PK"), count=2),
    lambda: pack(Entry(b"WhatsApp Chat with Choir.txt"), Entry(b"backup.zip", content=pack(CHAT_ENTRY), method=0)),
)


@settings(max_examples=400, deadline=1000)
@given(
    base=st.sampled_from(BASES),
    places=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=5),
    cut=st.one_of(st.just(0.0), st.floats(0, 1)),
)
def test_a_zip_changed_anywhere_is_read_or_refused(
    base: Callable[[], bytes], places: list[tuple[float, int]], cut: float
) -> None:
    raw = _mutate(base(), places, cut)
    try:
        chat = read(raw)
    except EvidenceError:
        return
    assert (chat.size_bytes, chat.sha256) == (len(raw), hashlib.sha256(raw).hexdigest())
    if chat.member is None:
        assert chat.content == raw


@settings(max_examples=200, deadline=1000)
@given(st.binary(max_size=300), st.binary(max_size=60))
def test_what_only_begins_like_a_zip_is_refused(middle: bytes, end: bytes) -> None:
    for raw in (b"PK\x03\x04" + middle, b"PK\x05\x06" + middle + b"PK\x05\x06" + end):
        with pytest.raises(EvidenceError):
            read(raw)


@given(st.binary(max_size=60))
def test_a_message_with_the_mark_of_a_zips_end_does_not_make_the_chat_unreadable(end: bytes) -> None:
    raw = CHAT + b"PK\x05\x06" + end
    assert (read(raw).content, read(raw).member) == (raw, None)
