"""Exports of many forms, changed at random: read whole or refused with a reason, never anything else."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from render import STYLES, Line, Style, render

from chatforensics.errors import EvidenceError
from chatforensics.intake import ChatText, chat_from_bytes
from chatforensics.parsing import Parsed, parse_export

START = datetime(2024, 3, 13, 8, 30)
SAID = ("hi", "two\nlines", "12:30 - 13:00", "a: b", "<Media omitted>", "\u200eimage omitted", "", "😀", "null")
NAMES = ("Ama Owusu", "Beatriz", "陈伟", "~ Дилноза", "Eoin - home", "فاطمة", "+44 7700 900123")
MARKS = ["\u200e", "\u200f", "\u202f", "\u00a0", "\ufeff", "\u2028", "\x85", "\0", "\r", "\n", " ", "[", "]", ":", "9"]

Change = Callable[[bytes], bytes]


def tell(count: int) -> list[Line]:
    return [
        Line(
            START + timedelta(hours=7 * n),
            None if n % 11 == 10 else NAMES[n * 5 % len(NAMES)],
            "Beatriz added Ama Owusu" if n % 11 == 10 else SAID[n * 4 % len(SAID)],
        )
        for n in range(count)
    ]


def check(raw: bytes) -> Parsed | None:
    """Read a file and hold it to the first law; None where it is refused."""
    chat: ChatText | None = None
    try:
        chat = chat_from_bytes(raw, name="chat.txt")
        parsed = parse_export(chat)
    except EvidenceError:
        return None
    spans = pl.concat([x.select("byte_start", "byte_end") for x in (parsed.messages, parsed.rejects)])
    assert b"".join(chat.content[a:b] for a, b in sorted(spans.rows())) == chat.content
    lines = parsed.messages["line"].to_list()
    ends = np.flatnonzero(np.frombuffer(raw, dtype=np.uint8) == ord("\n"))
    breaks = (np.searchsorted(ends, parsed.messages["byte_start"].to_numpy()) + 1).tolist()
    assert raw[:2] in (b"\xff\xfe", b"\xfe\xff") or raw[:4] == b"\0\0\xfe\xff" or lines == breaks
    assert parsed.messages["message_id"].n_unique() == parsed.messages.height == parsed.sources["n_messages"][0]
    assert set(parsed.readings["message_id"].drop_nulls()) <= set(parsed.messages["message_id"])
    assert set(parsed.events["message_id"]) <= set(parsed.messages.filter(kind="system")["message_id"])
    return parsed


def _cut(at: float, n: int) -> Change:
    return lambda raw: raw[: int(at * len(raw))] + raw[int(at * len(raw)) + n :]


def _insert(at: float, what: bytes) -> Change:
    return lambda raw: raw[: int(at * len(raw))] + what + raw[int(at * len(raw)) :]


def _twist(at: float, to: float) -> Change:
    """Swap two lines."""

    def change(raw: bytes) -> bytes:
        lines = raw.split(b"\n")
        first, second = (int(place * len(lines)) for place in (at, to))
        lines[first], lines[second] = lines[second], lines[first]
        return b"\n".join(lines)

    return change


def _twice(at: float, n: int) -> Change:
    return lambda raw: raw[: int(at * len(raw))] + raw[int(at * len(raw)) :][:n] + raw[int(at * len(raw)) :]


def _swap(old: bytes, new: bytes) -> Change:
    return lambda raw: raw.replace(old, new)


places = st.floats(0, 1, exclude_max=True)
changes = st.lists(
    st.builds(_cut, places, st.integers(1, 60))
    | st.builds(_insert, places, st.sampled_from(MARKS).map(str.encode) | st.binary(min_size=1, max_size=4))
    | st.builds(_twist, places, places)
    | st.builds(_twice, places, st.integers(1, 300))
    | st.builds(
        _swap, st.sampled_from([b" ", b"\r\n", b"\n", b":", b"/", b"1", b" - "]), st.sampled_from(MARKS).map(str.encode)
    ),
    max_size=5,
)


def changed(raw: bytes, some: list[Change]) -> bytes:
    for change in some:
        raw = change(raw)
    return raw


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(STYLES), min_size=1, max_size=2), st.integers(1, 25), changes)
def test_a_changed_export_is_read_whole_or_refused(styles: list[Style], count: int, some: list[Change]) -> None:
    check(changed(b"".join(render(tell(count), style) for style in styles), some))


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(STYLES), changes, st.sampled_from(["utf-16", "utf-32", "utf-8-sig"]))
def test_a_changed_export_of_another_encoding_is_read_whole_or_refused(
    style: Style, some: list[Change], encoding: str
) -> None:
    check(changed(render(tell(6), style).decode().encode(encoding), some))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_changed_export_of_any_locale_is_read_whole_or_refused(data: st.DataObject) -> None:
    pytest.importorskip("babel")
    from babel import localedata
    from locales import CLOCKS, JOINERS, PLATFORMS, find_form, render_export, tell_story

    names = [name for name in localedata.locale_identifiers() if name != "root"]
    drawn = [data.draw(st.sampled_from(some)) for some in (names, PLATFORMS, CLOCKS, JOINERS)]
    raw = render_export(find_form(*drawn), tell_story(distinguishing=False))
    check(changed(raw, data.draw(changes)))


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_line_ends_marks_and_spaces_do_not_change_what_is_read(style: Style) -> None:
    raw = render(tell(25), style)
    wanted = check(raw)
    assert wanted
    columns = ["sent_local", "sender_label", "kind"]
    for old, new in (
        (b"", b""),
        ("\u202f".encode(), "\u00a0".encode()),
        ("\u202f".encode(), b" "),
        (b"\r\n", b"\n"),
    ):
        found = check(raw.replace(old, new) if old else b"\xef\xbb\xbf" + raw)
        assert found
        assert found.messages.select(columns).equals(wanted.messages.select(columns))


def test_the_records_of_a_file_are_those_of_its_lines_whatever_follows() -> None:
    """The first messages do not depend on a chat of the same form that goes on."""
    for style in STYLES:
        few, many = check(render(tell(12), style)), check(render(tell(40), style))
        assert few
        assert many
        columns = ["line", "byte_start", "byte_end", "sent_local", "sender_label", "text", "kind"]
        assert many.messages.head(12).select(columns).equals(few.messages.select(columns))


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES[::3], ids=lambda style: style.name)
def test_eight_megabytes_with_damage_take_less_than_a_second_each(style: Style) -> None:
    raw = render(tell(100), style)
    raw = (raw.replace(b"hi", b"\xff\x00\xd9", 3) + raw[7:1000] + b"1\n" * 200) * (8_000_000 // len(raw))
    began = time.process_time()
    parse_export(chat_from_bytes(raw, name="chat.txt"))
    assert time.process_time() - began < 8
    assert check(raw)
